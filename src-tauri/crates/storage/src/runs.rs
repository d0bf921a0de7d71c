//! The table `agent_runs`.

use std::collections::HashMap;

use pilotdeck_domain::stats::{Facet, RunFacets, RunFigures};
use pilotdeck_domain::{Document, Order, Run, RunFilter};
use rusqlite::{Connection, OptionalExtension, params};

use crate::query::{Where, bind, contains_pattern};
use crate::records::{self, ListQuery};
use crate::token_stats::run_sums;
use crate::writer::WriteTx;
use crate::{Change, Kind, Listing, Op, Result, meta};

const FIND: &str = "SELECT payload_json FROM agent_runs WHERE id = ?1";
const FIND_BY_SESSION: &str =
    "SELECT payload_json FROM agent_runs WHERE sessionId = ?1 ORDER BY createdAt DESC, seq DESC LIMIT 1";

/// The run with this id, else the newest one of this session.
pub fn find(conn: &Connection, id: &str) -> Result<Option<Run>> {
    Ok(find_document(conn, id)?.map(|document| Run::from_document(document.to_map())))
}

/// The same as it is stored.
pub fn find_document(conn: &Connection, id: &str) -> Result<Option<Document>> {
    match find_exact(conn, id)? {
        Some(document) => Ok(Some(document)),
        None => records::find_document(conn, FIND_BY_SESSION, id),
    }
}

/// The run with this very id, as it is stored.
pub fn find_exact(conn: &Connection, id: &str) -> Result<Option<Document>> {
    records::find_document(conn, FIND, id)
}

/// The project of a run: none when the run is unknown or has none.
pub fn find_project_id(conn: &Connection, id: &str) -> Result<Option<String>> {
    let exact = conn
        .prepare_cached("SELECT projectId FROM agent_runs WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    match exact {
        Some(project_id) => Ok(project_id),
        None => Ok(conn
            .prepare_cached(
                "SELECT projectId FROM agent_runs WHERE sessionId = ?1 ORDER BY createdAt DESC, seq DESC LIMIT 1",
            )?
            .query_row([id], |row| row.get(0))
            .optional()?
            .flatten()),
    }
}

/// Adds a run.
pub fn insert(tx: &mut WriteTx<'_>, run: &Run) -> Result<Document> {
    let document = run.to_document();
    write(
        tx,
        "INSERT INTO agent_runs (id, projectId, agentId, sessionId, title, status, createdAt, updatedAt, startedAt,
           finishedAt, payload_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        run,
        &document,
    )?;
    changed(tx, Op::Created, run, &document)?;
    Ok(document)
}

/// Writes a changed run.
pub fn update(tx: &mut WriteTx<'_>, run: &Run) -> Result<Document> {
    let document = run.to_document();
    write(
        tx,
        "UPDATE agent_runs SET projectId = ?2, agentId = ?3, sessionId = ?4, title = ?5, status = ?6, createdAt = ?7,
           updatedAt = ?8, startedAt = ?9, finishedAt = ?10, payload_json = ?11
         WHERE id = ?1",
        run,
        &document,
    )?;
    changed(tx, Op::Updated, run, &document)?;
    Ok(document)
}

fn write(tx: &WriteTx<'_>, sql: &str, run: &Run, document: &Document) -> Result<()> {
    tx.prepare_cached(sql)?.execute(params![
        run.id,
        run.project_id,
        run.agent_id,
        run.session_id,
        run.title,
        run.status,
        run.created_at.to_string(),
        run.updated_at.to_string(),
        run.started_at.to_string(),
        run.finished_at.map(|time| time.to_string()),
        document.as_str(),
    ])?;
    Ok(())
}

fn changed(tx: &mut WriteTx<'_>, op: Op, run: &Run, document: &Document) -> Result<()> {
    meta::set(tx, meta::RUNS_LAST_UPDATED, &run.updated_at.to_string())?;
    tx.publish(Change {
        kind: Kind::Run,
        op,
        id: run.id.clone(),
        project_id: run.project_id.clone(),
        run_id: Some(run.id.clone()),
        document: Some(document.clone()),
    });
    Ok(())
}

