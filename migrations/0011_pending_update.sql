-- Updates that wait for something that takes time: an answer of Telegram, a search, or an earlier update of
-- the same chat. Telegram is told that they were taken once they are here, so that the others go on.
create table pending_update (
    -- In the order in which they came; numbers of updates start anew after a quiet week.
    id          integer primary key autoincrement,
    update_id   integer not null unique,
    chat_id     integer not null,
    body        text not null check (json_valid(body)),
    received_at integer not null
) strict;
create index pending_update_of_chat on pending_update (chat_id, id);
