//! Events, as the window asks for them.

use pilotdeck_domain::stats::EventFacets;
use pilotdeck_domain::{Document, EventFilter, Map};
use pilotdeck_services::App;
use pilotdeck_wire::DataBody;
use pilotdeck_wire::events::{EventListBody, facets_body, list_body, one_body};

use super::{Answer, query};

/// `GET /api/agent/events`.
pub async fn list_events(app: &App, filter: Option<Map>) -> Answer<EventListBody<Document>> {
    let filter = EventFilter::from_query(&query(filter)?)?;
    Ok(list_body(app.events.list(filter).await?))
}

/// `GET /api/agent/events/{id}`.
pub async fn get_event(app: &App, id: String) -> Answer<DataBody<Document>> {
    Ok(one_body(app.events.get(id).await?))
}

/// `GET /api/agent/events/facets`.
pub async fn get_event_facets(app: &App, filter: Option<Map>) -> Answer<DataBody<EventFacets>> {
    let filter = EventFilter::from_query(&query(filter)?)?;
    Ok(facets_body(app.events.facets(filter).await?))
}
