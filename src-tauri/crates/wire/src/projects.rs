//! Answers about projects.

use pilotdeck_domain::{Document, Timestamp, Value};
use pilotdeck_services::{Batch, BatchResult, ProjectList};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{DataBody, DeletedBody, ItemFailure};

/// The projects, in manual order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectListBody<T> {
    /// Always true.
    pub success: bool,
    /// The projects.
    pub data: Vec<T>,
    /// How many match.
    pub total: u64,
    /// The last change to any project or their order.
    #[schema(required)]
    pub last_updated: Option<Timestamp>,
    /// Whether more follow.
    pub has_more: bool,
    /// Pass it as `cursor` for the next page; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// What became of a batch of patches.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchData<T> {
    /// One per op, in order.
    pub results: Vec<BatchItem<T>>,
    /// Whether one op at least wrote.
    pub changed: bool,
    /// The last change to any project or their order.
    #[schema(required)]
    pub last_updated: Option<Timestamp>,
}

/// What became of one op.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchItem<T> {
    /// As sent.
    #[schema(required)]
    pub op_id: Option<Value>,
    /// As sent.
    #[schema(required)]
    pub id: Option<Value>,
    /// Whether it wrote.
    pub success: bool,
    /// The rest.
    #[serde(flatten)]
    pub outcome: BatchOutcome<T>,
}

/// The project after an op, or why there was none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum BatchOutcome<T> {
    /// It was written.
    Done {
        /// 200.
        status: u16,
        /// The project after it.
        data: T,
    },
    /// It was refused.
    Failed(ItemFailure),
}

/// `GET /api/projects`, `POST /api/projects/reorder`.
pub fn list_body(list: ProjectList) -> ProjectListBody<Document> {
    ProjectListBody {
        success: true,
        data: list.documents,
        total: list.total,
        last_updated: list.last_updated,
        has_more: list.next_cursor.is_some(),
        next_cursor: list.next_cursor,
    }
}

/// `GET /api/projects/{id}`.
pub fn one_body(project: Document) -> DataBody<Document> {
    DataBody::new(project)
}

/// `POST /api/projects`.
pub fn created_body(project: Document) -> DataBody<Document> {
    DataBody::with_message(project, "Project created")
}

/// `PATCH` and `PUT /api/projects/{id}`.
pub fn updated_body(project: Document) -> DataBody<Document> {
    DataBody::with_message(project, "Project updated")
}

/// `DELETE /api/projects/{id}`.
pub fn deleted_body(id: String) -> DeletedBody {
    DeletedBody::new(id, "Project deleted")
}

/// `POST /api/projects/batch`.
pub fn batch_body(batch: Batch) -> DataBody<BatchData<Document>> {
    DataBody::new(BatchData {
        results: batch.results.into_iter().map(batch_item).collect(),
        changed: batch.changed,
        last_updated: batch.last_updated,
    })
}

fn batch_item(result: BatchResult) -> BatchItem<Document> {
    BatchItem {
        op_id: result.op_id,
        id: result.id,
        success: result.outcome.is_ok(),
        outcome: match result.outcome {
            Ok(data) => BatchOutcome::Done { status: 200, data },
            Err(error) => BatchOutcome::Failed(error.into()),
        },
    }
}
