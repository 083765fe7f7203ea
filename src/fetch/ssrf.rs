//! The SSRF guard: which addresses may be connected to, unless the operator named them.
//!
//! Guarantees: only the public internet, and networks that the operator allows. Names are judged
//! after they are resolved, by the addresses that are connected to, so that no second response of a
//! name server can differ.
//! Out of scope: who named an address (`provenance`).

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use url::{Host, Url};

/// The messages of refusals, for addresses that a source names and for those of users; `http`
/// recognizes them by these words.
pub(super) const REFUSED_FOR_SOURCE: &str = "the address leads inside a network, not to the public internet: \
    if it is meant to, write the network into web.allowed_networks";
pub(super) const REFUSED_FOR_USER: &str = "the address leads inside a network, not to the public internet: \
    addresses that users give are not read there, only what you write as the url of a source";
/// The usual ports of public web servers.
const PORTS: [u16; 2] = [80, 443];

/// What the operator allows beyond the public internet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchPolicy {
    /// Networks that the pages of configured sources may lead to. Addresses of users never do.
    pub networks: Vec<IpNet>,
    /// Ports besides 80 and 443 that addresses of users may have.
    pub ports: Vec<u16>,
}

impl FetchPolicy {
    /// Whether an address that a source names may be connected to. A name is judged when it is
    /// resolved.
    pub(super) fn allows(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(ip)) => self.allows_ip(ip.into()),
            Some(Host::Ipv6(ip)) => self.allows_ip(ip.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        }
    }

    /// Whether an address of a user, or one that it leads to, may be connected to.
    pub(super) fn allows_for_user(&self, url: &Url) -> bool {
        self.allows_port(url) && FetchPolicy::default().allows(url)
    }

    /// Whether an address of a user has an allowed port.
    pub(super) fn allows_port(&self, url: &Url) -> bool {
        let is_port = |port| PORTS.contains(&port) || self.ports.contains(&port);
        url.port_or_known_default().is_some_and(is_port)
    }

    fn allows_ip(&self, ip: IpAddr) -> bool {
        // An IPv4 address embedded in IPv6 is in the network of the IPv4 address.
        let ip = ip.to_canonical();
        is_public(ip) || self.networks.iter().any(|network| network.contains(&ip))
    }
}

/// Resolves names, and keeps the addresses that may be connected to.
#[derive(Debug)]
pub(super) struct GuardedResolver {
    /// What may be connected to.
    pub reach: FetchPolicy,
    /// The message if none of the addresses of a name may be.
    pub refused: &'static str,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, refused) = (self.reach.clone(), self.refused);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> =
                found.filter(|found| reach.allows_ip(found.ip())).collect();
            if admitted.is_empty() {
                return Err(io::Error::other(refused).into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is on the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_for_protocols = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
    // Internal to one cloud provider.
    let is_for_guests = ip == Ipv4Addr::new(168, 63, 129, 16);
    let is_for_trials = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || is_shared
        || is_for_protocols
        || is_for_guests
        || is_for_trials)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match s {
        // An IPv4 address embedded in IPv6: mapped, translated (NAT64), 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(v4(high, low))
        }
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Teredo and other protocol assignments, documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x3fff, ..] => false,
        // The part of IPv6 that is assigned to the public so far.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_allowed_embedded_ones_included() {
        let refused = [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0.0.0.0/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/",
            "http://198.18.0.1/",
            "http://168.63.129.16/machine",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:a00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001::1]/",
            "http://[2001:db8::1]/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
            "http://[ff02::1]/",
        ];
        for url in refused {
            let url = url.parse().unwrap();
            let reach = FetchPolicy::default();
            assert!(!reach.allows(&url) && !reach.allows_for_user(&url), "{url}");
        }
        for url in ["http://1.1.1.1/", "http://[2606:4700::1111]/", "http://[::ffff:1.1.1.1]/"] {
            let url = url.parse().unwrap();
            let reach = FetchPolicy::default();
            assert!(reach.allows(&url) && reach.allows_for_user(&url), "{url}");
        }
    }

    #[test]
    fn an_allowed_network_is_for_sources_and_an_allowed_port_for_users() {
        let networks = ["10.1.0.0/16", "fd00::/8", "127.0.0.1/32"];
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        let reach = FetchPolicy { networks, ports: vec![8080] };
        for (url, is_admitted, is_of_user) in [
            ("http://10.1.2.3/", true, false),
            ("http://10.1.2.3:9000/", true, false),
            ("http://[::ffff:10.1.2.3]/", true, false),
            ("http://[fd00::1]/", true, false),
            ("http://127.0.0.1:8000/", true, false),
            ("http://127.0.0.2/", false, false),
            ("http://10.2.0.1/", false, false),
            ("http://1.1.1.1:8080/", true, true),
            ("http://1.1.1.1:22/", true, false),
            ("https://1.1.1.1/", true, true),
            ("https://public.example:8443/", true, false),
        ] {
            let parsed = url.parse().unwrap();
            let found = (reach.allows(&parsed), reach.allows_for_user(&parsed));
            assert_eq!(found, (is_admitted, is_of_user), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_resolves_to() {
        let names = |reach| GuardedResolver { reach, refused: REFUSED_FOR_SOURCE };
        let found = names(FetchPolicy::default()).resolve("localhost".parse().unwrap()).await;
        assert_eq!(found.map(drop).unwrap_err().to_string(), REFUSED_FOR_SOURCE);
        let networks = ["127.0.0.0/8", "::1/128"].map(|network| network.parse().unwrap()).to_vec();
        let allowed = names(FetchPolicy { networks, ports: Vec::new() });
        assert!(allowed.resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
