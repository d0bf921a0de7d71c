//! What a key of an agent opens (SECURITY.md K2, K6): decided here, for every route, by method and path. Unknown routes: a key
//! writes to none, and a key that is limited to projects does not even read them.
//!
//! It runs before the route's own extractor and only for callers who come with a good key. A list is kept to the key's projects
//! by what it asks for, a record named in the path by its id; bodies and stored records are for the services, with the `Scope`
//! that [`crate::credential::Caller`] gives.

use std::sync::Arc;

use axum::RequestExt;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Method, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pilotdeck_domain::{AgentKey, Invalid, Right};
use pilotdeck_services::{AgentKeys, Error, Scope};
use pilotdeck_wire::Code;

use crate::answer::Failure;
use crate::credential::{has_admin_token, token_of};
use crate::request::decode_pair;
use crate::server::Server;

const PROJECT_ID: &str = "projectId";

/// What a route asks of a key.
#[derive(Debug, PartialEq, Eq)]
enum Need {
    /// One of these rights.
    OneOf(&'static [Right]),
    /// Nothing: the route is open to everybody.
    Nothing,
    /// A person: the route is asked as if there was no key.
    Person,
    /// No key passes.
    NoKey,
}

/// How a key that is limited to projects is kept to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// By the services, which look at bodies and stored records.
    Inside,
    /// By the id in the path: a project's.
    Path,
    /// By `projectId` in the query: all of the key's projects when none is named.
    Query,
    /// The same, where only one can be asked for.
    QueryOfOne,
    /// Not at all: such keys do not pass.
    NotAtAll,
}

fn need(method: &Method, path: &str) -> Need {
    let is_below =
        |area: &str| path.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_below_any = |areas: &[&str]| areas.iter().any(|area| is_below(area));
    let of_people = is_below_any(&["/api/auth", "/api/users", "/api/agent-keys", "/api/admin"]);
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return match path {
            "/api/health" | "/api/meta" => Need::Nothing,
            _ if of_people => Need::Person,
            _ => Need::OneOf(&[Right::Read]),
        };
    }
    if is_below("/api/agent/actions") {
        // Which of the two: the body tells, and the service looks.
        Need::OneOf(&[Right::Report, Right::Projects])
    } else if is_below_any(&["/api/agent/runs", "/api/agent/events", "/api/agent/usage"]) {
        Need::OneOf(&[Right::Report])
    } else if is_below_any(&["/api/projects", "/api/agent/profiles", "/api/agent/capabilities"]) {
        Need::OneOf(&[Right::Projects])
    } else {
        Need::NoKey
    }
}

fn limit(method: &Method, path: &str) -> Limit {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    match (method.as_str(), path) {
        ("GET" | "PATCH" | "PUT" | "DELETE", "/api/projects/{id}") => Limit::Path,
        ("GET", "/api/agent/runs" | "/api/agent/events") => Limit::Query,
        (
            "GET",
            "/api/agent/usage" | "/api/agent/usage.csv" | "/api/stats/tokens" | "/api/stats/tokens/series",
        ) => Limit::QueryOfOne,
        ("POST", "/api/agent/runs" | "/api/agent/events" | "/api/agent/usage" | "/api/agent/actions")
        | ("GET" | "PATCH", "/api/agent/runs/{id}")
        | ("GET", "/api/agent/events/{id}" | "/api/stream")
        | ("POST", "/api/projects/batch") => Limit::Inside,
        _ => Limit::NotAtAll,
    }
}

/// The good key that a request came with; an extension of the request.
#[derive(Clone)]
pub(crate) struct GoodKey(pub(crate) Arc<AgentKey>);

/// Passes requests without a good key on as they are: whether they may is for the route's extractor.
pub(crate) async fn check(State(server): State<Server>, mut request: Request, next: Next) -> Response {
    let token = token_of(request.headers()).filter(|token| AgentKeys::is_key(token));
    if let Some(key) = token.and_then(|token| server.app.agent_keys.find(token)) {
        // A path that is no text has no id in it; the route itself says what is wrong with it.
        let params = request.extract_parts::<RawPathParams>().await.ok();
        match admit(&server, &key, params.as_ref(), &mut request) {
            Ok(Admitted::AsKey) => drop(request.extensions_mut().insert(GoodKey(key))),
            Ok(Admitted::WithoutKey) => {}
            Err(refused) => return refused.into_response(),
        }
    }
    next.run(request).await
}

enum Admitted {
    AsKey,
    WithoutKey,
}

fn admit(
    server: &Server,
    key: &Arc<AgentKey>,
    params: Option<&RawPathParams>,
    request: &mut Request,
) -> Result<Admitted, Failure> {
    // A request that reached a route has its path. One without is on no list, so nothing opens.
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    match need(request.method(), path) {
        Need::Nothing => return Ok(Admitted::AsKey),
        Need::Person => return Ok(Admitted::WithoutKey),
        // Who comes with the admin token as well is let through to where that is asked for.
        Need::NoKey if path.starts_with("/api/admin/") && has_admin_token(request.headers(), server) => {
            return Ok(Admitted::WithoutKey);
        }
        Need::NoKey => return Err(Failure::new(Code::Forbidden, "Keys of agents do not open this")),
        Need::OneOf(rights) if !rights.iter().any(|right| key.may(*right)) => {
            return Err(rights
                .first()
                .map_or(Error::Unauthorized, |right| Error::lacks_right(*right))
                .into());
        }
        Need::OneOf(_) => {}
    }
    let scope = Scope::of_key(Arc::clone(key));
    let Some(own) = scope.projects() else { return Ok(Admitted::AsKey) };
    match limit(request.method(), path) {
        Limit::Inside => {}
        Limit::Path => {
            let id = params.and_then(|params| params.iter().find(|(name, _)| *name == "id"));
            scope.check_project(id.map(|(_, id)| id))?;
        }
        limit @ (Limit::Query | Limit::QueryOfOne) => {
            let query = limited_query(request.uri().query().unwrap_or_default(), &scope, own, limit)?;
            *request.uri_mut() = with_query(request.uri(), &query)?;
        }
        Limit::NotAtAll => {
            let text = "This key is limited to its projects, and this cannot be told of them alone";
            return Err(Failure::new(Code::Forbidden, text));
        }
    }
    Ok(Admitted::AsKey)
}

