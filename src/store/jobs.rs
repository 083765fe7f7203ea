//! Jobs: what has to be fetched before a user gets a reply.
//!
//! Guarantees: a job is done at least once and answered once: its reply is written in the transaction
//! that deletes it. An interrupted job is claimed again, a few times.
//! Out of scope: fetching (the module `jobs`).

use super::{
    Result, Store, UpdateTx, articles,
    encoding::{instant, millis, place, thread},
    entries,
    outbox::enqueue,
    tx::Tx,
    watch_candidates,
};
use crate::domain::web_url::without_www;
use crate::domain::{
    Article, EntryId, EntryRef, EntryWithSource, Lang, MessageId, NoText, Place, Reply, SourceName,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use url::Url;

/// How long a claim of a job holds.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(120);

/// How often a job is attempted.
pub const ATTEMPTS_MAX: u32 = 3;

/// The most jobs of one chat.
const WAITING_MAX: i64 = 5;

/// The most running jobs at one host, so that a slow host does not hold up the others.
const HOST_AT_ONCE: i64 = 2;

/// The task of a job.
#[derive(Clone, Debug, PartialEq)]
pub enum JobKind {
    /// Fetch the full text of this entry.
    FetchArticle(Box<EntryWithSource>, EntrySource),
    /// Check whether this page has a list.
    CheckPage(Url),
}

/// The source of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntrySource {
    /// The source's name.
    pub name: SourceName,
    /// The zone of its days.
    pub zone: Tz,
}

/// The result of claiming a job.
#[derive(Clone, Debug, PartialEq)]
pub enum JobClaim {
    /// A job to run.
    Claimed(Box<Job>),
    /// No job may run before this time. `None`: not before one is enqueued or finished.
    NotBefore(Option<DateTime<Utc>>),
}

impl JobClaim {
    /// Returns the job, if there is one.
    pub fn job(self) -> Option<Job> {
        match self {
            JobClaim::Claimed(job) => Some(*job),
            JobClaim::NotBefore(_) => None,
        }
    }
}

/// A job that may be run until its lease ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// Where the command was sent, and the reply goes.
    pub place: Place,
    /// The channel that it is about, if that is another chat.
    pub about: Option<Place>,
    /// The message that is replied to.
    pub reply_id: Option<MessageId>,
    /// Whether the reply goes to a channel.
    pub is_channel: bool,
    /// The language of the reply.
    pub lang: Lang,
    /// The task.
    pub task: JobKind,
    /// The full text, if another job fetched it meanwhile.
    pub known: Option<Article>,
    /// Why there is no full text, if another job found out recently.
    pub no_text: Option<NoText>,
    /// The number of attempts, this one included.
    pub attempt: u32,
}

/// The result of a job.
#[derive(Clone, Debug, PartialEq)]
pub enum JobResult {
    /// The full text of an entry.
    Article(EntryId, Article),
    /// Why an entry has no full text.
    NoText(EntryId, NoText),
    /// A page with a list: its address and title.
    Page(Url, String),
    /// Nothing that is stored.
    Nothing,
}

/// A job that is enqueued.
#[derive(Clone, Debug, Default)]
struct NewJob<'a> {
    kind: &'a str,
    about: Option<Place>,
    entry_id: Option<EntryId>,
    url: Option<&'a str>,
    host: String,
}

fn host_of(url: &Url) -> String {
    without_www(url.host_str().unwrap_or_default()).to_owned()
}

/// The result of enqueueing a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It is put in line.
    Yes,
    /// Too many are already.
    TooMany,
}

impl UpdateTx {
    /// Enqueues a job that fetches the full text of an entry.
    pub async fn enqueue_article_job(
        &mut self,
        place: Place,
        reply_id: Option<MessageId>,
        lang: Lang,
        listed: &EntryWithSource,
    ) -> Result<Enqueued> {
        let (entry_id, link) = (Some(listed.entry_ref.entry_id), listed.entry.link.as_deref());
        let host = link.and_then(|link| Url::parse(link).ok()).map(|url| host_of(&url));
        let job =
            NewJob { kind: "read", entry_id, host: host.unwrap_or_default(), ..NewJob::default() };
        self.enqueue_job(place, reply_id, lang, job).await
    }

