//! The HTTP client for sources against a real server on loopback: robots.txt, validators, waits,
//! size limits, redirects, and addresses of private networks.

use async_compression::tokio::bufread::GzipEncoder;
use axum::{
    Router,
    body::Body as Answer,
    extract::State,
    http::{HeaderMap, HeaderValue, Response, Uri, response::Builder},
};
use chrono::{DateTime, Utc};
use communique::{
    domain::PollStatus,
    fetch::{Address, Body, Cut, Failure, FetchPolicy, Fetched, HttpWeb, Request, Web},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::io::AsyncReadExt;
use url::Url;

type Log = Arc<Mutex<Vec<(String, HeaderMap)>>>;

async fn answer(State(log): State<Log>, uri: Uri, headers: HeaderMap) -> Response<Answer> {
    let has_validator = headers.contains_key("if-none-match");
    let cookies = headers.get("cookie").map_or("", |value| value.to_str().unwrap()).to_owned();
    log.lock().unwrap().push((uri.path().to_owned(), headers));
    let answer = Response::builder();
    let made = match uri.path() {
        "/robots.txt" => answer.body(Answer::from(
            "User-agent: *\nDisallow: /\n\nUser-agent: communique\nDisallow: /private\nCrawl-delay: 1\n",
        )),
        "/page" if has_validator => {
            answer.status(304).header("cache-control", "max-age=90").body(Answer::empty())
        }
        "/page" => answer.header("etag", "W/\"a b\"").body(Answer::from("<p>hello")),
        "/busy" => answer.status(503).header("retry-after", "120").body(Answer::empty()),
        "/circle" => answer.status(302).header("location", "/circle").body(Answer::empty()),
        "/elsewhere" => {
            let to = led_to(&uri);
            answer.status(302).header("location", to).body(Answer::empty())
        }
        "/nowhere" => answer.status(302).header("location", "mailto:a@b").body(Answer::empty()),
        "/large" => answer.body(Answer::from(large(6 << 20))),
        "/huge" => answer.body(Answer::from(large(40 << 20))),
        "/wall" if cookies.contains("seen=") => answer.body(Answer::from("<p>behind the wall")),
        "/wall" => {
            let answer = answer.status(302).header("location", "/wall");
            answer.header("set-cookie", "seen=1; Path=/; HttpOnly").body(Answer::empty())
        }
        "/counting" => {
            let n = cookies.strip_prefix("n=").and_then(|n| n.parse().ok()).unwrap_or(0);
            let answer = answer.status(307).header("location", "/counting");
            answer.header("set-cookie", format!("n={}", n + 1)).body(Answer::empty())
        }
        "/giver" => {
            let answer = answer.status(302).header("location", led_to(&uri));
            answer.header("set-cookie", "secret=1; Path=/").body(Answer::empty())
        }
        "/sends-on" => answer.header("content-type", "text/html").body(Answer::from(format!(
            "<META content='0; URL={}' http-equiv=Refresh><p>Moved",
            led_to(&uri)
        ))),
        "/header-sends-on" => {
            answer.header("refresh", format!("0;url={}", led_to(&uri))).body(Answer::from("x"))
        }
        "/reloads" => answer
            .body(Answer::from("<meta http-equiv=refresh content='1; url=/reloads'><p>hello")),
        path => respond(path, answer).await,
    };
    made.unwrap()
}

/// Statuses and encodings that are the same for every request.
async fn respond(path: &str, answer: Builder) -> Result<Response<Answer>, axum::http::Error> {
    match path {
        "/gone" => answer.status(410).body(Answer::empty()),
        "/no-content" => answer.status(204).body(Answer::empty()),
        "/empty" => answer.body(Answer::empty()),
        "/unchanged" => answer.status(304).body(Answer::empty()),
        "/part" => {
            answer.status(206).header("content-range", "bytes 0-4/9").body(Answer::from("<p>ab"))
        }
        "/whole-part" => {
            answer.status(206).header("content-range", "bytes 0-4/5").body(Answer::from("<p>ab"))
        }
        "/second-hand" => answer.status(203).body(Answer::from("<p>hello")),
        "/packed" => answer.body(Answer::from(gzip(b"<p>hello").await)),
        "/packed-twice" => answer
            .header("content-encoding", "x-gzip")
            .body(Answer::from(gzip(&gzip(b"<p>hello").await).await)),
        "/not-packed" => answer.header("content-encoding", "gzip").body(Answer::from("<p>hello")),
        "/half-packed" => {
            let mut bytes = gzip(&large(100_000)).await;
            bytes.truncate(bytes.len() / 2);
            answer.header("content-encoding", "gzip").body(Answer::from(bytes))
        }
        "/zstd" => answer.body(Answer::from(b"\x28\xb5\x2f\xfd\x04\x00\x00".to_vec())),
        "/later" => {
            answer.status(503).header("date", "").header("retry-after", LATER).body(Answer::empty())
        }
        "/raw" => {
            let location = HeaderValue::from_bytes(b"/p\xe9ge and more#top").unwrap();
            answer.status(301).header("location", location).body(Answer::empty())
        }
        "/p%E9ge%20and%20more" => answer.body(Answer::from("<p>raw")),
        _ => answer.status(404).body(Answer::empty()),
    }
}

/// A time of a server without a `Date`, five minutes after that of the client.
const LATER: &str = "Tue, 03 Nov 2026 10:05:00 GMT";

fn clock() -> DateTime<Utc> {
    "2026-11-03T10:00:00Z".parse().unwrap()
}

/// A document of this length, in which each part states its position.
fn large(length: usize) -> Vec<u8> {
    (0..length).map(|at| b'a' + (at % 23) as u8).collect()
}

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    GzipEncoder::new(bytes).read_to_end(&mut packed).await.unwrap();
    packed
}

