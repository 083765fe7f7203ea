//! The HTTP client: a request with its redirects, robots.txt, validators and limits.
//!
//! Guarantees: those of `fetch`. A failure is classified by its cause, and says it in words.

use super::{
    Address, Body, Cut, Failure, FetchPolicy, Fetched, HeadTailBuffer, READ_BYTES_MAX, Request,
    Web,
    cache_headers::{fresh_for, retry_after, text},
    decompress, meta_refresh,
    politeness::{AGENT, Hosts},
    provenance::Guard,
    redirects::RedirectChain,
    ssrf::{GuardedResolver, REFUSED_FOR_SOURCE, REFUSED_FOR_USER},
    time_budget::{politeness_wait, spend},
};
use crate::{domain::PollStatus, extract::BODY_BYTES_MAX};
use chrono::{DateTime, Utc};
use futures::stream;
use reqwest::{
    Client, ClientBuilder, Response, StatusCode,
    header::{self, HeaderMap, HeaderValue},
    redirect::Policy,
};
use robotxt::Robots;
use std::{error::Error as _, io, sync::Arc, time::Duration};
use tokio::io::AsyncReadExt;
use tokio_util::io::StreamReader;

/// From the first packet to the last byte of the body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What is read at a time.
const PIECE_BYTES: usize = 32 * 1024;
/// What is read of a robots.txt, as RFC 9309 asks.
const ROBOTS_BYTES_MAX: u64 = 500 * 1024;
const ACCEPT: &str = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,\
    application/feed+json,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5";

/// The web, through an HTTP client.
#[derive(Clone, Debug)]
pub struct HttpWeb {
    /// For addresses of the operator.
    unguarded: Client,
    /// For addresses that these lead to. It has no proxy, which would resolve names itself.
    allowed: Client,
    /// For addresses of users; without a proxy too.
    public: Client,
    reach: FetchPolicy,
    hosts: Hosts,
    clock: Option<fn() -> DateTime<Utc>>,
}

