//! Errands: what has to be fetched for somebody before he can be answered; whole texts of entries, and
//! pages that people want watched.
//!
//! Promises: an errand is done at least once and answered once: its answer is written in the
//! transaction that ends it. One that is interrupted is taken up again, a few times.
//! Leaves out: fetching (`errand`).

use super::{
    Inbox, Result, Store,
    chats::{place, thread},
    deliveries, entries, instant, millis,
};
use crate::{
    domain::{Answer, Article, Listed, Place, SourceName},
    lang::Lang,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use url::Url;

/// How long an errand may take before it is taken up again: longer than a fetch.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(120);
/// How often it is taken up.
pub const ATTEMPTS_MAX: u32 = 3;
/// Errands that may wait for one chat.
const WAITING_MAX: i64 = 5;
/// How long a page that was looked at may be subscribed to.
const PROBE_KEPT: TimeDelta = TimeDelta::days(7);
/// The zone of the days of a page that people of chats had watched.
const ZONE_DEFAULT: Tz = Tz::UTC;

/// What is to be fetched.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// The whole text of this entry.
    Read(Box<Listed>, Subject),
    /// The list on a page.
    Watch(Url),
}

/// Whose entry it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The source's name.
    pub name: SourceName,
    /// The zone of its days.
    pub zone: Tz,
    /// Whether people of chats gave its address.
    pub is_of_chat: bool,
}

/// An errand that is ours to do, until its lease ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Errand {
    /// Its number.
    pub id: i64,
    /// Who asked.
    pub place: Place,
    /// The channel that it is about, if that is not where he asked.
    pub about: Option<Place>,
    /// The message that is answered.
    pub reply_id: Option<i64>,
    /// Whether that is a channel, where few of those who read may answer.
    pub is_channel: bool,
    /// In which language.
    pub lang: Lang,
    /// What is to be fetched.
    pub task: Task,
    /// How often it was taken up, this time included.
    pub attempt: u32,
}

/// What came of an errand.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// The whole text of an entry.
    Read(i64, Article),
    /// A page with a list: its address and title.
    Watch(Url, String),
    /// Nothing that is kept.
    Nothing,
}

/// What an errand is for.
#[derive(Clone, Copy, Debug, Default)]
struct Matter<'a> {
    kind: &'a str,
    about: Option<Place>,
    entry_id: Option<i64>,
    url: Option<&'a str>,
}

/// What was asked of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Somebody is on his way.
    Yes,
    /// Too many are already.
    TooMany,
}

impl Inbox {
    /// Sends for the whole text of an entry.
    pub async fn send_for_text(
        &mut self,
        place: Place,
        reply_id: Option<i64>,
        lang: Lang,
        entry_id: i64,
    ) -> Result<Sent> {
        let matter = Matter { kind: "read", entry_id: Some(entry_id), ..Matter::default() };
        self.send_for(place, reply_id, lang, matter).await
    }

    /// Sends for a page that somebody wants watched, `about` another place than the one where he asks.
    pub async fn send_for_page(
        &mut self,
        place: Place,
        about: Option<Place>,
        reply_id: Option<i64>,
        lang: Lang,
        url: &Url,
    ) -> Result<Sent> {
        let matter = Matter { kind: "watch", about, url: Some(url.as_str()), ..Matter::default() };
        self.send_for(place, reply_id, lang, matter).await
    }

    async fn send_for(
        &mut self,
        place: Place,
        reply_id: Option<i64>,
        lang: Lang,
        matter: Matter<'_>,
    ) -> Result<Sent> {
        let done = sqlx::query(
            "insert into errand (kind, chat_id, thread_id, reply_id, lang, entry_id, url, made_at, due_at,
                about_chat_id)
             select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?10
             where (select count(*) from errand where chat_id = ?2) < ?9",
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
        .execute(&mut *self.tx)
        .await?;
        Ok(if done.rows_affected() > 0 { Sent::Yes } else { Sent::TooMany })
    }

    /// The whole text of an entry, if it was fetched.
    pub async fn article(&mut self, entry_id: i64) -> Result<Option<Article>> {
        let body: Option<String> =
            sqlx::query_scalar("select body from article where entry_id = ?")
                .bind(entry_id)
                .fetch_optional(&mut *self.tx)
                .await?;
        Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
    }

    /// Has the page watched that a place was shown under this number, if it was; returns the source.
    /// The addresses that people give are at most `most`.
    pub async fn watch_probe(
        &mut self,
        probe_id: i64,
        chat: Place,
        most: usize,
    ) -> Result<Option<i64>> {
        let probe: Option<(String, String)> =
            sqlx::query_as("select url, title from probe where id = ? and chat_id = ?")
                .bind(probe_id)
                .bind(chat.chat.0)
                .fetch_optional(&mut *self.tx)
                .await?;
        let Some((url, title)) = probe else {
            return Ok(None);
        };
        let known: Option<i64> =
            sqlx::query_scalar("select id from source where url = ? and watched = 1 order by id")
                .bind(&url)
                .fetch_optional(&mut *self.tx)
                .await?;
        if known.is_some() {
            return Ok(known);
        }
        let source_id: Option<i64> = sqlx::query_scalar(
            "insert into source (name, title, url, zone, next_poll_at, origin, is_default)
             select 'chat-' || (ifnull((select max(id) from source), 0) + 1), ?1, ?2, ?3, ?4, 'chat', 0
             where (select count(*) from source where origin = 'chat' and exists (
                    select 1 from subscription where source_id = source.id)) < ?5
             returning id",
        )
        .bind(title)
        .bind(url)
        .bind(ZONE_DEFAULT.name())
        .bind(millis(self.now))
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(source_id)
    }

