//! Fills a fresh file of our schema from a foreign one, row by row through the records' own reading, and reports what it
//! found. The foreign file is only read; none of its SQL runs.

mod agent_keys;
mod preferences;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pilotdeck_domain::{Capability, Event, Map, Profile, Project, Run, Timestamp, UsageRecord, User, Value};
use rusqlite::{Connection, ErrorCode};

use crate::inspect::{self, Refused, Source, SourceKind, of_source};
use crate::legacy::{self, Dialect, Notes, Record, Taking, reason, refusal};
use crate::stamps::Stamps;
use crate::users::StoredUser;
use crate::{
    Error, Result, WriteTx, capabilities, events, meta, migrate, profiles, projects, runs, snapshot, usage,
    users,
};

/// Rows read before they are written, and the bytes at which fewer are enough.
const CHUNK_ROWS: usize = 500;
const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// No password has this hash.
const NO_PASSWORD: &str = "!";

/// How a file is taken in.
pub struct StageOptions<'o> {
    /// The time of the import.
    pub now: Timestamp,
    /// What a time without an offset means.
    pub naive: &'o dyn Fn(chrono::NaiveDateTime) -> Option<Timestamp>,
    /// The hash to keep for one in the file; none when its form is unknown. May be slow.
    pub password: &'o dyn Fn(&str) -> Option<String>,
    /// Told how far it is: rows done, rows in all.
    pub progress: &'o dyn Fn(u64, u64),
}

/// What was found in a file, told before anything is replaced.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whose schema it has.
    pub kind: SourceKind,
    /// The version of that schema.
    pub version: i32,
    /// Its size in bytes.
    pub size: u64,
    /// Rows taken, by table.
    pub rows: BTreeMap<String, u64>,
    /// Rows taken with a change, by reason.
    pub changed: BTreeMap<String, u64>,
    /// Rows not taken, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Tables that are not ours and stay behind.
    pub left_behind: Vec<String>,
    /// The time of the newest event.
    pub newest_event: Option<Timestamp>,
}

/// Inspects `source` and fills the empty file `staging` from it. On success `staging` is flushed and checked.
pub fn stage(
    source: &Path,
    staging: &Path,
    options: &StageOptions<'_>,
) -> std::result::Result<Report, Refused> {
    let source = inspect::open(source)?;
    let conn = migrate::create(staging)?;
    // The file is worth nothing before it is complete: it is flushed once, at the end.
    conn.pragma_update(None, "journal_mode", "MEMORY").map_err(Error::from)?;
    conn.pragma_update(None, "synchronous", "OFF").map_err(Error::from)?;
    conn.pragma_update(None, "cache_size", -32_768).map_err(Error::from)?;
    let now = options.now;
    let mut filling = Filling {
        report: Report {
            kind: source.kind,
            version: source.version,
            size: source.size,
            rows: BTreeMap::new(),
            changed: BTreeMap::new(),
            refused: BTreeMap::new(),
            left_behind: source.layout.left_behind.clone(),
            newest_event: None,
        },
        source: &source,
        conn: &conn,
        stamps: Stamps::new(Arc::new(move || now)),
        highest: None,
        options,
        total: 0,
        done: 0,
    };
    filling.run()?;
    let report = filling.report;
    snapshot::check(&conn)?;
    conn.close().map_err(|(_, error)| Error::from(error))?;
    snapshot::flush(staging)?;
    Ok(report)
}

struct Filling<'f> {
    source: &'f Source,
    conn: &'f Connection,
    stamps: Stamps,
    options: &'f StageOptions<'f>,
    report: Report,
    /// The latest stamp that any record carries.
    highest: Option<Timestamp>,
    total: u64,
    done: u64,
}

/// What became of a row.
enum Taken {
    Yes,
    /// Another row has its id or name.
    Twice,
}

