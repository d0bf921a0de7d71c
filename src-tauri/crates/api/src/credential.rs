//! Who may call what (API.md §1.7). Each extractor is a permission: a handler without one of them is public.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use pilotdeck_domain::{AgentKey, User};
use pilotdeck_services::{AgentKeys, Error, Scope};
use pilotdeck_wire::{Code, ErrorBody};

use crate::answer::Failure;
use crate::caller::{cookie, is_local, is_local_program, scheme};
use crate::guard::keys::GoodKey;
use crate::net::Connection;
use crate::server::Server;

const AGENT_TOKEN: HeaderName = HeaderName::from_static("x-pm-agent-token");
const TOKEN: HeaderName = HeaderName::from_static("x-pm-token");
const COOKIE: &str = "pilotdeck_session";
/// What a person may change of the own account, viewers too.
const OWN_ACCOUNT: &str = "/api/auth/";
/// Over TLS the name itself makes browsers insist on `Secure`, `Path=/` and no `Domain`.
const SECURE_COOKIE: &str = "__Host-pilotdeck_session";

/// What opened the door. Live streams look at it again from time to time.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// The session of this cookie.
    Session(String),
    /// A valid token.
    Agent,
    /// A good key of an agent.
    Key(Arc<AgentKey>),
    /// Open mode.
    Local,
}

impl Caller {
    /// How far the call reaches.
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Caller::Key(key) => Scope::of_key(Arc::clone(key)),
            Caller::Session(_) | Caller::Agent | Caller::Local => Scope::default(),
        }
    }
}

/// Class user.
pub(crate) struct UserCaller(pub(crate) Caller);

/// Class agent.
pub(crate) struct AgentCaller(pub(crate) Caller);

/// Class admin.
pub(crate) struct AdminCaller;

/// A person with a session, and nobody else.
pub(crate) struct SignedIn {
    pub(crate) user: User,
    pub(crate) must_change_password: bool,
    pub(crate) cookie: String,
}

/// A person with a session and the role `admin`.
pub(crate) struct Administrator {
    pub(crate) user: User,
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
        let request = Asking::new(parts, server).await?;
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
        let request = Asking::new(parts, server).await?;
        match request.session_or_token().await {
            Found::Good(caller) => Ok(AgentCaller(caller)),
            Found::Nothing | Found::Bad if request.is_open() => Ok(AgentCaller(Caller::Local)),
            Found::Nothing | Found::Bad => Err(Error::Unauthorized.into()),
        }
    }
}

impl FromRequestParts<Server> for AdminCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let request = Asking::new(parts, server).await?;
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
        let request = Asking::new(parts, server).await?;
        let cookie = request.cookie().ok_or(Error::NotSignedIn)?;
        let found = server.app.auth.session(cookie).await.ok_or(Error::NotSignedIn)?;
        let (user, must_change_password) = (found.user, found.must_change_password);
        Ok(SignedIn { user, must_change_password, cookie: cookie.to_owned() })
    }
}

impl FromRequestParts<Server> for Administrator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let SignedIn { user, .. } = SignedIn::from_request_parts(parts, server).await?;
        if user.is_admin() {
            Ok(Administrator { user })
        } else {
            Err(Failure::new(Code::Forbidden, "Only administrators may do this"))
        }
    }
}

impl FromRequestParts<Server> for Anybody {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let request = Asking::new(parts, server).await?;
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
    /// The key it came with, once the guard has admitted it to this route.
    key: Option<&'a GoodKey>,
}

impl<'a> Asking<'a> {
    async fn new(parts: &'a Parts, server: &'a Server) -> Result<Asking<'a>, Failure> {
        let Some(connection) = parts.extensions.get::<Arc<Connection>>() else {
            return Err(ErrorBody::internal(&"a request came without its connection").into());
        };
        let request = Asking { server, headers: &parts.headers, connection, key: parts.extensions.get() };
        request.refuse_writes_of_viewers(parts).await?;
        Ok(request)
    }

    /// A request that comes with a viewer's session changes nothing but the own account, whatever else it comes with.
    async fn refuse_writes_of_viewers(&self, parts: &Parts) -> Result<(), Failure> {
        let is_reading = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if is_reading || parts.uri.path().starts_with(OWN_ACCOUNT) {
            return Ok(());
        }
        let Some(cookie) = self.cookie() else { return Ok(()) };
        match self.server.app.auth.session(cookie).await {
            Some(signed_in) if !signed_in.user.may_write() => {
                Err(Failure::new(Code::Forbidden, "Your account may only read"))
            }
            _ => Ok(()),
        }
    }

    /// A token is looked at first: who sends a wrong one is not let in by something else. In open mode there is none that
    /// could be wrong, so a leftover in a client's settings does no harm; but who had a key must notice that it is revoked.
    async fn session_or_token(&self) -> Found {
        if let Some(GoodKey(key)) = self.key {
            return Found::Good(Caller::Key(Arc::clone(key)));
        }
        match agent_token(self.headers) {
            Err(NotText) => return Found::Bad,
            Ok(Some(token)) if self.server.app.auth.open_mode() && AgentKeys::is_key(token) => {
                return Found::Bad;
            }
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
            && agent_token(self.headers).is_ok_and(|token| !token.is_some_and(AgentKeys::is_key))
            && is_local_program(self.headers, self.connection)
    }

    fn opens_projects(&self) -> bool {
        self.server.app.settings.open_projects && self.is_open()
    }

    fn is_admin(&self) -> bool {
        has_admin_token(self.headers, self.server)
    }

    fn is_secure(&self) -> bool {
        scheme(self.headers, self.connection, &self.server.config) == "https"
    }

    fn cookie(&self) -> Option<&'a str> {
        cookie(self.headers, cookie_name(self.is_secure())).filter(|value| !value.is_empty())
    }
}

/// The token a request came with, if it is a text.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<&str> {
    agent_token(headers).ok().flatten()
}

/// Whether a request came with the admin token, beside whatever else.
pub(crate) fn has_admin_token(headers: &HeaderMap, server: &Server) -> bool {
    let token = text_of(headers, &TOKEN).ok().flatten();
    token.is_some_and(|token| server.app.auth.check_admin(token).is_ok())
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
