DROP INDEX customer_relationships_through;
DROP TABLE setup_infos;
DROP TABLE customer_drafts;
