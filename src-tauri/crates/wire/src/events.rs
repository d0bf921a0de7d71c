//! Answers about events.

use pilotdeck_domain::Document;
use pilotdeck_domain::stats::EventFacets;
use pilotdeck_services::{Listing, Result, Stored};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{DataBody, ItemFailure, StoredBody};

/// The newest events that match.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventListBody<T> {
    /// Always true.
    pub success: bool,
    /// The events.
    pub data: Vec<T>,
    /// How many these are.
    pub total: u64,
    /// Whether older ones may follow; with `q` also after a page that is not full.
    pub has_more: bool,
    /// Pass it as `before` for the page of older ones; null at the end.
    #[schema(required)]
    pub cursor: Option<String>,
    /// The same under the name the other lists use.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// What became of many events.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManyEvents<T> {
    /// One per event, in order.
    pub results: Vec<StoredItem<T>>,
    /// How many came.
    pub received: usize,
    /// How many are new.
    pub created: usize,
    /// How many were refused.
    pub failed: usize,
}

/// What became of one record among many.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredItem<T> {
    /// Whether it is stored.
    pub success: bool,
    /// The rest.
    #[serde(flatten)]
    pub outcome: StoredOutcome<T>,
}

/// The record as stored, or why it is not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum StoredOutcome<T> {
    /// It is stored.
    Stored {
        /// Whether this request made it.
        created: bool,
        /// The record as stored.
        data: T,
    },
    /// It was refused.
    Failed(ItemFailure),
}

/// `POST /api/agent/events` with one event.
pub fn created_body(stored: Stored) -> StoredBody<Document> {
    StoredBody::new(stored, "event exists")
}

/// `POST /api/agent/events` with many.
pub fn many_body(results: Vec<Result<Stored>>) -> DataBody<ManyEvents<Document>> {
    let (created, failed) = count(results.iter());
    let received = results.len();
    let results = results.into_iter().map(stored_item).collect();
    DataBody::new(ManyEvents { results, received, created, failed })
}

/// How many of these were made, and how many refused.
pub(crate) fn count<'a>(results: impl Iterator<Item = &'a Result<Stored>>) -> (usize, usize) {
    results.fold((0, 0), |(created, failed), result| match result {
        Ok(stored) => (created + usize::from(stored.created), failed),
        Err(_) => (created, failed + 1),
    })
}

pub(crate) fn stored_item(result: Result<Stored>) -> StoredItem<Document> {
    StoredItem {
        success: result.is_ok(),
        outcome: match result {
            Ok(stored) => StoredOutcome::Stored { created: stored.created, data: stored.document },
            Err(error) => StoredOutcome::Failed(error.into()),
        },
    }
}

/// `GET /api/agent/events`.
pub fn list_body(list: Listing) -> EventListBody<Document> {
    let cursor = list.next_cursor;
    EventListBody {
        success: true,
        total: list.documents.len() as u64,
        data: list.documents,
        has_more: list.has_more,
        cursor: cursor.clone(),
        next_cursor: cursor,
    }
}

/// `GET /api/agent/events/facets`.
pub fn facets_body(facets: EventFacets) -> DataBody<EventFacets> {
    DataBody::new(facets)
}

/// `GET /api/agent/events/{id}`.
pub fn one_body(event: Document) -> DataBody<Document> {
    DataBody::new(event)
}
