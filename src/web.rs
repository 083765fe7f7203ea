//! The only HTTP towards sources.
//!
//! Promises: a body is read no further than its cap, counted after decompression; the whole read
//! has a deadline; redirects are few; validators go back byte for byte; every outcome is a value.
//! Leaves out: what a body means (`extract`).

use crate::{domain::Reason, extract::BODY_BYTES_MAX};
use reqwest::{
    Client, Response, StatusCode,
    header::{self, HeaderMap, HeaderValue},
    redirect::Policy,
};
use std::{error::Error as _, future::Future, time::Duration};
use url::Url;

/// From the first packet to the last byte of the body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REDIRECTS_MAX: usize = 5;
const USER_AGENT: &str = concat!("communique/", env!("CARGO_PKG_VERSION"));
const ACCEPT: &str = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,\
    application/feed+json,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The address.
    pub url: Url,
    /// Validators of the answer before, byte for byte.
    pub etag: Option<String>,
    /// Same.
    pub last_modified: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// A document.
    Body(Box<Body>),
    /// Nothing new since the validators were given out.
    Unchanged,
    /// No document.
    Failed(Failure),
}

/// A document with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The document.
    pub bytes: Vec<u8>,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Where it came from in the end.
    pub url: Url,
    /// Its validators.
    pub etag: Option<String>,
    /// Same.
    pub last_modified: Option<String>,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code.
    pub reason: Reason,
    /// In words for the operator.
    pub note: String,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
}

/// The door to the web; the simulation has another one.
pub trait Web: Send + Sync {
    /// Fetches a document.
    fn fetch(&self, request: &Request) -> impl Future<Output = Fetched> + Send;
}

/// The door that leads to the real web.
#[derive(Clone, Debug)]
pub struct HttpWeb {
    client: Client,
}

impl HttpWeb {
    /// Opens it.
    ///
    /// # Errors
    /// When the system has no usable TLS set-up.
    pub fn new() -> reqwest::Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(headers)
            .timeout(READ_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::limited(REDIRECTS_MAX))
            .build()?;
        Ok(HttpWeb { client })
    }

    async fn get(&self, request: &Request) -> Result<Fetched, Failure> {
        let mut get = self.client.get(request.url.clone());
        if let Some(etag) = &request.etag {
            get = get.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = &request.last_modified {
            get = get.header(header::IF_MODIFIED_SINCE, last_modified);
        }
        let response = get.send().await.map_err(failure)?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged);
        }
        if !status.is_success() {
            return Err(Failure {
                reason: Reason::HttpStatus,
                note: format!("the server answered {status}"),
                retry_after: text(&response, header::RETRY_AFTER).and_then(|t| retry_after(&t)),
            });
        }
        Ok(Fetched::Body(Box::new(body(response).await?)))
    }
}

impl Web for HttpWeb {
    async fn fetch(&self, request: &Request) -> Fetched {
        self.get(request).await.unwrap_or_else(Fetched::Failed)
    }
}

async fn body(mut response: Response) -> Result<Body, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if bytes.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(Failure {
                reason: Reason::TooBig,
                note: format!("the document is larger than {} MB", BODY_BYTES_MAX / 1024 / 1024),
                retry_after: None,
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body {
        bytes,
        content_type: text(&response, header::CONTENT_TYPE),
        url: response.url().clone(),
        etag: text(&response, header::ETAG),
        last_modified: text(&response, header::LAST_MODIFIED),
    })
}

/// A header, if it is text.
fn text(response: &Response, name: header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    std::str::from_utf8(value.as_bytes()).ok().map(str::to_owned)
}

/// The seconds of a `Retry-After`. The form with a date is rare, and a wrong clock on either side
/// would make it hours: it is not taken.
fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

/// Sorts an error of the client by its cause.
fn failure(error: reqwest::Error) -> Failure {
    let mut causes = String::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes = inner.to_string();
        cause = inner.source();
    }
    let lower = causes.to_lowercase();
    let (reason, what) = if error.is_timeout() {
        (Reason::Timeout, "no whole answer came in time")
    } else if error.is_redirect() {
        (Reason::Broken, "the server redirects in circles")
    } else if ["certificate", "tls", "handshake"].iter().any(|word| lower.contains(word)) {
        (Reason::Tls, "the secure connection failed")
    } else if error.is_connect() {
        (Reason::Connect, "the server cannot be reached")
    } else {
        (Reason::Broken, "the connection broke")
    };
    let note = if causes.is_empty() { what.to_owned() } else { format!("{what} ({causes})") };
    Failure { reason, note, retry_after: None }
}
