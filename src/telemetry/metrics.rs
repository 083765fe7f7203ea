//! Metrics: their names, and the page that shows them in the format of Prometheus.
//!
//! Guarantees: nothing is served unless the operator configures it, and no metric is about a chat
//! or a user. Counters start at zero with the process; gauges from the database (`left`, the
//! sources) are updated every 30 seconds.
//! Out of scope: alerts, and numbers that `communique source list` and `delivery list` do not have.

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

/// The address of the metrics cannot be listened at.
#[derive(Debug, thiserror::Error)]
#[error(
    "metrics.listen is {listen}, which cannot be had: write an address of this machine and a port that no other program has"
)]
pub struct ListenError {
    listen: SocketAddr,
    source: std::io::Error,
}

/// The server of the page.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

impl Server {
    /// Listens at the address, and starts to count.
    ///
    /// # Errors
    /// If the address cannot be listened at.
    pub async fn bind(listen: SocketAddr) -> Result<Self, ListenError> {
        let failed = |source| ListenError { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        recorder();
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!("metrics are at http://{address}/metrics");
        Ok(Server { listener })
    }

    /// Serves the page, forever.
    pub async fn serve(self) -> anyhow::Result<()> {
        let page = || async { recorder().map(PrometheusHandle::render).unwrap_or_default() };
        let mut routes = Router::new().route("/metrics", get(page));
        // A server on loopback is not for pages of others that a browser here shows.
        if self.listener.local_addr()?.ip().is_loopback() {
            routes = routes.layer(from_fn(require_own_name));
        }
        Ok(axum::serve(self.listener, routes).await?)
    }
}

/// Serves requests that name this machine: see `domain::host`.
async fn require_own_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_this_machine) {
        return next.run(request).await;
    }
    let words = "metrics.listen is an address of this machine alone: ask for 127.0.0.1 or localhost, or listen elsewhere.\n";
    (StatusCode::MISDIRECTED_REQUEST, words).into_response()
}

/// Returns the recorder of this process, which is created on the first call.
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
    count_is!(SENDS, "Requests to send a message, by outcome.");
    count_is!(
        REPEATED,
        "Messages that arrived after an attempt without a response: they may be there twice."
    );
    count_is!(GIVEN_UP, "Messages that were given up.");
    gauge_is!(LEFT, "Messages still to be sent.");
    gauge_is!(IN_FLIGHT, "Messages in flight.");
    gauge_is!(RATE, "Messages per second that the rate limiter allows.");
    gauge_is!(TELEGRAM_AT, Unit::Seconds, "When Telegram last answered; 0: not yet.");
    count_is!(UPDATES, "Updates received from Telegram.");
    count_is!(POLLS, "Polls of each source, by status.");
    count_is!(NEW, "New entries of each source.");
    gauge_is!(ENTRIES, "Entries known of each source.");
    gauge_is!(HEALTHY, "Whether the last poll of each source was well: 1 or 0.");
    gauge_is!(READ_AT, Unit::Seconds, "When each source was last read whole.");
    // What has not happened yet is zero, and not unknown.
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

/// Counts the outcome of a send.
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

/// Sets the rate, and the number of messages in flight.
pub fn rate(per_second: f64, in_flight: u32) {
    gauge!(RATE).set(per_second);
    gauge!(IN_FLIGHT).set(f64::from(in_flight));
}

/// Sets the number of messages left.
pub fn backlog(messages: i64) {
    gauge!(LEFT).set(messages as f64);
}

/// Records that Telegram answered a request for updates.
pub fn updates_received(updates: usize, now: DateTime<Utc>) {
    gauge!(TELEGRAM_AT).set(now.timestamp() as f64);
    counter!(UPDATES).increment(updates as u64);
}

/// Counts a poll of a source.
pub fn polled(source: &SourceName, reason: PollStatus, new: usize) {
    counter!(POLLS, "source" => source.to_string(), "reason" => reason.as_str()).increment(1);
    counter!(NEW, "source" => source.to_string()).increment(new as u64);
    gauge!(HEALTHY, "source" => source.to_string()).set(f64::from(u8::from(reason.is_healthy())));
}

/// Sets what is known of a source.
pub fn source(name: &str, read_at: Option<DateTime<Utc>>, entries: i64) {
    gauge!(ENTRIES, "source" => name.to_owned()).set(entries as f64);
    if let Some(at) = read_at {
        gauge!(READ_AT, "source" => name.to_owned()).set(at.timestamp() as f64);
    }
}
