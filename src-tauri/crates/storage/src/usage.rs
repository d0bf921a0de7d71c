//! The table `token_usage_records`.

use pilotdeck_domain::{Document, UsageFilter, UsageRecord};
use rusqlite::{Connection, params};

use crate::query::Where;
use crate::records::{self, ListQuery};
use crate::writer::WriteTx;
use crate::{Change, Kind, Listing, Op, Result, meta};

pub use crate::token_stats::token_stats;

const FIND: &str = "SELECT payload_json FROM token_usage_records WHERE id = ?1";

/// The record `id` as it is stored.
pub fn find_document(conn: &Connection, id: &str) -> Result<Option<Document>> {
    records::find_document(conn, FIND, id)
}

/// Adds a record.
pub fn insert(tx: &mut WriteTx<'_>, record: &UsageRecord) -> Result<Document> {
    let document = record.to_document();
    tx.prepare_cached(
        "INSERT INTO token_usage_records (id, ts, projectId, runId, agentId, workspace, sessionId, source, model,
           promptTokens, completionTokens, totalTokens, cost, payload_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        record.id,
        record.ts.to_string(),
        record.project_id,
        record.run_id,
        record.agent_id,
        record.workspace,
        record.session_id,
        record.source,
        record.model,
        record.prompt_tokens,
        record.completion_tokens,
        record.total_tokens,
        record.cost.as_f64().unwrap_or_default(),
        document.as_str(),
    ])?;
    tx.deltas().add_usage(record);
    tx.publish(Change {
        kind: Kind::Usage,
        op: Op::Created,
        id: record.id.clone(),
        project_id: record.project_id.clone(),
        run_id: record.run_id.clone(),
        document: Some(document.clone()),
    });
    Ok(document)
}

/// Notes that records came in; once a batch, not once a record.
pub fn touch(tx: &mut WriteTx<'_>) -> Result<()> {
    let now = tx.stamp().to_string();
    meta::set(tx, meta::USAGE_LAST_UPDATED, &now)
}

/// The records that match, newest first.
pub fn list(conn: &Connection, filter: &UsageFilter) -> Result<Listing> {
    let mut conditions = Where::default();
    conditions.and_text("projectId = ?", filter.project_id.as_deref());
    conditions.and_text("agentId = ?", filter.agent_id.as_deref());
    conditions.and_text("workspace = ?", filter.workspace.as_deref());
    conditions.and_text("source = ?", filter.source.as_deref());
    conditions.and_text("runId = ?", filter.run_id.as_deref());
    conditions.and_text("model = ?", filter.model.as_deref());
    conditions.and_text("sessionId = ?", filter.session_id.as_deref());
    conditions.and_text("ts >= ?", filter.since.map(|time| time.to_string()).as_deref());
    conditions.and_text("ts <= ?", filter.until.map(|time| time.to_string()).as_deref());
    ListQuery { table: "token_usage_records", key: "ts", descending: true, conditions, count_all: false }
        .run(conn, &filter.page)
}
