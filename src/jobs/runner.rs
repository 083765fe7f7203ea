//! Claims jobs, runs them and finishes them with a reply.

use super::{
    check_page::CheckPage,
    fetch_article::{self, FetchArticle},
    outcome::JobOutcome,
};
use crate::{
    domain::{Button, ButtonKind, Message, NoText, Reply, Source},
    fetch::Web,
    message,
    poll::PollContext,
    store::{ATTEMPTS_MAX, Job, JobClaim, JobKind, Store, StoreError},
};
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::timeout};

/// How long a job may fetch: less than its lease, so that no other worker claims it meanwhile.
const WORK_MAX: Duration = Duration::from_secs(90);

/// Runs jobs.
#[derive(Clone, Debug)]
pub struct JobRunner<W> {
    context: PollContext<W>,
    /// Held while a main text is searched: one at a time needs no more memory than one.
    extracting: Arc<Mutex<()>>,
}

impl<W: Web> JobRunner<W> {
    /// Creates a runner of jobs for chats that receive these sources.
    pub fn new(store: Store, web: W, sources: &[Source]) -> Self {
        JobRunner { context: PollContext::new(store, web, sources), extracting: Arc::default() }
    }

    /// Claims the next job that is due, or returns when one is.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next(&self, now: DateTime<Utc>) -> Result<JobClaim, StoreError> {
        self.context.store.claim_job(now).await
    }

    /// Runs a job and enqueues the reply.
    ///
    /// # Errors
    /// If the database fails; the job is claimed again when its lease expires.
    pub async fn run(&self, job: &Job, now: impl Fn() -> DateTime<Utc>) -> Result<(), StoreError> {
        let is_given_up = job.attempt > ATTEMPTS_MAX && job.known.is_none();
        let outcome = match is_given_up {
            true => None,
            false => self.work(job, &now).await,
        };
        let JobOutcome { result, reply } = outcome.unwrap_or_else(|| failed(job));
        let reply = |candidate_id| {
            let mut message = reply(candidate_id);
            if job.is_channel && matches!(job.task, JobKind::FetchArticle(..)) {
                keep_links(&mut message);
            }
            Reply { reply_id: job.reply_id, ..Reply::new(job.place, message) }
        };
        self.context.store.finish_job(job, &result, reply, now()).await
    }

    /// Does the work of a job. Returns `None` if it takes too long.
    async fn work(&self, job: &Job, now: &impl Fn() -> DateTime<Utc>) -> Option<JobOutcome> {
        let context = &self.context;
        match (&job.task, &job.known) {
            (JobKind::FetchArticle(listed, _), Some(article)) => {
                Some(JobOutcome::reply(fetch_article::first_part(listed, article, job.lang)))
            }
            (JobKind::FetchArticle(listed, subject), None) => {
                if let Some(why) = job.no_text {
                    return Some(fetch_article::without_text(listed, why, job.lang));
                }
                let (lang, extracting) = (job.lang, &*self.extracting);
                let fetch = FetchArticle { context, extracting, listed, subject, lang };
                Some(fetch.run(WORK_MAX, now).await)
            }
            (JobKind::CheckPage(url), _) => {
                let check = CheckPage { web: &context.web, url, about: job.about, lang: job.lang };
                timeout(WORK_MAX, check.run(now)).await.ok()
            }
        }
    }
}

/// Returns the outcome of a job that took too long or was given up.
fn failed(job: &Job) -> JobOutcome {
    match &job.task {
        JobKind::FetchArticle(listed, _) => {
            fetch_article::without_text(listed, NoText::Unreadable, job.lang)
        }
        JobKind::CheckPage(_) => {
            JobOutcome::reply(message::plain(job.lang.phrases().page_unreachable))
        }
    }
}

/// Removes the buttons that continue a text: anyone who pressed them in a channel would do so for all
/// its readers.
fn keep_links(message: &mut Message) {
    let is_link = |button: &Button| matches!(button.press, ButtonKind::Url(_));
    message.buttons.iter_mut().for_each(|row| row.retain(is_link));
    message.buttons.retain(|row| !row.is_empty());
}
