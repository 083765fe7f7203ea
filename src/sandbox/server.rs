//! The sandbox's Bot API over HTTP.

use super::{
    network::{Disconnect, SwitchableListener},
    telegram::{Answer, TelegramState, params},
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

/// The longest wait for updates, as Telegram grants it.
const WAIT_MAX: Duration = Duration::from_secs(50);
/// The longest request: as long as the longest document that Telegram takes of a bot.
const BODY_BYTES_MAX: usize = 50 * 1024 * 1024;

/// A Bot API that runs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    world: Mutex<TelegramState>,
    changed: Notify,
    is_up: watch::Sender<bool>,
    ways: Mutex<RangeInclusive<Duration>>,
    lookup: Mutex<Duration>,
    record: Option<Mutex<File>>,
    now: fn() -> DateTime<Utc>,
}

/// A server of the sandbox, which ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Where it is.
    pub fn url(&self) -> Url {
        let text = format!("http://{}/", self.address);
        Url::parse(&text).unwrap_or_else(|_| unreachable!("a socket address makes an address"))
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers whoever asks by a name of this machine itself: see `domain::host`.
async fn asked_by_own_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_this_machine) {
        return next.run(request).await;
    }
    let words = "This is for this machine alone: ask for http://127.0.0.1 with the same port.\n";
    (StatusCode::MISDIRECTED_REQUEST, words).into_response()
}

/// Serves routes on a port of loopback to whoever asks by a name of it; 0 takes a free port.
///
/// # Errors
/// When the port cannot be had.
#[expect(clippy::disallowed_methods, reason = "the sandbox's servers are tasks of their own")]
pub async fn serve(port: u16, routes: Router) -> io::Result<Server> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    let routes = routes.layer(from_fn(asked_by_own_name));
    let task = tokio::spawn(async move {
        // Ends with the process, or when the server is dropped.
        let _ = axum::serve(listener, routes).await;
    });
    Ok(Server { address, task })
}

impl Api {
    /// Starts the API on a free port of loopback. What is asked of it is written to `record`, one
    /// JSON object `{"method", "body"}` a line.
    ///
    /// # Errors
    /// When no port can be had, or the record cannot be written.
    #[expect(clippy::disallowed_methods, reason = "the sandbox's servers are tasks of their own")]
    pub async fn start(
        world: TelegramState,
        record: Option<&FilePath>,
        now: fn() -> DateTime<Utc>,
    ) -> io::Result<(Self, Server)> {
        let record = match record {
            Some(path) => Some(Mutex::new(File::options().create(true).append(true).open(path)?)),
            None => None,
        };
        let (is_up, up) = watch::channel(true);
        let shared = Shared {
            world: Mutex::new(world),
            changed: Notify::new(),
            is_up,
            ways: Mutex::new(Duration::ZERO..=Duration::ZERO),
            lookup: Mutex::new(Duration::ZERO),
            record,
            now,
        };
        let api = Api { shared: Arc::new(shared) };
        let listener = SwitchableListener::bind(0, up).await?;
        let address = listener.address();
        let routes = Router::new()
            .route("/{bot}/{method}", any(request))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(from_fn(asked_by_own_name))
            .with_state(api.clone())
            .into_make_service_with_connect_info::<Disconnect>();
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok((api, Server { address, task }))
    }

    /// The state behind it. Whoever waits for updates looks again when it is let go.
    pub fn world(&self) -> WorldGuard<'_> {
        WorldGuard { world: lock(&self.shared.world), changed: &self.shared.changed }
    }

    /// Takes it down (connections are cut, new ones refused) or puts it up again.
    pub fn set_up(&self, is_up: bool) {
        self.shared.is_up.send_replace(is_up);
    }

    /// Whether it is up.
    pub fn is_up(&self) -> bool {
        *self.shared.is_up.borrow()
    }

    /// Lets each request take so long to arrive, and its answer so long to come back: another time
    /// within these bounds for each way. What is on its way arrives, even if who sent it is gone.
    pub fn set_latency(&self, ways: RangeInclusive<Duration>) {
        *lock(&self.shared.ways) = ways;
    }

    /// Lets each question about a chat or a member of it take so long.
    pub fn set_lookup(&self, time: Duration) {
        *lock(&self.shared.lookup) = time;
    }

    /// One way, there or back.
    async fn delay(&self) {
        let (least, most) = lock(&self.shared.ways).clone().into_inner();
        if most > Duration::ZERO {
            tokio::time::sleep(least + (most - least).mul_f64(fastrand::f64())).await;
        }
    }

    /// The updates from an offset on; waits for one as long as the request asks.
    async fn updates(&self, body: &Value) -> Answer {
        let wait = Duration::from_secs(body["timeout"].as_u64().unwrap_or(0)).min(WAIT_MAX);
        let deadline = Instant::now() + wait;
        // Whoever waited before is told so when the guard is let go.
        let taker = self.world().begin_polling();
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut world = lock(&self.shared.world);
                if world.is_taken_over(taker) {
                    let words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
                    return Answer::Refused(409, words.to_owned(), Value::Null);
                }
                let answer = world.call("getUpdates", body, (self.shared.now)());
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
            // One write a line, so that several processes can share a file.
            let _ = lock(record).write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// The state, locked.
#[derive(Debug)]
pub struct WorldGuard<'a> {
    world: MutexGuard<'a, TelegramState>,
    changed: &'a Notify,
}

impl std::ops::Deref for WorldGuard<'_> {
    type Target = TelegramState;

    fn deref(&self) -> &TelegramState {
        &self.world
    }
}

impl std::ops::DerefMut for WorldGuard<'_> {
    fn deref_mut(&mut self) -> &mut TelegramState {
        &mut self.world
    }
}

impl Drop for WorldGuard<'_> {
    fn drop(&mut self) {
        self.changed.notify_waiters();
    }
}

#[expect(clippy::disallowed_methods, reason = "a request goes on when its sender is gone")]
async fn request(
    State(api): State<Api>,
    ConnectInfo(Disconnect(scissors)): ConnectInfo<Disconnect>,
    Path((bot, method)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let is_known = bot.strip_prefix("bot") == Some(lock(&api.shared.world).token.as_str());
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
                let time = *lock(&api.shared.lookup);
                tokio::time::sleep(time).await;
            }
            api.world().call_with(&method, &body, &files, (api.shared.now)())
        });
        arrives.await.unwrap_or(Answer::Dropped)
    };
    api.delay().await;
    if matches!(answer, Answer::Lost(_) | Answer::Dropped) {
        scissors.cancel();
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

/// A panic of another holder leaves the state as good as it was.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
