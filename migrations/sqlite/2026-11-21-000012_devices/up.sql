-- A registration is an upload of one or more files, a batch or an import: 'receiving' until it is whole, then checked, refused or
-- registering. `batch_name` is its device batch, and is searched folded. Rows are settled in order of their positions;
-- `settled_through` is the last one that was looked at.
ALTER TABLE device_registrations ADD COLUMN source TEXT NOT NULL DEFAULT 'file' CHECK (source IN ('file', 'batch', 'import'));
ALTER TABLE device_registrations ADD COLUMN state TEXT NOT NULL DEFAULT 'registering' CHECK (state IN ('receiving', 'checked', 'refused', 'registering', 'settled', 'voided'));
ALTER TABLE device_registrations ADD COLUMN mode TEXT NOT NULL DEFAULT 'accept_valid_rows' CHECK (mode IN ('accept_valid_rows', 'all_or_nothing'));
ALTER TABLE device_registrations ADD COLUMN batch_name TEXT NOT NULL DEFAULT '';
ALTER TABLE device_registrations ADD COLUMN batch_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE device_registrations ADD COLUMN order_folded TEXT;
ALTER TABLE device_registrations ADD COLUMN purchase_folded TEXT;
ALTER TABLE device_registrations ADD COLUMN row_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device_registrations ADD COLUMN refused_rows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device_registrations ADD COLUMN registered_at INTEGER;
ALTER TABLE device_registrations ADD COLUMN settled_through INTEGER NOT NULL DEFAULT 0;
-- The columns of files without a heading: whoever reads the files again reads them the same way.
ALTER TABLE device_registrations ADD COLUMN headerless TEXT;
-- For whom the registrar acts, if not for whom it was registered by.
ALTER TABLE device_registrations ADD COLUMN acting_for BLOB;
-- Why the rest of the rows is not registered, once it is known.
ALTER TABLE device_registrations ADD COLUMN stopped TEXT;
UPDATE device_registrations SET registered_at = created_at, order_folded = lower(order_id), purchase_folded = lower(purchase_id), batch_name = coalesce(order_id, file_name), batch_folded = lower(coalesce(order_id, file_name)), row_count = (SELECT count(*) FROM registration_rows WHERE registration_rows.registration_id = device_registrations.id);
UPDATE device_registrations SET state = 'settled' WHERE finished_at IS NOT NULL;
CREATE INDEX device_registrations_batch ON device_registrations (customer_id, batch_folded, id);
CREATE INDEX device_registrations_order ON device_registrations (customer_id, order_folded) WHERE order_folded IS NOT NULL;
CREATE INDEX device_registrations_purchase ON device_registrations (customer_id, purchase_folded) WHERE purchase_folded IS NOT NULL;
-- What registered nothing is removed when it is old enough, and what was never whole.
CREATE INDEX device_registrations_idle ON device_registrations (created_at) WHERE state IN ('receiving', 'checked', 'refused');
-- Devices and rows of registrations that run are shown together.
CREATE INDEX device_registrations_open ON device_registrations (customer_id, id) WHERE state = 'registering';

-- The files of a registration, or of an import into the directory. `staged_file` names the encrypted copy while there is one.
CREATE TABLE device_files (
    subject_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    format TEXT NOT NULL,
    encoding TEXT NOT NULL,
    delimiter TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    uploaded_by BLOB NOT NULL,
    staged_file BLOB,
    remove_at INTEGER,
    PRIMARY KEY (subject_id, number)
) STRICT;
CREATE UNIQUE INDEX device_files_staged ON device_files (staged_file) WHERE staged_file IS NOT NULL;
CREATE INDEX device_files_to_remove ON device_files (remove_at) WHERE staged_file IS NOT NULL;
-- How much an organisation has staged.
CREATE INDEX device_files_quota ON device_files (uploaded_by, bytes) WHERE staged_file IS NOT NULL;
INSERT INTO device_files (subject_id, number, name, bytes, format, encoding, delimiter, row_count, skipped, uploaded_by) SELECT id, 1, file_name, 0, 'MMD partner', '', ',', row_count, 0, registered_by FROM device_registrations;
ALTER TABLE device_registrations DROP COLUMN file_name;

-- What was found in the files of a registration or an import, in the order in which it was found.
CREATE TABLE device_findings (
    subject_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    file INTEGER NOT NULL,
    line INTEGER,
    column_name TEXT,
    value TEXT,
    code TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
    sentence TEXT NOT NULL,
    PRIMARY KEY (subject_id, number)
) STRICT;