impl Filling<'_> {
    fn run(&mut self) -> std::result::Result<(), Refused> {
        self.conn.execute_batch("BEGIN").map_err(Error::from)?;
        let records = [
            &legacy::PROJECTS,
            &legacy::RUNS,
            &legacy::EVENTS,
            &legacy::PROFILES,
            &legacy::CAPABILITIES,
            &legacy::USAGE,
            &legacy::USERS,
        ];
        for record in records {
            self.total += self.count(record)?;
        }
        if self.count(&legacy::USERS)? > users::MOST {
            return Err(Refused::NotTrusted(format!("The file has more than {} users", users::MOST)));
        }
        let mut place = 0;
        self.take(&legacy::PROJECTS, |tx, document| {
            projects::insert_at(tx, &Project::from_document(document), place)?;
            place += 1;
            Ok(())
        })?;
        self.take(&legacy::RUNS, |tx, document| runs::insert(tx, &Run::from_document(document)).map(drop))?;
        self.take(&legacy::EVENTS, |tx, document| {
            events::insert(tx, &Event::from_document(document)).map(drop)
        })?;
        self.take(&legacy::PROFILES, |tx, document| {
            profiles::insert(tx, &Profile::from_document(document)).map(drop)
        })?;
        self.take(&legacy::CAPABILITIES, |tx, document| {
            capabilities::insert(tx, &Capability::from_document(document)).map(drop)
        })?;
        self.take(&legacy::USAGE, |tx, document| {
            usage::insert(tx, &UsageRecord::from_document(document)).map(drop)
        })?;
        self.take_users()?;
        self.take_preferences()?;
        self.take_agent_keys()?;
        self.take_meta()?;
        self.conn.execute_batch("COMMIT").map_err(Error::from)?;
        self.compare_counts(&records)
    }

    fn count(&self, record: &Record) -> std::result::Result<u64, Refused> {
        if !self.source.layout.tables.contains_key(record.table) {
            return Ok(0);
        }
        let sql = format!("SELECT count(*) FROM main.{}", record.table);
        let count: i64 = self.source.conn.query_row(&sql, [], |row| row.get(0)).map_err(of_source)?;
        Ok(count.unsigned_abs())
    }

    fn take(
        &mut self,
        record: &Record,
        mut insert: impl FnMut(&mut WriteTx<'_>, Map) -> Result<()>,
    ) -> std::result::Result<(), Refused> {
        self.report.rows.insert(record.table.to_owned(), 0);
        let source = self.source;
        let Some(there) = source.layout.tables.get(record.table) else { return Ok(()) };
        let dialect =
            Dialect { snake_case: source.layout.snake_case, ours: source.kind == SourceKind::PilotDeck };
        let columns = record.columns(there, dialect);
        let sql = select(record, there, &columns);
        let mut statement = source.conn.prepare(&sql).map_err(of_source)?;
        let mut rows = statement.query([]).map_err(of_source)?;
        let mut notes = Notes { now: self.options.now, naive: self.options.naive, reasons: Vec::new() };
        loop {
            let mut chunk = Vec::with_capacity(CHUNK_ROWS);
            let mut bytes = 0;
            let mut read = 0;
            while read < CHUNK_ROWS && bytes < CHUNK_BYTES {
                let Some(row) = rows.next().map_err(of_source)? else { break };
                read += 1;
                match record.read(row, &columns, dialect, &mut notes)? {
                    Taking::Document(document) => {
                        bytes += row.get_ref(1).ok().and_then(|cell| cell.as_str().ok()).map_or(0, str::len);
                        self.note_times(record, &document);
                        chunk.push((document, std::mem::take(&mut notes.reasons)));
                    }
                    Taking::Refused(refusal) => add(&mut self.report.refused, refusal),
                }
            }
            if read == 0 {
                return Ok(());
            }
            self.done += read as u64;
            self.write_chunk(record, chunk, &mut insert)?;
            (self.options.progress)(self.done, self.total);
        }
    }

    fn write_chunk(
        &mut self,
        record: &Record,
        chunk: Vec<(Map, Vec<&'static str>)>,
        insert: &mut impl FnMut(&mut WriteTx<'_>, Map) -> Result<()>,
    ) -> Result<()> {
        let report = &mut self.report;
        WriteTx::detached(self.conn, &self.stamps, |tx| {
            for (document, reasons) in chunk {
                match unless_twice(insert(tx, document))? {
                    Taken::Yes => {
                        *report.rows.entry(record.table.to_owned()).or_default() += 1;
                        reasons.into_iter().for_each(|reason| add(&mut report.changed, reason));
                    }
                    Taken::Twice => add(&mut report.refused, refusal::ID_TWICE),
                }
            }
            Ok(())
        })
    }

    fn note_times(&mut self, record: &Record, document: &Map) {
        let time = |name: &str| document.get(name).and_then(Value::as_str).and_then(Timestamp::parse);
        if record.table == legacy::EVENTS.table {
            self.report.newest_event = self.report.newest_event.max(time("ts"));
            self.highest = self.highest.max(time("ts"));
        } else {
            self.highest = self.highest.max(time("updatedAt"));
        }
    }

    /// Users, their passwords hashed as ours are. A file without any gets its first user when it is opened.
    fn take_users(&mut self) -> std::result::Result<(), Refused> {
        let password = self.options.password;
        let mut unreadable = 0;
        self.take(&legacy::USERS, |tx, document| {
            let (user, hash) = user_from(document);
            let password_hash = password(&hash).unwrap_or_else(|| {
                unreadable += 1;
                NO_PASSWORD.to_owned()
            });
            users::insert(tx, &StoredUser { user, password_hash })
        })?;
        if unreadable > 0 {
            self.report.changed.insert(reason::PASSWORD.to_owned(), unreadable);
        }
        Ok(())
    }

    /// The `….lastUpdated` times as they were: what the inserts wrote on the way is no change that anybody made.
    fn take_meta(&mut self) -> std::result::Result<(), Refused> {
        self.conn.execute("DELETE FROM meta", []).map_err(Error::from)?;
        let mut notes = Notes { now: self.options.now, naive: self.options.naive, reasons: Vec::new() };
        let times = [
            meta::PROJECTS_LAST_UPDATED,
            meta::RUNS_LAST_UPDATED,
            meta::PROFILES_LAST_UPDATED,
            meta::CAPABILITIES_LAST_UPDATED,
            meta::USAGE_LAST_UPDATED,
            meta::HIGHEST_STAMP,
        ];
        for key in times {
            let value: Option<String> = rusqlite::OptionalExtension::optional(self.source.conn.query_row(
                "SELECT value FROM main.meta WHERE key = ?1 AND typeof(value) = 'text'",
                [key],
                |row| row.get(0),
            ))
            .map_err(of_source)?;
            let Some(time) = value.and_then(|text| notes.read_time(&text)) else { continue };
            self.highest = self.highest.max(Some(time));
            meta::set(self.conn, key, &time.to_string())?;
        }
        if let Some(highest) = self.highest {
            meta::set(self.conn, meta::HIGHEST_STAMP, &highest.to_string())?;
        }
        Ok(())
    }

    /// Every row of the source was taken or refused, and what was taken is there.
    fn compare_counts(&self, records: &[&Record]) -> std::result::Result<(), Refused> {
        let refused: u64 = self.report.refused.values().sum();
        let taken: u64 = self.report.rows.values().sum();
        if taken + refused != self.total {
            return Err(Refused::NotTrusted("The file gave more or fewer rows than it counts".to_owned()));
        }
        for record in records {
            let sql = format!("SELECT count(*) FROM {}", record.table);
            let there: i64 = self.conn.query_row(&sql, [], |row| row.get(0)).map_err(Error::from)?;
            let taken = self.report.rows.get(record.table).copied().unwrap_or_default();
            if there.unsigned_abs() != taken {
                return Err(Error::Corrupt(format!(
                    "{} rows of {} were written, not {taken}",
                    there, record.table
                ))
                .into());
            }
        }
        Ok(())
    }
}

/// `id, payload_json`, then the columns that are fields, in the order of arrival; projects in their manual order.
fn select(
    record: &Record,
    there: &inspect::TableColumns,
    columns: &[(&'static str, &legacy::Field)],
) -> String {
    let payload = if there.contains("payload_json") { "payload_json" } else { "NULL" };
    let mut sql = format!("SELECT id, {payload}");
    for (column, _) in columns {
        sql.push_str(", ");
        sql.push_str(column);
    }
    sql.push_str(" FROM main.");
    sql.push_str(record.table);
    sql.push_str(" ORDER BY ");
    if record.table == legacy::PROJECTS.table {
        for column in ["sort_order", "sortOrder", "created_at", "createdAt"] {
            if there.contains(column) {
                sql.push_str(column);
                sql.push_str(", ");
            }
        }
    }
    sql.push_str("rowid");
    sql
}

fn user_from(document: Map) -> (User, String) {
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let time = |name: &str| document.get(name).and_then(Value::as_str).and_then(Timestamp::parse);
    let epoch = Timestamp::from_micros(0);
    let role = text("role");
    let user = User {
        id: text("id"),
        username: text("username"),
        role: if role.is_empty() { "admin".to_owned() } else { role },
        disabled: document.get("disabled").and_then(Value::as_bool).unwrap_or_default(),
        created_at: time("createdAt").unwrap_or(epoch),
        updated_at: time("updatedAt").unwrap_or(epoch),
        last_login_at: time("lastLoginAt"),
    };
    (user, text("password_hash"))
}

fn unless_twice(written: Result<()>) -> Result<Taken> {
    match written {
        Ok(()) => Ok(Taken::Yes),
        Err(Error::Sqlite(error)) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Ok(Taken::Twice)
        }
        Err(error) => Err(error),
    }
}

fn add(counts: &mut BTreeMap<String, u64>, reason: &str) {
    *counts.entry(reason.to_owned()).or_default() += 1;
}

#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
pub(crate) mod trace;
