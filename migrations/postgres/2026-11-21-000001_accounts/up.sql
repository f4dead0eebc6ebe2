ALTER TABLE users ADD COLUMN language text NOT NULL DEFAULT 'en';
ALTER TABLE users ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN removed_at timestamptz;
ALTER TABLE users ADD COLUMN reset_version integer NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN reset_expires_at timestamptz;
-- The second factor's secret is derived from this version and the key file; 0 is none yet.
ALTER TABLE users ADD COLUMN second_factor_version integer NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN second_factor_since timestamptz;
ALTER TABLE users ADD COLUMN second_factor_last_step bigint NOT NULL DEFAULT 0;
DROP INDEX users_name;
CREATE UNIQUE INDEX users_name ON users (user_name) WHERE state <> 'invited' AND removed_at IS NULL;

CREATE TABLE recovery_codes (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    digest bytea NOT NULL,
    used_at timestamptz
);
CREATE INDEX recovery_codes_of ON recovery_codes (user_id);

-- Browsers signed in, or on their way: a stage other than 'signed_in' opens only the page that comes next.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    digest bytea NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    user_epoch bigint NOT NULL,
    stage text NOT NULL CHECK (stage IN ('second_factor', 'enrol_factor', 'new_password', 'signed_in')),
    second_factor boolean NOT NULL,
    authorization_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX sessions_digest ON sessions (digest);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_ended ON sessions (expires_at);

ALTER TABLE applications ADD COLUMN epoch bigint NOT NULL DEFAULT 1;
ALTER TABLE applications ADD COLUMN removed_at timestamptz;

CREATE TABLE application_redirects (
    application_id uuid NOT NULL REFERENCES applications (id),
    uri text NOT NULL,
    PRIMARY KEY (application_id, uri)
);

-- What an application asked for at /oauth2/authorize; the browser carries only the id. With a user it is answered, and the
-- digest is that of the code.
CREATE TABLE authorizations (
    id uuid PRIMARY KEY,
    client_id text NOT NULL,
    request text NOT NULL,
    expires_at timestamptz NOT NULL,
    user_id uuid REFERENCES users (id),
    user_epoch bigint,
    second_factor boolean,
    family_id uuid,
    digest bytea,
    redeemed_at timestamptz
);
CREATE UNIQUE INDEX authorizations_code ON authorizations (digest);
CREATE INDEX authorizations_ended ON authorizations (expires_at);

ALTER TABLE refresh_tokens ADD COLUMN application_id uuid REFERENCES applications (id);
ALTER TABLE refresh_tokens ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
CREATE INDEX refresh_tokens_ended ON refresh_tokens (expires_at);

-- Writes that carried a request id: which they were, and what was answered.
CREATE TABLE answered_calls (
    call bytea PRIMARY KEY,
    body bytea NOT NULL,
    status integer NOT NULL,
    answer text,
    location text,
    answered_at timestamptz NOT NULL
);
CREATE INDEX answered_calls_age ON answered_calls (answered_at);
