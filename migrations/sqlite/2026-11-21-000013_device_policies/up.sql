-- What a customer's devices do when they are set up: `settings` are words, separated by commas.
CREATE TABLE device_policies (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    name TEXT NOT NULL,
    description TEXT,
    category TEXT NOT NULL CHECK (category = 'o_o_b_e'),
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX device_policies_of_customer ON device_policies (customer_id, id);
ALTER TABLE devices ADD COLUMN policy_id BLOB REFERENCES device_policies (id);
CREATE INDEX devices_policy ON devices (policy_id) WHERE policy_id IS NOT NULL;
-- How its user is greeted.
ALTER TABLE devices ADD COLUMN addressable_user_name TEXT;

-- Devices that were given policies in one call, in the order in which they were named, each with what was wrong with it.
CREATE TABLE device_policy_jobs (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL,
    done_at INTEGER NOT NULL
) STRICT;
CREATE TABLE device_policy_updates (
    job_id BLOB NOT NULL REFERENCES device_policy_jobs (id),
    position INTEGER NOT NULL,
    device_id TEXT NOT NULL,
    error TEXT,
    PRIMARY KEY (job_id, position)
) STRICT;

-- Imported identities that clients have removed: what became of the row stays.
CREATE TABLE removed_imports (
    row_id BLOB PRIMARY KEY REFERENCES registration_rows (id),
    removed_at INTEGER NOT NULL
) STRICT;

-- When a customer's devices were last asked to be synchronised.
CREATE TABLE autopilot_syncs (
    customer_id BLOB PRIMARY KEY,
    synced_at INTEGER NOT NULL
) STRICT;
