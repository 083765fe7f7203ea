//! Checks the tables of `communique.toml` and turns them into values of the domain.
//!
//! Guarantees: all problems are reported together, in the order of the tables, each with the key and
//! what to write instead.

use super::{
    address::public_address,
    file::{
        ChatTable, CounterTable, DeliveryTable, File, MetricsTable, PageTable, PollTable,
        SourceTable, WebTable,
    },
};
use crate::{
    domain::{
        AccessPolicy, Counter, DateOrder, DeliveryConfig, FeedUse, PageRules, Source, SourceName,
        UserId, WatchPermission, counter::PLACEHOLDER, text::normalize_whitespace,
    },
    extract,
    fetch::FetchPolicy,
};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use ipnet::IpNet;
use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    time::Duration,
};

/// Intervals between polls.
const EVERY: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(7 * 86_400);
/// Messages a second over all chats.
const PER_SECOND: RangeInclusive<f64> = 0.1..=1000.0;
const PER_SECOND_DEFAULT: f64 = 30.0;
/// Messages a second if broadcasts are paid for.
const PAID_PER_SECOND_DEFAULT: f64 = 1000.0;
/// New entries at once that are still posted one by one.
const DIGEST_ABOVE: RangeInclusive<usize> = 1..=1000;
const DIGEST_ABOVE_DEFAULT: usize = 10;
/// How long settled deliveries are kept.
const KEEP: RangeInclusive<Duration> =
    Duration::from_secs(86_400)..=Duration::from_secs(10 * 366 * 86_400);
const KEEP_DEFAULT: Duration = Duration::from_secs(30 * 86_400);
/// How long a list may be held.
const HOLD_FOR: RangeInclusive<Duration> =
    Duration::from_secs(600)..=Duration::from_secs(90 * 86_400);
/// Subscriptions of a chat with its topics, and pages that users may add to the whole bot.
const CHAT_NUMBERS: RangeInclusive<usize> = 1..=10_000;
/// Sources.
const SOURCES_MAX: usize = 1000;
/// Counters of a source: as many as still make a readable message.
const COUNTERS_MAX: usize = 100;
/// The longest title and counter text, in characters.
const TEXT_CHARS_MAX: usize = 300;
/// The largest minimum of entries that a list may be given.
const ENTRIES_MIN_MAX: usize = 1000;
/// Networks, and ports, that may be allowed.
const NETWORKS_MAX: usize = 100;
/// The longest contact, in bytes.
const CONTACT_BYTES_MAX: usize = 200;

/// What `communique.toml` says, valid.
#[derive(Clone, Debug)]
pub struct FileConfig {
    /// The sources.
    pub sources: Vec<Source>,
    /// How messages are sent.
    pub rules: DeliveryConfig,
    /// How long settled deliveries are kept.
    pub keep: Duration,
    /// The contact that servers are shown in the user agent.
    pub contact: Option<String>,
    /// What may be fetched beyond the public internet.
    pub reach: FetchPolicy,
    /// Where metrics are served, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// What users may do.
    pub policy: AccessPolicy,
}

/// The problems that were found so far.
type Problems = Vec<String>;

