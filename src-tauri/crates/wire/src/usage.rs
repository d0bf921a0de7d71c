//! Answers about usage records.

use pilotdeck_domain::{Document, UsageRecord, Value};
use pilotdeck_services::{Listing, UsageAnswer, UsageResult};
use serde::Serialize;
use utoipa::ToSchema;

use crate::csv::{rows, text_cell};
use crate::events::{StoredItem, count, stored_item};
use crate::{DataBody, ErrorBody, ListBody};

/// What became of the records of one request.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageData<T> {
    /// One per record, in order.
    pub results: Vec<UsageItem<T>>,
    /// How many came.
    pub received: usize,
    /// How many are new.
    pub created: usize,
    /// How many were refused.
    pub failed: usize,
}

/// What became of one record.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageItem<T> {
    /// Stored, or why not.
    #[serde(flatten)]
    pub item: StoredItem<T>,
    /// The record as sent, when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub record: Option<Value>,
}

/// `POST /api/agent/usage`: a batch is answered whatever its records are; a single bad record is the failure of the request.
pub fn recorded_body(answer: UsageAnswer) -> Result<DataBody<UsageData<Document>>, Box<ErrorBody>> {
    let (created, failed) = count(answer.results.iter().map(|result| &result.outcome));
    let received = answer.results.len();
    let mut results = Vec::with_capacity(received);
    for UsageResult { outcome, refused } in answer.results {
        match outcome {
            Err(error) if answer.single => return Err(Box::new(error.into())),
            outcome => results.push(UsageItem { item: stored_item(outcome), record: refused }),
        }
    }
    Ok(DataBody::new(UsageData { results, received, created, failed }))
}

/// `GET /api/agent/usage`.
pub fn list_body(list: Listing) -> ListBody<Document> {
    ListBody {
        success: true,
        total: list.documents.len() as u64,
        data: list.documents,
        has_more: list.has_more,
        next_cursor: list.next_cursor,
    }
}

/// The columns of the table of usage records.
const COLUMNS: [&str; 13] = [
    "ts",
    "id",
    "projectId",
    "runId",
    "agentId",
    "workspace",
    "sessionId",
    "source",
    "model",
    "promptTokens",
    "completionTokens",
    "totalTokens",
    "cost",
];

/// The first row of `GET /api/agent/usage.csv`.
pub fn csv_header() -> Result<Vec<u8>, Box<ErrorBody>> {
    rows([COLUMNS])
}

/// Its other rows.
pub fn csv_rows(records: &[UsageRecord]) -> Result<Vec<u8>, Box<ErrorBody>> {
    rows(records.iter().map(csv_row))
}

fn csv_row(record: &UsageRecord) -> [String; COLUMNS.len()] {
    let text = |text: &str| text_cell(text).into_owned();
    let optional = |value: &Option<String>| text(value.as_deref().unwrap_or_default());
    [
        record.ts.to_string(),
        text(&record.id),
        optional(&record.project_id),
        optional(&record.run_id),
        optional(&record.agent_id),
        optional(&record.workspace),
        optional(&record.session_id),
        text(&record.source),
        optional(&record.model),
        record.prompt_tokens.to_string(),
        record.completion_tokens.to_string(),
        record.total_tokens.to_string(),
        // Spelled out: `1e-7` is a text to some spreadsheets.
        record.cost.as_f64().unwrap_or_default().to_string(),
    ]
}
