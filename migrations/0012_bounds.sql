-- Statements whose whole text could not be had. Whoever asks again soon gets the same answer, and nothing
-- is fetched.
create table without_text (
    entry_id  integer primary key references entry (id),
    why       text    not null check (why in ('unreadable', 'no_text')),
    failed_at integer not null
) strict;
create index without_text_failed on without_text (failed_at);

-- What told a place its counters is found by the place.
create index delivery_daily on delivery (chat_id, thread_id) where daily_on is not null;

-- How many entries a source added since.
create index entry_seen on entry (source_id, seen_at);
