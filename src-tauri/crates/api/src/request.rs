//! The other parts of a request: the id in its path, its query.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use pilotdeck_domain::Invalid;

use crate::answer::Failure;

/// The `{id}` of a path, percent-decoded once.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Id(id)),
            Err(_) => Err(Invalid::parameter("id", "The id in the path is not valid UTF-8").into()),
        }
    }
}

/// The names and values of a query, decoded, in order.
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Query(query.split('&').filter(|pair| !pair.is_empty()).map(decode_pair).collect()))
    }
}

pub(crate) fn decode_pair(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (decode(name), decode(value))
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_once() {
        assert_eq!(decode_pair("q=a+b%2Bc%2520"), ("q".into(), "a b+c%20".into()));
        assert_eq!(decode_pair("flag"), ("flag".into(), String::new()));
    }
}
