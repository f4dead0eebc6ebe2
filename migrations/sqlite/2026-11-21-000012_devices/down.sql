ALTER TABLE installation DROP COLUMN staging_marker;
DROP TABLE directory_imports;
DROP INDEX directory_devices_product;
ALTER TABLE directory_devices DROP COLUMN product_id;
DROP TABLE settlements;
DROP TABLE devices;
DROP TABLE failed_rows;
DROP TABLE registration_rows;
DROP TABLE device_findings;
DROP TABLE device_files;
DROP INDEX device_registrations_open;
DROP INDEX device_registrations_idle;
DROP INDEX device_registrations_purchase;
DROP INDEX device_registrations_order;
DROP INDEX device_registrations_batch;
ALTER TABLE device_registrations DROP COLUMN stopped;
ALTER TABLE device_registrations DROP COLUMN acting_for;
ALTER TABLE device_registrations DROP COLUMN headerless;
ALTER TABLE device_registrations DROP COLUMN settled_through;
ALTER TABLE device_registrations DROP COLUMN registered_at;
ALTER TABLE device_registrations DROP COLUMN refused_rows;
ALTER TABLE device_registrations DROP COLUMN row_count;
ALTER TABLE device_registrations DROP COLUMN purchase_folded;
ALTER TABLE device_registrations DROP COLUMN order_folded;
ALTER TABLE device_registrations DROP COLUMN batch_folded;
ALTER TABLE device_registrations DROP COLUMN batch_name;
ALTER TABLE device_registrations DROP COLUMN mode;
ALTER TABLE device_registrations DROP COLUMN state;
ALTER TABLE device_registrations DROP COLUMN source;
ALTER TABLE device_registrations ADD COLUMN file_name TEXT NOT NULL DEFAULT '';
CREATE TABLE registration_rows (
    id BLOB PRIMARY KEY,
    registration_id BLOB NOT NULL REFERENCES device_registrations (id),
    customer_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    manufacturer TEXT NOT NULL,
    manufacturer_folded TEXT NOT NULL,
    model TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    serial_folded TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'ready', 'failed')),
    error TEXT,
    code TEXT,
    settled_at INTEGER,
    CHECK ((state = 'failed') = (error IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX registration_rows_line ON registration_rows (registration_id, line);
CREATE INDEX registration_rows_pending ON registration_rows (registration_id, line) WHERE state = 'pending';
CREATE INDEX registration_rows_unsettled ON registration_rows (customer_id, id) WHERE state <> 'ready';

CREATE TABLE devices (
    id BLOB PRIMARY KEY REFERENCES registration_rows (id),
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    registration_id BLOB NOT NULL REFERENCES device_registrations (id),
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    manufacturer_folded TEXT NOT NULL,
    serial_folded TEXT NOT NULL,
    matched INTEGER NOT NULL,
    registered_at INTEGER NOT NULL,
    released_at INTEGER
) STRICT;
CREATE UNIQUE INDEX devices_claim ON devices (manufacturer_folded, serial_folded) WHERE released_at IS NULL;
CREATE INDEX devices_of_customer ON devices (customer_id, id) WHERE released_at IS NULL;
