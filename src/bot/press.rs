//! Buttons: what a press changes, and what becomes of the message that the button stands below.

use super::{
    Ask, Effect, Facts, Rights, archive, counter, holds, latest, read, search, settings, sources,
    stop, watch,
};
use crate::{
    domain::{
        AccessPolicy, Action, ButtonKind, ChatKind, Message, Reply, keyboard::SettingsPage,
        words::Query,
    },
    render,
    store::{Result, UpdateTx},
    telegram::Pressed,
};

/// What a press comes to.
pub(super) enum Outcome {
    /// The message becomes this.
    Edit(Message),
    /// A new message.
    New(Message),
    /// Nothing that is seen now.
    Nothing,
}

pub(super) async fn press(
    inbox: &mut UpdateTx,
    pressed: &Pressed,
    facts: Facts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Effect> {
    let known = inbox.chat(pressed.place.chat).await?;
    let lang = known.map_or(pressed.lang, |chat| chat.lang);
    let phrases = lang.phrases();
    let words = |words: &str| Effect { words: Some(words.to_owned()), ..Effect::default() };
    let Some(action) = Action::decode(&pressed.data) else {
        return Ok(words(phrases.button_old));
    };
    let target = action.target().unwrap_or(pressed.place);
    let is_elsewhere = target.chat != pressed.place.chat;
    let target_kind = match is_elsewhere {
        true => inbox.chat(target.chat).await?.map_or(ChatKind::Channel, |chat| chat.kind),
        false => pressed.kind,
    };
    let ask = Ask {
        place: pressed.place,
        kind: pressed.kind,
        target,
        target_kind,
        channel: None,
        lang,
        // In a private chat with the bot all is one's own.
        rights: if is_elsewhere || pressed.kind != ChatKind::Private {
            facts.rights
        } else {
            Rights::Given
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
        return Ok(Effect::default());
    }
    let (outcome, said) = act(inbox, ask, &action, pressed).await?;
    let answers = match outcome {
        Outcome::Edit(message) => {
            let edit_id = Some(pressed.message_id);
            vec![Reply { edit_id, ..Reply::new(pressed.place, message) }]
        }
        Outcome::New(message) => vec![Reply::new(pressed.place, message)],
        Outcome::Nothing => Vec::new(),
    };
    Ok(Effect { answers, words: said })
}

/// Leaves in a channel the buttons that are for its admins, and those that open a page: whoever turned the
/// page of an archive there would turn it for all.
pub(super) fn keep_admins_buttons(message: &mut Message) {
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

async fn act(
    inbox: &mut UpdateTx,
    ask: Ask<'_>,
    action: &Action,
    pressed: &Pressed,
) -> Result<(Outcome, Option<String>)> {
    let phrases = ask.lang.phrases();
    let outcome = match action {
        Action::Read(handle, part) => {
            let part = usize::try_from(*part).unwrap_or(usize::MAX);
            match read::show(inbox, ask, *handle, part).await? {
                Some(message) => Outcome::New(message),
                None => return Ok((Outcome::Nothing, Some(phrases.fetching.to_owned()))),
            }
        }
        Action::Latest => Outcome::New(latest::latest(inbox, ask, "").await?),
        Action::Counters => Outcome::New(counter::show(inbox, ask).await?),
        Action::Sources(_, page) => {
            let message = sources::show(inbox, ask, *page).await?;
            Outcome::Edit(message)
        }
        Action::Subscribe(_, source_id, is_on) => {
            let words = sources::choose(inbox, ask, *source_id, *is_on).await?;
            let page = sources::page_of(inbox, ask, *source_id).await?;
            return Ok((Outcome::Edit(sources::show(inbox, ask, page).await?), Some(words)));
        }
        Action::Archive(view) => Outcome::Edit(archive::show(inbox, ask, *view).await?),
        Action::ArchiveSources => Outcome::Edit(archive::sources(inbox, ask).await?),
        Action::ArchiveMonths(source_id, year) => {
            Outcome::Edit(archive::months(inbox, ask, *source_id, *year).await?)
        }
        Action::Search(cursor) => match pressed.words.as_deref().and_then(Query::parse) {
            Some(query) => Outcome::Edit(search::show(inbox, ask, &query, *cursor).await?),
            None => return Ok((Outcome::Nothing, Some(phrases.search_again.to_owned()))),
        },
        Action::Settings(_, source_id, page) => {
            match settings::show(inbox, ask, *source_id, *page).await? {
                Some(message) => Outcome::Edit(message),
                None => return Ok((Outcome::Nothing, Some(phrases.source_not_chosen.to_owned()))),
            }
        }
        Action::Set(_, source_id, setting) => {
            let Some((lang, page)) = settings::set(inbox, ask, *source_id, setting).await? else {
                return Ok((Outcome::Nothing, Some(phrases.source_not_chosen.to_owned())));
            };
            let ask = Ask { lang, ..ask };
            let page = if page == SettingsPage::Words { SettingsPage::Main } else { page };
            let shown = settings::show(inbox, ask, *source_id, page).await?;
            let words = Some(lang.phrases().saved.to_owned());
            return Ok((shown.map_or(Outcome::Nothing, Outcome::Edit), words));
        }
        Action::Watch(_, probe_id, is_right) => {
            let message = watch::decide(inbox, ask, *probe_id, *is_right).await?;
            Outcome::Edit(match ask.button_target() {
                Some(_) => render::in_channel(message, ask.lang),
                None => message,
            })
        }
        Action::Hold(hold, decision) => return holds::decide(inbox, ask, *hold, *decision).await,
        Action::RemoveCounter(_, id) => {
            let was_there = inbox.remove_counter(ask.target, *id).await?;
            let words = if was_there { phrases.counter_removed } else { phrases.counter_unknown };
            let message = counter::removable(inbox, ask, None).await?;
            return Ok((Outcome::Edit(message), Some(words.to_owned())));
        }
        Action::Restore(_) => match stop::restore(inbox, ask).await? {
            Ok(message) => Outcome::Edit(message),
            Err(words) => return Ok((Outcome::Nothing, Some(words.to_owned()))),
        },
    };
    Ok((outcome, None))
}
