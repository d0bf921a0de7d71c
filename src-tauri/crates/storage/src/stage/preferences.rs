//! Preferences out of a backup of ours: no record, but a courtesy. What cannot be read is left out.

use pilotdeck_domain::{Timestamp, parse_object};
use rusqlite::types::ValueRef;

use super::Filling;
use crate::inspect::{Refused, SourceKind, of_source};
use crate::{Error, preferences};

const TABLE: &str = "preferences";

impl Filling<'_> {
    /// Those of the users that were taken, and of the window.
    pub(super) fn take_preferences(&self) -> Result<(), Refused> {
        let is_there = self.source.layout.tables.contains_key(TABLE);
        if self.source.kind != SourceKind::PilotDeck || !is_there {
            return Ok(());
        }
        let mut users = self.conn.prepare("SELECT id FROM users").map_err(Error::from)?;
        let users = users.query_map([], |row| row.get::<_, String>(0)).map_err(Error::from)?;
        let mut owners = users.collect::<rusqlite::Result<Vec<String>>>().map_err(Error::from)?;
        owners.push(preferences::WINDOW.to_owned());
        let sql = format!("SELECT value_json, updated_at FROM main.{TABLE} WHERE owner = ?1");
        let mut statement = self.source.conn.prepare(&sql).map_err(of_source)?;
        for owner in owners {
            let mut rows = statement.query([&owner]).map_err(of_source)?;
            let Some(row) = rows.next().map_err(of_source)? else { continue };
            let text = |index| -> Result<Option<&str>, Refused> {
                let cell: ValueRef<'_> = row.get_ref(index).map_err(of_source)?;
                Ok(cell.as_str().ok())
            };
            let Some(value) = text(0)?.filter(|value| value.len() <= preferences::MAX_BYTES) else {
                continue;
            };
            let Ok(object) = parse_object(value.as_bytes()) else { continue };
            let value = pilotdeck_domain::Value::Object(object).to_string();
            let updated_at = text(1)?.and_then(Timestamp::parse).unwrap_or(self.options.now);
            preferences::set(self.conn, &owner, &value, updated_at)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::{edit, stage_file};
    use crate::{migrate, preferences, users};

    const USER: &str = "INSERT INTO users (id, username, password_hash, created_at, updated_at) VALUES ('u', 'ada', '00', 'x', 'x');";

    /// A file of ours as it was at `version`.
    fn file_of(version: i32, path: &Path) {
        let conn = migrate::in_memory_at(version).unwrap();
        conn.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
        edit(path, USER);
    }

    #[test]
    fn accounts_that_are_disabled_stay_so_and_keep_what_they_prefer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ours.db");
        file_of(crate::SCHEMA_VERSION, &path);
        edit(
            &path,
            "UPDATE users SET disabled = 1;
             INSERT INTO preferences VALUES ('u', '{\"theme\":\"dark\"}', '2026-01-01T00:00:00Z'),
               ('window', '{\"n\":1.50}', 'x'), ('gone', '{}', 'x');",
        );
        let (_, staged) = stage_file(&path, folder.path()).unwrap();
        let conn = crate::readers::open(&staged).unwrap();
        assert!(users::find(&conn, "u").unwrap().unwrap().user.disabled);
        let prefers = |owner| preferences::find(&conn, owner).unwrap();
        assert_eq!(prefers("u").as_deref(), Some(r#"{"theme":"dark"}"#));
        assert_eq!(prefers("window").as_deref(), Some(r#"{"n":1.50}"#));
        assert_eq!(prefers("gone"), None);
    }

    #[test]
    fn preferences_that_are_none_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ours.db");
        for (number, value) in
            ["'[1]'", "'{'", "CAST(X'ff' AS TEXT)", "'{\"x\":\"' || printf('%.*c', 17000, 'x') || '\"}'"]
                .into_iter()
                .enumerate()
        {
            let path = path.with_extension(number.to_string());
            file_of(crate::SCHEMA_VERSION, &path);
            edit(&path, &format!("INSERT INTO preferences VALUES ('u', {value}, 'x')"));
            let (_, staged) = stage_file(&path, folder.path()).unwrap();
            let conn = crate::readers::open(&staged).unwrap();
            assert_eq!(preferences::find(&conn, "u").unwrap(), None, "{value}");
        }
    }

    #[test]
    fn a_file_from_before_there_were_disabled_accounts_is_taken_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ours.db");
        file_of(1, &path);
        let (report, staged) = stage_file(&path, folder.path()).unwrap();
        assert_eq!((report.version, report.rows["users"]), (1, 1));
        let conn = crate::readers::open(&staged).unwrap();
        assert!(!users::find(&conn, "u").unwrap().unwrap().user.disabled);
    }
}
