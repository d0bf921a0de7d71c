//! An agent profile: who works here and how (contract §9).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::fields::Fields;
use crate::{Document, Invalid, Map, Timestamp, client_id};

/// An agent profile.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// Its name, trimmed.
    pub name: String,
    /// What it does here.
    pub role: String,
    /// What it is about.
    pub description: String,
    /// How it works.
    pub style_tags: Vec<Value>,
    /// What it can do.
    pub skills: Vec<Value>,
    /// How much it says.
    pub output_mode: String,
    /// How much it writes back.
    pub writeback_policy: String,
    /// What it may do.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub permissions: Map,
    /// Whatever else belongs to it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub meta: Map,
    /// Whether it is in use.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Fields that PilotDeck does not know, as sent.
    #[serde(flatten)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub extra: Map,
}

impl Profile {
    /// A new profile from what a client sent; its id is the client's or else `fresh_id`.
    pub fn create(body: Map, fresh_id: String, now: Timestamp) -> Result<Self, Invalid> {
        let id = client_id(&body, "id")?.unwrap_or(fresh_id);
        let mut profile = Self::blank(id, now);
        profile.read(Fields::create(body))?;
        Ok(profile)
    }

    /// Changes the fields that `patch` names; an error changes nothing.
    pub fn patch(&mut self, patch: Map) -> Result<(), Invalid> {
        let mut changed = self.clone();
        changed.read(Fields::patch(patch))?;
        *self = changed;
        Ok(())
    }

    /// A profile as it is stored. Never fails: what an older server kept stays.
    #[must_use]
    pub fn from_document(document: Map) -> Self {
        let mut profile = Self::blank(String::new(), Timestamp::from_micros(0));
        // Reading a stored record refuses nothing.
        let _ = profile.read(Fields::stored(document));
        profile
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
            role: String::new(),
            description: String::new(),
            style_tags: Vec::new(),
            skills: Vec::new(),
            output_mode: String::new(),
            writeback_policy: String::new(),
            permissions: Map::new(),
            meta: Map::new(),
            enabled: true,
            created_at: now,
            updated_at: now,
            extra: Map::new(),
        }
    }

    fn read(&mut self, mut fields: Fields) -> Result<(), Invalid> {
        fields.identity(&mut self.id, &mut self.created_at, &mut self.updated_at)?;
        fields.trimmed_text("name", &mut self.name, "Agent")?;
        fields.text("role", &mut self.role, "general")?;
        fields.text("description", &mut self.description, "")?;
        fields.list("styleTags", &mut self.style_tags, false)?;
        fields.list("skills", &mut self.skills, false)?;
        fields.text("outputMode", &mut self.output_mode, "concise")?;
        fields.text("writebackPolicy", &mut self.writeback_policy, "minimal")?;
        fields.object("permissions", &mut self.permissions)?;
        fields.object("meta", &mut self.meta)?;
        fields.flag("enabled", &mut self.enabled, true)?;
        fields.finish(&mut self.extra);
        Ok(())
    }
}
