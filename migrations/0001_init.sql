-- The database of communique.
--
-- Conventions:
--
-- * Columns that end in `_at` are milliseconds since 1970 in UTC.
-- * Columns that end in `_on`, and `on_day`, are days: 'YYYY-MM-DD' in the zone of the source, unless
--   the comment names another zone.
-- * A place is a chat, or one topic of a forum: (chat_id, thread_id). thread_id is 0 where there is no
--   topic.
-- * Chats, users and messages are known only by their ids at Telegram. No names are stored.
-- * Lists and objects are JSON text.
-- * `autoincrement` is used where an id must never be given out twice, because buttons carry it or
--   because "later than" is decided by comparing ids. Ids are compared instead of times because a
--   clock may be set back.
-- * SQLite uses a partial index only for a query that repeats the condition of the index literally.
--   A bound parameter in its place is not enough. (`x is not null` also follows from `x = ?`.)


-- Sources and polling ----------------------------------------------------------------------------

-- A page or feed that is polled, with the state of polling it. Sources from communique.toml are
-- mirrored here under their name. Sources that users added in a chat exist only here.
create table source (
    id            integer primary key,
    name          text    not null unique,
    title         text    not null,
    url           text    not null,
    zone          text    not null,  -- IANA name of the time zone of its days
    -- Who added it: the operator in communique.toml, or users in a chat by its address. The latter is
    -- polled only while a place is subscribed to it, and is visible only to the places that are.
    origin        text    not null default 'operator' check (origin in ('operator', 'chat')),
    -- A random number that buttons and links carry. A user who presents it may read the entries of
    -- a source that users added in a chat. 0: none; sources of the operator are public.
    secret        integer not null default 0 check (secret between 0 and 4294967295),
    -- 1: /start subscribes to it. 0: it has to be chosen.
    is_default    integer not null default 1 check (is_default in (0, 1)),
    -- 0: no longer configured. Its entries and subscriptions are kept in case it returns.
    watched       integer not null default 1 check (watched in (0, 1)),

    -- When the baseline was stored, which announces nothing. Null: not yet, or not since
    -- a place subscribed again to a page that nobody had followed for a while.
    baseline_at   integer,
    -- The last healthy poll. A 304 response does not count.
    read_at       integer,
    -- The last poll, whatever its outcome.
    polled_at     integer,
    next_poll_at  integer not null,
    -- Consecutive polls that yielded no list. A list that is held counts as a list.
    failures      integer not null default 0 check (failures >= 0),
    -- The outcome of the last poll as a code (domain::source), and an explanation for the operator.
    reason        text    not null default 'new',
    note          text,
    -- Since when the source cannot be read, and whether this was reported to the operator.
    -- Null: it can be read.
    failing_since_at    integer,
    is_failure_reported integer not null default 0 check (is_failure_reported in (0, 1)),
    -- 1: the operator accepts whatever the next poll shows, even a page in the place of a feed.
    -- Reset by the next healthy poll.
    accepts_any_list    integer not null default 0 check (accepts_any_list in (0, 1)),
    -- When a decision about a held list last took effect. The entries that it added do not count
    -- towards the limit of entries per day.
    decided_at    integer,

    -- The kind of document of the last healthy poll: 'html', 'text', 'rss', 'atom' or 'json_feed'.
    -- It tells a page that replaced a feed from a source that never was a feed. Null: no healthy poll yet.
    kind          text,
    -- The feed that is polled instead of the page, while it is alive and as recent as the page.
    -- Null: the page itself is polled.
    feed_url      text,
    -- When the page and its feeds were last compared. Null: they are compared at the next poll.
    compared_at   integer,
    -- Validators of the last healthy poll, byte for byte. They belong to feed_url where it is set.
    etag          text,
    last_modified text,
    -- The number of consecutive 304 responses, and after how many of them a request has no validators.
    -- 0: a 304 response was wrong once, and no request has validators.
    not_modified     integer not null default 0 check (not_modified >= 0),
    not_modified_max integer not null default 10 check (not_modified_max >= 0),

    -- The entry ids of the last list, oldest first. The neighbors of an entry in it tell an edit from
    -- a new entry. An empty list does not replace it.
    last_list      text check (last_list is null or json_valid(last_list)),
    -- The parts of addresses that differ at every poll (domain::web_url). They are ignored when
    -- addresses are compared.
    volatile_parts text check (volatile_parts is null or json_valid(volatile_parts)),

    -- What the page last showed next to its list: lines with telephone numbers, postal and email
    -- addresses; and clocks, as pairs of a city and its offset from UTC in minutes.
    contacts      text check (contacts is null or json_valid(contacts)),
    clocks        text check (clocks is null or json_valid(clocks)),
    -- The last day for which the milestones of its counters were computed.
    milestones_on text,
    check ((baseline_at is null) = (read_at is null))
) strict;

