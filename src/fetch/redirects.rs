//! Redirects: where they lead, and the cookies that are set on the way.
//!
//! Guarantees: the number of steps is limited. No request is repeated, so that a loop ends at once,
//! unless a new cookie makes it another request. A cookie goes to the site that set it, and lives
//! no longer than the chain.

use super::Failure;
use crate::domain::PollStatus;
use crate::domain::web_url::{is_http, without_www};
use cookie_store::{CookieStore, RawCookie};
use reqwest::{
    Response,
    header::{self, HeaderMap, HeaderValue},
};
use url::Url;

/// Steps after the first request: to https, to the right host, past a wall that asks for cookies or
/// a language, and back.
const STEPS_MAX: usize = 10;
/// Cookies that are accepted in one chain.
const COOKIES_MAX: usize = 50;

/// A chain of redirects.
#[derive(Debug)]
pub(super) struct RedirectChain {
    /// The address of the next request.
    pub url: Url,
    cookies: CookieStore,
    taken: usize,
    /// The requests so far: the address, with the cookies that were sent.
    asked: Vec<(Url, Option<HeaderValue>)>,
}

impl RedirectChain {
    pub(super) fn new(url: Url) -> Self {
        RedirectChain { url, cookies: CookieStore::default(), taken: 0, asked: Vec::new() }
    }

    /// Returns the cookies for the next request, which counts as made from now on.
    pub(super) fn step(&mut self) -> Result<Option<HeaderValue>, Failure> {
        let question = (self.url.clone(), self.cookies_for(&self.url));
        if self.asked.contains(&question) {
            return Err(broken("the server redirects in circles"));
        }
        if self.asked.len() > STEPS_MAX {
            return Err(broken("the server redirects too often"));
        }
        self.asked.push(question.clone());
        Ok(question.1)
    }

    /// Stores the cookies of a response, and follows its redirect. Returns `false` if it has none.
    pub(super) fn follow(&mut self, response: &Response) -> Result<bool, Failure> {
        self.take_cookies(response.headers());
        if !matches!(response.status().as_u16(), 300 | 301 | 302 | 303 | 307 | 308) {
            return Ok(false);
        }
        let location = response.headers().get(header::LOCATION);
        match location.and_then(|location| resolve(&self.url, location.as_bytes())) {
            Some(next) => {
                self.url = next;
                Ok(true)
            }
            // Several addresses to choose from, and none is named.
            None if response.status().as_u16() == 300 => Ok(false),
            None => Err(broken("the server redirects to nowhere")),
        }
    }

    /// Follows the redirect of a document. Returns `false` if it leads to itself, to be read again:
    /// then it is the document.
    pub(super) fn refresh(&mut self, next: Url) -> bool {
        let question = (next.clone(), self.cookies_for(&next));
        let is_new = !self.asked.contains(&question);
        if is_new {
            self.url = next;
        }
        is_new
    }

    fn take_cookies(&mut self, headers: &HeaderMap) {
        let Some(host) = self.url.host_str().map(str::to_owned) else {
            return;
        };
        for line in headers.get_all(header::SET_COOKIE) {
            let text = std::str::from_utf8(line.as_bytes()).ok();
            let Some(mut cookie) = text.and_then(|text| RawCookie::parse(text).ok()) else {
                continue;
            };
            // A host may share cookies with its subdomains. Above it may be a whole country.
            let domain =
                cookie.domain().map(|domain| domain.trim_start_matches('.').to_lowercase());
            if domain.is_some_and(|domain| domain != without_www(&host)) {
                cookie.unset_domain();
            }
            if self.taken < COOKIES_MAX {
                self.taken += 1;
                // An invalid cookie is ignored.
                let _ = self.cookies.insert_raw(&cookie, &self.url);
            }
        }
    }

