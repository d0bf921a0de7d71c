//! Sums for the screens.

use axum::extract::State;
use pilotdeck_domain::overview::Overview;
use pilotdeck_domain::stats::{ProjectStats, RunFigures, TokenSeriesRow, TokenStats};
use pilotdeck_domain::{SeriesKey, TokenStatsFilter, Zone, run_ids_from_query};
use pilotdeck_wire::DataBody;
use pilotdeck_wire::stats::{overview_body, projects_body, run_figures_body, series_body, tokens_body};

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

/// What runs, what came in against the time before, and which projects need a look.
#[utoipa::path(
    get, path = "/api/stats/overview", tag = "stats", operation_id = "getOverview",
    params(("tz" = Option<String>, Query, description = "Whose days: a zone of the tz database; default UTC")),
    responses((status = 200, body = DataBody<Overview>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn get_overview(State(server): State<Server>, _: UserCaller, Query(query): Query) -> Answer {
    let zone = Zone::from_query(&query)?;
    Ok(ok(&overview_body(server.app.stats.overview(zone).await?)))
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
        ("since" = Option<String>, Query, description = "Inclusive; a date alone means its beginning"),
        ("until" = Option<String>, Query, description = "Inclusive; a date alone means its end"),
        ("tz" = Option<String>, Query, description = "Whose days: a zone of the tz database; default UTC"),
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

/// The same by day and one more key, in that order.
#[utoipa::path(
    get, path = "/api/stats/tokens/series", tag = "stats", operation_id = "getTokenSeries",
    params(
        ("by" = String, Query, description = "`model`, `project`, `agent`, `workspace` or `source`"),
        ("projectId" = Option<String>, Query),
        ("agentId" = Option<String>, Query),
        ("workspace" = Option<String>, Query),
        ("source" = Option<String>, Query),
        ("model" = Option<String>, Query),
        ("runId" = Option<String>, Query),
        ("since" = Option<String>, Query, description = "Inclusive; a date alone means its beginning"),
        ("until" = Option<String>, Query, description = "Inclusive; a date alone means its end"),
        ("tz" = Option<String>, Query, description = "Whose days: a zone of the tz database; default UTC"),
    ),
    responses((status = 200, body = DataBody<Vec<TokenSeriesRow>>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn get_token_series(
    State(server): State<Server>,
    _: UserCaller,
    Query(query): Query,
) -> Answer {
    let by = SeriesKey::from_query(&query)?;
    let filter = TokenStatsFilter::from_query(&query)?;
    Ok(ok(&series_body(server.app.stats.token_series(by, filter).await?)))
}

/// Events and usage of each of these runs, in the order asked; zeroes for a run that nobody spoke of.
#[utoipa::path(
    get, path = "/api/stats/runs", tag = "stats", operation_id = "getRunFigures",
    params(("ids" = Vec<String>, Query, description = "1 to 200 runs, repeated")),
    responses((status = 200, body = DataBody<Vec<RunFigures>>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn get_run_figures(
    State(server): State<Server>,
    _: UserCaller,
    Query(query): Query,
) -> Answer {
    let ids = run_ids_from_query(&query)?;
    Ok(ok(&run_figures_body(server.app.stats.runs(ids).await?)))
}
