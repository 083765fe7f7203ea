//! How much of the allowed rate is used, in each way in which a server may count, and how long
//! replies to commands take meanwhile.

use crate::{
    LATENCY,
    scale::{Crowd, FIRST_CHAT, warm_up},
    table,
};
use communique::sandbox::{Counting, Limits};
use futures::future::join_all;

/// The result of a broadcast.
struct Broadcast {
    counting: Counting,
    share: f64,
    refused: u64,
    first_ms: f64,
    last_s: f64,
    bytes: f64,
    reply_times_ms: Vec<f64>,
}

/// Thirty per second, all four ways of counting at the same time.
pub(crate) async fn thirty(messages: i64) {
    let mut all_ms = Vec::new();
    for done in join_all(Counting::ALL.map(|counting| broadcast(counting, 30, messages))).await {
        print(30, messages, &done);
        all_ms.extend(done.reply_times_ms);
    }
    table::row(
        &format!("commands during these: {} replies, median and 99th percentile", all_ms.len()),
        &format!(
            "{:.0}, {:.0} ms",
            table::quantile(&mut all_ms, 0.5),
            table::quantile(&mut all_ms, 0.99)
        ),
        "99th percentile within 300 ms",
    );
}

/// A thousand per second as a paid broadcast, one way of counting after the other.
pub(crate) async fn thousand(messages: i64) {
    for counting in Counting::ALL {
        let mut done = broadcast(counting, 1000, messages).await;
        print(1000, messages, &done);
        let times = &mut done.reply_times_ms;
        table::row(
            &format!("commands during it: {} replies, median and 99th percentile", times.len()),
            &format!("{:.0}, {:.0} ms", table::quantile(times, 0.5), table::quantile(times, 0.99)),
            "99th percentile within 300 ms",
        );
    }
}

async fn broadcast(counting: Counting, per_second: usize, messages: i64) -> Broadcast {
    let crowd = Crowd::gather(messages, LATENCY).await;
    let allowed = usize::try_from(messages).unwrap();
    if per_second > 30 {
        crowd.env.configure(&format!(
            "[delivery]\nallow_paid_broadcast = true\npaid_per_second = {per_second}\n"
        ));
    }
    crowd.env.api.world().limits = Limits::new(per_second, counting);
    let bot = crowd.start();
    warm_up(&bot).await;
    let (before, written) = (crowd.env.api.world().sent.len(), table::written_bytes(bot.id()));
    crowd.env.publish();
    let pushes = || {
        let world = crowd.env.api.world();
        world.sent[before..].iter().filter(|sent| sent.chat >= FIRST_CHAT).count()
    };
    crowd.ask(|| pushes() < allowed).await;
    let first_ms = crowd.first_after_ms(before).await;
    let bytes = (table::written_bytes(bot.id()) - written) / messages as f64;
    bot.stop().await;
    let world = crowd.env.api.world();
    let sent: Vec<_> = world.sent[before..].iter().filter(|sent| sent.from.is_none()).collect();
    let is_push = |sent: &&&communique::sandbox::Sent| sent.chat >= FIRST_CHAT;
    let first_at = sent.iter().find(is_push).unwrap().at;
    let last_at = sent.iter().rev().find(is_push).unwrap().at;
    let took_s = (last_at - first_at).as_seconds_f64();
    let within = sent.iter().filter(|sent| sent.at >= first_at && sent.at <= last_at).count();
    let share = (within - 1) as f64 / took_s / per_second as f64;
    let refused = world.limits.refused;
    drop(world);
    let reply_times_ms = crowd.reply_times_ms();
    let last_s = first_ms / 1000.0 + took_s;
    Broadcast { counting, share, refused, first_ms, last_s, bytes, reply_times_ms }
}

fn print(per_second: usize, messages: i64, done: &Broadcast) {
    let Broadcast { counting, share, refused, first_ms, last_s, bytes, .. } = done;
    let goal = if per_second == 30 && *counting == Counting::TokenBucket {
        "97 %, at most 1 in 1,000"
    } else {
        "90 %, at most 1 in 1,000"
    };
    table::row(
        &format!("{messages} messages at {per_second}/s, {counting:?}: share used, 429 responses"),
        &format!("{:.1} %, {refused}", share * 100.0),
        goal,
    );
    table::row(
        "the same: first and last message after detection, bytes written per message",
        &format!("{first_ms:.0} ms, {last_s:.1} s, {bytes:.0}"),
        "",
    );
}
