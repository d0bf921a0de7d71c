//! Who may call what (API.md §1.7). Each extractor is a permission: a handler without one of them is public.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use pilotdeck_domain::User;
use pilotdeck_services::Error;
use pilotdeck_wire::{Code, ErrorBody};

use crate::answer::Failure;
use crate::caller::{cookie, is_local, is_local_program, scheme};
use crate::net::Connection;
use crate::server::Server;

const AGENT_TOKEN: HeaderName = HeaderName::from_static("x-pm-agent-token");
const TOKEN: HeaderName = HeaderName::from_static("x-pm-token");
const COOKIE: &str = "pilotdeck_session";
/// Over TLS the name itself makes browsers insist on `Secure`, `Path=/` and no `Domain`.
const SECURE_COOKIE: &str = "__Host-pilotdeck_session";

/// What opened the door. Live streams look at it again from time to time.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// The session of this cookie.
    Session(String),
    /// A valid token.
    Agent,
    /// Open mode.
    Local,
}

/// Class user.
pub(crate) struct UserCaller(pub(crate) Caller);

/// Class agent.
pub(crate) struct AgentCaller;

/// Class admin.
pub(crate) struct AdminCaller;

/// A person with a session, and nobody else.
pub(crate) struct SignedIn {
    pub(crate) user: User,
    pub(crate) must_change_password: bool,
    pub(crate) cookie: String,
}

/// What a request without any permission may still be told: for `/api/meta` and signing in.
pub(crate) struct Anybody {
    /// A local request in the sense of SECURITY.md.
    pub(crate) is_local: bool,
    /// Over TLS, as a trusted proxy tells.
    pub(crate) is_secure: bool,
    /// The session cookie it came with, good or not.
    pub(crate) cookie: Option<String>,
    /// It came with a good credential of any kind.
    pub(crate) is_known: bool,
}

impl FromRequestParts<Server> for UserCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let request = Asking::new(parts, server)?;
        match request.session_or_token().await {
            Found::Good(caller) => Ok(UserCaller(caller)),
            Found::Nothing | Found::Bad if request.opens_projects() => Ok(UserCaller(Caller::Local)),
            Found::Nothing | Found::Bad => Err(ErrorBody::no_way_in().into()),
        }
    }
}

impl FromRequestParts<Server> for AgentCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let request = Asking::new(parts, server)?;
        match request.session_or_token().await {
            Found::Good(_) => Ok(AgentCaller),
            Found::Nothing | Found::Bad if request.is_open() => Ok(AgentCaller),
            Found::Nothing | Found::Bad => Err(Error::Unauthorized.into()),
        }
    }
}

impl FromRequestParts<Server> for AdminCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let request = Asking::new(parts, server)?;
        // Text that is no ASCII can be no token; it is refused as a wrong one, after "not configured".
        let token = text_of(request.headers, &TOKEN).unwrap_or(Some("")).unwrap_or_default();
        server.app.auth.check_admin(token)?;
        if !server.config.admin_remote && !is_local(request.headers, request.connection) {
            return Err(Failure::new(
                Code::Forbidden,
                "Admin calls are taken from this machine only, unless PM_ADMIN_REMOTE=1",
            ));
        }
        Ok(AdminCaller)
    }
}

impl FromRequestParts<Server> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let request = Asking::new(parts, server)?;
        let cookie = request.cookie().ok_or(Error::NotSignedIn)?;
        let found = server.app.auth.session(cookie).await.ok_or(Error::NotSignedIn)?;
        let (user, must_change_password) = (found.user, found.must_change_password);
        Ok(SignedIn { user, must_change_password, cookie: cookie.to_owned() })
    }
}

impl FromRequestParts<Server> for Anybody {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let request = Asking::new(parts, server)?;
        Ok(Anybody {
            is_local: is_local(request.headers, request.connection),
            is_secure: request.is_secure(),
            cookie: request.cookie().map(str::to_owned),
            is_known: matches!(request.session_or_token().await, Found::Good(_)) || request.is_admin(),
        })
    }
}

/// What a request's credentials came to.
enum Found {
    Good(Caller),
    /// A token that is none of ours.
    Bad,
    Nothing,
}

/// A request that asks for permission.
struct Asking<'a> {
    server: &'a Server,
    headers: &'a HeaderMap,
    connection: &'a Connection,
}

impl<'a> Asking<'a> {
    fn new(parts: &'a Parts, server: &'a Server) -> Result<Asking<'a>, Failure> {
        match parts.extensions.get::<Arc<Connection>>() {
            Some(connection) => Ok(Asking { server, headers: &parts.headers, connection }),
            None => Err(ErrorBody::internal(&"a request came without its connection").into()),
        }
    }

    /// A token is looked at first: who sends a wrong one is not let in by something else. In open mode there is none that
    /// could be wrong, so a leftover in a client's settings does no harm.
    async fn session_or_token(&self) -> Found {
        match agent_token(self.headers) {
            Err(NotText) => return Found::Bad,
            Ok(Some(token)) if !self.server.app.auth.open_mode() => {
                return if self.server.app.auth.check_agent(token) {
                    Found::Good(Caller::Agent)
                } else {
                    Found::Bad
                };
            }
            Ok(_) => {}
        }
        match self.cookie() {
            Some(cookie) if self.server.app.auth.session(cookie).await.is_some() => {
                Found::Good(Caller::Session(cookie.to_owned()))
            }
            _ => Found::Nothing,
        }
    }

    /// Open mode (K3). Header bytes that are no text are refused in it too.
    fn is_open(&self) -> bool {
        self.server.app.auth.open_mode()
            && agent_token(self.headers).is_ok()
            && is_local_program(self.headers, self.connection)
    }

    fn opens_projects(&self) -> bool {
        self.server.app.settings.open_projects && self.is_open()
    }

    fn is_admin(&self) -> bool {
        let token = text_of(self.headers, &TOKEN).ok().flatten();
        token.is_some_and(|token| self.server.app.auth.check_admin(token).is_ok())
    }

    fn is_secure(&self) -> bool {
        scheme(self.headers, self.connection, &self.server.config) == "https"
    }

    fn cookie(&self) -> Option<&'a str> {
        cookie(self.headers, cookie_name(self.is_secure())).filter(|value| !value.is_empty())
    }
}

/// A header that should be text and is not.
struct NotText;

/// `X-PM-Agent-Token`, else `X-PM-Token`, else `Authorization: Bearer`; blank ones count as absent.
fn agent_token(headers: &HeaderMap) -> Result<Option<&str>, NotText> {
    for name in [AGENT_TOKEN, TOKEN] {
        if let Some(token) = text_of(headers, &name)? {
            return Ok(Some(token));
        }
    }
    let authorization = text_of(headers, &header::AUTHORIZATION)?;
    Ok(authorization.and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
    }))
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, NotText> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().map_err(|_| NotText)?.trim();
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { SECURE_COOKIE } else { COOKIE }
}

/// `Set-Cookie` of a new session; none ends it (SECURITY.md S2).
pub(crate) fn session_cookie(value: Option<&str>, is_secure: bool) -> Result<HeaderValue, Failure> {
    let name = cookie_name(is_secure);
    let mut text = format!("{name}={}; HttpOnly; SameSite=Strict; Path=/", value.unwrap_or_default());
    if value.is_none() {
        text.push_str("; Max-Age=0");
    }
    if is_secure {
        text.push_str("; Secure");
    }
    let mut header = HeaderValue::try_from(text).map_err(|error| ErrorBody::internal(&error))?;
    header.set_sensitive(true);
    Ok(header)
}
