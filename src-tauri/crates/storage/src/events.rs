//! The table `agent_events`: append-only.

use pilotdeck_domain::{Document, Event, EventFilter};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::query::{Where, contains_pattern};
use crate::records;
use crate::writer::WriteTx;
use crate::{Change, Kind, Listing, Op, Result};

const FIND: &str = "SELECT payload_json FROM agent_events WHERE id = ?1";

/// The event `id` as it is stored.
pub fn find_document(conn: &Connection, id: &str) -> Result<Option<Document>> {
    records::find_document(conn, FIND, id)
}

/// Appends an event.
pub fn insert(tx: &mut WriteTx<'_>, event: &Event) -> Result<Document> {
    let document = event.to_document();
    tx.prepare_cached(
        "INSERT INTO agent_events (id, ts, type, level, projectId, runId, agentId, title, payload_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        event.id,
        event.ts.to_string(),
        event.r#type,
        event.level,
        event.project_id,
        event.run_id,
        event.agent_id,
        event.title,
        document.as_str(),
    ])?;
    tx.deltas().add_event(event);
    tx.publish(Change {
        kind: Kind::Event,
        op: Op::Created,
        id: event.id.clone(),
        project_id: event.project_id.clone(),
        run_id: event.run_id.clone(),
        document: Some(document.clone()),
    });
    Ok(document)
}

/// The newest `limit` events that match, the oldest of them first; the cursor leads to older ones.
pub fn list(conn: &Connection, filter: &EventFilter) -> Result<Listing> {
    let mut conditions = Where::default();
    conditions.and_text("projectId = ?", filter.project_id.as_deref());
    conditions.and_text("runId = ?", filter.run_id.as_deref());
    conditions.and_text("agentId = ?", filter.agent_id.as_deref());
    conditions.and_text("level = ?", filter.level.as_deref());
    if let Some(word) = &filter.r#type {
        let exact = Value::Text(word.clone());
        match filter.type_prefix() {
            None => conditions.and("type = ?", [exact]),
            // `action` also finds `action.set_status`: all texts from "action." up to "action/", the next character.
            Some(from) => {
                let to = Value::Text(format!("{word}/"));
                conditions.and("(type = ? OR (type >= ? AND type < ?))", [exact, Value::Text(from), to]);
            }
        }
    }
    conditions.and_text("ts >= ?", filter.since.map(|time| time.to_string()).as_deref());
    conditions.and_text("ts <= ?", filter.until.map(|time| time.to_string()).as_deref());
    conditions.and_text(
        "(ifnull(title, '') || char(10) || ifnull(payload_json ->> '$.message', '')) LIKE ? ESCAPE '\\'",
        filter.q.as_deref().map(contains_pattern).as_deref(),
    );
    if let Some(before) = &filter.before {
        conditions.and("(ts, seq) < (?, ?)", [Value::Text(before.key.clone()), Value::Integer(before.row)]);
    }
    let sql = format!(
        "SELECT payload_json, ts, seq FROM agent_events{} ORDER BY ts DESC, seq DESC LIMIT ?",
        conditions.sql()
    );
    let values = conditions.values([records::one_more(Some(filter.limit))]);
    let (mut documents, next_cursor) = records::read_page(conn, &sql, &values, Some(filter.limit))?;
    documents.reverse();
    Ok(Listing { total: documents.len() as u64, has_more: next_cursor.is_some(), next_cursor, documents })
}
