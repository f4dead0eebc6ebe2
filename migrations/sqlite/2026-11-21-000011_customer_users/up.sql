-- People in a customer's directory, as its partners keep them. Nobody signs in as one of them here. Who was removed stays for
-- 30 days, and the principal name with them.
CREATE TABLE customer_users (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    principal_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    display_name_folded TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    usage_location TEXT,
    immutable_id TEXT,
    phone_number TEXT,
    version INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX customer_users_principal_name ON customer_users (customer_id, principal_name);
CREATE INDEX customer_users_listed ON customer_users (customer_id, display_name_folded, id) WHERE removed_at IS NULL;
CREATE INDEX customer_users_removed ON customer_users (customer_id, display_name_folded, id) WHERE removed_at IS NOT NULL;
CREATE INDEX customer_users_to_forget ON customer_users (removed_at) WHERE removed_at IS NOT NULL;

-- Who uses which licences. A SKU's id is made from its offers' ids, so it needs no table. Excluded plans are JSON: they are
-- read whole.
CREATE TABLE license_assignments (
    user_id BLOB NOT NULL REFERENCES customer_users (id),
    sku_id BLOB NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    excluded_plans TEXT NOT NULL,
    assigned_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, sku_id)
) STRICT;
CREATE INDEX license_assignments_of ON license_assignments (customer_id, sku_id);

-- How many licences of a SKU a customer's users have: two that take the last one change the same row.
CREATE TABLE consumed_licenses (
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    sku_id BLOB NOT NULL,
    consumed INTEGER NOT NULL CHECK (consumed >= 0),
    PRIMARY KEY (customer_id, sku_id)
) STRICT;
