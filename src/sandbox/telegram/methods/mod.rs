//! The methods of the Bot API that the sandbox answers, by subject.

pub(crate) mod chats;
pub(crate) mod menus;
pub(crate) mod messages;
pub(crate) mod queries;
