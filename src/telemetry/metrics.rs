//! Numbers for a monitoring system: their names, and the page that shows them.
//!
//! Promises: nothing is served unless the operator asks for it, and nothing of a chat or a person is
//! in it. The form is Prometheus's. Counters start at nothing with the process; what the tables know
//! (`left`, the sources) is told every half minute.
//! Leaves out: alarms, and any number that `communique source list` or `delivery list` does not have.

use crate::domain::{
    PollStatus, SendOutcome, SendOutcomeKind, Settlement, SourceName, host::is_this_machine,
};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use metrics::{Unit, counter, describe_counter as count_is, describe_gauge as gauge_is, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{net::SocketAddr, sync::OnceLock};
use tokio::net::TcpListener;

const SENDS: &str = "communique_sends_total";
const REPEATED: &str = "communique_messages_repeated_total";
const GIVEN_UP: &str = "communique_messages_given_up_total";
const LEFT: &str = "communique_messages_left";
const IN_FLIGHT: &str = "communique_sends_in_flight";
const RATE: &str = "communique_rate_per_second";
const TELEGRAM_AT: &str = "communique_telegram_answered_timestamp_seconds";
const UPDATES: &str = "communique_updates_total";
const POLLS: &str = "communique_polls_total";
const NEW: &str = "communique_entries_new_total";
const ENTRIES: &str = "communique_source_entries";
const HEALTHY: &str = "communique_source_healthy";
const READ_AT: &str = "communique_source_read_timestamp_seconds";

/// The address of the numbers cannot be had.
#[derive(Debug, thiserror::Error)]
#[error(
    "metrics.listen is {listen}, which cannot be had: write an address of this machine and a port that no other program has"
)]
pub struct ListenError {
    listen: SocketAddr,
    source: std::io::Error,
}

/// The page of the numbers, at its address.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

impl Server {
    /// Takes the address, and begins to count.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind(listen: SocketAddr) -> Result<Self, ListenError> {
        let failed = |source| ListenError { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        recorder();
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!("metrics are at http://{address}/metrics");
        Ok(Server { listener })
    }

    /// Shows the numbers to whoever asks, for ever.
    pub async fn serve(self) -> anyhow::Result<()> {
        let page = || async { recorder().map(PrometheusHandle::render).unwrap_or_default() };
        let mut routes = Router::new().route("/metrics", get(page));
        // What listens for this machine alone is not for pages of others that a browser here shows.
        if self.listener.local_addr()?.ip().is_loopback() {
            routes = routes.layer(from_fn(asked_by_own_name));
        }
        Ok(axum::serve(self.listener, routes).await?)
    }
}

/// Answers whoever asks by a name of this machine itself: see `domain::host`.
async fn asked_by_own_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_this_machine) {
        return next.run(request).await;
    }
    let words = "metrics.listen is an address of this machine alone: ask for 127.0.0.1 or localhost, or listen elsewhere.\n";
    (StatusCode::MISDIRECTED_REQUEST, words).into_response()
}

/// What counts in this process; made when it is first asked for.
fn recorder() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let make = || {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok()?;
        describe();
        Some(handle)
    };
    HANDLE.get_or_init(make).as_ref()
}

fn describe() {
    count_is!(SENDS, "Requests to send a message, by what came of them.");
    count_is!(
        REPEATED,
        "Messages that arrived after an attempt without an answer: they may be there twice."
    );
    count_is!(GIVEN_UP, "Messages that were given up.");
    gauge_is!(LEFT, "Messages still to be sent.");
    gauge_is!(IN_FLIGHT, "Messages on their way.");
    gauge_is!(RATE, "Messages a second that the pace allows at the moment.");
    gauge_is!(TELEGRAM_AT, Unit::Seconds, "When Telegram last answered; 0: not yet.");
    count_is!(UPDATES, "Updates taken from Telegram.");
    count_is!(POLLS, "Polls of each source, by what came of them.");
    count_is!(NEW, "New entries of each source.");
    gauge_is!(ENTRIES, "Entries known of each source.");
    gauge_is!(HEALTHY, "Whether the last poll of each source was well: 1 or 0.");
    gauge_is!(READ_AT, Unit::Seconds, "When each source was last read whole.");
    // What has not happened yet is none, and not unknown.
    for outcome in SendOutcomeKind::ALL {
        counter!(SENDS, "outcome" => outcome.as_str()).absolute(0);
    }
    for name in [REPEATED, GIVEN_UP, UPDATES] {
        counter!(name).absolute(0);
    }
    for name in [LEFT, IN_FLIGHT, TELEGRAM_AT] {
        gauge!(name).set(0.0);
    }
}

/// A send has an outcome.
pub fn settled(outcome: &SendOutcome, settlement: &Settlement, unanswered_before: u32) {
    counter!(SENDS, "outcome" => outcome.as_str()).increment(1);
    match settlement {
        Settlement::Sent(_) if unanswered_before > 0 => counter!(REPEATED).increment(1),
        Settlement::Dead(_) | Settlement::ForgetChat(_) | Settlement::ForgetPlace(_) => {
            counter!(GIVEN_UP).increment(1);
        }
        _ => {}
    }
}

/// How fast it may go, and how much is on its way.
pub fn rate(per_second: f64, in_flight: u32) {
    gauge!(RATE).set(per_second);
    gauge!(IN_FLIGHT).set(f64::from(in_flight));
}

/// Messages still to be sent.
pub fn backlog(messages: i64) {
    gauge!(LEFT).set(messages as f64);
}

/// Telegram was asked for updates, and answered.
pub fn updates_received(updates: usize, now: DateTime<Utc>) {
    gauge!(TELEGRAM_AT).set(now.timestamp() as f64);
    counter!(UPDATES).increment(updates as u64);
}

/// A source was polled.
pub fn polled(source: &SourceName, reason: PollStatus, new: usize) {
    counter!(POLLS, "source" => source.to_string(), "reason" => reason.as_str()).increment(1);
    counter!(NEW, "source" => source.to_string()).increment(new as u64);
    gauge!(HEALTHY, "source" => source.to_string()).set(f64::from(u8::from(reason.is_healthy())));
}

/// What is known of a source.
pub fn source(name: &str, read_at: Option<DateTime<Utc>>, entries: i64) {
    gauge!(ENTRIES, "source" => name.to_owned()).set(entries as f64);
    if let Some(at) = read_at {
        gauge!(READ_AT, "source" => name.to_owned()).set(at.timestamp() as f64);
    }
}
