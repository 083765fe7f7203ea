//! The real binary, and the sandbox around it, over HTTP on loopback.

use axum::{
    Router,
    extract::{Path as UrlPath, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use chrono::{DateTime, Utc};
use communique::{
    app,
    sandbox::{Api, Server, Site, TelegramState, serve},
};
use sqlx::Connection;
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

/// A token as BotFather gives them out, so that what would redact it has something to do.
pub const TOKEN: &str = "7000000001:AAF7-g0gYncWnm5IyfZlpPRqRRv6kNAGlao";
/// How long anything may take that takes far less: only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that is asked of the sandboxes of a test run, one JSON object a line: for checks by
/// parties that wrote neither the bot nor the sandbox (see CONTRIBUTING.md).
pub fn record() -> &'static Path {
    static RECORD: OnceLock<PathBuf> = OnceLock::new();
    RECORD.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("requests.jsonl");
        std::fs::write(&path, "").unwrap();
        path
    })
}

/// Telegram and an institution.
pub struct Stage {
    pub api: Api,
    pub site: Arc<Mutex<Site>>,
    pub folder: tempfile::TempDir,
    pub api_server: Server,
    site_server: Server,
}

impl Stage {
    pub async fn set() -> Self {
        Stage::recorded(Some(record())).await
    }

    /// With a record of what is asked of Telegram, or without.
    pub async fn recorded(record: Option<&Path>) -> Self {
        let (api, api_server) =
            Api::start(TelegramState::new(TOKEN), record, app::now).await.unwrap();
        let site = Arc::new(Mutex::new(Site::new(app::now())));
        let routes = Router::new()
            .route("/site/", get(page))
            .route("/site/{*path}", get(page))
            .with_state(site.clone());
        let site_server = serve(0, routes).await.unwrap();
        let stage =
            Stage { api, site, folder: tempfile::tempdir().unwrap(), api_server, site_server };
        stage.configure("");
        stage
    }

    /// Writes the configuration: the source, read every second, and whatever more there is.
    pub fn configure(&self, more: &str) {
        let config = format!(
            "[[source]]\nname = \"lights\"\ntitle = \"Ministry of Lighthouses\"\nurl = \"{}\"\nevery = \"1s\"\nzone = \"Europe/Athens\"\n{more}",
            self.site_url()
        );
        std::fs::write(self.folder.path().join("communique.toml"), config).unwrap();
    }

    /// Where the institution's page is.
    pub fn site_url(&self) -> url::Url {
        self.site_server.url().join("site/").unwrap()
    }

    pub fn publish(&self) -> String {
        self.site.lock().unwrap().publish(app::now()).title
    }

    pub fn say(&self, chat: i64, from: i64, text: &str) {
        self.api.world().say(chat, from, text, None, app::now());
    }

    /// How often the bot said this in a chat.
    pub fn heard(&self, chat: i64, words: &str) -> usize {
        let world = self.api.world();
        world.posts_in(chat).iter().filter(|sent| sent.marked.text.contains(words)).count()
    }

    /// How often a statement was pushed to a chat: what counts days below a title.
    pub fn pushed(&self, chat: i64, title: &str) -> usize {
        let world = self.api.world();
        let is_push = |text: &str| text.contains(title) && text.contains("days have passed");
        world.posts_in(chat).iter().filter(|sent| is_push(&sent.marked.text)).count()
    }

    /// The command of the binary, with nothing in its environment but what it needs here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary(arguments);
        command
            .current_dir(self.folder.path())
            .env("TELOXIDE_TOKEN", TOKEN)
            .env("TELOXIDE_API_URL", self.api_server.url().as_str())
            .env("RUST_LOG", "debug");
        command
    }

    /// Makes a process go by the clock that a file says: "+0", "+25h". Nothing, and a word of it, where the
    /// library for that is not installed.
    pub fn fake_clock(&self, command: &mut Command) -> Option<PathBuf> {
        let folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime"];
        let paths = folders.map(|folder| Path::new(folder).join("libfaketime.so.1"));
        let Some(library) = paths.into_iter().find(|path| path.exists()) else {
            println!("skipped: libfaketime is not installed");
            return None;
        };
        let clock = self.folder.path().join("clock");
        std::fs::write(&clock, "+0").unwrap();
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", &clock)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Some(clock)
    }

    /// The database, as an operator would look into it.
    pub async fn database(&self) -> sqlx::SqliteConnection {
        let address = format!("sqlite://{}/communique.db", self.folder.path().display());
        sqlx::SqliteConnection::connect(&address).await.unwrap()
    }

    /// Starts `communique run`, and waits until it takes updates.
    pub async fn run(&self) -> Bot {
        let bot = Bot::start(self.command(&["run"]));
        // Its own words: a request may still be one of a process that was killed.
        until("the bot takes updates", || bot.log().contains("running as @")).await;
        bot
    }

    /// Waits until the page was read for the first time: what is published then is news.
    pub async fn first_reading(&self, bot: &Bot) {
        until("the page is read", || bot.log().contains("baseline stored")).await;
    }
}

async fn page(
    State(site): State<Arc<Mutex<Site>>>,
    path: Option<UrlPath<String>>,
    headers: HeaderMap,
) -> (StatusCode, axum::response::Html<String>) {
    let tag = headers.get("if-none-match").and_then(|tag| tag.to_str().ok());
    let path = path.map(|UrlPath(path)| path).unwrap_or_default();
    let answer = site.lock().unwrap().respond_to(&path, tag, app::now());
    (StatusCode::from_u16(answer.status).unwrap(), axum::response::Html(answer.body))
}

/// The binary, with an empty environment.
pub fn binary(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_communique"));
    command.args(arguments).env_clear();
    command
}

/// A process of the binary.
pub struct Bot {
    child: Child,
    log: Arc<Mutex<String>>,
    /// Who copies its outputs into the log.
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Bot {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        let read = |output| {
            let copy = log.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let mut log = copy.lock().unwrap();
                    log.push_str(&line);
                    log.push('\n');
                }
            })
        };
        let readers = outputs.into_iter().map(read).collect();
        Bot { child, log, readers }
    }

    /// What it wrote to standard output and error.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The end of that, for the message of a test that fails.
    fn last_lines(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().filter(|line| !line.contains("DEBUG")).collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end, and for all that it wrote; the status, and how long it took.
    pub async fn ended(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let mut status = None;
        until("the process ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        let took = start.elapsed();
        // Its last words may still be in the pipe.
        until("all its words are read", || self.readers.iter().all(|reader| reader.is_finished()))
            .await;
        (status.unwrap(), took)
    }

    /// Asks it to stop, and sees that it does so well.
    pub async fn stop(mut self) -> String {
        self.signal("TERM");
        let (status, took) = self.ended().await;
        assert_eq!(status.code(), Some(0), "{status}: {}", self.last_lines());
        assert!(took < Duration::from_secs(10), "stopping took {took:?}");
        self.log()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // A test that failed leaves it running; one that did not has ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The time, for what is compared with it.
pub fn now() -> DateTime<Utc> {
    app::now()
}
