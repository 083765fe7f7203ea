//! The sample institution, in the layout of an embassy's page: a date line, two clocks, a telephone
//! line, two day counters, a long featured interview, and below it the dated list.
//!
//! Guarantees: a state machine; a page depends on the state and on the time argument.

mod statement;
mod statement_page;

pub use self::statement::{Statement, TITLE};

use self::statement::{STATEMENTS, STYLE, escape};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

/// The time zone of its dates.
pub const ZONE: Tz = Tz::Europe__Athens;
/// Entries on the list.
const LISTED: usize = 10;
/// Other statements that are linked from the page of one.
const LATEST: usize = 5;

/// A fault of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// No fault.
    #[default]
    None,
    /// A challenge, with status 200.
    Challenge,
    /// Status 503.
    Down,
    /// The list is empty.
    Empty,
    /// The page ends after the third entry.
    Truncated,
    /// All URLs and titles are different, as after a redesign.
    Redesigned,
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The `ETag`.
    pub etag: Option<String>,
    /// The body; empty with status 304.
    pub body: String,
}

/// The site.
#[derive(Clone, Debug)]
pub struct Site {
    /// All statements, oldest first.
    pub statements: Vec<Statement>,
    /// The fault of the site.
    pub fault: Fault,
    /// Whether the page stays the same until a statement changes (no clocks), so that it has an `ETag`.
    pub is_still: bool,
    next: usize,
    edits: usize,
}

impl Site {
    /// A site whose list is full of statements of the days before.
    pub fn new(now: DateTime<Utc>) -> Self {
        let mut site =
            Site { statements: Vec::new(), fault: Fault::None, is_still: false, next: 0, edits: 0 };
        let today_on = day(now);
        for n in (0..LISTED).rev() {
            let ago = u64::try_from(2 + n * 3).unwrap_or(2);
            site.add(today_on.checked_sub_days(Days::new(ago)).unwrap_or(today_on));
        }
        site
    }

    /// Publishes the next statement, dated today.
    pub fn publish(&mut self, now: DateTime<Utc>) -> Statement {
        self.add(day(now))
    }

    /// Publishes a statement of this title and lead, dated today.
    pub fn publish_as(&mut self, title: &str, lead: &str, now: DateTime<Utc>) -> Statement {
        let mut statement = self.publish(now);
        (statement.title, statement.lead) = (title.to_owned(), lead.to_owned());
        if let Some(last) = self.statements.last_mut() {
            *last = statement.clone();
        }
        statement
    }

    /// Changes the title of the newest statement.
    pub fn edit(&mut self) -> Option<Statement> {
        self.edits += 1;
        let edits = self.edits;
        let last = self.statements.last_mut()?;
        last.title = match last.title.split_once(" (corrected") {
            Some((title, _)) => format!("{title} (corrected, {edits})"),
            None => format!("{} (corrected)", last.title),
        };
        Some(last.clone())
    }

    fn add(&mut self, date_on: NaiveDate) -> Statement {
        let (title, lead) = STATEMENTS[self.next % STATEMENTS.len()];
        self.next += 1;
        let number = 4200 + 3 * u64::try_from(self.next).unwrap_or(0);
        // The thousandth statement has a title of its own as well.
        let round = self.next.saturating_sub(1) / STATEMENTS.len();
        let title =
            if round > 0 { format!("{title}, part {}", round + 1) } else { title.to_owned() };
        let statement = Statement { number, date_on, title, lead: lead.to_owned() };
        self.statements.push(statement.clone());
        statement
    }

    /// The response to a request for the list.
    pub fn respond(&self, if_none_match: Option<&str>, now: DateTime<Utc>) -> Response {
        let page = |status, body: String| Response { status, etag: None, body };
        match self.fault {
            Fault::Challenge => return page(200, CHALLENGE.to_owned()),
            Fault::Down => return page(503, "Service Unavailable".to_owned()),
            _ => {}
        }
        let etag = self.is_still.then(|| {
            let last = self.statements.last().map_or(0, |s| s.number);
            format!("W/\"{last}-{}\"", self.edits)
        });
        if etag.is_some() && etag.as_deref() == if_none_match {
            return Response { status: 304, etag, body: String::new() };
        }
        Response { status: 200, etag, body: self.page(now) }
    }

    /// The response to a request for any path: the list is "", a statement "statement/4203".
    pub fn respond_to(
        &self,
        path: &str,
        if_none_match: Option<&str>,
        now: DateTime<Utc>,
    ) -> Response {
        let path = path.trim_matches('/');
        let page = |status, body: String| Response { status, etag: None, body };
        if path.is_empty() || matches!(self.fault, Fault::Challenge | Fault::Down) {
            return self.respond(if_none_match, now);
        }
        let number = path.strip_prefix("statement/").and_then(|number| number.parse().ok());
        match number.and_then(|number| self.statement_page(number)) {
            Some(body) => page(200, body),
            None => page(404, "There is no such page.".to_owned()),
        }
    }

