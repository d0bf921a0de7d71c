//! A capability: a pack of instructions that agents can take up (contract §9).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::fields::Fields;
use crate::{Document, Invalid, Map, Timestamp, client_id};

/// A capability.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Capability {
    /// Its id.
    pub id: String,
    /// Its name, trimmed.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// What to tell the model.
    pub prompt_pack: String,
    /// What it brings.
    pub skill_pack: Vec<Value>,
    /// What it must keep to.
    pub constraints: Vec<Value>,
    /// Whether it is in use.
    pub enabled: bool,
    /// Whatever else belongs to it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub meta: Map,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Fields that PilotDeck does not know, as sent.
    #[serde(flatten)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub extra: Map,
}

impl Capability {
    /// A new capability from what a client sent; its id is the client's or else `fresh_id`.
    pub fn create(body: Map, fresh_id: String, now: Timestamp) -> Result<Self, Invalid> {
        let id = client_id(&body, "id")?.unwrap_or(fresh_id);
        let mut capability = Self::blank(id, now);
        capability.read(Fields::create(body))?;
        Ok(capability)
    }

    /// Changes the fields that `patch` names; an error changes nothing.
    pub fn patch(&mut self, patch: Map) -> Result<(), Invalid> {
        let mut changed = self.clone();
        changed.read(Fields::patch(patch))?;
        *self = changed;
        Ok(())
    }

    /// A capability as it is stored. Never fails: what an older server kept stays.
    #[must_use]
    pub fn from_document(document: Map) -> Self {
        let mut capability = Self::blank(String::new(), Timestamp::from_micros(0));
        // Reading a stored record refuses nothing.
        let _ = capability.read(Fields::stored(document));
        capability
    }

    /// The form in which it is stored and sent.
    #[must_use]
    pub fn to_document(&self) -> Document {
        Document::of(self)
    }

    fn blank(id: String, now: Timestamp) -> Self {
        Self {
            id,
            name: String::new(),
            description: String::new(),
            prompt_pack: String::new(),
            skill_pack: Vec::new(),
            constraints: Vec::new(),
            enabled: true,
            meta: Map::new(),
            created_at: now,
            updated_at: now,
            extra: Map::new(),
        }
    }

    fn read(&mut self, mut fields: Fields) -> Result<(), Invalid> {
        fields.identity(&mut self.id, &mut self.created_at, &mut self.updated_at)?;
        fields.trimmed_text("name", &mut self.name, "Capability")?;
        fields.text("description", &mut self.description, "")?;
        fields.text("promptPack", &mut self.prompt_pack, "")?;
        fields.list("skillPack", &mut self.skill_pack, false)?;
        fields.list("constraints", &mut self.constraints, false)?;
        fields.flag("enabled", &mut self.enabled, true)?;
        fields.object("meta", &mut self.meta)?;
        fields.finish(&mut self.extra);
        Ok(())
    }
}
