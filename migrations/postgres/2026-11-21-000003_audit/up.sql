ALTER TABLE events ADD COLUMN sequence bigint;
ALTER TABLE events ADD COLUMN hash bytea;
-- How often it happened: more than once only for refusals, which are counted by the minute until that is over.
ALTER TABLE events ADD COLUMN repeats integer NOT NULL DEFAULT 1;
ALTER TABLE events ADD COLUMN refusal_key bytea;
ALTER TABLE events ADD COLUMN seal_from timestamptz;
CREATE UNIQUE INDEX events_sequence ON events (sequence) WHERE sequence IS NOT NULL;
CREATE UNIQUE INDEX events_refusal ON events (refusal_key) WHERE refusal_key IS NOT NULL;
CREATE INDEX events_unsealed ON events (at, id) WHERE sequence IS NULL;
CREATE INDEX events_caused_by ON events (actor_organisation_id, at, id);
CREATE INDEX events_naming_organisation ON events (organisation_id, at, id);
CREATE INDEX events_naming_customer ON events (customer_id, at, id);
CREATE INDEX events_of_nobody ON events (at, id) WHERE actor_user_id IS NULL AND actor_application_id IS NULL;

-- One row: how far the trail is sealed, and who seals it now.
CREATE TABLE audit_head (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    tag bytea NOT NULL,
    lease_id uuid,
    leased_until timestamptz
);
