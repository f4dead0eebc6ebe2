DROP TABLE notifications;
DROP TABLE notification_choices;
DROP TABLE invitation_mails;
DROP INDEX partnerships_active_of_reseller;
DROP INDEX partnerships_active_of_provider;
DROP INDEX partnerships_of_pair;
CREATE INDEX partnerships_of_reseller ON partnerships (reseller_id, id);
-- The table keeps its shape: what came of a standing link names no invitation, and could not be brought up again.
DROP TABLE standing_link_declines;
DROP TABLE standing_links;
DROP INDEX invitations_for;
DROP INDEX invitations_to;
DROP INDEX invitations_by_end;
DROP INDEX invitations_by_state;
ALTER TABLE invitations DROP COLUMN opened_by;
ALTER TABLE invitations DROP COLUMN opened_at;
ALTER TABLE invitations DROP COLUMN sent_outside_at;
ALTER TABLE invitations DROP COLUMN link_version;
ALTER TABLE invitations DROP COLUMN language;
