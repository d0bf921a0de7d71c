//! Finding: the newest events that match, from the index and from what is not in it yet, in the order of the timeline.

use pilotdeck_domain::{Cursor, EventFilter};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};

use super::words::{Search, words_of_event};
use super::{Position, find_number};
use crate::Result;
use crate::query::{Where, bind};

/// Events that are read one by one for one answer, and those found in the index that are looked at whether they pass the
/// other filters. When there are more, the answer ends early and says where to go on.
const MOST_READ: usize = if cfg!(test) { 100 } else { 20_000 };
const MOST_LOOKED_AT: usize = if cfg!(test) { 60 } else { 50_000 };
/// A run or a project with so few events is read event by event: a common word would lead through all others.
const FEW_EVENTS: i64 = if cfg!(test) { 95 } else { 4_000 };

/// What is asked for.
pub(crate) struct Wanted<'w, T> {
    pub(crate) filter: &'w EventFilter,
    /// All filters but the projects and the search, over the columns of `agent_events`.
    pub(crate) conditions: &'w Where,
    pub(crate) limit: usize,
    pub(crate) columns: &'static str,
    /// Reads `columns`, the first of a row.
    pub(crate) read: fn(&Row<'_>) -> Result<T>,
}

/// Rows of the timeline, newest first.
pub(crate) struct Newest<T> {
    pub(crate) rows: Vec<T>,
    /// Where older ones follow.
    pub(crate) next: Option<Cursor>,
}

/// A row and its place.
struct Found<T> {
    place: (String, i64),
    row: T,
}

/// Rows of one source, newest first, as many as are wanted and one more.
struct Part<T> {
    found: Vec<Found<T>>,
    /// Where reading was ended early: nothing is known of older rows.
    ended_at: Option<(String, i64)>,
}

/// The newest events that match `search` and the rest of what is wanted.
pub(crate) fn newest<T>(conn: &Connection, search: &Search, wanted: &Wanted<'_, T>) -> Result<Newest<T>> {
    if search.is_empty() {
        return Ok(Newest { rows: Vec::new(), next: None });
    }
    if let Some(index) = wanted.few_candidates(conn)? {
        let how = format!("INDEXED BY {index}");
        let part = wanted.read_through(conn, search, &how, &wanted.filters("projectId"))?;
        return Ok(wanted.page(part.found, part.ended_at));
    }
    let position = Position::read(conn)?;
    let waiting = wanted.waiting(conn, search, &position)?;
    let indexed = wanted.indexed(conn, search, &position)?;
    let ended_at = waiting.ended_at.max(indexed.ended_at);
    let mut found = waiting.found;
    found.extend(indexed.found);
    if let Some(end) = &ended_at {
        found.retain(|found| found.place >= *end);
    }
    found.sort_unstable_by(|one, other| other.place.cmp(&one.place));
    Ok(wanted.page(found, ended_at))
}

/// The column in a form for which SQLite takes no index: the rows come from elsewhere.
const NO_INDEX: &str = "+projectId";

