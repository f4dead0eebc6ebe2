-- Grants of all roles, and those that hold what their delegated admin relationship assigns: such a grant has its id.
CREATE TABLE administration_grants_anew (
    id uuid PRIMARY KEY,
    partner_id uuid NOT NULL REFERENCES organisations (id),
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    origin text NOT NULL CHECK (origin IN ('customer_created', 'relationship_request', 'delegated_admin_relationship')),
    all_roles boolean NOT NULL,
    starts_at timestamptz NOT NULL,
    last_used_at timestamptz,
    ends_at timestamptz,
    ended_by uuid
);
INSERT INTO administration_grants_anew
SELECT id, partner_id, customer_id, origin, true, starts_at, last_used_at, ends_at, ended_by FROM administration_grants;
DROP TABLE administration_grants;
ALTER TABLE administration_grants_anew RENAME TO administration_grants;
CREATE INDEX administration_grants_of ON administration_grants (customer_id, partner_id, starts_at);
CREATE INDEX administration_grants_of_partner ON administration_grants (partner_id, customer_id);
CREATE INDEX administration_grants_ending ON administration_grants (partner_id, ends_at) WHERE ends_at IS NOT NULL;

-- Granular delegated administration. Roles are a list of ids as JSON: which they are is told, what they open is in
-- assigned_roles.
CREATE TABLE delegated_admin_relationships (
    id uuid PRIMARY KEY,
    partner_id uuid NOT NULL REFERENCES organisations (id),
    customer_id uuid REFERENCES customers (organisation_id),
    display_name text NOT NULL,
    display_name_folded text NOT NULL,
    days integer NOT NULL,
    auto_extend_days integer NOT NULL,
    roles text NOT NULL,
    state text NOT NULL CHECK (state IN ('created', 'approval_pending', 'active', 'terminated')),
    version integer NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    lapses_at timestamptz,
    activated_at timestamptz,
    ends_at timestamptz,
    ended_by uuid
);
CREATE UNIQUE INDEX delegated_admin_relationships_name ON delegated_admin_relationships (partner_id, display_name_folded);
CREATE INDEX delegated_admin_relationships_of_partner ON delegated_admin_relationships (partner_id, id);
CREATE INDEX delegated_admin_relationships_of_customer ON delegated_admin_relationships (customer_id, partner_id, id);
CREATE INDEX delegated_admin_relationships_lapsing
    ON delegated_admin_relationships (partner_id, lapses_at) WHERE state = 'approval_pending';

-- What a partner asked to be done with a relationship.
CREATE TABLE delegated_admin_requests (
    id uuid PRIMARY KEY,
    relationship_id uuid NOT NULL REFERENCES delegated_admin_relationships (id),
    action text NOT NULL CHECK (action IN ('lock_for_approval', 'terminate')),
    created_at timestamptz NOT NULL,
    settled_at timestamptz
);
CREATE INDEX delegated_admin_requests_of ON delegated_admin_requests (relationship_id, id);

CREATE TABLE access_assignments (
    id uuid PRIMARY KEY,
    relationship_id uuid NOT NULL REFERENCES delegated_admin_relationships (id),
    container text NOT NULL,
    roles text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE INDEX access_assignments_of ON access_assignments (relationship_id, id);

-- What the gate asks: which role the members of which group hold by a grant.
CREATE TABLE assigned_roles (
    assignment_id uuid NOT NULL REFERENCES access_assignments (id),
    role_id text NOT NULL,
    grant_id uuid NOT NULL,
    container text NOT NULL,
    PRIMARY KEY (assignment_id, role_id)
);
CREATE INDEX assigned_roles_of_grant ON assigned_roles (grant_id, role_id);

CREATE TABLE delegated_admin_operations (
    id uuid PRIMARY KEY,
    relationship_id uuid NOT NULL REFERENCES delegated_admin_relationships (id),
    kind text NOT NULL,
    data text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX delegated_admin_operations_of ON delegated_admin_operations (relationship_id, id);

-- What a customer is told about who administers it: a row for each mailbox.
CREATE TABLE administration_notices (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    partner_id uuid NOT NULL REFERENCES organisations (id),
    kind text NOT NULL,
    relationship_id uuid,
    ends_at timestamptz,
    email text NOT NULL,
    language text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX administration_notices_of ON administration_notices (customer_id, id);

-- Resellers with tenant owner permission on a customer's directory: a step of its own, which opens no device.
CREATE TABLE tenant_owners (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    partner_id uuid NOT NULL REFERENCES organisations (id),
    granted_by uuid NOT NULL REFERENCES organisations (id),
    granted_by_user uuid,
    since timestamptz NOT NULL,
    until timestamptz,
    ended_by uuid
);
CREATE UNIQUE INDEX tenant_owners_live ON tenant_owners (customer_id, partner_id) WHERE until IS NULL;