-- A row is written once and never changed: what became of it is in `devices` or in `failed_rows`, and it is pending until it is in one
-- of them. Its id becomes the id of its device. `refused` is what the check of the file said. Manufacturer, model and serial number are those of the
-- verified hash if there is one; the folded ones are the key by which a physical device is claimed, empty if only the directory knows it.
CREATE TABLE registration_rows_next (
    id BLOB PRIMARY KEY,
    registration_id BLOB NOT NULL REFERENCES device_registrations (id),
    position INTEGER NOT NULL,
    file INTEGER NOT NULL,
    line INTEGER NOT NULL,
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    manufacturer_folded TEXT NOT NULL,
    serial_folded TEXT NOT NULL,
    product_id TEXT,
    hash_digest BLOB,
    is_verified INTEGER NOT NULL,
    group_tag TEXT,
    assigned_user TEXT,
    refused TEXT
) STRICT;
INSERT INTO registration_rows_next (id, registration_id, position, file, line, manufacturer, model, serial_number, manufacturer_folded, serial_folded, is_verified) SELECT id, registration_id, row_number() OVER (PARTITION BY registration_id ORDER BY line), 1, line, manufacturer, model, serial_number, manufacturer_folded, serial_folded, FALSE FROM registration_rows;

-- Rows that became no device: with an error, or without one if they were left out on purpose.
CREATE TABLE failed_rows (
    row_id BLOB PRIMARY KEY REFERENCES registration_rows_next (id),
    registration_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    customer_id BLOB NOT NULL,
    error TEXT,
    code TEXT NOT NULL,
    settled_at INTEGER NOT NULL,
    dismissed_at INTEGER
) STRICT;
INSERT INTO failed_rows (row_id, registration_id, position, customer_id, error, code, settled_at) SELECT old.id, old.registration_id, new.position, old.customer_id, old.error, old.code, old.settled_at FROM registration_rows old JOIN registration_rows_next new ON new.id = old.id WHERE old.state = 'failed';
CREATE UNIQUE INDEX failed_rows_of_registration ON failed_rows (registration_id, position);
CREATE INDEX failed_rows_shown ON failed_rows (customer_id, row_id) WHERE dismissed_at IS NULL AND error IS NOT NULL;

CREATE TABLE devices_next (
    id BLOB PRIMARY KEY REFERENCES registration_rows_next (id),
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    registration_id BLOB NOT NULL REFERENCES device_registrations (id),
    registered_by BLOB NOT NULL,
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    manufacturer_folded TEXT NOT NULL,
    serial_folded TEXT NOT NULL,
    product_id TEXT,
    evidence TEXT NOT NULL CHECK (evidence IN ('hash', 'directory', 'none')),
    group_tag TEXT,
    assigned_user TEXT,
    display_name TEXT,
    registered_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    last_seen_user TEXT,
    image_checked_at INTEGER,
    image_checked_by TEXT,
    released_at INTEGER
) STRICT;
INSERT INTO devices_next (id, customer_id, registration_id, registered_by, manufacturer, model, serial_number, manufacturer_folded, serial_folded, evidence, registered_at, released_at) SELECT d.id, d.customer_id, d.registration_id, g.registered_by, d.manufacturer, d.model, d.serial_number, d.manufacturer_folded, d.serial_folded, CASE WHEN d.matched THEN 'directory' ELSE 'none' END, d.registered_at, d.released_at FROM devices d JOIN device_registrations g ON g.id = d.registration_id;

-- What each transaction settled: the counters of a registration are the sums. Taking rows up again is a line below zero.
CREATE TABLE settlements (
    registration_id BLOB NOT NULL REFERENCES device_registrations (id),
    number INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    left_out INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    PRIMARY KEY (registration_id, number)
) STRICT;
INSERT INTO settlements (registration_id, number, ready, failed, left_out, settled_at) SELECT registration_id, 1, sum(CASE WHEN state = 'ready' THEN 1 ELSE 0 END), sum(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0, max(settled_at) FROM registration_rows WHERE state <> 'pending' GROUP BY registration_id;

DROP TABLE devices;
DROP TABLE registration_rows;
ALTER TABLE registration_rows_next RENAME TO registration_rows;
ALTER TABLE devices_next RENAME TO devices;
CREATE UNIQUE INDEX registration_rows_position ON registration_rows (registration_id, position);
CREATE INDEX registration_rows_refused ON registration_rows (registration_id, position) WHERE refused IS NOT NULL;
CREATE UNIQUE INDEX devices_claim ON devices (manufacturer_folded, serial_folded) WHERE released_at IS NULL;
CREATE INDEX devices_of_customer ON devices (customer_id, id) WHERE released_at IS NULL;

-- A product id names one device of the directory.
ALTER TABLE directory_devices ADD COLUMN product_id TEXT;
CREATE UNIQUE INDEX directory_devices_product ON directory_devices (product_id) WHERE product_id IS NOT NULL;

-- Imports into the directory.
CREATE TABLE directory_imports (
    id BLOB PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('receiving', 'refused', 'loading', 'loaded')),
    request_id BLOB NOT NULL,
    imported_by BLOB,
    row_count INTEGER NOT NULL,
    loaded_rows INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

-- Names the staging folder that the copies of the service share: its marker holds the same.
ALTER TABLE installation ADD COLUMN staging_marker BLOB;
