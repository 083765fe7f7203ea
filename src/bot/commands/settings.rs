//! `/settings`: the settings of a chat or of a source in it, their pages, and the buttons that
//! change them. All members of a group may see them; only admins change them.
//!
//! Grammar: `/settings [SOURCE]`.

pub(in crate::bot) use crate::bot::argument::{
    OptionalSource as Argument, optional_source as parse,
};

use crate::{
    bot::{
        argument::Choice,
        context::Context,
        reply::{CallbackReply, CommandReply},
        source_name::find_source,
    },
    domain::{
        EffectiveSettings, Message, Setting, SettingsOverrides, SourceId, callback::SettingsPage,
    },
    lang::Lang,
    message::{self, settings::SettingsView},
    store::{Result, UpdateTx},
};

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    let sources = tx.source_overviews(context.target).await?;
    let phrases = context.lang.phrases();
    let source_id = match argument.0 {
        None => None,
        Some(name) => match find_source(&sources, &name) {
            Some(source) if source.is_subscribed => Some(source.source_id),
            Some(_) => return Ok(message::plain(phrases.source_not_chosen).into()),
            None => return Ok(message::plain(phrases.unknown_source).into()),
        },
    };
    let shown = show(tx, context, source_id, SettingsPage::Main).await?;
    Ok(shown.unwrap_or_else(|| message::plain(phrases.not_subscribed)).into())
}

/// Shows a page of the settings.
pub(in crate::bot) async fn turn_to(
    tx: &mut UpdateTx,
    context: Context<'_>,
    source_id: Option<SourceId>,
    page: SettingsPage,
) -> Result<CallbackReply> {
    Ok(match show(tx, context, source_id, page).await? {
        Some(message) => CallbackReply::edit(message),
        None => CallbackReply::toast(context.lang.phrases().source_not_chosen),
    })
}

/// Changes a setting, and shows all of them.
pub(in crate::bot) async fn change(
    tx: &mut UpdateTx,
    context: Context<'_>,
    source_id: Option<SourceId>,
    setting: Setting,
) -> Result<CallbackReply> {
    let Some(lang) = set(tx, context, source_id, setting).await? else {
        return Ok(CallbackReply::toast(context.lang.phrases().source_not_chosen));
    };
    let context = Context { lang, ..context };
    let shown = show(tx, context, source_id, SettingsPage::Main).await?;
    let reply = shown.map_or_else(CallbackReply::default, CallbackReply::edit);
    Ok(reply.with_toast(lang.phrases().saved))
}

/// Returns a page of the settings of a place, or of one source in it. Returns `None` if the place
/// is not subscribed to the source.
pub(super) async fn show(
    tx: &mut UpdateTx,
    context: Context<'_>,
    source_id: Option<SourceId>,
    page: SettingsPage,
) -> Result<Option<Message>> {
    let known = tx.chat(context.target.chat).await?;
    let (chat_lang, of_chat) = match known {
        Some(chat) if context.target.chat != context.place.chat => (chat.lang, chat.settings),
        Some(chat) => (context.lang, chat.settings),
        None => (context.lang, SettingsOverrides::default()),
    };
    let sources = tx.source_overviews(context.target).await?;
    let source = source_id.and_then(|id| sources.iter().find(|source| source.source_id == id));
    let of_source = match (source_id, source) {
        (None, _) => None,
        (Some(_), None) => return Ok(None),
        (Some(id), Some(_)) => match tx.source_settings(context.target, id).await? {
            None => return Ok(None),
            overrides => overrides,
        },
    };
    let none = SettingsOverrides::default();
    let zone = tx.zone(context.target).await?;
    let settings = EffectiveSettings::of(&of_chat, of_source.as_ref().unwrap_or(&none), zone);
    let view = SettingsView {
        target: context.button_target(),
        source: source.map(|source| (source.source_id, source.title.as_str())),
        overrides: of_source.as_ref().unwrap_or(&of_chat),
        settings: &settings,
        daily: tx.daily_minute(context.target).await?,
        sources: &sources,
        lang: context.lang,
        chat_lang,
        channel_commands: &context.catalog.channel_commands,
        now: tx.now(),
    };
    Ok(Some(message::settings::settings(view, page)))
}

/// Returns the overrides of the chat, or of a source in it. Returns `None` if the place is not
/// subscribed to the source.
pub(super) async fn overrides(
    tx: &mut UpdateTx,
    context: Context<'_>,
    source_id: Option<SourceId>,
) -> Result<Option<SettingsOverrides>> {
    match source_id {
        None => {
            let chat = tx.chat(context.target.chat).await?;
            Ok(Some(chat.map(|chat| chat.settings).unwrap_or_default()))
        }
        Some(id) => tx.source_settings(context.target, id).await,
    }
}

/// Changes a setting. Returns the language of the reply from then on, or `None` if the place is not
/// subscribed to the source.
pub(super) async fn set(
    tx: &mut UpdateTx,
    context: Context<'_>,
    source_id: Option<SourceId>,
    setting: Setting,
) -> Result<Option<Lang>> {
    let target = context.target;
    tx.ensure_chat(target.chat, context.target_kind, context.lang).await?;
    let Some(mut overrides) = overrides(tx, context, source_id).await? else {
        return Ok(None);
    };
    let mut reply_lang = context.lang;
    match setting {
        Setting::Lang(lang) => {
            tx.set_lang(target.chat, lang).await?;
            // The language of a channel is not that of the admin who manages it.
            if target.chat == context.place.chat {
                reply_lang = lang;
            }
        }
        Setting::DailyCounters(minute) => tx.set_daily(target, minute).await?,
        _ => setting.apply(&mut overrides),
    }
    // A source has no zone of its own.
    overrides.zone = overrides.zone.filter(|_| source_id.is_none());
    tx.set_settings(target, source_id, &overrides).await?;
    Ok(Some(reply_lang))
}

/// Replies to a command that shows or changes a setting of the chat: with all settings if the value
/// was valid, else with the page on which it is chosen.
pub(super) async fn choose(
    tx: &mut UpdateTx,
    context: Context<'_>,
    setting: Choice<Setting>,
    page: SettingsPage,
) -> Result<CommandReply> {
    let (mut context, mut page) = (context, page);
    if let Choice::Set(setting) = setting {
        let lang = set(tx, context, None, setting).await?;
        context.lang = lang.unwrap_or(context.lang);
        page = SettingsPage::Main;
    }
    let shown = show(tx, context, None, page).await?;
    let not_subscribed = || message::plain(context.lang.phrases().not_subscribed);
    Ok(shown.unwrap_or_else(not_subscribed).into())
}
