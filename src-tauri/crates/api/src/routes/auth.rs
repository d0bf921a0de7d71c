//! Signing in and out, and the sessions of the person who did.

use axum::extract::State;
use axum::response::Response;
use http::header;
use pilotdeck_services::{Login, LoginRequest};
use pilotdeck_wire::auth::{SessionData, SessionEntry, session_body, sessions_body};
use pilotdeck_wire::input::{LoginInput, PasswordInput};
use pilotdeck_wire::{Code, DataBody, DoneBody};

use crate::answer::{Answer, Failure, ok};
use crate::body::{JsonObject, SMALL};
use crate::credential::{Anybody, SignedIn, session_cookie};
use crate::request::Id;
use crate::server::Server;

/// Signs in: sets the session cookie.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "auth", operation_id = "login", request_body = LoginInput,
    responses((status = 200, body = DataBody<SessionData>)),
)]
pub(crate) async fn login(
    State(server): State<Server>,
    caller: Anybody,
    JsonObject(body): JsonObject<SMALL>,
) -> Answer {
    let request = LoginRequest::from_body(&body, caller.is_local, caller.cookie)?;
    signed_in(server.app.auth.login(request).await?, caller.is_secure)
}

/// Tells who is signed in.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "auth", operation_id = "getMe",
    responses((status = 200, body = DataBody<SessionData>)), security(("session" = [])),
)]
pub(crate) async fn get_me(caller: SignedIn) -> Answer {
    Ok(ok(&session_body(caller.user, caller.must_change_password)))
}

/// Signs out: the session ends at the server.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "auth", operation_id = "logout",
    responses((status = 200, body = DoneBody)),
)]
pub(crate) async fn logout(State(server): State<Server>, caller: Anybody) -> Answer {
    if let Some(cookie) = &caller.cookie {
        server.app.auth.logout(cookie).await?;
    }
    with_cookie(ok(&DoneBody::DONE), None, caller.is_secure)
}

/// Changes the password of the person who is signed in; the other sessions end.
#[utoipa::path(
    post, path = "/api/auth/password", tag = "auth", operation_id = "changePassword", request_body = PasswordInput,
    responses((status = 200, body = DataBody<SessionData>)), security(("session" = [])),
)]
pub(crate) async fn change_password(
    State(server): State<Server>,
    signed: SignedIn,
    caller: Anybody,
    JsonObject(body): JsonObject<SMALL>,
) -> Answer {
    signed_in(server.app.auth.change_password(&signed.cookie, &body).await?, caller.is_secure)
}

/// Lists the sessions of the person who is signed in.
#[utoipa::path(
    get, path = "/api/auth/sessions", tag = "auth", operation_id = "listSessions",
    responses((status = 200, body = DataBody<Vec<SessionEntry>>)), security(("session" = [])),
)]
pub(crate) async fn list_sessions(State(server): State<Server>, caller: SignedIn) -> Answer {
    Ok(ok(&sessions_body(server.app.auth.list_sessions(&caller.cookie).await?)))
}

/// Ends one of these sessions.
#[utoipa::path(
    delete, path = "/api/auth/sessions/{id}", tag = "auth", operation_id = "endSession",
    params(("id" = String, Path)),
    responses((status = 200, body = DoneBody)), security(("session" = [])),
)]
pub(crate) async fn end_session(State(server): State<Server>, caller: SignedIn, Id(id): Id) -> Answer {
    if server.app.auth.end_session(&caller.cookie, &id).await? {
        Ok(ok(&DoneBody::DONE))
    } else {
        Err(Failure::new(Code::NotFound, format!("Session not found: {id}")))
    }
}

fn signed_in(login: Login, is_secure: bool) -> Answer {
    let body = session_body(login.user, login.must_change_password);
    with_cookie(ok(&body), Some(&login.cookie_value), is_secure)
}

fn with_cookie(mut response: Response, value: Option<&str>, is_secure: bool) -> Answer {
    response.headers_mut().insert(header::SET_COOKIE, session_cookie(value, is_secure)?);
    Ok(response)
}
