//! Fields that hold lists.

use serde_json::Value;

use super::{Fields, Given};
use crate::numbers::same_list;
use crate::words::MAX_TAGS;
use crate::{Invalid, Map};

impl Fields {
    /// A list, or one text for a list of one; `only_arrays` where a text is too little.
    pub(crate) fn list(
        &mut self,
        name: &'static str,
        slot: &mut Vec<Value>,
        only_arrays: bool,
    ) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => slot.clear(),
            Given::Value(value) => *slot = self.list_in(name, value, only_arrays)?,
        }
        Ok(())
    }

    fn list_in(&self, name: &'static str, value: Value, only_arrays: bool) -> Result<Vec<Value>, Invalid> {
        match value {
            Value::Array(items) => Ok(items),
            Value::String(text) if text.is_empty() && !only_arrays => Ok(Vec::new()),
            Value::String(text) if !only_arrays => Ok(vec![Value::String(text)]),
            other if self.is_stored() => Ok(vec![other]),
            _ => Err(self.refuse(name, "a list")),
        }
    }

    /// A list of texts, as sent.
    pub(crate) fn text_list(
        &mut self,
        name: &'static str,
        slot: &mut Vec<Value>,
        only_arrays: bool,
    ) -> Result<(), Invalid> {
        let before = self.is_patch().then(|| slot.clone());
        self.list(name, slot, only_arrays)?;
        if self.is_stored() || before.is_some_and(|before| same_list(&before, slot)) {
            return Ok(());
        }
        if let Some(place) = slot.iter().position(|item| !item.is_string()) {
            return Err(Invalid::must_be(format!("{name}[{place}]"), "a text"));
        }
        self.at_most_tags(name, slot.len())
    }

    /// Texts, each trimmed, blank ones left out.
    pub(crate) fn tags(&mut self, name: &'static str, slot: &mut Vec<String>) -> Result<(), Invalid> {
        let value = match self.take(name) {
            Given::Keep => return Ok(()),
            Given::Default => {
                slot.clear();
                return Ok(());
            }
            Given::Value(value) => value,
        };
        let items = self.list_in(name, value, false)?;
        if self.is_patch() && items.iter().map(Value::as_str).eq(slot.iter().map(|tag| Some(tag.as_str()))) {
            return Ok(());
        }
        let mut tags = Vec::with_capacity(items.len());
        for (place, item) in items.into_iter().enumerate() {
            match item {
                Value::String(tag) if self.is_stored() => tags.push(tag),
                other if self.is_stored() => tags.push(other.to_string()),
                Value::String(tag) => {
                    let trimmed = tag.trim();
                    if !trimmed.is_empty() {
                        tags.push(if trimmed.len() == tag.len() { tag } else { trimmed.to_owned() });
                    }
                }
                _ => return Err(Invalid::must_be(format!("{name}[{place}]"), "a text")),
            }
        }
        if !self.is_stored() {
            self.at_most_tags(name, tags.len())?;
        }
        *slot = tags;
        Ok(())
    }

    fn at_most_tags(&self, name: &'static str, count: usize) -> Result<(), Invalid> {
        if count > MAX_TAGS {
            return Err(self.refuse(name, &format!("a list of at most {MAX_TAGS} entries")));
        }
        Ok(())
    }

    /// A list of objects, absent unless it was sent.
    pub(crate) fn objects(
        &mut self,
        name: &'static str,
        slot: &mut Option<Vec<Value>>,
    ) -> Result<(), Invalid> {
        let value = match self.take(name) {
            Given::Keep => return Ok(()),
            Given::Default => {
                *slot = None;
                return Ok(());
            }
            Given::Value(value) => value,
        };
        let items = self.list_in(name, value, false)?;
        let same = self.is_patch() && slot.as_ref().is_some_and(|stored| same_list(stored, &items));
        if !same
            && !self.is_stored()
            && let Some(place) = items.iter().position(|item| !item.is_object())
        {
            return Err(Invalid::must_be(format!("{name}[{place}]"), "an object"));
        }
        *slot = Some(items);
        Ok(())
    }

    /// What an event's `data` is made of when only `evidence` was sent, which stays in the record as well.
    pub(crate) fn evidence(&self) -> Result<Value, Invalid> {
        match self.map.get("evidence") {
            Some(evidence) if self.is_create() && !evidence.is_null() => {
                let evidence = self.list_in("evidence", evidence.clone(), false)?;
                Ok(Value::Object(Map::from_iter([("evidence".to_owned(), Value::Array(evidence))])))
            }
            _ => Ok(Value::Null),
        }
    }
}
