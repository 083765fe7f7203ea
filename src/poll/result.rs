//! What a poll, or one document of it, resulted in.

use crate::domain::{Clock, Extraction, PageNotes, PollStatus, Validators};
use chrono::{DateTime, Utc};
use std::time::Duration;
use url::Url;

/// What a poll, or one document of it, resulted in.
#[derive(Clone, Debug, PartialEq)]
pub struct PollResult {
    /// The status.
    pub status: PollStatus,
    /// The status in words for the operator, if there is something to say.
    pub note: Option<String>,
    /// How long the server asks to wait, or says that nothing will change.
    pub wait_for: Option<Duration>,
    /// What was extracted, whether or not a list is in it.
    pub extraction: Option<Extraction>,
    /// The validators of the document.
    pub validators: Validators,
    /// The feed that is read in place of the page from now on.
    pub feed_url: Option<Url>,
    /// Whether the page and its feeds were compared.
    pub was_compared: bool,
    /// How many entries the document itself lists; its next pages and the other document add some.
    pub shown: usize,
    /// What the page shows beside its list; a feed shows nothing.
    pub page_info: Option<PageInfo>,
    /// What becomes of texts that differ from the known ones.
    pub edits: Edits,
}

/// What becomes of texts that differ from the known ones. The page and the feed may word an entry
/// differently; that is not an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edits {
    /// They were edited.
    Count,
    /// They replace the known ones, but were not edited.
    Adopt,
    /// They are ignored.
    Ignore,
}

/// What a page shows beside its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageInfo {
    clocks: Vec<Clock>,
    contacts: Vec<String>,
}

impl PageInfo {
    /// Returns what a page shows; `None` for a feed.
    pub(super) fn of(extraction: &Extraction) -> Option<Self> {
        (!extraction.kind.is_feed()).then(|| PageInfo {
            clocks: extraction.clocks.clone(),
            contacts: extraction.contacts.clone(),
        })
    }

    /// Returns it as it is stored: of a clock, its offset from UTC.
    pub(super) fn into_notes(self, read_at: DateTime<Utc>) -> PageNotes {
        let clocks = self.clocks.into_iter().filter_map(|clock| {
            let offset = clock.offset_minutes(read_at)?;
            Some((clock.place, offset))
        });
        PageNotes { clocks: clocks.collect(), contacts: self.contacts }
    }
}

impl PollResult {
    /// Creates the result of a request that brought no document.
    pub(super) fn without_document(status: PollStatus, note: Option<String>) -> Self {
        PollResult {
            status,
            note,
            wait_for: None,
            extraction: None,
            validators: Validators::default(),
            feed_url: None,
            was_compared: false,
            shown: 0,
            page_info: None,
            edits: Edits::Count,
        }
    }

    /// Creates the result of a document.
    pub(super) fn of_document(
        status: PollStatus,
        note: Option<String>,
        extraction: Extraction,
    ) -> Self {
        PollResult {
            shown: extraction.entries.len(),
            page_info: PageInfo::of(&extraction),
            extraction: Some(extraction),
            ..PollResult::without_document(status, note)
        }
    }

    /// Returns the extraction if a list is in it, be it one that is held.
    pub fn list(&self) -> Option<&Extraction> {
        self.extraction.as_ref().filter(|_| self.has_list())
    }

    /// Returns the list, to be changed.
    pub(super) fn list_mut(&mut self) -> Option<&mut Extraction> {
        let has_list = self.has_list();
        self.extraction.as_mut().filter(|_| has_list)
    }

    fn has_list(&self) -> bool {
        matches!(self.status, PollStatus::Ok | PollStatus::Held)
    }

    /// Appends to the note.
    pub(super) fn add_note(&mut self, note: Option<String>) {
        if let Some(note) = note {
            self.note = Some(self.note.take().map_or(note.clone(), |own| format!("{own}; {note}")));
        }
    }

    /// Returns the note, or the word of the status.
    pub(super) fn reason(&self) -> String {
        self.note.clone().unwrap_or_else(|| self.status.as_str().to_owned())
    }
}
