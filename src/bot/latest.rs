//! `/latest`: the newest entries.

use super::Ask;
use crate::{
    render::{self, Listing},
    store::{Inbox, Result},
};

pub(super) async fn latest(inbox: &mut Inbox, ask: Ask, count: Option<u32>) -> Result<String> {
    let Some(count) = count else {
        return Ok(ask.lang.phrases().latest_usage.to_owned());
    };
    let listed = inbox.latest(ask.place, count).await?;
    let listings: Vec<Listing<'_>> = listed
        .iter()
        .map(|listed| Listing { source_title: &listed.source_title, entry: &listed.entry })
        .collect();
    Ok(render::latest(&listings, ask.lang))
}
