//! What a delivery tells, and whether it is its time: read at the moment it may go.
//!
//! Promises: what a chat chose until then counts; an entry is told once, alone or in a digest; what is
//! not wanted is told never. Counters are those of the day.
//! Leaves out: the outbox itself (`deliveries`), and the text of a message (`render`).

use super::{LANE_REPLY, QueueHead, fanout};
use crate::domain::{
    ChatKind, Counter, CustomCounter, EffectiveSettings, Entry, EntryRef, EntryWithSource, Lang,
    Message, Milestone, Place, Reply, SettingsOverrides, SourceCounters, Timing, local_time,
};
use crate::store::{
    Result, Tx,
    chats::thread,
    counters::{custom_counters_of, of_place, source_counters},
    entries::{ENTRY_COLUMNS, EntryRow},
    instant, millis,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// Entries that one digest tells of at a time that the chat chose; what is more comes in the next message.
const MERGED_MAX: usize = 20;

/// What is to be said.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// The answer to somebody, as it was set then.
    Reply(Box<Reply>),
    /// An entry, or many, to be set now.
    Statement(Box<Statement>),
    /// A day that is worth a word about a counter of a page.
    Milestone(Box<MilestoneNotice>),
    /// The counters of a day.
    Daily(Box<DailyCounters>),
}

/// All that the message of an entry is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The language of the chat.
    pub lang: Lang,
    /// What sort of chat it is.
    pub kind: ChatKind,
    /// The bot's name, for links to it.
    pub username: Option<String>,
    /// What holds for it.
    pub settings: EffectiveSettings,
    /// The entry as it is now.
    pub listed: EntryWithSource,
    /// Of a digest all its entries, oldest first; else nothing.
    pub digest: Vec<Entry>,
    /// The source's page, with its counters.
    pub source: SourceCounters,
}

/// A milestone of a counter of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct MilestoneNotice {
    /// The language of the chat.
    pub lang: Lang,
    /// The institution's name.
    pub source_title: String,
    /// The institution's page.
    pub source_url: String,
    /// The counter.
    pub counter: Counter,
    /// The day.
    pub on: NaiveDate,
    /// What the day is to the counter.
    pub milestone: Milestone,
}

/// The counters of a place on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct DailyCounters {
    /// The language of the chat.
    pub lang: Lang,
    /// The day.
    pub on: NaiveDate,
    /// Of the pages; none where the place asked for milestones of its own only.
    pub sources: Vec<SourceCounters>,
    /// The place's own.
    pub own: Vec<CustomCounter>,
    /// Whether only milestones are told.
    pub milestones_only: bool,
}

/// Whether it is its time.
pub(crate) enum Readiness {
    /// It goes, silently or not.
    Now(Box<Payload>, bool),
    /// It waits until then.
    Later(DateTime<Utc>),
    /// It is not wanted.
    Never,
}

/// What is known of the chat of a delivery.
struct Chat {
    lang: Lang,
    kind: ChatKind,
    choices: SettingsOverrides,
}

