//! The list of the sample institution, with the habits that field reports describe: session IDs,
//! reused addresses and identifiers, misdated entries, sliding windows, broken items, encodings,
//! servers that always answer 304. What a list does is drawn from the seed.

use chrono::{Days, NaiveDate};
use communique::sandbox::{Site, SiteFault};
use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1251};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// The entries of a list that is oldest first and longer than the limit of an extraction.
const LONG: usize = 1_020;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Page,
    Rss,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    Own,
    /// With a session ID that changes on every poll.
    Session,
    /// An address is reused for a later statement.
    Slots,
    /// All have the same address.
    Constant,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    Own,
    Slots,
    /// A new one on every poll.
    Fresh,
    None,
}

/// How a list is served, and its state.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) form: Form,
    pub(crate) links: Links,
    pub(crate) ids: Ids,
    pub(crate) window: usize,
    pub(crate) is_oldest_first: bool,
    pub(crate) has_days: bool,
    pub(crate) encoding: &'static Encoding,
    /// The server answers 304 to every conditional request.
    pub(crate) says_unchanged: bool,
    /// One item is broken on every poll.
    pub(crate) breaks_items: bool,
    /// Only titles stay the same: addresses change, and there are no dates.
    pub(crate) keeps_titles_only: bool,
    /// The feed is valid and has no items.
    pub(crate) is_empty: bool,
    /// Statements with a misprinted date.
    pub(crate) misdated: BTreeSet<u64>,
    /// Statements with a misprint in the title.
    pub(crate) slips: BTreeSet<u64>,
    readings: u32,
    /// What the last document listed, if it was complete.
    served: BTreeSet<u64>,
    /// What was listed when the list was complete and was read.
    pub(crate) shown: BTreeSet<u64>,
    /// The titles that each statement had.
    pub(crate) titles: BTreeMap<u64, BTreeSet<String>>,
}

impl std::fmt::Display for Habits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Habits { form, links, ids, window, is_oldest_first, has_days, encoding, .. } = self;
        let Habits { says_unchanged, breaks_items, .. } = self;
        write!(
            f,
            "{form:?}, links {links:?}, ids {ids:?}, window {window}, oldest first {is_oldest_first}, \
             days {has_days}, {}, always unchanged {says_unchanged}, broken items {breaks_items}",
            encoding.name()
        )
    }
}

impl Habits {
    pub(crate) fn draw(rng: &mut fastrand::Rng) -> Self {
        let form = [Form::Page, Form::Rss, Form::Rss, Form::Rss, Form::Json][rng.usize(0..5)];
        let is_feed = form != Form::Page;
        let mut links =
            [Links::Own, Links::Own, Links::Session, Links::Slots, Links::Constant, Links::None]
                [rng.usize(0..6)];
        let mut ids = [Ids::Own, Ids::Own, Ids::Slots, Ids::Fresh, Ids::None][rng.usize(0..5)];
        if !is_feed {
            ids = Ids::None;
        }
        let mut has_days = !is_feed || rng.u32(0..4) > 0;
        let is_long = form == Form::Rss && rng.u32(0..20) == 0;
        if is_long {
            (links, ids, has_days) = (Links::Own, Ids::Own, true);
        }
        // A new entry under an old title is distinguished from a correction by its date.
        if links == Links::Slots || ids == Ids::Slots {
            has_days = true;
        }
        // There is nothing but the title, so it has to be unique.
        if links == Links::Slots && ids == Ids::Slots {
            ids = Ids::None;
        }
        let encoding = match form {
            Form::Json => UTF_8,
            _ => [UTF_8, UTF_8, WINDOWS_1251, UTF_16LE][rng.usize(0..4)],
        };
        Habits {
            form,
            links,
            ids,
            window: if is_long { LONG } else { [10, 10, 10, 6][rng.usize(0..4)] },
            is_oldest_first: is_long || is_feed && has_days && rng.u32(0..3) == 0,
            has_days,
            encoding,
            says_unchanged: rng.u32(0..6) == 0,
            breaks_items: form == Form::Rss && rng.bool(),
            keeps_titles_only: false,
            is_empty: false,
            misdated: BTreeSet::new(),
            slips: BTreeSet::new(),
            readings: 0,
            served: BTreeSet::new(),
            shown: BTreeSet::new(),
            titles: BTreeMap::new(),
        }
    }

