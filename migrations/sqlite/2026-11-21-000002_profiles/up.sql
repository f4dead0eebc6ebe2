-- Raised by each change of an entry of the providers list: its etag.
ALTER TABLE companies ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- The domain a company was recorded with: the organisation's own goes to another company after a rejection.
ALTER TABLE companies ADD COLUMN domain TEXT NOT NULL DEFAULT '';
UPDATE companies
SET domain = (SELECT organisations.domain FROM organisations WHERE organisations.id = companies.organisation_id);

-- Profiles that a partner has changed; until then they are derived from its company.
CREATE TABLE partner_profiles (
    organisation_id BLOB NOT NULL REFERENCES companies (organisation_id),
    kind TEXT NOT NULL CHECK (kind IN ('legal_business', 'organization', 'billing', 'support')),
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, kind)
) STRICT;

-- What providers ask the operator to change in their entries of the providers list.
CREATE TABLE listing_change_requests (
    id BLOB PRIMARY KEY,
    provider_id BLOB NOT NULL REFERENCES companies (organisation_id),
    requested_by BLOB,
    message TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE INDEX listing_change_requests_open ON listing_change_requests (provider_id) WHERE closed_at IS NULL;

CREATE INDEX mpa_versions_effective ON mpa_versions (effective_at, version);