    /// Enqueues a job that checks a page that a user wants to add. `about`: the place that will be
    /// subscribed, if it is another one.
    pub async fn enqueue_page_job(
        &mut self,
        place: Place,
        about: Option<Place>,
        reply_id: Option<MessageId>,
        lang: Lang,
        url: &Url,
    ) -> Result<Enqueued> {
        let job = NewJob {
            kind: "watch",
            about,
            url: Some(url.as_str()),
            host: host_of(url),
            ..NewJob::default()
        };
        self.enqueue_job(place, reply_id, lang, job).await
    }

    async fn enqueue_job(
        &mut self,
        place: Place,
        reply_id: Option<MessageId>,
        lang: Lang,
        job: NewJob<'_>,
    ) -> Result<Enqueued> {
        let done = sqlx::query(
            "insert into job (kind, chat_id, thread_id, reply_id, lang, entry_id, url, created_at, due_at,
                about_chat_id, host)
             select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?10, ?11
             where (select count(*) from job where chat_id = ?2) < ?9
                and not exists (select 1 from job
                    where chat_id = ?2 and thread_id = ?3 and (entry_id = ?6 or url = ?7))",
        )
        .bind(job.kind)
        .bind(place.chat)
        .bind(thread(place))
        .bind(reply_id)
        .bind(lang.code())
        .bind(job.entry_id)
        .bind(job.url)
        .bind(millis(self.now))
        .bind(WAITING_MAX)
        .bind(job.about.map(|place| place.chat))
        .bind(&job.host)
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() > 0 {
            return Ok(Enqueued::Yes);
        }
        // A double tap: the job is queued already.
        let is_queued: bool = sqlx::query_scalar(
            "select exists (select 1 from job
                where chat_id = ? and thread_id = ? and (entry_id = ? or url = ?))",
        )
        .bind(place.chat)
        .bind(thread(place))
        .bind(job.entry_id)
        .bind(job.url)
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(if is_queued { Enqueued::Yes } else { Enqueued::TooMany })
    }
}

impl Store {
    /// Claims the next job that is due. A job that was claimed too often is handed out a last time, with
    /// an attempt above [`ATTEMPTS_MAX`], so that the user gets a reply.
    pub async fn claim_job(&self, now: DateTime<Utc>) -> Result<JobClaim> {
        let next: Option<i64> =
            sqlx::query_scalar("select min(due_at) from job").fetch_one(&self.readers).await?;
        let next_at = next.map(instant);
        if next_at.is_none_or(|at| at > now) {
            return Ok(JobClaim::NotBefore(next_at));
        }
        let mut tx = self.begin().await?;
        let Some(row) = claim_row(&mut tx, now).await? else {
            // All jobs that are due wait for running ones, and are looked at when those have ended.
            tx.rollback().await?;
            return Ok(JobClaim::NotBefore(None));
        };
        let id = row.id;
        let claim = match load_job(&mut tx, row, now).await? {
            Some(job) => JobClaim::Claimed(Box::new(job)),
            None => {
                sqlx::query("delete from job where id = ?").bind(id).execute(&mut *tx).await?;
                JobClaim::NotBefore(Some(now))
            }
        };
        tx.commit().await?;
        Ok(claim)
    }

