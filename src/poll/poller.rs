//! Polls sources and records the results.

use super::{
    context::PollContext,
    hold::{self, HoldNews, Settled},
    interval::poll_interval,
    pagination::{ListReader, ReadList},
    result::{Edits, PollResult},
    source_reader::SourceReader,
};
use crate::{
    detect::Verdict,
    domain::{
        AccessPolicy, CounterSeen, DocumentKind, HealthNews, Message, PageNotes, Place, PollStatus,
        Reply, Source, SourceName, UserId, ValidatorTrust, Validators, web_url::AddressPart,
    },
    fetch::Web,
    message::operator::Notice,
    store::{DuePoll, HoldChange, Poll, Recipient, Store, StoreError},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeSet, time::Duration};

/// Polls sources.
#[derive(Clone, Debug)]
pub struct Poller<W> {
    context: PollContext<W>,
    digest_above: usize,
    /// Who gets notices about sources.
    operators: Vec<UserId>,
    /// How long a list is held.
    hold_for: TimeDelta,
}

/// What a poll resulted in, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// The source.
    pub name: SourceName,
    /// The status before this poll.
    pub before: PollStatus,
    /// The status of this poll.
    pub reason: PollStatus,
    /// The status in words, if there is something to say.
    pub note: Option<String>,
    /// Entries that a baseline stored without posting them.
    pub baseline: Option<usize>,
    /// Entries that are posted.
    pub new: usize,
    /// Entries that were edited.
    pub edited: usize,
    /// Deliveries that were created.
    pub deliveries: u64,
    /// Notices to the operators.
    pub notices: usize,
}

/// What detection and the hold of the source result in.
struct Detection {
    /// `None` if no list was read.
    verdict: Option<Verdict>,
    hold: HoldChange,
    hold_news: Option<HoldNews>,
    /// The parts of addresses that are known to be volatile.
    volatile: BTreeSet<AddressPart>,
}

impl<W: Web> Poller<W> {
    /// Creates a poller of these sources. If more entries than `digest_above` come at once, one
    /// message lists them.
    pub fn new(store: Store, web: W, sources: &[Source], digest_above: usize) -> Self {
        let context = PollContext::new(store, web, sources);
        let AccessPolicy { hold_for, .. } = AccessPolicy::default();
        Poller { context, digest_above, operators: Vec::new(), hold_for }
    }

    /// Returns the poller with the operators and the time of holds of a policy.
    pub fn with_access_policy(self, policy: &AccessPolicy) -> Self {
        Poller { operators: policy.operators(), hold_for: policy.hold_for, ..self }
    }

