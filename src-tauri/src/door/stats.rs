//! Sums for the screens, as the window asks for them.

use pilotdeck_domain::overview::Overview;
use pilotdeck_domain::stats::{RunFigures, TokenSeriesRow, TokenStats};
use pilotdeck_domain::{Map, SeriesKey, TokenStatsFilter, Zone, run_ids_from_query};
use pilotdeck_services::App;
use pilotdeck_wire::DataBody;
use pilotdeck_wire::stats::{overview_body, run_figures_body, series_body, tokens_body};

use super::{Answer, query};

/// `GET /api/stats/overview`.
pub async fn get_overview(app: &App, filter: Option<Map>) -> Answer<DataBody<Overview>> {
    let zone = Zone::from_query(&query(filter)?)?;
    Ok(overview_body(app.stats.overview(zone).await?))
}

/// `GET /api/stats/tokens`.
pub async fn get_token_stats(app: &App, filter: Option<Map>) -> Answer<DataBody<TokenStats>> {
    let filter = TokenStatsFilter::from_query(&query(filter)?)?;
    Ok(tokens_body(app.stats.tokens(filter).await?))
}

/// `GET /api/stats/tokens/series`.
pub async fn get_token_series(app: &App, filter: Option<Map>) -> Answer<DataBody<Vec<TokenSeriesRow>>> {
    let query = query(filter)?;
    let by = SeriesKey::from_query(&query)?;
    Ok(series_body(app.stats.token_series(by, TokenStatsFilter::from_query(&query)?).await?))
}

/// `GET /api/stats/runs`.
pub async fn get_run_figures(app: &App, filter: Option<Map>) -> Answer<DataBody<Vec<RunFigures>>> {
    let ids = run_ids_from_query(&query(filter)?)?;
    Ok(run_figures_body(app.stats.runs(ids).await?))
}
