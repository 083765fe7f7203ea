//! The HTTP client: one request with all that goes with it.
//!
//! Promises: see `web`. A failure is sorted by its cause, and says it in words.

use super::{
    Body, Failure, Fetched, GivenBy, Request, Web,
    manners::{self, AGENT, Hosts, text},
    reach::{self, PublicOnly, REFUSED},
};
use crate::{domain::Reason, extract::BODY_BYTES_MAX};
use reqwest::{
    Client, ClientBuilder, Response, StatusCode,
    header::{self, HeaderMap, HeaderValue},
    redirect::Policy,
};
use robotxt::Robots;
use std::{error::Error as _, sync::Arc, time::Duration};
use url::Url;

/// From the first packet to the last byte of the body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REDIRECTS_MAX: usize = 5;
/// What is read of a robots.txt, as RFC 9309 asks.
const ROBOTS_BYTES_MAX: usize = 500 * 1024;
const ACCEPT: &str = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,\
    application/feed+json,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5";

/// Who is to be taken to have given an address to which another one leads. The operator's word is for
/// his own: a site outside that sends its readers on to another host must not send them inside.
fn trust(given_by: GivenBy, first: &Url, next: &Url) -> GivenBy {
    let name = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    let is_own = name(first) == name(next) && (first.port() == next.port());
    // His own network is his own.
    let is_inside =
        !reach::admits(first) || first.host_str().is_some_and(|host| !host.contains('.'));
    if is_own || is_inside { given_by } else { GivenBy::User }
}

/// The door that leads to the real web.
#[derive(Clone, Debug)]
pub struct HttpWeb {
    trusting: Client,
    wary: Client,
    hosts: Hosts,
}

impl HttpWeb {
    /// Opens it. `contact` is told to the servers, so that whoever runs them can complain.
    ///
    /// # Errors
    /// When the system has no usable TLS set-up.
    pub fn new(contact: Option<&str>) -> reqwest::Result<Self> {
        Ok(HttpWeb {
            trusting: builder(contact).build()?,
            // A proxy would resolve names itself.
            wary: builder(contact).dns_resolver(Arc::new(PublicOnly)).no_proxy().build()?,
            hosts: Hosts::default(),
        })
    }

    async fn get(&self, request: &Request) -> Result<Fetched, Failure> {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (header::IF_NONE_MATCH, &request.etag),
            (header::IF_MODIFIED_SINCE, &request.last_modified),
        ] {
            // What came in a header goes into one.
            let value = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok());
            headers.extend(value.map(|value| (name, value)));
        }
        let mut url = request.url.clone();
        let mut redirects = 0;
        let (response, crawl_delay) = loop {
            let given_by = trust(request.given_by, &request.url, &url);
            // Each host that the way leads to is asked, and has its turn.
            let crawl_delay = match request.heeds_robots {
                true => self.permission(given_by, &url).await?,
                false => None,
            };
            self.hosts.turn(&url, crawl_delay).await;
            let response = self.hop(given_by, &url, headers.clone()).await?;
            match next(&response, &mut redirects)? {
                Some(next) => url = next,
                None => break (response, crawl_delay),
            }
        };
        let status = response.status();
        let fresh_for = manners::fresh_for(response.headers()).max(crawl_delay);
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged(fresh_for));
        }
        if !status.is_success() {
            return Err(status_failure(&response));
        }
        let body = body(response, fresh_for).await?;
        Ok(Fetched::Body(Box::new(body)))
    }

    /// One request, which follows no redirect: by numbers in an address no resolver is asked, so each
    /// is looked at here.
    async fn hop(
        &self,
        given_by: GivenBy,
        url: &Url,
        headers: HeaderMap,
    ) -> Result<Response, Failure> {
        let client = match given_by {
            GivenBy::Operator => &self.trusting,
            GivenBy::User if reach::admits(url) => &self.wary,
            GivenBy::User => return Err(refusal()),
        };
        client.get(url.clone()).headers(headers).send().await.map_err(failure)
    }

    /// Whether robots.txt lets an address be read, and how far apart requests are to be.
    async fn permission(&self, given_by: GivenBy, url: &Url) -> Result<Option<Duration>, Failure> {
        let asking = self.hosts.asking(url);
        let turn = asking.lock().await;
        let robots = match self.hosts.robots(url) {
            Some(robots) => robots,
            None => {
                let robots = Arc::new(self.robots(given_by, url).await?);
                self.hosts.keep(url, &robots);
                robots
            }
        };
        drop(turn);
        if robots.is_url_allowed(url) {
            return Ok(robots.crawl_delay());
        }
        Err(Failure {
            reason: Reason::Robots,
            note:
                "the site's robots.txt asks programs not to read this address: watch another page, \
                or, if the site is yours, set robots = false for the source"
                    .to_owned(),
            retry_after: None,
        })
    }

    /// Asks a host for its rules. A server that says it has none allows everything; one that cannot
    /// answer now is not to be bothered, as RFC 9309 has it.
    async fn robots(&self, given_by: GivenBy, url: &Url) -> Result<Robots, Failure> {
        let Ok(mut address) = url.join("/robots.txt") else {
            return Ok(Robots::allow_all());
        };
        // Another trouble would meet the page itself as well.
        let in_robots = |mut failure: Failure| {
            if failure.reason == Reason::HttpStatus {
                failure.note = format!("{} when asked for robots.txt", failure.note);
            }
            failure
        };
        let mut redirects = 0;
        let mut response = loop {
            let given_by = trust(given_by, url, &address);
            let response = self.hop(given_by, &address, HeaderMap::new()).await?;
            match next(&response, &mut redirects)? {
                Some(next) => address = next,
                None => break response,
            }
        };
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(in_robots(status_failure(&response)));
        }
        if !status.is_success() {
            return Ok(Robots::allow_all());
        }
        let mut bytes = Vec::new();
        while bytes.len() < ROBOTS_BYTES_MAX
            && let Some(chunk) = response.chunk().await.map_err(failure)?
        {
            bytes.extend_from_slice(&chunk);
        }
        bytes.truncate(ROBOTS_BYTES_MAX);
        Ok(Robots::parse(&bytes, AGENT))
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
    let contact = contact.map(|contact| format!(" (+{contact})")).unwrap_or_default();
    Client::builder()
        .user_agent(format!("{AGENT}/{}{contact}", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .timeout(READ_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::none())
}

/// Where a server leads to instead of answering, if it does; too often is a failure.
fn next(response: &Response, redirects: &mut usize) -> Result<Option<Url>, Failure> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let broken =
        |note: &str| Failure { reason: Reason::Broken, note: note.to_owned(), retry_after: None };
    *redirects += 1;
    if *redirects > REDIRECTS_MAX {
        return Err(broken("the server redirects in circles"));
    }
    // Some servers write letters there that no header should hold.
    let location = response.headers().get(header::LOCATION).map(HeaderValue::as_bytes);
    let location = location.and_then(|bytes| std::str::from_utf8(bytes).ok());
    let url = location.and_then(|location| response.url().join(location).ok());
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
        .map(Some)
        .ok_or_else(|| broken("the server redirects to nowhere"))
}

