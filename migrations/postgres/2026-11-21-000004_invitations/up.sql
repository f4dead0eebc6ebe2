ALTER TABLE invitations ADD COLUMN language text NOT NULL DEFAULT 'en';
-- Raised when the link is replaced: links of earlier versions are dead.
ALTER TABLE invitations ADD COLUMN link_version integer NOT NULL DEFAULT 1;
ALTER TABLE invitations ADD COLUMN sent_outside_at timestamptz;
ALTER TABLE invitations ADD COLUMN opened_at timestamptz;
ALTER TABLE invitations ADD COLUMN opened_by uuid;
CREATE INDEX invitations_by_state ON invitations (provider_id, state, id);
CREATE INDEX invitations_by_end ON invitations (provider_id, state, expires_at, id);
-- Not partial by state: SQLite cannot tell from a parameter that such an index would do.
CREATE INDEX invitations_to ON invitations (provider_id, email, state, expires_at);
CREATE INDEX invitations_for ON invitations (provider_id, mpn_id, state, expires_at) WHERE mpn_id IS NOT NULL;

-- A provider's link for many uses. Without a row it has its first version; nothing of the link itself is stored.
CREATE TABLE standing_links (
    provider_id uuid PRIMARY KEY REFERENCES organisations (id),
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    revoked_at timestamptz
);

-- Companies that said no to a version of a standing link.
CREATE TABLE standing_link_declines (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES organisations (id),
    reseller_id uuid NOT NULL REFERENCES organisations (id),
    link_version integer NOT NULL,
    reason text,
    declined_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX standing_link_declines_once ON standing_link_declines (provider_id, reseller_id, link_version);

-- A partnership came of an invitation, or of the standing link in one of its versions.
CREATE TABLE partnerships_anew (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES organisations (id),
    reseller_id uuid NOT NULL REFERENCES organisations (id),
    invitation_id uuid REFERENCES invitations (id),
    standing_link_version integer,
    started_at timestamptz NOT NULL,
    last_association_at timestamptz,
    ended_at timestamptz,
    ended_by uuid,
    end_reason text,
    attestation text,
    attestation_version text,
    CHECK ((invitation_id IS NULL) <> (standing_link_version IS NULL))
);
INSERT INTO partnerships_anew
SELECT id, provider_id, reseller_id, invitation_id, NULL, started_at, last_association_at, ended_at, ended_by, end_reason,
    attestation, attestation_version
FROM partnerships;
DROP TABLE partnerships;
ALTER TABLE partnerships_anew RENAME TO partnerships;
CREATE UNIQUE INDEX partnerships_active ON partnerships (provider_id, reseller_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX partnerships_invitation ON partnerships (invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX partnerships_of_pair ON partnerships (provider_id, reseller_id, id);
CREATE INDEX partnerships_active_of_provider ON partnerships (provider_id, id) WHERE ended_at IS NULL;
CREATE INDEX partnerships_active_of_reseller ON partnerships (reseller_id, id) WHERE ended_at IS NULL;

-- Every invitation and reminder that was to be mailed: what the limits per mailbox, person and company count.
CREATE TABLE invitation_mails (
    id uuid PRIMARY KEY,
    recipient text NOT NULL,
    provider_id uuid NOT NULL,
    user_id uuid,
    wanted_at timestamptz NOT NULL
);
CREATE INDEX invitation_mails_to ON invitation_mails (recipient, wanted_at);
CREATE INDEX invitation_mails_of_provider ON invitation_mails (provider_id, wanted_at);
CREATE INDEX invitation_mails_of_user ON invitation_mails (user_id, wanted_at);
CREATE INDEX invitation_mails_age ON invitation_mails (wanted_at);

-- What a person wants to be told by mail; without a row: what the topic's default says.
CREATE TABLE notification_choices (
    user_id uuid NOT NULL REFERENCES users (id),
    topic text NOT NULL,
    choice text NOT NULL CHECK (choice IN ('none', 'own', 'all')),
    PRIMARY KEY (user_id, topic)
);

-- What a person is told: one row, one mail.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    topic text NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX notifications_of_user ON notifications (user_id, id);
