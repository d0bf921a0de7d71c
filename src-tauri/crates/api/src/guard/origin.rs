//! Which web pages may call (SECURITY.md W2, W3). Programs that are no browsers send none of these headers.

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};
use pilotdeck_wire::Code;

use super::host::host_of;
use crate::answer::Failure;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

const CORS_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const CORS_HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, authorization, x-pm-agent-token, x-pm-token, last-event-id");
const CORS_AGE: HeaderValue = HeaderValue::from_static("600");

/// Whether a browser sends this. Node's own `fetch` sends `Sec-Fetch-Mode`, which therefore says nothing.
pub(crate) fn is_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN)
        || headers.contains_key(SEC_FETCH_SITE)
        || headers.contains_key(SEC_FETCH_DEST)
}

/// Fails when the page that asks is not ours; gives its origin back when it is another's that is listed.
pub(super) fn check(
    headers: &HeaderMap,
    scheme: &str,
    allowed: &[String],
) -> Result<Option<HeaderValue>, Failure> {
    let origin = headers.get(header::ORIGIN);
    let site = headers.get(SEC_FETCH_SITE);
    if origin.is_none() && site.is_none() {
        return Ok(None);
    }
    if let Some(origin) = origin
        && has_one(headers, &header::ORIGIN)
        && allowed.iter().any(|listed| listed.as_bytes() == origin.as_bytes())
    {
        return Ok(Some(origin.clone()));
    }
    let ours = match (site, origin) {
        (Some(site), _) => {
            has_one(headers, &SEC_FETCH_SITE) && matches!(site.as_bytes(), b"same-origin" | b"none")
        }
        (None, Some(origin)) => has_one(headers, &header::ORIGIN) && is_own(origin, scheme, headers),
        (None, None) => true,
    };
    if ours {
        return Ok(None);
    }
    tracing::warn!("a page of another origin was refused");
    Err(Failure::new(
        Code::OriginNotAllowed,
        "Pages of this origin may not call: list it in PM_ALLOWED_ORIGINS",
    ))
}

fn has_one(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get_all(name).iter().nth(1).is_none()
}

fn is_own(origin: &HeaderValue, scheme: &str, headers: &HeaderMap) -> bool {
    let own = host_of(headers).zip(origin.to_str().ok());
    own.is_some_and(|(host, origin)| {
        origin
            .strip_prefix(scheme)
            .and_then(|rest| rest.strip_prefix("://"))
            .is_some_and(|authority| authority == host)
    })
}

/// Tells a listed origin's browser that it may read the answer, and, asked in advance, what it may send.
pub(super) fn add_cors(headers: &mut HeaderMap, origin: HeaderValue, preflight: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, CORS_METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, CORS_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, CORS_AGE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(pairs: &[(&'static str, &'static str)]) -> Result<bool, ()> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost:8689"));
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let allowed = ["https://team.example".to_owned()];
        check(&headers, "http", &allowed).map(|origin| origin.is_some()).map_err(|_| ())
    }

    #[test]
    fn only_our_own_pages_and_listed_origins_may_call() {
        assert_eq!(judge(&[]), Ok(false), "curl and agents");
        assert_eq!(judge(&[("sec-fetch-mode", "cors")]), Ok(false), "Node's fetch");
        assert_eq!(judge(&[("origin", "http://localhost:8689")]), Ok(false));
        assert_eq!(judge(&[("sec-fetch-site", "same-origin")]), Ok(false));
        assert_eq!(judge(&[("sec-fetch-site", "none")]), Ok(false));
        assert_eq!(judge(&[("origin", "https://team.example"), ("sec-fetch-site", "cross-site")]), Ok(true));
        for refused in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "http://localhost:3000")],
            &[("origin", "https://localhost:8689")],
            &[("origin", "http://localhost:8689.evil.example")],
            &[("origin", "http://localhost:8689"), ("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("origin", "http://localhost:8689"), ("origin", "https://evil.example")],
            &[("origin", "tauri://localhost")],
        ] {
            assert_eq!(judge(refused), Err(()), "{refused:?}");
        }
    }
}
