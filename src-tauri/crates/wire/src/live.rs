//! One committed change as live listeners read it.

use pilotdeck_services::Change;
use utoipa::ToSchema;

/// The data of a `change` message. Only for the description of the API: what is sent is the change itself.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
pub struct LiveChange {
    /// `project`, `run`, `event`, `profile`, `capability`, `usage` or `order` (the manual order of the projects).
    kind: String,
    /// `created`, `updated` or `deleted`.
    op: String,
    /// The record's id; empty for `order`.
    id: String,
    /// The project it belongs to.
    #[schema(required)]
    project_id: Option<String>,
    /// The run it belongs to.
    #[schema(required)]
    run_id: Option<String>,
    /// The record as it now is; null after a delete.
    #[schema(value_type = Option<Object>, required)]
    document: Option<()>,
}

/// A change as text, for both kinds of listeners.
pub fn change_text(change: &Change) -> String {
    serde_json::to_string(change).unwrap_or_else(|error| {
        // A change is texts and a stored document: there is nothing in it that could fail.
        tracing::error!("a change could not be written: {error}");
        "{}".to_owned()
    })
}
