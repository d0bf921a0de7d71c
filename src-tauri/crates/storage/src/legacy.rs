//! What the rows of a foreign file mean: which column belongs to which field, which of the two counts, and how odd old
//! values become ones of ours. Knows no rules of the API: old odd words are data and stay.

use std::borrow::Cow;

use pilotdeck_domain::{Map, Number, Timestamp, Value};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::inspect::{Refused, TableColumns, of_source};

mod json;
mod shapes;

pub(crate) use shapes::Shape;

/// The longest id, in bytes.
const ID_BYTES: usize = 256;

/// Why a row is not quite what it was; counted once a row.
pub(crate) mod reason {
    /// The document was no JSON object: made from the columns.
    pub(crate) const DOCUMENT: &str = "documentUnreadable";
    /// NaN or an infinity became null, or 0 where an amount is due.
    pub(crate) const NOT_FINITE: &str = "numberNotFinite";
    /// A value of another type than its field's.
    pub(crate) const TYPE: &str = "otherType";
    /// A time that nobody can read.
    pub(crate) const TIME: &str = "timeUnreadable";
    /// A time without an offset, read in the import's zone.
    pub(crate) const ZONE: &str = "timeWithoutZone";
    /// `success` became `completed`.
    pub(crate) const STATUS: &str = "statusSuccess";
    /// A password hash of an unknown form: the user cannot sign in.
    pub(crate) const PASSWORD: &str = "passwordUnreadable";
}

/// Why a row was not taken; counted.
pub(crate) mod refusal {
    pub(crate) const ID_EMPTY: &str = "idEmpty";
    pub(crate) const ID_TOO_LONG: &str = "idTooLong";
    pub(crate) const ID_CONTROL: &str = "idWithControlCharacters";
    pub(crate) const ID_TWICE: &str = "idTwice";
    pub(crate) const KEY: &str = "keyUnreadable";
}

/// A field of a record and where the older server kept it.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// The older server's column; `""` when only the document has it.
    column: &'static str,
    shape: Shape,
}

const fn field(name: &'static str, column: &'static str, shape: Shape) -> Field {
    Field { name, column, shape }
}

/// A kind of record as a foreign file keeps it.
pub(crate) struct Record {
    pub(crate) table: &'static str,
    pub(crate) fields: &'static [Field],
    /// In events only the document counts; elsewhere a column wins over the document.
    columns_win: bool,
}

use Shape::{Any, Flag, List, Money, Number as Count, Object, Text, TextOrNull, Time, TimeOrNull};

pub(crate) static PROJECTS: Record = Record {
    table: "projects",
    columns_win: true,
    fields: &[
        field("name", "name", Text),
        field("status", "status", Text),
        field("priority", "priority", Text),
        field("category", "category", TextOrNull),
        field("progress", "progress", Count),
        field("budget", "budget", Count),
        field("actualCost", "actual_cost", Count),
        field("createdAt", "created_at", Time),
        field("updatedAt", "updated_at", Time),
        field("description", "", Text),
        field("notes", "", Text),
        field("tags", "", List),
        field("cost", "", Money),
        field("revenue", "", Money),
        field("github", "", TextOrNull),
        field("workspace", "", TextOrNull),
        field("orders", "", List),
    ],
};

pub(crate) static RUNS: Record = Record {
    table: "agent_runs",
    columns_win: true,
    fields: &[
        field("projectId", "project_id", TextOrNull),
        field("agentId", "agent_id", TextOrNull),
        field("status", "status", Text),
        field("createdAt", "created_at", Time),
        field("updatedAt", "updated_at", Time),
        field("startedAt", "started_at", Time),
        field("finishedAt", "finished_at", TimeOrNull),
        field("sessionId", "", TextOrNull),
        field("title", "", TextOrNull),
        field("summary", "", TextOrNull),
        field("links", "", List),
        field("tags", "", List),
        field("metrics", "", Object),
        field("meta", "", Object),
    ],
};

pub(crate) static EVENTS: Record = Record {
    table: "agent_events",
    columns_win: false,
    fields: &[
        field("ts", "ts", Time),
        field("type", "type", Text),
        field("level", "level", Text),
        field("projectId", "project_id", TextOrNull),
        field("runId", "run_id", TextOrNull),
        field("agentId", "agent_id", TextOrNull),
        field("title", "title", TextOrNull),
        field("message", "message", TextOrNull),
        field("data", "", Any),
        field("clientTs", "", TimeOrNull),
    ],
};

