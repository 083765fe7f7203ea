//! `/settings`, its pages and what is chosen on them; `/words`, `/zone`, `/quiet`, `/digest`, `/language` for
//! what is typed.
//! Everyone may read what holds; in groups and channels only admins change it.

use crate::bot::{Context, find_source};
use crate::{
    domain::{
        EffectiveSettings, Frequency, Message, QuietHours, SettingsOverrides, SourceOverview,
        callback::{Setting, SettingsPage},
        filter::{Filter, WordList},
        local_time::parse_clock,
        zone,
    },
    lang::Lang,
    message,
    store::{Result, UpdateTx},
};

/// Entries that a filter is tried on.
const TRIED_MAX: usize = 30;

pub(crate) async fn command(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    argument: &str,
) -> Result<Message> {
    let cards = tx.source_overviews(ask.target).await?;
    let phrases = ask.lang.phrases();
    let source_id = match find_source(&cards, argument) {
        _ if argument.is_empty() => None,
        Some(card) if card.is_subscribed => Some(card.source_id),
        Some(_) => return Ok(message::plain(phrases.source_not_chosen)),
        None => return Ok(message::plain(phrases.unknown_source)),
    };
    let shown = show(tx, ask, source_id, SettingsPage::Main).await?;
    Ok(shown.unwrap_or_else(|| message::plain(ask.lang.phrases().not_subscribed)))
}

/// A page of the settings of a place, or of one source in it; `None`: it is not subscribed to it.
pub(crate) async fn show(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    source_id: Option<i64>,
    page: SettingsPage,
) -> Result<Option<Message>> {
    let known = tx.chat(ask.target.chat).await?;
    let (lang, of_chat) = match known {
        Some(chat) if ask.target.chat != ask.place.chat => (chat.lang, chat.settings),
        Some(chat) => (ask.lang, chat.settings),
        None => (ask.lang, SettingsOverrides::default()),
    };
    let cards = tx.source_overviews(ask.target).await?;
    let card = source_id.and_then(|id| cards.iter().find(|card| card.source_id == id));
    let of_source = match (source_id, card) {
        (None, _) => None,
        (Some(_), None) => return Ok(None),
        (Some(id), Some(_)) => match tx.source_settings(ask.target, id).await? {
            None => return Ok(None),
            choices => choices,
        },
    };
    let none = SettingsOverrides::default();
    let zone = tx.zone(ask.target).await?;
    let settings = EffectiveSettings::of(&of_chat, of_source.as_ref().unwrap_or(&none), zone);
    let scene = message::settings::SettingsView {
        target: ask.button_target(),
        source: card.map(|card| (card.source_id, card.title.as_str())),
        chosen: of_source.as_ref().unwrap_or(&of_chat),
        settings: &settings,
        daily: tx.daily_minute(ask.target).await?,
        cards: &cards,
        lang: ask.lang,
        chat_lang: lang,
        now: tx.now(),
    };
    Ok(Some(message::settings::settings(scene, page)))
}

/// Sets something; the language of the answer from then on, and the page that is shown. `None`: the place
/// is not subscribed to that source.
pub(crate) async fn set(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    source_id: Option<i64>,
    setting: &Setting,
) -> Result<Option<(Lang, SettingsPage)>> {
    tx.ensure_chat(ask.target.chat, ask.target_kind, ask.lang).await?;
    let mut choices = match source_id {
        None => tx.chat(ask.target.chat).await?.map(|chat| chat.settings).unwrap_or_default(),
        Some(id) => match tx.source_settings(ask.target, id).await? {
            Some(choices) => choices,
            None => return Ok(None),
        },
    };
    let mut lang = ask.lang;
    let page = match setting {
        Setting::Lang(code) => {
            let chosen = Lang::parse(code);
            tx.set_lang(ask.target.chat, chosen).await?;
            // Of a channel it is the channel's, not that of whoever manages it.
            if ask.target.chat == ask.place.chat {
                lang = chosen;
            }
            SettingsPage::Main
        }
        Setting::DailyCounters(minute) => {
            tx.set_daily(ask.target, *minute).await?;
            SettingsPage::Main
        }
        Setting::Zone(zone) => {
            choices.zone = Some(*zone).filter(|_| source_id.is_none());
            SettingsPage::Main
        }
        Setting::Frequency(rhythm) => {
            choices.frequency = *rhythm;
            SettingsPage::Main
        }
        Setting::QuietHours(quiet) => {
            choices.quiet_hours = *quiet;
            SettingsPage::Main
        }
        Setting::Detail(summary) => {
            choices.detail = *summary;
            SettingsPage::Main
        }
        Setting::Counters(is_on) => {
            choices.counters = *is_on;
            SettingsPage::Main
        }
        Setting::Preview(is_on) => {
            choices.preview = *is_on;
            SettingsPage::Main
        }
        Setting::Milestones(is_on) => {
            choices.milestones = *is_on;
            SettingsPage::Main
        }
        Setting::NoWords => {
            choices.filter = None;
            SettingsPage::Words
        }
    };
    tx.set_settings(ask.target, source_id, &choices).await?;
    Ok(Some((lang, page)))
}

