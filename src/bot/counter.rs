//! `/counter`: the days elapsed as of today, by the counters of each source.

use super::Ask;
use crate::{
    render,
    store::{Inbox, Result},
};

pub(super) async fn counter(inbox: &mut Inbox, ask: Ask) -> Result<String> {
    let now = inbox.now();
    let sources = inbox.counters(ask.place).await?;
    let shown =
        sources.iter().map(|source| (&*source.title, &*source.url, source.zone, &*source.counters));
    Ok(render::counters(shown, now, ask.lang))
}