pub(crate) static PROFILES: Record = Record {
    table: "agent_profiles",
    columns_win: true,
    fields: &[
        field("name", "name", Text),
        field("role", "role", Text),
        field("enabled", "enabled", Flag),
        field("createdAt", "created_at", Time),
        field("updatedAt", "updated_at", Time),
        field("description", "", Text),
        field("styleTags", "", List),
        field("skills", "", List),
        field("outputMode", "", Text),
        field("writebackPolicy", "", Text),
        field("permissions", "", Object),
        field("meta", "", Object),
    ],
};

pub(crate) static CAPABILITIES: Record = Record {
    table: "agent_capabilities",
    columns_win: true,
    fields: &[
        field("name", "name", Text),
        field("enabled", "enabled", Flag),
        field("createdAt", "created_at", Time),
        field("updatedAt", "updated_at", Time),
        field("description", "", Text),
        field("promptPack", "", Text),
        field("skillPack", "", List),
        field("constraints", "", List),
        field("meta", "", Object),
    ],
};

pub(crate) static USAGE: Record = Record {
    table: "token_usage_records",
    columns_win: true,
    fields: &[
        field("ts", "ts", Time),
        field("projectId", "project_id", TextOrNull),
        field("runId", "run_id", TextOrNull),
        field("agentId", "agent_id", TextOrNull),
        field("workspace", "workspace", TextOrNull),
        field("sessionId", "session_id", TextOrNull),
        field("source", "source", Text),
        field("model", "model", TextOrNull),
        field("promptTokens", "prompt_tokens", Count),
        field("completionTokens", "completion_tokens", Count),
        field("totalTokens", "total_tokens", Count),
        field("cost", "cost", Count),
        field("data", "", Object),
    ],
};

/// Users are columns alone.
pub(crate) static USERS: Record = Record {
    table: "users",
    columns_win: true,
    fields: &[
        field("username", "username", Text),
        field("password_hash", "password_hash", Text),
        field("role", "role", Text),
        field("createdAt", "created_at", Time),
        field("updatedAt", "updated_at", Time),
        field("lastLoginAt", "last_login_at", TimeOrNull),
        // Ours alone, since version 3 of our schema.
        field("disabled", "disabled", Flag),
    ],
};

/// How a file names its columns, and which of the two places counts.
#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) snake_case: bool,
    pub(crate) ours: bool,
}

impl Record {
    /// The columns to read, each beside its field: those that this file has.
    pub(crate) fn columns<'r>(
        &'r self,
        there: &TableColumns,
        dialect: Dialect,
    ) -> Vec<(&'static str, &'r Field)> {
        let of_users = self.table == USERS.table;
        self.fields
            .iter()
            .filter_map(|field| {
                // The description and we keep the snake_case names in `users` alone.
                let column = if dialect.snake_case || of_users { field.column } else { field.name };
                there.contains(column).then_some((column, field))
            })
            .collect()
    }

    /// Reads the row `(id, payload_json, columns…)`: the document with every field in its shape, or why it is refused.
    pub(crate) fn read(
        &self,
        row: &Row<'_>,
        columns: &[(&'static str, &Field)],
        dialect: Dialect,
        notes: &mut Notes<'_>,
    ) -> Result<Taking, Refused> {
        notes.reasons.clear();
        let id = match read_id(cell(row, 0)?) {
            Ok(id) => id,
            Err(refusal) => return Ok(Taking::Refused(refusal)),
        };
        let mut document = match cell(row, 1)? {
            // A table of columns alone has no document to lose.
            ValueRef::Null if self.table == USERS.table => Map::new(),
            payload => json::read_document(&cell_text(payload)?, notes),
        };
        if dialect.ours && notes.reasons.contains(&reason::DOCUMENT) {
            return Err(damaged());
        }
        document.insert("id".into(), Value::String(id));
        let columns_win = self.columns_win && !dialect.ours;
        for (index, (_, field)) in columns.iter().enumerate() {
            if columns_win || !document.contains_key(field.name) {
                take_column(&mut document, field, cell(row, index + 2)?, columns_win, notes)?;
            }
        }
        if self.table == PROJECTS.table && !columns.iter().any(|(_, field)| field.name == "budget") {
            shapes::amounts_of_version_1(&mut document, notes);
        }
        let odd = |field: &&Field| document.get(field.name).is_some_and(|value| !field.shape.fits(value));
        if self.fields.iter().any(|field| odd(&field)) {
            notes.note(reason::TYPE);
        }
        if self.table == RUNS.table && document.get("status").is_some_and(|status| status == "success") {
            notes.note(reason::STATUS);
        }
        shapes::settle_times(&mut document, self.fields, notes);
        Ok(Taking::Document(document))
    }
}

/// What a row gives.
pub(crate) enum Taking {
    Document(Map),
    /// Nothing, and why.
    Refused(&'static str),
}

/// What is noted about the row at hand, and what its times are read with.
pub(crate) struct Notes<'n> {
    pub(crate) now: Timestamp,
    pub(crate) naive: &'n dyn Fn(chrono::NaiveDateTime) -> Option<Timestamp>,
    pub(crate) reasons: Vec<&'static str>,
}

impl Notes<'_> {
    pub(crate) fn note(&mut self, reason: &'static str) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    pub(crate) fn read_time(&mut self, text: &str) -> Option<Timestamp> {
        let zone_asked = std::cell::Cell::new(false);
        let time = Timestamp::parse_with(text, &|naive| {
            zone_asked.set(true);
            (self.naive)(naive)
        });
        if zone_asked.get() {
            self.note(reason::ZONE);
        }
        time
    }
}

