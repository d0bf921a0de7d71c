//! The table `token_usage_records`.

use pilotdeck_domain::{Cursor, Document, Map, Number, Timestamp, UsageFilter, UsageRecord};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

use crate::query::{Where, bind};
use crate::records::{self, ListQuery};
use crate::writer::WriteTx;
use crate::{Change, Error, Kind, Listing, Op, Result, meta};

pub use crate::token_stats::{token_series, token_stats};

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
    let conditions = conditions(filter);
    ListQuery { table: "token_usage_records", key: "ts", descending: true, conditions, count_all: false }
        .run(conn, &filter.page)
}

/// The next `limit` records that match after `cursor`, newest first, and the last of them if there may be more. Read from the
/// columns alone, for exports: without `data` and without fields that PilotDeck does not know.
pub fn list_columns(
    conn: &Connection,
    filter: &UsageFilter,
    cursor: Option<&Cursor>,
    limit: u32,
) -> Result<(Vec<UsageRecord>, Option<Cursor>)> {
    let mut conditions = conditions(filter);
    if let Some(Cursor { key, row }) = cursor {
        conditions.and("(ts, seq) < (?, ?)", [Value::Text(key.clone()), Value::Integer(*row)]);
    }
    let sql = format!(
        "SELECT ts, seq, id, projectId, runId, agentId, workspace, sessionId, source, model, promptTokens,
           completionTokens, totalTokens, cost
         FROM token_usage_records{} ORDER BY ts DESC, seq DESC LIMIT ?",
        conditions.sql()
    );
    let values = conditions.values([i64::from(limit)]);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(bind(&values).as_slice())?;
    let mut records = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        records.push(from_columns(row)?);
        if records.len() == limit as usize {
            last = Some(Cursor { key: row.get(0)?, row: row.get(1)? });
        }
    }
    Ok((records, last))
}

fn from_columns(row: &Row<'_>) -> Result<UsageRecord> {
    let ts: String = row.get(0)?;
    Ok(UsageRecord {
        ts: Timestamp::parse(&ts)
            .ok_or_else(|| Error::Corrupt(format!("a usage record is of the time {ts:?}")))?,
        id: row.get(2)?,
        project_id: row.get(3)?,
        run_id: row.get(4)?,
        agent_id: row.get(5)?,
        workspace: row.get(6)?,
        session_id: row.get(7)?,
        source: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
        model: row.get(9)?,
        prompt_tokens: row.get(10)?,
        completion_tokens: row.get(11)?,
        total_tokens: row.get(12)?,
        cost: Number::from_f64(row.get(13)?).unwrap_or_else(|| 0.into()),
        data: Map::new(),
        extra: Map::new(),
    })
}

fn conditions(filter: &UsageFilter) -> Where {
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
    conditions
}
