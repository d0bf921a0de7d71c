//! Answers about profiles and capabilities: two nouns, one shape.

use pilotdeck_domain::Document;
use pilotdeck_services::{Listing, Noun, Stored};

use crate::{DataBody, DeletedBody, ListBody, StoredBody};

/// `GET /api/agent/profiles`, `GET /api/agent/capabilities`.
pub fn list_body(list: Listing) -> ListBody<Document> {
    ListBody {
        success: true,
        data: list.documents,
        total: list.total,
        has_more: list.has_more,
        next_cursor: list.next_cursor,
    }
}

/// `POST` of either.
pub fn created_body(noun: Noun, stored: Stored) -> StoredBody<Document> {
    StoredBody::new(stored, if noun == Noun::Profile { "profile exists" } else { "capability exists" })
}

/// `GET` and `PATCH` of either.
pub fn one_body(record: Document) -> DataBody<Document> {
    DataBody::new(record)
}

/// `DELETE` of either.
pub fn deleted_body(noun: Noun, id: String) -> DeletedBody {
    DeletedBody::new(id, if noun == Noun::Profile { "Profile deleted" } else { "Capability deleted" })
}
