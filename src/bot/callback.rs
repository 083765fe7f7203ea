//! Callback queries: what a button changes, and what becomes of its message.
//!
//! Guarantees: callback data is not trusted. A permission that an action needs is checked at each
//! press.
//! Out of scope: the codec of callback data (`domain::callback`).

use super::{
    commands::{archive, counter, latest, read, search, settings, sources, stop, watch},
    context::Context,
    holds,
    permission::{Permission, PermissionFacts},
    registry::CATALOG,
    reply::{CallbackMessage, CallbackReply, Handled},
};
use crate::{
    domain::{AccessPolicy, Action, ButtonKind, ChatKind, Message, Reply},
    store::{Result, UpdateTx},
    telegram::CallbackQuery,
};

/// Handles a callback query. `action` is `None` for data of another version.
pub(super) async fn handle_callback(
    tx: &mut UpdateTx,
    query: &CallbackQuery,
    action: Option<&Action>,
    facts: PermissionFacts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Handled> {
    let known = tx.chat(query.place.chat).await?;
    let lang = known.map_or(query.lang, |chat| chat.lang);
    let toast = |words: &str| Handled { toast: Some(words.to_owned()), ..Handled::default() };
    let Some(action) = action else {
        return Ok(toast(lang.phrases().button_old));
    };
    let target = action.target().unwrap_or(query.place);
    let is_elsewhere = target.chat != query.place.chat;
    let target_kind = match is_elsewhere {
        true => tx.chat(target.chat).await?.map_or(ChatKind::Channel, |chat| chat.kind),
        false => query.kind,
    };
    let context = Context {
        place: query.place,
        kind: query.kind,
        target,
        target_kind,
        channel: None,
        lang,
        // In their private chat a user may do everything.
        permission: match is_elsewhere || query.kind != ChatKind::Private {
            true => facts.permission,
            false => Permission::Granted,
        },
        user_id: Some(query.user_id),
        message_id: query.message_id,
        policy,
        username,
        catalog: &CATALOG,
    };
    let requires_admin = action.requires_admin(query.kind);
    if (is_elsewhere || requires_admin)
        && let Some(refusal) = context.refusal()
    {
        return Ok(toast(refusal));
    }
    // Readers of a channel have nothing to ask of the bot there.
    if query.kind == ChatKind::Channel && !requires_admin {
        return Ok(Handled::default());
    }
    let CallbackReply { message, toast } = run_action(tx, context, action, query).await?;
    let reply = message.map(|message| match message {
        CallbackMessage::Edit(message) => {
            Reply { edit_id: Some(query.message_id), ..Reply::new(query.place, message) }
        }
        CallbackMessage::Send(message) => Reply::new(query.place, message),
    });
    Ok(Handled { replies: reply.into_iter().collect(), toast })
}

/// Removes the buttons of a channel's message that any reader could press: an archive page that one
/// reader turns is turned for all. What is for admins, or opens an address, remains.
pub(super) fn retain_admin_buttons(message: &mut Message) {
    for row in &mut message.buttons {
        row.retain(|button| match &button.press {
            ButtonKind::Url(_) => true,
            ButtonKind::Callback(data) => {
                Action::decode(data).is_some_and(|action| action.requires_admin(ChatKind::Channel))
            }
        });
    }
    message.buttons.retain(|row| !row.is_empty());
}

async fn run_action(
    tx: &mut UpdateTx,
    context: Context<'_>,
    action: &Action,
    query: &CallbackQuery,
) -> Result<CallbackReply> {
    Ok(match action {
        Action::Read(entry_ref, part) => {
            read::handle_callback(tx, context, *entry_ref, *part).await?
        }
        Action::Latest => {
            CallbackReply::send(latest::show(tx, context, latest::Newest::default()).await?)
        }
        Action::Counters => CallbackReply::send(counter::show(tx, context).await?),
        Action::Sources(_, page) => CallbackReply::edit(sources::show(tx, context, *page).await?),
        Action::Subscribe(_, source_id, change) => {
            sources::handle_callback(tx, context, *source_id, *change).await?
        }
        Action::Archive(query) => CallbackReply::edit(archive::show(tx, context, *query).await?),
        Action::ArchiveSources => CallbackReply::edit(archive::sources(tx, context).await?),
        Action::ArchiveMonths(source_id, year) => {
            CallbackReply::edit(archive::months(tx, context, *source_id, *year).await?)
        }
        Action::Search(cursor) => {
            search::handle_callback(tx, context, query.words.as_deref(), *cursor).await?
        }
        Action::Settings(_, source_id, page) => {
            settings::turn_to(tx, context, *source_id, *page).await?
        }
        Action::Set(_, source_id, setting) => {
            settings::change(tx, context, *source_id, *setting).await?
        }
        Action::Watch(_, candidate_id, answer) => {
            watch::handle_callback(tx, context, *candidate_id, *answer).await?
        }
        Action::Hold(hold, decision) => holds::decide(tx, context, *hold, *decision).await?,
        Action::RemoveCounter(_, id) => counter::remove_by_id(tx, context, *id).await?,
        Action::Restore(_) => stop::restore(tx, context).await?,
    })
}
