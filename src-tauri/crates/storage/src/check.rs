//! Whether a live database is whole: its structure, its references, and its roll-ups against the records that they sum up.
//! On a connection of its own that only reads, so that no other reader waits, with an end that it cannot overrun.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rusqlite::types::Type;
use rusqlite::{Connection, ErrorCode, Row};

use crate::{Error, Result, readers};

/// Findings told; whoever has more needs no longer list.
pub const MOST_PROBLEMS: usize = 100;
/// The longest sentence about one of them, and the longest key in it.
const MOST_CHARACTERS: usize = 500;
const MOST_OF_KEY: usize = 40;
/// Instructions of SQLite's machine between two looks at the clock: about a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 20_000;
/// Sums of one set of amounts differ by the order in which they were added, by much less than this.
const SAME_COST: f64 = 1e-9;

/// When a check ends before it is done.
#[derive(Debug, Clone)]
pub struct Limits {
    /// At this time.
    pub deadline: Instant,
    /// As soon as this is set.
    pub stop: Arc<AtomicBool>,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// A sentence for each problem, at most [`MOST_PROBLEMS`].
    pub problems: Vec<String>,
    /// Some roll-up says something else than its records.
    pub rollups_differ: bool,
    /// It ended at its limits: what was not looked at may be good or bad.
    pub stopped: bool,
}

/// Checks the database file `path`, which may be in use. An error means that it could not be checked.
pub fn check(path: &Path, limits: Limits) -> Result<Findings> {
    let mut findings = Findings::default();
    let conn = match open(path, limits) {
        Ok(conn) => conn,
        Err(error) => return findings.take(Err(error)).map(|()| findings),
    };
    // Each with a snapshot of its own: a long one keeps the WAL from starting over.
    for part in [structure, references, event_rollups, usage_rollups] {
        let outcome = part(&conn, &mut findings);
        findings.take(outcome)?;
        if findings.stopped {
            break;
        }
    }
    findings.problems.truncate(MOST_PROBLEMS);
    Ok(findings)
}

fn open(path: &Path, limits: Limits) -> Result<Connection> {
    let conn = readers::open(path)?;
    let Limits { deadline, stop } = limits;
    let is_over = move || stop.load(Ordering::Relaxed) || Instant::now() >= deadline;
    conn.progress_handler(STEPS_BETWEEN_LOOKS, Some(is_over))?;
    Ok(conn)
}

impl Findings {
    /// Damage that keeps a part of the check from its end is a finding, not a failure of the check.
    fn take(&mut self, outcome: Result<()>) -> Result<()> {
        match outcome {
            Err(Error::Corrupt(what)) => self.add(&what),
            Err(Error::Sqlite(error)) => match error.sqlite_error_code() {
                Some(ErrorCode::OperationInterrupted) => self.stopped = true,
                Some(ErrorCode::SystemIoFailure) => self.add("The file could not be read to its end"),
                // SQLite gave a value that its column cannot hold.
                None => self.add(&format!("A stored value is not what its column holds: {error}")),
                Some(_) => return Err(Error::Sqlite(error)),
            },
            outcome => return outcome,
        }
        Ok(())
    }

    fn add(&mut self, problem: &str) {
        self.problems.push(shown(problem, MOST_CHARACTERS));
    }

    fn is_full(&self) -> bool {
        self.problems.len() >= MOST_PROBLEMS
    }
}

fn structure(conn: &Connection, findings: &mut Findings) -> Result<()> {
    let mut statement = conn.prepare(&format!("PRAGMA integrity_check({MOST_PROBLEMS})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        // A row may hold several lines under a heading in stars.
        let lines = text.lines().filter(|line| *line != "ok" && !line.starts_with("***"));
        lines.for_each(|line| findings.add(line));
    }
    Ok(())
}

fn references(conn: &Connection, findings: &mut Findings) -> Result<()> {
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()?
        && !findings.is_full()
    {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        findings.add(&format!("A row of {table} refers to a row of {parent} that is not there"));
    }
    Ok(())
}

/// A roll-up and the records that it sums up. Both queries give the keys, then the sums, in the order of the names.
struct Rollup {
    table: &'static str,
    records: &'static str,
    kept: &'static str,
    keys: &'static [&'static str],
    sums: &'static [&'static str],
}

const EVENTS: Rollup = Rollup {
    table: "events_hourly",
    records: "SELECT substr(ts, 1, 13), coalesce(projectId, ''), level, 1 FROM agent_events",
    kept: "SELECT hour, projectId, level, events FROM events_hourly",
    keys: &["hour", "project", "level"],
    sums: &["events"],
};

const USAGE: Rollup = Rollup {
    table: "usage_hourly",
    records: "SELECT substr(ts, 1, 13), coalesce(projectId, ''), coalesce(agentId, ''), coalesce(workspace, ''),
                coalesce(source, ''), coalesce(model, ''), 1, promptTokens, completionTokens, totalTokens, cost
              FROM token_usage_records",
    kept: "SELECT hour, projectId, agentId, workspace, source, model,
             records, promptTokens, completionTokens, totalTokens, cost FROM usage_hourly",
    keys: &["hour", "project", "agent", "workspace", "source", "model"],
    sums: &["records", "prompt tokens", "completion tokens", "tokens", "cost"],
};

