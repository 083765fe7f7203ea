//! Buttons: what a press changes, and what becomes of the message that the button stands below.

use super::{
    Context, Handled, Permission, PermissionFacts,
    commands::{archive, counter, latest, read, search, settings, sources, stop, watch},
    holds,
};
use crate::{
    domain::{
        AccessPolicy, Action, ButtonKind, ChatKind, Message, Reply, callback::SettingsPage,
        search_query::Query,
    },
    message,
    store::{Result, UpdateTx},
    telegram::CallbackQuery,
};

/// What a press comes to.
pub(super) enum CallbackReply {
    /// The message becomes this.
    Edit(Message),
    /// A new message.
    New(Message),
    /// Nothing that is seen now.
    Nothing,
}

pub(super) async fn handle_callback(
    tx: &mut UpdateTx,
    pressed: &CallbackQuery,
    facts: PermissionFacts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Handled> {
    let known = tx.chat(pressed.place.chat).await?;
    let lang = known.map_or(pressed.lang, |chat| chat.lang);
    let phrases = lang.phrases();
    let words = |words: &str| Handled { toast: Some(words.to_owned()), ..Handled::default() };
    let Some(action) = Action::decode(&pressed.data) else {
        return Ok(words(phrases.button_old));
    };
    let target = action.target().unwrap_or(pressed.place);
    let is_elsewhere = target.chat != pressed.place.chat;
    let target_kind = match is_elsewhere {
        true => tx.chat(target.chat).await?.map_or(ChatKind::Channel, |chat| chat.kind),
        false => pressed.kind,
    };
    let ask = Context {
        place: pressed.place,
        kind: pressed.kind,
        target,
        target_kind,
        channel: None,
        lang,
        // In a private chat with the bot all is one's own.
        permission: if is_elsewhere || pressed.kind != ChatKind::Private {
            facts.permission
        } else {
            Permission::Granted
        },
        user_id: Some(pressed.user_id),
        message_id: pressed.message_id,
        policy,
        username,
    };
    let needs_rights = is_elsewhere || action.needs_rights(pressed.kind);
    if needs_rights && let Some(refusal) = ask.refusal_words() {
        return Ok(words(refusal));
    }
    // Who reads a channel asks nothing of the bot in it.
    if pressed.kind == ChatKind::Channel && !action.needs_rights(pressed.kind) {
        return Ok(Handled::default());
    }
    let (outcome, said) = run_action(tx, ask, &action, pressed).await?;
    let answers = match outcome {
        CallbackReply::Edit(message) => {
            let edit_id = Some(pressed.message_id);
            vec![Reply { edit_id, ..Reply::new(pressed.place, message) }]
        }
        CallbackReply::New(message) => vec![Reply::new(pressed.place, message)],
        CallbackReply::Nothing => Vec::new(),
    };
    Ok(Handled { replies: answers, toast: said })
}

/// Leaves in a channel the buttons that are for its admins, and those that open a page: whoever turned the
/// page of an archive there would turn it for all.
pub(super) fn retain_admin_buttons(message: &mut Message) {
    for row in &mut message.buttons {
        row.retain(|button| match &button.press {
            ButtonKind::Url(_) => true,
            ButtonKind::Callback(data) => {
                Action::decode(data).is_some_and(|action| action.needs_rights(ChatKind::Channel))
            }
        });
    }
    message.buttons.retain(|row| !row.is_empty());
}

async fn run_action(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    action: &Action,
    pressed: &CallbackQuery,
) -> Result<(CallbackReply, Option<String>)> {
    let phrases = ask.lang.phrases();
    let outcome = match action {
        Action::Read(handle, part) => {
            let part = usize::try_from(*part).unwrap_or(usize::MAX);
            match read::show(tx, ask, *handle, part).await? {
                Some(message) => CallbackReply::New(message),
                None => return Ok((CallbackReply::Nothing, Some(phrases.fetching.to_owned()))),
            }
        }
        Action::Latest => CallbackReply::New(latest::latest(tx, ask, "").await?),
        Action::Counters => CallbackReply::New(counter::show(tx, ask).await?),
        Action::Sources(_, page) => {
            let message = sources::show(tx, ask, *page).await?;
            CallbackReply::Edit(message)
        }
        Action::Subscribe(_, source_id, is_on) => {
            let words = sources::choose(tx, ask, *source_id, *is_on).await?;
            let page = sources::page_of(tx, ask, *source_id).await?;
            return Ok((CallbackReply::Edit(sources::show(tx, ask, page).await?), Some(words)));
        }
        Action::Archive(view) => CallbackReply::Edit(archive::show(tx, ask, *view).await?),
        Action::ArchiveSources => CallbackReply::Edit(archive::sources(tx, ask).await?),
        Action::ArchiveMonths(source_id, year) => {
            CallbackReply::Edit(archive::months(tx, ask, *source_id, *year).await?)
        }
        Action::Search(cursor) => match pressed.words.as_deref().and_then(Query::parse) {
            Some(query) => CallbackReply::Edit(search::show(tx, ask, &query, *cursor).await?),
            None => return Ok((CallbackReply::Nothing, Some(phrases.search_again.to_owned()))),
        },
        Action::Settings(_, source_id, page) => {
            match settings::show(tx, ask, *source_id, *page).await? {
                Some(message) => CallbackReply::Edit(message),
                None => {
                    return Ok((
                        CallbackReply::Nothing,
                        Some(phrases.source_not_chosen.to_owned()),
                    ));
                }
            }
        }
        Action::Set(_, source_id, setting) => {
            let Some((lang, page)) = settings::set(tx, ask, *source_id, setting).await? else {
                return Ok((CallbackReply::Nothing, Some(phrases.source_not_chosen.to_owned())));
            };
            let ask = Context { lang, ..ask };
            let page = if page == SettingsPage::Words { SettingsPage::Main } else { page };
            let shown = settings::show(tx, ask, *source_id, page).await?;
            let words = Some(lang.phrases().saved.to_owned());
            return Ok((shown.map_or(CallbackReply::Nothing, CallbackReply::Edit), words));
        }
        Action::Watch(_, probe_id, is_right) => {
            let message = watch::confirm_watch(tx, ask, *probe_id, *is_right).await?;
            CallbackReply::Edit(match ask.button_target() {
                Some(_) => message::in_channel(message, ask.lang),
                None => message,
            })
        }
        Action::Hold(hold, decision) => return holds::answer_hold(tx, ask, *hold, *decision).await,
        Action::RemoveCounter(_, id) => {
            let was_there = tx.remove_counter(ask.target, *id).await?;
            let words = if was_there { phrases.counter_removed } else { phrases.counter_unknown };
            let message = counter::custom_counter_list(tx, ask, None).await?;
            return Ok((CallbackReply::Edit(message), Some(words.to_owned())));
        }
        Action::Restore(_) => match stop::restore(tx, ask).await? {
            Ok(message) => CallbackReply::Edit(message),
            Err(words) => return Ok((CallbackReply::Nothing, Some(words.to_owned()))),
        },
    };
    Ok((outcome, None))
}
