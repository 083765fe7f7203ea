//! Messages to the owner and the operator: a list is held, or a source cannot be read.

use super::{
    html::{Html, cut},
    statement::SOURCE_UNITS_MAX,
};
use crate::{
    domain::{
        Action, Button, HealthNews, Hold, HoldDecision, HoldReason, HoldRef, Message, SourceId,
        Zone, hold::HoldEntry,
    },
    lang::Lang,
};
use chrono::{DateTime, TimeDelta, Utc};

/// The most entries of a held list that are shown.
const SHOWN_MAX: usize = 5;
/// The longest title of one, and the longest note, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 140;
const NOTE_UNITS_MAX: usize = 400;

/// A notice about a source, for one recipient.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// The title of the source.
    pub title: &'a str,
    /// The address of the source.
    pub url: &'a str,
    /// The language of the message.
    pub lang: Lang,
    /// The time zone of times in the message.
    pub zone: Zone,
}

impl Notice<'_> {
    fn head(&self) -> Html {
        let name = Html::new().bold(&cut(self.title, SOURCE_UNITS_MAX));
        Html::new().link(Some(self.url), name).text("\n\n")
    }

    fn with(&self, words: &str) -> Message {
        Message::new(self.head().text(words).into_string())
    }

    /// Returns the question how to decide about a held list.
    pub fn question(&self, hold: &Hold, source_id: SourceId, hold_for: TimeDelta) -> Message {
        let phrases = self.lang.phrases();
        let until = self.at(hold.counts_from_at + hold_for);
        let html = self.list(hold).text("\n\n").text(&(phrases.held_until)(&until));
        let hold = HoldRef { source_id, since_s: hold.list_since_at.timestamp() };
        let button = |text: &str, decision| Button::new(text, &Action::Hold(hold, decision));
        let buttons = vec![
            vec![
                button(phrases.post_them, HoldDecision::Post),
                button(phrases.store_silently, HoldDecision::Store),
            ],
            vec![button(phrases.keep_waiting, HoldDecision::Wait)],
        ];
        Message::new(html.into_string()).with_buttons(buttons)
    }

    /// Returns the message about a held list after a decision.
    pub fn decided(&self, hold: &Hold, decision: HoldDecision) -> Message {
        let phrases = self.lang.phrases();
        let words = match decision {
            HoldDecision::Post => phrases.held_posting,
            HoldDecision::Store => phrases.held_storing,
            HoldDecision::Wait => "",
        };
        let mut hold = hold.clone();
        if decision == HoldDecision::Store {
            // Entries that arrived after the question are posted in any case.
            hold.entries.retain(|entry| !entry.is_late);
        }
        Message::new(self.list(&hold).text("\n\n").bold(words).into_string())
    }

    fn list(&self, hold: &Hold) -> Html {
        let phrases = self.lang.phrases();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let why = match hold.reason {
            HoldReason::NoneKnown { total } => (phrases.held_none_known)(count(total)),
            HoldReason::ManyUnknown { unknown, total } => {
                (phrases.held_many_unknown)(count(unknown), count(total))
            }
            HoldReason::TooMany { unknown, before } => {
                (phrases.held_too_many)(count(unknown), count(before))
            }
        };
        let (new, _) = hold.counts();
        let mut html = self.head().text(phrases.held).text(" ").text(&why);
        html = html.text(" ").text(&(phrases.held_would_post)(count(new))).text("\n");
        // Newest first, as on a page.
        let shown: Vec<&HoldEntry> = hold.entries.iter().rev().take(SHOWN_MAX).collect();
        for entry in &shown {
            let day = entry.date_on.map(|on| format!("{} · ", self.lang.day(on)));
            let title = Html::new().text(&cut(&entry.title, TITLE_UNITS_MAX));
            html =
                html.text("\n").text(&day.unwrap_or_default()).link(entry.link.as_deref(), title);
        }
        match hold.entries.len() - shown.len() {
            0 => html,
            more => html.text("\n").text(&(phrases.and_more)(count(more))),
        }
    }

    /// Returns the notice that a held list was adopted without a decision, and `stored` entries
    /// were stored.
    pub fn adopted(&self, stored: usize) -> Message {
        let stored = i64::try_from(stored).unwrap_or(i64::MAX);
        self.with(&(self.lang.phrases().held_adopted)(stored))
    }

    /// Returns the notice that the known list is back, and `unposted` entries of the held one are
    /// gone without having been posted.
    pub fn released(&self, unposted: usize) -> Message {
        let phrases = self.lang.phrases();
        match i64::try_from(unposted).unwrap_or(i64::MAX) {
            0 => self.with(phrases.held_released),
            n => self.with(&format!("{} {}", phrases.held_released, (phrases.held_unposted)(n))),
        }
    }

    /// Returns the notice that the health of a source changed. The note is for operators, and so is
    /// in English.
    pub fn health(&self, news: HealthNews, note: Option<&str>) -> Message {
        let phrases = self.lang.phrases();
        let (words, has_note) = match news {
            HealthNews::Failing(at) => ((phrases.failing)(&self.at(at)), true),
            HealthNews::Gone => (phrases.gone.to_owned(), false),
            HealthNews::Recovered(at) => ((phrases.recovered)(&self.at(at)), false),
        };
        let html = self.head().text(&words);
        let html = match note.filter(|_| has_note) {
            Some(note) => html.text("\n\n").italic(&cut(note, NOTE_UNITS_MAX)),
            None => html,
        };
        Message::new(html.into_string())
    }

    /// Returns the notice of what could not be read for certain when a source was read first. The
    /// notes are for operators, and so are in English.
    pub fn first_reading(&self, notes: &str) -> Message {
        Message::new(self.head().italic(&cut(notes, NOTE_UNITS_MAX)).into_string())
    }

    /// Formats a moment in the language and zone of the recipient.
    pub fn at(&self, at: DateTime<Utc>) -> String {
        moment(at, self.zone, self.lang)
    }
}

/// Formats a moment as day and time.
pub fn moment(at: DateTime<Utc>, zone: Zone, lang: Lang) -> String {
    let local = at.with_timezone(&zone);
    format!("{}, {}", lang.day(local.date_naive()), local.format("%H:%M"))
}
