DROP TABLE tenant_owners;
DROP TABLE administration_notices;
DROP TABLE delegated_admin_operations;
DROP TABLE assigned_roles;
DROP TABLE access_assignments;
DROP TABLE delegated_admin_requests;
DROP TABLE delegated_admin_relationships;
-- The grants keep their shape: what they have become could not be told in the one before.
DROP INDEX administration_grants_ending;
