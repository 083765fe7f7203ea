-- What sort of document the last healthy reading was (domain::reading::Kind), so that a page in the
-- place of a feed is told from a feed that never was one. Null until the next healthy reading.
alter table source add column kind text;
