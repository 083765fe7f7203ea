-- Updates in line: how often one failed by a fault of its own. One that fails again and again is given up.
alter table pending_update add column attempts integer not null default 0;

-- A `/stop` of somebody who asks too much: it is not passed over, but waits behind what others ask. Who said
-- it (0 where they speak for a chat), and what it is to stop. The same said again takes its place.
alter table pending_update add column stop_of integer;
alter table pending_update add column stop_what text;
create index pending_update_stop on pending_update (chat_id, stop_of, id) where stop_of is not null;

-- When it was last decided about a list that was held: what it added counts no more for how many entries
-- may come in a day.
alter table source add column decided_at integer;
