//! Usage records, as the window asks for them.

use pilotdeck_domain::{Document, Map, UsageFilter};
use pilotdeck_services::App;
use pilotdeck_wire::ListBody;
use pilotdeck_wire::usage::list_body;

use super::{Answer, query};

/// `GET /api/agent/usage`.
pub async fn list_usage(app: &App, filter: Option<Map>) -> Answer<ListBody<Document>> {
    let filter = UsageFilter::from_query(&query(filter)?)?;
    Ok(list_body(app.usage.list(filter).await?))
}
