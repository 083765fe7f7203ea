//! What the operator says of a page that resists: where its entries are, and how it prints its days.
//!
//! Promises: plain values; nothing said is the rule, and then everything is found by itself.
//! Leaves out: whether a selector can be read (`extract`), and where the values come from (`config`).

use url::Url;

/// In which order a date of numbers stands.
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

impl DateOrder {
    const ALL: [(DateOrder, &'static str); 3] = [
        (DateOrder::DayFirst, "dmy"),
        (DateOrder::MonthFirst, "mdy"),
        (DateOrder::YearFirst, "ymd"),
    ];

    /// Each of them.
    pub fn each() -> [DateOrder; 3] {
        Self::ALL.map(|(order, _)| order)
    }

    /// The word for it in the configuration.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(order, _)| *order == self).map_or("", |(_, word)| word)
    }

    /// The order of a word, or nothing.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == word).map(|(order, _)| *order)
    }
}

/// What becomes of the feeds that a page names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FeedUse {
    /// One is read in the page's stead if it is alive and as fresh as the page.
    #[default]
    IfFresh,
    /// This one is read, and the page where it fails.
    Given(Url),
    /// None is read.
    Never,
}

/// All that can be said of a page. Selectors are CSS; those of an entry's parts start from the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRules {
    /// The elements that are entries.
    pub entry: Option<String>,
    /// The title of an entry.
    pub title: Option<String>,
    /// The element with its address.
    pub link: Option<String>,
    /// The element with its day.
    pub date: Option<String>,
    /// Its summary.
    pub lead: Option<String>,
    /// Where the list stands; entries are looked for nowhere else.
    pub within: Option<String>,
    /// What is not read at all.
    pub exclude: Option<String>,
    /// How its days are printed, as chrono writes formats ("%d.%m.%Y").
    pub date_format: Option<String>,
    /// The order of its numeric dates.
    pub date_order: Option<DateOrder>,
    /// Its language ("en-GB").
    pub lang: Option<String>,
    /// What becomes of its feeds.
    pub feed: FeedUse,
    /// With fewer entries than these a list is not the one; 0 and 1 ask for nothing.
    pub entries_min: usize,
}

impl PageRules {
    /// Nothing said.
    pub const NONE: &'static PageRules = &PageRules {
        entry: None,
        title: None,
        link: None,
        date: None,
        lead: None,
        within: None,
        exclude: None,
        date_format: None,
        date_order: None,
        lang: None,
        feed: FeedUse::IfFresh,
        entries_min: 0,
    };
}
