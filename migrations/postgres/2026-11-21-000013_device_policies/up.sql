-- What a customer's devices do when they are set up: `settings` are words, separated by commas.
CREATE TABLE device_policies (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    name text NOT NULL,
    description text,
    category text NOT NULL CHECK (category = 'o_o_b_e'),
    settings text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);
CREATE INDEX device_policies_of_customer ON device_policies (customer_id, id);
ALTER TABLE devices ADD COLUMN policy_id uuid REFERENCES device_policies (id);
CREATE INDEX devices_policy ON devices (policy_id) WHERE policy_id IS NOT NULL;
-- How its user is greeted.
ALTER TABLE devices ADD COLUMN addressable_user_name text;

-- Devices that were given policies in one call, in the order in which they were named, each with what was wrong with it.
CREATE TABLE device_policy_jobs (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    done_at timestamptz NOT NULL
);
CREATE TABLE device_policy_updates (
    job_id uuid NOT NULL REFERENCES device_policy_jobs (id),
    position integer NOT NULL,
    device_id text NOT NULL,
    error text,
    PRIMARY KEY (job_id, position)
);

-- Imported identities that clients have removed: what became of the row stays.
CREATE TABLE removed_imports (
    row_id uuid PRIMARY KEY REFERENCES registration_rows (id),
    removed_at timestamptz NOT NULL
);

-- When a customer's devices were last asked to be synchronised.
CREATE TABLE autopilot_syncs (
    customer_id uuid PRIMARY KEY,
    synced_at timestamptz NOT NULL
);
