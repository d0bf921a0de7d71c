//! Keys of agents out of a backup of ours. One that cannot be read as we write it is refused: it could open too much.

use super::{Filling, add};
use crate::agent_keys::{self, COLUMNS, TABLE};
use crate::inspect::{Refused, SourceKind, of_source};
use crate::legacy::refusal;

impl Filling<'_> {
    pub(super) fn take_agent_keys(&mut self) -> Result<(), Refused> {
        let source = self.source;
        if source.kind != SourceKind::PilotDeck || !source.layout.tables.contains_key(TABLE) {
            return Ok(());
        }
        self.report.rows.insert(TABLE.to_owned(), 0);
        let sql = format!("SELECT {COLUMNS} FROM main.{TABLE} ORDER BY rowid");
        let mut statement = source.conn.prepare(&sql).map_err(of_source)?;
        let mut rows = statement.query([]).map_err(of_source)?;
        while let Some(row) = rows.next().map_err(of_source)? {
            self.total += 1;
            match agent_keys::read(row).map_err(of_source)? {
                Some(stored) => {
                    agent_keys::insert(self.conn, &stored)?;
                    *self.report.rows.entry(TABLE.to_owned()).or_default() += 1;
                }
                None => add(&mut self.report.refused, refusal::KEY),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::{edit, stage_file};
    use crate::{SCHEMA_VERSION, agent_keys, migrate};

    fn row(id: &str, digest: &str, projects: &str, rights: &str, expires: &str) -> String {
        format!(
            "INSERT INTO agent_keys (id, digest, name, agent_id, project_ids, rights, created_at, expires_at)
             VALUES ({id}, {digest}, 'CI', 'claude', {projects}, {rights}, '2026-01-01T00:00:00Z', {expires});"
        )
    }

    fn file_with(version: i32, path: &Path, sql: &str) {
        let conn = migrate::in_memory_at(version).unwrap();
        conn.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
        edit(path, sql);
    }

    #[test]
    fn a_key_is_taken_as_it_is_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ours.db");
        let digest = format!("'{}'", "0f".repeat(32));
        let sql = [
            row("'k1'", &digest, "'[\"p1\"]'", "'read report'", "NULL"),
            row("'k2'", &digest, "NULL", "'read'", "'2027-01-01T00:00:00Z'"),
            // Each of these could open more than it did.
            row("'b1'", &digest, "'p1'", "'read'", "NULL"),
            row("'b2'", &digest, "'[]'", "'read'", "NULL"),
            row("'b3'", &digest, "'null'", "'read'", "NULL"),
            row("'b4'", &digest, "NULL", "'read admin'", "NULL"),
            row("'b5'", &digest, "NULL", "''", "NULL"),
            row("'b6'", &digest, "NULL", "'read'", "'soon'"),
            row("'b7'", "''", "NULL", "'read'", "NULL"),
            row("'b_8'", &digest, "NULL", "'read'", "NULL"),
            row("CAST(X'ff' AS TEXT)", &digest, "NULL", "'read'", "NULL"),
        ]
        .concat();
        file_with(SCHEMA_VERSION, &path, &sql);
        let (report, staged) = stage_file(&path, folder.path()).unwrap();
        assert_eq!((report.rows["agent_keys"], report.refused["keyUnreadable"]), (2, 9));
        let conn = crate::readers::open(&staged).unwrap();
        let kept = agent_keys::list(&conn).unwrap();
        assert_eq!(kept, agent_keys::list(&crate::readers::open(&path).unwrap()).unwrap());
        let ids: Vec<_> = kept.iter().map(|stored| stored.key.id.as_str()).collect();
        assert_eq!(ids, ["k1", "k2"]);
    }

    #[test]
    fn a_table_of_that_name_in_an_older_file_is_none_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("older.db");
        file_with(1, &path, "CREATE TABLE agent_keys (id TEXT); INSERT INTO agent_keys VALUES ('k1');");
        let (report, _) = stage_file(&path, folder.path()).unwrap();
        assert_eq!(report.left_behind, ["agent_keys"]);
        assert!(!report.rows.contains_key("agent_keys"));
    }
}
