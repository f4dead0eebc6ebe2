-- What lists of offers are filtered by. `sold_in` holds the countries between blanks, ' DE SE ', and is empty if an offer is
-- sold everywhere.
ALTER TABLE offers ADD COLUMN is_available boolean NOT NULL DEFAULT TRUE;
ALTER TABLE offers ADD COLUMN sold_in text NOT NULL DEFAULT '';

-- Which add-ons go with an offer.
CREATE TABLE offer_add_ons (
    offer_id text NOT NULL REFERENCES offers (id),
    add_on_id text NOT NULL REFERENCES offers (id),
    PRIMARY KEY (offer_id, add_on_id)
);
CREATE INDEX offer_add_ons_of ON offer_add_ons (add_on_id);
