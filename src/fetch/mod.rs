//! The only HTTP towards sources.
//!
//! Promises: a body is read no further than its cap, counted after decompression, and of a large one
//! the two ends are kept; the whole read has a deadline; redirects are few; validators go back byte for byte; robots.txt is heeded unless
//! the operator says otherwise; only what the operator wrote leads inside a network (`address`, `reach`);
//! cookies live as long as one way to a document (`way`); every outcome is a value.
//! Leaves out: what a body means (`extract`).

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
pub use self::provenance::{Address, UrlProvenance};
pub use self::ssrf::FetchPolicy;
pub use self::time_budget::within;
use crate::domain::PollStatus;
use std::{future::Future, time::Duration};
use url::Url;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The address, with where it comes from.
    pub address: Address,
    /// The `ETag` of the answer before, byte for byte.
    pub etag: Option<String>,
    /// Its `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
    /// Whether the host's robots.txt decides.
    pub respects_robots: bool,
}

impl Request {
    /// A request without validators.
    pub fn new(address: Address) -> Self {
        Request { address, etag: None, last_modified: None, respects_robots: true }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// A document.
    Body(Box<Body>),
    /// Nothing new since the validators were given out, nor will there be for so long.
    Unchanged(Option<Duration>),
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
    /// Its `ETag`, byte for byte.
    pub etag: Option<String>,
    /// Its `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
    /// How long the server says that it stays as it is, or asks to be left alone.
    pub fresh_for: Option<Duration>,
    /// What is missing of it; `None`: it is whole.
    pub cut: Option<Cut>,
}

/// What is missing of a document: it was larger than what is kept, or did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// How many bytes there were, as far as it was read.
    pub total_bytes: u64,
    /// Where in what is kept the missing part is: what comes from there on is the end of the document.
    /// The length of it: nothing is.
    pub seam: usize,
    /// Whether the document was read to its end.
    pub is_end_reached: bool,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code.
    pub reason: PollStatus,
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
