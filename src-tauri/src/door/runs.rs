//! Runs, as the window asks for them.

use pilotdeck_domain::stats::RunFacets;
use pilotdeck_domain::{Document, Map, RunFilter};
use pilotdeck_services::App;
use pilotdeck_wire::runs::{facets_body, list_body, one_body};
use pilotdeck_wire::{CountedListBody, DataBody};

use super::{Answer, query};

/// `GET /api/agent/runs`.
pub async fn list_runs(app: &App, filter: Option<Map>) -> Answer<CountedListBody<Document>> {
    let filter = RunFilter::from_query(&query(filter)?)?;
    let list = app.runs.list(filter.clone()).await?;
    Ok(list_body(&filter, list))
}

/// `GET /api/agent/runs/{id}`.
pub async fn get_run(app: &App, id: String) -> Answer<DataBody<Document>> {
    Ok(one_body(app.runs.get(id).await?))
}

/// `GET /api/agent/runs/facets`.
pub async fn get_run_facets(app: &App, filter: Option<Map>) -> Answer<DataBody<RunFacets>> {
    let filter = RunFilter::from_query(&query(filter)?)?;
    Ok(facets_body(app.runs.facets(filter).await?))
}
