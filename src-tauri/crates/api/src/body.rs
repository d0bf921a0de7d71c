//! Reading the JSON body of a request: its type, its size by declaration and by count, its pace (SECURITY.md W4, L1–L4).

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use pilotdeck_domain::{Map, parse_object};
use pilotdeck_wire::Code;

use crate::answer::Failure;

/// How long a body may pause.
pub(crate) const BODY_PAUSE: Duration = Duration::from_secs(15);

const KIB: usize = 1024;
/// Sign-in.
pub(crate) const SMALL: usize = 8 * KIB;
/// One record.
pub(crate) const USUAL: usize = 2 * KIB * KIB;
/// Many records.
pub(crate) const LARGE: usize = 8 * KIB * KIB;

/// The JSON object of a request; no body is an empty one. Taken last, after the credential.
pub(crate) struct JsonObject<const LIMIT: usize = USUAL>(pub(crate) Map);

impl<S: Send + Sync, const LIMIT: usize> FromRequest<S> for JsonObject<LIMIT> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let (head, body) = request.into_parts();
        if body.is_end_stream() {
            return Ok(JsonObject(Map::new()));
        }
        check_type(&head.headers)?;
        let bytes = read(body, LIMIT).await?;
        Ok(JsonObject(parse_object(&bytes)?))
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), Failure> {
    let refused = |text: &str| Err(Failure::new(Code::UnsupportedMediaType, text));
    if !is_type(headers, "application/json") {
        return refused("This endpoint takes application/json only");
    }
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return refused("Compressed bodies are not taken");
    }
    Ok(())
}

/// Whether the one `Content-Type` is `wanted`, parameters aside.
pub(crate) fn is_type(headers: &HeaderMap, wanted: &str) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    let essence = only.to_str().ok().and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(wanted))
}

async fn read(mut body: Body, limit: usize) -> Result<Bytes, Failure> {
    let declared = body.size_hint().lower();
    if declared > limit as u64 {
        return Err(too_large(limit));
    }
    // Most bodies come in one piece, which needs no copy.
    let Some(first) = next_piece(&mut body).await? else { return Ok(Bytes::new()) };
    if first.len() as u64 == declared && body.is_end_stream() {
        return Ok(first);
    }
    let mut all = Vec::with_capacity(usize::try_from(declared).unwrap_or(0).max(first.len()));
    let mut piece = Some(first);
    while let Some(bytes) = piece {
        if all.len() + bytes.len() > limit {
            return Err(too_large(limit));
        }
        all.extend_from_slice(&bytes);
        piece = next_piece(&mut body).await?;
    }
    Ok(all.into())
}

/// The next bytes of a body; none at its end.
pub(crate) async fn next_piece(body: &mut Body) -> Result<Option<Bytes>, Failure> {
    loop {
        let frame = match tokio::time::timeout(BODY_PAUSE, body.frame()).await {
            Err(_) => return Err(Failure::new(Code::Timeout, "The body of the request came too slowly")),
            Ok(None) => return Ok(None),
            Ok(Some(Err(_))) => {
                return Err(Failure::new(Code::BadRequest, "The body of the request broke off"));
            }
            Ok(Some(Ok(frame))) => frame,
        };
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

fn too_large(limit: usize) -> Failure {
    let (number, unit) = if limit >= KIB * KIB { (limit / (KIB * KIB), "MiB") } else { (limit / KIB, "KiB") };
    Failure::new(Code::TooLarge, format!("The body is larger than {number} {unit}"))
}
