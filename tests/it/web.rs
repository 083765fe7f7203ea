//! The client for sources against a real server on loopback: robots.txt, validators, waits, caps,
//! redirects, and addresses that lead inside.

use axum::{
    Router,
    body::Body as Answer,
    extract::State,
    http::{HeaderMap, Response, Uri},
};
use communique::{
    domain::Reason,
    web::{Failure, Fetched, GivenBy, HttpWeb, Request, Web},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use url::Url;

type Log = Arc<Mutex<Vec<(String, HeaderMap)>>>;

async fn answer(State(log): State<Log>, uri: Uri, headers: HeaderMap) -> Response<Answer> {
    let has_validator = headers.contains_key("if-none-match");
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
        "/large" => answer.body(Answer::from(vec![b'x'; 6 * 1024 * 1024])),
        _ => answer.status(404).body(Answer::empty()),
    };
    made.unwrap()
}

/// The address that a query asks to be led to.
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

async fn fetch(web: &HttpWeb, request: Request) -> Result<Fetched, Failure> {
    match web.fetch(&request).await {
        Fetched::Failed(failure) => Err(failure),
        fetched => Ok(fetched),
    }
}

#[tokio::test]
async fn a_guest_says_who_it_is_asks_first_and_sends_validators_back() {
    let (url, log) = server().await;
    let web = HttpWeb::new(Some("mailto:desk@press.example")).unwrap();
    let mut request = Request::new(url.join("page").unwrap());
    let Ok(Fetched::Body(body)) = fetch(&web, request.clone()).await else { panic!("no body") };
    assert_eq!(body.bytes, b"<p>hello");
    request.etag = body.etag;
    // The second request waits for the second that robots.txt asks for.
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
async fn sources_of_one_host_ask_for_its_rules_once() {
    let (url, log) = server().await;
    let web = HttpWeb::new(None).unwrap();
    let [a, b, c] = ["private/a", "private/b", "private/c"]
        .map(|path| fetch(&web, Request::new(url.join(path).unwrap())));
    let (a, b, c) = tokio::join!(a, b, c);
    for refused in [a, b, c] {
        assert_eq!(refused.unwrap_err().reason, Reason::Robots);
    }
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn robots_decide_unless_the_operator_does() {
    let (url, log) = server().await;
    let web = HttpWeb::new(None).unwrap();
    let mut request = Request::new(url.join("private/list").unwrap());
    let refused = fetch(&web, request.clone()).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Robots);
    assert!(refused.note.contains("robots = false"), "{}", refused.note);
    assert_eq!(log.lock().unwrap().len(), 1, "the page itself was not asked for");
    request.heeds_robots = false;
    let missing = fetch(&web, request).await.unwrap_err();
    assert_eq!((missing.reason, missing.note.contains("404")), (Reason::HttpStatus, true));
}

#[tokio::test]
async fn each_host_on_the_way_is_asked() {
    let (first, _) = server().await;
    let (second, log) = server().await;
    let web = HttpWeb::new(None).unwrap();
    let led = |path: &str| {
        let target = second.join(path).unwrap();
        Request::new(first.join(&format!("elsewhere?{target}")).unwrap())
    };
    let refused = fetch(&web, led("private/list")).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Robots);
    let Ok(Fetched::Body(body)) = fetch(&web, led("page")).await else { panic!("no body") };
    assert_eq!(body.url, second.join("page").unwrap());
    let log = log.lock().unwrap();
    let paths: Vec<&str> = log.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/robots.txt", "/page"]);
}

#[tokio::test]
async fn each_failure_has_its_reason() {
    let (url, _log) = server().await;
    let web = HttpWeb::new(None).unwrap();
    let of = |address: &str| {
        let mut request = Request::new(url.join(address).unwrap());
        request.heeds_robots = false;
        request
    };
    let busy = fetch(&web, of("busy")).await.unwrap_err();
    let wait = Some(Duration::from_secs(120));
    assert_eq!((busy.reason, busy.retry_after), (Reason::HttpStatus, wait));
    assert_eq!(fetch(&web, of("large")).await.unwrap_err().reason, Reason::TooBig);
    assert_eq!(fetch(&web, of("circle")).await.unwrap_err().reason, Reason::Broken);
    assert_eq!(fetch(&web, of("nowhere")).await.unwrap_err().reason, Reason::Broken);
    assert_eq!(fetch(&web, of("http://127.0.0.1:9/")).await.unwrap_err().reason, Reason::Connect);
    let nowhere = fetch(&web, of("http://nowhere.invalid/")).await.unwrap_err();
    assert_eq!(nowhere.reason, Reason::Dns, "{}", nowhere.note);
}

#[tokio::test]
async fn an_address_of_a_user_never_leads_inside() {
    let (url, log) = server().await;
    let web = HttpWeb::new(None).unwrap();
    let port = url.port().unwrap();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"] {
        let address = format!("http://{host}:{port}/page");
        let mut request = Request::new(address.parse().unwrap());
        request.given_by = GivenBy::User;
        let refused = fetch(&web, request).await.unwrap_err();
        assert_eq!(refused.reason, Reason::Refused, "{address}: {}", refused.note);
    }
    assert!(log.lock().unwrap().is_empty());
}