    /// Finishes a job: stores its result, and enqueues the reply, which `answer` makes from the id of
    /// the watch candidate (0: none). A job that was finished before gets no second reply.
    pub async fn finish_job(
        &self,
        job: &Job,
        done: &JobResult,
        answer: impl FnOnce(i64) -> Reply,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let deleted =
            sqlx::query("delete from job where id = ?").bind(job.id).execute(&mut *tx).await?;
        let is_open = deleted.rows_affected() > 0;
        let mut candidate_id = 0;
        match done {
            JobResult::Nothing => {}
            JobResult::Article(entry_id, article) => {
                articles::store(&mut tx, *entry_id, article, now).await?;
            }
            JobResult::NoText(entry_id, why) => {
                articles::store_failure(&mut tx, *entry_id, *why, now).await?;
            }
            JobResult::Page(url, title) if is_open => {
                candidate_id =
                    watch_candidates::insert(&mut tx, job.place.chat, url, title, now).await?;
            }
            JobResult::Page(..) => {}
        }
        if is_open {
            // Inserting it drops no reply that waits, whatever the limit of the place.
            enqueue::enqueue_reply(&mut tx, &answer(candidate_id), now).await?;
        }
        tx.commit().await
    }
}

#[derive(sqlx::FromRow)]
struct JobRow {
    id: i64,
    chat_id: i64,
    thread_id: i64,
    about_chat_id: Option<i64>,
    reply_id: Option<MessageId>,
    is_channel: bool,
    lang: String,
    entry_id: Option<EntryId>,
    url: Option<String>,
    attempt: u32,
}

/// Begins the lease of the first job that is due and may run now.
async fn claim_row(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<JobRow>> {
    Ok(sqlx::query_as(
        "update job set due_at = ?2, attempt = attempt + 1
         where id = (select id from job e where due_at <= ?1
                -- An article that is being fetched for one chat will be there for all.
                and not exists (select 1 from job o where o.host = e.host
                    and o.entry_id = e.entry_id and o.attempt > 0 and o.due_at > ?1)
                and (select count(*) from job o where o.host = e.host
                    and o.attempt > 0 and o.due_at > ?1) < ?3
            order by due_at, id limit 1)
         returning id, chat_id, thread_id, about_chat_id, reply_id, lang, entry_id, url, attempt,
            exists (select 1 from chat where chat.id = chat_id and kind = 'channel') as is_channel",
    )
    .bind(millis(now))
    .bind(millis(now + LEASE))
    .bind(HOST_AT_ONCE)
    .fetch_optional(&mut **tx)
    .await?)
}

/// Loads what a job needs. `None`: there is nothing to fetch.
async fn load_job(tx: &mut Tx, row: JobRow, now: DateTime<Utc>) -> Result<Option<Job>> {
    let (mut known, mut no_text) = (None, None);
    let task = match (row.entry_id, row.url.and_then(|url| url.parse().ok())) {
        (Some(entry_id), _) => {
            known = articles::article(tx, entry_id).await?;
            if known.is_none() {
                no_text = articles::no_text(tx, entry_id, now).await?;
            }
            entry_task(tx, entry_id).await?
        }
        (None, Some(url)) => Some(JobKind::CheckPage(url)),
        (None, None) => None,
    };
    Ok(task.map(|task| Job {
        id: row.id,
        place: place(row.chat_id, row.thread_id),
        about: row.about_chat_id.map(|id| place(id, 0)),
        reply_id: row.reply_id,
        is_channel: row.is_channel,
        lang: Lang::parse(&row.lang),
        task,
        known,
        no_text,
        attempt: row.attempt,
    }))
}

async fn entry_task(tx: &mut Tx, entry_id: EntryId) -> Result<Option<JobKind>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        name: String,
        source_title: String,
        secret: u32,
        zone: String,
        #[sqlx(flatten)]
        entry: entries::EntryRow,
    }
    let sql = format!(
        "select source.name, source.title as source_title, source.secret, source.zone, {}
         from entry e join source on source.id = e.source_id where e.id = ?",
        entries::ENTRY_COLUMNS
    );
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(entry_id).fetch_optional(&mut **tx).await?;
    Ok(row.and_then(|row| {
        let source = EntrySource {
            name: SourceName::parse(&row.name)?,
            zone: row.zone.parse().unwrap_or(Tz::UTC),
        };
        let entry_ref = EntryRef { entry_id, secret: row.secret };
        let listed =
            EntryWithSource { entry_ref, source_title: row.source_title, entry: row.entry.into() };
        Some(JobKind::FetchArticle(Box::new(listed), source))
    }))
}
