-- One row: which key file and which epoch this database belongs to. A restore raises the epoch.
CREATE TABLE installation (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    key_fingerprint text NOT NULL,
    epoch bigint NOT NULL,
    demo boolean NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'dropped', 'dead')),
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    lease_id uuid,
    leased_until timestamptz,
    last_error text,
    finished_at timestamptz
);
CREATE UNIQUE INDEX jobs_wanted_once ON jobs (subject_id, kind, version);
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';

CREATE TABLE events (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    actor_organisation_id uuid,
    actor_user_id uuid,
    actor_application_id uuid,
    subject_id uuid NOT NULL,
    organisation_id uuid,
    customer_id uuid,
    data text NOT NULL,
    request_id uuid NOT NULL,
    correlation_id uuid NOT NULL
);
CREATE INDEX events_of_actor ON events (actor_organisation_id, id);
CREATE INDEX events_of_subject ON events (subject_id, id);

CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('operator', 'provider', 'reseller', 'customer')),
    domain text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX organisations_domain ON organisations (domain);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    user_name text NOT NULL,
    display_name text NOT NULL,
    state text NOT NULL CHECK (state IN ('invited', 'active', 'suspended')),
    password_hash text,
    password_is_temporary boolean NOT NULL,
    password_expires_at timestamptz,
    activation_version integer NOT NULL,
    activation_expires_at timestamptz,
    epoch bigint NOT NULL,
    created_at timestamptz NOT NULL
);
-- Invited accounts may share an address: whoever activates first proves the mailbox, and holds the name.
CREATE UNIQUE INDEX users_name ON users (user_name) WHERE state <> 'invited';
CREATE INDEX users_of_organisation ON users (organisation_id, id);

CREATE TABLE user_roles (
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL,
    PRIMARY KEY (user_id, role)
);

CREATE TABLE applications (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    name text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX applications_of_organisation ON applications (organisation_id, id);

CREATE TABLE application_roles (
    application_id uuid NOT NULL REFERENCES applications (id),
    role text NOT NULL,
    PRIMARY KEY (application_id, role)
);

CREATE TABLE application_secrets (
    id uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES applications (id),
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX application_secrets_digest ON application_secrets (digest);
CREATE INDEX application_secrets_of ON application_secrets (application_id);

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    user_epoch bigint NOT NULL,
    digest bytea NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    redeemed_at timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX refresh_tokens_digest ON refresh_tokens (digest);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);

CREATE TABLE companies (
    organisation_id uuid PRIMARY KEY REFERENCES organisations (id),
    name text NOT NULL,
    name_folded text NOT NULL,
    country text NOT NULL,
    contact_email text NOT NULL,
    description text NOT NULL,
    listed boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX companies_listed ON companies (organisation_id) WHERE listed;

CREATE TABLE mpn_accounts (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    mpn_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('global', 'location')),
    onboarded boolean NOT NULL,
    verified_at timestamptz
);
CREATE UNIQUE INDEX mpn_accounts_verified ON mpn_accounts (mpn_id) WHERE verified_at IS NOT NULL;
CREATE UNIQUE INDEX mpn_accounts_claimed ON mpn_accounts (organisation_id, mpn_id);
CREATE UNIQUE INDEX mpn_accounts_onboarded ON mpn_accounts (organisation_id) WHERE onboarded;

CREATE TABLE enrollments (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    state text NOT NULL CHECK (state IN ('submitted', 'approved', 'rejected')),
    submitted_at timestamptz NOT NULL,
    decided_at timestamptz,
    reason text
);
CREATE UNIQUE INDEX enrollments_of ON enrollments (organisation_id);
CREATE INDEX enrollments_state ON enrollments (state, id);

CREATE TABLE mpa_versions (
    version text PRIMARY KEY,
    title text NOT NULL,
    document_url text NOT NULL,
    effective_at timestamptz NOT NULL
);

CREATE TABLE mpa_signatures (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    version text NOT NULL REFERENCES mpa_versions (version),
    user_id uuid NOT NULL REFERENCES users (id),
    signed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX mpa_signatures_once ON mpa_signatures (organisation_id, version);

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES organisations (id),
    created_by uuid,
    email text NOT NULL,
    mpn_id text,
    subject text NOT NULL,
    message text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'revoked')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    answered_at timestamptz,
    answered_by uuid,
    decline_reason text
);
CREATE INDEX invitations_of_provider ON invitations (provider_id, id);

CREATE TABLE partnerships (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES organisations (id),
    reseller_id uuid NOT NULL REFERENCES organisations (id),
    invitation_id uuid NOT NULL REFERENCES invitations (id),
    started_at timestamptz NOT NULL,
    last_association_at timestamptz,
    ended_at timestamptz,
    ended_by uuid,
    end_reason text,
    attestation text,
    attestation_version text
);
CREATE UNIQUE INDEX partnerships_active ON partnerships (provider_id, reseller_id) WHERE ended_at IS NULL;
CREATE INDEX partnerships_of_reseller ON partnerships (reseller_id, id);
CREATE UNIQUE INDEX partnerships_invitation ON partnerships (invitation_id);

CREATE TABLE customers (
    organisation_id uuid PRIMARY KEY REFERENCES organisations (id),
    created_by uuid NOT NULL REFERENCES organisations (id),
    company_name text NOT NULL,
    company_name_folded text NOT NULL,
    domain text NOT NULL,
    profile text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE customer_relationships (
    id uuid PRIMARY KEY,
    partner_id uuid NOT NULL REFERENCES organisations (id),
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    kind text NOT NULL CHECK (kind IN ('direct', 'provider', 'reseller')),
    provider_id uuid REFERENCES organisations (id),
    since timestamptz NOT NULL,
    until timestamptz
);
CREATE UNIQUE INDEX customer_relationships_live
    ON customer_relationships (partner_id, customer_id) WHERE until IS NULL;
CREATE INDEX customer_relationships_of_customer ON customer_relationships (customer_id, id);

CREATE TABLE administration_grants (
    id uuid PRIMARY KEY,
    partner_id uuid NOT NULL REFERENCES organisations (id),
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    origin text NOT NULL CHECK (origin IN ('customer_created')),
    starts_at timestamptz NOT NULL,
    last_used_at timestamptz,
    ends_at timestamptz,
    ended_by uuid
);
CREATE INDEX administration_grants_of ON administration_grants (customer_id, partner_id, starts_at);
CREATE INDEX administration_grants_of_partner ON administration_grants (partner_id, customer_id);

CREATE TABLE directory_devices (
    manufacturer_folded text NOT NULL,
    serial_folded text NOT NULL,
    manufacturer text NOT NULL,
    model text NOT NULL,
    serial_number text NOT NULL,
    PRIMARY KEY (manufacturer_folded, serial_folded)
);

CREATE TABLE device_registrations (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    registered_by uuid NOT NULL REFERENCES organisations (id),
    registered_by_user uuid,
    file_name text NOT NULL,
    order_id text,
    purchase_id text,
    request_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX device_registrations_of_customer ON device_registrations (customer_id, id);
CREATE INDEX device_registrations_running ON device_registrations (registered_by, id) WHERE finished_at IS NULL;

-- The id of a row becomes the id of its device.
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
