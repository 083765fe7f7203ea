-- What a chat chose (domain::settings::Choices), as JSON; null: nothing yet.
alter table chat add column settings text check (settings is null or json_valid(settings));
-- The same for one source in one place; what is not chosen here is as the chat has it.
alter table subscription add column settings text check (settings is null or json_valid(settings));

-- Who had the source watched: the operator, by his file, or people of chats, by its address. One of the
-- latter is read only while somebody is subscribed to it, and seen only by who is.
alter table source add column origin text not null default 'operator' check (origin in ('operator', 'chat'));
-- What nobody guesses about a page that people of a chat had watched: who knows it may read its entries.
alter table source add column tag integer not null default 0 check (tag between 0 and 4294967295);
-- 0: subscribed only where it is chosen, 1: by /start as well.
alter table source add column is_default integer not null default 1 check (is_default in (0, 1));
-- What its page last showed beside the list: telephone, address and mail lines, and clocks with their
-- distance from UTC in minutes, as JSON lists.
alter table source add column contacts text check (contacts is null or json_valid(contacts));
alter table source add column clocks text check (clocks is null or json_valid(clocks));

-- The whole text of an entry (domain::Article) as JSON, once somebody asked for it.
create table article (
    entry_id   integer primary key references entry (id),
    body       text    not null check (json_valid(body)),
    fetched_at integer not null
) strict;

-- Full text: the words of entries and their stems (domain::words), and the source as a word of its own.
-- Nothing but an index: what is shown comes from `entry`. The number of a row is that of the day times
-- a thousand million plus the number of the entry, so that the newest are found first.
create virtual table search using fts5 (
    words, stems, source,
    content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
);
-- 0: not in there yet. What was known before there was a search is put in at the next start.
alter table entry add column searchable integer not null default 0 check (searchable in (0, 1));
create index entry_unsearchable on entry (id) where searchable = 0;

-- What has to be fetched for somebody before he can be answered: the whole text of an entry, or a page
-- that he wants watched.
create table errand (
    id        integer primary key autoincrement,
    kind      text    not null check (kind in ('read', 'watch')),
    chat_id   integer not null,
    thread_id integer not null default 0,
    -- The channel that it is about, if that is not the chat where it was asked.
    about_chat_id integer,
    -- Where it is fetched from: no host is asked for too many things at a time.
    host      text    not null,
    reply_id  integer,
    lang      text    not null,
    entry_id  integer references entry (id),
    url       text,
    made_at   integer not null,
    due_at    integer not null,
    attempt   integer not null default 0 check (attempt >= 0),
    check ((kind = 'read') = (entry_id is not null)),
    check ((kind = 'watch') = (url is not null))
) strict;
create index errand_due on errand (due_at);
create index errand_chat on errand (chat_id);
create index errand_host on errand (host);

-- A page that somebody may subscribe to, after he was shown what is read on it.
create table probe (
    id      integer primary key autoincrement,
    url     text    not null,
    title   text    not null,
    chat_id integer not null,
    made_at integer not null
) strict;

-- Counters of a place's own.
create table own_counter (
    id        integer primary key autoincrement,
    chat_id   integer not null references chat (id) on update cascade on delete cascade,
    thread_id integer not null default 0,
    since_on  text    not null,
    words     text    not null,
    made_at   integer not null
) strict;
create index own_counter_place on own_counter (chat_id, thread_id);

-- When something about counters is told next in a place that asked for it: every day at this minute, or
-- (null) where only milestones of its own counters are told, in the morning.
create table agenda (
    chat_id   integer not null references chat (id) on update cascade on delete cascade,
    thread_id integer not null default 0,
    minute    integer check (minute between 0 and 1439),
    next_at   integer not null,
    primary key (chat_id, thread_id)
) strict, without rowid;
create index agenda_next on agenda (next_at);

