-- What a partner asks a customer for. An answer to a standing link is kept as a request that was answered at once.
CREATE TABLE relationship_requests (
    id BLOB PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES organisations (id),
    created_by BLOB,
    provider_id BLOB NOT NULL REFERENCES organisations (id),
    reseller_id BLOB REFERENCES organisations (id),
    delegated_admin INTEGER NOT NULL,
    email TEXT,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    standing_link_version INTEGER,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'declined', 'revoked')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    opened_at INTEGER,
    answered_at INTEGER,
    answered_by BLOB,
    decline_reason TEXT
) STRICT;
CREATE INDEX relationship_requests_of_partner ON relationship_requests (partner_id, id);
CREATE INDEX relationship_requests_by_state ON relationship_requests (partner_id, state, id);
CREATE INDEX relationship_requests_by_end ON relationship_requests (partner_id, state, expires_at, id);
CREATE INDEX relationship_requests_answered ON relationship_requests (answered_by, partner_id, id);

-- A partner's link for many customers. Without a row it has its first version; nothing of the link itself is stored.
CREATE TABLE relationship_links (
    partner_id BLOB PRIMARY KEY REFERENCES organisations (id),
    version INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
