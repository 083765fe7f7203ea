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

/// Telegram and an institution.
pub struct TestEnv {
    pub api: Api,
    pub site: Arc<Mutex<Site>>,
    pub folder: tempfile::TempDir,
    pub api_server: Server,
    site_server: Server,
}

impl TestEnv {
    pub async fn new() -> Self {
        TestEnv::recorded(Some(record())).await
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
        let env =
            TestEnv { api, site, folder: tempfile::tempdir().unwrap(), api_server, site_server };
        env.configure("");
        env
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

    /// Makes a process go by the clock that a file says: "+0", "+25h". Nothing, and a word of it,
    /// where the library for that is not installed.
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
    pub async fn baseline(&self, bot: &Bot) {
        until("the page is read", || bot.log().contains("first reading")).await;
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
