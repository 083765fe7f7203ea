//! The Bot API of the sandbox over HTTP, on loopback.
//!
//! Guarantees: only requests to a name of this machine are answered; requests and responses can be
//! delayed, lost or cut.

use super::{
    network::{Disconnect, SwitchableListener},
    telegram::{params, state::TelegramState, types::Answer},
};
use crate::domain::host::is_this_machine;
use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, RawQuery, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::any,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, Write},
    net::SocketAddr,
    ops::RangeInclusive,
    path::Path as FilePath,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use url::Url;

/// The longest wait of `getUpdates`, as in Telegram.
const WAIT_MAX: Duration = Duration::from_secs(50);
/// The longest request: the limit of Telegram for documents of bots.
const BODY_BYTES_MAX: usize = 50 * 1024 * 1024;

/// A running Bot API. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<TelegramState>,
    changed: Notify,
    is_up: watch::Sender<bool>,
    latency: Mutex<RangeInclusive<Duration>>,
    lookup_time: Mutex<Duration>,
    record: Option<Mutex<File>>,
    now: fn() -> DateTime<Utc>,
}

/// A server of the sandbox. Dropping it stops the server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// The URL of the server.
    pub fn url(&self) -> Url {
        let text = format!("http://{}/", self.address);
        Url::parse(&text).unwrap_or_else(|_| unreachable!("a socket address makes an address"))
    }

    /// The port of the server.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Refuses requests to names that are not of this machine: see `domain::host`.
async fn refuse_foreign_host(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_this_machine) {
        return next.run(request).await;
    }
    let words = "This is for this machine alone: ask for http://127.0.0.1 with the same port.\n";
    (StatusCode::MISDIRECTED_REQUEST, words).into_response()
}

/// Serves routes on a port of loopback; 0 takes a free port.
///
/// # Errors
/// If the port cannot be bound.
#[expect(clippy::disallowed_methods, reason = "the sandbox's servers are tasks of their own")]
pub async fn serve(port: u16, routes: Router) -> io::Result<Server> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    let routes = routes.layer(from_fn(refuse_foreign_host));
    let task = tokio::spawn(async move {
        // Ends with the process, or when the server is dropped.
        let _ = axum::serve(listener, routes).await;
    });
    Ok(Server { address, task })
}

impl Api {
    /// Starts the API on a free port of loopback. Requests are appended to `record`, one JSON object
    /// `{"method", "body"}` per line.
    ///
    /// # Errors
    /// If no port can be bound, or the record cannot be opened.
    #[expect(clippy::disallowed_methods, reason = "the sandbox's servers are tasks of their own")]
    pub async fn start(
        state: TelegramState,
        record: Option<&FilePath>,
        now: fn() -> DateTime<Utc>,
    ) -> io::Result<(Self, Server)> {
        let record = match record {
            Some(path) => Some(Mutex::new(File::options().create(true).append(true).open(path)?)),
            None => None,
        };
        let (is_up, up) = watch::channel(true);
        let shared = Shared {
            state: Mutex::new(state),
            changed: Notify::new(),
            is_up,
            latency: Mutex::new(Duration::ZERO..=Duration::ZERO),
            lookup_time: Mutex::new(Duration::ZERO),
            record,
            now,
        };
        let api = Api { shared: Arc::new(shared) };
        let listener = SwitchableListener::bind(0, up).await?;
        let address = listener.address();
        let routes = Router::new()
            .route("/{bot}/{method}", any(request))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(from_fn(refuse_foreign_host))
            .with_state(api.clone())
            .into_make_service_with_connect_info::<Disconnect>();
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok((api, Server { address, task }))
    }

