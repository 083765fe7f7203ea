-- What became of the messages to a chat, so that a chat which leaves is forgotten without a look at
-- everybody else's. (Its open ones are found by delivery_queue.)
create index delivery_chat on delivery (chat_id) where settled_at is not null;
