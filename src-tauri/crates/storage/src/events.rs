//! The table `agent_events`: append-only.

mod facets;

pub use facets::facets;

use pilotdeck_domain::{Cursor, Document, Event, EventFilter, Order, type_prefix};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

use crate::query::{Where, bind};
use crate::records;
use crate::search::{self, Newest, Search, Wanted};
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

/// The newest `limit` events that match; the cursor leads to older ones.
pub fn list(conn: &Connection, filter: &EventFilter) -> Result<Listing> {
    let read = |row: &Row<'_>| records::document(row, 0);
    let Newest { rows: mut documents, next } =
        newest(conn, filter, filter.limit as usize, "payload_json", read)?;
    if filter.order == Order::Ascending {
        documents.reverse();
    }
    let next_cursor = next.map(|next| next.encode());
    Ok(Listing { total: documents.len() as u64, has_more: next_cursor.is_some(), next_cursor, documents })
}

fn newest<T>(
    conn: &Connection,
    filter: &EventFilter,
    limit: usize,
    columns: &'static str,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Newest<T>> {
    let conditions = conditions(filter);
    if let Some(text) = &filter.q {
        let wanted = Wanted { filter, conditions: &conditions, limit, columns, read };
        return search::newest(conn, &Search::parse(text), &wanted);
    }
    let (table, mut values) = of_projects(&filter.project_ids);
    let sql = format!(
        "SELECT {columns}, ts AS place_ts, seq AS place_seq FROM {table}{} ORDER BY ts DESC, seq DESC LIMIT ?",
        conditions.sql()
    );
    values.extend(conditions.values([limit as i64 + 1]));
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(bind(&values).as_slice())?;
    let mut newest = Newest { rows: Vec::new(), next: None };
    let mut last = None;
    while let Some(row) = rows.next()? {
        if newest.rows.len() == limit {
            newest.next = last;
            break;
        }
        newest.rows.push(read(row)?);
        if newest.rows.len() == limit {
            last = Some(Cursor { key: row.get("place_ts")?, row: row.get("place_seq")? });
        }
    }
    Ok(newest)
}

/// The events of any of these projects, of each project by its own index, from which SQLite merges the newest: with `IN` it
/// would sort all of them.
fn of_projects(ids: &[String]) -> (String, Vec<Value>) {
    let values = ids.iter().cloned().map(Value::Text).collect();
    let table = match ids.len() {
        0 => "agent_events".to_owned(),
        count => {
            let of_one = "SELECT * FROM agent_events WHERE projectId = ?";
            format!("({})", vec![of_one; count].join(" UNION ALL "))
        }
    };
    (table, values)
}

/// All filters but the projects and the search.
fn conditions(filter: &EventFilter) -> Where {
    let mut conditions = Where::default();
    conditions.and_text("runId = ?", filter.run_id.as_deref());
    conditions.and_any("agentId", &filter.agent_ids);
    conditions.and_any("level", &filter.levels);
    and_types(&mut conditions, &filter.types);
    conditions.and_text("ts >= ?", filter.since.map(|time| time.to_string()).as_deref());
    conditions.and_text("ts <= ?", filter.until.map(|time| time.to_string()).as_deref());
    if let Some(before) = &filter.before {
        conditions.and("(ts, seq) < (?, ?)", [Value::Text(before.key.clone()), Value::Integer(before.row)]);
    }
    conditions
}

fn and_types(conditions: &mut Where, types: &[String]) {
    let mut clauses = Vec::new();
    let mut values = Vec::new();
    for word in types {
        clauses.push("type = ?");
        values.push(Value::Text(word.clone()));
        // `action` also finds `action.set_status`: all texts from "action." up to "action/", the next character.
        if let Some(from) = type_prefix(word) {
            clauses.push("(type >= ? AND type < ?)");
            values.extend([Value::Text(from), Value::Text(format!("{word}/"))]);
        }
    }
    if !clauses.is_empty() {
        conditions.and(format!("({})", clauses.join(" OR ")), values);
    }
}