    /// Locks the state. When the guard is dropped, waiting `getUpdates` requests check for updates.
    pub fn world(&self) -> StateGuard<'_> {
        StateGuard { state: lock(&self.shared.state), changed: &self.shared.changed }
    }

    /// Takes the API down (connections are cut, new ones refused) or brings it up again.
    pub fn set_up(&self, is_up: bool) {
        self.shared.is_up.send_replace(is_up);
    }

    /// Whether the API is up.
    pub fn is_up(&self) -> bool {
        *self.shared.is_up.borrow()
    }

    /// Delays each request and each response by a random time within these bounds. A request takes
    /// effect even if its client disconnects meanwhile.
    pub fn set_latency(&self, latency: RangeInclusive<Duration>) {
        *lock(&self.shared.latency) = latency;
    }

    /// Delays each `getChat` and `getChatMember`.
    pub fn set_lookup(&self, time: Duration) {
        *lock(&self.shared.lookup_time) = time;
    }

    /// Waits as long as one request or response is under way.
    async fn delay(&self) {
        let (least, most) = lock(&self.shared.latency).clone().into_inner();
        if most > Duration::ZERO {
            tokio::time::sleep(least + (most - least).mul_f64(fastrand::f64())).await;
        }
    }

    /// Answers `getUpdates`; waits for an update as long as the request asks.
    async fn updates(&self, body: &Value) -> Answer {
        let wait = Duration::from_secs(body["timeout"].as_u64().unwrap_or(0)).min(WAIT_MAX);
        let deadline = Instant::now() + wait;
        // A request that waits already ends when the guard is dropped.
        let poll = self.world().begin_polling();
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut state = lock(&self.shared.state);
                if state.is_taken_over(poll) {
                    let words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
                    return Answer::Refused(409, words.to_owned(), Value::Null);
                }
                let answer = state.call("getUpdates", body, (self.shared.now)());
                if answer != Answer::Done(json!([])) || Instant::now() >= deadline {
                    return answer;
                }
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep_until(deadline) => {}
            }
        }
    }

    fn write(&self, method: &str, body: &Value) {
        if let Some(record) = &self.shared.record {
            let line = json!({"method": method, "body": body});
            // One write per line, so that several processes can share a file.
            let _ = lock(record).write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// The locked state.
#[derive(Debug)]
pub struct StateGuard<'a> {
    state: MutexGuard<'a, TelegramState>,
    changed: &'a Notify,
}

impl std::ops::Deref for StateGuard<'_> {
    type Target = TelegramState;

    fn deref(&self) -> &TelegramState {
        &self.state
    }
}

impl std::ops::DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut TelegramState {
        &mut self.state
    }
}

impl Drop for StateGuard<'_> {
    fn drop(&mut self) {
        self.changed.notify_waiters();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a request takes effect even if its client disconnects"
)]
async fn request(
    State(api): State<Api>,
    ConnectInfo(Disconnect(disconnect)): ConnectInfo<Disconnect>,
    Path((bot, method)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let is_known = bot.strip_prefix("bot") == Some(lock(&api.shared.state).token.as_str());
    if !is_known {
        return reply(&Answer::Refused(401, "Unauthorized".to_owned(), Value::Null));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Some((body, files)) = params::parameters(kind, &bytes, query.as_deref()) else {
        let words = "Bad Request: the request is neither JSON nor a form".to_owned();
        return reply(&Answer::Refused(400, words, Value::Null));
    };
    api.write(&method, &body);
    let answer = if method.eq_ignore_ascii_case("getUpdates") {
        api.delay().await;
        api.updates(&body).await
    } else {
        let api = api.clone();
        let arrives = tokio::spawn(async move {
            api.delay().await;
            if matches!(method.to_ascii_lowercase().as_str(), "getchat" | "getchatmember") {
                let time = *lock(&api.shared.lookup_time);
                tokio::time::sleep(time).await;
            }
            api.world().call_with(&method, &body, &files, (api.shared.now)())
        });
        arrives.await.unwrap_or(Answer::Dropped)
    };
    api.delay().await;
    if matches!(answer, Answer::Lost(_) | Answer::Dropped) {
        disconnect.cancel();
        return std::future::pending().await;
    }
    reply(&answer)
}

fn reply(answer: &Answer) -> Response {
    let json_reply = |status: u16, body: Value| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    };
    match answer {
        Answer::Done(result) | Answer::Lost(result) => {
            json_reply(200, json!({"ok": true, "result": result}))
        }
        Answer::Refused(code, description, parameters) => {
            let mut body = json!({"ok": false, "error_code": code, "description": description});
            if !parameters.is_null() {
                body["parameters"] = parameters.clone();
            }
            json_reply(*code, body)
        }
        Answer::Gateway | Answer::Dropped => (
            StatusCode::BAD_GATEWAY,
            [(header::CONTENT_TYPE, "text/html")],
            "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>",
        )
            .into_response(),
    }
}

/// Locks a mutex. A panic of another holder does not invalidate the state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
