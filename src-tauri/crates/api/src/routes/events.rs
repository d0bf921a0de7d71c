//! The timeline.

use axum::extract::State;
use pilotdeck_domain::{Event, EventFilter};
use pilotdeck_wire::events::{EventListBody, ManyEvents, created_body, list_body, many_body, one_body};
use pilotdeck_wire::input::EventsInput;
use pilotdeck_wire::{DataBody, StoredBody};

use crate::answer::{Answer, created_or_known, ok};
use crate::body::{JsonObject, LARGE};
use crate::credential::AgentCaller;
use crate::request::{Id, Query};
use crate::server::Server;

/// Lists the newest events that match, oldest of them first.
#[utoipa::path(
    get, path = "/api/agent/events", tag = "events", operation_id = "listEvents",
    params(
        ("projectId" = Option<String>, Query),
        ("runId" = Option<String>, Query),
        ("agentId" = Option<String>, Query),
        ("type" = Option<String>, Query, description = "A word without a dot also finds `word.…`"),
        ("level" = Option<String>, Query),
        ("q" = Option<String>, Query, description = "Text search"),
        ("since" = Option<String>, Query),
        ("until" = Option<String>, Query),
        ("limit" = Option<u32>, Query, description = "1 to 2000, default 200"),
        ("before" = Option<String>, Query, description = "`cursor` of the page before: older ones"),
        ("cursor" = Option<String>, Query, description = "The same as `before`"),
    ),
    responses((status = 200, body = EventListBody<Event>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn list_events(State(server): State<Server>, _: AgentCaller, Query(query): Query) -> Answer {
    let filter = EventFilter::from_query(&query)?;
    Ok(ok(&list_body(server.app.events.list(filter).await?)))
}

/// Adds an event, or many.
#[utoipa::path(
    post, path = "/api/agent/events", tag = "events", operation_id = "createEvents", request_body = EventsInput,
    responses(
        (status = 201, body = StoredBody<Event>),
        (status = 200, body = EventsKnown, description = "The id was known, or many were sent"),
    ),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn create_events(
    State(server): State<Server>,
    _: AgentCaller,
    JsonObject(body): JsonObject<LARGE>,
) -> Answer {
    if body.contains_key("events") {
        return Ok(ok(&many_body(server.app.events.create_many(body).await?)));
    }
    let stored = server.app.events.create(body).await?;
    Ok(created_or_known(stored.created, &created_body(stored)))
}

/// The two answers with status 200. Only for the description.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum EventsKnown {
    Many(DataBody<ManyEvents<Event>>),
    Known(Box<StoredBody<Event>>),
}

/// Tells one event.
#[utoipa::path(
    get, path = "/api/agent/events/{id}", tag = "events", operation_id = "getEvent", params(("id" = String, Path)),
    responses((status = 200, body = DataBody<Event>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn get_event(State(server): State<Server>, _: AgentCaller, Id(id): Id) -> Answer {
    Ok(ok(&one_body(server.app.events.get(id).await?)))
}
