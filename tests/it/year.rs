//! A year of virtual days: digests, quiet hours, filters and daily counters in zones with daylight
//! saving time, with restarts, days without the program and days without Telegram.
//!
//! What is due when is computed here by walking through the minutes, independently of the program.
//! `COMMUNIQUE_YEARS=10` runs that many years, each from another seed.

use crate::support::{
    Arrival, FakeBackends, PAGE, RULES, TestWorld, epoch, milliseconds, seconds, source,
};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use communique::{
    deliver::{self, Dispatcher, Step},
    domain::{
        ChatId, ChatKind, Frequency, Place, QuietHours, SettingsOverrides, UpdateId, Zone,
        filter::Filter,
    },
    lang::Lang,
    poll::Poller,
    store::{Access, Store, Tick},
};
use sqlx::Connection as _;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

/// The length of a run, and the step of time: all chosen times are quarters of an hour.
const DAYS: i64 = 366;
const QUARTER: TimeDelta = TimeDelta::minutes(15);
/// How late a message may be after it could be sent: backoff, and the rate limit of a chat.
const SLACK: TimeDelta = TimeDelta::minutes(16);

#[derive(Clone, Debug)]
struct Reader {
    id: i64,
    zone: Zone,
    frequency: Frequency,
    quiet: QuietHours,
    without: &'static str,
    daily: Option<u16>,
}

fn readers() -> Vec<Reader> {
    use Frequency::{Daily, Hourly, Immediate, Weekly};
    let night = (22 * 60, 7 * 60);
    let (deferred, silent) =
        (QuietHours::Deferred(night.0, night.1), QuietHours::Silent(night.0, night.1));
    let rows = [
        (Tz::UTC, Immediate, QuietHours::Off, "", None),
        (Tz::Europe__Berlin, Immediate, deferred, "", Some(9 * 60)),
        (Tz::America__New_York, Immediate, silent, "", None),
        (Tz::Asia__Kathmandu, Hourly, QuietHours::Off, "", Some(0)),
        (Tz::Europe__London, Hourly, deferred, "", None),
        (Tz::Europe__Berlin, Daily(8 * 60), QuietHours::Off, "", None),
        // A time that is skipped in March and comes twice in November.
        (Tz::America__New_York, Daily(2 * 60 + 30), deferred, "", Some(2 * 60 + 30)),
        (
            Tz::Australia__Lord_Howe,
            Daily(23 * 60 + 45),
            QuietHours::Off,
            "fog, horn*",
            Some(2 * 60 + 15),
        ),
        (Tz::Europe__Moscow, Weekly(0, 9 * 60), QuietHours::Off, "", None),
        (Tz::Europe__London, Weekly(6, 60 + 30), silent, "", None),
        (Tz::America__Santiago, Daily(0), QuietHours::Off, "", Some(0)),
        (Tz::Africa__Casablanca, Immediate, deferred, "keepers", None),
    ];
    // Offsets from UTC that no IANA name has.
    let fixed = [
        (Zone::of_minutes(-210).unwrap(), Daily(7 * 60 + 15), QuietHours::Off, "", Some(0)),
        (Zone::of_minutes(345).unwrap(), Hourly, deferred, "", None),
    ];
    let named = rows.map(|(zone, frequency, quiet, without, daily)| {
        (Zone::Named(zone), frequency, quiet, without, daily)
    });
    let ids = 31..;
    ids.zip(named.into_iter().chain(fixed))
        .map(|(id, (zone, frequency, quiet, without, daily))| Reader {
            id,
            zone,
            frequency,
            quiet,
            without,
            daily,
        })
        .collect()
}

/// Returns the first quarter of an hour at or after this minute of this day in a zone. (All times
/// here are quarters, and so are the offsets of the zones.)
fn moment(zone: Zone, on: NaiveDate, minute: u16) -> DateTime<Utc> {
    let wanted = on.and_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0).unwrap();
    // No zone has a larger offset.
    let from = wanted.and_utc() - TimeDelta::hours(15);
    let mut quarters = (0..4 * 32).map(|n| from + QUARTER * n);
    quarters.find(|at| at.with_timezone(&zone).naive_local() >= wanted).unwrap()
}

/// The first such time after `after`, on one of the wanted days.
fn walk(
    zone: Zone,
    minute: u16,
    after: DateTime<Utc>,
    is_wanted: impl Fn(NaiveDate) -> bool,
) -> DateTime<Utc> {
    let first_on = after.with_timezone(&zone).date_naive().pred_opt().unwrap();
    let days = first_on.iter_days().take(12).filter(|on| is_wanted(*on));
    days.map(|on| moment(zone, on, minute)).find(|at| *at > after).unwrap()
}