/// Keeps a value that no field of ours can hold: nothing is thrown away.
fn keep_under_legacy(document: &mut Map, name: &str, value: Value) {
    let kept = document.entry("legacy").or_insert_with(|| Value::Object(Map::new()));
    // A client's own field of that name stays what it was.
    if let Value::Object(kept) = kept {
        kept.insert(name.to_owned(), value);
    }
}

fn read_id(cell: ValueRef<'_>) -> Result<String, &'static str> {
    let ValueRef::Text(bytes) = cell else {
        return Err(refusal::ID_EMPTY);
    };
    let id = std::str::from_utf8(bytes).map_err(|_| refusal::ID_CONTROL)?;
    if id.is_empty() {
        Err(refusal::ID_EMPTY)
    } else if id.len() > ID_BYTES {
        Err(refusal::ID_TOO_LONG)
    } else if id.chars().any(char::is_control) {
        Err(refusal::ID_CONTROL)
    } else {
        Ok(id.to_owned())
    }
}

/// Puts a column's value in its field. Null is a value only where a field may be null and its column counts.
fn take_column(
    document: &mut Map,
    field: &Field,
    cell: ValueRef<'_>,
    columns_win: bool,
    notes: &mut Notes<'_>,
) -> Result<(), Refused> {
    let value = match cell {
        ValueRef::Null if columns_win && matches!(field.shape, TextOrNull | TimeOrNull) => Value::Null,
        ValueRef::Null => return Ok(()),
        ValueRef::Integer(number) if field.shape == Flag => (number != 0).into(),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => match Number::from_f64(number) {
            Some(number) => Value::Number(number),
            None => {
                notes.note(reason::NOT_FINITE);
                // An infinite amount is 0, as one in a document.
                Value::Number(0.into())
            }
        },
        text => Value::String(cell_text(text)?.into_owned()),
    };
    document.insert(field.name.to_owned(), value);
    Ok(())
}

fn cell<'r>(row: &'r Row<'_>, index: usize) -> Result<ValueRef<'r>, Refused> {
    row.get_ref(index).map_err(of_source)
}

/// Whoever wrote these files wrote UTF-8: other bytes are damage that SQLite's own check does not see.
fn cell_text(cell: ValueRef<'_>) -> Result<Cow<'_, str>, Refused> {
    match cell {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| damaged())
        }
        ValueRef::Integer(number) => Ok(number.to_string().into()),
        ValueRef::Real(number) => Ok(number.to_string().into()),
        ValueRef::Null => Ok("".into()),
    }
}

fn damaged() -> Refused {
    Refused::NotTrusted("The file is damaged: a text in it cannot be read".to_owned())
}
