//! `/api/docs`: a page that reads `/api/openapi.json` and draws it. Its script and style come from here, nothing from elsewhere.

use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use pilotdeck_wire::Code;

use crate::answer::{Failure, INTERFACE_CSP};

/// `GET /api/docs`.
pub(crate) async fn page() -> Response {
    let mut response = text(include_str!("docs/docs.html"), "text/html; charset=utf-8");
    // The one page under /api that runs a script.
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, INTERFACE_CSP);
    response
}

/// `GET /api/docs/{file}`: its script and its style.
pub(crate) async fn file(Path(file): Path<String>) -> Response {
    match file.as_str() {
        "docs.js" => text(include_str!("docs/docs.js"), "text/javascript; charset=utf-8"),
        "docs.css" => text(include_str!("docs/docs.css"), "text/css; charset=utf-8"),
        _ => Failure::new(Code::NotFound, "There is nothing at this address").into_response(),
    }
}

fn text(content: &'static str, content_type: &'static str) -> Response {
    let mut response = Response::new(Body::from(content));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
