//! Fields that hold texts.

use serde_json::Value;

use super::{Fields, Given};
use crate::Invalid;

impl Fields {
    /// A text of a wrong type: refused, or its JSON from a stored record.
    fn odd_text(&self, name: &'static str, value: &Value) -> Result<String, Invalid> {
        if self.is_stored() { Ok(value.to_string()) } else { Err(self.refuse(name, "a text")) }
    }

    pub(crate) fn text(
        &mut self,
        name: &'static str,
        slot: &mut String,
        default: &str,
    ) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => default.clone_into(slot),
            Given::Value(Value::String(text)) => *slot = text,
            Given::Value(other) => *slot = self.odd_text(name, &other)?,
        }
        Ok(())
    }

    /// A text without the white space around it; blank is the default.
    pub(crate) fn trimmed_text(
        &mut self,
        name: &'static str,
        slot: &mut String,
        default: &str,
    ) -> Result<(), Invalid> {
        let before = self.is_patch().then(|| slot.clone());
        self.text(name, slot, default)?;
        if self.is_stored() || before.as_ref() == Some(slot) {
            return Ok(());
        }
        let trimmed = slot.trim();
        if trimmed.is_empty() {
            default.clone_into(slot);
        } else if trimmed.len() < slot.len() {
            *slot = trimmed.to_owned();
        }
        Ok(())
    }

    /// A text that must be sent and must not be blank.
    pub(crate) fn required_text(&mut self, name: &'static str, slot: &mut String) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default if self.is_stored() => slot.clear(),
            Given::Default if self.is_patch() => {
                return Err(Invalid::field(name, format!("{name} must not be null")));
            }
            Given::Default => return Err(Invalid::missing(name)),
            Given::Value(Value::String(text)) => {
                if text.trim().is_empty() && !self.is_stored() && !(self.is_patch() && *slot == text) {
                    return Err(Invalid::field(name, format!("{name} must not be blank")));
                }
                *slot = text;
            }
            Given::Value(other) => *slot = self.odd_text(name, &other)?,
        }
        Ok(())
    }

    pub(crate) fn opt_text(&mut self, name: &'static str, slot: &mut Option<String>) -> Result<(), Invalid> {
        self.short_text(name, slot, usize::MAX)
    }

    /// A text or null, of at most `limit` characters.
    pub(crate) fn short_text(
        &mut self,
        name: &'static str,
        slot: &mut Option<String>,
        limit: usize,
    ) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => *slot = None,
            Given::Value(Value::String(text)) => {
                let same = self.is_patch() && slot.as_ref() == Some(&text);
                if !same && !self.is_stored() {
                    self.within(name, &text, limit)?;
                }
                *slot = Some(text);
            }
            Given::Value(other) => *slot = Some(self.odd_text(name, &other)?),
        }
        Ok(())
    }

    /// Refuses a text of more than `limit` characters.
    pub(crate) fn within(&self, name: &'static str, text: &str, limit: usize) -> Result<(), Invalid> {
        // A text has at most as many characters as bytes: most are not counted.
        if text.len() > limit && text.chars().count() > limit {
            return Err(self.refuse(name, &format!("at most {limit} characters long")));
        }
        Ok(())
    }

    /// A text that is a field of ours only if it is one; any other JSON stays among the unknown fields.
    pub(crate) fn text_if_text(&mut self, name: &'static str, slot: &mut Option<String>) {
        match self.map.get(name) {
            None if self.is_patch() => {}
            Some(Value::String(text)) => {
                *slot = Some(text.clone());
                self.taken.push(name);
            }
            _ => *slot = None,
        }
    }

    /// One of `words`, after `synonym` had a look at it.
    pub(crate) fn word(
        &mut self,
        name: &'static str,
        slot: &mut String,
        words: &[&str],
        default: &str,
        synonym: fn(&str) -> &str,
    ) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => default.clone_into(slot),
            Given::Value(Value::String(word)) => {
                let known = synonym(&word);
                if words.contains(&known) || self.is_stored() {
                    known.clone_into(slot);
                } else if !(self.is_patch() && *slot == word) {
                    return Err(self.refuse(name, &format!("one of {}", words.join(", "))));
                }
            }
            Given::Value(other) => *slot = self.odd_text(name, &other)?,
        }
        Ok(())
    }
}
