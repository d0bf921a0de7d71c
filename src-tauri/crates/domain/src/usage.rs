//! A usage record: tokens and cost of some work. Added, never changed (contract §9).

use serde::Serialize;
use serde_json::{Number, Value, json};
use utoipa::ToSchema;

use crate::fields::Fields;
use crate::numbers::zero;
use crate::words::MAX_COUNT;
use crate::{Document, Invalid, Map, Timestamp, client_id};

/// What a record must tell at least one of.
const CONTENT: [&str; 6] =
    ["promptTokens", "completionTokens", "totalTokens", "inputTokens", "outputTokens", "cost"];

/// A usage record.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageRecord {
    /// Its id: a repeated one counts once.
    pub id: String,
    /// When the tokens were used.
    pub ts: Timestamp,
    /// The project that they were used for; need not exist.
    #[schema(required)]
    pub project_id: Option<String>,
    /// The run that used them; need not exist.
    #[schema(required)]
    pub run_id: Option<String>,
    /// Who used them.
    #[schema(required)]
    pub agent_id: Option<String>,
    /// The folder that was worked in.
    #[schema(required)]
    pub workspace: Option<String>,
    /// The session of the agent's own tool.
    #[schema(required)]
    pub session_id: Option<String>,
    /// Which tool reports them.
    pub source: String,
    /// The model that was asked.
    #[schema(required)]
    pub model: Option<String>,
    /// Tokens sent to the model.
    pub prompt_tokens: i64,
    /// Tokens that it wrote.
    pub completion_tokens: i64,
    /// Tokens in all: as sent, or the sum of the two.
    pub total_tokens: i64,
    /// What it cost.
    #[schema(value_type = f64)]
    pub cost: Number,
    /// Whatever else belongs to it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub data: Map,
    /// Fields that PilotDeck does not know, as sent.
    #[serde(flatten)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub extra: Map,
}

impl UsageRecord {
    /// A new record from what a client sent; its id is the client's or else `fresh_id`.
    pub fn create(body: Map, fresh_id: String, now: Timestamp) -> Result<Self, Invalid> {
        let id = client_id(&body, "id")?.unwrap_or(fresh_id);
        if CONTENT.iter().all(|name| body.get(*name).is_none_or(Value::is_null)) {
            return Err(Invalid {
                message: "a usage record needs promptTokens, completionTokens, totalTokens or cost"
                    .to_owned(),
                ..Invalid::missing("totalTokens")
            });
        }
        let mut record = Self::blank(id, now);
        let mut fields = Fields::create(body);
        fields.discard("id");
        record.read(fields)?;
        Ok(record)
    }

    /// A record as it is stored. Never fails: what an older server kept stays.
    #[must_use]
    pub fn from_document(document: Map) -> Self {
        let mut record = Self::blank(String::new(), Timestamp::from_micros(0));
        let mut fields = Fields::stored(document);
        // Reading a stored record refuses nothing.
        let _ = fields.text("id", &mut record.id, "");
        let _ = record.read(fields);
        record
    }

    /// The form in which it is stored and sent.
    #[must_use]
    pub fn to_document(&self) -> Document {
        Document::of(self)
    }

    fn blank(id: String, now: Timestamp) -> Self {
        Self {
            id,
            ts: now,
            project_id: None,
            run_id: None,
            agent_id: None,
            workspace: None,
            session_id: None,
            source: String::new(),
            model: None,
            prompt_tokens: 0,
            completion_tokens: 0,
            total_tokens: 0,
            cost: zero(),
            data: Map::new(),
            extra: Map::new(),
        }
    }

    fn read(&mut self, mut fields: Fields) -> Result<(), Invalid> {
        let now = self.ts;
        fields.time("ts", &mut self.ts, now)?;
        fields.opt_text("projectId", &mut self.project_id)?;
        fields.opt_text("runId", &mut self.run_id)?;
        fields.opt_text("agentId", &mut self.agent_id)?;
        fields.opt_text("workspace", &mut self.workspace)?;
        fields.opt_text("sessionId", &mut self.session_id)?;
        fields.text("source", &mut self.source, "opencode")?;
        if self.source.trim().is_empty() && !fields.is_stored() {
            "opencode".clone_into(&mut self.source);
        }
        fields.opt_text("model", &mut self.model)?;
        self.read_counts(&mut fields)?;
        fields.amount("cost", &mut self.cost)?;
        self.data = match fields.any("data") {
            None => Map::new(),
            Some(Value::Object(map)) => map,
            Some(Value::String(text)) => Map::from_iter([("raw".to_owned(), Value::String(text))]),
            Some(other) => Map::from_iter([("raw".to_owned(), json!(other.to_string()))]),
        };
        fields.finish(&mut self.extra);
        Ok(())
    }

    fn read_counts(&mut self, fields: &mut Fields) -> Result<(), Invalid> {
        fields.alias("promptTokens", "inputTokens");
        fields.count("promptTokens", &mut self.prompt_tokens)?;
        fields.alias("completionTokens", "outputTokens");
        fields.count("completionTokens", &mut self.completion_tokens)?;
        if fields.has("totalTokens") {
            return fields.count("totalTokens", &mut self.total_tokens);
        }
        fields.discard("totalTokens");
        self.total_tokens = self.prompt_tokens.saturating_add(self.completion_tokens);
        if self.total_tokens > MAX_COUNT && !fields.is_stored() {
            return Err(Invalid::field(
                "totalTokens",
                "promptTokens and completionTokens are too large together",
            ));
        }
        Ok(())
    }
}
