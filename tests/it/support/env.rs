//! The sandbox around the real binary: Telegram and an institution over HTTP on loopback, and a
//! folder with the configuration and the database.

use super::binary::{Bot, TOKEN, binary, record, until};
use axum::{
    Router,
    extract::{Path as UrlPath, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use communique::{
    app,
    sandbox::{Api, Server, Site, TelegramState, serve},
};
use sqlx::Connection;
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

/// Telegram, an institution, and a folder with the configuration and the database.
pub(crate) struct TestEnv {
    pub(crate) api: Api,
    pub(crate) site: Arc<Mutex<Site>>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) api_server: Server,
    site_server: Server,
}

impl TestEnv {
    /// Creates one, whose requests to Telegram are recorded for independent parsers.
    pub(crate) async fn new() -> Self {
        TestEnv::recorded(Some(record())).await
    }

    /// Creates one that records the requests to Telegram in a file, if given.
    pub(crate) async fn recorded(record: Option<&Path>) -> Self {
        let (api, api_server) =
            Api::start(TelegramState::new(TOKEN), record, app::now).await.unwrap();
        let site = Arc::new(Mutex::new(Site::new(app::now())));
        let routes = Router::new()
            .route("/site/", get(page))
            .route("/site/{*path}", get(page))
            .with_state(site.clone());
        let site_server = serve(0, routes).await.unwrap();
        let env =
            TestEnv { api, site, folder: tempfile::tempdir().unwrap(), api_server, site_server };
        env.configure("");
        env
    }

    /// Writes the configuration: the source, polled every second, followed by `more`.
    pub(crate) fn configure(&self, more: &str) {
        let config = format!(
            "[[source]]\nname = \"lights\"\ntitle = \"Ministry of Lighthouses\"\nurl = \"{}\"\nevery = \"1s\"\nzone = \"Europe/Athens\"\n{more}",
            self.site_url()
        );
        std::fs::write(self.folder.path().join("communique.toml"), config).unwrap();
    }

    /// The address of the institution's page.
    pub(crate) fn site_url(&self) -> url::Url {
        self.site_server.url().join("site/").unwrap()
    }

    /// Publishes a statement. Returns its title.
    pub(crate) fn publish(&self) -> String {
        self.site.lock().unwrap().publish(app::now()).title
    }

    /// Sends a message of a user to the bot.
    pub(crate) fn say(&self, chat: i64, from: i64, text: &str) {
        self.api.world().say(chat, from, text, None, app::now());
    }

    /// Returns how many messages of a chat contain a text.
    pub(crate) fn heard(&self, chat: i64, words: &str) -> usize {
        let world = self.api.world();
        world.posts_in(chat).iter().filter(|sent| sent.marked.text.contains(words)).count()
    }

    /// Returns how often a statement was pushed to a chat: unlike lists, a push has counters below
    /// it.
    pub(crate) fn pushed(&self, chat: i64, title: &str) -> usize {
        let world = self.api.world();
        let is_push = |text: &str| text.contains(title) && text.contains("days have passed");
        world.posts_in(chat).iter().filter(|sent| is_push(&sent.marked.text)).count()
    }

    /// The command of the binary, with only the environment that it needs here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary(arguments);
        command
            .current_dir(self.folder.path())
            .env("TELOXIDE_TOKEN", TOKEN)
            .env("TELOXIDE_API_URL", self.api_server.url().as_str())
            .env("RUST_LOG", "debug");
        command
    }

    /// Runs a process by the clock offset in the returned file: "+0", "+25h". Reports that it is
    /// skipped and returns nothing if libfaketime is not installed.
    pub(crate) fn fake_clock(&self, command: &mut Command) -> Option<PathBuf> {
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

    /// Opens the database, as an operator would.
    pub(crate) async fn database(&self) -> sqlx::SqliteConnection {
        let address = format!("sqlite://{}/communique.db", self.folder.path().display());
        sqlx::SqliteConnection::connect(&address).await.unwrap()
    }

    /// Starts `communique run`, and waits until it receives updates.
    pub(crate) async fn run(&self) -> Bot {
        let bot = Bot::start(self.command(&["run"]));
        // By its log: a request may still be one of a process that was killed.
        until("the bot takes updates", || bot.log().contains("running as @")).await;
        bot
    }

    /// Waits until the page was polled for the first time: what is published from then on is new.
    pub(crate) async fn baseline(&self, bot: &Bot) {
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
