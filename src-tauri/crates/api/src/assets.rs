//! The interface's files (API.md §12). Release builds carry them inside; debug builds read `ui/dist`, which may be missing.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use pilotdeck_wire::Code;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::answer::Failure;
use crate::guard::is_under_api;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../../ui/dist"]
#[allow_missing = true]
struct Interface;

const INDEX: &str = "index.html";
const NOT_BUILT: &str = "<!doctype html><title>PilotDeck</title><p>PilotDeck is running; its interface is not built. The API is at <a href=\"/api/docs\">/api/docs</a>.";
/// The build puts a digest of the content into the names of these.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const CHECK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
const FILE_METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD");

/// Whatever no route is for: the API's 404, a file, or the interface.
pub(crate) async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    let Ok(decoded) = percent_encoding::percent_decode_str(path).decode_utf8() else {
        return not_found();
    };
    if is_under_api(path) || is_under_api(&decoded) {
        return not_found();
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
        response.headers_mut().insert(header::ALLOW, FILE_METHODS);
        return response;
    }
    let name = decoded.trim_start_matches('/');
    if let Some(file) = find(name) {
        return answer(name, file, request.headers());
    }
    if looks_like_a_file(&decoded) {
        return not_found();
    }
    match find(INDEX) {
        Some(index) => answer(INDEX, index, request.headers()),
        None => html(NOT_BUILT.into()),
    }
}

fn find(name: &str) -> Option<EmbeddedFile> {
    let odd = |part: &str| part.is_empty() || part.starts_with('.') || part.contains(['\\', ':', '\0']);
    if name.split('/').any(odd) { None } else { Interface::get(name) }
}

fn looks_like_a_file(path: &str) -> bool {
    path.starts_with("/assets/") || path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

fn not_found() -> Response {
    Failure::new(Code::NotFound, "There is nothing at this address").into_response()
}

fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let digest = BASE64_URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash());
    let tag = format!("\"{digest}\"");
    let mut response = if has_tag(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(file.data));
        response.headers_mut().insert(header::CONTENT_TYPE, content_type(name));
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, if name.starts_with("assets/") { FOREVER } else { CHECK_FIRST });
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn has_tag(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

fn html(body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type(INDEX));
    response
}

/// By the ending of the name: the build makes no others.
fn content_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_names_a_file_is_never_answered_with_the_interface() {
        assert!(looks_like_a_file("/assets/missing") && looks_like_a_file("/logo.png"));
        assert!(!looks_like_a_file("/projects/p1") && !looks_like_a_file("/"));
    }

    #[test]
    fn names_that_leave_the_folder_find_nothing() {
        for name in ["../Cargo.toml", "a/../../b", "..", ".env", "a//b", "a\\b", "C:/x", "/etc/passwd"] {
            assert!(find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_known_tag_needs_no_second_copy() {
        let mut asked = HeaderMap::new();
        asked.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"x\", W/\"tag\""));
        assert!(has_tag(&asked, "\"tag\"") && !has_tag(&asked, "\"other\""));
    }
}
