//! The payload of a delivery: what is sent, loaded when it is claimed.
//!
//! Guarantees: loads the facts, lets `domain::readiness` decide, and only then builds the payload; all
//! in the transaction of the claim. Entries and counters are those of that moment.
//! Out of scope: the text of a message (`message`).

use super::{lane::Lane, merge::merge_waiting, queue::QueueHead};
use crate::domain::{
    ChatKind, Counter, CounterSchedule, CustomCounter, DailyFacts, DeliveryId, EffectiveSettings,
    Entry, EntryId, EntryRef, EntryWithSource, Lang, Message, MessageId, Milestone, MilestoneFacts,
    NotificationId, Readiness, Reply, SettingsOverrides, SourceCounters, SourceId, StatementFacts,
    readiness::is_wanted,
};
use crate::store::{
    Result,
    counters::{custom_counters_of, of_place, source_counters},
    encoding::{day, from_json, instant, settings_from_json},
    entries::{ENTRY_COLUMNS, EntryRow},
    tx::Tx,
    zone::zone_in,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// A reply, as it was composed when it was enqueued.
    Reply(Box<Reply>),
    /// An entry, or a digest of several.
    Statement(Box<Statement>),
    /// A milestone of a counter of a source.
    Milestone(Box<MilestoneNotice>),
    /// The counters of a day.
    Daily(Box<DailyCounters>),
}

impl Payload {
    /// Whether it edits or replies to another message.
    pub(super) fn has_reply_or_edit(&self) -> bool {
        match self {
            Payload::Reply(reply) => reply.edit_id.is_some() || reply.reply_id.is_some(),
            _ => false,
        }
    }
}

/// An entry, or a digest of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The language of the chat.
    pub lang: Lang,
    /// The kind of the chat.
    pub kind: ChatKind,
    /// The username of the bot, for links to it.
    pub username: Option<String>,
    /// The settings for the source in the place.
    pub settings: EffectiveSettings,
    /// The entry as it is now; of a digest the newest one.
    pub listed: EntryWithSource,
    /// All entries of a digest, oldest first; empty for a single entry.
    pub digest: Vec<Entry>,
    /// The source with its counters.
    pub source: SourceCounters,
}

/// A milestone of a counter of a source.
#[derive(Clone, Debug, PartialEq)]
pub struct MilestoneNotice {
    /// The language of the chat.
    pub lang: Lang,
    /// The title of the source.
    pub source_title: String,
    /// The address of the source.
    pub source_url: String,
    /// The counter.
    pub counter: Counter,
    /// The day.
    pub on: NaiveDate,
    /// Why the day is announced.
    pub milestone: Milestone,
}

/// The counters of a place on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct DailyCounters {
    /// The language of the chat.
    pub lang: Lang,
    /// The day.
    pub on: NaiveDate,
    /// The sources of the place with their counters; empty if only milestones are sent.
    pub sources: Vec<SourceCounters>,
    /// The counters of the place itself.
    pub own: Vec<CustomCounter>,
    /// Whether only milestones are sent.
    pub milestones_only: bool,
}

/// A payload, or why there is none now.
pub(super) enum Loaded {
    /// It is sent; whether without a notification sound.
    Send(Box<Payload>, bool),
    /// It waits until then.
    Defer(DateTime<Utc>),
    /// It is not wanted.
    Drop,
}

/// The chat that a delivery is for.
struct Recipient {
    lang: Lang,
    kind: ChatKind,
    settings: SettingsOverrides,
}

