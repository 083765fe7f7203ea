//! The input of extraction: the bytes of one response, and what is known about them.

use super::charset;
use crate::domain::PageRules;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use url::Url;

/// The largest document that is read, in bytes; the rest is ignored.
pub const BODY_BYTES_MAX: usize = 5 * 1024 * 1024;

/// A document to extract from.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The bytes of the document; those beyond [`BODY_BYTES_MAX`] are ignored.
    pub bytes: &'a [u8],
    /// Where a part of the bytes is missing: what follows is the end of the document.
    pub seam: Option<usize>,
    /// The `Content-Type` header of the response.
    pub content_type: Option<&'a str>,
    /// The address that relative links start from.
    pub url: Option<&'a Url>,
    /// The time zone of the dates.
    pub zone: Tz,
    /// When the document was fetched.
    pub now: DateTime<Utc>,
    /// The page rules of the source.
    pub page_rules: &'a PageRules,
}

impl Document<'_> {
    /// Returns the decoded text, with [`charset::SEAM`] at a gap.
    pub(super) fn text(&self) -> String {
        let bytes = &self.bytes[..self.bytes.len().min(BODY_BYTES_MAX)];
        match self.seam.filter(|seam| *seam < bytes.len()) {
            Some(seam) => charset::decode_in_parts(bytes, seam, self.content_type),
            None => charset::decode(bytes, self.content_type),
        }
    }

    /// Returns the day of the poll in the zone of the source.
    pub(super) fn today_on(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }
}