/// What the first delivery of a place tells, if it is its time.
pub(crate) async fn load(
    tx: &mut Tx,
    head: &QueueHead,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<Readiness> {
    if head.lane == LANE_REPLY {
        return Ok(Readiness::Now(Box::new(reply(tx, head).await?), false));
    }
    let (notification_id, milestone_id, daily_on): (Option<i64>, Option<i64>, Option<String>) =
        sqlx::query_as("select notification_id, milestone_id, daily_on from delivery where id = ?")
            .bind(head.id)
            .fetch_one(&mut **tx)
            .await?;
    let chat = chat(tx, head.chat_id).await?;
    match (notification_id, milestone_id, daily_on.and_then(|on| on.parse().ok())) {
        (Some(id), ..) => statement(tx, head, id, chat, digest_above, now).await,
        (_, Some(id), _) => milestone(tx, head, id, chat, now).await,
        (.., Some(on)) => daily(tx, head, on, chat, now).await,
        _ => Ok(Readiness::Never),
    }
}

async fn reply(tx: &mut Tx, head: &QueueHead) -> Result<Payload> {
    type Row = (String, Option<String>, Option<i64>, Option<i64>, Option<String>);
    let (html, buttons, edit_id, reply_id, file): Row =
        sqlx::query_as("select html, buttons, edit_id, reply_id, file from delivery where id = ?")
            .bind(head.id)
            .fetch_one(&mut **tx)
            .await?;
    let buttons = buttons.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let place = crate::store::chats::place(head.chat_id, head.thread_id);
    let message = Message { html, buttons };
    Ok(Payload::Reply(Box::new(Reply { place, message, edit_id, reply_id, file })))
}

async fn chat(tx: &mut Tx, chat_id: i64) -> Result<Chat> {
    let row: Option<(String, String, Option<String>)> =
        sqlx::query_as("select lang, kind, settings from chat where id = ?")
            .bind(chat_id)
            .fetch_optional(&mut **tx)
            .await?;
    let (lang, kind, settings) = row.unwrap_or_default();
    Ok(Chat {
        lang: Lang::parse(&lang),
        kind: ChatKind::parse(&kind).unwrap_or(ChatKind::Private),
        choices: crate::store::chats::settings_from_json(settings.as_deref()),
    })
}

async fn statement(
    tx: &mut Tx,
    head: &QueueHead,
    notification_id: i64,
    chat: Chat,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<Readiness> {
    #[derive(sqlx::FromRow)]
    struct Row {
        source_id: i64,
        source_title: String,
        source_url: String,
        zone: String,
        secret: u32,
        noticed_at: i64,
        settings: Option<String>,
        username: Option<String>,
        #[sqlx(flatten)]
        entry: EntryRow,
    }
    let sql = format!(
        "select source.id as source_id, source.title as source_title, source.url as source_url,
                source.zone, source.secret, n.created_at as noticed_at,
                (select settings from subscription s where s.source_id = source.id
                    and s.chat_id = ?2 and s.thread_id = ?3) as settings,
                (select username from bot) as username, {ENTRY_COLUMNS}
         from notification n
         join entry e on e.id = n.entry_id
         join source on source.id = e.source_id
         where n.id = ?1"
    );
    let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(notification_id)
        .bind(head.chat_id)
        .bind(head.thread_id)
        .fetch_one(&mut **tx)
        .await?;
    let zone: Tz = row.zone.parse().unwrap_or(Tz::UTC);
    let own = crate::store::chats::settings_from_json(row.settings.as_deref());
    // Times that a chat chose are by its clock, of whatever source an entry is.
    let place = crate::store::chats::place(head.chat_id, head.thread_id);
    let clock = crate::store::chats::zone_in(tx, place, &chat.choices).await?;
    let settings = EffectiveSettings::of(&chat.choices, &own, clock);
    let is_silent = match settings.timing(instant(row.noticed_at), now) {
        Timing::Later(at) => return Ok(Readiness::Later(at)),
        Timing::Now { is_silent } => is_silent,
    };
    let entry = row.entry;
    let alone = matching(&settings, entry_of_notification(tx, notification_id, &entry).await?);
    if alone.is_empty() {
        return Ok(Readiness::Never);
    }
    // What was noticed until the time that the chat chose is told then, however late that is tried.
    let noticed_before = settings.frequency.due_at(instant(row.noticed_at), settings.zone);
    merge_waiting(tx, head, row.source_id, noticed_before, digest_above, now).await?;
    let all = matching(&settings, entries_of_delivery(tx, head.id).await?);
    let source =
        source_counters(tx, row.source_id, row.source_title.clone(), row.source_url, zone).await?;
    let (entry_id, entry) = match all.last() {
        Some((id, entry)) => (*id, entry.clone()),
        None => (entry.entry_id(), entry.into()),
    };
    let handle = EntryRef { entry_id, secret: row.secret };
    let digest = if all.len() > 1 { all.into_iter().map(|(_, e)| e).collect() } else { Vec::new() };
    let push = Statement {
        lang: chat.lang,
        kind: chat.kind,
        username: row.username,
        settings,
        listed: EntryWithSource { entry_ref: handle, source_title: row.source_title, entry },
        digest,
        source,
    };
    Ok(Readiness::Now(Box::new(Payload::Statement(Box::new(push))), is_silent))
}

/// The entries that a chat wants to hear of.
fn matching(settings: &EffectiveSettings, entries: Vec<(i64, Entry)>) -> Vec<(i64, Entry)> {
    let wants = |entry: &Entry| settings.filter.passes(&entry.title, entry.lead.as_deref());
    entries.into_iter().filter(|(_, entry)| wants(entry)).collect()
}

/// The entries of a notification, oldest first.
async fn entry_of_notification(
    tx: &mut Tx,
    notification_id: i64,
    entry: &EntryRow,
) -> Result<Vec<(i64, Entry)>> {
    let sql = format!(
        "select {ENTRY_COLUMNS} from digest_entry g join entry e on e.id = g.entry_id
         where g.notification_id = ? order by e.id"
    );
    let rows: Vec<EntryRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(notification_id).fetch_all(&mut **tx).await?;
    let rows = if rows.is_empty() { vec![entry.clone()] } else { rows };
    Ok(rows.into_iter().map(|row| (row.entry_id(), row.into())).collect())
}

/// The entries that a delivery tells of with all that it carries, oldest first.
async fn entries_of_delivery(tx: &mut Tx, delivery_id: i64) -> Result<Vec<(i64, Entry)>> {
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

/// Lets a delivery tell of all that waits behind it from the same source: at a time that the chat chose,
/// of what was noticed until then; else of what gathered while Telegram could not be reached, if that is
/// more than is told one by one.
async fn merge_waiting(
    tx: &mut Tx,
    head: &QueueHead,
    source_id: i64,
    noticed_before: Option<DateTime<Utc>>,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<()> {
    let is_chosen = noticed_before.is_some();
    let (above, most) = if is_chosen { (1, MERGED_MAX - 1) } else { (digest_above, usize::MAX) };
    let (waiting, unmade): (i64, i64) = sqlx::query_as(
        "select (select count(*) from delivery
            where chat_id = ?1 and thread_id = ?2 and lane > 0 and settled_at is null),
            (select count(*) from fanout)",
    )
    .bind(head.chat_id)
    .bind(head.thread_id)
    .fetch_one(&mut **tx)
    .await?;
    if usize::try_from(waiting + unmade).unwrap_or(0) <= above {
        return Ok(());
    }
    let place = crate::store::chats::place(head.chat_id, head.thread_id);
    if unmade > 0 {
        // What is still to be made for the place has gathered as well.
        fanout::materialize_for_chat(tx, place.chat, now).await?;
    }
    sqlx::query(
        "with behind as (
            select d.id from delivery d
            join notification n on n.id = d.notification_id
            join entry e on e.id = n.entry_id
            where d.chat_id = ?2 and d.thread_id = ?3 and d.settled_at is null and d.id > ?1
                and (d.lane = ?5 or (?5 = 2 and d.lane = 1)) and n.created_at < ?7
                and (d.lane = 1 or d.due_at <= ?8)
                and (d.merged_into_id is null or d.merged_into_id = ?1)
                and e.source_id = ?6
            order by d.id limit ?9)
         update delivery set merged_into_id = ?1, lane = ?5
         where id in (select id from behind) and (select count(*) from behind) >= ?4",
    )
    .bind(head.id)
    .bind(head.chat_id)
    .bind(thread(place))
    .bind(i64::try_from(above).unwrap_or(i64::MAX))
    .bind(head.lane)
    .bind(source_id)
    .bind(noticed_before.map_or(i64::MAX, millis))
    .bind(millis(now))
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn milestone(
    tx: &mut Tx,
    head: &QueueHead,
    milestone_id: i64,
    chat: Chat,
    now: DateTime<Utc>,
) -> Result<Readiness> {
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
    // Who has left hears nothing more.
    let Some((title, url, zone, since_on, words, on, own)) = row else {
        return Ok(Readiness::Never);
    };
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let own = crate::store::chats::settings_from_json(own.as_deref());
    let place = crate::store::chats::place(head.chat_id, head.thread_id);
    let clock = crate::store::chats::zone_in(tx, place, &chat.choices).await?;
    let settings = EffectiveSettings::of(&chat.choices, &own, clock);
    let (Ok(since_on), Ok(on)) = (since_on.parse(), on.parse::<NaiveDate>()) else {
        return Ok(Readiness::Never);
    };
    let Some(milestone) = Milestone::of(since_on, on).filter(|_| settings.milestones) else {
        return Ok(Readiness::Never);
    };
    match settings.immediate_timing(now) {
        // It is about its day; told on another it is wrong.
        Timing::Later(at) if local_time::day(zone, at) != on => Ok(Readiness::Never),
        Timing::Later(at) => Ok(Readiness::Later(at)),
        Timing::Now { .. } if local_time::day(zone, now) != on => Ok(Readiness::Never),
        Timing::Now { is_silent } => {
            let counter = Counter { since_on, template: words };
            let content = MilestoneNotice {
                lang: chat.lang,
                source_title: title,
                source_url: url,
                counter,
                on,
                milestone,
            };
            Ok(Readiness::Now(Box::new(Payload::Milestone(Box::new(content))), is_silent))
        }
    }
}

async fn daily(
    tx: &mut Tx,
    head: &QueueHead,
    on: NaiveDate,
    chat: Chat,
    now: DateTime<Utc>,
) -> Result<Readiness> {
    let place: Place = crate::store::chats::place(head.chat_id, head.thread_id);
    let zone = crate::store::chats::zone_in(tx, place, &chat.choices).await?;
    // Yesterday's numbers would be wrong today, and today's are on their way.
    if local_time::day(zone, now) != on {
        return Ok(Readiness::Never);
    }
    let agenda: Option<Option<i64>> = sqlx::query_scalar(
        "select minute from counter_schedule where chat_id = ? and thread_id = ?",
    )
    .bind(head.chat_id)
    .bind(head.thread_id)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(minute) = agenda else {
        return Ok(Readiness::Never);
    };
    let milestones_only = minute.is_none();
    let settings = EffectiveSettings::of(&chat.choices, &SettingsOverrides::default(), zone);
    if milestones_only && !settings.milestones {
        return Ok(Readiness::Never);
    }
    let is_silent = match settings.immediate_timing(now) {
        // The place named the time.
        Timing::Later(_) if !milestones_only => true,
        Timing::Later(at) if local_time::day(zone, at) != on => return Ok(Readiness::Never),
        Timing::Later(at) => return Ok(Readiness::Later(at)),
        Timing::Now { is_silent } => is_silent,
    };
    let sources = if milestones_only { Vec::new() } else { of_place(tx, place).await? };
    let mut own = custom_counters_of(tx, place).await?;
    if milestones_only {
        own.retain(|counter| counter.milestone(on).is_some());
    }
    let has_begun = |source: &SourceCounters| {
        let today_on = local_time::day(source.zone, now);
        source.counters.iter().any(|counter| counter.sentence(today_on).is_some())
    };
    let has_any = !own.is_empty() || sources.iter().any(has_begun);
    if !has_any {
        return Ok(Readiness::Never);
    }
    let content = DailyCounters { lang: chat.lang, on, sources, own, milestones_only };
    Ok(Readiness::Now(Box::new(Payload::Daily(Box::new(content))), is_silent))
}
