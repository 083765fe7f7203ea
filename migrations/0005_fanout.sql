-- A notification whose deliveries are not all made yet. They are made as they can be sent, a few
-- hundred at a time, so that a million subscribed places cost one row here and no long transaction.
create table fanout (
    notification_id integer primary key references notification (id),
    source_id       integer not null references source (id),
    -- The last place that has its delivery, in the order of `subscription`; before the first: the
    -- least number there is.
    chat_id         integer not null default -9223372036854775808,
    thread_id       integer not null default -9223372036854775808
) strict;

-- The last notification there was when the place subscribed: it gets those after it. A number and no
-- time, since a clock may be set back.
alter table subscription add column after_id integer not null default 0;

-- The delivery whose message tells of this one as well: what has gathered while Telegram could not be
-- reached goes as one digest. It shares the fate of that message, unless that is refused.
alter table delivery add column carrier_id integer references delivery (id) on delete set null;
create index delivery_carrier on delivery (carrier_id) where carrier_id is not null;

-- Deliveries that are deleted after a time are kept as totals.
alter table notification add column sent_before integer not null default 0;
alter table notification add column dead_before integer not null default 0;

-- How fast Telegram was found to let messages pass (domain::delivery::Lesson), so that a restart does
-- not have to find it out again.
create table lesson (
    id         integer primary key check (id = 1),
    per_second real    not null,
    share      real    not null check (share > 0 and share <= 1),
    ceiling    real,
    clean      integer not null check (clean >= 0)
) strict;
