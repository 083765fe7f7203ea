//! How much entries of data are like a list of statements, by features with names.

use crate::{
    domain::Candidate,
    extract::list::{sortedness::sortedness, wording::is_title},
};
use chrono::NaiveDate;
use std::collections::HashSet;
use url::Url;

/// What the score is made of; each from 0 to 1 but for the first.
#[derive(Clone, Copy, Debug)]
struct Features {
    /// How many entries there are: the logarithm.
    count: f64,
    /// How much text they have.
    text: f64,
    /// How sorted their days are.
    order: f64,
    /// How many addresses of their own they have.
    addresses: f64,
    /// How many of their titles are titles of statements, each once.
    titles: f64,
    /// How many of the objects are entries.
    presence: f64,
}

/// Returns the score of the entries among objects.
pub(super) fn score(entries: &[Candidate], objects: usize) -> f64 {
    let count = (entries.len() as f64).max(1.0);
    let chars = |entry: &Candidate| {
        let lead = entry.lead.as_ref().map_or(0, |lead| lead.chars().take(200).count());
        entry.title.chars().take(120).count() + lead
    };
    let days: Vec<NaiveDate> = entries.iter().filter_map(|entry| entry.date_on).collect();
    let links: HashSet<&Url> = entries.iter().filter_map(|entry| entry.link.as_ref()).collect();
    let titled = entries.iter().map(|entry| &entry.title).filter(|title| is_title(title));
    Features {
        count: (1.0 + count).ln(),
        text: (entries.iter().map(chars).sum::<usize>() as f64 / count / 100.0).min(1.0),
        order: sortedness(&days),
        addresses: links.len() as f64 / count,
        titles: titled.collect::<HashSet<_>>().len() as f64 / count,
        presence: (count / objects as f64).min(1.0),
    }
    .weigh()
}

impl Features {
    fn weigh(self) -> f64 {
        self.count
            * (0.2 + self.text)
            * (0.5 + 0.5 * self.order)
            * (0.2 + 0.8 * self.addresses)
            * (0.5 + 0.5 * self.titles)
            * (0.5 + 0.5 * self.presence)
    }
}
