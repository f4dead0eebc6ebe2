DROP TABLE consumed_licenses;
DROP TABLE license_assignments;
DROP TABLE customer_users;