    /// The last document was read completely.
    pub(crate) fn was_read(&mut self) {
        self.shown.append(&mut self.served);
    }

    /// The title of a statement as printed now.
    fn title(&mut self, number: u64, title: &str) -> String {
        let slip = if self.slips.contains(&number) { "Teh " } else { "The " };
        let printed = format!("{slip}{title} №{number}");
        self.titles.entry(number).or_default().insert(printed.clone());
        printed
    }

    /// Dates run ahead of the clock, so that statements have different ones.
    fn day(&self, n: usize, number: u64) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap();
        match self.misdated.contains(&number) {
            true => NaiveDate::from_ymd_opt(2041, 11, 16).unwrap(),
            false => first.checked_add_days(Days::new(n as u64)).unwrap(),
        }
    }

    /// The document as served now: its bytes, content type and validator.
    pub(crate) fn document(
        &mut self,
        site: &Site,
        rng: &mut fastrand::Rng,
        counters: &str,
    ) -> (Vec<u8>, &'static str, Option<String>) {
        self.readings += 1;
        self.served.clear();
        let is_whole = site.fault == SiteFault::None && !self.is_empty;
        let count = match site.fault {
            _ if self.is_empty || site.fault == SiteFault::Empty => 0,
            SiteFault::Truncated => 3.min(self.window),
            _ => self.window,
        };
        let is_long = self.window == LONG;
        let first = if is_long { LONG } else { 0 };
        let mut items = Vec::new();
        for (n, statement) in site.statements.iter().enumerate().rev().take(count) {
            let number = statement.number;
            // Where only titles identify a statement, a redesign keeps them.
            let keeps_titles = self.keeps_titles_only || !self.has_days;
            let title = match site.fault {
                SiteFault::Redesigned if !keeps_titles => format!("Notice №{number}"),
                _ => self.title(number, &statement.title),
            };
            let is_redesigned = site.fault == SiteFault::Redesigned;
            let link = self.link(n, number, is_redesigned);
            let id = self.id(n, number, is_redesigned);
            let day =
                (self.has_days && !self.keeps_titles_only).then(|| self.day(n + first, number));
            if is_whole {
                self.served.insert(number);
            }
            items.push((title, link, id, day, statement.lead.clone()));
        }
        // Entries older than all statements.
        if is_long && count == LONG {
            for n in (0..LONG).rev() {
                let link = format!("https://lighthouses.example/order/{n}");
                let day = self.day(n, 0);
                let title = format!("Order of the harbour master {n}");
                items.push((title, Some(link), None, Some(day), String::new()));
            }
        }
        if self.is_oldest_first {
            items.reverse();
        }
        let broken = self.breaks_items.then(|| rng.usize(0..items.len().max(1)));
        let text = match self.form {
            Form::Page => page(&items, self.encoding, counters),
            Form::Rss => rss(&items, self.encoding, broken),
            Form::Json => json(&items),
        };
        let etag = self.says_unchanged.then(|| "\"always\"".to_owned());
        (self.encoded(&text), self.content_type(), etag)
    }

    /// The address of the `n`th statement.
    fn link(&self, n: usize, number: u64, is_redesigned: bool) -> Option<String> {
        let page = "https://lighthouses.example";
        let reading = self.readings;
        match self.links {
            _ if is_redesigned => Some(format!("{page}/new/{}", number * 7)),
            Links::None => None,
            _ if self.keeps_titles_only => Some(format!("{page}/moved/to/{}.html", number * 3)),
            Links::Own => Some(format!("{page}/statement/{number}")),
            Links::Session => Some(format!("{page}/statement/{number};jsessionid=S{reading}X")),
            Links::Slots => Some(format!("{page}/slot/{}", n % (self.window + 2))),
            Links::Constant => Some(format!("{page}/live")),
        }
    }

    /// The feed identifier of the `n`th statement.
    fn id(&self, n: usize, number: u64, is_redesigned: bool) -> Option<String> {
        match self.ids {
            _ if is_redesigned || self.keeps_titles_only => None,
            Ids::None => None,
            Ids::Own => Some(format!("tag:lights,{number}")),
            Ids::Slots => Some(format!("slot-{}", n % (self.window + 2))),
            Ids::Fresh => Some(format!("{}-{number}", self.readings)),
        }
    }

    fn content_type(&self) -> &'static str {
        match self.form {
            Form::Page => "text/html",
            Form::Rss => "application/rss+xml",
            Form::Json => "application/feed+json",
        }
    }

    fn encoded(&self, text: &str) -> Vec<u8> {
        match self.encoding {
            e if e == UTF_16LE => [0xff, 0xfe]
                .into_iter()
                .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
                .collect(),
            encoding => encoding.encode(text).0.into_owned(),
        }
    }
}