-- A list of a source that looks wrong (domain::hold). Nothing of it is stored as entries or announced
-- until there is a decision, or until it has been held long enough.
create table hold (
    source_id      integer primary key references source (id),
    -- Since when no list of the source was accepted.
    since_at       integer not null,
    -- Since when it is this list. It identifies the list in buttons: a decision about an earlier list
    -- has no effect.
    list_since_at  integer not null,
    -- The start of the period after which the list is accepted without a decision.
    counts_from_at integer not null,
    -- Why it is held, and its entries that are not known, oldest first; both as JSON.
    reason         text    not null,
    entries        text    not null check (json_valid(entries)),
    -- 'post': accept and announce what is new. 'store': accept and announce nothing. 'wait': hold it
    -- for another period. Null: nobody has decided.
    decision       text    check (decision in ('post', 'store', 'wait')),
    -- When a question was last sent, and how many questions count towards the limit.
    asked_at       integer,
    times_asked    integer not null check (times_asked >= 0),
    -- 0: the hold has ended. The row is kept, so that nobody is asked each time about a list that comes
    -- and goes.
    is_active      integer not null default 1 check (is_active in (0, 1))
) strict;


-- Entries and search -----------------------------------------------------------------------------

-- A statement published by a source. Entries are never deleted: one that was deleted could be mistaken
-- for a new one later.
create table entry (
    id         integer primary key autoincrement,  -- within one poll: oldest first
    source_id  integer not null references source (id),
    -- The printed day. Null: none is printed.
    date_on    text,
    -- The day it is sorted by. This is the printed day, but at most one day after the entry was first
    -- seen: otherwise a misprint such as 2062 would stay on top for years. Without a printed day it is
    -- the day it was first seen.
    order_on   text    not null,
    seen_at    integer not null,
    title      text    not null,
    link       text,
    lead       text,   -- the summary
    -- 0: not in `search` yet. Entries that are missing there are added at the next start.
    is_indexed integer not null default 0 check (is_indexed in (0, 1))
) strict;
create index entry_newest on entry (source_id, order_on, id);
-- Queries must say `is_indexed = 0` literally.
create index entry_unindexed on entry (id) where is_indexed = 0;
-- For the number of entries that a source added since a given time.
create index entry_seen on entry (source_id, seen_at);

-- A key under which an entry was listed at some time: an address in one of its spellings, the day and
-- title, or the identifier in a feed. Known entries are recognized by their keys. Never deleted.
create table entry_key (
    source_id integer not null references source (id),
    key       text    not null,
    entry_id  integer not null references entry (id),  -- the first entry that had the key
    -- 1: different statements were seen under this key, so it no longer identifies any.
    is_shared integer not null default 0 check (is_shared in (0, 1)),
    primary key (source_id, key)
) strict, without rowid;
create index entry_key_entry on entry_key (entry_id);

-- An earlier version of an entry that was edited. The newest ones of each entry are kept.
create table revision (
    id       integer primary key autoincrement,
    entry_id integer not null references entry (id),
    until_at integer not null,  -- when the edit was detected
    date_on  text,
    title    text    not null,
    link     text,
    lead     text
) strict;
create index revision_entry on revision (entry_id);

-- The full text of an entry as JSON (domain::article). It is fetched when it is first asked for,
-- and deleted when the entry is edited.
create table article (
    entry_id   integer primary key references entry (id),
    body       text    not null check (json_valid(body)),
    fetched_at integer not null
) strict;

