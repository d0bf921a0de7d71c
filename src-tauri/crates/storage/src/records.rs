//! What every table of records shares: the document column, finding by id, one page by key or by offset.

use pilotdeck_domain::{Cursor, Document, Map, Page};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::query::{Where, bind};
use crate::{Error, Listing, Result};

/// Reads `payload_json`, column `index`, as it stands.
pub(crate) fn document(row: &Row<'_>, index: usize) -> Result<Document> {
    let text: String = row.get(index)?;
    Document::from_stored(text)
        .map_err(|error| Error::Corrupt(format!("a stored record is no JSON: {error}")))
}

/// The document that `sql` (one column, one `?1` for the id) finds.
pub(crate) fn find_document(conn: &Connection, sql: &'static str, id: &str) -> Result<Option<Document>> {
    let text: Option<String> = conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    text.map(|text| {
        Document::from_stored(text)
            .map_err(|error| Error::Corrupt(format!("record {id} is no JSON: {error}")))
    })
    .transpose()
}

/// The same, taken apart.
pub(crate) fn find_map(conn: &Connection, sql: &'static str, id: &str) -> Result<Option<Map>> {
    Ok(find_document(conn, sql, id)?.map(|document| document.to_map()))
}

/// How a table is listed.
pub(crate) struct ListQuery {
    pub(crate) table: &'static str,
    /// SQL for the text that the list is sorted by, before `seq`.
    pub(crate) key: &'static str,
    pub(crate) descending: bool,
    pub(crate) conditions: Where,
    pub(crate) count_all: bool,
}

impl ListQuery {
    /// One page: by `cursor` where there is one, else by `offset`. Without a limit: all.
    pub(crate) fn run(mut self, conn: &Connection, page: &Page) -> Result<Listing> {
        let Self { table, key, .. } = self;
        let total = if self.count_all { Some(self.count(conn)?) } else { None };
        let (direction, beyond) = if self.descending { ("DESC", "<") } else { ("ASC", ">") };
        let mut offset = i64::from(page.offset);
        let mut paging = String::new();
        let mut paging_values = Vec::new();
        if let Some(Cursor { key: place, row }) = &page.cursor {
            let glue = if self.conditions.is_empty() { "WHERE" } else { "AND" };
            paging = format!(" {glue} ({key}, seq) {beyond} (?, ?)");
            paging_values = vec![Value::Text(place.clone()), Value::Integer(*row)];
            offset = 0;
        }
        let sql = format!(
            "SELECT payload_json, {key}, seq FROM {table}{}{paging} ORDER BY {key} {direction}, seq {direction} LIMIT ? OFFSET ?",
            self.conditions.sql()
        );
        let mut values = self.conditions.take_values();
        values.extend(paging_values);
        values.extend([Value::Integer(one_more(page.limit)), Value::Integer(offset)]);
        let (documents, next_cursor) = read_page(conn, &sql, &values, page.limit)?;
        let total = total.unwrap_or(documents.len() as u64);
        Ok(Listing { total, has_more: next_cursor.is_some(), next_cursor, documents })
    }

    fn count(&self, conn: &Connection) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM {}{}", self.table, self.conditions.sql());
        let count: i64 = conn
            .prepare_cached(&sql)?
            .query_row(bind(&self.conditions.values([])).as_slice(), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}

/// One row more than asked for tells whether another page follows; -1 is SQLite's "no limit".
pub(crate) fn one_more(limit: Option<u32>) -> i64 {
    limit.map_or(-1, |limit| i64::from(limit) + 1)
}

/// Reads the rows of a page; the last one within the limit makes the cursor when another row follows.
pub(crate) fn read_page(
    conn: &Connection,
    sql: &str,
    values: &[Value],
    limit: Option<u32>,
) -> Result<(Vec<Document>, Option<String>)> {
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(bind(values).as_slice())?;
    let mut documents = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        if documents.len() == limit {
            return Ok((documents, last.map(|(key, row)| Cursor { key, row }.encode())));
        }
        documents.push(document(row, 0)?);
        if documents.len() == limit {
            last = Some((row.get::<_, String>(1)?, row.get(2)?));
        }
    }
    Ok((documents, None))
}