-- A day that is worth a word about a counter of a page. Told to all who are subscribed to its source;
-- the last place that has its delivery is kept, as in `fanout`, until all have.
create table milestone (
    id        integer primary key autoincrement,
    source_id integer not null references source (id),
    key       text    not null,
    since_on  text    not null,
    words     text    not null,
    on_day    text    not null,
    made_at   integer not null,
    is_told   integer not null default 0 check (is_told in (0, 1)),
    chat_id   integer not null default -9223372036854775808,
    thread_id integer not null default -9223372036854775808,
    unique (source_id, key, on_day)
) strict;
-- The last day whose milestones were looked for.
alter table source add column milestones_on text;

-- Who the bot is, as Telegram last said; for links to it.
create table bot (
    id       integer primary key check (id = 1),
    username text not null
) strict;

-- Deliveries, with a third lane, of what waits for a time that the chat chose; with what tells of
-- counters; and with all that an answer can be: buttons, an edit of a message, a file.
create table delivery_new (
    id              integer primary key autoincrement,
    lane            integer not null check (lane in (0, 1, 2)),  -- 0: answer, 1: now, 2: later
    notification_id integer references notification (id),
    milestone_id    integer references milestone (id),
    daily_on        text,               -- the day whose counters are told, in the zone of the chat
    html            text,               -- the text of an answer; other texts are set when they are sent
    buttons         text check (buttons is null or json_valid(buttons)),
    edit_id         integer,            -- the message that this becomes
    reply_id        integer,            -- the message that it answers
    file            text,               -- the contents of a file whose caption it is
    chat_id         integer not null,   -- no reference: the row outlives a chat that is gone
    thread_id       integer not null default 0,
    state           text    not null default 'pending'
                    check (state in ('pending', 'in_flight', 'sent', 'dead')),
    made_at         integer not null,
    due_at          integer not null,
    attempt         integer not null default 0 check (attempt >= 0),
    unanswered      integer not null default 0 check (unanswered >= 0),
    ignored         integer not null default 0 check (ignored >= 0),
    plain           integer not null default 0 check (plain in (0, 1)),
    carrier_id      integer references delivery_new (id) on delete set null,
    message_id      integer,
    settled_at      integer,
    reason          text,
    check ((lane = 0) = (html is not null)),
    check ((html is not null) + (notification_id is not null) + (milestone_id is not null)
        + (daily_on is not null) = 1),
    check (html is not null or (buttons is null and edit_id is null and reply_id is null and file is null)),
    check ((state = 'sent') = (message_id is not null)),
    check ((state in ('sent', 'dead')) = (settled_at is not null)),
    check (state <> 'dead' or reason is not null),
    unique (notification_id, chat_id, thread_id),
    unique (milestone_id, chat_id, thread_id),
    unique (daily_on, chat_id, thread_id)
) strict;
insert into delivery_new (id, lane, notification_id, html, chat_id, thread_id, state, made_at, due_at,
        attempt, unanswered, ignored, plain, carrier_id, message_id, settled_at, reason)
    select id, lane, notification_id, html, chat_id, thread_id, state, made_at, due_at,
        attempt, unanswered, ignored, plain, carrier_id, message_id, settled_at, reason
    from delivery order by carrier_id is not null, id;
-- Numbers go on from where they were.
insert into sqlite_sequence (name, seq)
    select 'delivery_new', 0 where not exists (select 1 from sqlite_sequence where name = 'delivery_new');
update sqlite_sequence set seq = max(seq,
        ifnull((select seq from sqlite_sequence where name = 'delivery'), 0))
    where name = 'delivery_new';
drop table delivery;
alter table delivery_new rename to delivery;
create index delivery_due on delivery (lane, due_at, id) where settled_at is null;
create index delivery_queue on delivery (chat_id, thread_id, lane, id) where settled_at is null;
create index delivery_settled on delivery (settled_at) where settled_at is not null;
create index delivery_chat on delivery (chat_id) where settled_at is not null;
create index delivery_carrier on delivery (carrier_id) where carrier_id is not null;