-- An entry whose full text could not be obtained. While the row is recent, the same reply is given, and
-- nothing is fetched.
create table article_failure (
    entry_id  integer primary key references entry (id),
    -- 'unreadable': the page could not be read. 'no_text': it contains no main text.
    reason    text    not null check (reason in ('unreadable', 'no_text')),
    failed_at integer not null
) strict;
create index article_failure_failed on article_failure (failed_at);

-- The full-text index of entries: their words, the stems of these words (domain::search_query), and the source
-- as a single word ('s' and its id). It stores no text: what is shown is read from `entry`.
-- The rowid is the number of the day (1 is 1 January of the year 1) times 1 000 000 000 plus the id of
-- the entry, so that a search can return the newest entries first without sorting.
-- contentless_delete needs SQLite 3.43 or later.
create virtual table search using fts5 (
    words, stems, source,
    content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
);


-- Chats and subscriptions ------------------------------------------------------------------------

-- A chat that uses the bot. It is deleted with everything that belongs to it when it leaves, or when
-- the bot is blocked or removed.
create table chat (
    -- Telegram's id. It changes when a group becomes a supergroup, hence `on update cascade` below.
    id             integer primary key,
    kind           text    not null check (kind in ('private', 'group', 'channel')),
    lang           text    not null,     -- language code
    -- 1: the language was chosen by hand. /start would choose another one.
    is_lang_chosen integer not null default 0 check (is_lang_chosen in (0, 1)),
    joined_at      integer not null,
    -- The settings that were chosen for the chat, as JSON (domain::settings). Null: none.
    settings       text    check (settings is null or json_valid(settings))
) strict;

-- A place that receives the entries of a source. The primary key is also the order in which a fan-out
-- visits the places of a source.
create table subscription (
    source_id integer not null references source (id),
    chat_id   integer not null references chat (id) on update cascade on delete cascade,
    thread_id integer not null default 0,
    since_at  integer not null,
    -- The last notification that existed when the place subscribed. It receives only later ones.
    -- An id instead of a time, because a clock may be set back.
    after_id  integer not null default 0,
    -- The settings that were chosen for this source in this place, as JSON. Whatever is not set here is
    -- as in chat.settings. Null: none.
    settings  text    check (settings is null or json_valid(settings)),
    primary key (source_id, chat_id, thread_id)
) strict, without rowid;
create index subscription_chat on subscription (chat_id, thread_id);


-- Counters ---------------------------------------------------------------------------------------

-- A day counter of a source: found on its page, or configured by the operator. Only the start day is
-- stored, so the number of days can be computed for any day.
create table counter (
    source_id integer not null references source (id),
    key       text    not null,  -- the normalized template; 'config:N' for a configured counter
    since_on  text    not null,
    template  text    not null,  -- the sentence, with {days} in place of the number
    position  integer not null,  -- its order among the counters of the source
    days      integer,           -- the number that the page last printed; null: configured
    seen_at   integer,           -- when the page last showed it; null: configured
    primary key (source_id, key),
    check ((days is null) = (seen_at is null))
) strict, without rowid;

-- A counter that a user added in a place.
create table custom_counter (
    id         integer primary key autoincrement,
    chat_id    integer not null references chat (id) on update cascade on delete cascade,
    thread_id  integer not null default 0,
    since_on   text    not null,  -- in the zone of the place; a day in the future is counted down to
    words      text    not null,  -- what is counted
    created_at integer not null
) strict;
create index custom_counter_place on custom_counter (chat_id, thread_id);

-- When a place is next sent its counters. It has a row if it asked for a daily message, or if it has
-- counters of its own.
create table counter_schedule (
    chat_id   integer not null references chat (id) on update cascade on delete cascade,
    thread_id integer not null default 0,
    -- The minute of the day, in the zone of the place, at which all counters are sent every day.
    -- Null: there is no daily message, and only milestones of its own counters are sent, in the morning.
    minute    integer check (minute between 0 and 1439),
    next_at   integer not null,
    primary key (chat_id, thread_id)
) strict, without rowid;
create index counter_schedule_next on counter_schedule (next_at);

