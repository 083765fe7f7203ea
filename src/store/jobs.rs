//! Errands: what has to be fetched for somebody before they can be answered; whole texts of entries, and
//! pages that people want watched.
//!
//! Promises: an errand is done at least once and answered once: its answer is written in the
//! transaction that ends it. One that is interrupted is taken up again, a few times.
//! Leaves out: fetching (`errand`).

use super::{
    Result, Store, UpdateTx,
    chats::{place, thread},
    entries, instant, millis, outbox,
};
use crate::domain::{Article, EntryRef, EntryWithSource, Lang, NoText, Place, Reply, SourceName};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use url::Url;

/// How long an errand may take before it is taken up again.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(120);
/// How often it is taken up.
pub const ATTEMPTS_MAX: u32 = 3;
/// Errands that may wait for one chat.
const WAITING_MAX: i64 = 5;
/// Errands at one host at the same time: one that is slow must not hold up all others.
const HOST_AT_ONCE: i64 = 2;
/// Pages that people had watched are kept with what is known of them when nobody follows them any more:
/// so many times as many as may be followed.
const KEPT_FACTOR: i64 = 10;
/// How long a page that was looked at may be subscribed to.
const CANDIDATE_KEPT: TimeDelta = TimeDelta::days(7);
/// How long it is remembered that a statement has no whole text: whoever asks again within that time is
/// answered at once.
pub const NO_TEXT_KEPT: TimeDelta = TimeDelta::hours(1);
/// The zone of the days of a page that people of chats had watched.
const ZONE_DEFAULT: Tz = Tz::UTC;

/// What is to be fetched.
#[derive(Clone, Debug, PartialEq)]
pub enum JobKind {
    /// The whole text of this entry.
    FetchArticle(Box<EntryWithSource>, EntrySource),
    /// The list on a page.
    CheckPage(Url),
}

/// Whose entry it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntrySource {
    /// The source's name.
    pub name: SourceName,
    /// The zone of its days.
    pub zone: Tz,
    /// Whether people of chats gave its address.
    pub is_of_chat: bool,
}

/// An errand that is ours to do, until its lease ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// Who asked.
    pub place: Place,
    /// The channel that it is about, if that is not where they asked.
    pub about: Option<Place>,
    /// The message that is answered.
    pub reply_id: Option<i64>,
    /// Whether that is a channel, where few of those who read may answer.
    pub is_channel: bool,
    /// In which language.
    pub lang: Lang,
    /// What is to be fetched.
    pub task: JobKind,
    /// The whole text, if it came for somebody else meanwhile.
    pub known: Option<Article>,
    /// Why there is none, if that was found out for somebody else meanwhile.
    pub no_text: Option<NoText>,
    /// How often it was taken up, this time included.
    pub attempt: u32,
}

/// What came of an errand.
#[derive(Clone, Debug, PartialEq)]
pub enum JobResult {
    /// The whole text of an entry.
    Article(i64, Article),
    /// That there is no whole text of an entry, and why.
    NoText(i64, NoText),
    /// A page with a list: its address and title.
    Page(Url, String),
    /// Nothing that is kept.
    Nothing,
}

/// What an errand is for.
#[derive(Clone, Debug, Default)]
struct NewJob<'a> {
    kind: &'a str,
    about: Option<Place>,
    entry_id: Option<i64>,
    url: Option<&'a str>,
    host: String,
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned()
}

/// What was asked of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It is put in line.
    Yes,
    /// Too many are already.
    TooMany,
}

impl UpdateTx {
    /// Sends for the whole text of an entry.
    pub async fn enqueue_article_job(
        &mut self,
        place: Place,
        reply_id: Option<i64>,
        lang: Lang,
        listed: &EntryWithSource,
    ) -> Result<Enqueued> {
        let (entry_id, link) = (Some(listed.entry_ref.entry_id), listed.entry.link.as_deref());
        let host = link.and_then(|link| Url::parse(link).ok()).map(|url| host_of(&url));
        let matter =
            NewJob { kind: "read", entry_id, host: host.unwrap_or_default(), ..NewJob::default() };
        self.enqueue_job(place, reply_id, lang, matter).await
    }

