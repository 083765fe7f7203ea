-- The entries of a digest: of a notification that tells of many at once, so that what came during an
-- outage is one message and no flood. The notification's own entry, the newest, is among them.
create table digest_entry (
    notification_id integer not null references notification (id),
    entry_id        integer not null unique references entry (id),
    primary key (notification_id, entry_id)
) strict, without rowid;
