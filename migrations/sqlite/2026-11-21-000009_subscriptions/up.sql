-- The catalogue. An offer that is no longer sold stays, because subscriptions name it. Details are JSON: what is read of
-- an offer is read whole.
CREATE TABLE offers (
    id TEXT PRIMARY KEY,
    category TEXT NOT NULL,
    rank INTEGER NOT NULL,
    name TEXT NOT NULL,
    product_id TEXT NOT NULL,
    is_add_on INTEGER NOT NULL,
    details TEXT NOT NULL,
    imported_at INTEGER NOT NULL
) STRICT;
CREATE INDEX offers_in_order ON offers (rank, id);
CREATE INDEX offers_of_category ON offers (category, rank, id);
CREATE INDEX offers_of_product ON offers (product_id, id);

-- What was ordered, as it was ordered; subscriptions change, orders do not.
CREATE TABLE orders (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    provider_id BLOB NOT NULL REFERENCES organisations (id),
    billing_cycle TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_of ON orders (customer_id, provider_id, id);

CREATE TABLE subscriptions (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    provider_id BLOB NOT NULL REFERENCES organisations (id),
    order_id BLOB NOT NULL REFERENCES orders (id),
    offer_id TEXT NOT NULL REFERENCES offers (id),
    parent_id BLOB REFERENCES subscriptions (id),
    friendly_name TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
    status_since INTEGER NOT NULL,
    term TEXT NOT NULL,
    billing_cycle TEXT NOT NULL,
    auto_renew INTEGER NOT NULL,
    next_term TEXT,
    reducible TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX subscriptions_of ON subscriptions (customer_id, provider_id, id);
CREATE INDEX subscriptions_of_order ON subscriptions (order_id, id);
CREATE INDEX subscriptions_of_parent ON subscriptions (parent_id) WHERE parent_id IS NOT NULL;
-- What goes on by itself is found when it is due, the rest when it ends; the queries repeat these conditions word for word.
CREATE INDEX subscriptions_renewing ON subscriptions (ends_at, id) WHERE status = 'active' AND auto_renew;
CREATE INDEX subscriptions_ending ON subscriptions (ends_at, id, status)
    WHERE status = 'suspended' OR status = 'active' AND NOT auto_renew;
CREATE INDEX subscriptions_ending_of ON subscriptions (provider_id, ends_at, id)
    WHERE status = 'suspended' OR status = 'active' AND NOT auto_renew;
CREATE INDEX subscriptions_ending_with ON subscriptions (customer_id, ends_at, id)
    WHERE status = 'suspended' OR status = 'active' AND NOT auto_renew;

CREATE TABLE order_lines (
    order_id BLOB NOT NULL REFERENCES orders (id),
    number INTEGER NOT NULL CHECK (number >= 0),
    offer_id TEXT NOT NULL REFERENCES offers (id),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    friendly_name TEXT NOT NULL,
    term TEXT NOT NULL,
    billing_cycle TEXT NOT NULL,
    mpn_id TEXT,
    parent_id BLOB,
    subscription_id BLOB NOT NULL REFERENCES subscriptions (id),
    PRIMARY KEY (order_id, number)
) STRICT;

-- The reseller of record of a subscription, by the MPN ID it onboarded with. A row is a stretch of time in which nothing
-- that incentives depend on changed; the next begins where it ends, and no row is changed but to end it. Days are those
-- since 1970 in UTC, so that a report adds them up alike on both databases; a row without an end counts to the last day
-- there is.
CREATE TABLE association_periods (
    subscription_id BLOB NOT NULL REFERENCES subscriptions (id),
    number INTEGER NOT NULL CHECK (number > 0),
    association INTEGER NOT NULL CHECK (association > 0),
    customer_id BLOB NOT NULL,
    provider_id BLOB NOT NULL,
    reseller_id BLOB NOT NULL REFERENCES organisations (id),
    mpn_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    earns INTEGER NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    active INTEGER NOT NULL,
    associated_at INTEGER NOT NULL,
    associated_by BLOB,
    since INTEGER NOT NULL,
    until INTEGER,
    lapses_at INTEGER,
    from_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL,
    lapse_day INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, number)
) STRICT;
CREATE UNIQUE INDEX association_periods_open ON association_periods (subscription_id) WHERE until IS NULL;
CREATE INDEX association_periods_of_record ON association_periods (customer_id, reseller_id) WHERE until IS NULL;
-- Reports read nothing but these two: of one reseller what counted since a day; of a provider's resellers all there is, in
-- the order in which it is added up, so that nothing is sorted.
CREATE INDEX association_periods_of_reseller
    ON association_periods (reseller_id, until_day, from_day, provider_id, mpn_id, offer_id, earns, active, quantity, lapse_day);
CREATE INDEX association_periods_of_provider
    ON association_periods (provider_id, reseller_id, mpn_id, offer_id, earns, active, until_day, from_day, lapse_day, quantity);
-- The periods behind a report, page by page.
CREATE INDEX association_periods_listed_of_reseller
    ON association_periods (reseller_id, subscription_id, number, until_day, from_day, provider_id);
CREATE INDEX association_periods_listed_of_provider
    ON association_periods (provider_id, subscription_id, number, until_day, from_day);

-- Who answers the customer for a subscription, if it is not the provider itself.
CREATE TABLE support_contacts (
    id BLOB PRIMARY KEY,
    subscription_id BLOB NOT NULL REFERENCES subscriptions (id),
    customer_id BLOB NOT NULL,
    provider_id BLOB NOT NULL,
    partner_id BLOB NOT NULL REFERENCES organisations (id),
    designated_by BLOB,
    since INTEGER NOT NULL,
    until INTEGER
) STRICT;
CREATE UNIQUE INDEX support_contacts_live ON support_contacts (subscription_id) WHERE until IS NULL;
CREATE INDEX support_contacts_of ON support_contacts (subscription_id, until);
CREATE INDEX support_contacts_of_partner ON support_contacts (provider_id, partner_id) WHERE until IS NULL;

-- What people are about to order for a customer: lines as JSON, because they may be wrong. An ordered cart keeps the ids
-- of its orders.
CREATE TABLE carts (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    provider_id BLOB NOT NULL REFERENCES organisations (id),
    modified_by BLOB,
    contents TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    orders TEXT
) STRICT;
CREATE INDEX carts_expiring ON carts (expires_at);

-- When something new was last sold in a relationship: an ending and a sale touch the same row.
ALTER TABLE customer_relationships ADD COLUMN last_sold_at INTEGER;