fn event_rollups(conn: &Connection, findings: &mut Findings) -> Result<()> {
    compare(conn, findings, &EVENTS)
}

fn usage_rollups(conn: &Connection, findings: &mut Findings) -> Result<()> {
    compare(conn, findings, &USAGE)
}

/// Sums the records anew and holds each row of the roll-up against them, both of one moment. Takes as much memory as the
/// roll-up itself.
fn compare(conn: &Connection, findings: &mut Findings, rollup: &Rollup) -> Result<()> {
    conn.execute_batch("BEGIN")?;
    let compared = differences(conn, rollup);
    // Damage and an interruption can have ended the transaction already.
    if !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK")?;
    }
    for difference in compared? {
        findings.rollups_differ = true;
        findings.add(&difference);
    }
    Ok(())
}

fn differences(conn: &Connection, rollup: &Rollup) -> Result<Vec<String>> {
    let mut counted: HashMap<Vec<String>, Vec<Number>> = HashMap::new();
    each(conn, rollup, rollup.records, |keys, sums| match counted.get_mut(&keys) {
        Some(known) => known.iter_mut().zip(sums).for_each(|(known, more)| known.add(more)),
        None => {
            counted.insert(keys, sums);
        }
    })?;
    let table = rollup.table;
    let mut differences = Vec::new();
    let mut add = |text: String| {
        if differences.len() < MOST_PROBLEMS {
            differences.push(text);
        }
    };
    each(conn, rollup, rollup.kept, |keys, kept| {
        let (kept_text, place) = (rollup.tell(&kept), rollup.name(&keys));
        match counted.remove(&keys) {
            None => add(format!("{table} has {kept_text} without a record ({place})")),
            Some(sums) if !sums.iter().zip(&kept).all(|(sum, kept)| sum.is(kept)) => {
                add(format!("{table} has {kept_text}, the records have {} ({place})", rollup.tell(&sums)));
            }
            Some(_) => {}
        }
    })?;
    for (keys, sums) in &counted {
        add(format!("{table} lacks {} ({})", rollup.tell(sums), rollup.name(keys)));
    }
    Ok(differences)
}

fn each(
    conn: &Connection,
    rollup: &Rollup,
    sql: &str,
    mut work: impl FnMut(Vec<String>, Vec<Number>),
) -> Result<()> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let first_sum = rollup.keys.len();
        let keys = (0..first_sum).map(|index| row.get(index)).collect::<rusqlite::Result<_>>()?;
        let sums = (first_sum..first_sum + rollup.sums.len())
            .map(|index| Number::read(row, index))
            .collect::<rusqlite::Result<_>>()?;
        work(keys, sums);
    }
    Ok(())
}

impl Rollup {
    fn tell(&self, sums: &[Number]) -> String {
        let parts = self.sums.iter().zip(sums).map(|(name, sum)| match sum {
            Number::Whole(number) => format!("{number} {name}"),
            Number::Real(number) => format!("{number} {name}"),
        });
        parts.collect::<Vec<_>>().join(", ")
    }

    /// The keys that are set, short enough to leave room for the numbers.
    fn name(&self, keys: &[String]) -> String {
        let set = self.keys.iter().zip(keys).filter(|(_, key)| !key.is_empty());
        let parts = set.map(|(name, key)| format!("{name} {}", shown(key, MOST_OF_KEY)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// A sum: counts to the digit, money as a real number.
#[derive(Debug, Clone, Copy)]
enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    fn read(row: &Row<'_>, index: usize) -> rusqlite::Result<Number> {
        match row.get_ref(index)?.data_type() {
            Type::Real => row.get(index).map(Number::Real),
            _ => row.get(index).map(Number::Whole),
        }
    }

    /// Stops at the largest number, as the roll-up does.
    fn add(&mut self, more: Number) {
        *self = match (*self, more) {
            (Number::Whole(sum), Number::Whole(more)) => Number::Whole(sum.saturating_add(more)),
            (sum, more) => Number::Real(sum.real() + more.real()),
        };
    }

    fn is(&self, other: &Number) -> bool {
        if let (Number::Whole(one), Number::Whole(other)) = (self, other) {
            return one == other;
        }
        let (one, other) = (self.real(), other.real());
        // Written so that what is no number is a difference.
        (one - other).abs() <= SAME_COST * one.abs().max(other.abs()).max(1.0)
    }

    fn real(self) -> f64 {
        match self {
            Number::Whole(number) => number as f64,
            Number::Real(number) => number,
        }
    }
}

/// One line, not too long: keys are texts of agents.
fn shown(text: &str, most: usize) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(most).collect()
}