/// Returns the valid configuration, or all problems.
pub(super) fn validate(file: File) -> Result<FileConfig, Problems> {
    let mut problems = Problems::new();
    let rules = delivery_config(&file.delivery, &mut problems);
    let keep = keep(file.delivery.keep.as_deref(), &mut problems);
    let contact = contact(file.web.contact.as_deref(), &mut problems);
    let reach = fetch_policy(file.web, &mut problems);
    let metrics = metrics(&file.metrics, &mut problems);
    let hold_for = hold_for(&file.poll, &mut problems);
    let policy = access_policy(file.chat, hold_for, &mut problems);
    let (mut sources, names) = sources(file.source, &mut problems);
    add_counters(&file.counter, &mut sources, &names, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(FileConfig { sources, rules, keep, contact, reach, metrics, policy })
}

/// Returns how messages are sent.
fn delivery_config(table: &DeliveryTable, problems: &mut Problems) -> DeliveryConfig {
    let free = table.per_second.unwrap_or(PER_SECOND_DEFAULT);
    if !PER_SECOND.contains(&free) {
        problems.push(format!(
            "delivery.per_second is {free}: write a number from 0.1 to 1000, 30 is Telegram's limit"
        ));
    }
    let (paid, paid_per_second) = (table.allow_paid_broadcast, table.paid_per_second);
    if let Some(rate) = paid_per_second.filter(|rate| !paid || !PER_SECOND.contains(rate)) {
        problems.push(format!(
            "delivery.paid_per_second is {rate}: write a number from 0.1 to 1000, and allow_paid_broadcast = true, since Telegram takes 0.1 Star for each message above 30 a second"
        ));
    }
    let per_second = if paid { paid_per_second.unwrap_or(PAID_PER_SECOND_DEFAULT) } else { free };
    let digest_above = table.digest_above.unwrap_or(DIGEST_ABOVE_DEFAULT);
    if !DIGEST_ABOVE.contains(&digest_above) {
        problems.push(format!(
            "delivery.digest_above is {digest_above}: write how many new entries at once are still told one by one, 1 to 1000"
        ));
    }
    DeliveryConfig { per_second, paid, digest_above }
}

/// Returns how long settled deliveries are kept.
fn keep(text: Option<&str>, problems: &mut Problems) -> Duration {
    let Some(text) = text else { return KEEP_DEFAULT };
    let parsed = humantime::parse_duration(text).ok().filter(|keep| KEEP.contains(keep));
    if parsed.is_none() {
        problems.push(format!(
            "delivery.keep is {text:?}: write a time from \"1day\" to \"10years\", such as \"30days\""
        ));
    }
    parsed.unwrap_or(KEEP_DEFAULT)
}

/// Returns the contact that servers are shown.
fn contact(text: Option<&str>, problems: &mut Problems) -> Option<String> {
    let contact = text.map(normalize_whitespace).filter(|contact| !contact.is_empty())?;
    if !is_contact(&contact) {
        problems.push(
            "web.contact is not an address: write one that servers may see, like \
             \"https://press.example/bot\" or \"mailto:desk@press.example\""
                .to_owned(),
        );
    }
    Some(contact)
}

/// Whether a text can be put between parentheses in a header.
fn is_contact(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && !"()\\\"".contains(c);
    text.len() <= CONTACT_BYTES_MAX && text.chars().all(fits)
}

/// Returns what may be fetched beyond the public internet.
fn fetch_policy(table: WebTable, problems: &mut Problems) -> FetchPolicy {
    let mut networks = Vec::new();
    for text in &table.allowed_networks {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        match text.parse().or_else(|_| address()) {
            Ok(network) => networks.push(network),
            Err(_) => problems.push(format!(
                "web.allowed_networks has {text:?}: write networks that pages may lead to, like \"10.0.0.0/8\""
            )),
        }
    }
    if networks.len() > NETWORKS_MAX || table.allowed_ports.len() > NETWORKS_MAX {
        problems.push(format!(
            "web.allowed_networks and web.allowed_ports are too long: {NETWORKS_MAX} each are the limit"
        ));
    }
    if table.allowed_ports.contains(&0) {
        problems.push("web.allowed_ports has 0, which is no port: leave it out".to_owned());
    }
    FetchPolicy { networks, ports: table.allowed_ports }
}

/// Returns where metrics are served.
fn metrics(table: &MetricsTable, problems: &mut Problems) -> Option<SocketAddr> {
    let listen = table.listen.as_deref()?;
    let parsed = listen.parse().ok();
    if parsed.is_none() {
        problems.push(format!(
            "metrics.listen is {listen:?}: write an address of this machine with a port, like \"127.0.0.1:9464\""
        ));
    }
    parsed
}

/// Returns how long a list is held without a decision.
fn hold_for(table: &PollTable, problems: &mut Problems) -> TimeDelta {
    let Some(text) = &table.hold_for else { return AccessPolicy::default().hold_for };
    let parsed = humantime::parse_duration(text).ok().filter(|time| HOLD_FOR.contains(time));
    if parsed.is_none() {
        problems.push(format!(
            "poll.hold_for is {text:?}: write a time from \"10m\" to \"90days\", such as \"1day\""
        ));
    }
    TimeDelta::from_std(parsed.unwrap_or_default()).unwrap_or_default()
}

/// Returns what users may do.
fn access_policy(table: ChatTable, hold_for: TimeDelta, problems: &mut Problems) -> AccessPolicy {
    let watch = watch_permission(&table, problems);
    if table.owner.iter().chain(&table.admins).any(|id| *id <= 0) {
        problems
            .push("chat.owner and chat.admins are numbers of people, which are above 0".to_owned());
    }
    let default = AccessPolicy::default();
    let mut number = |name: &str, value: Option<usize>, default: usize| {
        let value = value.unwrap_or(default);
        if !CHAT_NUMBERS.contains(&value) {
            problems.push(format!("chat.{name} is {value}: write a number from 1 to 10000"));
        }
        value
    };
    let subscriptions_max =
        number("subscriptions_max", table.subscriptions_max, default.subscriptions_max);
    let watched_max = number("watched_max", table.watched_max, default.watched_max);
    let owner = table.owner.map(UserId);
    let admins = table.admins.into_iter().map(UserId).collect();
    AccessPolicy { watch, owner, admins, subscriptions_max, watched_max, hold_for }
}

/// Returns who may add pages.
fn watch_permission(table: &ChatTable, problems: &mut Problems) -> WatchPermission {
    let watch = match table.watch.as_deref() {
        None => WatchPermission::default(),
        Some("everyone") => WatchPermission::Everyone,
        Some("admins") => WatchPermission::Admins,
        Some("owner") => WatchPermission::Owner,
        Some("off") => WatchPermission::Off,
        Some(other) => {
            problems.push(format!(
                "chat.watch is {other:?}: write who may have a page watched, \"everyone\", \"admins\", \"owner\" or \"off\""
            ));
            WatchPermission::Off
        }
    };
    let names_nobody = match watch {
        WatchPermission::Owner => table.watch.is_some() && table.owner.is_none(),
        WatchPermission::Admins => table.owner.is_none() && table.admins.is_empty(),
        WatchPermission::Everyone | WatchPermission::Off => false,
    };
    if names_nobody {
        problems.push("chat.watch names people that chat.owner and chat.admins do not: write their numbers, as @userinfobot tells them".to_owned());
    }
    watch
}

/// Returns the valid sources, and the names of all.
fn sources(tables: Vec<SourceTable>, problems: &mut Problems) -> (Vec<Source>, BTreeSet<String>) {
    if tables.is_empty() {
        problems.push("nothing is watched: add a [[source]] with name and url".to_owned());
    }
    if tables.len() > SOURCES_MAX {
        let count = tables.len();
        problems.push(format!("{count} sources are too many: {SOURCES_MAX} are the limit"));
    }
    let mut sources = Vec::new();
    let mut names = BTreeSet::new();
    for table in tables {
        if !names.insert(table.name.clone()) {
            let name = &table.name;
            problems.push(format!("two sources are named {name:?}: give each its own name"));
        }
        sources.extend(source(table, problems));
    }
    (sources, names)
}

/// Returns a source if it is valid.
fn source(table: SourceTable, problems: &mut Problems) -> Option<Source> {
    let mut problem = |what: String| problems.push(format!("source {:?}: {what}", table.name));
    let name = SourceName::parse(&table.name);
    if name.is_none() {
        problem("its name must be 1 to 32 of a-z, 0-9, _ and -".to_owned());
    }
    let url = public_address(&table.url).map_err(|why| problem(format!("url {why}"))).ok();
    let title = normalize_whitespace(table.title.as_deref().unwrap_or_default());
    let title = match &url {
        Some(url) if title.is_empty() => url.host_str().unwrap_or_default().to_owned(),
        _ => title,
    };
    let is_too_long = title.chars().count() > TEXT_CHARS_MAX;
    if is_too_long {
        problem(format!("its title is longer than {TEXT_CHARS_MAX} characters"));
    }
    let interval = match table.every.as_deref() {
        None => Some(Source::INTERVAL_DEFAULT),
        Some(text) => humantime::parse_duration(text).ok().filter(|every| EVERY.contains(every)),
    };
    if interval.is_none() {
        let text = table.every.as_deref().unwrap_or_default();
        problem(format!(
            "every is {text:?}: write an interval from \"1s\" to \"7d\", such as \"5m\""
        ));
    }
    let zone_name = table.zone.as_deref().unwrap_or("UTC");
    let zone: Option<Tz> = zone_name.parse().ok();
    if zone.is_none() {
        problem(format!("zone is {zone_name:?}: write a name like \"Europe/Moscow\""));
    }
    let page_rules = page_rules(table.page)
        .map_err(|all| all.into_iter().for_each(|what| problem(format!("page.{what}"))));
    let (Some(name), Some(url), Some(interval), Some(zone), Ok(page_rules), false) =
        (name, url, interval, zone, page_rules, is_too_long)
    else {
        return None;
    };
    Some(Source {
        interval,
        zone,
        is_default: table.default.unwrap_or(true),
        respects_robots: table.robots.unwrap_or(true),
        page_rules,
        ..Source::new(name, title, url)
    })
}

/// Returns the page rules of a source, or all problems.
fn page_rules(table: PageTable) -> Result<PageRules, Vec<String>> {
    let mut problems = Vec::new();
    let order = table.date_order.as_deref().map(|word| {
        DateOrder::parse(word)
            .ok_or_else(|| format!("date_order is {word:?}: write \"dmy\", \"mdy\" or \"ymd\""))
    });
    let feed = match &table.feed {
        None | Some(toml::Value::Boolean(true)) => Ok(FeedUse::IfFresh),
        Some(toml::Value::Boolean(false)) => Ok(FeedUse::Never),
        Some(toml::Value::String(text)) => {
            public_address(text).map(FeedUse::Given).map_err(|why| match why.starts_with("is ") {
                true => format!("feed {why}, or false"),
                false => format!("feed {why}"),
            })
        }
        Some(other) => Err(format!("feed is {other}: write the address of a feed, or false")),
    };
    let entries_min = table.min_entries.unwrap_or_default();
    if entries_min > ENTRIES_MIN_MAX {
        problems.push(format!("min_entries is {entries_min}: {ENTRIES_MIN_MAX} are the limit"));
    }
    let rules = PageRules {
        entry: table.entry,
        title: table.title,
        link: table.link,
        date: table.date,
        lead: table.lead,
        within: table.within,
        exclude: table.exclude,
        date_format: table.date_format,
        date_order: order.transpose().map_err(|problem| problems.push(problem)).ok().flatten(),
        lang: table.lang,
        feed: feed.map_err(|problem| problems.push(problem)).unwrap_or_default(),
        entries_min,
    };
    problems.extend(extract::problems(&rules));
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

/// Adds the counters to their sources.
fn add_counters(
    tables: &[CounterTable],
    sources: &mut [Source],
    names: &BTreeSet<String>,
    problems: &mut Problems,
) {
    for table in tables {
        let name = &table.source;
        let Some(source) = sources.iter_mut().find(|s| s.name.as_str() == name) else {
            if !names.contains(name) {
                problems.push(format!(
                    "a counter is for source {name:?}: there is no source of that name"
                ));
            }
            continue;
        };
        match counter(table) {
            Ok(_) if source.counters.len() >= COUNTERS_MAX => problems.push(format!(
                "source {name:?} has too many counters: {COUNTERS_MAX} are the limit"
            )),
            Ok(counter) => source.counters.push(counter),
            Err(what) => problems.push(format!("a counter of source {name:?}: {what}")),
        }
    }
}

/// Returns a counter, or what is wrong with it.
fn counter(table: &CounterTable) -> Result<Counter, String> {
    // A date may be written with quotes or without.
    let since = match &table.since {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let since_on: NaiveDate = since
        .parse()
        .map_err(|_| format!("since is {since}: write the day it counts from, like 2018-03-04"))?;
    let template = normalize_whitespace(&table.text);
    if template.matches(PLACEHOLDER).count() != 1 {
        return Err(format!(
            "text is {template:?}: write {PLACEHOLDER} once, where the number goes"
        ));
    }
    if template.chars().count() > TEXT_CHARS_MAX {
        return Err(format!("its text is longer than {TEXT_CHARS_MAX} characters"));
    }
    Ok(Counter { since_on, template })
}

#[cfg(test)]
mod tests {
    use super::super::file::{BUILT_IN, FileText};
    use super::*;

    fn parse(name: &str, text: &str) -> Result<FileConfig, Vec<String>> {
        let file = FileText { name: name.to_owned(), text: text.to_owned() };
        validate(file.parse().map_err(|problem| vec![problem])?)
            .map_err(|problems| problems.iter().map(|what| format!("{name}: {what}")).collect())
    }

    fn problems(text: &str) -> Vec<String> {
        parse("c.toml", text).unwrap_err()
    }

    #[test]
    fn the_built_in_configuration_is_valid() {
        let FileConfig { sources, rules, .. } = parse("built-in", BUILT_IN).unwrap();
        assert_eq!((sources.len(), rules.per_second), (1, PER_SECOND_DEFAULT));
    }

    #[test]
    fn a_full_file_is_read_with_its_defaults() {
        let text = r#"
            [delivery]
            per_second = 5
            [web]
            contact = "mailto:desk@press.example"
            allowed_networks = ["10.0.0.0/8", "192.168.1.5"]
            allowed_ports = [8080]
            [metrics]
            listen = "127.0.0.1:9464"
            [chat]
            watch = "admins"
            admins = [5]
            [poll]
            hold_for = "2days"
            [[source]]
            name = "court"
            url = "https://court.example/rulings"
            default = false
            [source.page]
            entry = "table.rulings tr"
            date_order = "mdy"
            feed = false
            min_entries = 5
            [[counter]]
            source = "court"
            since = 2018-03-04
            text = "{days} days without a ruling"
            [[counter]]
            source = "court"
            since = "2020-01-01"
            text = "{days} days"
        "#;
        let FileConfig { sources, rules, keep, contact, reach, metrics, policy } =
            parse("c.toml", text).unwrap();
        assert_eq!(metrics, Some(([127, 0, 0, 1], 9464).into()));
        assert_eq!(contact.as_deref(), Some("mailto:desk@press.example"));
        let networks = ["10.0.0.0/8", "192.168.1.5/32"].map(|network| network.parse().unwrap());
        assert_eq!(reach, FetchPolicy { networks: networks.to_vec(), ports: vec![8080] });
        assert!(policy.may_watch(Some(UserId(5))) && !policy.may_watch(Some(UserId(6))));
        assert_eq!(policy.hold_for, TimeDelta::days(2));
        let court = &sources[0];
        assert!(!court.is_default);
        let expected =
            DeliveryConfig { per_second: 5.0, paid: false, digest_above: DIGEST_ABOVE_DEFAULT };
        assert_eq!(rules, expected);
        assert_eq!((keep, court.title.as_str()), (KEEP_DEFAULT, "court.example"));
        assert_eq!((court.interval, court.zone), (Source::INTERVAL_DEFAULT, Tz::UTC));
        assert_eq!(court.counters.len(), 2);
        let expected = PageRules {
            entry: Some("table.rulings tr".to_owned()),
            date_order: Some(DateOrder::MonthFirst),
            feed: FeedUse::Never,
            entries_min: 5,
            ..PageRules::default()
        };
        assert_eq!(court.page_rules, expected);
        assert_eq!(court.counters[0].since_on.to_string(), "2018-03-04");
    }

    #[test]
    fn paid_broadcasts_have_a_rate_of_their_own() {
        let text =
            |more: &str| format!("[delivery]\nallow_paid_broadcast = true\n{more}{BUILT_IN}");
        let rate = |more| parse("c.toml", &text(more)).unwrap().rules;
        assert_eq!((rate("").per_second, rate("").paid), (1000.0, true));
        assert_eq!(rate("per_second = 20\npaid_per_second = 200\n").per_second, 200.0);
        let unpaid = format!("[delivery]\npaid_per_second = 200\n{BUILT_IN}");
        assert!(problems(&unpaid)[0].contains("0.1 Star"));
    }

    #[test]
    fn every_problem_is_reported_with_its_remedy_and_all_at_once() {
        let text = r#"
            delivery.per_second = 0
            delivery.digest_above = 0
            delivery.keep = "forever"
            web.contact = "call me (please)"
            web.allowed_networks = ["10.0.0.0/8", "the office"]
            metrics.listen = "9464"
            poll.hold_for = "a while"
            chat.watch = "owner"
            chat.watched_max = 0
            [[source]]
            name = "The Court"
            url = "court.example"
            every = "0s"
            zone = "Mars/Olympus"
            [source.page]
            title = "h3"
            within = "div >> ["
            date_order = "american"
            feed = 7
            [[counter]]
            source = "nobody"
            since = 2018-03-04
            text = "{days}"
        "#;
        let faults = problems(text);
        assert_eq!(faults.len(), 18, "{faults:#?}");
        for (fault, remedy) in faults.iter().zip([
            "from 0.1 to 1000",
            "one by one, 1 to 1000",
            "such as \"30days\"",
            "like \"https://press.example/bot\"",
            "like \"10.0.0.0/8\"",
            "like \"127.0.0.1:9464\"",
            "from \"10m\" to \"90days\"",
            "chat.owner and chat.admins do not: write their numbers",
            "chat.watched_max is 0: write a number",
            "1 to 32 of a-z",
            "whole address",
            "from \"1s\" to \"7d\"",
            "like \"Europe/Moscow\"",
            "page.date_order is \"american\": write \"dmy\"",
            "address of a feed, or false",
            "page.within is \"div >> [\": write a CSS selector",
            "page.title starts from an entry: write entry as well",
            "no source of that name",
        ]) {
            assert!(fault.starts_with("c.toml: ") && fault.contains(remedy), "{fault}");
        }
    }

    #[test]
    fn typing_errors_are_reported_with_their_line() {
        assert_eq!(
            problems("\n\n[[source]]\nnmae = 'x'\n"),
            [
                "c.toml, line 4: unknown field `nmae`, expected one of `name`, `title`, `url`, `every`, `zone`, `robots`, `default`, `page`"
            ]
        );
        assert!(problems("[source]\nname='x'")[0].contains("write two brackets"));
        assert!(problems("[delivery]\nper_second = '30'")[0].contains("without quotes"));
        assert!(problems("[[source]]\nname='a'\nurl='u'\nevery = 5")[0].ends_with("like \"5m\""));
        let slip = |line: &str| problems(&format!("[web]\n{line}")).remove(0);
        assert!(
            slip("allowed_ports = 8080").ends_with("write brackets around it, like [8080, 8443]")
        );
        assert!(slip("allowed_ports = 8080").contains("line 2: allowed_ports has an invalid type"));
        assert!(slip("allowed_ports = ['8080']").contains("a port, 1 to 65535"));
        assert!(slip("allowed_ports = [70000]").contains("a port, 1 to 65535"));
        assert!(slip("allowed_ports = [0]").contains("0, which is no port"));
        assert!(slip("allowed_networks = [10]").ends_with("write it in quotes"));
        assert!(problems("[delivery]\ndigest_above = -1")[0].ends_with("write a number above 0"));
        let secret = problems("[[source]]\nname='a'\nurl='desk:secret@court.example'");
        assert!(secret[0].contains("write a whole address") && !secret[0].contains("secret"));
        let secret = problems("[[source]]\nname='a'\nurl='https://desk:secret@court.example/'");
        assert!(
            secret[0].contains("url has a name or a password") && !secret[0].contains("secret@")
        );
        assert!(problems("[[source]").first().unwrap().starts_with("c.toml, line 1: "));
        let counter = |since: &str, text: &str| {
            format!(
                "[[source]]\nname='a'\nurl='https://a.example'\n[[counter]]\nsource='a'\nsince={since}\ntext='{text}'"
            )
        };
        assert!(problems(&counter("2018-02-30", "{days}"))[0].starts_with("c.toml, line 6: "));
        assert!(problems(&counter("'soon'", "{days}"))[0].contains("like 2018-03-04"));
        assert!(problems(&counter("2018-03-04", "days"))[0].contains("write {days} once"));
        let twice = "[[source]]\nname='a'\nurl='https://a.example'\n".repeat(2);
        assert!(problems(&twice)[0].contains("two sources are named"));
        assert!(problems("")[0].contains("nothing is watched"));
    }
}
