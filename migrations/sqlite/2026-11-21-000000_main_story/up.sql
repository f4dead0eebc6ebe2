-- One row: which key file and which epoch this database belongs to. A restore raises the epoch.
CREATE TABLE installation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    key_fingerprint TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'dropped', 'dead')),
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease_id BLOB,
    leased_until INTEGER,
    last_error TEXT,
    finished_at INTEGER
) STRICT;
CREATE UNIQUE INDEX jobs_wanted_once ON jobs (subject_id, kind, version);
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';

CREATE TABLE events (
    id BLOB PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor_organisation_id BLOB,
    actor_user_id BLOB,
    actor_application_id BLOB,
    subject_id BLOB NOT NULL,
    organisation_id BLOB,
    customer_id BLOB,
    data TEXT NOT NULL,
    request_id BLOB NOT NULL,
    correlation_id BLOB NOT NULL
) STRICT;
CREATE INDEX events_of_actor ON events (actor_organisation_id, id);
CREATE INDEX events_of_subject ON events (subject_id, id);

CREATE TABLE organisations (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('operator', 'provider', 'reseller', 'customer')),
    domain TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX organisations_domain ON organisations (domain);

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    user_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'suspended')),
    password_hash TEXT,
    password_is_temporary INTEGER NOT NULL,
    password_expires_at INTEGER,
    activation_version INTEGER NOT NULL,
    activation_expires_at INTEGER,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- Invited accounts may share an address: whoever activates first proves the mailbox, and holds the name.
CREATE UNIQUE INDEX users_name ON users (user_name) WHERE state <> 'invited';
CREATE INDEX users_of_organisation ON users (organisation_id, id);

CREATE TABLE user_roles (
    user_id BLOB NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, role)
) STRICT;

CREATE TABLE applications (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX applications_of_organisation ON applications (organisation_id, id);

CREATE TABLE application_roles (
    application_id BLOB NOT NULL REFERENCES applications (id),
    role TEXT NOT NULL,
    PRIMARY KEY (application_id, role)
) STRICT;

CREATE TABLE application_secrets (
    id BLOB PRIMARY KEY,
    application_id BLOB NOT NULL REFERENCES applications (id),
    digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX application_secrets_digest ON application_secrets (digest);
CREATE INDEX application_secrets_of ON application_secrets (application_id);

CREATE TABLE refresh_tokens (
    id BLOB PRIMARY KEY,
    family_id BLOB NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    user_epoch INTEGER NOT NULL,
    digest BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    redeemed_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX refresh_tokens_digest ON refresh_tokens (digest);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);

CREATE TABLE companies (
    organisation_id BLOB PRIMARY KEY REFERENCES organisations (id),
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    country TEXT NOT NULL,
    contact_email TEXT NOT NULL,
    description TEXT NOT NULL,
    listed INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX companies_listed ON companies (organisation_id) WHERE listed;

CREATE TABLE mpn_accounts (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    mpn_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('global', 'location')),
    onboarded INTEGER NOT NULL,
    verified_at INTEGER
) STRICT;
CREATE UNIQUE INDEX mpn_accounts_verified ON mpn_accounts (mpn_id) WHERE verified_at IS NOT NULL;
CREATE UNIQUE INDEX mpn_accounts_claimed ON mpn_accounts (organisation_id, mpn_id);
CREATE UNIQUE INDEX mpn_accounts_onboarded ON mpn_accounts (organisation_id) WHERE onboarded;

CREATE TABLE enrollments (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL CHECK (state IN ('submitted', 'approved', 'rejected')),
    submitted_at INTEGER NOT NULL,
    decided_at INTEGER,
    reason TEXT
) STRICT;
CREATE UNIQUE INDEX enrollments_of ON enrollments (organisation_id);
CREATE INDEX enrollments_state ON enrollments (state, id);

CREATE TABLE mpa_versions (
    version TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    document_url TEXT NOT NULL,
    effective_at INTEGER NOT NULL
) STRICT;

CREATE TABLE mpa_signatures (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    version TEXT NOT NULL REFERENCES mpa_versions (version),
    user_id BLOB NOT NULL REFERENCES users (id),
    signed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX mpa_signatures_once ON mpa_signatures (organisation_id, version);

CREATE TABLE invitations (
    id BLOB PRIMARY KEY,
    provider_id BLOB NOT NULL REFERENCES organisations (id),
    created_by BLOB,
    email TEXT NOT NULL,
    mpn_id TEXT,
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'revoked')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    answered_at INTEGER,
    answered_by BLOB,
    decline_reason TEXT
) STRICT;
CREATE INDEX invitations_of_provider ON invitations (provider_id, id);

CREATE TABLE partnerships (
    id BLOB PRIMARY KEY,
    provider_id BLOB NOT NULL REFERENCES organisations (id),
    reseller_id BLOB NOT NULL REFERENCES organisations (id),
    invitation_id BLOB NOT NULL REFERENCES invitations (id),
    started_at INTEGER NOT NULL,
    last_association_at INTEGER,
    ended_at INTEGER,
    ended_by BLOB,
    end_reason TEXT,
    attestation TEXT,
    attestation_version TEXT
) STRICT;
CREATE UNIQUE INDEX partnerships_active ON partnerships (provider_id, reseller_id) WHERE ended_at IS NULL;
CREATE INDEX partnerships_of_reseller ON partnerships (reseller_id, id);
CREATE UNIQUE INDEX partnerships_invitation ON partnerships (invitation_id);

CREATE TABLE customers (
    organisation_id BLOB PRIMARY KEY REFERENCES organisations (id),
    created_by BLOB NOT NULL REFERENCES organisations (id),
    company_name TEXT NOT NULL,
    company_name_folded TEXT NOT NULL,
    domain TEXT NOT NULL,
    profile TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE customer_relationships (
    id BLOB PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES organisations (id),
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    kind TEXT NOT NULL CHECK (kind IN ('direct', 'provider', 'reseller')),
    provider_id BLOB REFERENCES organisations (id),
    since INTEGER NOT NULL,
    until INTEGER
) STRICT;
CREATE UNIQUE INDEX customer_relationships_live
    ON customer_relationships (partner_id, customer_id) WHERE until IS NULL;
CREATE INDEX customer_relationships_of_customer ON customer_relationships (customer_id, id);

CREATE TABLE administration_grants (
    id BLOB PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES organisations (id),
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    origin TEXT NOT NULL CHECK (origin IN ('customer_created')),
    starts_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ends_at INTEGER,
    ended_by BLOB
) STRICT;
CREATE INDEX administration_grants_of ON administration_grants (customer_id, partner_id, starts_at);
CREATE INDEX administration_grants_of_partner ON administration_grants (partner_id, customer_id);

CREATE TABLE directory_devices (
    manufacturer_folded TEXT NOT NULL,
    serial_folded TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    PRIMARY KEY (manufacturer_folded, serial_folded)
) STRICT;

CREATE TABLE device_registrations (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    registered_by BLOB NOT NULL REFERENCES organisations (id),
    registered_by_user BLOB,
    file_name TEXT NOT NULL,
    order_id TEXT,
    purchase_id TEXT,
    request_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX device_registrations_of_customer ON device_registrations (customer_id, id);
CREATE INDEX device_registrations_running ON device_registrations (registered_by, id) WHERE finished_at IS NULL;

-- The id of a row becomes the id of its device.
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
