DROP TABLE release_requests;
DROP INDEX devices_user;
DROP INDEX devices_serial;
DROP INDEX devices_of_customer;
CREATE INDEX devices_of_customer ON devices (customer_id, id) WHERE released_at IS NULL;