    /// The address that a place was shown under this number.
    pub async fn probe_url(&mut self, probe_id: i64, place: Place) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("select url from probe where id = ? and chat_id = ?")
            .bind(probe_id)
            .bind(place.chat.0)
            .fetch_optional(&mut *self.tx)
            .await?)
    }
}

impl Store {
    /// Takes up the next errand that is due, or says when one is. One that was taken up too often is
    /// handed out a last time, with an attempt above [`ATTEMPTS_MAX`], so that whoever waits is told.
    pub async fn take_errand(
        &self,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Errand, Option<DateTime<Utc>>>> {
        let next: Option<i64> =
            sqlx::query_scalar("select min(due_at) from errand").fetch_one(&self.readers).await?;
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
            "update errand set due_at = ?2, attempt = attempt + 1
             where id = (select id from errand where due_at <= ?1 order by due_at, id limit 1)
             returning id, chat_id, thread_id, about_chat_id, reply_id, lang, entry_id, url, attempt,
                exists (select 1 from chat where chat.id = chat_id and kind = 'channel') as is_channel",
        )
        .bind(millis(now))
        .bind(millis(now + LEASE))
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else {
            tx.rollback().await?;
            return Ok(Err(None));
        };
        let task = match (row.entry_id, row.url.and_then(|url| url.parse().ok())) {
            (Some(entry_id), _) => entry_task(&mut tx, entry_id).await?,
            (None, Some(url)) => Some(Task::Watch(url)),
            (None, None) => None,
        };
        let Some(task) = task else {
            sqlx::query("delete from errand where id = ?").bind(row.id).execute(&mut *tx).await?;
            tx.commit().await?;
            return Ok(Err(Some(now)));
        };
        tx.commit().await?;
        Ok(Ok(Errand {
            id: row.id,
            place: place(row.chat_id, row.thread_id),
            about: row.about_chat_id.map(|id| place(id, 0)),
            reply_id: row.reply_id,
            is_channel: row.is_channel,
            lang: Lang::parse(&row.lang),
            task,
            attempt: row.attempt,
        }))
    }

    /// Ends an errand: what was found is kept, whoever asked is answered with what `answer` makes of it,
    /// given the number under which a page can be subscribed to. Nothing, if it was ended before.
    pub async fn end_errand(
        &self,
        errand: &Errand,
        done: &Done,
        answer: impl FnOnce(i64) -> Answer,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let ended = sqlx::query("delete from errand where id = ?")
            .bind(errand.id)
            .execute(&mut *tx)
            .await?;
        if ended.rows_affected() == 0 {
            return tx.rollback().await;
        }
        let mut probe_id = 0;
        match done {
            Done::Nothing => {}
            Done::Read(entry_id, article) => {
                sqlx::query(
                    "insert or replace into article (entry_id, body, fetched_at) values (?, ?, ?)",
                )
                .bind(entry_id)
                .bind(serde_json::to_string(article).unwrap_or_default())
                .bind(millis(now))
                .execute(&mut *tx)
                .await?;
                entries::index(&mut tx, *entry_id, None).await?;
            }
            Done::Watch(url, title) => {
                sqlx::query("delete from probe where made_at < ?")
                    .bind(millis(now - PROBE_KEPT))
                    .execute(&mut *tx)
                    .await?;
                probe_id = sqlx::query_scalar(
                    "insert into probe (url, title, chat_id, made_at) values (?, ?, ?, ?)
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
        // Whoever was told to wait is answered, however many commands came meanwhile.
        deliveries::put(&mut tx, &answer(probe_id), i64::MAX, now).await?;
        tx.commit().await
    }
}

async fn entry_task(tx: &mut super::Tx, entry_id: i64) -> Result<Option<Task>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        name: String,
        source_title: String,
        zone: String,
        origin: String,
        #[sqlx(flatten)]
        entry: entries::EntryRow,
    }
    let sql = format!(
        "select source.name, source.title as source_title, source.zone, source.origin, {}
         from entry e join source on source.id = e.source_id where e.id = ?",
        entries::ENTRY_COLUMNS
    );
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(entry_id).fetch_optional(&mut **tx).await?;
    Ok(row.and_then(|row| {
        let subject = Subject {
            name: SourceName::parse(&row.name)?,
            zone: row.zone.parse().unwrap_or(Tz::UTC),
            is_of_chat: row.origin == "chat",
        };
        let listed = Listed { entry_id, source_title: row.source_title, entry: row.entry.into() };
        Some(Task::Read(Box::new(listed), subject))
    }))
}
