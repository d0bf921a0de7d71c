//! Answers about runs.

use pilotdeck_domain::stats::RunFacets;
use pilotdeck_domain::{Document, RunFilter};
use pilotdeck_services::{Listing, Stored};

use crate::{CountedListBody, DataBody, StoredBody};

/// `POST /api/agent/runs`.
pub fn created_body(stored: Stored) -> StoredBody<Document> {
    StoredBody::new(stored, "run exists")
}

/// `GET /api/agent/runs`; the filter tells the limit and offset that were used.
pub fn list_body(filter: &RunFilter, list: Listing) -> CountedListBody<Document> {
    CountedListBody {
        success: true,
        data: list.documents,
        total: list.total,
        limit: filter.page.limit.unwrap_or_default(),
        offset: filter.page.offset,
        has_more: list.has_more,
        next_cursor: list.next_cursor,
    }
}

/// `GET /api/agent/runs/facets`.
pub fn facets_body(facets: RunFacets) -> DataBody<RunFacets> {
    DataBody::new(facets)
}

/// `GET` and `PATCH /api/agent/runs/{id}`.
pub fn one_body(run: Document) -> DataBody<Document> {
    DataBody::new(run)
}
