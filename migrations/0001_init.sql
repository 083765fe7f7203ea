-- The state of communique. Times (`_at`) are milliseconds since 1970 in UTC; days (`_on`) are
-- 'YYYY-MM-DD' in the zone of their source. Nothing here names a person: chats are numbers.

-- A page or feed. Configured in communique.toml, mirrored here under its name; the rest is the
-- state of polling it.
create table source (
    id            integer primary key,
    name          text    not null unique,
    title         text    not null,
    url           text    not null,
    zone          text    not null,
    -- 0: no longer configured. Its entries and subscriptions are kept for the day it returns.
    watched       integer not null default 1 check (watched in (0, 1)),
    -- When the first healthy reading was stored, in silence. Until then nothing is new.
    baseline_at   integer,
    -- The last healthy reading, and the last poll of any outcome.
    read_at       integer,
    polled_at     integer,
    next_poll_at  integer not null,
    -- Polls in a row that were not healthy.
    failures      integer not null default 0 check (failures >= 0),
    -- What the last poll came to: a code (domain::source::Reason) and words for the operator.
    reason        text    not null default 'new',
    note          text,
    -- The operator said that the list of the next poll is right, however strange it looks.
    confirmed     integer not null default 0 check (confirmed in (0, 1)),
    -- Validators of the last healthy reading, byte for byte.
    etag          text,
    last_modified text,
    check ((baseline_at is null) = (read_at is null))
) strict;

-- An entry: one statement of one source. Never deleted, so that it can never be new again.
create table entry (
    id        integer primary key autoincrement,  -- rises in the order of publication
    source_id integer not null references source (id),
    -- The printed day; null when none was printed.
    date_on   text,
    -- The day it is sorted by: the printed one, but at most a day after it was first seen (a
    -- misprinted 2062 would stay on top for ever); without a printed day the day it was first seen.
    order_on  text    not null,
    seen_at   integer not null,
    title     text    not null,
    link      text,
    lead      text
) strict;
create index entry_newest on entry (source_id, order_on, id);

-- Every key under which an entry was ever listed: its address in each spelling that differs, its
-- day and title, its identifier in a feed. Kept for ever.
create table entry_key (
    source_id integer not null references source (id),
    key       text    not null,
    entry_id  integer not null references entry (id),
    primary key (source_id, key)
) strict, without rowid;
create index entry_key_entry on entry_key (entry_id);

-- What an entry was before an edit.
create table revision (
    id       integer primary key autoincrement,
    entry_id integer not null references entry (id),
    until_at integer not null,
    date_on  text,
    title    text    not null,
    link     text,
    lead     text
) strict;
create index revision_entry on revision (entry_id);

-- A counter of a page, or one that the operator configured for the source: its start day, and its
-- words with {days} for the number.
create table counter (
    source_id integer not null references source (id),
    key       text    not null,   -- the folded words; 'config:N' for configured ones
    since_on  text    not null,
    words     text    not null,
    position  integer not null,   -- its place among the counters of the source
    days      integer,            -- the number last printed; null: configured
    seen_at   integer,            -- when the page last showed it; null: configured
    primary key (source_id, key),
    check ((days is null) = (seen_at is null))
) strict, without rowid;

-- A chat that subscribed.
create table chat (
    id        integer primary key,                     -- Telegram's number
    kind      text    not null check (kind in ('private', 'group', 'channel')),
    lang      text    not null,
    joined_at integer not null
) strict;

-- Who gets what. thread_id is the topic of a forum, 0 where there is none.
create table subscription (
    source_id  integer not null references source (id),
    chat_id    integer not null references chat (id) on update cascade on delete cascade,
    thread_id  integer not null default 0,
    since_at   integer not null,
    primary key (source_id, chat_id, thread_id)
) strict, without rowid;
create index subscription_chat on subscription (chat_id, thread_id);

-- That there is something to tell: one row for one entry.
create table notification (
    id       integer primary key autoincrement,
    entry_id integer not null unique references entry (id),
    made_at  integer not null
) strict;

-- One message to one place: a push of a notification, or the answer to a command. The states:
--
--   pending ──claim──▶ in_flight ──▶ sent
--      ▲                   │  └────▶ dead (with the reason)
--      └──── to try again ─┘
--
-- A claim sets due_at to the end of its lease and counts the attempt; a settle names the attempt
-- that it settles. A row in flight whose lease has run out is claimed again: its answer was lost.
-- Answers have a lane of their own, which goes first, and are deleted when they are settled.
create table delivery (
    id              integer primary key autoincrement,
    lane            integer not null check (lane in (0, 1)),  -- 0: answer, 1: push
    notification_id integer references notification (id),
    html            text,               -- the text of an answer; a push is set when it is sent
    chat_id         integer not null,   -- no reference: the row outlives a chat that is gone
    thread_id       integer not null default 0,
    state           text    not null default 'pending'
                    check (state in ('pending', 'in_flight', 'sent', 'dead')),
    made_at         integer not null,
    due_at          integer not null,
    attempt         integer not null default 0 check (attempt >= 0),
    -- Sends that may have arrived although no answer came. More than none: it may be there twice.
    unanswered      integer not null default 0 check (unanswered >= 0),
    -- 1: Telegram could not read the markup, so the next attempt goes without any.
    plain           integer not null default 0 check (plain in (0, 1)),
    message_id      integer,
    settled_at      integer,
    reason          text,
    check ((lane = 0) = (notification_id is null)),
    check ((lane = 0) = (html is not null)),
    check ((state = 'sent') = (message_id is not null)),
    check ((state in ('sent', 'dead')) = (settled_at is not null)),
    check (state <> 'dead' or reason is not null),
    unique (notification_id, chat_id, thread_id)
) strict;
-- Open deliveries: by when they are due, and in the order of their place. Queries say `settled_at
-- is null` to the letter, since a partial index serves only a query that repeats its condition.
create index delivery_due on delivery (lane, due_at, id) where settled_at is null;
create index delivery_queue on delivery (chat_id, thread_id, lane, id) where settled_at is null;
create index delivery_settled on delivery (settled_at) where settled_at is not null;

-- Updates whose effect is in this database: one that Telegram sends again is dropped.
create table seen_update (
    update_id integer primary key,
    seen_at   integer not null
) strict;
create index seen_update_at on seen_update (seen_at);