-- A day on which a counter of a source reaches a round number or an anniversary. It is announced to all
-- places that are subscribed to the source.
create table milestone (
    id           integer primary key autoincrement,
    source_id    integer not null references source (id),
    -- The counter as it was when the milestone was found: the page may change it or drop it.
    key          text    not null,
    since_on     text    not null,
    template     text    not null,
    on_day       text    not null,
    created_at   integer not null,
    -- 1: all its deliveries are created.
    is_announced integer not null default 0 check (is_announced in (0, 1)),
    -- Until then, the last place whose delivery is created, as in `fanout`.
    chat_id      integer not null default -9223372036854775808,
    thread_id    integer not null default -9223372036854775808,
    unique (source_id, key, on_day)
) strict;


-- Notifications, fan-out and deliveries ----------------------------------------------------------

-- An announcement of one new entry, or of several at once (see digest_entry).
create table notification (
    id          integer primary key autoincrement,
    entry_id    integer not null unique references entry (id),  -- the newest entry that it announces
    created_at  integer not null,
    -- How many of its deliveries were sent, and how many failed, among those that have been deleted
    -- since. Settled deliveries are kept only for a limited time.
    sent_before integer not null default 0,
    dead_before integer not null default 0
) strict;

-- An entry of a digest. A digest is a notification that announces many entries in one message, for
-- example those that were published during an outage. All its entries have a row here,
-- notification.entry_id among them. A notification of a single entry has no rows here.
create table digest_entry (
    notification_id integer not null references notification (id),
    entry_id        integer not null unique references entry (id),
    primary key (notification_id, entry_id)
) strict, without rowid;

-- A notification for which not all deliveries are created yet. They are created in chunks, about as
-- fast as they can be sent. A million subscribed places thus cost one row and no long transaction.
create table fanout (
    notification_id integer primary key references notification (id),
    source_id       integer not null references source (id),
    -- The last place whose delivery is created, in the order of `subscription`. The default is the
    -- smallest integer, which is before the first place.
    chat_id         integer not null default -9223372036854775808,
    thread_id       integer not null default -9223372036854775808
) strict;

