//! Buttons that several kinds of messages share.

use crate::{
    domain::{Action, Button, ChatKind, EntryRef},
    lang::Lang,
};

/// Returns the button that shows a full text. In a private chat the text is sent there; elsewhere
/// the button leads to the private chat, so that one member does not flood the group. `None` if the
/// username of the bot, which the link needs, is unknown.
pub fn read(
    kind: ChatKind,
    username: Option<&str>,
    entry_ref: EntryRef,
    lang: Lang,
) -> Option<Button> {
    let text = lang.phrases().read;
    match (kind, username) {
        (ChatKind::Private, _) => Some(Button::new(text, &Action::Read(entry_ref, 0))),
        (_, Some(username)) => {
            Some(Button::open(text, format!("https://t.me/{username}?start=r{entry_ref}")))
        }
        (_, None) => None,
    }
}
