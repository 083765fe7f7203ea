//! Errands: what has to be fetched for somebody before they can be answered: the whole text of a statement,
//! and a page that they want watched.
//!
//! Promises: whoever asked is answered, also when nothing could be fetched; an address that they gave
//! never leads inside a network; a page that breaks the reader breaks nothing else.
//! Leaves out: waiting (`app`).

use crate::{
    domain::{
        Article, Button, ButtonKind, Candidate, EntryWithSource, Message, NoText, Origin,
        PageRules, PollStatus, Reply, Source, SourceName,
    },
    extract::{self, Document},
    fetch::{Address, Body, Fetched, Request, UrlProvenance, Web},
    lang::Lang,
    message,
    poll::{Expected, FetchedDocument, choose_feed, fetch_document},
    store::{ATTEMPTS_MAX, EntrySource, Job, JobKind, JobResult, Store, StoreError},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::timeout};
use url::Url;

/// How long an errand may fetch: less than its lease, so that nobody takes it up a second time meanwhile.
const WORK_MAX: Duration = Duration::from_secs(90);
/// The longest title of a page, in characters.
const TITLE_CHARS_MAX: usize = 100;

/// Does errands through a door to the web.
#[derive(Clone, Debug)]
pub struct JobRunner<W> {
    store: Store,
    web: W,
    sources: BTreeMap<SourceName, Source>,
    /// Held while a text is looked for: one at a time takes no more memory than one.
    reading: Arc<Mutex<()>>,
}

/// What came of an errand: what is kept, and what is said, given the number under which a page can be
/// subscribed to.
struct Finished {
    done: JobResult,
    say: Box<dyn FnOnce(i64) -> Message + Send>,
}

impl Finished {
    fn said(message: Message) -> Self {
        Finished { done: JobResult::Nothing, say: Box::new(move |_| message) }
    }
}

impl<W: Web> JobRunner<W> {
    /// Does errands for chats that get these sources.
    pub fn new(store: Store, web: W, sources: &[Source]) -> Self {
        let sources = sources.iter().map(|source| (source.name.clone(), source.clone())).collect();
        JobRunner { store, web, sources, reading: Arc::default() }
    }

