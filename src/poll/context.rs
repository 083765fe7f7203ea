//! What polls and jobs work with: the database, the web, and the configured sources.

use crate::{
    domain::{Source, SourceName},
    store::Store,
};
use std::collections::BTreeMap;

/// What polls and jobs work with.
#[derive(Clone, Debug)]
pub(crate) struct PollContext<W> {
    pub(crate) store: Store,
    pub(crate) web: W,
    /// The sources of communique.toml, by name.
    pub(crate) sources: BTreeMap<SourceName, Source>,
}

impl<W> PollContext<W> {
    /// Creates the context of these sources.
    pub(crate) fn new(store: Store, web: W, sources: &[Source]) -> Self {
        let sources = sources.iter().map(|source| (source.name.clone(), source.clone())).collect();
        PollContext { store, web, sources }
    }
}