/// `/zone WHAT`: a city in the language of the chat or another one, a distance from UTC, a name.
pub(crate) async fn zone(tx: &mut UpdateTx, ask: Context<'_>, argument: &str) -> Result<Message> {
    let phrases = ask.lang.phrases();
    if argument.is_empty() {
        let shown = show(tx, ask, None, SettingsPage::Zone).await?;
        return Ok(shown.unwrap_or_else(|| ask.usage(phrases.zone_usage)));
    }
    // Whoever writes Russian in an English chat means the same.
    let langs =
        || std::iter::once(ask.lang).chain(Lang::ALL.into_iter().filter(|l| *l != ask.lang));
    let zone = match zone::parse_typed(argument, |n| langs().nth(n).map(Lang::zone_names)) {
        Ok(zone) => zone,
        Err(near) if near.is_empty() => return Ok(ask.usage(phrases.zone_usage)),
        Err(near) => return Ok(message::plain(&(phrases.zone_near)(&near.join(", ")))),
    };
    set(tx, ask, None, &Setting::Zone(zone)).await?;
    let local = message::settings::local_time(zone, tx.now());
    Ok(message::plain(&(phrases.zone_set)(&zone.to_string(), &local)))
}

/// `/quiet 22:30-7:15`, with `silent` where messages shall come without a sound; `/quiet off`.
pub(crate) async fn quiet(tx: &mut UpdateTx, ask: Context<'_>, argument: &str) -> Result<Message> {
    set_typed(
        tx,
        ask,
        parse_quiet_hours(argument).map(|quiet| Setting::QuietHours(Some(quiet))),
        SettingsPage::QuietHours,
    )
    .await
}

/// `/digest 8:30`, `/digest off`.
pub(crate) async fn digest(tx: &mut UpdateTx, ask: Context<'_>, argument: &str) -> Result<Message> {
    let rhythm = match argument.to_lowercase().as_str() {
        "off" => Some(Frequency::AtOnce),
        _ => parse_clock(argument).map(Frequency::Daily),
    };
    set_typed(tx, ask, rhythm.map(|rhythm| Setting::Frequency(Some(rhythm))), SettingsPage::Daily)
        .await
}

/// What was typed is set, and all that holds is shown; or the page on which it is chosen.
async fn set_typed(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    setting: Option<Setting>,
    page: SettingsPage,
) -> Result<Message> {
    let page = match setting {
        Some(setting) => {
            set(tx, ask, None, &setting).await?;
            SettingsPage::Main
        }
        None => page,
    };
    let shown = show(tx, ask, None, page).await?;
    Ok(shown.unwrap_or_else(|| message::plain(ask.lang.phrases().not_subscribed)))
}

/// Hours as people write them: `22-7`, `22:30–7:15`, `22:30 7:15 silent`.
fn parse_quiet_hours(text: &str) -> Option<QuietHours> {
    let text = text.to_lowercase();
    if text == "off" {
        return Some(QuietHours::Off);
    }
    let mut words = text.split(|c: char| c.is_whitespace() || "-–—".contains(c));
    let mut next = || words.by_ref().find(|word| !word.is_empty());
    let (from, to) = (parse_clock(next()?)?, parse_clock(next()?)?);
    match (next(), next()) {
        _ if from == to => None,
        (None, None) => Some(QuietHours::Deferred(from, to)),
        (Some("silent"), None) => Some(QuietHours::Silent(from, to)),
        _ => None,
    }
}

