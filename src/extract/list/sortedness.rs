//! How sorted the days of a list are: a list of statements goes from the newest to the oldest, or back.

use chrono::NaiveDate;

/// Returns how sorted the days are, from 0 to 1.
pub(super) fn sortedness(days: &[NaiveDate]) -> f64 {
    if days.len() < 2 {
        return 0.5;
    }
    let pairs = (days.len() - 1) as f64;
    let falling = days.windows(2).filter(|pair| pair[0] >= pair[1]).count() as f64 / pairs;
    let rising = days.windows(2).filter(|pair| pair[0] <= pair[1]).count() as f64 / pairs;
    falling.max(rising)
}
