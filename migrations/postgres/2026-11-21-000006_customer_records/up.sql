-- Raised by each change of the billing profile: its etag.
ALTER TABLE customers ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE customers ADD COLUMN registration_number text;
CREATE INDEX customers_domain ON customers (domain);

-- Name and domain of the customer, folded, beside the partner: a search reads one index and no other table.
ALTER TABLE customer_relationships ADD COLUMN searched text NOT NULL DEFAULT '';
UPDATE customer_relationships
SET searched = (
    SELECT customers.company_name_folded || '
' || customers.domain FROM customers WHERE customers.organisation_id = customer_relationships.customer_id);
CREATE INDEX customer_relationships_searched
    ON customer_relationships (partner_id, customer_id, searched) WHERE until IS NULL;
CREATE INDEX customer_relationships_through
    ON customer_relationships (partner_id, provider_id, customer_id, searched) WHERE until IS NULL AND provider_id IS NOT NULL;

-- What a partner states of the customer's kind, for offers that are for one kind only.
CREATE TABLE customer_qualifications (
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    qualification text NOT NULL,
    details text NOT NULL,
    stated_by uuid NOT NULL REFERENCES organisations (id),
    stated_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, qualification)
);

-- Which agreement the customer has accepted, as a partner attests: once for each.
CREATE TABLE customer_agreements (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    template_id uuid NOT NULL,
    contact text NOT NULL,
    agreed_at timestamptz NOT NULL,
    attested_by uuid NOT NULL REFERENCES organisations (id),
    attested_by_user uuid,
    attested_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX customer_agreements_once ON customer_agreements (customer_id, template_id);

-- Domains of the customer's own, beside the one it began with.
CREATE TABLE customer_domains (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    domain text NOT NULL,
    details text NOT NULL,
    added_by uuid NOT NULL REFERENCES organisations (id),
    added_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX customer_domains_domain ON customer_domains (domain);
CREATE INDEX customer_domains_of ON customer_domains (customer_id, id);

-- Which enterprise applications a partner's application may use for the customer.
CREATE TABLE application_consents (
    customer_id uuid NOT NULL REFERENCES customers (organisation_id),
    partner_id uuid NOT NULL REFERENCES organisations (id),
    application_id uuid NOT NULL,
    details text NOT NULL,
    consented_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, partner_id, application_id)
);
