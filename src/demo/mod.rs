//! The demo: the sandbox, a sample source and the same `run` as in earnest, on loopback.
//!
//! Promises: no token, no network, nothing left behind; what is seen is what the program does.
//! Leaves out: any other behaviour of the program than `run` has.

mod script;
mod server;
mod state;

pub use self::script::ScriptFailed;

use crate::{
    app,
    config::{Config, FileConfig, Token},
    domain::{AccessPolicy, DeliveryConfig, Source, SourceName, WatchPermission},
    sandbox::{Api, ChatType, Role, SITE_TITLE, SITE_ZONE, Server, Site, TelegramState, serve},
};
use anyhow::Context;
use std::{
    future::Future,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tempfile::TempDir;
use url::Url;

/// The token of the demo's bot: it is worth nothing anywhere else.
const TOKEN: &str = "1:demo";
/// How often the sample source is read.
const EVERY: Duration = Duration::from_secs(1);

/// The people of the demo.
const ANNA: i64 = 101;
const BORIS: i64 = 102;
const CARLA: i64 = 103;
/// Who asks whether the page was read; nobody sees that.
const READINESS_PROBE: i64 = 104;
/// Its group, channel and forum.
const NEWSROOM: i64 = -1_000_000_000_201;
const CHANNEL: i64 = -1_000_000_000_202;
const FORUM: i64 = -1_000_000_000_203;
/// The topics of the forum, beside the one that each forum has.
const GENERAL: &str = "General";
const STATEMENTS: i64 = 2;
const TOPICS: [(i64, &str); 2] = [(STATEMENTS, "Statements"), (3, "Talk")];

/// Everything around the program: Telegram, and the institution.
#[derive(Clone, Debug)]
struct DemoState {
    api: Api,
    site: Arc<Mutex<Site>>,
}

/// The servers of it, and the folder of the database; all go when this goes.
struct DemoServer {
    outside: DemoState,
    api_url: Url,
    page_url: Url,
    _servers: [Server; 2],
    folder: TempDir,
}

impl DemoState {
    fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody writes something.
    fn say(&self, chat: i64, from: i64, text: &str) {
        self.say_in(chat, None, from, text);
    }

    /// Somebody writes something in a topic.
    fn say_in(&self, chat: i64, thread: Option<i64>, from: i64, text: &str) {
        self.api.world().say(chat, from, text, thread, app::now());
    }

    /// Somebody changes what the bot is in a chat.
    fn set_role(&self, chat: i64, role: Role) {
        self.api.world().set_role(chat, ANNA, role, app::now());
    }

    /// The institution publishes its next statement; its title.
    fn publish(&self) -> String {
        self.site().publish(app::now()).title
    }
}

/// The people and chats, before the bot is in any.
fn world() -> TelegramState {
    let mut world = TelegramState::new(TOKEN);
    world.add_user(ANNA, "Anna", "en");
    world.add_user(BORIS, "Борис", "ru");
    world.add_user(CARLA, "Carla", "en");
    world.add_user(READINESS_PROBE, "Witness", "en");
    world.add_chat(NEWSROOM, ChatType::Supergroup, "Newsroom", ANNA);
    world.add_chat(CHANNEL, ChatType::Channel, "Coast Watch", ANNA);
    world.add_chat(FORUM, ChatType::Forum, "Sea Forum", ANNA);
    world.set_username(CHANNEL, "coast_watch");
    world.set_member(NEWSROOM, CARLA, Role::Member);
    for guest in [BORIS, CARLA] {
        world.set_member(FORUM, guest, Role::Member);
    }
    if let Some(forum) = world.chats.get_mut(&FORUM) {
        forum.topics = TOPICS.iter().map(|(id, _)| (*id, true)).collect();
    }
    world
}

impl DemoServer {
    async fn set(port: u16, record: Option<&Path>) -> anyhow::Result<Self> {
        let (api, api_server) =
            Api::start(world(), record, app::now).await.context("the sandbox cannot start")?;
        let site = Arc::new(Mutex::new(Site::new(app::now())));
        let outside = DemoState { api, site };
        let page_server = serve(port, self::server::routes(outside.clone())).await.with_context(|| {
            format!("port {port} cannot be had: another program has it, or another demo runs; choose one with --port")
        })?;
        let folder = tempfile::tempdir().context("no folder for the demo's database")?;
        Ok(DemoServer {
            outside,
            api_url: api_server.url(),
            page_url: page_server.url(),
            _servers: [api_server, page_server],
            folder,
        })
    }

    /// The configuration of `run` on this stage.
    fn config(&self) -> anyhow::Result<Config> {
        let name = SourceName::parse("lighthouses").context("the demo's source has no name")?;
        let url = self.page_url.join("site/")?;
        let source = Source::new(name, SITE_TITLE.to_owned(), url);
        let source = Source { interval: EVERY, zone: SITE_ZONE, ..source };
        Ok(Config {
            token: Token::parse(TOKEN).context("the demo has no token")?,
            api_url: self.api_url.clone(),
            database_url: format!("sqlite://{}/demo.db", self.folder.path().display()),
            watch: FileConfig {
                policy: AccessPolicy {
                    watch: WatchPermission::Everyone,
                    ..AccessPolicy::default()
                },
                sources: vec![source],
                rules: DeliveryConfig { per_second: 30.0, paid: false, digest_above: 10 },
                keep: Duration::from_secs(86_400),
                contact: None,
                reach: Default::default(),
                metrics: None,
            },
        })
    }
}

/// Opens the chat page and runs until `shutdown`.
///
/// # Errors
/// When the port is taken, or `run` ends by itself.
pub async fn show(
    port: u16,
    record: Option<&Path>,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let stage = DemoServer::set(port, record).await?;
    let config = stage.config()?;
    println!(
        "The demo is running. Open this page, and stop it with Ctrl-C:\n\n    {}\n",
        stage.page_url
    );
    let run = app::run(config, shutdown);
    tokio::pin!(run);
    tokio::select! {
        outcome = &mut run => return outcome,
        () = self::script::open(&stage.outside) => {}
    }
    run.await
}

/// Plays one session in the terminal.
///
/// # Errors
/// When anything in it goes wrong.
pub async fn play(record: Option<&Path>) -> anyhow::Result<()> {
    let stage = DemoServer::set(0, record).await?;
    let config = stage.config()?;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let run = app::run(config, async move {
        // An error means the same: the script is over.
        let _ = ended.await;
    });
    tokio::pin!(run);
    let played = tokio::select! {
        outcome = &mut run => {
            outcome?;
            anyhow::bail!("the program ended before the script did");
        }
        played = self::script::play(&stage.outside) => played,
    };
    drop(end);
    run.await?;
    played
}