impl<T> Wanted<'_, T> {
    fn filters(&self, project_column: &str) -> Where {
        let mut filters = self.conditions.clone();
        filters.and_any(project_column, &self.filter.project_ids);
        filters
    }

    fn page(&self, mut found: Vec<Found<T>>, ended_at: Option<(String, i64)>) -> Newest<T> {
        let mut next = ended_at;
        if found.len() > self.limit {
            found.truncate(self.limit);
            next = found.last().map(|last| last.place.clone());
        }
        Newest {
            rows: found.into_iter().map(|found| found.row).collect(),
            next: next.map(|(key, row)| Cursor { key, row }),
        }
    }

    /// The index of the run's or the projects' events, when these are few.
    fn few_candidates(&self, conn: &Connection) -> Result<Option<&'static str>> {
        let mut narrow = Where::default();
        let index = match &self.filter.run_id {
            Some(run) => {
                narrow.and("runId = ?", [Value::Text(run.clone())]);
                "events_run"
            }
            None => {
                narrow.and_any("projectId", &self.filter.project_ids);
                "events_project"
            }
        };
        if narrow.is_empty() {
            return Ok(None);
        }
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM agent_events INDEXED BY {index}{} LIMIT ?)",
            narrow.sql()
        );
        let count = find_number(conn, &sql, bind(&narrow.values([FEW_EVENTS + 1])).as_slice())?;
        Ok(count.filter(|count| *count <= FEW_EVENTS).map(|_| index))
    }

    /// From the events that are not in the index yet.
    fn waiting(&self, conn: &Connection, search: &Search, position: &Position) -> Result<Part<T>> {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM agent_events WHERE seq > ?1 LIMIT ?2)";
        let waiting = find_number(conn, sql, (position.seq, MOST_READ as i64))?.unwrap_or_default();
        // Few are sorted; of many the newest are the first in the index of times.
        let how = if waiting < MOST_READ as i64 { "NOT INDEXED" } else { "INDEXED BY events_ts" };
        let mut conditions = self.filters(NO_INDEX);
        conditions.and("seq > ?", [Value::Integer(position.seq)]);
        self.read_through(conn, search, how, &conditions)
    }

    /// Reads rows newest first and takes those that match.
    fn read_through(
        &self,
        conn: &Connection,
        search: &Search,
        how: &str,
        conditions: &Where,
    ) -> Result<Part<T>> {
        let mut part = Part { found: Vec::new(), ended_at: None };
        let sql = format!(
            "SELECT {}, ts AS place_ts, seq AS place_seq, payload_json AS searched FROM agent_events {how}{}
             ORDER BY ts DESC, seq DESC",
            self.columns,
            conditions.sql()
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query(bind(&conditions.values([])).as_slice())?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            read += 1;
            if search.matches(&words_of_event(row.get_ref("searched")?.as_str().unwrap_or_default())) {
                part.found.push(self.found(row)?);
                if part.found.len() > self.limit {
                    break;
                }
            }
            if read == MOST_READ {
                part.ended_at = Some(place_of(row)?);
                break;
            }
        }
        Ok(part)
    }

    /// From the index: where `seq` gives the order it is walked from the newest on, below all that match are sorted.
    fn indexed(&self, conn: &Connection, search: &Search, position: &Position) -> Result<Part<T>> {
        let mut part = self.walk(conn, search, position)?;
        if part.found.len() <= self.limit && part.ended_at.is_none() && position.ordered_from > 1 {
            let mut conditions = self.filters(NO_INDEX);
            conditions.and("event_search MATCH ?", [Value::Text(search.expression())]);
            conditions.and("event_search.rowid < ?", [Value::Integer(position.ordered_from)]);
            let sql = format!(
                "SELECT {}, ts AS place_ts, seq AS place_seq
                 FROM event_search CROSS JOIN agent_events ON seq = event_search.rowid{}
                 ORDER BY ts DESC, seq DESC LIMIT ?",
                self.columns,
                conditions.sql()
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let values = conditions.values([self.limit as i64 + 1]);
            let mut rows = statement.query(bind(&values).as_slice())?;
            while let Some(row) = rows.next()? {
                part.found.push(self.found(row)?);
            }
        }
        Ok(part)
    }

    /// Looks at what matches in the index one by one, the newest first, whether it passes the other filters.
    fn walk(&self, conn: &Connection, search: &Search, position: &Position) -> Result<Part<T>> {
        let mut part = Part { found: Vec::new(), ended_at: None };
        let mut conditions = self.filters(NO_INDEX);
        conditions.and("seq = ?", [Value::Integer(0)]);
        let mut values = conditions.values([]);
        let sql = format!(
            "SELECT {}, ts AS place_ts, seq AS place_seq FROM agent_events{}",
            self.columns,
            conditions.sql()
        );
        let mut event = conn.prepare_cached(&sql)?;
        let mut matches = conn.prepare_cached(
            "SELECT rowid FROM event_search WHERE event_search MATCH ?1 AND rowid BETWEEN ?2 AND ?3
             ORDER BY rowid DESC",
        )?;
        let (from, to) = self.bounds(conn, position)?;
        let mut matches = matches.query((search.expression(), from, to))?;
        let mut looked_at = 0;
        while let Some(row) = matches.next()? {
            let seq: i64 = row.get(0)?;
            if let Some(last) = values.last_mut() {
                *last = Value::Integer(seq);
            }
            if let Some(row) = event.query(bind(&values).as_slice())?.next()? {
                part.found.push(self.found(row)?);
                if part.found.len() > self.limit {
                    break;
                }
            }
            looked_at += 1;
            if looked_at == MOST_LOOKED_AT {
                part.ended_at = find_place(conn, seq)?;
                break;
            }
        }
        Ok(part)
    }

    /// Which part of the index, where `seq` gives the order, lies between the times that are asked for. Spares a walk through
    /// all matches outside of them.
    fn bounds(&self, conn: &Connection, position: &Position) -> Result<(i64, i64)> {
        let (mut from, mut to) = (position.ordered_from.max(1), position.seq);
        if let Some(since) = self.filter.since {
            let sql = "SELECT seq FROM agent_events INDEXED BY events_ts WHERE ts >= ?1 AND seq <= ?2 ORDER BY ts, seq LIMIT 1";
            let first = find_number(conn, sql, (since.to_string(), position.seq))?;
            from = from.max(first.unwrap_or(i64::MAX));
        }
        let until = self.filter.until.map(|until| until.to_string());
        let before = self.filter.before.as_ref().map(|before| before.key.clone());
        if let Some(latest) = until.into_iter().chain(before).min() {
            let sql = "SELECT seq FROM agent_events INDEXED BY events_ts WHERE ts <= ?1 AND seq <= ?2
                       ORDER BY ts DESC, seq DESC LIMIT 1";
            to = to.min(find_number(conn, sql, (latest, position.seq))?.unwrap_or_default());
        }
        Ok((from, to))
    }

    fn found(&self, row: &Row<'_>) -> Result<Found<T>> {
        Ok(Found { place: place_of(row)?, row: (self.read)(row)? })
    }
}

fn place_of(row: &Row<'_>) -> Result<(String, i64)> {
    Ok((row.get("place_ts")?, row.get("place_seq")?))
}

fn find_place(conn: &Connection, seq: i64) -> Result<Option<(String, i64)>> {
    Ok(conn
        .prepare_cached("SELECT ts, seq FROM agent_events WHERE seq = ?1")?
        .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}