    /// Sends for a page that somebody wants watched, `about` another place than the one where they ask.
    pub async fn enqueue_page_job(
        &mut self,
        place: Place,
        about: Option<Place>,
        reply_id: Option<i64>,
        lang: Lang,
        url: &Url,
    ) -> Result<Enqueued> {
        let matter = NewJob {
            kind: "watch",
            about,
            url: Some(url.as_str()),
            host: host_of(url),
            ..NewJob::default()
        };
        self.enqueue_job(place, reply_id, lang, matter).await
    }

    async fn enqueue_job(
        &mut self,
        place: Place,
        reply_id: Option<i64>,
        lang: Lang,
        matter: NewJob<'_>,
    ) -> Result<Enqueued> {
        let done = sqlx::query(
            "insert into job (kind, chat_id, thread_id, reply_id, lang, entry_id, url, created_at, due_at,
                about_chat_id, host)
             select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?10, ?11
             where (select count(*) from job where chat_id = ?2) < ?9
                and not exists (select 1 from job
                    where chat_id = ?2 and thread_id = ?3 and (entry_id = ?6 or url = ?7))",
        )
        .bind(matter.kind)
        .bind(place.chat.0)
        .bind(thread(place))
        .bind(reply_id)
        .bind(lang.code())
        .bind(matter.entry_id)
        .bind(matter.url)
        .bind(millis(self.now))
        .bind(WAITING_MAX)
        .bind(matter.about.map(|place| place.chat.0))
        .bind(&matter.host)
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() > 0 {
            return Ok(Enqueued::Yes);
        }
        // A double tap: it is in line already.
        let is_sent: bool = sqlx::query_scalar(
            "select exists (select 1 from job
                where chat_id = ? and thread_id = ? and (entry_id = ? or url = ?))",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .bind(matter.entry_id)
        .bind(matter.url)
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(if is_sent { Enqueued::Yes } else { Enqueued::TooMany })
    }

    /// The whole text of an entry, if it was fetched.
    pub async fn article(&mut self, entry_id: i64) -> Result<Option<Article>> {
        article(&mut self.tx, entry_id).await
    }

    /// Why there is no whole text of an entry, if that was found out a short while ago.
    pub async fn no_text(&mut self, entry_id: i64) -> Result<Option<NoText>> {
        no_text(&mut self.tx, entry_id, self.now).await
    }

    /// Has the page watched that a place was shown under this number, if it was; returns the source.
    /// The addresses that people give are at most `most`.
    pub async fn accept_watch_candidate(
        &mut self,
        probe_id: i64,
        chat: Place,
        most: usize,
    ) -> Result<Option<i64>> {
        let probe: Option<(String, String)> =
            sqlx::query_as("select url, title from watch_candidate where id = ? and chat_id = ?")
                .bind(probe_id)
                .bind(chat.chat.0)
                .fetch_optional(&mut *self.tx)
                .await?;
        let Some((url, title)) = probe else {
            return Ok(None);
        };
        let known: Option<(i64, bool)> = sqlx::query_as(
            "select id, origin = 'operator'
                or exists (select 1 from subscription where source_id = source.id)
                or exists (select 1 from removed_subscription where source_id = source.id)
             from source where url = ? and watched = 1 order by id",
        )
        .bind(&url)
        .fetch_optional(&mut *self.tx)
        .await?;
        if let Some((known, true)) = known {
            return Ok(Some(known));
        }
        let (followed, kept): (i64, i64) = sqlx::query_as(
            "select ifnull(sum(exists (select 1 from subscription where source_id = source.id)
                    or exists (select 1 from removed_subscription where source_id = source.id)), 0),
                count(*)
             from source where origin = 'chat'",
        )
        .fetch_one(&mut *self.tx)
        .await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        if followed >= most {
            return Ok(None);
        }
        if let Some((known, false)) = known {
            // Nobody read it for a while: what stands there now is known, as it is on a new page.
            sqlx::query(
                "update source set baseline_at = null, read_at = null, etag = null,
                    last_modified = null, failures = 0, reason = 'new', note = null,
                    next_poll_at = ?2 where id = ?1",
            )
            .bind(known)
            .bind(millis(self.now))
            .execute(&mut *self.tx)
            .await?;
            return Ok(Some(known));
        }
        if kept >= most.saturating_mul(KEPT_FACTOR) {
            return Ok(None);
        }
        let source_id: i64 = sqlx::query_scalar(
            "insert into source (name, title, url, zone, next_poll_at, origin, is_default, secret)
             select 'chat-' || (ifnull((select max(id) from source), 0) + 1), ?1, ?2, ?3, ?4, 'chat', 0,
                1 + abs(random() % 4294967295)
             returning id",
        )
        .bind(title)
        .bind(url)
        .bind(ZONE_DEFAULT.name())
        .bind(millis(self.now))
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(Some(source_id))
    }

    /// The address that a place was shown under this number.
    pub async fn watch_candidate_url(
        &mut self,
        probe_id: i64,
        place: Place,
    ) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("select url from watch_candidate where id = ? and chat_id = ?")
            .bind(probe_id)
            .bind(place.chat.0)
            .fetch_optional(&mut *self.tx)
            .await?)
    }
}

