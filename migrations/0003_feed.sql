-- The feed that is read in the page's stead, while it is alive and as fresh as the page; the validators
-- are its then. Null: the page itself is read.
alter table source add column feed_url text;
-- When page and feeds were last compared.
alter table source add column compared_at integer;
