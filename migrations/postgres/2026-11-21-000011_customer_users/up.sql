-- People in a customer's directory, as its partners keep them. Nobody signs in as one of them here. Who was removed stays for
-- 30 days, and the principal name with them.
CREATE TABLE customer_users (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    principal_name text NOT NULL,
    display_name text NOT NULL,
    display_name_folded text NOT NULL,
    first_name text,
    last_name text,
    usage_location text,
    immutable_id text,
    phone_number text,
    version integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE UNIQUE INDEX customer_users_principal_name ON customer_users (customer_id, principal_name);
CREATE INDEX customer_users_listed ON customer_users (customer_id, display_name_folded, id) WHERE removed_at IS NULL;
CREATE INDEX customer_users_removed ON customer_users (customer_id, display_name_folded, id) WHERE removed_at IS NOT NULL;
CREATE INDEX customer_users_to_forget ON customer_users (removed_at) WHERE removed_at IS NOT NULL;

-- Who uses which licences. A SKU's id is made from its offers' ids, so it needs no table. Excluded plans are JSON: they are
-- read whole.
CREATE TABLE license_assignments (
    user_id uuid NOT NULL REFERENCES customer_users (id),
    sku_id uuid NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    excluded_plans text NOT NULL,
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, sku_id)
);
CREATE INDEX license_assignments_of ON license_assignments (customer_id, sku_id);

-- How many licences of a SKU a customer's users have: two that take the last one change the same row.
CREATE TABLE consumed_licenses (
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    sku_id uuid NOT NULL,
    consumed integer NOT NULL CHECK (consumed >= 0),
    PRIMARY KEY (customer_id, sku_id)
);
