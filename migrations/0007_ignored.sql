-- Of the attempts counted by `unanswered` those that were made while Telegram answered others: they alone
-- are held against the message.
alter table delivery add column ignored integer not null default 0 check (ignored >= 0);
