-- The catalogue. An offer that is no longer sold stays, because subscriptions name it. Details are JSON: what is read of
-- an offer is read whole.
CREATE TABLE offers (
    id text PRIMARY KEY,
    category text NOT NULL,
    rank integer NOT NULL,
    name text NOT NULL,
    product_id text NOT NULL,
    is_add_on boolean NOT NULL,
    details text NOT NULL,
    imported_at timestamptz NOT NULL
);
CREATE INDEX offers_in_order ON offers (rank, id);
CREATE INDEX offers_of_category ON offers (category, rank, id);
CREATE INDEX offers_of_product ON offers (product_id, id);

-- What was ordered, as it was ordered; subscriptions change, orders do not.
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    provider_id uuid NOT NULL REFERENCES organisations (id),
    billing_cycle text NOT NULL,
    version integer NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL
);
CREATE INDEX orders_of ON orders (customer_id, provider_id, id);

CREATE TABLE subscriptions (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    provider_id uuid NOT NULL REFERENCES organisations (id),
    order_id uuid NOT NULL REFERENCES orders (id),
    offer_id text NOT NULL REFERENCES offers (id),
    parent_id uuid REFERENCES subscriptions (id),
    friendly_name text NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    status text NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
    status_since timestamptz NOT NULL,
    term text NOT NULL,
    billing_cycle text NOT NULL,
    auto_renew boolean NOT NULL,
    next_term text,
    reducible text NOT NULL,
    started_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL
);
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
    order_id uuid NOT NULL REFERENCES orders (id),
    number integer NOT NULL CHECK (number >= 0),
    offer_id text NOT NULL REFERENCES offers (id),
    quantity integer NOT NULL CHECK (quantity > 0),
    friendly_name text NOT NULL,
    term text NOT NULL,
    billing_cycle text NOT NULL,
    mpn_id text,
    parent_id uuid,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id),
    PRIMARY KEY (order_id, number)
);

-- The reseller of record of a subscription, by the MPN ID it onboarded with. A row is a stretch of time in which nothing
-- that incentives depend on changed; the next begins where it ends, and no row is changed but to end it. Days are those
-- since 1970 in UTC, so that a report adds them up alike on both databases; a row without an end counts to the last day
-- there is.
CREATE TABLE association_periods (
    subscription_id uuid NOT NULL REFERENCES subscriptions (id),
    number integer NOT NULL CHECK (number > 0),
    association integer NOT NULL CHECK (association > 0),
    customer_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    reseller_id uuid NOT NULL REFERENCES organisations (id),
    mpn_id text NOT NULL,
    offer_id text NOT NULL,
    earns boolean NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    active boolean NOT NULL,
    associated_at timestamptz NOT NULL,
    associated_by uuid,
    since timestamptz NOT NULL,
    until timestamptz,
    lapses_at timestamptz,
    from_day integer NOT NULL,
    until_day integer NOT NULL,
    lapse_day integer NOT NULL,
    PRIMARY KEY (subscription_id, number)
);
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
    id uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id),
    customer_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    partner_id uuid NOT NULL REFERENCES organisations (id),
    designated_by uuid,
    since timestamptz NOT NULL,
    until timestamptz
);
CREATE UNIQUE INDEX support_contacts_live ON support_contacts (subscription_id) WHERE until IS NULL;
CREATE INDEX support_contacts_of ON support_contacts (subscription_id, until);
CREATE INDEX support_contacts_of_partner ON support_contacts (provider_id, partner_id) WHERE until IS NULL;

-- What people are about to order for a customer: lines as JSON, because they may be wrong. An ordered cart keeps the ids
-- of its orders.
CREATE TABLE carts (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    provider_id uuid NOT NULL REFERENCES organisations (id),
    modified_by uuid,
    contents text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    orders text
);
CREATE INDEX carts_expiring ON carts (expires_at);

-- When something new was last sold in a relationship: an ending and a sale touch the same row.
ALTER TABLE customer_relationships ADD COLUMN last_sold_at timestamptz;
