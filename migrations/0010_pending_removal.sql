-- A place that sent /stop where something would be lost: all of it is kept here, and nothing of it
-- takes effect, until `delete_at`. Then it is deleted, unless somebody restored it before.
--
-- The rows are moved out of the tables of what is in force, so that whoever counts subscriptions, tells
-- counters or claims deliveries needs to know nothing of this.
create table pending_removal (
    chat_id         integer not null references chat (id) on update cascade on delete cascade,
    thread_id       integer not null default 0,
    delete_at       integer not null,
    -- The last numbers that were given when it stopped: what has a greater one came since. Numbers and no
    -- times, since a clock may be set back.
    notification_id integer not null,
    milestone_id    integer not null,
    delivery_id     integer not null,
    -- Its row of `agenda`, if it had one.
    agenda_minute   integer check (agenda_minute between 0 and 1439),
    agenda_next_at  integer,
    check (agenda_minute is null or agenda_next_at is not null),
    primary key (chat_id, thread_id)
) strict, without rowid;
create index pending_removal_due on pending_removal (delete_at);

create table removed_subscription (
    chat_id   integer not null,
    thread_id integer not null,
    source_id integer not null references source (id),
    since_at  integer not null,
    settings  text check (settings is null or json_valid(settings)),
    primary key (chat_id, thread_id, source_id),
    foreign key (chat_id, thread_id) references pending_removal (chat_id, thread_id)
        on update cascade on delete cascade
) strict, without rowid;
create index removed_subscription_source on removed_subscription (source_id);

create table removed_counter (
    id        integer primary key,
    chat_id   integer not null,
    thread_id integer not null,
    since_on  text    not null,
    words     text    not null,
    made_at   integer not null,
    foreign key (chat_id, thread_id) references pending_removal (chat_id, thread_id)
        on update cascade on delete cascade
) strict;
create index removed_counter_place on removed_counter (chat_id, thread_id);

-- What waited to be sent. What one message would have told together is found out again when it is sent.
create table removed_delivery (
    id              integer primary key,
    lane            integer not null check (lane in (1, 2)),
    notification_id integer references notification (id),
    milestone_id    integer references milestone (id),
    daily_on        text,
    chat_id         integer not null,
    thread_id       integer not null,
    made_at         integer not null,
    due_at          integer not null,
    attempt         integer not null,
    unanswered      integer not null,
    ignored         integer not null,
    plain           integer not null,
    foreign key (chat_id, thread_id) references pending_removal (chat_id, thread_id)
        on update cascade on delete cascade
) strict;
create index removed_delivery_place on removed_delivery (chat_id, thread_id);

-- 1: somebody chose the language; /start would take another one.
alter table chat add column is_lang_chosen integer not null default 0 check (is_lang_chosen in (0, 1));