/// `/language CODE`.
pub(crate) async fn language(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    argument: &str,
) -> Result<Message> {
    let wanted = argument.trim().to_lowercase();
    let known = Lang::ALL
        .into_iter()
        .find(|lang| lang.code() == wanted || lang.name().to_lowercase() == wanted);
    let set = match known {
        Some(lang) => set(tx, ask, None, &Setting::Lang(lang.code().to_owned())).await?,
        None => None,
    };
    let ask = Context { lang: set.map_or(ask.lang, |(lang, _)| lang), ..ask };
    let page = if known.is_some() { SettingsPage::Main } else { SettingsPage::Lang };
    let shown = show(tx, ask, None, page).await?;
    Ok(shown.unwrap_or_else(|| message::plain(ask.lang.phrases().not_subscribed)))
}

/// `/words [source] with … | without … | off`: what is typed, and what it would have done.
pub(crate) async fn words(tx: &mut UpdateTx, ask: Context<'_>, argument: &str) -> Result<Message> {
    let phrases = ask.lang.phrases();
    if argument.is_empty() {
        let shown = show(tx, ask, None, SettingsPage::Words).await?;
        return Ok(shown.unwrap_or_else(|| ask.usage(phrases.words_usage)));
    }
    let cards = tx.source_overviews(ask.target).await?;
    let Some((card, verb, list)) = parse_words(&cards, argument) else {
        return Ok(ask.usage(phrases.words_usage));
    };
    let source_id = card.map(|card| card.source_id);
    let of_chat = tx.chat(ask.target.chat).await?.map(|chat| chat.settings).unwrap_or_default();
    let mut choices = match source_id {
        None => of_chat,
        Some(id) => match tx.source_settings(ask.target, id).await? {
            Some(choices) => choices,
            None => return Ok(message::plain(phrases.source_not_chosen)),
        },
    };
    let mut filter = choices.filter.clone().unwrap_or_default();
    match verb {
        Verb::Off => filter = Filter::default(),
        Verb::With | Verb::Without => {
            let Ok(list) = list.parse::<WordList>() else {
                return Ok(ask.usage(phrases.words_usage));
            };
            match verb {
                Verb::With => filter.with = list,
                _ => filter.without = list,
            }
        }
    }
    let is_off = filter.with.is_empty() && filter.without.is_empty();
    // For one source no words are a choice as well, where the chat has some.
    choices.filter = (!is_off || source_id.is_some()).then_some(filter.clone());
    tx.ensure_chat(ask.target.chat, ask.target_kind, ask.lang).await?;
    tx.set_settings(ask.target, source_id, &choices).await?;
    let tried = tx.latest(ask.target, source_id, TRIED_MAX).await?;
    let passed: Vec<&str> = tried
        .iter()
        .filter(|listed| filter.passes(&listed.entry.title, listed.entry.lead.as_deref()))
        .map(|listed| listed.entry.title.as_str())
        .collect();
    let opening = message::settings::filter_words(&filter, ask.lang);
    Ok(message::settings::filter_preview(&opening, &passed, tried.len(), ask.lang))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    With,
    Without,
    Off,
}

/// What is typed after `/words`: the source, if one is named before the verb; the verb; the words.
fn parse_words<'a, 't>(
    cards: &'a [SourceOverview],
    argument: &'t str,
) -> Option<(Option<&'a SourceOverview>, Verb, &'t str)> {
    let verb = |word: &str| match word.to_lowercase().as_str() {
        "with" => Some(Verb::With),
        "without" => Some(Verb::Without),
        "off" => Some(Verb::Off),
        _ => None,
    };
    let mut at = 0;
    for word in argument.split_whitespace() {
        let start = argument[at..].find(word)? + at;
        at = start + word.len();
        let Some(verb) = verb(word) else { continue };
        let name = argument[..start].trim();
        let card = if name.is_empty() { None } else { Some(find_source(cards, name)?) };
        return Some((card, verb, argument[at..].trim()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_read_as_people_write_them() {
        let night = Some(QuietHours::Deferred(22 * 60 + 30, 7 * 60 + 15));
        for text in ["22:30-7:15", "22:30 – 07:15", "22:30 7:15"] {
            assert_eq!(parse_quiet_hours(text), night, "{text}");
        }
        assert_eq!(parse_quiet_hours("22:30-7:15 silent"), Some(QuietHours::Silent(1350, 435)));
        assert_eq!(parse_quiet_hours("OFF"), Some(QuietHours::Off));
        for text in ["", "22:30", "7-7", "25:00-7:00", "22:30-7:15 loud", "22:30-7:15 silent x"] {
            assert_eq!(parse_quiet_hours(text), None, "{text}");
        }
    }
}