impl Store {
    /// Forgets pages that somebody looked at long ago.
    pub async fn delete_old_watch_candidates(&self, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from watch_candidate where created_at < ?")
            .bind(millis(now - CANDIDATE_KEPT))
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// Takes up the next errand that is due, or says when one is. One that was taken up too often is
    /// handed out a last time, with an attempt above [`ATTEMPTS_MAX`], so that whoever waits is told.
    pub async fn claim_job(
        &self,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Job, Option<DateTime<Utc>>>> {
        let next: Option<i64> =
            sqlx::query_scalar("select min(due_at) from job").fetch_one(&self.readers).await?;
        let next_at = next.map(instant);
        if next_at.is_none_or(|at| at > now) {
            return Ok(Err(next_at));
        }
        #[derive(sqlx::FromRow)]
        struct Row {
            id: i64,
            chat_id: i64,
            thread_id: i64,
            about_chat_id: Option<i64>,
            reply_id: Option<i64>,
            is_channel: bool,
            lang: String,
            entry_id: Option<i64>,
            url: Option<String>,
            attempt: u32,
        }
        let mut tx = self.begin().await?;
        let row: Option<Row> = sqlx::query_as(
            "update job set due_at = ?2, attempt = attempt + 1
             where id = (select id from job e where due_at <= ?1
                    -- What is being fetched for somebody is there for all when that is done.
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
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else {
            // All that is due waits for one that is being done, and is looked at when that has ended.
            tx.rollback().await?;
            return Ok(Err(None));
        };
        let known = match row.entry_id {
            Some(entry_id) => article(&mut tx, entry_id).await?,
            None => None,
        };
        let no_text = match row.entry_id {
            Some(entry_id) if known.is_none() => no_text(&mut tx, entry_id, now).await?,
            _ => None,
        };
        let task = match (row.entry_id, row.url.and_then(|url| url.parse().ok())) {
            (Some(entry_id), _) => entry_task(&mut tx, entry_id).await?,
            (None, Some(url)) => Some(JobKind::CheckPage(url)),
            (None, None) => None,
        };
        let Some(task) = task else {
            sqlx::query("delete from job where id = ?").bind(row.id).execute(&mut *tx).await?;
            tx.commit().await?;
            return Ok(Err(Some(now)));
        };
        tx.commit().await?;
        Ok(Ok(Job {
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

    /// Ends an errand: what was found is kept, whoever asked is answered with what `answer` makes of it,
    /// given the number under which a page can be subscribed to. If it was ended before, nobody is.
    pub async fn finish_job(
        &self,
        errand: &Job,
        done: &JobResult,
        answer: impl FnOnce(i64) -> Reply,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let ended =
            sqlx::query("delete from job where id = ?").bind(errand.id).execute(&mut *tx).await?;
        let is_ended = ended.rows_affected() > 0;
        let mut probe_id = 0;
        match done {
            JobResult::Page(..) if !is_ended => {}
            JobResult::Nothing => {}
            JobResult::Article(entry_id, article) => {
                sqlx::query(
                    "insert or replace into article (entry_id, body, fetched_at) values (?, ?, ?)",
                )
                .bind(entry_id)
                .bind(serde_json::to_string(article).unwrap_or_default())
                .bind(millis(now))
                .execute(&mut *tx)
                .await?;
                sqlx::query("delete from article_failure where entry_id = ?")
                    .bind(entry_id)
                    .execute(&mut *tx)
                    .await?;
                entries::index(&mut tx, *entry_id, None).await?;
            }
            JobResult::NoText(entry_id, why) => {
                sqlx::query("delete from article_failure where failed_at <= ?")
                    .bind(millis(now - NO_TEXT_KEPT))
                    .execute(&mut *tx)
                    .await?;
                // Whoever is answered from what is remembered does not make it be remembered longer.
                sqlx::query(
                    "insert into article_failure (entry_id, reason, failed_at) values (?1, ?2, ?3)
                     on conflict (entry_id) do update set reason = ?2, failed_at = ?3
                        where failed_at > ?3",
                )
                .bind(entry_id)
                .bind(why.as_str())
                .bind(millis(now))
                .execute(&mut *tx)
                .await?;
            }
            JobResult::Page(url, title) => {
                probe_id = sqlx::query_scalar(
                    "insert into watch_candidate (url, title, chat_id, created_at) values (?, ?, ?, ?)
                     returning id",
                )
                .bind(url.as_str())
                .bind(title)
                .bind(errand.place.chat.0)
                .bind(millis(now))
                .fetch_one(&mut *tx)
                .await?;
            }
        }
        if !is_ended {
            return tx.commit().await;
        }
        // Whoever was told to wait is answered, however many commands came meanwhile.
        outbox::enqueue_reply(&mut tx, &answer(probe_id), now).await?;
        tx.commit().await
    }
}

async fn article(tx: &mut super::Tx, entry_id: i64) -> Result<Option<Article>> {
    let body: Option<String> = sqlx::query_scalar("select body from article where entry_id = ?")
        .bind(entry_id)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}

async fn no_text(tx: &mut super::Tx, entry_id: i64, now: DateTime<Utc>) -> Result<Option<NoText>> {
    let why: Option<String> = sqlx::query_scalar(
        // One from a time to come is of a clock that was set back since.
        "select reason from article_failure where entry_id = ?1 and failed_at > ?2 and failed_at <= ?3",
    )
    .bind(entry_id)
    .bind(millis(now - NO_TEXT_KEPT))
    .bind(millis(now))
    .fetch_optional(&mut **tx)
    .await?;
    Ok(why.as_deref().and_then(NoText::parse))
}

async fn entry_task(tx: &mut super::Tx, entry_id: i64) -> Result<Option<JobKind>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        name: String,
        source_title: String,
        secret: u32,
        zone: String,
        origin: String,
        #[sqlx(flatten)]
        entry: entries::EntryRow,
    }
    let sql = format!(
        "select source.name, source.title as source_title, source.secret, source.zone, source.origin, {}
         from entry e join source on source.id = e.source_id where e.id = ?",
        entries::ENTRY_COLUMNS
    );
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(entry_id).fetch_optional(&mut **tx).await?;
    Ok(row.and_then(|row| {
        let subject = EntrySource {
            name: SourceName::parse(&row.name)?,
            zone: row.zone.parse().unwrap_or(Tz::UTC),
            is_of_chat: row.origin == "chat",
        };
        let handle = EntryRef { entry_id, secret: row.secret };
        let listed = EntryWithSource {
            entry_ref: handle,
            source_title: row.source_title,
            entry: row.entry.into(),
        };
        Some(JobKind::FetchArticle(Box::new(listed), subject))
    }))
}