    /// The page of one statement, with its full text.
    pub fn statement_page(&self, number: u64) -> Option<String> {
        let statement = self.statements.iter().find(|s| s.number == number)?;
        let others = self.statements.iter().rev().filter(|s| s.number != number);
        Some(statement_page::page(statement, others.take(LATEST)))
    }

    fn page(&self, now: DateTime<Utc>) -> String {
        let today_on = day(now);
        let time = |zone: Tz| now.with_timezone(&zone).format("%H:%M").to_string();
        let (home, london) = if self.is_still {
            ("12:00".to_owned(), "10:00".to_owned())
        } else {
            (time(ZONE), time(Tz::Europe__London))
        };
        let counters: String = COUNTERS
            .iter()
            .map(|(since, words)| {
                let since_on: NaiveDate = since.parse().unwrap_or(today_on);
                let days = (today_on - since_on).num_days();
                format!("<td align=\"center\"><b>{days} days have passed since {words}</b></td>")
            })
            .collect();
        let interview: String = INTERVIEW.iter().map(|p| format!("<p>{p}</p>")).collect();
        let listed = match self.fault {
            Fault::Empty => 0,
            Fault::Truncated => 3,
            _ => LISTED,
        };
        let entries: String =
            self.statements.iter().rev().take(listed).map(|s| self.item(s)).collect();
        let head = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{TITLE}</title>{STYLE}</head><body>\
             <div class=\"top\"><ul class=\"menu\"><li><a href=\"./\">Main page</a></li><li><a href=\"about/\">Ministry</a></li>\
             <li><a href=\"keepers/\">For keepers</a></li></ul></div>\
             <div class=\"clock\"><div>{}</div><div>Port Lumen: {home}</div><div>London: {london}</div></div>\
             <div class=\"phone\">Keepers' line:&nbsp; <br>+44 (0) 20 7946 0000</div>\
             <table><tr>{counters}</tr></table>\
             <h1>Minister's answers to questions of The Coastal Courier, Port Lumen, March 3, 2019</h1>\
             <div class=\"text\">{interview}</div><div class=\"news\">{entries}",
            today_on.format("%-d %B %Y"),
        );
        if self.fault == Fault::Truncated {
            return head;
        }
        head + "<a href=\"archive/&amp;start=1\">all messages</a></div>\
            <div class=\"footer\"><p>Address: 6 Lantern Quay, Port Lumen<br>\
             E-mail: office@lighthouses.example</p>(c) Ministry of Lighthouses, 1999-2020 <a href=\"map/\">Site map</a></div></body></html>"
    }

    fn item(&self, statement: &Statement) -> String {
        let Statement { number, date_on, title, lead } = statement;
        let (path, title) = match self.fault {
            Fault::Redesigned => (format!("new/{}", number * 7), format!("Notice {number}")),
            _ => (format!("statement/{number}"), title.clone()),
        };
        format!(
            "<div class=\"item\"><a href=\"{path}\"><b>{} - {}</b></a><br><br>{}</div>",
            date_on.format("%d.%m.%Y"),
            escape(&title),
            escape(lead),
        )
    }
}

/// The day in the zone of the institution.
fn day(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&ZONE).date_naive()
}

const CHALLENGE: &str = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>\
    <h1>Checking your browser before accessing the site.</h1><p>Please enable JavaScript and wait.</p>\
    <form id=\"challenge-form\"></form></body></html>";

/// The counters: since when, and their text.
const COUNTERS: [(&str, &str); 2] = [
    (
        "2021-02-11",
        "the lamp of Cape Sorrow was switched off - no explanation from the Harbour Board",
    ),
    ("2023-09-01", "the keepers asked for a new foghorn - no reply yet"),
];

const INTERVIEW: [&str; 4] = [
    "Question: Minister, the Harbour Board says that lighthouses belong to the past. Do they?",
    "Minister: I have heard this before. On October 17, 2018 the Board said the same of bells, and 12 days later it ordered two of them. A light asks nothing of a ship, needs no password and works when everything else has failed.",
    "Question: What will become of Cape Sorrow?",
    "Minister: We shall light it again. When exactly depends on the Board, to which I have written three times. As I said on January 9, 2019, our door is open, and so is the one at the top of the stairs.",
];

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn each_statement_of_the_list_has_a_page_and_no_other_has() {
        let site = Site::new(NOW);
        assert_eq!(site.respond_to("", None, NOW), site.respond(None, NOW));
        for statement in &site.statements {
            let answer = site.respond_to(&format!("statement/{}", statement.number), None, NOW);
            assert_eq!(answer.status, 200);
            assert!(answer.body.contains(&escape(&statement.title)), "{}", statement.title);
        }
        for path in ["statement/1", "statement/x", "keepers/"] {
            assert_eq!(site.respond_to(path, None, NOW).status, 404, "{path}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_site_is_wrong_with_the_pages_of_its_statements() {
        let mut site = Site::new(NOW);
        let path = format!("statement/{}", site.statements[0].number);
        site.fault = Fault::Down;
        assert_eq!(site.respond_to(&path, None, NOW).status, 503);
        site.fault = Fault::Challenge;
        assert_eq!(site.respond_to(&path, None, NOW).body, CHALLENGE);
    }
}
