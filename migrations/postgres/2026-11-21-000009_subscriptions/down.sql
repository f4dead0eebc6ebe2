ALTER TABLE customer_relationships DROP COLUMN last_sold_at;
DROP TABLE carts;
DROP TABLE support_contacts;
DROP TABLE association_periods;
DROP TABLE order_lines;
DROP TABLE subscriptions;
DROP TABLE orders;
DROP TABLE offers;