type Item = (String, Option<String>, Option<String>, Option<NaiveDate>, String);

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn page(items: &[Item], encoding: &'static Encoding, counters: &str) -> String {
    let mut list = String::new();
    for (title, link, _, day, lead) in items {
        let title = escape(title);
        let title = match link {
            Some(link) => format!("<a href=\"{link}\">{title}</a>"),
            None => title,
        };
        let day = day.map(|day| day.format("%d.%m.%Y - ").to_string()).unwrap_or_default();
        let _ = write!(list, "<div class=item><b>{day}{title}</b><p>{}</p></div>", escape(lead));
    }
    let name = encoding.name();
    format!(
        "<html><head><meta charset=\"{name}\"><title>Lights</title></head><body><div>{counters}</div>{list}</body></html>"
    )
}

fn rss(items: &[Item], encoding: &'static Encoding, broken: Option<usize>) -> String {
    let mut list = String::new();
    for (n, (title, link, id, day, lead)) in items.iter().enumerate() {
        let _ = write!(list, "<item><title>{}</title>", escape(title));
        if let Some(link) = link {
            let _ = write!(list, "<link>{}</link>", escape(link));
        }
        if let Some(id) = id {
            let _ = write!(list, "<guid isPermaLink=\"false\">{id}</guid>");
        }
        if let Some(day) = day {
            let _ =
                write!(list, "<pubDate>{} 10:00:00 +0200</pubDate>", day.format("%a, %d %b %Y"));
        }
        let _ = match broken {
            Some(at) if at == n => match n % 3 {
                0 => write!(list, "<description><![CDATA[<p>Never closed</description>"),
                1 => write!(list, "<description><p>Raw<br>and <b>open</description>"),
                _ => write!(list, "<description>a & b < c</description><x:y>"),
            },
            _ => write!(list, "<description>{}</description>", escape(&escape(lead))),
        };
        list += "</item>\n";
    }
    let name = encoding.name();
    format!(
        "<?xml version=\"1.0\" encoding=\"{name}\"?>\n<rss version=\"2.0\"><channel><title>Lights</title><link>https://lighthouses.example/</link>{list}</channel></rss>"
    )
}

fn json(items: &[Item]) -> String {
    let items = items.iter().map(|(title, link, id, day, lead)| {
        serde_json::json!({
            "title": title, "url": link, "id": id, "content_text": lead,
            "date_published": day.map(|day| format!("{day}T10:00:00+02:00")),
        })
    });
    serde_json::json!({"version": "https://jsonfeed.org/version/1.1", "title": "Lights",
        "items": items.collect::<Vec<_>>()})
    .to_string()
}

/// Draws a change of a list. Returns it in words.
pub(crate) fn change(
    habits: &mut Habits,
    site: &Site,
    rng: &mut fastrand::Rng,
    has_faults: bool,
) -> String {
    let newest = site.statements.last().map_or(0, |statement| statement.number);
    match rng.u32(0..if has_faults { 8 } else { 2 }) {
        0 if habits.has_days => {
            if !habits.misdated.insert(newest) {
                habits.misdated.remove(&newest);
            }
            format!("{newest} misdated or mended")
        }
        2 | 3 => {
            habits.keeps_titles_only = habits.form != Form::Page && !habits.keeps_titles_only;
            format!("titles only: {}", habits.keeps_titles_only)
        }
        4 => {
            habits.is_empty = habits.form != Form::Page && !habits.is_empty;
            format!("empty: {}", habits.is_empty)
        }
        5 => {
            habits.is_empty = false;
            habits.keeps_titles_only = false;
            "as usual".to_owned()
        }
        _ => {
            if !habits.slips.insert(newest) {
                habits.slips.remove(&newest);
            }
            format!("a slip in {newest}, or mended")
        }
    }
}
