//! Full-text search of events. The writer fills the index `event_search` when it has nothing else to do, in steps so small
//! that a write which comes meanwhile hardly waits. How far it is stands in `meta`, written with the rows of the index: killed
//! at any point, both tell the same. Events that are not in the index yet are read one by one, so they are found at once.
//!
//! Whatever is found is listed as the timeline is: by `ts`, then `seq`.

mod find;
mod words;

pub(crate) use find::{Newest, Wanted, newest};
pub(crate) use words::Search;

use rusqlite::{Connection, OptionalExtension};

use crate::{Error, Result, meta};

/// What one step indexes at most: half a millisecond's work.
const STEP_EVENTS: usize = 64;
const STEP_BYTES: usize = 256 * 1024;
/// Pages of the index that one step merges.
const STEP_PAGES: i64 = 16;

/// How far the index is. Without the row in `meta`, as in a file that was just migrated or restored, it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Position {
    /// The last event in the index, by `seq`.
    seq: i64,
    /// From this `seq` on each event of the index is newer than all before it: there `seq` alone gives the order. Imported
    /// events may stand in any order.
    ordered_from: i64,
    /// The latest `ts` in the index.
    newest: String,
}

impl Position {
    fn read(conn: &Connection) -> Result<Self> {
        let Some(text) = meta::find(conn, meta::SEARCH_POSITION)? else { return Ok(Self::default()) };
        let mut parts = text.splitn(3, ' ');
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        let (Some(seq), Some(ordered_from)) = (number(), number()) else {
            return Err(Error::Corrupt(format!("the position of the search index is no position: {text:?}")));
        };
        Ok(Self { seq, ordered_from, newest: parts.next().unwrap_or_default().to_owned() })
    }

    fn write(&self, conn: &Connection) -> Result<()> {
        meta::set(conn, meta::SEARCH_POSITION, &format!("{} {} {}", self.seq, self.ordered_from, self.newest))
    }

    fn pass(&mut self, seq: i64, ts: String) {
        self.seq = seq;
        if ts < self.newest {
            self.ordered_from = seq + 1;
        } else {
            self.newest = ts;
        }
    }
}

/// What is left to do for the index, as far as the writer knows.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// Events may wait.
    behind: bool,
    /// The index may have pieces to merge.
    unmerged: bool,
}

impl Work {
    /// Events came, or the whole content was replaced.
    pub(crate) fn note_events(&mut self) {
        self.behind = true;
    }

    pub(crate) fn is_done(&self) -> bool {
        !self.behind && !self.unmerged
    }

    /// Does one step, inside a transaction of the writer. When it fails the rest waits for the next events.
    pub(crate) fn step(&mut self, conn: &Connection) -> Result<()> {
        let Self { behind, unmerged } = std::mem::take(self);
        if unmerged {
            let merged = merge_some(conn)?;
            // While events wait, each step of merging follows one of them: else pieces would pile up.
            *self = Self { behind, unmerged: merged && !behind };
        } else if behind {
            let there = index_some(conn)?;
            *self = Self { behind: there, unmerged: true };
        }
        Ok(())
    }
}

/// Puts the next events into the index; whether more may wait.
fn index_some(conn: &Connection) -> Result<bool> {
    let mut position = Position::read(conn)?;
    let before = position.seq;
    let mut select = conn.prepare_cached(
        "SELECT seq, ts, payload_json FROM agent_events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let mut insert = conn.prepare_cached("INSERT INTO event_search (rowid, text) VALUES (?1, ?2)")?;
    let mut rows = select.query((before, STEP_EVENTS as i64))?;
    let (mut events, mut bytes) = (0, 0);
    while bytes < STEP_BYTES
        && let Some(row) = rows.next()?
    {
        let seq = row.get(0)?;
        let payload = row.get_ref(2)?.as_str().unwrap_or_default();
        insert.execute((seq, words::words_of_event(payload)))?;
        position.pass(seq, row.get(1)?);
        (events, bytes) = (events + 1, bytes + payload.len());
    }
    if events > 0 {
        position.write(conn)?;
    }
    Ok(events == STEP_EVENTS || bytes >= STEP_BYTES)
}

/// Merges some pieces of the index, which reading would have to look through one by one; whether there was anything to do.
fn merge_some(conn: &Connection) -> Result<bool> {
    let before = conn.total_changes();
    conn.prepare_cached("INSERT INTO event_search (event_search, rank) VALUES ('merge', ?1)")?
        .execute([STEP_PAGES])?;
    // As FTS5 documents it: a step that found nothing to merge changes less than two rows.
    Ok(conn.total_changes() - before >= 2)
}

/// Empties the index of a file that is no live database: who opens it fills it again. A copy is checked and taken in whole
/// without it in half the time.
pub(crate) fn clear(conn: &Connection) -> Result<()> {
    // The oldest files have none.
    if conn.table_exists(None, "event_search")? {
        conn.execute("INSERT INTO event_search (event_search) VALUES ('delete-all')", [])?;
        conn.execute("DELETE FROM meta WHERE key = ?1", [meta::SEARCH_POSITION])?;
    }
    Ok(())
}

/// How many events are not in the index yet.
pub fn count_behind(conn: &Connection) -> Result<u64> {
    let position = Position::read(conn)?;
    let behind: i64 = conn
        .prepare_cached("SELECT count(*) FROM agent_events WHERE seq > ?1")?
        .query_row([position.seq], |row| row.get(0))?;
    Ok(behind.unsigned_abs())
}

/// The one number that a statement gives, if it gives a row.
fn find_number(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Option<i64>> {
    Ok(conn.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?)
}

#[cfg(test)]
mod tests;
