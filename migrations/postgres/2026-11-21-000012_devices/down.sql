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
ALTER TABLE device_registrations ADD COLUMN file_name text NOT NULL DEFAULT '';
CREATE TABLE registration_rows (
    id uuid PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES device_registrations (id),
    customer_id uuid NOT NULL,
    line integer NOT NULL,
    manufacturer text NOT NULL,
    manufacturer_folded text NOT NULL,
    model text NOT NULL,
    serial_number text NOT NULL,
    serial_folded text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'ready', 'failed')),
    error text,
    code text,
    settled_at timestamptz,
    CHECK ((state = 'failed') = (error IS NOT NULL))
);
CREATE UNIQUE INDEX registration_rows_line ON registration_rows (registration_id, line);
CREATE INDEX registration_rows_pending ON registration_rows (registration_id, line) WHERE state = 'pending';
CREATE INDEX registration_rows_unsettled ON registration_rows (customer_id, id) WHERE state <> 'ready';

CREATE TABLE devices (
    id uuid PRIMARY KEY REFERENCES registration_rows (id),
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    registration_id uuid NOT NULL REFERENCES device_registrations (id),
    manufacturer text NOT NULL,
    model text NOT NULL,
    serial_number text NOT NULL,
    manufacturer_folded text NOT NULL,
    serial_folded text NOT NULL,
    matched boolean NOT NULL,
    registered_at timestamptz NOT NULL,
    released_at timestamptz
);
CREATE UNIQUE INDEX devices_claim ON devices (manufacturer_folded, serial_folded) WHERE released_at IS NULL;
CREATE INDEX devices_of_customer ON devices (customer_id, id) WHERE released_at IS NULL;
