//! The demo: the program itself with the sandbox and the sample institution, on loopback.
//!
//! Guarantees: no token, no network, nothing left behind; the program behaves as with `run`.

#![expect(clippy::print_stdout, reason = "the demo speaks in the terminal")]

mod script;
mod server;
mod snapshot;
mod state;

pub use self::script::ScriptFailed;

use self::state::{DemoState, TOKEN, initial_telegram};
use crate::{
    app,
    config::{Config, FileConfig, Token},
    domain::{AccessPolicy, DeliveryConfig, Source, SourceName, WatchPermission},
    sandbox::{Api, SITE_TITLE, SITE_ZONE, Server, Site, serve},
};
use anyhow::Context;
use std::{
    future::Future,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use url::Url;

/// The interval of the sample source.
const INTERVAL: Duration = Duration::from_secs(1);

/// The servers of the demo and the folder of its database, which are removed when it is dropped.
struct DemoServer {
    state: DemoState,
    api_url: Url,
    page_url: Url,
    _servers: [Server; 2],
    folder: TempDir,
}

impl DemoServer {
    async fn start(port: u16, record: Option<&Path>) -> anyhow::Result<Self> {
        let (api, api_server) = Api::start(initial_telegram(), record, app::now)
            .await
            .context("the sandbox cannot start")?;
        let site = Arc::new(Mutex::new(Site::new(app::now())));
        let state = DemoState { api, site };
        let page_server = serve(port, self::server::routes(state.clone())).await.with_context(|| {
            format!("port {port} cannot be had: another program has it, or another demo runs; choose one with --port")
        })?;
        let folder = tempfile::tempdir().context("no folder for the demo's database")?;
        Ok(DemoServer {
            state,
            api_url: api_server.url(),
            page_url: page_server.url(),
            _servers: [api_server, page_server],
            folder,
        })
    }

    /// The configuration for `run` in the demo.
    fn config(&self) -> anyhow::Result<Config> {
        let name = SourceName::parse("lighthouses").context("the demo's source has no name")?;
        let url = self.page_url.join("site/")?;
        let source = Source::new(name, SITE_TITLE.to_owned(), url);
        let source = Source { interval: INTERVAL, zone: SITE_ZONE, ..source };
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
/// If the port is taken, or `run` ends by itself.
pub async fn show(
    port: u16,
    record: Option<&Path>,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let server = DemoServer::start(port, record).await?;
    let config = server.config()?;
    println!(
        "The demo is running. Open this page, and stop it with Ctrl-C:\n\n    {}\n",
        server.page_url
    );
    let run = app::run(config, shutdown);
    tokio::pin!(run);
    tokio::select! {
        outcome = &mut run => return outcome,
        () = self::script::open(&server.state) => {}
    }
    run.await
}

/// Plays one session in the terminal.
///
/// # Errors
/// If anything in the session fails.
pub async fn play(record: Option<&Path>) -> anyhow::Result<()> {
    let server = DemoServer::start(0, record).await?;
    let config = server.config()?;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let run = app::run(config, async move {
        // An error means that the sender is dropped: the script is over.
        let _ = ended.await;
    });
    tokio::pin!(run);
    let played = tokio::select! {
        outcome = &mut run => {
            outcome?;
            anyhow::bail!("the program ended before the script did");
        }
        played = self::script::play(&server.state) => played,
    };
    drop(end);
    run.await?;
    played
}