async fn body(mut response: Response, fresh_for: Option<Duration>) -> Result<Body, Failure> {
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
        content_type: text(response.headers(), header::CONTENT_TYPE),
        url: response.url().clone(),
        etag: text(response.headers(), header::ETAG),
        last_modified: text(response.headers(), header::LAST_MODIFIED),
        fresh_for,
    })
}

fn status_failure(response: &Response) -> Failure {
    Failure {
        reason: Reason::HttpStatus,
        note: format!("the server answered {}", response.status()),
        retry_after: manners::retry_after(response.headers()),
    }
}

fn refusal() -> Failure {
    Failure { reason: Reason::Refused, note: REFUSED.to_owned(), retry_after: None }
}

/// Sorts an error of the client by its cause.
fn failure(error: reqwest::Error) -> Failure {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    let says = |words: &[&str]| {
        causes.iter().any(|cause| words.iter().any(|word| cause.to_lowercase().contains(word)))
    };
    if says(&[REFUSED]) {
        return refusal();
    }
    let (reason, what) = if error.is_timeout() {
        (Reason::Timeout, "no whole answer came in time")
    } else if says(&["dns error"]) {
        (Reason::Dns, "the host's name cannot be resolved")
    } else if says(&["certificate", "tls", "handshake"]) {
        (Reason::Tls, "the secure connection failed")
    } else if error.is_connect() {
        (Reason::Connect, "the server cannot be reached")
    } else {
        (Reason::Broken, "the connection broke")
    };
    let note = match causes.last() {
        Some(cause) => format!("{what} ({cause})"),
        None => what.to_owned(),
    };
    Failure { reason, note, retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operators_word_is_for_his_own_servers() {
        let of = |first: &str, next: &str| {
            trust(GivenBy::Operator, &first.parse().unwrap(), &next.parse().unwrap())
        };
        let page = "http://lights.example/news";
        for own in ["https://lights.example/", "https://www.lights.example/news/2"] {
            assert_eq!(of(page, own), GivenBy::Operator, "{own}");
        }
        for other in [
            "http://10.0.0.1/",
            "http://intranet/",
            "https://other.example/",
            "http://lights.example:8080/",
            "http://lights.example.evil.example/",
        ] {
            assert_eq!(of(page, other), GivenBy::User, "{other}");
        }
        // Whoever watches his own network goes about in it.
        for inside in ["http://127.0.0.1:8000/", "http://intranet/news", "http://[::1]/"] {
            assert_eq!(of(inside, "http://10.0.0.1/"), GivenBy::Operator, "{inside}");
        }
        let user = trust(GivenBy::User, &page.parse().unwrap(), &page.parse().unwrap());
        assert_eq!(user, GivenBy::User);
    }
}
