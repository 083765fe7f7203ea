//! The most that this machine can do: bare posts to the sandbox, and the whole engine with no limit.

use crate::{
    crowd::{CROWD_FROM, Crowd},
    table,
};
use communique::{
    app,
    config::{Config, FileConfig, Token},
    domain::{AccessPolicy, DeliveryConfig, Origin, PageRules, Source, SourceName},
    sandbox::{Counting, Limits, SITE_TITLE, SITE_ZONE},
};
use futures::{StreamExt, stream};
use std::time::{Duration, Instant};

const MESSAGES: i64 = 20_000;
/// Posts on their way at the same time, as many as the engine allows itself.
const AT_ONCE: usize = 512;
/// No limit worth the name.
const PER_SECOND: usize = 1_000_000;

pub async fn measure() {
    let crowd = Crowd::gather(MESSAGES, Duration::ZERO..=Duration::ZERO).await;
    crowd.stage.api.world().limits = Limits::new(PER_SECOND, Counting::TokenBucket);
    let bare = bare(&crowd).await;
    table::row("bare HTTP posts to the sandbox: the ceiling", &format!("{bare:.0}/s"), "");
    let engine = engine(&crowd).await;
    table::row(
        "the engine with no limit, same machine, server included",
        &format!("{engine:.0}/s, {:.0} % of the ceiling", engine / bare * 100.0),
        "",
    );
}

/// Posts a second, with nothing behind them.
async fn bare(crowd: &Crowd) -> f64 {
    let http = reqwest::Client::new();
    let token = crate::harness::TOKEN;
    let url = format!("{}bot{token}/sendMessage", crowd.stage.api_server.url());
    let text = "Ministry of Lighthouses: a lamp was lit. ".repeat(6);
    let start = Instant::now();
    let posts = stream::iter(CROWD_FROM..CROWD_FROM + MESSAGES).map(|chat| {
        let body = serde_json::json!({"chat_id": chat, "text": text, "parse_mode": "HTML"});
        let request =
            http.post(&url).header("content-type", "application/json").body(body.to_string());
        async move {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success());
            answer.bytes().await.unwrap();
        }
    });
    posts.buffer_unordered(AT_ONCE).for_each(|()| async {}).await;
    MESSAGES as f64 / start.elapsed().as_secs_f64()
}

/// Messages a second of the same `run` as in earnest, in this process.
async fn engine(crowd: &Crowd) -> f64 {
    let source = Source {
        name: SourceName::parse("lights").unwrap(),
        title: SITE_TITLE.to_owned(),
        url: crowd.page_url(),
        interval: Duration::from_secs(1),
        zone: SITE_ZONE,
        origin: Origin::Operator,
        is_default: true,
        respects_robots: true,
        counters: Vec::new(),
        page_rules: PageRules::default(),
    };
    let config = Config {
        token: Token::parse(crate::harness::TOKEN).unwrap(),
        api_url: crowd.stage.api_server.url(),
        database_url: crowd.database_url(),
        watch: FileConfig {
            policy: AccessPolicy::default(),
            sources: vec![source],
            rules: DeliveryConfig { per_second: PER_SECOND as f64, paid: false, digest_above: 10 },
            keep: Duration::from_secs(86_400),
            contact: None,
            reach: Default::default(),
            metrics: None,
        },
    };
    let before = crowd.stage.api.world().sent.len();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let play = async {
        crowd.stage.publish();
        crowd.until_posts(before + MESSAGES as usize, Duration::from_secs(300)).await;
        drop(end);
    };
    let (run, ()) = tokio::join!(app::run(config, async { drop(ended.await) }), play);
    run.unwrap();
    let world = crowd.stage.api.world();
    let took = world.sent.last().unwrap().at - world.sent[before].at;
    MESSAGES as f64 / took.as_seconds_f64()
}
