//! The limits of this machine, measured in the same run: rows a single SQLite connection commits in groups, and requests
//! a bare axum handler answers.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::bodies;

/// Rows per second that plain inserts reach.
pub(crate) struct SqliteLimits {
    pub(crate) events_alone: f64,
    pub(crate) events_by_64: f64,
    pub(crate) events_by_100: f64,
    pub(crate) usage_by_50: f64,
}

pub(crate) fn measure_sqlite(folder: &Path, duration: Duration) -> Result<SqliteLimits> {
    let file = folder.join("limits.db");
    let mut conn = open(&file)?;
    let mut next = 0;
    let mut rate = |group: u64, insert: fn(&Connection, u64) -> Result<()>| -> Result<f64> {
        let first = next;
        let started = Instant::now();
        while started.elapsed() < duration {
            let transaction = conn.transaction()?;
            for number in next..next + group {
                insert(&transaction, number)?;
            }
            transaction.commit()?;
            next += group;
        }
        Ok((next - first) as f64 / started.elapsed().as_secs_f64())
    };
    let limits = SqliteLimits {
        events_by_100: rate(100, insert_event)?,
        events_by_64: rate(64, insert_event)?,
        events_alone: rate(1, insert_event)?,
        usage_by_50: rate(50, insert_usage)?,
    };
    drop(conn);
    fs::remove_file(file)?;
    Ok(limits)
}

/// A file of the schema that the server uses, with the pragmas of the contract.
fn open(file: &Path) -> Result<Connection> {
    #[expect(clippy::disallowed_methods, reason = "the limit is measured without our storage")]
    let conn = Connection::open(file)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    // 64 MB, about what the server lets a WAL grow to.
    conn.pragma_update(None, "wal_autocheckpoint", 16_384)?;
    for script in migrations()? {
        conn.execute_batch(&fs::read_to_string(&script)?)
            .with_context(|| format!("{} does not run", script.display()))?;
    }
    Ok(conn)
}

fn migrations() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../migrations");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut scripts = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    scripts.retain(|path| path.extension().is_some_and(|kind| kind == "sql"));
    scripts.sort();
    Ok(scripts)
}

/// The document the server would keep: the body, with id and time.
fn document(id: &str, ts: &str, number: u64, write: fn(u64, &mut Vec<u8>)) -> Result<String> {
    let mut body = Vec::with_capacity(512);
    write(number, &mut body);
    let rest = String::from_utf8(body)?.split_off(1);
    Ok(format!(r#"{{"id":"{id}","ts":"{ts}",{rest}"#))
}

fn insert_event(conn: &Connection, number: u64) -> Result<()> {
    let id = format!("evt-01997a00-{:04x}-7000-8000-{number:012x}", number >> 16 & 0xffff);
    let ts = format!(
        "2026-01-01T00:{:02}:{:02}.{:06}Z",
        number / 60_000_000 % 60,
        number / 1_000_000 % 60,
        number % 1_000_000
    );
    conn.prepare_cached(
        "INSERT INTO agent_events (id, ts, type, level, projectId, runId, agentId, title, payload_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        id,
        ts,
        "action",
        "info",
        bodies::project_id(number % 12),
        format!("run-{:04}", number / 200 % 500),
        format!("agent-{:02}", number % 24),
        "Ran the tests of the importer",
        document(&id, &ts, number, bodies::write_event)?,
    ])?;
    Ok(())
}

fn insert_usage(conn: &Connection, number: u64) -> Result<()> {
    let id = format!("usage-01997a00-{:04x}-7000-8000-{number:012x}", number >> 16 & 0xffff);
    let ts = bodies::reported_time(number);
    conn.prepare_cached(
        "INSERT INTO token_usage_records (id, ts, projectId, runId, agentId, workspace, source, model,
                                          promptTokens, completionTokens, totalTokens, cost, payload_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        id,
        ts,
        bodies::project_id(number % 12),
        format!("run-{:04}", number / 200 % 500),
        format!("agent-{:02}", number % 24),
        "E:/work/1",
        "opencode",
        "large-2",
        800,
        100,
        900,
        0.012,
        document(&id, &ts, number, bodies::write_usage)?,
    ])?;
    Ok(())
}

/// The bare server: parses what it is sent and answers a few words.
pub(crate) async fn serve_bare(port: u16) -> Result<()> {
    async fn health() -> impl IntoResponse {
        let body = json!({"success": true, "status": "healthy", "timestamp": "2026-01-01T00:00:00.000000Z"});
        ([(CONTENT_TYPE, "application/json")], body.to_string())
    }
    async fn take(body: Bytes) -> impl IntoResponse {
        match serde_json::from_slice::<Value>(&body) {
            Ok(_) => {
                let answer = json!({"success": true, "id": "evt-01997a00-0000-7000-8000-000000000000", "created": true});
                (StatusCode::CREATED, [(CONTENT_TYPE, "application/json")], answer.to_string())
            }
            Err(error) => (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, "text/plain")], error.to_string()),
        }
    }
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    axum::serve(listener, Router::new().route("/", get(health)).fallback(take)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inserts_fit_the_schema_of_the_migrations() {
        let folder = tempfile::tempdir().unwrap();
        let limits = measure_sqlite(folder.path(), Duration::from_millis(5)).unwrap();
        assert!(limits.events_by_64 > 0.0 && limits.usage_by_50 > 0.0);
    }
}
