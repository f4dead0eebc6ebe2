DROP TABLE relationship_links;
DROP TABLE relationship_requests;
