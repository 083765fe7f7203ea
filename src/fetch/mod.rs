//! Fetching: the only HTTP to sources.
//!
//! Guarantees: a body is read up to its limit, counted after decompression; of a large one the
//! beginning and the end are kept. The whole request has a deadline, and redirects a limit.
//! Validators go back byte for byte. robots.txt is respected unless the operator says otherwise.
//! Only addresses of the operator lead into a private network (`provenance`, `ssrf`). Cookies live
//! as long as one chain of redirects (`redirects`). Every result is a value.
//! Out of scope: what a body means (`extract`).

mod cache_headers;
mod decompress;
mod head_tail;
mod http;
mod meta_refresh;
mod politeness;
mod provenance;
mod redirects;
mod ssrf;
mod time_budget;

pub use self::head_tail::{HeadTailBuffer, READ_BYTES_MAX};
pub use self::http::HttpWeb;
pub use self::provenance::Address;
pub use self::ssrf::FetchPolicy;
pub use self::time_budget::within;
use crate::domain::PollStatus;
use std::{future::Future, time::Duration};
use url::Url;

/// A request for a document.
#[derive(Clone, Debug)]
pub struct Request {
    /// The address, with its provenance.
    pub address: Address,
    /// The `ETag` of the document before, byte for byte.
    pub etag: Option<String>,
    /// The `Last-Modified` of the document before, byte for byte.
    pub last_modified: Option<String>,
    /// Whether robots.txt is respected.
    pub respects_robots: bool,
}

impl Request {
    /// Creates a request without validators that respects robots.txt.
    pub fn new(address: Address) -> Self {
        Request { address, etag: None, last_modified: None, respects_robots: true }
    }
}

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// A document.
    Body(Box<Body>),
    /// 304 Not Modified, and for how long it stays fresh.
    Unchanged(Option<Duration>),
    /// No document.
    Failed(Failure),
}

/// A document with its metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The bytes, decompressed.
    pub bytes: Vec<u8>,
    /// The `Content-Type`.
    pub content_type: Option<String>,
    /// The address after all redirects.
    pub url: Url,
    /// The `ETag`, byte for byte.
    pub etag: Option<String>,
    /// The `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
    /// How long it stays fresh, or the server asks to wait.
    pub fresh_for: Option<Duration>,
    /// What is missing; `None` if it is whole.
    pub cut: Option<Cut>,
}

/// What is missing of a document that was larger than the limit, or did not arrive completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The number of bytes that were read.
    pub total_bytes: u64,
    /// Where in the kept bytes the missing part is: from there on they are the end of the document.
    /// Their length if the end is missing.
    pub seam: usize,
    /// Whether the document was read to its end.
    pub is_end_reached: bool,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The status.
    pub reason: PollStatus,
    /// The cause in words for the operator.
    pub note: String,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
}

/// The web. Tests and the simulation have their own.
pub trait Web: Send + Sync {
    /// Fetches a document.
    fn fetch(&self, request: &Request) -> impl Future<Output = Fetched> + Send;
}
