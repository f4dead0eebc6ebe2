-- Raised by each change of the billing profile: its etag.
ALTER TABLE customers ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE customers ADD COLUMN registration_number TEXT;
CREATE INDEX customers_domain ON customers (domain);

-- Name and domain of the customer, folded, beside the partner: a search reads one index and no other table.
ALTER TABLE customer_relationships ADD COLUMN searched TEXT NOT NULL DEFAULT '';
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
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    qualification TEXT NOT NULL,
    details TEXT NOT NULL,
    stated_by BLOB NOT NULL REFERENCES organisations (id),
    stated_at INTEGER NOT NULL,
    PRIMARY KEY (customer_id, qualification)
) STRICT;

-- Which agreement the customer has accepted, as a partner attests: once for each.
CREATE TABLE customer_agreements (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    template_id BLOB NOT NULL,
    contact TEXT NOT NULL,
    agreed_at INTEGER NOT NULL,
    attested_by BLOB NOT NULL REFERENCES organisations (id),
    attested_by_user BLOB,
    attested_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX customer_agreements_once ON customer_agreements (customer_id, template_id);

-- Domains of the customer's own, beside the one it began with.
CREATE TABLE customer_domains (
    id BLOB PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    domain TEXT NOT NULL,
    details TEXT NOT NULL,
    added_by BLOB NOT NULL REFERENCES organisations (id),
    added_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX customer_domains_domain ON customer_domains (domain);
CREATE INDEX customer_domains_of ON customer_domains (customer_id, id);

-- Which enterprise applications a partner's application may use for the customer.
CREATE TABLE application_consents (
    customer_id BLOB NOT NULL REFERENCES customers (organisation_id),
    partner_id BLOB NOT NULL REFERENCES organisations (id),
    application_id BLOB NOT NULL,
    details TEXT NOT NULL,
    consented_at INTEGER NOT NULL,
    PRIMARY KEY (customer_id, partner_id, application_id)
) STRICT;
