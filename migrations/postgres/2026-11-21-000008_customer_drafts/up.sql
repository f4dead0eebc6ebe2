-- What people of a provider are about to create: the customer and who gets its setup info as JSON, because it may be
-- incomplete. Gone when it is cancelled and once it has expired; a submitted one names its customer until then.
CREATE TABLE customer_drafts (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES organisations (id),
    created_by uuid,
    contents text NOT NULL,
    reseller_id uuid,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    customer_id uuid REFERENCES customers (organisation_id)
);
CREATE INDEX customer_drafts_of ON customer_drafts (provider_id, id);
CREATE INDEX customer_drafts_expiring ON customer_drafts (expires_at);

-- To whom the setup info of a customer's admin was handed over by a link. Neither the link nor a password is here.
CREATE TABLE setup_infos (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    user_id uuid NOT NULL REFERENCES users (id),
    partner_id uuid NOT NULL REFERENCES organisations (id),
    recipient_name text NOT NULL,
    recipient_email text NOT NULL,
    language text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'revealed', 'replaced')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX setup_infos_of ON setup_infos (customer_id, created_at);
CREATE UNIQUE INDEX setup_infos_open ON setup_infos (customer_id) WHERE state = 'open';
CREATE INDEX setup_infos_expiring ON setup_infos (expires_at);

-- The resellers through whom a provider serves customers, for the filter of its list.
CREATE INDEX customer_relationships_resellers ON customer_relationships (provider_id, partner_id) WHERE until IS NULL;
