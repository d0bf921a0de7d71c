//! Which names a request may call us by (SECURITY.md W1). A page of another site can make its own name resolve to this
//! machine, so the name is what tells its requests from ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::{HeaderMap, Uri, header};
use pilotdeck_wire::Code;

use crate::ApiConfig;
use crate::answer::Failure;

/// The names this server answers to.
#[derive(Debug)]
pub(crate) struct Hosts {
    names: Vec<String>,
    any_address: bool,
}

impl Hosts {
    pub(crate) fn new(config: &ApiConfig) -> Hosts {
        let mut names: Vec<String> =
            config.allowed_hosts.iter().map(|name| name.to_ascii_lowercase()).collect();
        if config.is_wide() {
            names.extend(machine_name());
        }
        Hosts { names, any_address: config.is_wide() }
    }

    /// Fails unless the request names us, once.
    pub(super) fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Failure> {
        let host = host_of(headers).ok_or_else(|| {
            Failure::new(Code::BadRequest, "A request needs exactly one Host header, in plain characters")
        })?;
        let other_authority =
            uri.authority().is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(host));
        if other_authority || !self.allows(host) {
            return Err(Failure::new(
                Code::HostNotAllowed,
                "This Host is not allowed: use localhost, or list the name in PM_ALLOWED_HOSTS",
            ));
        }
        Ok(())
    }

    fn allows(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else { return false };
        match name {
            Name::Text(text) => {
                is_localhost(text) || self.names.iter().any(|own| own.eq_ignore_ascii_case(text))
            }
            Name::Address(ip) => {
                ip.is_loopback() || (self.any_address && !ip.is_unspecified()) || self.lists(host)
            }
        }
    }

    /// An address can also be listed by hand.
    fn lists(&self, host: &str) -> bool {
        let without_port = match host.rfind(':') {
            Some(colon) if !host.ends_with(']') => &host[..colon],
            _ => host,
        };
        self.names.iter().any(|own| own.eq_ignore_ascii_case(without_port))
    }
}

/// The one `Host` header; none when it is missing, repeated or not plain text.
pub(crate) fn host_of(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() { None } else { host.to_str().ok() }
}

/// Whether this `Host` says "this machine".
pub(crate) fn is_loopback_host(host: &str) -> bool {
    match name_of(host) {
        Some(Name::Text(text)) => is_localhost(text),
        Some(Name::Address(ip)) => ip.is_loopback(),
        None => false,
    }
}

enum Name<'a> {
    Text(&'a str),
    Address(IpAddr),
}

/// The name in a `Host`, any port cut off. Addresses only in their one plain spelling: `2130706433` is a name.
fn name_of(host: &str) -> Option<Name<'_>> {
    if let Some(rest) = host.strip_prefix('[') {
        let (inside, port) = rest.split_once(']')?;
        if !port.is_empty() && !is_port(port.strip_prefix(':')?) {
            return None;
        }
        return inside.parse::<Ipv6Addr>().ok().map(|ip| Name::Address(IpAddr::V6(ip).to_canonical()));
    }
    let name = match host.split_once(':') {
        Some((name, port)) if is_port(port) => name,
        Some(_) => return None,
        None => host,
    };
    match name.parse::<Ipv4Addr>() {
        Ok(ip) => Some(Name::Address(ip.into())),
        Err(_) => Some(Name::Text(name)),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
}

/// What this machine calls itself, where that can be known without asking the network. Elsewhere: `PM_ALLOWED_HOSTS`.
fn machine_name() -> Option<String> {
    let name = if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/sys/kernel/hostname").ok()
    } else if cfg!(windows) {
        std::env::var("COMPUTERNAME").ok()
    } else {
        None
    };
    name.map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(host: IpAddr, allowed: &[&str]) -> Hosts {
        let allowed_hosts = allowed.iter().map(|name| (*name).to_owned()).collect();
        Hosts::new(&ApiConfig { host, allowed_hosts, ..ApiConfig::default() })
    }

    #[test]
    fn only_names_of_this_machine_are_ours() {
        let narrow = hosts(Ipv4Addr::LOCALHOST.into(), &["pilot.example"]);
        for host in [
            "localhost",
            "localhost:1",
            "LOCALHOST:8689",
            "127.0.0.1",
            "127.9.9.9:80",
            "[::1]:8689",
            "[::1]",
            "Pilot.Example:443",
        ] {
            assert!(narrow.allows(host), "{host}");
        }
        for host in [
            "",
            ":",
            "localhost.",
            "localhost:",
            "localhost:x",
            "localhost:+1",
            "localhost:99999",
            "0.0.0.0:8689",
            "[::]",
            "[::ffff:0.0.0.0]",
            "127.0.0.1.evil.example",
            "evil.example:8689",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.1",
            "[::1",
            "[::1]8689",
            "::1",
            "192.168.1.5",
            "localhost@evil.example",
            "localhost/",
            "127.0.0.1:80:80",
        ] {
            assert!(!narrow.allows(host), "{host}");
        }
    }

    #[test]
    fn a_wider_server_answers_to_any_real_address() {
        let wide = hosts(Ipv4Addr::UNSPECIFIED.into(), &[]);
        assert!(wide.allows("192.168.1.5:8689") && wide.allows("[fd00::5]:8689"));
        assert!(!wide.allows("0.0.0.0:8689") && !wide.allows("[::]") && !wide.allows("evil.example"));
    }
}