/// The target of a redirect, from the query.
fn led_to(uri: &Uri) -> String {
    uri.query().unwrap_or_default().to_owned()
}

async fn server() -> (Url, Log) {
    let log = Log::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().fallback(answer).with_state(log.clone());
    #[expect(clippy::disallowed_methods, reason = "a server of the test's own")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, log)
}

/// A client that may reach these networks.
fn web(networks: &[&str]) -> HttpWeb {
    let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
    HttpWeb::new(None, &FetchPolicy { networks, ports: Vec::new() }).unwrap()
}

fn of_operator(url: Url) -> Request {
    Request::new(Address::of_operator(url))
}

async fn fetch(web: &HttpWeb, request: Request) -> Result<Fetched, Failure> {
    match web.fetch(&request).await {
        Fetched::Failed(failure) => Err(failure),
        fetched => Ok(fetched),
    }
}

#[tokio::test]
async fn requests_identify_the_bot_respect_robots_and_send_validators() {
    let (url, log) = server().await;
    let web = HttpWeb::new(Some("mailto:desk@press.example"), &FetchPolicy::default()).unwrap();
    let mut request = of_operator(url.join("page").unwrap());
    let Ok(Fetched::Body(body)) = fetch(&web, request.clone()).await else { panic!("no body") };
    assert_eq!(body.bytes, b"<p>hello");
    request.etag = body.etag;
    // The second request waits for the crawl delay of one second.
    let again = fetch(&web, request).await.unwrap();
    assert_eq!(again, Fetched::Unchanged(Some(Duration::from_secs(90))));
    let log = log.lock().unwrap();
    let paths: Vec<&str> = log.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/robots.txt", "/page", "/page"]);
    assert_eq!(log[2].1["if-none-match"], "W/\"a b\"");
    for (_, headers) in log.iter() {
        let agent = headers["user-agent"].to_str().unwrap();
        assert!(agent.starts_with("communique/"), "{agent}");
        assert!(agent.ends_with(" (+mailto:desk@press.example)"), "{agent}");
    }
}

