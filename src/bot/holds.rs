//! What the operator says of a list that is held.

use super::{Context, callback::CallbackReply};
use crate::{
    domain::{ChatKind, Hold, HoldDecision, HoldRef},
    message::operator::Notice,
    store::{Result, UpdateTx},
};

/// The operator presses a button below the question about a held list.
pub(super) async fn answer_hold(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    hold: HoldRef,
    decision: HoldDecision,
) -> Result<(CallbackReply, Option<String>)> {
    let phrases = ask.lang.phrases();
    let over = (CallbackReply::Nothing, Some(phrases.held_over.to_owned()));
    // A press can be made up by anybody.
    if ask.kind != ChatKind::Private || !ask.policy.is_operator(ask.user_id) {
        return Ok(over);
    }
    let Some(source) = tx.source_of_hold(hold.source_id).await? else { return Ok(over) };
    let Some(held) = tx.decide(hold, decision).await? else { return Ok(over) };
    let zone = tx.zone(ask.place).await?;
    let notice = Notice { title: &source.title, url: &source.url, lang: ask.lang, zone };
    if decision == HoldDecision::Wait {
        let (now, hold_for) = (tx.now(), ask.policy.hold_for);
        let held = Hold { counts_from_at: now, ..held };
        let words = (phrases.held_waiting)(&notice.at(now + hold_for));
        return Ok((
            CallbackReply::Edit(notice.question(&held, hold.source_id, hold_for)),
            Some(words),
        ));
    }
    Ok((CallbackReply::Edit(notice.decided(&held, decision)), None))
}
