//! The timeline.

use axum::extract::State;
use pilotdeck_domain::stats::EventFacets;
use pilotdeck_domain::{Event, EventFilter};
use pilotdeck_wire::events::{
    EventListBody, ManyEvents, created_body, facets_body, list_body, many_body, one_body,
};
use pilotdeck_wire::input::EventsInput;
use pilotdeck_wire::{DataBody, StoredBody};

use crate::answer::{Answer, created_or_known, ok};
use crate::body::{JsonObject, LARGE};
use crate::credential::AgentCaller;
use crate::request::{Id, Query};
use crate::server::Server;

/// Lists the newest events that match, oldest of them first unless `order` says otherwise.
#[utoipa::path(
    get, path = "/api/agent/events", tag = "events", operation_id = "listEvents",
    params(
        ("projectId" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("runId" = Option<String>, Query),
        ("agentId" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("type" = Option<Vec<String>>, Query, description = "May repeat; a word without a dot also finds `word.…`"),
        ("level" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("q" = Option<String>, Query, description = "Words or how they begin, all of which an event must have"),
        ("since" = Option<String>, Query),
        ("until" = Option<String>, Query),
        ("limit" = Option<u32>, Query, description = "1 to 2000, default 200"),
        ("before" = Option<String>, Query, description = "`cursor` of the page before: older ones"),
        ("cursor" = Option<String>, Query, description = "The same as `before`"),
        ("order" = Option<String>, Query, description = "`desc`: newest first; default `asc`"),
    ),
    responses((status = 200, body = EventListBody<Event>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn list_events(State(server): State<Server>, _: AgentCaller, Query(query): Query) -> Answer {
    let filter = EventFilter::from_query(&query)?;
    Ok(ok(&list_body(server.app.events.list(filter).await?)))
}

/// Counts what the newest events that match are like, for choosing filters.
#[utoipa::path(
    get, path = "/api/agent/events/facets", tag = "events", operation_id = "getEventFacets",
    params(
        ("projectId" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("runId" = Option<String>, Query),
        ("agentId" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("type" = Option<Vec<String>>, Query, description = "May repeat; a word without a dot also finds `word.…`"),
        ("level" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("q" = Option<String>, Query, description = "Words or how they begin, all of which an event must have"),
        ("since" = Option<String>, Query),
        ("until" = Option<String>, Query),
    ),
    responses((status = 200, body = DataBody<EventFacets>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn get_event_facets(
    State(server): State<Server>,
    _: AgentCaller,
    Query(query): Query,
) -> Answer {
    let filter = EventFilter::from_query(&query)?;
    Ok(ok(&facets_body(server.app.events.facets(filter).await?)))
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
    AgentCaller(caller): AgentCaller,
    JsonObject(body): JsonObject<LARGE>,
) -> Answer {
    let events = server.app.events.within(caller.scope());
    if body.contains_key("events") {
        return Ok(ok(&many_body(events.create_many(body).await?)));
    }
    let stored = events.create(body).await?;
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
pub(crate) async fn get_event(
    State(server): State<Server>,
    AgentCaller(caller): AgentCaller,
    Id(id): Id,
) -> Answer {
    Ok(ok(&one_body(server.app.events.within(caller.scope()).get(id).await?)))
}
