//! One request from its head to its answer.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;
use pilotdeck_wire::{Code, ErrorBody};
use tower::Service;

use super::origin;
use crate::answer::{Failure, add_headers};
use crate::caller::scheme;
use crate::net::{Connection, TrackedBody};
use crate::server::Server;

const TARGET_SIZE: usize = 8 * 1024;
const HEADERS_SIZE: usize = 16 * 1024;
/// The longest a handler may take; downloads, uploads and live streams have timers of their own.
const HANDLER_TIME: Duration = Duration::from_secs(30);

/// Answers one request.
pub(crate) async fn handle(
    server: &Server,
    router: Router,
    connection: Arc<Connection>,
    mut request: Request<Incoming>,
) -> Response<TrackedBody> {
    let under_api = is_under_api(request.uri().path());
    let is_options = request.method() == Method::OPTIONS;
    let has_body = !hyper::body::Body::is_end_stream(request.body());
    connection.request_began(has_body);
    let mut cors = None;
    let mut response = match check(server, &connection, &request, under_api) {
        Ok(origin) => {
            cors = origin;
            request.extensions_mut().insert(connection.clone());
            route(router, request, under_api).await
        }
        Err(failure) => closing(failure.into_response(), has_body),
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = wrong_method(response, is_options);
    }
    add_headers(response.headers_mut(), under_api);
    if let Some(origin) = cors {
        origin::add_cors(response.headers_mut(), origin, is_options);
    }
    response.map(|body| TrackedBody::new(body, connection))
}

/// The checks before any route; the listed foreign origin that passed, if any.
fn check(
    server: &Server,
    connection: &Connection,
    request: &Request<Incoming>,
    under_api: bool,
) -> Result<Option<HeaderValue>, Failure> {
    let headers = request.headers();
    check_sizes(request)?;
    server.hosts.check(headers, request.uri())?;
    if !under_api {
        return Ok(None);
    }
    let scheme = scheme(headers, connection, &server.config);
    let origin = origin::check(headers, scheme, &server.config.allowed_origins)?;
    if server.app.backup.maintenance() && !answers_in_maintenance(request.uri().path()) {
        return Err(pilotdeck_services::Error::Maintenance.into());
    }
    Ok(origin)
}

fn check_sizes(request: &Request<Incoming>) -> Result<(), Failure> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > TARGET_SIZE {
        return Err(Failure::new(Code::UriTooLong, "The address of the request is too long"));
    }
    if size_of(request.headers()) > HEADERS_SIZE {
        return Err(Failure::new(Code::HeadersTooLarge, "The headers of the request are too large"));
    }
    Ok(())
}

/// As they stood in the request: name, colon, space, value, end of line.
fn size_of(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

pub(crate) fn is_under_api(path: &str) -> bool {
    path.strip_prefix("/api").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn answers_in_maintenance(path: &str) -> bool {
    path == "/api/health" || path == "/api/meta" || path.starts_with("/api/admin/")
}

async fn route(mut router: Router, request: Request<Incoming>, under_api: bool) -> Response {
    let unhurried = request.uri().path().starts_with("/api/admin/");
    let answered = AssertUnwindSafe(router.call(request)).catch_unwind();
    let answered = if under_api && !unhurried {
        match tokio::time::timeout(HANDLER_TIME, answered).await {
            Ok(answered) => answered,
            Err(_) => {
                tracing::warn!("a request took longer than {} s", HANDLER_TIME.as_secs());
                return Failure::new(Code::Busy, "This took too long: try again in a moment").into_response();
            }
        }
    } else {
        answered.await
    };
    match answered {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => Failure::from(ErrorBody::internal(&"a handler panicked")).into_response(),
    }
}

/// The rest of a refused body is not waited for: the connection ends after the answer.
fn closing(mut response: Response, has_body: bool) -> Response {
    if has_body {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// axum answers a wrong method with `Allow` and nothing else: here it gets its JSON, and `OPTIONS` its 204.
fn wrong_method(response: Response, is_options: bool) -> Response {
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut answer = if is_options {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::NO_CONTENT;
        answer
    } else {
        Failure::new(Code::MethodNotAllowed, "This address does not know this method").into_response()
    };
    if let Some(allow) = allow {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}
