DROP INDEX customer_relationships_resellers;
DROP TABLE setup_infos;
DROP TABLE customer_drafts;
