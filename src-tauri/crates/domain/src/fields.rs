//! Reading a JSON object field by field into a record: the coercions of the contract (§1.3), for all records in one place.
//! Knows no record.
//!
//! A record reads its fields in one function, for three sources. They differ in what an absent field means and in whether
//! a value may be refused; [`Fields`] holds that difference, so that a record states each field once.

mod list;
mod number;
mod text;

use serde_json::Value;

use crate::{Invalid, Map, Timestamp, filter};

/// Where an object comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A client makes a record: absent and `null` mean the default.
    Create,
    /// A client changes one: absent means as it is, `null` the default, and a value equal to the stored one always passes.
    Patch,
    /// A record of ours, perhaps from an older server: nothing is refused, odd values stay.
    Stored,
}

/// What a field holds.
enum Given {
    Keep,
    Default,
    Value(Value),
}

/// The fields of an object that have not been read yet.
pub(crate) struct Fields {
    map: Map,
    source: Source,
    taken: Vec<&'static str>,
    /// Fields whose value came under another name; errors say that name.
    aliases: Vec<(&'static str, &'static str)>,
    /// Values of a stored record that its fields cannot hold.
    legacy: Map,
}

impl Fields {
    pub(crate) fn create(body: Map) -> Self {
        Self::new(body, Source::Create)
    }

    pub(crate) fn patch(patch: Map) -> Self {
        Self::new(patch, Source::Patch)
    }

    pub(crate) fn stored(document: Map) -> Self {
        Self::new(document, Source::Stored)
    }

    fn new(map: Map, source: Source) -> Self {
        Self { map, source, taken: Vec::with_capacity(16), aliases: Vec::new(), legacy: Map::new() }
    }

    pub(crate) fn is_create(&self) -> bool {
        self.source == Source::Create
    }

    pub(crate) fn is_patch(&self) -> bool {
        self.source == Source::Patch
    }

    pub(crate) fn is_stored(&self) -> bool {
        self.source == Source::Stored
    }

    /// Whether a value for the field was sent.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self.map.get(name) {
            None => false,
            Some(Value::Null) => self.source != Source::Create,
            Some(_) => true,
        }
    }

    /// Reads `alias` as `name`, unless that was sent too. The alias stays in the record as well.
    pub(crate) fn alias(&mut self, name: &'static str, alias: &'static str) {
        if self.has(name) {
            return;
        }
        if let Some(value) = self.map.get(alias).filter(|value| !value.is_null()) {
            let value = value.clone();
            self.map.insert(name.to_owned(), value);
            self.aliases.push((name, alias));
        }
    }

    /// Drops a field that clients cannot set.
    pub(crate) fn discard(&mut self, name: &'static str) {
        self.taken.push(name);
    }

    /// Puts what was not read into `extra`, in its order.
    pub(crate) fn finish(mut self, extra: &mut Map) {
        let taken = self.taken;
        self.map.retain(|key, _| !taken.contains(&key.as_str()));
        if self.source == Source::Patch {
            extra.extend(self.map);
        } else {
            *extra = self.map;
        }
        if self.legacy.is_empty() {
            return;
        }
        // A client's own field of that name stays; so does what the import put there: it is the older truth.
        if let Value::Object(known) = extra.entry("legacy").or_insert_with(|| Value::Object(Map::new())) {
            for (name, value) in self.legacy {
                known.entry(name).or_insert(value);
            }
        }
    }

    fn take(&mut self, name: &'static str) -> Given {
        let Some(value) = self.map.get_mut(name) else {
            return if self.source == Source::Patch { Given::Keep } else { Given::Default };
        };
        self.taken.push(name);
        match value.take() {
            Value::Null => Given::Default,
            value => Given::Value(value),
        }
    }

    /// The name under which the client sent the field.
    fn shown(&self, name: &'static str) -> &'static str {
        self.aliases.iter().find(|(field, _)| *field == name).map_or(name, |(_, alias)| alias)
    }

    fn refuse(&self, name: &'static str, due: &str) -> Invalid {
        Invalid::must_be(self.shown(name), due)
    }

    /// Refuses a value of the wrong type; from a stored record it goes to `legacy`.
    fn odd(&mut self, name: &'static str, value: Value, due: &str) -> Result<(), Invalid> {
        if self.source != Source::Stored {
            return Err(self.refuse(name, due));
        }
        self.legacy.insert(name.to_owned(), value);
        Ok(())
    }

    pub(crate) fn object(&mut self, name: &'static str, slot: &mut Map) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => slot.clear(),
            Given::Value(Value::Object(map)) => *slot = map,
            Given::Value(other) => {
                self.odd(name, other, "an object")?;
                slot.clear();
            }
        }
        Ok(())
    }

    /// Any JSON.
    pub(crate) fn any(&mut self, name: &'static str) -> Option<Value> {
        match self.take(name) {
            Given::Value(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn flag(&mut self, name: &'static str, slot: &mut bool, default: bool) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => *slot = default,
            Given::Value(value) => match bool_in(&value) {
                Some(flag) => *slot = flag,
                None => {
                    self.odd(name, value, "true or false")?;
                    *slot = default;
                }
            },
        }
        Ok(())
    }

    pub(crate) fn time(
        &mut self,
        name: &'static str,
        slot: &mut Timestamp,
        default: Timestamp,
    ) -> Result<(), Invalid> {
        let mut time = Some(*slot);
        self.opt_time(name, &mut time)?;
        *slot = time.unwrap_or(default);
        Ok(())
    }

    pub(crate) fn opt_time(
        &mut self,
        name: &'static str,
        slot: &mut Option<Timestamp>,
    ) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => *slot = None,
            Given::Value(value) => match value.as_str().and_then(Timestamp::parse) {
                Some(time) => *slot = Some(time),
                None => {
                    self.odd(name, value, "a time, as 2026-02-11T14:30:00Z")?;
                    *slot = None;
                }
            },
        }
        Ok(())
    }

    /// The fields that clients cannot change: the id, and when a record was made and last changed.
    pub(crate) fn identity(
        &mut self,
        id: &mut String,
        created_at: &mut Timestamp,
        updated_at: &mut Timestamp,
    ) -> Result<(), Invalid> {
        match self.source {
            Source::Create => self.time("createdAt", created_at, *updated_at)?,
            Source::Patch => self.discard("createdAt"),
            Source::Stored => {
                self.text("id", id, "")?;
                let (mut created, mut updated) = (None, None);
                self.opt_time("createdAt", &mut created)?;
                self.opt_time("updatedAt", &mut updated)?;
                let either = created.or(updated).unwrap_or(*created_at);
                *created_at = created.unwrap_or(either);
                *updated_at = updated.unwrap_or(either);
            }
        }
        for name in ["id", "updatedAt", "ifUpdatedAt"] {
            self.discard(name);
        }
        Ok(())
    }
}

fn bool_in(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(word) => filter::parse_bool(word),
        _ => None,
    }
}

/// No word stands for another.
pub(crate) fn no_synonym(word: &str) -> &str {
    word
}
