//! The schema of a foreign file, read as data: nothing in it may run, and what a version must have is there.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::{Refused, SourceKind, of_source};
use crate::migrate;

/// The names of a table's columns.
pub(crate) type TableColumns = BTreeSet<String>;

/// What a file has, as far as we read it.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// Tables we know, with their columns.
    pub(crate) tables: BTreeMap<String, TableColumns>,
    /// Plain tables we do not know; they are not read.
    pub(crate) left_behind: Vec<String>,
    /// The older server's names with underscores, or the camelCase ones of its description and of ours.
    pub(crate) snake_case: bool,
}

/// One row of `sqlite_schema`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Object {
    kind: String,
    name: String,
    table: String,
    sql: Option<String>,
}

/// Tables of the older server: since which version, and the columns it has by then.
const LEGACY_TABLES: [(&str, i32, &str); 8] = [
    ("meta", 1, "key value"),
    (
        "projects",
        1,
        "id sort_order name status priority category progress created_at updated_at payload_json",
    ),
    (
        "agent_runs",
        1,
        "id project_id agent_id status created_at updated_at started_at finished_at payload_json",
    ),
    ("agent_events", 1, "id ts type level project_id run_id agent_id title message payload_json"),
    ("agent_profiles", 3, "id name role enabled created_at updated_at payload_json"),
    ("agent_capabilities", 3, "id name enabled created_at updated_at payload_json"),
    (
        "token_usage_records",
        3,
        "id ts project_id run_id agent_id workspace session_id source model prompt_tokens completion_tokens \
         total_tokens cost payload_json",
    ),
    ("users", 4, "id username password_hash role created_at updated_at last_login_at"),
];
/// Columns that came later than their table.
const LEGACY_ADDED: [(&str, i32, &str); 1] = [("projects", 2, "budget actual_cost")];
/// The description names few columns; these are all that its reader needs.
const DESCRIBED_USERS: &str = "id username password_hash";
const DESCRIBED_RECORDS: &str = "id payload_json";

pub(super) fn read(conn: &Connection, kind: SourceKind, version: i32) -> Result<Layout, Refused> {
    let objects = objects(conn).map_err(of_source)?;
    let known = match kind {
        SourceKind::PilotDeck => reference(version)?,
        SourceKind::Legacy => BTreeSet::new(),
    };
    for object in objects.iter().filter(|object| !known.contains(object)) {
        refuse_what_could_run(object)?;
    }
    refuse_what_is_not_plain(conn, &known)?;
    let mut layout = Layout::default();
    for object in objects.iter().filter(|object| object.kind == "table") {
        let columns = pragma(conn, "table_info", &object.name, "name")?;
        layout.tables.insert(object.name.clone(), columns.into_iter().collect());
    }
    match kind {
        SourceKind::PilotDeck => require_ours(&objects, &known)?,
        SourceKind::Legacy => require_legacy(&mut layout, version)?,
    }
    leave_unknown_tables(&mut layout, kind, &known);
    Ok(layout)
}

fn objects(conn: &Connection) -> rusqlite::Result<BTreeSet<Object>> {
    conn.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema")?
        .query_map([], |row| {
            Ok(Object { kind: row.get(0)?, name: row.get(1)?, table: row.get(2)?, sql: row.get(3)? })
        })?
        .collect()
}

/// The objects a file of ours has at `version`, made by the migrations themselves.
fn reference(version: i32) -> Result<BTreeSet<Object>, Refused> {
    let conn = migrate::in_memory_at(version)?;
    Ok(objects(&conn).map_err(crate::Error::from)?)
}

/// Triggers and views are refused whatever they hold. SQLite believes the text, not the type: both must say the same.
fn refuse_what_could_run(object: &Object) -> Result<(), Refused> {
    let name = shown(&object.name);
    let text = object.sql.as_deref().unwrap_or_default();
    match object.kind.as_str() {
        "trigger" => Err(Refused::NotTrusted(format!("The file has a trigger ({name})"))),
        "view" => Err(Refused::NotTrusted(format!("The file has a view ({name})"))),
        "table" if text.starts_with("CREATE VIRTUAL TABLE") => {
            Err(Refused::NotTrusted(format!("The file has a virtual table ({name})")))
        }
        "table" if text.starts_with("CREATE TABLE ") && has_word(text, "check") => {
            Err(Refused::NotTrusted(format!("The file has a CHECK of its own (in {name})")))
        }
        "table" if text.starts_with("CREATE TABLE ") => Ok(()),
        "index" if text.starts_with("CREATE INDEX ") || text.starts_with("CREATE UNIQUE INDEX ") => Ok(()),
        "index" if object.sql.is_none() && object.name.starts_with("sqlite_autoindex_") => Ok(()),
        _ => Err(Refused::NotTrusted(format!("The file's schema has an odd entry ({name})"))),
    }
}

/// Whether `text` has the word, quoted or not: in doubt the file is refused.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|found| found.eq_ignore_ascii_case(word))
}

