-- The devices page is walked in the order of ids: what it is filtered by lies beside them, so that no row is read that is not shown.
DROP INDEX devices_of_customer;
CREATE INDEX devices_of_customer ON devices (customer_id, id, registration_id, serial_folded, last_seen_at, released_at) WHERE released_at IS NULL;
-- Check-ins and assignments name devices by serial number; the page is searched by user.
CREATE INDEX devices_serial ON devices (customer_id, serial_folded) WHERE released_at IS NULL;
CREATE INDEX devices_user ON devices (customer_id, lower(assigned_user), id) WHERE released_at IS NULL AND assigned_user IS NOT NULL;

-- Asks whoever holds a device to release it. Neither side learns who the other is: `asker_id` is the customer for whom it is asked,
-- `holder_id` the one that had the device then. A request whose device was deregistered in another way is released as well.
CREATE TABLE release_requests (
    id uuid PRIMARY KEY,
    asker_id uuid NOT NULL REFERENCES customers (organisation_id),
    asked_by uuid NOT NULL,
    asked_by_user uuid,
    row_id uuid NOT NULL REFERENCES registration_rows (id),
    device_id uuid NOT NULL REFERENCES devices (id),
    holder_id uuid NOT NULL REFERENCES customers (organisation_id),
    state text NOT NULL CHECK (state IN ('open', 'released', 'declined')),
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    CHECK (asker_id <> holder_id),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX release_requests_open ON release_requests (device_id, asker_id) WHERE state = 'open';
CREATE INDEX release_requests_sent ON release_requests (asker_id, id);
CREATE INDEX release_requests_received ON release_requests (holder_id, id);
-- How many were asked lately.
CREATE INDEX release_requests_lately ON release_requests (asker_id, created_at);