/// Takes the link to a deleted project off its runs. Their `updatedAt` stays: nobody worked on them.
pub(crate) fn unlink_project(tx: &mut WriteTx<'_>, project_id: &str) -> Result<()> {
    let runs: Vec<String> = tx
        .prepare_cached("SELECT id FROM agent_runs WHERE projectId = ?1")?
        .query_map([project_id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in runs {
        if let Some(document) = find_exact(tx, &id)? {
            let mut run = Run::from_document(document.to_map());
            run.project_id = None;
            update(tx, &run)?;
        }
    }
    Ok(())
}

/// The runs that match, by the time they were made.
pub fn list(conn: &Connection, filter: &RunFilter) -> Result<Listing> {
    ListQuery {
        table: "agent_runs",
        key: "createdAt",
        descending: filter.order == Order::Descending,
        conditions: conditions(filter),
        count_all: true,
    }
    .run(conn, &filter.page)
}

fn conditions(filter: &RunFilter) -> Where {
    let mut conditions = Where::default();
    conditions.and_any("projectId", &filter.project_ids);
    conditions.and_any("agentId", &filter.agent_ids);
    conditions.and_any("status", &filter.statuses);
    conditions.and_text("sessionId = ?", filter.session_id.as_deref());
    conditions.and_text("createdAt >= ?", filter.since.map(|time| time.to_string()).as_deref());
    conditions.and_text(
        "(ifnull(title, '') || char(10) || id || char(10) || ifnull(payload_json ->> '$.summary', ''))
           LIKE ? ESCAPE '\\'",
        filter.q.as_deref().map(contains_pattern).as_deref(),
    );
    conditions
}

/// What the runs that match are like. Each list is counted without its own filter: one pass without these filters tells how
/// many runs share all three values, and each list adds up those that the other two let pass.
pub fn facets(conn: &Connection, filter: &RunFilter) -> Result<RunFacets> {
    let without =
        RunFilter { statuses: Vec::new(), agent_ids: Vec::new(), project_ids: Vec::new(), ..filter.clone() };
    let conditions = conditions(&without);
    let sql = format!(
        "SELECT ifnull(status, ''), ifnull(agentId, ''), ifnull(projectId, ''), count(*) FROM agent_runs{}
         GROUP BY 1, 2, 3",
        conditions.sql()
    );
    let wanted = [&filter.statuses, &filter.agent_ids, &filter.project_ids];
    let mut counts: [HashMap<String, u64>; 3] = Default::default();
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(bind(&conditions.values([])).as_slice())?;
    while let Some(row) = rows.next()? {
        let values: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
        let count = row.get::<_, i64>(3)?.unsigned_abs();
        let passes = |list: usize| wanted[list].is_empty() || wanted[list].contains(&values[list]);
        let passing = [passes(0), passes(1), passes(2)];
        let counted = [passing[1] && passing[2], passing[0] && passing[2], passing[0] && passing[1]];
        for ((counts, value), counted) in counts.iter_mut().zip(values).zip(counted) {
            if counted && !value.is_empty() {
                *counts.entry(value).or_default() += count;
            }
        }
    }
    let [statuses, agents, projects] = counts.map(ranked);
    Ok(RunFacets { statuses, agents, projects })
}

fn ranked(counts: HashMap<String, u64>) -> Vec<Facet> {
    let mut facets: Vec<_> = counts.into_iter().map(|(value, count)| Facet { value, count }).collect();
    facets.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    facets
}

/// What each of these runs did, in this order; zeroes for one that nobody spoke of.
pub fn figures(conn: &Connection, ids: Vec<String>) -> Result<Vec<RunFigures>> {
    let mut events = conn.prepare_cached(
        "SELECT count(*), count(*) FILTER (WHERE level = 'error') FROM agent_events WHERE runId = ?1",
    )?;
    let mut figures = Vec::with_capacity(ids.len());
    for run_id in ids {
        let (events, errors): (i64, i64) =
            events.query_row([&run_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let sums = run_sums(conn, &run_id)?;
        figures.push(RunFigures {
            run_id,
            events: events.unsigned_abs(),
            errors: errors.unsigned_abs(),
            sums,
        });
    }
    Ok(figures)
}
