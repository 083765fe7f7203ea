//! The job that fetches the full text of an entry.
//!
//! Guarantees: one main text is searched at a time, and nothing of a job goes on after its reply.

use super::outcome::JobOutcome;
use crate::{
    domain::{Article, EntryWithSource, Message, NoText, PageRules},
    extract::{self, Document},
    fetch::{Address, Body, Fetched, Request, Web},
    lang::Lang,
    message,
    poll::PollContext,
    store::{EntrySource, JobResult},
};
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio::{sync::Mutex, time::timeout};
use url::Url;

/// The full text that is fetched.
pub(super) struct FetchArticle<'a, W> {
    pub(super) context: &'a PollContext<W>,
    /// Held while a main text is searched.
    pub(super) extracting: &'a Mutex<()>,
    pub(super) listed: &'a EntryWithSource,
    pub(super) subject: &'a EntrySource,
    pub(super) lang: Lang,
}

impl<W: Web> FetchArticle<'_, W> {
    /// Fetches the page of the entry, for at most `fetch_max`, and extracts its main text.
    pub(super) async fn run(
        &self,
        fetch_max: Duration,
        now: &impl Fn() -> DateTime<Utc>,
    ) -> JobOutcome {
        let (listed, lang) = (self.listed, self.lang);
        let link: Option<Url> = listed.entry.link.as_deref().and_then(|link| link.parse().ok());
        let Some(link) = link else {
            return without_text(listed, NoText::Unreadable, lang);
        };
        let request = self.request(link);
        let fetch = timeout(fetch_max, self.context.web.fetch(&request));
        let Ok(Fetched::Body(body)) = fetch.await else {
            return without_text(listed, NoText::Unreadable, lang);
        };
        match self.extract(*body, now()).await {
            Ok(Some(article)) => {
                let message = first_part(listed, &article, lang);
                let result = JobResult::Article(listed.entry_ref.entry_id, article);
                JobOutcome::new(result, message)
            }
            Ok(None) => without_text(listed, NoText::NotFound, lang),
            Err(_) => without_text(listed, NoText::Unreadable, lang),
        }
    }

    /// Returns the request for the page of the entry.
    fn request(&self, link: Url) -> Request {
        let configured = self.context.sources.get(&self.subject.name);
        // A page that users added can link to anywhere, and so can a list that others write: the
        // SSRF guard is off only for the host of a configured source.
        let address = match configured {
            Some(source) => Address::of_source(source).leads_to(link),
            None => Address::of_user(link),
        };
        Request {
            respects_robots: configured.is_none_or(|source| source.respects_robots),
            ..Request::new(address)
        }
    }

    /// Extracts the main text. The work cannot be cancelled, but is bounded (`extract`), so it is
    /// waited for.
    async fn extract(
        &self,
        body: Body,
        now: DateTime<Utc>,
    ) -> Result<Option<Article>, tokio::task::JoinError> {
        let Body { bytes, content_type, url, .. } = body;
        let zone = self.subject.zone;
        let _extracting = self.extracting.lock().await;
        let article = tokio::task::spawn_blocking(move || {
            extract::article(&Document {
                seam: None,
                bytes: &bytes,
                content_type: content_type.as_deref(),
                url: Some(&url),
                zone,
                now,
                page_rules: &PageRules::default(),
            })
        });
        article.await
    }
}

/// Returns the message with the first part of a full text.
pub(super) fn first_part(listed: &EntryWithSource, article: &Article, lang: Lang) -> Message {
    message::article(listed, article, 0, lang)
        .unwrap_or_else(|| message::plain(lang.phrases().statement_gone))
}

/// Returns the outcome for an entry without a full text, which is remembered for a while.
pub(super) fn without_text(listed: &EntryWithSource, why: NoText, lang: Lang) -> JobOutcome {
    let result = JobResult::NoText(listed.entry_ref.entry_id, why);
    JobOutcome::new(result, message::no_text(listed, why, lang))
}
