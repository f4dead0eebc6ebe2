DROP INDEX mpa_versions_effective;
DROP TABLE listing_change_requests;
DROP TABLE partner_profiles;
ALTER TABLE companies DROP COLUMN domain;
ALTER TABLE companies DROP COLUMN version;