    /// Returns the sources that are due.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn due(&self, now: DateTime<Utc>) -> Result<Vec<DuePoll>, StoreError> {
        self.context.store.due_polls(now).await
    }

    /// Returns how long until a source is due that is not `running`; an hour if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn wait(
        &self,
        now: DateTime<Utc>,
        running: &BTreeSet<SourceName>,
    ) -> Result<Duration, StoreError> {
        let next_at = self.context.store.next_poll_at(running).await?;
        let wait = next_at.map_or(TimeDelta::hours(1), |at| at - now);
        Ok(wait.to_std().unwrap_or_default())
    }

    /// Polls one source. `jitter`, from 0 to 1, delays the next poll a little. Returns `None` if the
    /// source is not configured any more.
    ///
    /// # Errors
    /// If the database fails; nothing is recorded then.
    pub async fn poll(
        &self,
        due: &DuePoll,
        now: impl Fn() -> DateTime<Utc>,
        jitter: f64,
    ) -> Result<Option<Polled>, StoreError> {
        let PollContext { store, web, sources } = &self.context;
        let Some(source) = due.user_added.as_deref().or_else(|| sources.get(&due.name)) else {
            return Ok(None);
        };
        let reader = SourceReader { web, source, due, now: &now };
        let mut result = reader.read().await;
        let detection = self.detect(&reader, &mut result).await?;
        let polled_at = now();
        let (health, health_news) = due.health.after(result.status, polled_at);
        let validator_trust = validator_trust(due, &result, detection.verdict.as_ref());
        let notices = self.notices(due, source, &detection, health_news, &result).await?;
        let failures = if result.status.is_readable() { 0 } else { due.failures.saturating_add(1) };
        let wait = poll_interval(source.interval, failures, result.wait_for, jitter);
        let is_edit = result.list().is_none() || result.edits != Edits::Adopt;
        let list = RecordedList::take(&mut result, polled_at);
        let poll = Poll {
            source_id: due.source_id,
            reason: result.status,
            note: result.note,
            polled_at,
            polled_on: polled_at.with_timezone(&source.zone).date_naive(),
            next_poll_at: polled_at + wait,
            verdict: detection.verdict,
            digest_above: self.digest_above,
            is_edit,
            counters: list.counters,
            notes: list.notes,
            kind: list.kind,
            validators: list.validators,
            feed_url: result.feed_url,
            compared_at: result.was_compared.then_some(polled_at).or(due.compared_at),
            hold: detection.hold,
            volatile_parts: detection.volatile,
            validator_trust,
            health,
            notices,
        };
        let deliveries = store.record_poll(&poll).await?;
        Ok(Some(polled(due, &poll, deliveries)))
    }

    /// Detects what is new in the list, if one was read, and settles the hold of the source.
    async fn detect<N: Fn() -> DateTime<Utc>>(
        &self,
        reader: &SourceReader<'_, W, N>,
        result: &mut PollResult,
    ) -> Result<Detection, StoreError> {
        let (store, due) = (&self.context.store, reader.due);
        let mut detection = Detection {
            verdict: None,
            hold: HoldChange::Keep,
            hold_news: None,
            volatile: due.volatile_parts.clone(),
        };
        let Some(list) = result.list_mut() else {
            if result.status == PollStatus::Unchanged && !due.reason.is_healthy() {
                // The validators are those of the last list that was accepted.
                let known = store.known(due.source_id, &[]).await?;
                (detection.hold, detection.hold_news) = hold::release(known.hold.as_ref());
            }
            return Ok(detection);
        };
        let list_reader = ListReader { store, reader };
        let ReadList { known, verdict, pages } =
            list_reader.read(list, &mut detection.volatile).await?;
        if list.entries.is_empty() && known.hold.as_ref().is_some_and(|hold| hold.is_active) {
            // Keep the validators of the last list that was accepted.
            result.validators.clone_from(&due.validators);
        }
        let added_today = match &verdict {
            Verdict::Found(found) if found.new.len() + found.older.len() > 0 => {
                store.added(due.source_id, (reader.now)() - TimeDelta::days(1)).await?
            }
            _ => 0,
        };
        let Settled { mut verdict, hold, news, note } =
            hold::settle(&known, verdict, (reader.now)(), self.hold_for, added_today);
        match &mut verdict {
            Verdict::Suspicious(..) => result.status = PollStatus::Held,
            Verdict::Found(found) => {
                if result.edits == Edits::Ignore {
                    found.edited.clear();
                }
                // Keep the entries of the first page; further pages are not read next time.
                found.listed.drain(..found.listed.len().saturating_sub(result.shown));
                result.add_note(found.note.take());
            }
            Verdict::Baseline(_) => {}
        }
        result.add_note(note);
        result
            .add_note((pages > 0).then(|| {
                format!("more came than the page shows: {pages} further pages were read")
            }));
        Ok(Detection { verdict: Some(verdict), hold, hold_news: news, ..detection })
    }

    /// Returns the notices to the operators about a hold and the health of a source, and what is
    /// uncertain of its first list.
    async fn notices(
        &self,
        due: &DuePoll,
        source: &Source,
        detection: &Detection,
        health: Option<HealthNews>,
        result: &PollResult,
    ) -> Result<Vec<Reply>, StoreError> {
        let hold = detection.hold_news.as_ref();
        let is_first = matches!(detection.verdict, Some(Verdict::Baseline(_)));
        let notes = result.list().filter(|_| is_first).map(|list| list.notes.join("; "));
        let notes = notes.filter(|notes| !notes.is_empty());
        if hold.is_none() && health.is_none() && notes.is_none() {
            return Ok(Vec::new());
        }
        let recipients = self.context.store.recipients(&self.operators, due.source_id).await?;
        let notices = |recipient: &Recipient| -> Vec<Reply> {
            let Recipient { chat, lang, zone } = *recipient;
            let (title, url) = (source.title.as_str(), source.url.as_str());
            let notice = Notice { title, url, lang, zone };
            let of_hold = hold.map(|news| match news {
                HoldNews::Question(hold) => notice.question(hold, due.source_id, self.hold_for),
                HoldNews::Adopted(stored) => notice.adopted(*stored),
                HoldNews::Released(unposted) => notice.released(*unposted),
            });
            let of_health = health.map(|news| notice.health(news, result.note.as_deref()));
            let reply = |message: Message| Reply::new(Place { chat, thread: None }, message);
            let of_first = notes.as_deref().map(|notes| notice.first_reading(notes));
            of_hold.into_iter().chain(of_health).chain(of_first).map(reply).collect()
        };
        Ok(recipients.iter().flat_map(notices).collect())
    }
}

/// What is recorded of a list; empty if none was read.
#[derive(Default)]
struct RecordedList {
    counters: Vec<CounterSeen>,
    notes: Option<PageNotes>,
    kind: Option<DocumentKind>,
    validators: Validators,
}

impl RecordedList {
    fn take(result: &mut PollResult, polled_at: DateTime<Utc>) -> Self {
        let Some(list) = result.list_mut() else { return RecordedList::default() };
        RecordedList {
            counters: std::mem::take(&mut list.counters),
            kind: Some(list.kind),
            notes: result.page_info.take().map(|info| info.into_notes(polled_at)),
            validators: std::mem::take(&mut result.validators),
        }
    }
}

/// Returns how far 304 responses are trusted from now on.
fn validator_trust(
    due: &DuePoll,
    result: &PollResult,
    verdict: Option<&Verdict>,
) -> ValidatorTrust {
    if result.list().is_none() {
        return match result.status {
            PollStatus::Unchanged => due.validator_trust.after_unchanged(),
            _ => due.validator_trust,
        };
    }
    let has_news = match verdict {
        Some(Verdict::Found(found)) => !found.new.is_empty() || !found.edited.is_empty(),
        Some(Verdict::Suspicious(..)) => true,
        Some(Verdict::Baseline(_)) | None => false,
    };
    let is_same = result.validators == due.validators;
    due.validator_trust.after_document(has_news, is_same)
}

/// Returns what the log says about a poll.
fn polled(due: &DuePoll, poll: &Poll, deliveries: u64) -> Polled {
    let (mut baseline, mut new, mut edited) = (None, 0, 0);
    match &poll.verdict {
        Some(Verdict::Baseline(entries)) => baseline = Some(entries.len()),
        Some(Verdict::Found(found)) => {
            new = found.new.len();
            edited = if poll.is_edit { found.edited.len() } else { 0 };
        }
        Some(Verdict::Suspicious(..)) | None => {}
    }
    Polled {
        name: due.name.clone(),
        before: due.reason,
        reason: poll.reason,
        note: poll.note.clone(),
        baseline,
        new,
        edited,
        deliveries,
        notices: poll.notices.len(),
    }
}