    fn cookies_for(&self, url: &Url) -> Option<HeaderValue> {
        let mut pairs: Vec<String> = self
            .cookies
            .get_request_values(url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.sort();
        HeaderValue::from_str(&pairs.join("; ")).ok().filter(|_| !pairs.is_empty())
    }
}

/// Resolves an address as a server wrote it: some write what no header should contain.
pub(super) fn resolve(base: &Url, written: &[u8]) -> Option<Url> {
    let written = match std::str::from_utf8(written) {
        Ok(text) => text.to_owned(),
        // In another encoding: the server recognizes its own bytes.
        Err(_) => written
            .iter()
            .map(|byte| match byte {
                0x20..0x7f => char::from(*byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect(),
    };
    let mut url = base.join(written.trim()).ok()?;
    url.set_fragment(None);
    is_http(&url).then_some(url)
}

fn broken(note: &str) -> Failure {
    Failure { reason: PollStatus::Broken, note: note.to_owned(), retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn cookies(lines: &[&str]) -> HeaderMap {
        lines
            .iter()
            .map(|line| (header::SET_COOKIE, HeaderValue::from_str(line).unwrap()))
            .collect()
    }

    #[test]
    fn an_address_is_read_as_it_is_meant() {
        let base = url("https://e.example/news/list?page=1#top");
        let cases: [(&[u8], &str); 12] = [
            (b"/other", "https://e.example/other"),
            (b"other", "https://e.example/news/other"),
            (b"?page=2", "https://e.example/news/list?page=2"),
            (b"//cdn.example/x", "https://cdn.example/x"),
            (b"HTTPS://E.EXAMPLE/A", "https://e.example/A"),
            (b"http:/other", "http://other/"),
            (b"/a b", "https://e.example/a%20b"),
            (b"  /a\t", "https://e.example/a"),
            (b"/a#part", "https://e.example/a"),
            ("/новости".as_bytes(), "https://e.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
            (b"/\xed\xee\xe2", "https://e.example/%ED%EE%E2"),
            (b"", "https://e.example/news/list?page=1"),
        ];
        for (written, expected) in cases {
            let found = resolve(&base, written).map(String::from);
            assert_eq!(found.as_deref(), Some(expected), "{}", String::from_utf8_lossy(written));
        }
        for nowhere in
            ["mailto:a@b", "javascript:alert(1)", "http://", "data:,x", "file:///etc/passwd"]
        {
            assert_eq!(resolve(&base, nowhere.as_bytes()), None, "{nowhere}");
        }
    }

    #[test]
    fn a_circle_ends_unless_a_cookie_makes_it_another_question() {
        let mut way = RedirectChain::new(url("https://e.example/a"));
        assert_eq!(way.step().unwrap(), None);
        assert!(way.step().is_err(), "the same again");
        way.take_cookies(&cookies(&["seen=1"]));
        assert_eq!(way.step().unwrap().unwrap(), "seen=1");
        way.take_cookies(&cookies(&["seen=1"]));
        assert!(way.step().is_err(), "the same cookie again");
        for n in 0..STEPS_MAX {
            way.url = url(&format!("https://e.example/{n}"));
            assert_eq!(way.step().is_ok(), n < STEPS_MAX - 1, "{n}");
        }
    }

    #[test]
    fn a_cookie_goes_to_the_site_that_gave_it_out_and_nowhere_else() {
        let mut way = RedirectChain::new(url("https://www.ministry.gov.example/a/b"));
        way.take_cookies(&cookies(&[
            "host=1",
            "site=1; Domain=ministry.gov.example",
            "dotted=1; Domain=.ministry.gov.example; Path=/",
            "country=1; Domain=gov.example; Path=/",
            "stranger=1; Domain=other.example; Path=/",
            "deep=1; Path=/a",
            "elsewhere=1; Path=/c",
            "secure=1; Secure; Path=/",
            "old=1; Max-Age=0; Path=/",
            "nonsense",
        ]));
        let cases = [
            (
                "https://www.ministry.gov.example/a/c",
                "country=1; deep=1; dotted=1; host=1; secure=1; site=1; stranger=1",
            ),
            ("http://www.ministry.gov.example/", "country=1; dotted=1; stranger=1"),
            ("https://ministry.gov.example/", "dotted=1"),
            ("https://cdn.ministry.gov.example/", "dotted=1"),
            ("https://other.gov.example/", ""),
            ("https://other.example/", ""),
            ("https://www.ministry.gov.example.evil.example/", ""),
        ];
        for (address, expected) in cases {
            let found = way.cookies_for(&url(address));
            let found = found.as_ref().map_or("", |value| value.to_str().unwrap());
            assert_eq!(found, expected, "{address}");
        }
    }

    #[test]
    fn a_page_that_reads_itself_again_is_the_page() {
        let mut way = RedirectChain::new(url("https://e.example/a"));
        way.step().unwrap();
        assert!(!way.refresh(url("https://e.example/a")));
        assert!(way.refresh(url("https://e.example/b")));
        assert_eq!(way.url.path(), "/b");
    }
}