impl HttpWeb {
    /// Creates the client. Servers are shown `contact`, so that their operators can complain.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(contact: Option<&str>, reach: &FetchPolicy) -> reqwest::Result<Self> {
        let guarded = |reach: &FetchPolicy, refused| {
            let names = Arc::new(GuardedResolver { reach: reach.clone(), refused });
            builder(contact).dns_resolver(names).no_proxy().build()
        };
        Ok(HttpWeb {
            unguarded: builder(contact).build()?,
            allowed: guarded(reach, REFUSED_FOR_SOURCE)?,
            public: guarded(&FetchPolicy::default(), REFUSED_FOR_USER)?,
            reach: reach.clone(),
            hosts: Hosts::default(),
            clock: None,
        })
    }

    /// Returns the client with a clock, for servers that name a time without sending their own.
    pub fn with_clock(self, clock: fn() -> DateTime<Utc>) -> Self {
        HttpWeb { clock: Some(clock), ..self }
    }

    fn now(&self) -> Option<DateTime<Utc>> {
        self.clock.map(|clock| clock())
    }

    async fn get(&self, request: &Request) -> Result<Fetched, Failure> {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (header::IF_NONE_MATCH, &request.etag),
            (header::IF_MODIFIED_SINCE, &request.last_modified),
        ] {
            // A value that came in a header fits into one.
            let value = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok());
            headers.extend(value.map(|value| (name, value)));
        }
        let asks_conditionally = !headers.is_empty();
        let mut way = RedirectChain::new(request.address.url().clone());
        let mut address = request.address.clone();
        loop {
            if *address.url() != way.url {
                address = address.leads_to(way.url.clone());
            }
            // Each host on the way has its robots.txt and its spacing.
            let crawl_delay = match request.respects_robots {
                true => spend(self.check_robots(&address)).await?,
                false => None,
            };
            politeness_wait(self.hosts.wait_for_slot(&way.url, crawl_delay)).await?;
            let mut headers = headers.clone();
            headers.extend(way.step()?.map(|cookies| (header::COOKIE, cookies)));
            let response = spend(self.request_once(&address, headers)).await?;
            if way.follow(&response)? {
                continue;
            }
            let status = response.status();
            let fresh_for = fresh_for(response.headers(), self.now()).max(crawl_delay);
            if status == StatusCode::NOT_MODIFIED && !asks_conditionally {
                return Err(Failure {
                    reason: PollStatus::HttpStatus,
                    note: format!("the server answered {status} although the whole was asked for"),
                    retry_after: None,
                });
            }
            if status == StatusCode::NOT_MODIFIED {
                return Ok(Fetched::Unchanged(fresh_for));
            }
            if !status.is_success() {
                return Err(self.status_failure(&response));
            }
            let header = response.headers().get(header::REFRESH).map(HeaderValue::as_bytes);
            let next = header.and_then(|value| meta_refresh::of_header(value, &way.url));
            if next.is_some_and(|next| way.refresh(next)) {
                continue;
            }
            let body = spend(body(response, fresh_for)).await?;
            let next = Some(&body).filter(|body| is_page(body));
            let next = next.and_then(|body| meta_refresh::of_page(&body.bytes, &body.url));
            if next.is_some_and(|next| way.refresh(next)) {
                continue;
            }
            return Ok(Fetched::Body(Box::new(body)));
        }
    }

    /// Sends one request, without following redirects. No resolver is asked for a numeric address,
    /// so each is checked here.
    async fn request_once(
        &self,
        address: &Address,
        headers: HeaderMap,
    ) -> Result<Response, Failure> {
        let url = address.url();
        let client = match address.guard() {
            Guard::Off => &self.unguarded,
            Guard::Allowed if self.reach.allows(url) => &self.allowed,
            Guard::Public if self.reach.allows_for_user(url) => &self.public,
            Guard::Allowed => return Err(refusal(REFUSED_FOR_SOURCE.to_owned())),
            Guard::Public if self.reach.allows_port(url) => {
                return Err(refusal(REFUSED_FOR_USER.to_owned()));
            }
            Guard::Public => {
                let port = url.port_or_known_default().unwrap_or_default();
                return Err(refusal(format!(
                    "addresses that users give are not read at port {port}: if they are to be, write it into web.allowed_ports"
                )));
            }
        };
        client.get(url.clone()).headers(headers).send().await.map_err(|error| failure(&error))
    }

    /// Checks robots.txt. Returns the delay between requests that it asks for.
    async fn check_robots(&self, address: &Address) -> Result<Option<Duration>, Failure> {
        let url = address.url();
        let asking = self.hosts.robots_lock(url);
        let turn = asking.lock().await;
        let robots = match self.hosts.cached_robots(url) {
            Some(robots) => robots,
            None => {
                let robots = Arc::new(self.robots(address).await?);
                self.hosts.cache_robots(url, &robots);
                robots
            }
        };
        drop(turn);
        if robots.is_url_allowed(url) {
            return Ok(robots.crawl_delay());
        }
        Err(Failure {
            reason: PollStatus::Robots,
            note:
                "the site's robots.txt asks programs not to read this address: watch another page, \
                or, if the site is yours, set robots = false for the source"
                    .to_owned(),
            retry_after: None,
        })
    }

    /// Fetches the robots.txt of a host. A server without one allows everything; one that cannot
    /// respond now is not crawled now (RFC 9309).
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        let Ok(rules) = address.url().join("/robots.txt") else {
            return Ok(Robots::allow_all());
        };
        // Any other failure would affect the page too.
        let in_robots = |mut failure: Failure| {
            if failure.reason == PollStatus::HttpStatus {
                failure.note = format!("{} when asked for robots.txt", failure.note);
            }
            failure
        };
        let mut way = RedirectChain::new(rules);
        let response = loop {
            let address = address.leads_to(way.url.clone());
            let cookies = way.step()?.map(|cookies| (header::COOKIE, cookies));
            let response = self.request_once(&address, cookies.into_iter().collect()).await?;
            if !way.follow(&response)? {
                break response;
            }
        };
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(in_robots(self.status_failure(&response)));
        }
        if !status.is_success() {
            return Ok(Robots::allow_all());
        }
        let mut bytes = Vec::new();
        let reader = unpacked(response).await?;
        reader.take(ROBOTS_BYTES_MAX).read_to_end(&mut bytes).await.map_err(unreadable)?;
        Ok(Robots::parse(&bytes, AGENT))
    }

    fn status_failure(&self, response: &Response) -> Failure {
        let status = response.status();
        let retry_after = retry_after(response.headers(), self.now());
        let (reason, note) = match status {
            StatusCode::GONE => (
                PollStatus::Gone,
                "the server says that the page is gone for good (410): look for its new address"
                    .to_owned(),
            ),
            status => (PollStatus::HttpStatus, format!("the server answered {status}")),
        };
        Failure { reason, note, retry_after }
    }
}

impl Web for HttpWeb {
    async fn fetch(&self, request: &Request) -> Fetched {
        self.get(request).await.unwrap_or_else(Fetched::Failed)
    }
}

