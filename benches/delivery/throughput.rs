//! The highest throughput of this machine: plain HTTP posts to the sandbox, and delivery without a
//! rate limit.

use crate::{
    scale::{Crowd, FIRST_CHAT},
    table,
};
use communique::{
    app,
    config::{Config, FileConfig, Token},
    domain::{AccessPolicy, DeliveryConfig, Source, SourceName},
    sandbox::{Counting, Limits, SITE_TITLE, SITE_ZONE},
};
use futures::{StreamExt, stream};
use std::time::{Duration, Instant};

const MESSAGES: i64 = 20_000;
/// Concurrent posts, as many as the rate limiter allows in flight.
const CONCURRENT: usize = 512;
/// High enough to be no limit.
const PER_SECOND: usize = 1_000_000;

pub(crate) async fn measure() {
    let crowd = Crowd::gather(MESSAGES, Duration::ZERO..=Duration::ZERO).await;
    crowd.env.api.world().limits = Limits::new(PER_SECOND, Counting::TokenBucket);
    let ceiling = plain_posts_per_second(&crowd).await;
    table::row("plain HTTP posts to the sandbox: the ceiling", &format!("{ceiling:.0}/s"), "");
    let delivery = deliveries_per_second(&crowd).await;
    table::row(
        "delivery without a rate limit, same machine, server included",
        &format!("{delivery:.0}/s, {:.0} % of the ceiling", delivery / ceiling * 100.0),
        "",
    );
}

/// Posts per second, without a bot behind them.
async fn plain_posts_per_second(crowd: &Crowd) -> f64 {
    let http = reqwest::Client::new();
    let token = crate::binary::TOKEN;
    let url = format!("{}bot{token}/sendMessage", crowd.env.api_server.url());
    let text = "Ministry of Lighthouses: a lamp was lit. ".repeat(6);
    let start = Instant::now();
    let posts = stream::iter(FIRST_CHAT..FIRST_CHAT + MESSAGES).map(|chat| {
        let body = serde_json::json!({"chat_id": chat, "text": text, "parse_mode": "HTML"});
        let request =
            http.post(&url).header("content-type", "application/json").body(body.to_string());
        async move {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success());
            answer.bytes().await.unwrap();
        }
    });
    posts.buffer_unordered(CONCURRENT).for_each(|()| async {}).await;
    MESSAGES as f64 / start.elapsed().as_secs_f64()
}

/// Messages per second of the whole program, started by the same `run` in this process.
async fn deliveries_per_second(crowd: &Crowd) -> f64 {
    let source = Source {
        interval: Duration::from_secs(1),
        zone: SITE_ZONE,
        ..Source::new(SourceName::parse("lights").unwrap(), SITE_TITLE.to_owned(), crowd.page_url())
    };
    let config = Config {
        token: Token::parse(crate::binary::TOKEN).unwrap(),
        api_url: crowd.env.api_server.url(),
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
    let before = crowd.env.api.world().sent.len();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let play = async {
        crowd.env.publish();
        crowd.until_posts(before + MESSAGES as usize, Duration::from_secs(300)).await;
        drop(end);
    };
    let (run, ()) = tokio::join!(app::run(config, async { drop(ended.await) }), play);
    run.unwrap();
    let world = crowd.env.api.world();
    let took = world.sent.last().unwrap().at - world.sent[before].at;
    MESSAGES as f64 / took.as_seconds_f64()
}
