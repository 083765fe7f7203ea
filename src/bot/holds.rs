//! What the operator says of a list that is held.

use super::{Ask, press::Outcome};
use crate::{
    domain::{ChatKind, Decision, Hold, HoldRef},
    render::operator::Notice,
    store::{Result, UpdateTx},
};

/// The operator presses a button below the question about a held list.
pub(super) async fn decide(
    inbox: &mut UpdateTx,
    ask: Ask<'_>,
    hold: HoldRef,
    decision: Decision,
) -> Result<(Outcome, Option<String>)> {
    let phrases = ask.lang.phrases();
    let over = (Outcome::Nothing, Some(phrases.held_over.to_owned()));
    // A press can be made up by anybody.
    if ask.kind != ChatKind::Private || !ask.policy.is_operator(ask.user_id) {
        return Ok(over);
    }
    let Some(source) = inbox.source_of_hold(hold.source_id).await? else { return Ok(over) };
    let Some(held) = inbox.decide(hold, decision).await? else { return Ok(over) };
    let zone = inbox.zone(ask.place).await?;
    let notice = Notice { title: &source.title, url: &source.url, lang: ask.lang, zone };
    if decision == Decision::Wait {
        let (now, hold_for) = (inbox.now(), ask.policy.hold_for);
        let held = Hold { counts_from_at: now, ..held };
        let words = (phrases.held_waiting)(&notice.at(now + hold_for));
        return Ok((Outcome::Edit(notice.question(&held, hold.source_id, hold_for)), Some(words)));
    }
    Ok((Outcome::Edit(notice.decided(&held, decision)), None))
}
