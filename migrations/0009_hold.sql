-- 1: the key was seen with two different statements, so it identifies none from then on.
alter table entry_key add column is_shared integer not null default 0 check (is_shared in (0, 1));

-- The numbers of the entries of the last list, oldest first, as a JSON list: an edit is told from a new
-- entry by its place among its neighbours.
alter table source add column listed text check (listed is null or json_valid(listed));
-- Parts of addresses that differ at every reading (domain::address::AddressPart), as a JSON list.
alter table source add column volatile text check (volatile is null or json_valid(volatile));
-- How often in a row the server said that nothing changed, and after how often it is asked without
-- validators; 0: it said so when something had, and is always asked without them.
alter table source add column unchanged integer not null default 0 check (unchanged >= 0);
alter table source add column unchanged_max integer not null default 10 check (unchanged_max >= 0);
-- Since when the source cannot be read, and whether its operator was told.
alter table source add column failing_since_at integer;
alter table source add column is_failure_told integer not null default 0 check (is_failure_told in (0, 1));

-- A list that is held: not believed until somebody says so, or a time has passed (domain::hold).
create table hold (
    source_id      integer primary key references source (id),
    since_at       integer not null,
    list_since_at  integer not null,
    counts_from_at integer not null,
    why            text    not null,
    entries        text    not null check (json_valid(entries)),
    decision       text    check (decision in ('post', 'store', 'wait')),
    asked_at       integer,
    asked          integer not null check (asked >= 0),
    -- 0: the known list came back. Kept so that one that comes and goes is not asked about each time.
    is_active      integer not null default 1 check (is_active in (0, 1))
) strict;

-- The operator takes whatever the source shows next, where a page came in the place of a feed.
alter table source rename column confirmed to takes_anything;

-- 1: something the operator has to know. It does not become useless with age.
alter table delivery add column is_notice integer not null default 0 check (is_notice in (0, 1));
create index delivery_notice on delivery (id) where is_notice = 1 and settled_at is null;
