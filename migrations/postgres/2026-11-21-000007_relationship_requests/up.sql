-- What a partner asks a customer for. An answer to a standing link is kept as a request that was answered at once.
CREATE TABLE relationship_requests (
    id uuid PRIMARY KEY,
    partner_id uuid NOT NULL REFERENCES organisations (id),
    created_by uuid,
    provider_id uuid NOT NULL REFERENCES organisations (id),
    reseller_id uuid REFERENCES organisations (id),
    delegated_admin boolean NOT NULL,
    email text,
    language text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    standing_link_version integer,
    state text NOT NULL CHECK (state IN ('open', 'approved', 'declined', 'revoked')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    opened_at timestamptz,
    answered_at timestamptz,
    answered_by uuid,
    decline_reason text
);
CREATE INDEX relationship_requests_of_partner ON relationship_requests (partner_id, id);
CREATE INDEX relationship_requests_by_state ON relationship_requests (partner_id, state, id);
CREATE INDEX relationship_requests_by_end ON relationship_requests (partner_id, state, expires_at, id);
CREATE INDEX relationship_requests_answered ON relationship_requests (answered_by, partner_id, id);

-- A partner's link for many customers. Without a row it has its first version; nothing of the link itself is stored.
CREATE TABLE relationship_links (
    partner_id uuid PRIMARY KEY REFERENCES organisations (id),
    version integer NOT NULL,
    changed_at timestamptz NOT NULL
);