fn builder(contact: Option<&str>) -> ClientBuilder {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(decompress::ACCEPTED));
    let contact = contact.map(|contact| format!(" (+{contact})")).unwrap_or_default();
    Client::builder()
        .user_agent(format!("{AGENT}/{}{contact}", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .timeout(READ_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::none())
}

/// Whether a document may be a page that redirects.
fn is_page(body: &Body) -> bool {
    let kind = body.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    kind.is_empty() || kind.contains("html") || kind.starts_with("text/plain")
}

/// Returns the body of a response, decompressed while it is read.
async fn unpacked(response: Response) -> Result<decompress::Reader, Failure> {
    let headers = response.headers().clone();
    let pieces = stream::try_unfold(response, |mut response| async move {
        let piece = response.chunk().await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(piece.map(|piece| (piece, response)))
    });
    let reader = Box::pin(StreamReader::new(Box::pin(pieces)));
    decompress::decompress(reader, &headers).await.map_err(unreadable)
}

async fn body(response: Response, fresh_for: Option<Duration>) -> Result<Body, Failure> {
    let (status, headers) = (response.status(), response.headers().clone());
    let url = response.url().clone();
    let mut reader = unpacked(response).await?;
    let mut ends = HeadTailBuffer::default();
    let mut piece = vec![0; PIECE_BYTES];
    let is_whole = loop {
        if ends.total() >= READ_BYTES_MAX {
            break false;
        }
        match reader.read(&mut piece).await {
            Ok(0) => break true,
            Ok(length) => ends.push(&piece[..length]),
            // What was decompressed so far is kept, as is the beginning of a body that takes too
            // long.
            Err(error) if is_end_missing(&error) && ends.total() > 0 => break false,
            Err(error) if ends.total() > BODY_BYTES_MAX as u64 => {
                let failure = unreadable(error);
                if failure.reason != PollStatus::Timeout {
                    return Err(failure);
                }
                break false;
            }
            Err(error) => return Err(unreadable(error)),
        }
    };
    let (bytes, cut) = ends.finish(is_whole);
    if bytes.is_empty() {
        return Err(Failure {
            reason: PollStatus::Unreadable,
            note: format!("the server's answer is empty ({status})"),
            retry_after: None,
        });
    }
    let cut = cut.or_else(|| part(&headers, bytes.len()).filter(|_| status == 206));
    Ok(Body {
        bytes,
        content_type: text(&headers, header::CONTENT_TYPE),
        url,
        etag: text(&headers, header::ETAG),
        last_modified: text(&headers, header::LAST_MODIFIED),
        fresh_for,
        cut,
    })
}

/// Returns what is missing of a document of which a part came, although the whole was requested.
fn part(headers: &HeaderMap, length: usize) -> Option<Cut> {
    let range = text(headers, header::CONTENT_RANGE)?;
    let total = range.rsplit('/').next()?.trim().parse::<u64>().ok();
    (total != Some(length as u64)).then_some(Cut {
        total_bytes: length as u64,
        seam: length,
        is_end_reached: false,
    })
}

/// Whether an error means that a compressed body ends too early, or continues in another format.
fn is_end_missing(error: &io::Error) -> bool {
    let is_of_client =
        error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<reqwest::Error>);
    !is_of_client
}

/// Classifies an error while reading a body: of the client, or of the compressed data.
fn unreadable(error: io::Error) -> Failure {
    let words = error.to_string();
    match error.into_inner().map(<dyn std::error::Error + Send + Sync>::downcast::<reqwest::Error>)
    {
        Some(Ok(error)) => failure(&error),
        _ => Failure {
            reason: PollStatus::Broken,
            note: format!("the answer cannot be unpacked ({words})"),
            retry_after: None,
        },
    }
}

fn refusal(note: String) -> Failure {
    Failure { reason: PollStatus::Refused, note, retry_after: None }
}

/// Classifies an error of the client by its cause.
fn failure(error: &reqwest::Error) -> Failure {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    let says = |words: &[&str]| {
        causes.iter().any(|cause| words.iter().any(|word| cause.to_lowercase().contains(word)))
    };
    let refused =
        [REFUSED_FOR_SOURCE, REFUSED_FOR_USER].into_iter().find(|refused| says(&[*refused]));
    if let Some(refused) = refused {
        return refusal(refused.to_owned());
    }
    let (reason, what) = if error.is_timeout() {
        (PollStatus::Timeout, "no whole answer came in time")
    } else if says(&["dns error"]) {
        (PollStatus::Dns, "the host's name cannot be resolved")
    } else if says(&["certificate", "tls", "handshake"]) {
        (PollStatus::Tls, "the secure connection failed")
    } else if error.is_connect() {
        (PollStatus::Connect, "the server cannot be reached")
    } else {
        (PollStatus::Broken, "the connection broke")
    };
    let note = match causes.last() {
        Some(cause) => format!("{what} ({cause})"),
        None => what.to_owned(),
    };
    Failure { reason, note, retry_after: None }
}
