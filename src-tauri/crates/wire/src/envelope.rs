//! Success envelopes. Generic over the record: they are sent with stored documents, verbatim, and described with the record's type.

use serde::Serialize;
use utoipa::ToSchema;

/// One thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataBody<T> {
    /// Always true.
    pub success: bool,
    /// The thing.
    pub data: T,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub message: Option<&'static str>,
}

impl<T> DataBody<T> {
    /// `{success, data}`.
    pub fn new(data: T) -> DataBody<T> {
        DataBody { success: true, data, message: None }
    }

    /// `{success, data, message}`.
    pub fn with_message(data: T, message: &'static str) -> DataBody<T> {
        DataBody { message: Some(message), ..DataBody::new(data) }
    }
}

/// Done, and nothing to tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneBody {
    /// Always true.
    pub success: bool,
}

impl DoneBody {
    /// `{success}`.
    pub const DONE: DoneBody = DoneBody { success: true };
}

/// A record by its id, made now or known before.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredBody<T> {
    /// Always true.
    pub success: bool,
    /// Its id.
    pub id: String,
    /// Whether this request made it.
    pub created: bool,
    /// The record as stored.
    pub data: T,
    /// Says that it was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub message: Option<&'static str>,
}

impl StoredBody<pilotdeck_domain::Document> {
    /// What became of a create; `exists` is the message when the id was known.
    pub(crate) fn new(stored: pilotdeck_services::Stored, exists: &'static str) -> Self {
        StoredBody {
            success: true,
            id: stored.id,
            created: stored.created,
            data: stored.document,
            message: (!stored.created).then_some(exists),
        }
    }
}

/// A list, and where its next page begins.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListBody<T> {
    /// Always true.
    pub success: bool,
    /// The records.
    pub data: Vec<T>,
    /// How many match (events and usage: how many these are).
    pub total: u64,
    /// Whether more follow.
    pub has_more: bool,
    /// Pass it as `cursor` for the next page; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A list that also tells which part of it was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CountedListBody<T> {
    /// Always true.
    pub success: bool,
    /// The records.
    pub data: Vec<T>,
    /// How many match.
    pub total: u64,
    /// The page's size as used.
    pub limit: u32,
    /// The page's start as used.
    pub offset: u32,
    /// Whether more follow.
    pub has_more: bool,
    /// Pass it as `cursor` for the next page; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A record is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletedBody {
    /// Always true.
    pub success: bool,
    /// Which one.
    pub data: DeletedId,
    /// What was done.
    #[schema(value_type = String)]
    pub message: &'static str,
}

/// The id of a deleted record.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletedId {
    /// Its id.
    pub id: String,
}

impl DeletedBody {
    pub(crate) fn new(id: String, message: &'static str) -> DeletedBody {
        DeletedBody { success: true, data: DeletedId { id }, message }
    }
}
