//! A run: one piece of work of an agent (contract §6, §10).

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::fields::Fields;
use crate::words::{MAX_TITLE, RUN_STATUSES, run_status};
use crate::{Document, Invalid, Map, Timestamp, client_id};

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The project it works on; need not exist.
    #[schema(required)]
    pub project_id: Option<String>,
    /// Who runs it.
    #[schema(required)]
    pub agent_id: Option<String>,
    /// One of `running completed failed cancelled`; an imported one may be any word.
    pub status: String,
    /// What it is about.
    #[schema(required)]
    pub title: Option<String>,
    /// What came of it.
    #[schema(required)]
    pub summary: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the work began.
    pub started_at: Timestamp,
    /// When the work ended.
    #[schema(required)]
    pub finished_at: Option<Timestamp>,
    /// Addresses, or anything else.
    pub links: Vec<Value>,
    /// Texts; imported ones may be anything.
    #[schema(value_type = Vec<String>)]
    pub tags: Vec<Value>,
    /// Figures.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub metrics: Map,
    /// Whatever else belongs to it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub meta: Map,
    /// The session of the agent's own tool. Anything but a text is kept among the unknown fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub session_id: Option<String>,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Fields that PilotDeck does not know, as sent.
    #[serde(flatten)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub extra: Map,
}

impl Run {
    /// The id that a body asks for: its `id`, or else its `sessionId`.
    pub fn id_of(body: &Map) -> Result<Option<String>, Invalid> {
        if let Some(id) = client_id(body, "id")? {
            return Ok(Some(id));
        }
        match body.get("sessionId") {
            Some(Value::String(_)) => client_id(body, "sessionId"),
            _ => Ok(None),
        }
    }

    /// A new run from what a client sent; its id is the client's or else `fresh_id`.
    pub fn create(body: Map, fresh_id: String, now: Timestamp) -> Result<Self, Invalid> {
        let id = Self::id_of(&body)?.unwrap_or(fresh_id);
        let mut run = Self::blank(id, now);
        run.read(Fields::create(body))?;
        Ok(run)
    }

    /// The run of an opencode session that is known only by a patch of it.
    pub fn from_session_patch(id: &str, mut patch: Map, now: Timestamp) -> Result<Self, Invalid> {
        patch.shift_remove("createdAt");
        patch.insert("id".to_owned(), json!(id));
        patch.insert("sessionId".to_owned(), json!(id));
        patch.entry("source").or_insert_with(|| json!("opencode"));
        if patch.get("status").is_some_and(Value::is_null) {
            return Err(no_status());
        }
        Self::create(patch, id.to_owned(), now)
    }

    /// Changes the fields that `patch` names; an error changes nothing.
    pub fn patch(&mut self, patch: Map) -> Result<(), Invalid> {
        if patch.get("status").is_some_and(Value::is_null) {
            return Err(no_status());
        }
        let mut changed = self.clone();
        changed.read(Fields::patch(patch))?;
        *self = changed;
        Ok(())
    }

    /// A run as it is stored. Never fails: what an older server kept stays.
    #[must_use]
    pub fn from_document(document: Map) -> Self {
        let mut run = Self::blank(String::new(), Timestamp::from_micros(0));
        // Reading a stored record refuses nothing.
        let _ = run.read(Fields::stored(document));
        if run.status.is_empty() {
            "running".clone_into(&mut run.status);
        }
        run
    }

    /// The form in which it is stored and sent.
    #[must_use]
    pub fn to_document(&self) -> Document {
        Document::of(self)
    }

    fn blank(id: String, now: Timestamp) -> Self {
        Self {
            id,
            project_id: None,
            agent_id: None,
            status: String::new(),
            title: None,
            summary: None,
            created_at: now,
            started_at: now,
            finished_at: None,
            links: Vec::new(),
            tags: Vec::new(),
            metrics: Map::new(),
            meta: Map::new(),
            session_id: None,
            updated_at: now,
            extra: Map::new(),
        }
    }

    fn read(&mut self, mut fields: Fields) -> Result<(), Invalid> {
        let only_arrays = fields.is_patch();
        let now = self.updated_at;
        fields.identity(&mut self.id, &mut self.created_at, &mut self.updated_at)?;
        fields.opt_text("projectId", &mut self.project_id)?;
        fields.alias("agentId", "agent");
        fields.opt_text("agentId", &mut self.agent_id)?;
        fields.word("status", &mut self.status, &RUN_STATUSES, "running", run_status)?;
        fields.short_text("title", &mut self.title, MAX_TITLE)?;
        fields.opt_text("summary", &mut self.summary)?;
        let start = if fields.is_create() { now } else { self.created_at };
        fields.time("startedAt", &mut self.started_at, start)?;
        fields.opt_time("finishedAt", &mut self.finished_at)?;
        fields.list("links", &mut self.links, only_arrays)?;
        fields.text_list("tags", &mut self.tags, only_arrays)?;
        fields.object("metrics", &mut self.metrics)?;
        fields.object("meta", &mut self.meta)?;
        if fields.has("sessionId") {
            self.extra.shift_remove("sessionId");
        }
        fields.text_if_text("sessionId", &mut self.session_id);
        fields.finish(&mut self.extra);
        Ok(())
    }
}

fn no_status() -> Invalid {
    Invalid::field("status", "status must not be null")
}