-- A message to one place: the reply to a command, a notification, a milestone, or the counters of a
-- day. Its states:
--
--   pending ──claim──▶ in_flight ──▶ sent
--      ▲                   │  └────▶ dead
--      └────── retry ──────┘
--
-- A claim counts the attempt and sets due_at to the end of its lease. Settling names the attempt, and
-- has no effect if another one has begun. A row that is still in flight when its lease has expired is
-- claimed again: the response of Telegram was lost. Sent and dead rows are deleted after some time.
--
-- Replies have their own lane, which goes first, and are deleted as soon as they are settled.
create table delivery (
    id              integer primary key autoincrement,
    -- 0: reply. 1: immediate. 2: deferred to a time that the chat chose, or about counters.
    lane            integer not null check (lane in (0, 1, 2)),
    chat_id         integer not null,  -- no foreign key: the row outlives its chat
    thread_id       integer not null default 0,

    -- What is sent: exactly one of these four. Only replies are stored as text; other messages are
    -- composed when they are sent, so that they are up to date.
    html            text,
    notification_id integer references notification (id),
    milestone_id    integer references milestone (id),
    daily_on        text,              -- the day whose counters are sent, in the zone of the place
    -- Only for replies: the buttons below the text, the message that it replaces, the message that it
    -- replies to, and the content of a file that has the text as its caption.
    buttons         text check (buttons is null or json_valid(buttons)),
    edit_id         integer,
    reply_id        integer,
    file            text,
    -- 1: a notice to the operator. Unlike replies it does not expire, and is not dropped when many
    -- replies wait for the same place.
    is_notice       integer not null default 0 check (is_notice in (0, 1)),
    -- The delivery whose message includes this one: several that wait for the same place are sent as
    -- one digest. It shares the outcome of that delivery. If that one is refused, this becomes null
    -- and the delivery is sent on its own.
    merged_into_id  integer references delivery (id) on delete set null,

    state           text    not null default 'pending'
                    check (state in ('pending', 'in_flight', 'sent', 'dead')),
    created_at      integer not null,
    due_at          integer not null,  -- when it may be sent; in flight: when its lease ends
    attempt         integer not null default 0 check (attempt >= 0),
    -- Attempts that ended without a response, or with a failure on Telegram's side. Each of them may
    -- have arrived, so the message may have been delivered more than once.
    unanswered      integer not null default 0 check (unanswered >= 0),
    -- Those of them that were made while Telegram answered other messages. Only these count towards
    -- giving the message up, unless Telegram answers nothing at all for days.
    ignored         integer not null default 0 check (ignored >= 0),
    -- 1: Telegram refused the message. It is sent once more as plain text: without markup, buttons,
    -- preview, reply or edit.
    plain           integer not null default 0 check (plain in (0, 1)),
    message_id      integer,
    settled_at      integer,           -- when it was sent or given up
    -- Dead: why it was given up. Sent: why it was sent as plain text, if it was. Pending: the last error.
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
-- Open deliveries, by due time and in the order of their place. Queries must say `settled_at is null`
-- literally: a partial index serves only a query that repeats its condition.
create index delivery_due on delivery (lane, due_at, id) where settled_at is null;
create index delivery_queue on delivery (chat_id, thread_id, lane, id) where settled_at is null;
-- Settled deliveries, by time and by chat. Queries must say `settled_at is not null` literally.
-- (Open deliveries of a chat are found with delivery_queue.)
create index delivery_settled on delivery (settled_at) where settled_at is not null;
create index delivery_chat on delivery (chat_id) where settled_at is not null;
create index delivery_merged on delivery (merged_into_id) where merged_into_id is not null;
-- Queries must say `is_notice = 1 and settled_at is null` literally.
create index delivery_notice on delivery (id) where is_notice = 1 and settled_at is null;
-- Queries must say `daily_on is not null` literally.
create index delivery_daily on delivery (chat_id, thread_id) where daily_on is not null;

-- The send rate that Telegram was found to accept. It is kept so that a restart does not have to find
-- it out again. There is at most one row.
create table rate_estimate (
    id          integer primary key check (id = 1),
    per_second  real    not null,  -- the configured limit it was found under, in messages per second
    fraction    real    not null check (fraction > 0 and fraction <= 1),  -- how much of it is used
    -- The lowest fraction at which Telegram recently asked to slow down. Null: none.
    ceiling     real,
    clean_sends integer not null check (clean_sends >= 0)  -- messages since the last 429
) strict;


-- Jobs -------------------------------------------------------------------------------------------

-- Something that has to be fetched before a user gets a reply: the full text of an entry ('read'), or a
-- page that they want to add ('watch'). The row is deleted in the transaction that enqueues the reply.
create table job (
    id            integer primary key autoincrement,
    kind          text    not null check (kind in ('read', 'watch')),
    -- Where it was asked, and where the reply goes. No foreign key: the chat need not be known.
    chat_id       integer not null,
    thread_id     integer not null default 0,
    -- The channel that is to be subscribed, if that is not the chat where it was asked.
    about_chat_id integer,
    reply_id      integer,           -- the message to reply to
    lang          text    not null,  -- the language of the reply
    -- The host it is fetched from, without 'www.'. The jobs that run at the same time are limited for
    -- each host.
    host          text    not null,
    entry_id      integer references entry (id),
    url           text,
    created_at    integer not null,
    due_at        integer not null,  -- when it may be started; running: when its lease ends
    attempt       integer not null default 0 check (attempt >= 0),  -- how many times it was started
    check ((kind = 'read') = (entry_id is not null)),
    check ((kind = 'watch') = (url is not null))
) strict;
create index job_due on job (due_at);
create index job_chat on job (chat_id);
create index job_host on job (host);

-- A page that was fetched for a user who wants to add it. The reply shows what was extracted, with a
-- button that carries the id and subscribes to the page. Rows are deleted after some days.
create table watch_candidate (
    id         integer primary key autoincrement,
    url        text    not null,
    title      text    not null,
    chat_id    integer not null,  -- only this chat may use it
    created_at integer not null
) strict;


-- Updates, and the account of the bot -------------------------------------------------------------

-- The account of the bot, as Telegram last reported it. It is used in links to the bot. There is at most
-- one row.
create table bot (
    id       integer primary key check (id = 1),
    username text not null
) strict;

-- An update from Telegram whose effect is already in this database. If Telegram sends it again, it
-- is ignored. Rows are deleted when Telegram can no longer send the update again: ids of updates
-- restart at a random number after a week without updates, so an old id may come back as a new
-- update.
create table seen_update (
    update_id integer primary key,
    seen_at   integer not null
) strict;
create index seen_update_at on seen_update (seen_at);

-- An update that waits for something that takes time: a request to Telegram, a search, or an earlier
-- update of the same chat. Once the row is stored, the update is confirmed to Telegram, so that other
-- updates are not held up.
create table pending_update (
    -- The order of arrival, which update_id does not give (see seen_update).
    id          integer primary key autoincrement,
    update_id   integer not null unique,
    chat_id     integer not null,
    body        text    not null check (json_valid(body)),
    received_at integer not null,
    -- How many times handling it failed because of the update itself. After several failures it is
    -- dropped.
    attempts    integer not null default 0,
    -- Only for /stop from a user who sends too many requests. It is not ignored, but handled after the
    -- updates of others. stop_of is who sent it (0: it was sent on behalf of the chat), stop_what is
    -- what it stops. The same /stop sent again replaces the row.
    stop_of     integer,
    stop_what   text
) strict;
create index pending_update_of_chat on pending_update (chat_id, id);
create index pending_update_stop on pending_update (chat_id, stop_of, id) where stop_of is not null;


-- Removals ---------------------------------------------------------------------------------------

-- A place that sent /stop and would lose something that /start does not bring back. All that it had is
-- kept until delete_at. Until then it can be restored, and none of it has any effect.
--
-- The rows are moved out of the tables above into the removed_* tables. Thus nothing that counts
-- subscriptions, sends counters or claims deliveries has to take removals into account.
create table pending_removal (
    chat_id         integer not null references chat (id) on update cascade on delete cascade,
    thread_id       integer not null default 0,
    delete_at       integer not null,
    -- The last ids that were given out when the place stopped. Rows with greater ids came later.
    -- Ids instead of times, because a clock may be set back.
    notification_id integer not null,
    milestone_id    integer not null,
    delivery_id     integer not null,
    -- Its row of counter_schedule. Both null: it had none.
    schedule_minute  integer check (schedule_minute between 0 and 1439),
    schedule_next_at integer,
    check (schedule_minute is null or schedule_next_at is not null),
    primary key (chat_id, thread_id)
) strict, without rowid;
create index pending_removal_due on pending_removal (delete_at);

-- A subscription of a place that was stopped.
create table removed_subscription (
    chat_id   integer not null,
    thread_id integer not null,
    source_id integer not null references source (id),
    since_at  integer not null,
    settings  text    check (settings is null or json_valid(settings)),
    primary key (chat_id, thread_id, source_id),
    foreign key (chat_id, thread_id) references pending_removal (chat_id, thread_id)
        on update cascade on delete cascade
) strict, without rowid;
create index removed_subscription_source on removed_subscription (source_id);

-- A custom counter of a place that was stopped. It keeps its id.
create table removed_counter (
    id         integer primary key,
    chat_id    integer not null,
    thread_id  integer not null,
    since_on   text    not null,
    words      text    not null,
    created_at integer not null,
    foreign key (chat_id, thread_id) references pending_removal (chat_id, thread_id)
        on update cascade on delete cascade
) strict;
create index removed_counter_place on removed_counter (chat_id, thread_id);

-- A delivery that was not sent yet to a place that was stopped. It keeps its id, so that after a restore
-- it goes before later ones. merged_into_id is not kept: it is decided again when it is sent. Replies
-- are not moved here.
create table removed_delivery (
    id              integer primary key,
    lane            integer not null check (lane in (1, 2)),
    chat_id         integer not null,
    thread_id       integer not null,
    notification_id integer references notification (id),
    milestone_id    integer references milestone (id),
    daily_on        text,
    created_at      integer not null,
    due_at          integer not null,
    attempt         integer not null,
    unanswered      integer not null,
    ignored         integer not null,
    plain           integer not null,
    foreign key (chat_id, thread_id) references pending_removal (chat_id, thread_id)
        on update cascade on delete cascade
) strict;
create index removed_delivery_place on removed_delivery (chat_id, thread_id);
