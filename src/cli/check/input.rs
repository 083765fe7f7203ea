//! The document that `check` reads: from the web or from a file.

use crate::config::ConfigError;
use crate::fetch::{Body, Cut, Fetched, HeadTailBuffer, HttpWeb, READ_BYTES_MAX, Request, Web};
use anyhow::{Context, bail};
use std::io::{BufRead as _, BufReader, Read as _};
use url::Url;

/// A document.
pub(super) struct Input {
    pub(super) bytes: Vec<u8>,
    /// What is missing of it.
    pub(super) cut: Option<Cut>,
    pub(super) content_type: Option<String>,
    /// Where it came from; `None` for a file.
    pub(super) url: Option<Url>,
}

/// Fetches a document.
///
/// # Errors
/// If no document comes.
pub(super) async fn fetch(web: &HttpWeb, request: &Request) -> anyhow::Result<Input> {
    match web.fetch(request).await {
        Fetched::Body(body) => {
            let Body { bytes, cut, content_type, url, .. } = *body;
            Ok(Input { bytes, cut, content_type, url: Some(url) })
        }
        Fetched::Unchanged(_) => bail!("the server says that nothing changed, which was not asked"),
        Fetched::Failed(failure) => bail!("{}: {}", request.address.url(), failure.note),
    }
}

/// Reads a file.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn open(path: &str) -> anyhow::Result<Input> {
    let file = std::fs::File::open(path).map_err(|error| {
        ConfigError::of(format!(
            "{path:?} cannot be read: write the path of a file, an address that starts with https://, or the name of a source: {error}"
        ))
    })?;
    // As much of it as of a document of the web.
    let mut ends = HeadTailBuffer::default();
    let mut file = BufReader::new(file.take(READ_BYTES_MAX));
    loop {
        let piece = file.fill_buf().with_context(|| format!("{path:?} cannot be read"))?;
        let length = piece.len();
        if length == 0 {
            break;
        }
        ends.push(piece);
        file.consume(length);
    }
    let is_whole = ends.total() < READ_BYTES_MAX;
    let (bytes, cut) = ends.finish(is_whole);
    Ok(Input { bytes, cut, content_type: None, url: None })
}
