DROP TABLE offer_add_ons;
ALTER TABLE offers DROP COLUMN sold_in;
ALTER TABLE offers DROP COLUMN is_available;
