//! The operator's decision about a held list, from the buttons of its message.
//!
//! It is stored, and takes effect at the next poll (`poll::hold`).

use super::{context::Context, reply::CallbackReply};
use crate::{
    domain::{ChatKind, Hold, HoldDecision, HoldRef},
    message::operator::Notice,
    store::{Result, UpdateTx},
};

/// Applies a decision, if an operator made it and the list is still held.
pub(super) async fn decide(
    tx: &mut UpdateTx,
    context: Context<'_>,
    hold: HoldRef,
    decision: HoldDecision,
) -> Result<CallbackReply> {
    let phrases = context.lang.phrases();
    let over = CallbackReply::toast(phrases.held_over);
    // Any client can make up callback data.
    if context.kind != ChatKind::Private || !context.policy.is_operator(context.user_id) {
        return Ok(over);
    }
    let Some(source) = tx.source_of_hold(hold.source_id).await? else { return Ok(over) };
    let Some(held) = tx.decide(hold, decision).await? else { return Ok(over) };
    let zone = tx.zone(context.place).await?;
    let notice = Notice { title: &source.title, url: &source.url, lang: context.lang, zone };
    if decision == HoldDecision::Wait {
        let (now, hold_for) = (tx.now(), context.policy.hold_for);
        let held = Hold { counts_from_at: now, ..held };
        let words = (phrases.held_waiting)(&notice.at(now + hold_for));
        let question = notice.question(&held, hold.source_id, hold_for);
        return Ok(CallbackReply::edit(question).with_toast(words));
    }
    Ok(CallbackReply::edit(notice.decided(&held, decision)))
}
