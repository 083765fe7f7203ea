//! Finding the source that a user names.

use crate::domain::{SourceOverview, entry::fold};

/// Returns the source of a name: its permanent name, or a part of its title that only one source
/// has.
pub(super) fn find_source<'a>(
    sources: &'a [SourceOverview],
    name: &str,
) -> Option<&'a SourceOverview> {
    let wanted = fold(name);
    if wanted.is_empty() {
        return None;
    }
    if let Some(source) = sources.iter().find(|source| source.name == name.trim().to_lowercase()) {
        return Some(source);
    }
    let mut matching = sources.iter().filter(|source| fold(&source.title).contains(&wanted));
    matching.next().filter(|_| matching.next().is_none())
}