/// Loads the payload of a delivery, if it is sent now.
pub(super) async fn load(
    tx: &mut Tx,
    head: &QueueHead,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<Loaded> {
    if head.lane == Lane::Reply {
        return Ok(Loaded::Send(Box::new(reply(tx, head).await?), false));
    }
    let (notification_id, milestone_id, daily_on): (
        Option<NotificationId>,
        Option<i64>,
        Option<String>,
    ) = sqlx::query_as("select notification_id, milestone_id, daily_on from delivery where id = ?")
        .bind(head.id)
        .fetch_one(&mut **tx)
        .await?;
    let chat = recipient(tx, head.chat_id).await?;
    match (notification_id, milestone_id, day(daily_on.as_deref())) {
        (Some(id), ..) => statement(tx, head, id, chat, digest_above, now).await,
        (_, Some(id), _) => milestone(tx, head, id, &chat, now).await,
        (.., Some(on)) => daily(tx, head, on, &chat, now).await,
        _ => Ok(Loaded::Drop),
    }
}

async fn reply(tx: &mut Tx, head: &QueueHead) -> Result<Payload> {
    type Row = (String, Option<String>, Option<MessageId>, Option<MessageId>, Option<String>);
    let (html, buttons, edit_id, reply_id, file): Row =
        sqlx::query_as("select html, buttons, edit_id, reply_id, file from delivery where id = ?")
            .bind(head.id)
            .fetch_one(&mut **tx)
            .await?;
    let message = Message { html, buttons: from_json(buttons) };
    Ok(Payload::Reply(Box::new(Reply { place: head.place(), message, edit_id, reply_id, file })))
}

async fn recipient(tx: &mut Tx, chat_id: i64) -> Result<Recipient> {
    let row: Option<(String, String, Option<String>)> =
        sqlx::query_as("select lang, kind, settings from chat where id = ?")
            .bind(chat_id)
            .fetch_optional(&mut **tx)
            .await?;
    let (lang, kind, settings) = row.unwrap_or_default();
    Ok(Recipient {
        lang: Lang::parse(&lang),
        kind: ChatKind::parse(&kind).unwrap_or(ChatKind::Private),
        settings: settings_from_json(settings.as_deref()),
    })
}

/// The settings for a source in the place of a delivery. `of_source`: as stored with the
/// subscription. Times that a chat chose are in the chat's time zone.
async fn effective_settings(
    tx: &mut Tx,
    head: &QueueHead,
    chat: &Recipient,
    of_source: Option<&str>,
) -> Result<EffectiveSettings> {
    let zone = zone_in(tx, head.place(), &chat.settings).await?;
    Ok(EffectiveSettings::of(&chat.settings, &settings_from_json(of_source), zone))
}

#[derive(sqlx::FromRow)]
struct StatementRow {
    source_id: SourceId,
    source_title: String,
    source_url: String,
    zone: String,
    secret: u32,
    detected_at: i64,
    settings: Option<String>,
    username: Option<String>,
    #[sqlx(flatten)]
    entry: EntryRow,
}

async fn statement(
    tx: &mut Tx,
    head: &QueueHead,
    notification_id: NotificationId,
    chat: Recipient,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<Loaded> {
    let row = statement_row(tx, head, notification_id).await?;
    let facts = StatementFacts {
        settings: effective_settings(tx, head, &chat, row.settings.as_deref()).await?,
        detected_at: instant(row.detected_at),
        entries: entries_of_notification(tx, notification_id, &row.entry).await?,
    };
    let is_silent = match facts.readiness(now) {
        Readiness::Send { is_silent } => is_silent,
        Readiness::Defer(at) => return Ok(Loaded::Defer(at)),
        Readiness::Drop => return Ok(Loaded::Drop),
    };
    merge_waiting(tx, head, row.source_id, facts.merge_rule(digest_above), now).await?;
    let payload = build_statement(tx, head, row, chat, facts.settings).await?;
    Ok(Loaded::Send(Box::new(Payload::Statement(Box::new(payload))), is_silent))
}

async fn statement_row(
    tx: &mut Tx,
    head: &QueueHead,
    notification_id: NotificationId,
) -> Result<StatementRow> {
    let sql = format!(
        "select source.id as source_id, source.title as source_title, source.url as source_url,
                source.zone, source.secret, n.created_at as detected_at,
                (select settings from subscription s where s.source_id = source.id
                    and s.chat_id = ?2 and s.thread_id = ?3) as settings,
                (select username from bot) as username, {ENTRY_COLUMNS}
         from notification n
         join entry e on e.id = n.entry_id
         join source on source.id = e.source_id
         where n.id = ?1"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(notification_id)
        .bind(head.chat_id)
        .bind(head.thread_id)
        .fetch_one(&mut **tx)
        .await?)
}

/// Builds the payload from the entries of the delivery and of those that are merged into it.
async fn build_statement(
    tx: &mut Tx,
    head: &QueueHead,
    row: StatementRow,
    chat: Recipient,
    settings: EffectiveSettings,
) -> Result<Statement> {
    let mut wanted = entries_of_delivery(tx, head.id).await?;
    wanted.retain(|(_, entry)| is_wanted(&settings, entry));
    let zone: Tz = row.zone.parse().unwrap_or(Tz::UTC);
    let source =
        source_counters(tx, row.source_id, row.source_title.clone(), row.source_url, zone).await?;
    let (entry_id, entry) = match wanted.last() {
        Some((id, entry)) => (*id, entry.clone()),
        None => (row.entry.entry_id(), row.entry.into()),
    };
    let digest = match wanted.len() {
        0 | 1 => Vec::new(),
        _ => wanted.into_iter().map(|(_, entry)| entry).collect(),
    };
    let entry_ref = EntryRef { entry_id, secret: row.secret };
    Ok(Statement {
        lang: chat.lang,
        kind: chat.kind,
        username: row.username,
        settings,
        listed: EntryWithSource { entry_ref, source_title: row.source_title, entry },
        digest,
        source,
    })
}

/// The entries of a notification, oldest first. `only`: its entry, if it is no digest.
async fn entries_of_notification(
    tx: &mut Tx,
    notification_id: NotificationId,
    only: &EntryRow,
) -> Result<Vec<Entry>> {
    let sql = format!(
        "select {ENTRY_COLUMNS} from digest_entry g join entry e on e.id = g.entry_id
         where g.notification_id = ? order by e.id"
    );
    let rows: Vec<EntryRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(notification_id).fetch_all(&mut **tx).await?;
    let rows = if rows.is_empty() { vec![only.clone()] } else { rows };
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// The entries of a delivery and of those that are merged into it, oldest first, with their ids.
async fn entries_of_delivery(
    tx: &mut Tx,
    delivery_id: DeliveryId,
) -> Result<Vec<(EntryId, Entry)>> {
    let sql = format!(
        "select {ENTRY_COLUMNS} from entry e where e.id in (
            select ifnull(g.entry_id, n.entry_id) from delivery d
            join notification n on n.id = d.notification_id
            left join digest_entry g on g.notification_id = n.id
            where d.id = ?1 or d.merged_into_id = ?1)
         order by e.id"
    );
    let rows: Vec<EntryRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(delivery_id).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (row.entry_id(), row.into())).collect())
}

