//! The few pieces of SQL that every list shares.

use std::borrow::Cow;

use rusqlite::types::{ToSql, Value};

/// A WHERE clause that grows by the filters that are set.
#[derive(Default, Clone)]
pub(crate) struct Where {
    clauses: Vec<Cow<'static, str>>,
    values: Vec<Value>,
}

impl Where {
    /// Adds `clause`, whose `?`s take `values` in order.
    pub(crate) fn and(
        &mut self,
        clause: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = Value>,
    ) {
        self.clauses.push(clause.into());
        self.values.extend(values);
    }

    /// Adds `clause` when there is a value for it.
    pub(crate) fn and_text(&mut self, clause: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.and(clause, [Value::Text(value.to_owned())]);
        }
    }

    /// Adds that `column` is one of `values`; none of them: no condition.
    pub(crate) fn and_any(&mut self, column: &str, values: &[String]) {
        if values.is_empty() {
            return;
        }
        // One value as an equation: then an index that begins with the column also gives the order of the rows.
        self.clauses.push(Cow::Owned(match values.len() {
            1 => format!("{column} = ?"),
            count => format!("{column} IN (?{})", ", ?".repeat(count - 1)),
        }));
        self.values.extend(values.iter().cloned().map(Value::Text));
    }

    /// `" WHERE …"`, or nothing.
    pub(crate) fn sql(&self) -> String {
        if self.clauses.is_empty() { String::new() } else { format!(" WHERE {}", self.clauses.join(" AND ")) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// The values for the `?`s, given away.
    pub(crate) fn take_values(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.values)
    }

    /// The values for the `?`s, then `more`.
    pub(crate) fn values<const N: usize>(&self, more: [i64; N]) -> Vec<Value> {
        self.values.iter().cloned().chain(more.map(Value::Integer)).collect()
    }
}

/// Borrows values the way rusqlite takes a list of them.
pub(crate) fn bind(values: &[Value]) -> Vec<&dyn ToSql> {
    values.iter().map(|value| value as &dyn ToSql).collect()
}

/// `text` as a LIKE pattern that finds it anywhere; wildcards in it are plain characters (`ESCAPE '\'`).
pub(crate) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
