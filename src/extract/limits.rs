//! Limits of an extraction that lists and feeds share.

/// The most entries of one document.
pub(super) const ENTRIES_MAX: usize = 1000;
/// The longest title of an entry, in characters; the rest is cut off.
pub(super) const TITLE_CHARS_MAX: usize = 1000;
/// The longest lead of an entry, in characters; the rest is cut off.
pub(super) const LEAD_CHARS_MAX: usize = 10_000;