#[tokio::test]
async fn robots_are_fetched_once_for_all_sources_of_a_host() {
    let (url, log) = server().await;
    let web = web(&[]);
    let [a, b, c] = ["private/a", "private/b", "private/c"]
        .map(|path| fetch(&web, of_operator(url.join(path).unwrap())));
    let (a, b, c) = tokio::join!(a, b, c);
    for refused in [a, b, c] {
        assert_eq!(refused.unwrap_err().reason, PollStatus::Robots);
    }
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn robots_apply_unless_the_operator_disables_them() {
    let (url, log) = server().await;
    let web = web(&[]);
    let mut request = of_operator(url.join("private/list").unwrap());
    let refused = fetch(&web, request.clone()).await.unwrap_err();
    assert_eq!(refused.reason, PollStatus::Robots);
    assert!(refused.note.contains("robots = false"), "{}", refused.note);
    assert_eq!(log.lock().unwrap().len(), 1, "the page itself was not asked for");
    request.respects_robots = false;
    let missing = fetch(&web, request).await.unwrap_err();
    assert_eq!((missing.reason, missing.note.contains("404")), (PollStatus::HttpStatus, true));
}

#[tokio::test]
async fn robots_of_each_host_in_a_redirect_apply() {
    let (first, _) = server().await;
    let (second, log) = server().await;
    let web = web(&["127.0.0.0/8"]);
    let led = |path: &str| {
        let target = second.join(path).unwrap();
        of_operator(first.join(&format!("elsewhere?{target}")).unwrap())
    };
    let refused = fetch(&web, led("private/list")).await.unwrap_err();
    assert_eq!(refused.reason, PollStatus::Robots);
    let Ok(Fetched::Body(body)) = fetch(&web, led("page")).await else { panic!("no body") };
    assert_eq!(body.url, second.join("page").unwrap());
    let log = log.lock().unwrap();
    let paths: Vec<&str> = log.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/robots.txt", "/page"]);
}

#[tokio::test]
async fn each_failure_has_its_status() {
    let (url, _log) = server().await;
    let web = web(&[]);
    let of = |address: &str| {
        let mut request = of_operator(url.join(address).unwrap());
        request.respects_robots = false;
        request
    };
    let busy = fetch(&web, of("busy")).await.unwrap_err();
    let wait = Some(Duration::from_secs(120));
    assert_eq!((busy.reason, busy.retry_after), (PollStatus::HttpStatus, wait));
    let gone = fetch(&web, of("gone")).await.unwrap_err();
    assert_eq!(gone.reason, PollStatus::Gone);
    assert!(gone.note.contains("look for its new address"), "{}", gone.note);
    for nothing in ["no-content", "empty"] {
        let failure = fetch(&web, of(nothing)).await.unwrap_err();
        assert_eq!(failure.reason, PollStatus::Unreadable, "{nothing}");
        assert!(failure.note.contains("empty"), "{}", failure.note);
    }
    let unchanged = fetch(&web, of("unchanged")).await.unwrap_err();
    assert_eq!(unchanged.reason, PollStatus::HttpStatus, "nobody asked whether it changed");
    let zstd = fetch(&web, of("zstd")).await.unwrap_err();
    assert_eq!(
        (zstd.reason, zstd.note.contains("zstd")),
        (PollStatus::Broken, true),
        "{}",
        zstd.note
    );
    let later = fetch(&web.clone().with_clock(clock), of("later")).await.unwrap_err();
    assert_eq!(later.retry_after, Some(Duration::from_secs(300)));
    let counting = fetch(&web, of("counting")).await.unwrap_err();
    assert_eq!(counting.reason, PollStatus::Broken);
    assert!(counting.note.contains("too often"), "{}", counting.note);
    assert_eq!(fetch(&web, of("circle")).await.unwrap_err().reason, PollStatus::Broken);
    assert_eq!(fetch(&web, of("nowhere")).await.unwrap_err().reason, PollStatus::Broken);
    assert_eq!(
        fetch(&web, of("http://127.0.0.1:9/")).await.unwrap_err().reason,
        PollStatus::Connect
    );
    let nowhere = fetch(&web, of("http://nowhere.invalid/")).await.unwrap_err();
    assert_eq!(nowhere.reason, PollStatus::Dns, "{}", nowhere.note);
}

#[tokio::test]
async fn an_address_of_a_user_never_reaches_a_private_network() {
    let (url, log) = server().await;
    let web = web(&[]);
    let port = url.port().unwrap();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"] {
        let address = format!("http://{host}:{port}/page");
        let request = Request::new(Address::of_user(address.parse().unwrap()));
        let refused = fetch(&web, request).await.unwrap_err();
        assert_eq!(refused.reason, PollStatus::Refused, "{address}: {}", refused.note);
    }
    assert!(log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn links_on_an_operators_page_reach_private_networks_only_if_allowed() {
    let (own, _) = server().await;
    let (inside, log) = server().await;
    let mut named = inside.join("page").unwrap();
    let page = Address::of_operator(own.join("page").unwrap());
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        named.set_host(Some(host)).unwrap();
        let request = Request::new(page.leads_to(named.clone()));
        let refused = fetch(&web(&[]), request).await.unwrap_err();
        assert_eq!(refused.reason, PollStatus::Refused, "{named}");
        assert!(refused.note.contains("web.allowed_networks"), "{}", refused.note);
        for sent_on in ["elsewhere", "sends-on", "header-sends-on"] {
            let mut request = of_operator(own.join(&format!("{sent_on}?{named}")).unwrap());
            for respects_robots in [true, false] {
                request.respects_robots = respects_robots;
                let refused = fetch(&web(&[]), request.clone()).await.unwrap_err();
                assert_eq!(refused.reason, PollStatus::Refused, "{sent_on} {named}");
            }
        }
    }
    assert!(log.lock().unwrap().is_empty(), "{:?}", log.lock().unwrap());
    named.set_host(Some("localhost")).unwrap();
    let request = Request::new(page.leads_to(named.clone()));
    let allowed = web(&["127.0.0.0/8", "::1/128"]);
    assert!(matches!(fetch(&allowed, request).await, Ok(Fetched::Body(_))));
    let of_user = Request::new(Address::of_user(named));
    assert_eq!(fetch(&allowed, of_user).await.unwrap_err().reason, PollStatus::Refused);
}

/// Fetches an address of the operator regardless of robots.txt. Panics without a body.
async fn document(url: &Url, address: &str) -> Body {
    let web = web(&["127.0.0.0/8", "::1/128"]);
    let mut request = of_operator(url.join(address).unwrap());
    request.respects_robots = false;
    match fetch(&web, request).await {
        Ok(Fetched::Body(body)) => *body,
        other => panic!("{address}: {other:?}"),
    }
}

#[tokio::test]
async fn a_document_is_found_behind_a_cookie_wall_and_any_kind_of_redirect() {
    let (url, log) = server().await;
    let page = url.join("page").unwrap();
    let cases = [
        ("wall".to_owned(), "/wall", "<p>behind the wall"),
        ("sends-on?/page".to_owned(), "/page", "<p>hello"),
        (format!("sends-on?{page}"), "/page", "<p>hello"),
        ("header-sends-on?/page".to_owned(), "/page", "<p>hello"),
        ("header-sends-on?/sends-on?/wall".to_owned(), "/wall", "<p>behind the wall"),
        ("raw".to_owned(), "/p%E9ge%20and%20more", "<p>raw"),
        ("second-hand".to_owned(), "/second-hand", "<p>hello"),
    ];
    for (address, came, text) in cases {
        let body = document(&url, &address).await;
        assert_eq!(body.url.path(), came, "{address}");
        assert_eq!(String::from_utf8_lossy(&body.bytes), text, "{address}");
        assert_eq!(body.cut, None);
    }
    let body = document(&url, "reloads").await;
    assert!(body.bytes.ends_with(b"hello"), "a page that reads itself again is the page");
    // Each case begins without cookies.
    let asked = log.lock().unwrap().iter().filter(|(path, _)| path == "/wall").count();
    assert_eq!(asked, 4);
}

#[tokio::test]
async fn cookies_go_to_no_other_host() {
    let (first, _) = server().await;
    let (second, log) = server().await;
    // The same machine under another name.
    let mut other = second.join("page").unwrap();
    other.set_host(Some("localhost")).unwrap();
    let body = document(&first, &format!("giver?{other}")).await;
    assert_eq!(body.bytes, b"<p>hello");
    assert!(log.lock().unwrap().iter().all(|(_, headers)| !headers.contains_key("cookie")));
    // The site itself gets its cookie back.
    let (site, log) = server().await;
    document(&site, "giver?/page").await;
    assert_eq!(log.lock().unwrap().last().unwrap().1["cookie"], "secret=1");
}

#[tokio::test]
async fn a_redirect_by_a_page_of_a_user_never_reaches_a_private_network() {
    let (url, log) = server().await;
    let web = web(&[]);
    let mut inside = url.join("page").unwrap();
    inside.set_host(Some("localhost")).unwrap();
    // The operator may reach their own network; an address of a user may not.
    for address in ["sends-on?", "header-sends-on?", "elsewhere?"] {
        let address = Address::of_user(url.join(&format!("{address}{inside}")).unwrap());
        let request = Request::new(address);
        assert_eq!(fetch(&web, request).await.unwrap_err().reason, PollStatus::Refused);
    }
    assert!(log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_is_decompressed_by_its_content() {
    let (url, log) = server().await;
    for address in ["packed", "packed-twice", "not-packed"] {
        let body = document(&url, address).await;
        assert_eq!(String::from_utf8_lossy(&body.bytes), "<p>hello", "{address}");
    }
    let half = document(&url, "half-packed").await;
    assert!(!half.bytes.is_empty() && half.bytes[..] == large(100_000)[..half.bytes.len()]);
    assert!(half.cut.is_some_and(|cut| !cut.is_end_reached), "{:?}", half.cut);
    let asked = &log.lock().unwrap()[0].1["accept-encoding"];
    assert_eq!(asked, "gzip, deflate, br");
}

#[tokio::test]
async fn the_beginning_and_end_of_a_too_large_document_are_kept() {
    let (url, _) = server().await;
    let whole = large(6 << 20);
    let body = document(&url, "large").await;
    let seam = 5 << 19;
    let cut = Cut { total_bytes: 6 << 20, seam, is_end_reached: true };
    assert_eq!((body.bytes.len(), body.cut), (5 << 20, Some(cut)));
    assert!(body.bytes[..seam] == whole[..seam] && whole.ends_with(&body.bytes[seam..]));
    let huge = document(&url, "huge").await;
    let cut = huge.cut.unwrap();
    assert!(!cut.is_end_reached && (32 << 20..33 << 20).contains(&cut.total_bytes), "{cut:?}");
    assert!(huge.bytes.len() <= 5 << 20);
    let part = document(&url, "part").await;
    assert_eq!(part.cut, Some(Cut { total_bytes: 5, seam: 5, is_end_reached: false }));
    assert_eq!(document(&url, "whole-part").await.cut, None);
}
