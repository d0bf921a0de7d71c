//! What a request tells about where it comes from: this machine or another, a browser or a program, over TLS or not.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{self, HeaderName};

use crate::ApiConfig;
use crate::guard::{host_of, is_browser, is_loopback_host};
use crate::net::Connection;

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_PREFIX: &str = "x-forwarded-";
const FORWARDING: [&str; 4] = ["forwarded", "x-real-ip", "via", "cf-connecting-ip"];

/// Whether this is a local request in the sense of SECURITY.md: from this machine, to this machine, forwarded by nobody,
/// by a process of ours.
pub(crate) fn is_local(headers: &HeaderMap, connection: &Connection) -> bool {
    connection.peer.ip().is_loopback()
        && host_of(headers).is_some_and(is_loopback_host)
        && !is_forwarded(headers)
        && connection.peer_is_ours()
}

/// Whether open mode may serve this: local, and no browser.
pub(crate) fn is_local_program(headers: &HeaderMap, connection: &Connection) -> bool {
    !is_browser(headers) && is_local(headers, connection)
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    headers
        .keys()
        .any(|name| name.as_str().starts_with(X_FORWARDED_PREFIX) || FORWARDING.contains(&name.as_str()))
}

/// `http` or `https` as the client sees it; a proxy's word counts only if it is trusted (SECURITY.md B5). The proxy nearest
/// to us writes last.
pub(crate) fn scheme(headers: &HeaderMap, connection: &Connection, config: &ApiConfig) -> &'static str {
    if !is_trusted(connection.peer.ip(), config) {
        return "http";
    }
    let told = headers.get_all(X_FORWARDED_PROTO).iter().next_back().and_then(|value| value.to_str().ok());
    match told.and_then(|told| told.rsplit(',').next()).map(str::trim) {
        Some(last) if last.eq_ignore_ascii_case("https") => "https",
        _ => "http",
    }
}

fn is_trusted(ip: IpAddr, config: &ApiConfig) -> bool {
    config.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == ip)
}

/// The value of a cookie, the first of that name.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (own, value) = pair.trim().split_once('=')?;
        (own == name).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::HeaderValue;

    use super::*;

    fn connection(peer: &str) -> Arc<Connection> {
        Connection::new(peer.parse().unwrap(), "127.0.0.1:8689".parse().unwrap())
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_request_is_local_only_if_nothing_speaks_against_it() {
        let here = connection("127.0.0.1:40000");
        assert!(is_local(&headers(&[("host", "localhost:8689")]), &here));
        assert!(is_local(&headers(&[("host", "[::1]:8689")]), &connection("[::1]:40000")));
        assert!(!is_local(&headers(&[("host", "localhost")]), &connection("10.0.0.9:40000")));
        assert!(!is_local(&headers(&[("host", "pilot.example")]), &here));
        for forwarded in
            ["forwarded", "x-forwarded-for", "x-forwarded-anything", "x-real-ip", "via", "cf-connecting-ip"]
        {
            assert!(
                !is_local(&headers(&[("host", "localhost"), (forwarded, "127.0.0.1")]), &here),
                "{forwarded}"
            );
        }
    }

    #[test]
    fn a_scheme_is_believed_from_a_trusted_proxy_only_and_the_nearest_wins() {
        let config = ApiConfig { trusted_proxies: vec![[10, 0, 0, 1].into()], ..ApiConfig::default() };
        let said = headers(&[("x-forwarded-proto", "http, https")]);
        assert_eq!(scheme(&said, &connection("10.0.0.1:1"), &config), "https");
        assert_eq!(scheme(&said, &connection("10.0.0.2:1"), &config), "http");
        let said = headers(&[("x-forwarded-proto", "https, http")]);
        assert_eq!(scheme(&said, &connection("10.0.0.1:1"), &config), "http");
    }

    #[test]
    fn cookies_are_found_by_their_exact_name() {
        let headers =
            headers(&[("cookie", "a=1; xpilotdeck_session=no"), ("cookie", "pilotdeck_session=yes=")]);
        assert_eq!(cookie(&headers, "pilotdeck_session"), Some("yes="));
        assert_eq!(cookie(&headers, "b"), None);
    }
}