    /// Takes up the next errand that is due, or says when one is.
    pub async fn next(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Result<Job, Option<DateTime<Utc>>>, StoreError> {
        self.store.claim_job(now).await
    }

    /// Does an errand, and answers whoever asked.
    pub async fn run(
        &self,
        errand: &Job,
        now: impl Fn() -> DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let is_hopeless = errand.attempt > ATTEMPTS_MAX && errand.known.is_none();
        let work = async {
            match (&errand.task, &errand.known) {
                (JobKind::FetchArticle(listed, _), Some(article)) => {
                    Some(Finished::said(beginning(listed, article, errand.lang)))
                }
                (JobKind::FetchArticle(listed, subject), None) => {
                    if let Some(why) = errand.no_text {
                        return Some(without_text(listed, why, errand.lang));
                    }
                    Some(self.read(listed, subject, errand.lang, &now).await)
                }
                (JobKind::CheckPage(url), _) => {
                    timeout(WORK_MAX, self.watch(url, errand, &now)).await.ok()
                }
            }
        };
        let in_time = match is_hopeless {
            true => None,
            false => work.await,
        };
        let outcome = in_time.unwrap_or_else(|| match &errand.task {
            JobKind::FetchArticle(listed, _) => {
                without_text(listed, NoText::Unreadable, errand.lang)
            }
            JobKind::CheckPage(_) => {
                Finished::said(message::plain(errand.lang.phrases().page_unreachable))
            }
        });
        let answer = |probe_id| {
            let mut message = (outcome.say)(probe_id);
            if errand.is_channel && matches!(errand.task, JobKind::FetchArticle(..)) {
                // Whoever went on reading there would do so before all.
                message.buttons.iter_mut().for_each(|row| row.retain(is_open));
                message.buttons.retain(|row| !row.is_empty());
            }
            Reply { reply_id: errand.reply_id, ..Reply::new(errand.place, message) }
        };
        self.store.finish_job(errand, &outcome.done, answer, now()).await
    }

    async fn read(
        &self,
        listed: &EntryWithSource,
        subject: &EntrySource,
        lang: Lang,
        now: &impl Fn() -> DateTime<Utc>,
    ) -> Finished {
        let configured = self.sources.get(&subject.name);
        let link: Option<Url> = listed.entry.link.as_deref().and_then(|link| link.parse().ok());
        let Some(link) = link else {
            return without_text(listed, NoText::Unreadable, lang);
        };
        // A page that people had watched can link to anywhere, and so can a list that somebody else writes:
        // a statement is reached without the guard only where the list is there itself.
        let address = match configured {
            Some(source) => Address::of_source(source).leads_to(link, UrlProvenance::Page),
            None => Address::of_user(link),
        };
        let request = Request {
            respects_robots: configured.is_none_or(|source| source.respects_robots),
            ..Request::new(address)
        };
        let Ok(Fetched::Body(body)) = timeout(WORK_MAX, self.web.fetch(&request)).await else {
            return without_text(listed, NoText::Unreadable, lang);
        };
        let Body { bytes, content_type, url, .. } = *body;
        let (zone, at) = (subject.zone, now());
        // It cannot be cancelled, but what it may cost is bounded (`extract`), so it is waited for: nothing of
        // an errand goes on after its answer.
        let _reading = self.reading.lock().await;
        let article = tokio::task::spawn_blocking(move || {
            extract::article(&Document {
                seam: None,
                bytes: &bytes,
                content_type: content_type.as_deref(),
                url: Some(&url),
                zone,
                now: at,
                hints: &PageRules::default(),
            })
        });
        match article.await {
            Ok(Some(article)) => {
                let message = beginning(listed, &article, lang);
                Finished {
                    done: JobResult::Article(listed.entry_ref.entry_id, article),
                    say: Box::new(move |_| message),
                }
            }
            Ok(None) => without_text(listed, NoText::NotFound, lang),
            Err(_) => without_text(listed, NoText::Unreadable, lang),
        }
    }

    async fn watch(&self, url: &Url, errand: &Job, now: &impl Fn() -> DateTime<Utc>) -> Finished {
        let (about, lang) = (errand.about, errand.lang);
        let phrases = lang.phrases();
        let Some(name) = SourceName::parse("new") else {
            return Finished::said(message::plain(phrases.page_unreachable));
        };
        let source = Source {
            name,
            title: String::new(),
            url: url.clone(),
            interval: Duration::from_secs(900),
            zone: Tz::UTC,
            origin: Origin::Chat,
            is_default: false,
            respects_robots: true,
            counters: Vec::new(),
            page_rules: PageRules::default(),
        };
        let request = |url: Url| Request::new(Address::of_user(url));
        let FetchedDocument { reason, found, .. } =
            fetch_document(&self.web, &source, &request(url.clone()), Expected::Anything, now)
                .await;
        let mut entries: Vec<Candidate> = Vec::new();
        let mut title = None;
        if let Some(found) = found {
            title = found.reading.title.clone();
            entries.clone_from(&found.reading.entries);
            if entries.is_empty() && !found.reading.feeds.is_empty() {
                // A page without a list of its own may name a feed that has one.
                let (feed, _) = choose_feed(&self.web, &source, &found.reading, request, now).await;
                entries = feed.map(|feed| feed.found.reading.entries).unwrap_or_default();
            }
        }
        if entries.is_empty() {
            let words = match reason {
                PollStatus::Ok
                | PollStatus::Unchanged
                | PollStatus::Unreadable
                | PollStatus::HtmlForFeed => phrases.page_without_list,
                // An address inside is no other than one that is not there: whoever asks learns
                // nothing of the network.
                PollStatus::Robots | PollStatus::Challenge => phrases.page_forbids,
                _ => phrases.page_unreachable,
            };
            return Finished::said(message::plain(words));
        }
        let host = url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
        let title = title
            .map(|title| crate::domain::text::normalize_whitespace(&title))
            .filter(|t| !t.is_empty());
        let title: String = title.unwrap_or(host).chars().take(TITLE_CHARS_MAX).collect();
        let (shown, address) = (title.clone(), url.to_string());
        Finished {
            done: JobResult::Page(url.clone(), title),
            say: Box::new(move |probe_id| {
                message::found_page(&shown, &address, &entries, (about, probe_id), lang)
            }),
        }
    }
}

/// The first part of a statement.
fn beginning(listed: &EntryWithSource, article: &Article, lang: Lang) -> Message {
    message::article(listed, article, 0, lang)
        .unwrap_or_else(|| message::plain(lang.phrases().statement_gone))
}

fn is_open(button: &Button) -> bool {
    matches!(button.press, ButtonKind::Url(_))
}

/// What is said of a statement whose whole text cannot be had, which is remembered for a while.
fn without_text(listed: &EntryWithSource, why: NoText, lang: Lang) -> Finished {
    let message = message::no_text(listed, why, lang);
    let done = JobResult::NoText(listed.entry_ref.entry_id, why);
    Finished { done, say: Box::new(move |_| message) }
}