/// When an entry detected then is due for a reader.
fn due_at(reader: &Reader, noticed_at: DateTime<Utc>) -> DateTime<Utc> {
    let chosen = match reader.frequency {
        Frequency::Immediate => noticed_at,
        Frequency::Hourly => {
            let quarters = (1..=8).map(|n| {
                let from = noticed_at.timestamp() / 900 * 900;
                DateTime::from_timestamp(from + n * 900, 0).unwrap()
            });
            let mut full = quarters.filter(|at| at.with_timezone(&reader.zone).minute() == 0);
            full.find(|at| *at > noticed_at).unwrap()
        }
        Frequency::Daily(minute) => return walk(reader.zone, minute, noticed_at, |_| true),
        Frequency::Weekly(day, minute) => {
            let wanted = Weekday::try_from(day).unwrap();
            return walk(reader.zone, minute, noticed_at, |on| on.weekday() == wanted);
        }
    };
    unless_quiet(reader, chosen)
}

/// The first time from `at` on that is not in the quiet hours of a reader.
fn unless_quiet(reader: &Reader, at: DateTime<Utc>) -> DateTime<Utc> {
    let names_a_time = matches!(reader.frequency, Frequency::Daily(_) | Frequency::Weekly(..));
    if !matches!(reader.quiet, QuietHours::Deferred(..)) || names_a_time || !is_quiet(reader, at) {
        return at;
    }
    let mut quarters = (0..4 * 12).map(|n| quarter_after(at) + QUARTER * n);
    quarters.find(|at| !is_quiet(reader, *at)).unwrap()
}

fn is_quiet(reader: &Reader, at: DateTime<Utc>) -> bool {
    let local = at.with_timezone(&reader.zone);
    let minute = local.hour() * 60 + local.minute();
    reader.quiet != QuietHours::Off && !(7 * 60..22 * 60).contains(&minute)
}

/// A time without the program, or without Telegram.
#[derive(Clone, Copy, Debug)]
struct Gap {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    is_telegram: bool,
}

struct Year {
    fakes: FakeBackends,
    store: Store,
    poller: Poller<FakeBackends>,
    dispatcher: Dispatcher,
    database: sqlx::SqliteConnection,
    _folder: tempfile::TempDir,
}

