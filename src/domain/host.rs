//! The `Host` header of requests to servers on this machine: a guard against DNS rebinding.
//!
//! DNS rebinding: an attacker's domain resolves to this machine, so that a page in a local browser
//! can read loopback servers. The browser still sends the attacker's name as `Host`.

use std::net::IpAddr;

/// Whether a `Host` header names this machine: `localhost`, `127.0.0.1:7788`, `[::1]`. The port is
/// not checked, since a tunnel may lead from another one.
pub fn is_this_machine(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, rest)) => match (inside.parse::<IpAddr>(), rest.strip_prefix(':')) {
            (Ok(IpAddr::V6(address)), Some(port)) => return address.is_loopback() && is_port(port),
            (Ok(IpAddr::V6(address)), None) => return address.is_loopback() && rest.is_empty(),
            _ => return false,
        },
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    let is_named = match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => name.strip_suffix('.').unwrap_or(name).eq_ignore_ascii_case("localhost"),
    };
    is_named && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_accepted() {
        for own in [
            "localhost",
            "LocalHost:7788",
            "localhost.",
            "127.0.0.1",
            "127.0.0.1:7788",
            "127.9.9.9:1",
            "[::1]",
            "[::1]:7788",
            "[0:0:0:0:0:0:0:1]",
        ] {
            assert!(is_this_machine(own), "{own}");
        }
        for other in [
            "",
            ":",
            ":7788",
            "evil.example",
            "evil.example:7788",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1.nip.io:7788",
            "evil.localhost.example",
            "a@localhost",
            "localhost@evil.example",
            "localhost:evil",
            "localhost:99999",
            "localhost:",
            "localhost:7788:1",
            "0.0.0.0:7788",
            "10.0.0.1",
            "[::2]",
            "[::1",
            "[::1]evil.example",
            "[::1]:evil",
            "[127.0.0.1]",
            "::1",
            "127.1",
            "2130706433",
            "localhost/",
            " localhost",
        ] {
            assert!(!is_this_machine(other), "{other}");
        }
    }
}