/// The query with `projectId` as this key may ask for it, in front of the rest.
fn limited_query(query: &str, scope: &Scope, own: &[String], limit: Limit) -> Result<String, Failure> {
    let mut named = Vec::new();
    let mut rest = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match decode_pair(pair) {
            (name, id) if name == PROJECT_ID => named.extend(Some(id).filter(|id| !id.is_empty())),
            _ => rest.push(pair.to_owned()),
        }
    }
    for id in &named {
        scope.check_project(Some(id))?;
    }
    if named.is_empty() {
        if limit == Limit::QueryOfOne && own.len() > 1 {
            let text = "This key is limited to several projects: name one of them as projectId";
            return Err(Invalid::parameter(PROJECT_ID, text).into());
        }
        named.extend(own.iter().cloned());
    }
    let named = named.iter().map(|id| format!("{PROJECT_ID}={}", utf8_percent_encode(id, NON_ALPHANUMERIC)));
    Ok(named.chain(rest).collect::<Vec<_>>().join("&"))
}

fn with_query(uri: &Uri, query: &str) -> Result<Uri, Failure> {
    let changed = format!("{}?{query}", uri.path()).parse();
    // Texts of a valid address, and encoded ones.
    changed.map_err(|_| Failure::new(Code::UriTooLong, "The address of the request is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::described;

    /// Every operation of the description.
    fn operations() -> Vec<(Method, String)> {
        let (_, document) = described();
        let mut operations = Vec::new();
        for (path, item) in document.paths.paths {
            for (method, operation) in [
                (Method::GET, item.get),
                (Method::POST, item.post),
                (Method::PATCH, item.patch),
                (Method::PUT, item.put),
                (Method::DELETE, item.delete),
            ] {
                operations.extend(operation.map(|_| (method, path.clone())));
            }
        }
        operations
    }

    #[test]
    fn k6_no_right_to_read_opens_a_write_on_any_route() {
        let operations = operations();
        assert!(operations.len() > 40, "{}", operations.len());
        for (_, path) in &operations {
            for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
                match need(&method, path) {
                    Need::NoKey => {}
                    Need::OneOf(rights) => assert!(!rights.contains(&Right::Read), "{method} {path}"),
                    Need::Nothing | Need::Person => panic!("{method} {path} is open to every key"),
                }
            }
        }
    }

    #[test]
    fn k6_the_right_to_report_opens_no_project_profile_or_capability() {
        for (method, path) in operations() {
            let changes = method != Method::GET;
            let is_theirs = ["/api/projects", "/api/agent/profiles", "/api/agent/capabilities"]
                .iter()
                .any(|area| path.starts_with(area));
            if changes && is_theirs {
                assert_eq!(need(&method, &path), Need::OneOf(&[Right::Projects]), "{method} {path}");
            }
        }
        assert_eq!(need(&Method::POST, "/api/agent/runs"), Need::OneOf(&[Right::Report]));
        assert_eq!(need(&Method::PATCH, "/api/agent/runs/{id}"), Need::OneOf(&[Right::Report]));
    }

    #[test]
    fn k2_routes_that_nobody_has_judged_are_closed_to_limited_keys() {
        assert_eq!(limit(&Method::GET, "/api/something/new"), Limit::NotAtAll);
        assert_eq!(limit(&Method::GET, ""), Limit::NotAtAll);
        assert_eq!(need(&Method::POST, "/api/something/new"), Need::NoKey);
        assert_eq!(need(&Method::POST, "/api/projects-of-others"), Need::NoKey);
        for path in ["/api/projects", "/api/stats", "/api/agent/profiles", "/api/agent/runs/facets"] {
            assert_eq!(limit(&Method::GET, path), Limit::NotAtAll, "{path}");
        }
    }

    #[test]
    fn k2_a_limited_query_names_projects_of_the_key_and_nothing_else() {
        let body = serde_json::json!({ "agentId": "a", "projectIds": ["p 1", "p2"] });
        let body = body.as_object().cloned().unwrap_or_default();
        let now = pilotdeck_domain::Timestamp::from_micros(0);
        let key = AgentKey::create(&body, "k".to_owned(), now).unwrap();
        let scope = Scope::of_key(Arc::new(key));
        let limited = |query: &str, limit| limited_query(query, &scope, scope.projects().unwrap(), limit);
        for (query, expected) in [
            ("", "projectId=p%201&projectId=p2"),
            ("projectId=&limit=3", "projectId=p%201&projectId=p2&limit=3"),
            ("limit=3&project%49d=p2", "projectId=p2&limit=3"),
            ("projectId=&projectId=p2", "projectId=p2"),
        ] {
            assert_eq!(limited(query, Limit::Query).unwrap(), expected, "{query}");
        }
        assert!(limited("projectId=p2&projectId=p3", Limit::Query).is_err());
        assert!(limited("", Limit::QueryOfOne).is_err());
        assert_eq!(limited("projectId=p2", Limit::QueryOfOne).unwrap(), "projectId=p2");
    }
}
