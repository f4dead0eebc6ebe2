ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN removed_at INTEGER;
ALTER TABLE users ADD COLUMN reset_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN reset_expires_at INTEGER;
-- The second factor's secret is derived from this version and the key file; 0 is none yet.
ALTER TABLE users ADD COLUMN second_factor_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN second_factor_since INTEGER;
ALTER TABLE users ADD COLUMN second_factor_last_step INTEGER NOT NULL DEFAULT 0;
DROP INDEX users_name;
CREATE UNIQUE INDEX users_name ON users (user_name) WHERE state <> 'invited' AND removed_at IS NULL;

CREATE TABLE recovery_codes (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    digest BLOB NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX recovery_codes_of ON recovery_codes (user_id);

-- Browsers signed in, or on their way: a stage other than 'signed_in' opens only the page that comes next.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    user_epoch INTEGER NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('second_factor', 'enrol_factor', 'new_password', 'signed_in')),
    second_factor INTEGER NOT NULL,
    authorization_id BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_digest ON sessions (digest);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_ended ON sessions (expires_at);

ALTER TABLE applications ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;
ALTER TABLE applications ADD COLUMN removed_at INTEGER;

CREATE TABLE application_redirects (
    application_id BLOB NOT NULL REFERENCES applications (id),
    uri TEXT NOT NULL,
    PRIMARY KEY (application_id, uri)
) STRICT;

-- What an application asked for at /oauth2/authorize; the browser carries only the id. With a user it is answered, and the
-- digest is that of the code.
CREATE TABLE authorizations (
    id BLOB PRIMARY KEY,
    client_id TEXT NOT NULL,
    request TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    user_id BLOB REFERENCES users (id),
    user_epoch INTEGER,
    second_factor INTEGER,
    family_id BLOB,
    digest BLOB,
    redeemed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX authorizations_code ON authorizations (digest);
CREATE INDEX authorizations_ended ON authorizations (expires_at);

ALTER TABLE refresh_tokens ADD COLUMN application_id BLOB REFERENCES applications (id);
ALTER TABLE refresh_tokens ADD COLUMN second_factor INTEGER NOT NULL DEFAULT false;
CREATE INDEX refresh_tokens_ended ON refresh_tokens (expires_at);

-- Writes that carried a request id: which they were, and what was answered.
CREATE TABLE answered_calls (
    call BLOB PRIMARY KEY,
    body BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT,
    location TEXT,
    answered_at INTEGER NOT NULL
) STRICT;
CREATE INDEX answered_calls_age ON answered_calls (answered_at);
