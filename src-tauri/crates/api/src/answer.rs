//! How answers are made: JSON bodies, failures, and the headers all answers carry (SECURITY.md W7).

use std::fmt::Write;
use std::sync::LazyLock;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use pilotdeck_domain::Invalid;
use pilotdeck_services::Error;
use pilotdeck_wire::{Code, ErrorBody};
use serde::Serialize;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";
/// The policy of the interface and of the page of the API's description (SECURITY.md C2).
pub(crate) const INTERFACE_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     object-src 'none'",
);

/// The headers of all answers.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Puts the headers of all answers on one; what a handler has set stays.
pub(crate) fn add_headers(headers: &mut HeaderMap, under_api: bool) {
    headers.reserve(ALWAYS.len() + 2);
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let (policy, caching) =
        if under_api { (HeaderValue::from_static(API_CSP), "no-store") } else { (INTERFACE_CSP, "no-cache") };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(caching));
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(text) => with_json(status, text),
        Err(error) => {
            let failure = ErrorBody::internal(&error);
            with_json(StatusCode::INTERNAL_SERVER_ERROR, serde_json::to_vec(&failure).unwrap_or_default())
        }
    }
}

/// A JSON answer whose text is there already.
pub(crate) fn with_json(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// 200 with a JSON body.
pub(crate) fn ok(body: &impl Serialize) -> Response {
    json(StatusCode::OK, body)
}

/// 201 when something was made, else 200.
pub(crate) fn created_or_known(created: bool, body: &impl Serialize) -> Response {
    json(if created { StatusCode::CREATED } else { StatusCode::OK }, body)
}

/// A failure on its way out.
#[derive(Debug)]
pub(crate) struct Failure(Box<ErrorBody>);

/// What handlers return.
pub(crate) type Answer = Result<Response, Failure>;

impl Failure {
    pub(crate) fn new(code: Code, error: impl Into<String>) -> Failure {
        ErrorBody::new(code, error).into()
    }
}

impl From<ErrorBody> for Failure {
    fn from(body: ErrorBody) -> Failure {
        Failure(Box::new(body))
    }
}

impl From<Box<ErrorBody>> for Failure {
    fn from(body: Box<ErrorBody>) -> Failure {
        Failure(body)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        ErrorBody::from(error).into()
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Failure {
        ErrorBody::from(invalid).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json(status, &*self.0);
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Refusals that are written straight to the socket, where no request could be read.
static BARE_REFUSALS: LazyLock<Vec<(u16, Vec<u8>)>> = LazyLock::new(|| {
    [
        (Code::BadRequest, "This is not a valid HTTP request"),
        (Code::Timeout, "The head of the request came too slowly"),
        (Code::UriTooLong, "The address of the request is too long"),
        (Code::TooManyRequests, "Too many connections from this address"),
        (Code::HeadersTooLarge, "The headers of the request are too large"),
        (Code::Busy, "Too many connections: try again in a moment"),
    ]
    .into_iter()
    .map(|(code, text)| (code.status(), bare_text(&ErrorBody::new(code, text))))
    .collect()
});

/// The whole answer, head and body, for a status that is given before any request could be read.
pub(crate) fn bare_refusal(status: u16) -> &'static [u8] {
    let refusals = &*BARE_REFUSALS;
    refusals.iter().find(|(of, _)| *of == status).or(refusals.first()).map_or(&[], |(_, text)| text)
}

fn bare_text(body: &ErrorBody) -> Vec<u8> {
    let status = StatusCode::from_u16(body.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let json = serde_json::to_vec(body).unwrap_or_default();
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(json.len()));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if let Some(seconds) = body.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    add_headers(&mut headers, true);
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in &headers {
        // Writing into a String cannot fail.
        let _ = write!(head, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    [head.as_bytes(), b"\r\n", &json].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_refusal_is_a_whole_answer_in_json() {
        for status in [400, 408, 414, 429, 431, 503] {
            let text = std::str::from_utf8(bare_refusal(status)).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
            assert!(head.contains("x-content-type-options: nosniff"), "{head}");
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["success"], false);
        }
    }
}
