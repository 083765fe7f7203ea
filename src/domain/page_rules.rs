//! Page rules: what the operator says about a page that is not detected correctly.
//!
//! Guarantees: plain values. All are optional; what is unset is detected.
//! Out of scope: whether a selector is valid (`extract`), where the values come from (`config`).

use super::word_enum::word_enum;
use url::Url;

/// The order of the numbers in a date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// 3/4/2020 is the third of April.
    #[default]
    DayFirst,
    /// 3/4/2020 is the fourth of March.
    MonthFirst,
    /// 20-04-03 is the third of April.
    YearFirst,
}

word_enum!(DateOrder {
    DayFirst => "dmy",
    MonthFirst => "mdy",
    YearFirst => "ymd",
});

/// How the feeds that a page names are used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FeedUse {
    /// One is read in place of the page if it is alive and as fresh as the page.
    #[default]
    IfFresh,
    /// This one is read, and the page if it fails.
    Given(Url),
    /// None is read.
    Never,
}

/// What the operator says about a page. Selectors are CSS; those of the parts of an entry start from
/// the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRules {
    /// The elements that are entries.
    pub entry: Option<String>,
    /// The title of an entry.
    pub title: Option<String>,
    /// The element with the address of an entry.
    pub link: Option<String>,
    /// The element with the day of an entry.
    pub date: Option<String>,
    /// The lead of an entry.
    pub lead: Option<String>,
    /// The element that contains the list.
    pub within: Option<String>,
    /// The elements that are ignored.
    pub exclude: Option<String>,
    /// The format of its days, as chrono writes formats ("%d.%m.%Y").
    pub date_format: Option<String>,
    /// The order of the numbers in its dates.
    pub date_order: Option<DateOrder>,
    /// The language of the page ("en-GB").
    pub lang: Option<String>,
    /// How its feeds are used.
    pub feed: FeedUse,
    /// A list with fewer entries is another list. 0 and 1 set no minimum.
    pub entries_min: usize,
}