async fn milestone(
    tx: &mut Tx,
    head: &QueueHead,
    milestone_id: i64,
    chat: &Recipient,
    now: DateTime<Utc>,
) -> Result<Loaded> {
    type Row = (String, String, String, String, String, String, Option<String>);
    let row: Option<Row> = sqlx::query_as(
        "select source.title, source.url, source.zone, m.since_on, m.template, m.on_day, s.settings
         from milestone m join source on source.id = m.source_id
         join subscription s on s.source_id = source.id and s.chat_id = ?2 and s.thread_id = ?3
         where m.id = ?1",
    )
    .bind(milestone_id)
    .bind(head.chat_id)
    .bind(head.thread_id)
    .fetch_optional(&mut **tx)
    .await?;
    // None: the place has unsubscribed.
    let Some((source_title, source_url, zone, since_on, template, on, of_source)) = row else {
        return Ok(Loaded::Drop);
    };
    let Some((since_on, on)) = day(Some(&since_on)).zip(day(Some(&on))) else {
        return Ok(Loaded::Drop);
    };
    let facts = MilestoneFacts {
        settings: effective_settings(tx, head, chat, of_source.as_deref()).await?,
        zone: zone.parse().unwrap_or(Tz::UTC),
        since_on,
        on,
    };
    match (facts.readiness(now), facts.milestone()) {
        (Readiness::Send { is_silent }, Some(milestone)) => {
            let (lang, counter) = (chat.lang, Counter { since_on, template });
            let notice = MilestoneNotice { lang, source_title, source_url, counter, on, milestone };
            Ok(Loaded::Send(Box::new(Payload::Milestone(Box::new(notice))), is_silent))
        }
        (Readiness::Defer(at), _) => Ok(Loaded::Defer(at)),
        _ => Ok(Loaded::Drop),
    }
}

async fn daily(
    tx: &mut Tx,
    head: &QueueHead,
    on: NaiveDate,
    chat: &Recipient,
    now: DateTime<Utc>,
) -> Result<Loaded> {
    let settings = effective_settings(tx, head, chat, None).await?;
    let minute: Option<Option<u16>> = sqlx::query_scalar(
        "select minute from counter_schedule where chat_id = ? and thread_id = ?",
    )
    .bind(head.chat_id)
    .bind(head.thread_id)
    .fetch_optional(&mut **tx)
    .await?;
    let sources = match minute {
        Some(Some(_)) => of_place(tx, head.place()).await?,
        _ => Vec::new(),
    };
    let zone = settings.zone;
    let facts = DailyFacts {
        settings,
        on,
        schedule: minute.map(|minute| CounterSchedule { zone, minute }),
        sources,
        own: custom_counters_of(tx, head.place()).await?,
    };
    match facts.readiness(now) {
        Readiness::Send { is_silent } => {
            let counters = DailyCounters {
                lang: chat.lang,
                on,
                own: facts.shown_own().cloned().collect(),
                milestones_only: facts.is_milestones_only(),
                sources: facts.sources,
            };
            Ok(Loaded::Send(Box::new(Payload::Daily(Box::new(counters))), is_silent))
        }
        Readiness::Defer(at) => Ok(Loaded::Defer(at)),
        Readiness::Drop => Ok(Loaded::Drop),
    }
}
