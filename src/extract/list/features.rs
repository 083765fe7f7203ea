//! How much a list of entries is like a list of statements, by features with names.
//!
//! Every candidate list is compared by the same features, however it was found. The score is the
//! logarithm of the number of entries; each feature that is lacking costs a share of it, in
//! proportion to how much of it is lacking.
//!
//! Guarantees: a score never depends on the names of a page; the features explain all of it.

use super::{sortedness::sortedness, wording::is_title};
use crate::domain::Candidate;
use chrono::NaiveDate;
use std::{collections::HashSet, fmt};
use url::Url;

/// More text in an entry says no more.
const TEXT_CHARS_ENOUGH: usize = 80;
const TITLE_CHARS_MAX: usize = 120;
const LEAD_CHARS_MAX: usize = 200;
/// What one entry alone counts: it may be anything that has a date.
const SINGLE: f64 = 0.2;

/// What is compared; each but `entries` from 0, lacking, to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// How many entries there are.
    pub entries: usize,
    /// How much text the entries have.
    pub text: f64,
    /// How sorted their days are.
    pub order: f64,
    /// How many are not of days to come, as events are.
    pub past: f64,
    /// How many have an address of their own.
    pub links: f64,
    /// How many titles are as long as those of statements.
    pub titles: f64,
    /// How many titles differ.
    pub variety: f64,
    /// How many titles are headings.
    pub headings: f64,
    /// How many are in the main part of the page.
    pub main: f64,
    /// How many neither hold entries of another list nor are parts of them.
    pub apart: f64,
    /// How many of the objects or elements of their kind are entries.
    pub share: f64,
}

/// What the lack of a feature costs: the share of the score that is lost where it is lacking
/// altogether.
struct Cost {
    name: &'static str,
    share: f64,
    of: fn(&Features) -> f64,
}

const fn cost(name: &'static str, share: f64, of: fn(&Features) -> f64) -> Cost {
    Cost { name, share, of }
}

const COSTS: [Cost; 10] = [
    cost("text", 0.4, |features| features.text),
    cost("order", 0.6, |features| features.order),
    cost("past", 0.6, |features| features.past),
    cost("links", 0.8, |features| features.links),
    cost("titles", 0.4, |features| features.titles),
    cost("variety", 0.5, |features| features.variety),
    cost("headings", 0.5, |features| features.headings),
    cost("main", 0.6, |features| features.main),
    cost("apart", 0.7, |features| features.apart),
    cost("share", 0.5, |features| features.share),
];

impl Cost {
    /// Returns the share of the score that a list loses.
    fn lost(&self, features: &Features) -> f64 {
        self.share * (1.0 - (self.of)(features))
    }
}

impl Features {
    /// Returns the features that entries show by themselves; the others are assumed to be there,
    /// but for headings.
    pub(super) fn of(entries: &[Candidate]) -> Self {
        let count = (entries.len() as f64).max(1.0);
        let chars = |entry: &Candidate| {
            let lead =
                entry.lead.as_ref().map_or(0, |lead| lead.chars().take(LEAD_CHARS_MAX).count());
            entry.title.chars().take(TITLE_CHARS_MAX).count() + lead
        };
        let chars: usize = entries.iter().map(chars).sum();
        let days: Vec<NaiveDate> = entries.iter().filter_map(|entry| entry.date_on).collect();
        let links: HashSet<&Url> = entries.iter().filter_map(|entry| entry.link.as_ref()).collect();
        let titles: HashSet<&str> = entries.iter().map(|entry| entry.title.as_str()).collect();
        let titled = entries.iter().filter(|entry| is_title(&entry.title)).count();
        Features {
            entries: entries.len(),
            text: (chars as f64 / count / TEXT_CHARS_ENOUGH as f64).min(1.0),
            order: sortedness(&days),
            past: 1.0,
            links: links.len() as f64 / count,
            titles: titled as f64 / count,
            variety: titles.len() as f64 / count,
            headings: 0.0,
            main: 1.0,
            apart: 1.0,
            share: 1.0,
        }
    }

    /// Returns the score by which lists are compared.
    pub fn score(&self) -> f64 {
        let many = if self.entries > 1 { (1.0 + self.entries as f64).ln() } else { SINGLE };
        COSTS.iter().fold(many, |score, cost| score * (1.0 - cost.lost(self)))
    }
}

impl fmt::Display for Features {
    /// Writes the features, with what the lack of each costs: "text 0.80 (-13 %), order 1.00".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, cost) in COSTS.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            write!(f, "{comma}{} {:.2}", cost.name, (cost.of)(self))?;
            let percent = cost.lost(self) * 100.0;
            if percent >= 0.5 {
                write!(f, " (-{percent:.0} %)")?;
            }
        }
        Ok(())
    }
}