/// Asks SQLite what it made of the texts: virtual tables, hidden or generated columns, indexes over expressions. By
/// statements, not by the table-valued functions: a table of the file could carry such a function's name.
fn refuse_what_is_not_plain(conn: &Connection, known: &BTreeSet<Object>) -> Result<(), Refused> {
    let is_ours = |name: &str| known.iter().any(|object| object.name == name);
    let mut tables: Vec<(String, String)> = Vec::new();
    conn.pragma_query(Some("main"), "table_list", |row| {
        tables.push((row.get("name")?, row.get("type")?));
        Ok(())
    })
    .map_err(of_source)?;
    for (table, kind) in tables.iter().filter(|(table, _)| table != "sqlite_schema" && !is_ours(table)) {
        if kind != "table" {
            return Err(Refused::NotTrusted(format!("{} is a {}", shown(table), shown(kind))));
        }
        let hidden: Vec<i64> = pragma(conn, "table_xinfo", table, "hidden")?;
        if hidden.iter().any(|&hidden| hidden != 0) {
            return Err(Refused::NotTrusted(format!(
                "The file has a generated column (in {})",
                shown(table)
            )));
        }
    }
    for (table, _) in &tables {
        let names: Vec<String> = pragma(conn, "index_list", table, "name")?;
        let partial: Vec<bool> = pragma(conn, "index_list", table, "partial")?;
        for (index, partial) in names.iter().zip(partial).filter(|(index, _)| !is_ours(index)) {
            let columns: Vec<i64> = pragma(conn, "index_xinfo", index, "cid")?;
            if partial || columns.contains(&EXPRESSION) {
                let index = shown(index);
                return Err(Refused::NotTrusted(format!(
                    "The file has an index over an expression ({index})"
                )));
            }
        }
    }
    Ok(())
}

/// What `index_xinfo` gives as the column of an expression.
const EXPRESSION: i64 = -2;

/// One column of what a pragma says about `name`.
fn pragma<T: rusqlite::types::FromSql>(
    conn: &Connection,
    pragma: &str,
    name: &str,
    column: &str,
) -> Result<Vec<T>, Refused> {
    let mut values = Vec::new();
    conn.pragma(Some("main"), pragma, name, |row| {
        values.push(row.get(column)?);
        Ok(())
    })
    .map_err(of_source)?;
    Ok(values)
}

fn require_ours(objects: &BTreeSet<Object>, known: &BTreeSet<Object>) -> Result<(), Refused> {
    match known.iter().find(|object| !objects.contains(object) && !is_of_full_text(object)) {
        None => Ok(()),
        Some(missing) => Err(Refused::NotTrusted(format!(
            "The file lacks the {} {} of its version, or has another of that name",
            missing.kind, missing.name
        ))),
    }
}

/// The tables in which SQLite keeps our full text. Their texts are SQLite's and may change with it; we never read them.
fn is_of_full_text(object: &Object) -> bool {
    object.kind == "table" && object.name.starts_with("event_search_")
}

fn require_legacy(layout: &mut Layout, version: i32) -> Result<(), Refused> {
    let (Some(projects), true) = (layout.tables.get("projects"), layout.tables.contains_key("meta")) else {
        return Err(Refused::NotABackup("The file is a database, but not one of PilotDeck".into()));
    };
    layout.snake_case = !projects.contains("createdAt");
    for (table, since, columns) in LEGACY_TABLES.into_iter().chain(LEGACY_ADDED) {
        let columns = match table {
            "meta" => columns,
            _ if layout.snake_case => columns,
            "users" => DESCRIBED_USERS,
            _ => DESCRIBED_RECORDS,
        };
        match layout.tables.get(table) {
            Some(there) => {
                if let Some(missing) = columns.split_whitespace().find(|&column| !there.contains(column))
                    && version >= since
                {
                    return Err(Refused::NotTrusted(format!("The table {table} lacks the column {missing}")));
                }
            }
            // The description names these tables but no version that brings them.
            None if layout.snake_case && version >= since => {
                return Err(Refused::NotTrusted(format!("The file lacks the table {table} of its version")));
            }
            None => {}
        }
    }
    Ok(())
}

/// Keeps in `layout.tables` what we read and names the rest.
fn leave_unknown_tables(layout: &mut Layout, kind: SourceKind, known: &BTreeSet<Object>) {
    let is_known = |name: &str| match kind {
        SourceKind::PilotDeck => known.iter().any(|object| object.kind == "table" && object.name == name),
        SourceKind::Legacy => LEGACY_TABLES.iter().any(|(table, ..)| *table == name),
    };
    let unknown: Vec<String> = layout.tables.keys().filter(|name| !is_known(name)).cloned().collect();
    for name in unknown {
        layout.tables.remove(&name);
        // SQLite's own statistics and sequences are nobody's data.
        if !name.starts_with("sqlite_") {
            layout.left_behind.push(shown(&name));
        }
    }
}

/// A name of the file as it may stand in a sentence: short, one line.
fn shown(name: &str) -> String {
    name.chars().map(|character| if character.is_control() { ' ' } else { character }).take(60).collect()
}
