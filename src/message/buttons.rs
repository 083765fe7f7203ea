//! Buttons that stand below several kinds of messages.

use crate::{
    domain::{Action, Button, ChatKind, EntryRef},
    lang::Lang,
};

/// The button that shows a whole statement. In a private chat it comes there; elsewhere it leads to the
/// private chat, so that nobody floods a group with what one of its members wants to read. Without the
/// bot's name there is no way there.
pub fn read(
    kind: ChatKind,
    username: Option<&str>,
    handle: EntryRef,
    lang: Lang,
) -> Option<Button> {
    let text = lang.phrases().read;
    match (kind, username) {
        (ChatKind::Private, _) => Some(Button::new(text, &Action::Read(handle, 0))),
        (_, Some(username)) => {
            Some(Button::open(text, format!("https://t.me/{username}?start=r{handle}")))
        }
        (_, None) => None,
    }
}
