-- Raised by each change of an entry of the providers list: its etag.
ALTER TABLE companies ADD COLUMN version integer NOT NULL DEFAULT 1;
-- The domain a company was recorded with: the organisation's own goes to another company after a rejection.
ALTER TABLE companies ADD COLUMN domain text NOT NULL DEFAULT '';
UPDATE companies
SET domain = (SELECT organisations.domain FROM organisations WHERE organisations.id = companies.organisation_id);

-- Profiles that a partner has changed; until then they are derived from its company.
CREATE TABLE partner_profiles (
    organisation_id uuid NOT NULL REFERENCES companies (organisation_id),
    kind text NOT NULL CHECK (kind IN ('legal_business', 'organization', 'billing', 'support')),
    body text NOT NULL,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, kind)
);

-- What providers ask the operator to change in their entries of the providers list.
CREATE TABLE listing_change_requests (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES companies (organisation_id),
    requested_by uuid,
    message text NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX listing_change_requests_open ON listing_change_requests (provider_id) WHERE closed_at IS NULL;

CREATE INDEX mpa_versions_effective ON mpa_versions (effective_at, version);
