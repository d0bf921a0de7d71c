//! Sums for the screens.

use axum::extract::State;
use pilotdeck_domain::TokenStatsFilter;
use pilotdeck_domain::stats::{ProjectStats, TokenStats};
use pilotdeck_wire::DataBody;
use pilotdeck_wire::stats::{projects_body, tokens_body};

use crate::answer::{Answer, ok};
use crate::credential::UserCaller;
use crate::request::Query;
use crate::server::Server;

/// Counts and money of all projects.
#[utoipa::path(
    get, path = "/api/stats", tag = "stats", operation_id = "getStats",
    responses((status = 200, body = DataBody<ProjectStats>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn get_stats(State(server): State<Server>, _: UserCaller) -> Answer {
    Ok(ok(&projects_body(server.app.stats.projects().await?)))
}

/// Tokens and cost of the usage records that match.
#[utoipa::path(
    get, path = "/api/stats/tokens", tag = "stats", operation_id = "getTokenStats",
    params(
        ("projectId" = Option<String>, Query),
        ("agentId" = Option<String>, Query),
        ("workspace" = Option<String>, Query),
        ("source" = Option<String>, Query),
        ("model" = Option<String>, Query),
        ("runId" = Option<String>, Query),
        ("since" = Option<String>, Query, description = "Inclusive"),
        ("until" = Option<String>, Query, description = "Inclusive; a date alone means its end"),
    ),
    responses((status = 200, body = DataBody<TokenStats>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn get_token_stats(
    State(server): State<Server>,
    _: UserCaller,
    Query(query): Query,
) -> Answer {
    let filter = TokenStatsFilter::from_query(&query)?;
    Ok(ok(&tokens_body(server.app.stats.tokens(filter).await?)))
}