impl Year {
    async fn begin(seed: u64) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let address = format!("sqlite://{}/year.db", folder.path().display());
        let mut world = TestWorld::without_faults(seed);
        world.site.is_still = true;
        for reader in readers() {
            world.telegram.add_user(reader.id, "Reader", "en");
        }
        let fakes = FakeBackends(Arc::new(Mutex::new(world)));
        let store = Store::open(&address, Access::Run).await.unwrap();
        let source = source(PAGE, Duration::from_secs(30));
        store.sync_sources(std::slice::from_ref(&source), fakes.now()).await.unwrap();
        for (n, reader) in (1..).zip(readers()) {
            let place = Place { chat: ChatId(reader.id), thread: None };
            let mut tx = store.begin_update(UpdateId(n), fakes.now()).await.unwrap().unwrap();
            tx.subscribe(place, ChatKind::Private, Lang::En).await.unwrap();
            let filter =
                Filter { without: reader.without.parse().unwrap_or_default(), ..Filter::default() };
            let choices = SettingsOverrides {
                zone: Some(reader.zone),
                frequency: Some(reader.frequency),
                quiet_hours: Some(reader.quiet),
                filter: Some(filter),
                ..SettingsOverrides::default()
            };
            tx.set_settings(place, None, &choices).await.unwrap();
            tx.set_daily(place, reader.daily).await.unwrap();
            tx.commit().await.unwrap();
        }
        Year {
            poller: Poller::new(store.clone(), fakes.clone(), &[source], 1000),
            dispatcher: Dispatcher::start(store.clone(), RULES, fakes.now()).await.unwrap(),
            database: sqlx::SqliteConnection::connect(&address).await.unwrap(),
            fakes,
            store,
            _folder: folder,
        }
    }

    /// When the next waiting delivery is due, so that the time until then can be skipped.
    async fn next_due_at(&mut self) -> Option<DateTime<Utc>> {
        let at: Option<i64> = sqlx::query_scalar(
            "select min(at) from (select min(due_at) as at from delivery where settled_at is null
                union all select min(next_at) from counter_schedule)",
        )
        .fetch_one(&mut self.database)
        .await
        .unwrap();
        at.and_then(DateTime::from_timestamp_millis)
    }

    async fn restart(&mut self) {
        self.dispatcher =
            Dispatcher::start(self.store.clone(), RULES, self.fakes.now()).await.unwrap();
    }

    async fn poll(&self) {
        for due in self.poller.due(self.fakes.now()).await.unwrap() {
            self.poller.poll(&due, || self.fakes.now(), 0.0).await.unwrap();
        }
    }

    /// Runs everything that is due until then.
    async fn work(&mut self, until: DateTime<Utc>) {
        while let Tick::Some(_) = self.store.run_counter_schedule(self.fakes.now()).await.unwrap() {
        }
        loop {
            let now = self.fakes.now();
            match self.dispatcher.step(now).await.unwrap() {
                Step::Send(jobs) => {
                    for job in jobs {
                        let outcome = deliver::send(&self.fakes, &job).await;
                        self.fakes.lock().now += milliseconds(40);
                        let now = self.fakes.now();
                        self.dispatcher.settle(&[(job, outcome)], now).await.unwrap();
                    }
                }
                // It sleeps for a minute at most; nothing is due meanwhile.
                Step::IdleUntil(at) if at - now >= seconds(60) || at >= until => return,
                Step::IdleUntil(at) => self.fakes.lock().now = at,
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how many years is a setting of the test run")]
#[tokio::test]
async fn through_a_year_each_chat_gets_everything_once_in_the_form_and_at_the_time_it_chose() {
    let years = std::env::var("COMMUNIQUE_YEARS").ok().and_then(|text| text.parse().ok());
    for seed in 0..years.unwrap_or(1) {
        let (year, published, gaps) = run(seed).await;
        let world = year.fakes.lock();
        let faults = check(&world.arrivals, &published, &gaps, world.now);
        assert!(faults.is_empty(), "seed {seed}:\n  {}", faults.join("\n  "));
        println!(
            "year {seed}: {} statements, {} messages, {} outages",
            published.len(),
            world.arrivals.len(),
            gaps.len()
        );
    }
}

/// Number, title and lead of a statement, and when it was detected.
type Published = (u64, String, String, DateTime<Utc>);

async fn run(seed: u64) -> (Year, Vec<Published>, Vec<Gap>) {
    let mut year = Year::begin(seed).await;
    let mut rng = fastrand::Rng::with_seed(seed);
    year.poll().await;
    let end_at = epoch() + TimeDelta::days(DAYS);
    let mut published: Vec<Published> = Vec::new();
    let mut gaps: Vec<Gap> = Vec::new();
    let mut next_publish_at = epoch() + seconds(rng.i64(600..7200));
    let mut next_gap_at = epoch() + seconds(rng.i64(86_400..6 * 86_400));
    let mut next_restart_at = epoch() + seconds(rng.i64(3600..2 * 86_400));
    loop {
        let now = year.fakes.now();
        let quarter_at =
            year.next_due_at().await.map_or(end_at, quarter_of).max(quarter_after(now));
        let event_at = next_publish_at.min(next_gap_at).min(next_restart_at);
        let at = quarter_at.min(event_at).max(now);
        if at >= end_at {
            return (year, published, gaps);
        }
        year.fakes.lock().now = at;
        if at == next_restart_at {
            next_restart_at = at + seconds(rng.i64(3600..6 * 86_400));
            year.restart().await;
        } else if at == next_gap_at {
            // None in the last days, so that everything due arrives.
            let calm = end_at - at < TimeDelta::days(12);
            let gap_s =
                if rng.u32(0..4) == 0 { rng.i64(86_400..2 * 86_400) } else { rng.i64(600..40_000) };
            next_gap_at = at + seconds(gap_s + rng.i64(86_400..9 * 86_400));
            if calm {
                continue;
            }
            let gap = Gap { from: at, to: at + seconds(gap_s), is_telegram: rng.bool() };
            gaps.push(gap);
            if gap.is_telegram {
                year.fakes.lock().down_until = Some(gap.to);
            } else {
                // Nothing runs; what is published meanwhile is detected afterwards.
                year.fakes.lock().now = gap.to;
                next_publish_at = next_publish_at.max(gap.to);
                next_restart_at = next_restart_at.max(gap.to);
                year.restart().await;
            }
        } else if at == next_publish_at {
            next_publish_at = at
                + seconds(match rng.u32(0..3) {
                    0 => rng.i64(40..600),
                    _ => rng.i64(6 * 3600..36 * 3600),
                });
            if end_at - at > TimeDelta::days(9) {
                let statement = year.fakes.lock().site.publish(at);
                published.push((statement.number, statement.title, statement.lead, at));
                year.poll().await;
            }
        }
        let quarter_at = quarter_after(year.fakes.now());
        year.work(quarter_at.min(next_publish_at).min(next_gap_at).min(next_restart_at)).await;
    }
}

/// The quarter of an hour that begins then, or else the next one.
fn quarter_of(at: DateTime<Utc>) -> DateTime<Utc> {
    quarter_after(at - milliseconds(1))
}

fn quarter_after(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp() / 900 * 900, 0).unwrap() + QUARTER
}

fn check(
    arrivals: &[Arrival],
    published: &[Published],
    gaps: &[Gap],
    now: DateTime<Utc>,
) -> Vec<String> {
    let mut faults = Vec::new();
    // A message can be sent as soon as both are running.
    let possible_at = |mut at: DateTime<Utc>| {
        for gap in gaps {
            if gap.from <= at + SLACK && at < gap.to {
                at = gap.to;
            }
        }
        at
    };
    for reader in readers() {
        let mine: Vec<&Arrival> = arrivals.iter().filter(|a| a.chat == reader.id).collect();
        let filter: Filter =
            Filter { without: reader.without.parse().unwrap_or_default(), ..Filter::default() };
        let mut newest = 0;
        for arrival in &mine {
            for number in numbers(&arrival.text) {
                if number < newest {
                    let (id, at) = (reader.id, arrival.at);
                    faults.push(format!("{id}: {number} came after {newest}, at {at}"));
                }
                newest = newest.max(number);
            }
        }
        for (number, title, lead, noticed_at) in published {
            let found: Vec<&&Arrival> =
                mine.iter().filter(|a| numbers(&a.text).contains(number)).collect();
            if !filter.passes(title, Some(lead)) {
                if !found.is_empty() {
                    faults.push(format!("{}: {number} came, and was not wanted", reader.id));
                }
                continue;
            }
            let due = due_at(&reader, *noticed_at);
            let [arrival] = found.as_slice() else {
                faults.push(format!(
                    "{}: {number} came {} times, due {due}",
                    reader.id,
                    found.len()
                ));
                continue;
            };
            let latest = unless_quiet(&reader, possible_at(due)) + SLACK;
            if arrival.at < due || arrival.at > latest {
                faults.push(format!(
                    "{} ({} {:?} {:?}): {number}, noticed {noticed_at}, came at {}, due {due} to {latest}",
                    reader.id, reader.zone, reader.frequency, reader.quiet, arrival.at
                ));
            }
            let rings = !arrival.outgoing.options.silent;
            if reader.quiet != QuietHours::Off && rings == is_quiet(&reader, arrival.at) {
                faults.push(format!("{}: {number} rings: {rings} at {}", reader.id, arrival.at));
            }
        }
        if let Some(minute) = reader.daily {
            faults.extend(check_daily(&reader, minute, &mine, gaps, now));
        }
    }
    faults
}

/// The statements in a message, by their links.
fn numbers(html: &str) -> Vec<u64> {
    let after = html.split("/statement/").skip(1);
    let number = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text[..end].parse().ok()
    };
    after.filter_map(number).collect()
}

/// Checks that there is one counter message each day, at its minute, unless nothing could be sent
/// until the day was over.
fn check_daily(
    reader: &Reader,
    minute: u16,
    mine: &[&Arrival],
    gaps: &[Gap],
    now: DateTime<Utc>,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut received: BTreeMap<NaiveDate, Vec<DateTime<Utc>>> = BTreeMap::new();
    for arrival in mine.iter().filter(|a| is_daily(&a.text)) {
        let on = arrival.at.with_timezone(&reader.zone).date_naive();
        received.entry(on).or_default().push(arrival.at);
    }
    let mut on = epoch().with_timezone(&reader.zone).date_naive().succ_opt().unwrap();
    let last_on = now.with_timezone(&reader.zone).date_naive().pred_opt().unwrap();
    while on < last_on {
        let due = moment(reader.zone, on, minute);
        let came = received.remove(&on).unwrap_or_default();
        let gap = gaps.iter().find(|gap| gap.from <= due + SLACK && due < gap.to);
        let possible_at = gap.map_or(due, |gap| gap.to);
        // An outage until the last minutes of a day leaves no time for it.
        let is_excused =
            gap.is_some_and(|gap| (gap.to + SLACK).with_timezone(&reader.zone).date_naive() > on);
        match came.as_slice() {
            [at] if *at >= due && *at <= possible_at + SLACK => {}
            [] if is_excused => {}
            [_] if is_excused => {}
            came => faults.push(format!(
                "{} ({}): counters of {on} came at {came:?}, due {due} to {possible_at}",
                reader.id, reader.zone
            )),
        }
        on = on.succ_opt().unwrap();
    }
    faults
}

fn is_daily(html: &str) -> bool {
    !html.contains("/statement/") && html.contains("days have passed") && !html.contains('🔔')
}
