//! Provenance: who named an address, and so how far it is trusted.
//!
//! Guarantees: only a host of the operator is reached without the SSRF guard, and only from a
//! source of the operator. Whatever else a page, a feed, a redirect or a stored address names is
//! guarded, however long the chain that leads there. An address of a user stays guarded all the
//! way, also at a host of the operator.
//! Out of scope: what the guard allows (`ssrf`).

use crate::domain::web_url::without_www;
use crate::domain::{FeedUse, Origin, Source};
use std::sync::Arc;
use url::Url;

/// How an address may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// Anywhere: the operator named the host.
    Off,
    /// On the public internet, or in a network that the operator allows.
    Allowed,
    /// On the public internet, at the usual ports.
    Public,
}

/// An address with its provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: Url,
    /// The hosts that the operator named; empty for an address of a user.
    own: Arc<[Site]>,
}

/// A host for comparison: its name without `www.` and a final dot, and its port unless that is the
/// usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Site(String, Option<u16>);

impl Site {
    fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.trim_end_matches('.');
        Some(Site(without_www(host).to_owned(), url.port()))
    }
}

impl Address {
    /// Creates an address of the operator.
    pub fn of_operator(url: Url) -> Self {
        let own = Site::of(&url).into_iter().collect();
        Address { url, own }
    }

    /// Creates an address of a user.
    pub fn of_user(url: Url) -> Self {
        Address { url, own: Arc::default() }
    }

    /// Returns the address of a source. A feed that is configured for it is trusted like the page.
    pub fn of_source(source: &Source) -> Self {
        let url = source.url.clone();
        match (source.origin, &source.page_rules.feed) {
            (Origin::Chat, _) => Address::of_user(url),
            (Origin::Operator, FeedUse::Given(feed)) => {
                let own = [&url, feed].into_iter().filter_map(Site::of).collect();
                Address { url, own }
            }
            (Origin::Operator, _) => Address::of_operator(url),
        }
    }

    /// Returns an address that the document at this one names: in a link, a feed or a redirect.
    pub fn leads_to(&self, url: Url) -> Self {
        Address { url, own: Arc::clone(&self.own) }
    }

    /// Returns the address itself.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns how it may be reached.
    pub(super) fn guard(&self) -> Guard {
        if self.own.is_empty() {
            return Guard::Public;
        }
        match Site::of(&self.url).is_some_and(|site| self.own.contains(&site)) {
            true => Guard::Off,
            false => Guard::Allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn the_operators_word_is_for_their_own_hosts() {
        let page = Address::of_operator(url("http://lights.example/news"));
        assert_eq!(page.guard(), Guard::Off);
        for own in [
            "https://lights.example/",
            "https://www.lights.example/news/2",
            "http://lights.example./",
            "http://LIGHTS.example:80/",
        ] {
            assert_eq!(page.leads_to(url(own)).guard(), Guard::Off, "{own}");
        }
        for other in [
            "http://10.0.0.1/",
            "http://intranet/",
            "https://other.example/",
            "http://lights.example:8080/",
            "http://lights.example.evil.example/",
            "http://wwwlights.example/",
            "http://www.www.lights.example/",
            "http://lights.example@10.0.0.1/",
        ] {
            assert_eq!(page.leads_to(url(other)).guard(), Guard::Allowed, "{other}");
        }
        // A page in a private network leads no further into it by its content.
        let inside = Address::of_operator(url("http://127.0.0.1:8000/"));
        assert_eq!(inside.guard(), Guard::Off);
        let neighbour = inside.leads_to(url("http://127.0.0.1:9000/"));
        assert_eq!(neighbour.guard(), Guard::Allowed);
    }

    fn any_step() -> impl Strategy<Value = &'static str> {
        const HOSTS: [&str; 8] = [
            "http://own.example/a",
            "https://www.own.example/b",
            "http://own.example:81/",
            "http://other.example/",
            "http://localhost/",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://10.0.0.1:8080/",
        ];
        proptest::sample::select(&HOSTS[..])
    }

    proptest! {
        #[test]
        fn however_long_the_chain_only_the_operators_own_host_is_trusted(
            steps in proptest::collection::vec(any_step(), 0..12),
        ) {
            let mut address = Address::of_operator(url("http://own.example/"));
            for next in steps {
                address = address.leads_to(url(next));
                let is_own = matches!(next, "http://own.example/a" | "https://www.own.example/b");
                prop_assert_eq!(address.guard() == Guard::Off, is_own, "{}", next);
                prop_assert_ne!(address.guard(), Guard::Public);
            }
        }

        #[test]
        fn what_a_user_gave_is_public_or_not_reached_at_all(
            first in any_step(),
            steps in proptest::collection::vec(any_step(), 0..12),
        ) {
            let mut address = Address::of_user(url(first));
            prop_assert_eq!(address.guard(), Guard::Public);
            for next in steps {
                address = address.leads_to(url(next));
                prop_assert_eq!(address.guard(), Guard::Public, "{}", next);
            }
        }
    }
}
