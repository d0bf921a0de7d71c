//! An event: one entry of the timeline. Added, never changed (contract §7, §10).

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::action::{ActionCall, ActionItem, Proposal};
use crate::effect::ActionEffect;
use crate::fields::Fields;
use crate::json::{client_id_trimmed, id_of_key};
use crate::words::{EVENT_LEVELS, MAX_MESSAGE, MAX_TITLE, MAX_TYPE, event_level};
use crate::{Document, Invalid, Map, Timestamp};

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its id.
    pub id: String,
    /// The time of the commit that holds it.
    pub ts: Timestamp,
    /// `note action result error milestone` or any other word.
    pub r#type: String,
    /// One of `debug info warn error`; an imported one may be any word.
    pub level: String,
    /// The project it belongs to; need not exist.
    #[schema(required)]
    pub project_id: Option<String>,
    /// The run it belongs to; need not exist.
    #[schema(required)]
    pub run_id: Option<String>,
    /// Who reports it.
    #[schema(required)]
    pub agent_id: Option<String>,
    /// What happened, in a line.
    #[schema(required)]
    pub title: Option<String>,
    /// What happened, at length.
    #[schema(required)]
    pub message: Option<String>,
    /// Any JSON.
    pub data: Value,
    /// The time that the client gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub client_ts: Option<Value>,
    /// Fields that PilotDeck does not know, as sent.
    #[serde(flatten)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub extra: Map,
}

impl Event {
    /// The id that a body asks for: its `id`, or else the one that stands for its `idempotencyKey`.
    pub fn id_of(body: &Map) -> Result<Option<String>, Invalid> {
        match client_id_trimmed(body, "id")? {
            None => id_of_key(body, "evt-"),
            id => Ok(id),
        }
    }

    /// A new event from what a client sent; its id is the client's or else `fresh_id`.
    pub fn create(body: Map, fresh_id: String, now: Timestamp) -> Result<Self, Invalid> {
        let id = Self::id_of(&body)?.unwrap_or(fresh_id);
        let mut event = Self::blank(id, now);
        let mut fields = Fields::create(body);
        fields.discard("id");
        let mut client_ts = None;
        fields.opt_time("ts", &mut client_ts)?;
        event.client_ts = fields.any("clientTs");
        if let Some(time) = client_ts {
            event.client_ts = Some(Value::String(time.to_string()));
        }
        event.read(fields)?;
        Ok(event)
    }

    /// An event as it is stored. Never fails: what an older server kept stays.
    #[must_use]
    pub fn from_document(document: Map) -> Self {
        let mut event = Self::blank(String::new(), Timestamp::from_micros(0));
        let mut fields = Fields::stored(document);
        let before = event.ts;
        // Reading a stored record refuses nothing.
        let _ = fields.text("id", &mut event.id, "");
        let _ = fields.time("ts", &mut event.ts, before);
        event.client_ts = fields.any("clientTs");
        let _ = event.read(fields);
        event
    }

    /// The event of an applied action (§8): what was asked, and the project before and after it.
    #[must_use]
    pub fn of_action(
        id: String,
        item: &ActionItem,
        call: &ActionCall,
        effect: &ActionEffect,
        project_updated_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        let mut event = Self::blank(id, now);
        event.r#type = format!("action.{}", call.type_name);
        event.level = "info".to_owned();
        event.project_id.clone_from(&item.project_id);
        event.run_id.clone_from(&item.run_id);
        event.agent_id.clone_from(&item.agent_id);
        event.title = Some(call.type_name.to_owned());
        event.message = Some(effect.message.clone());
        event.data = json!({
            "action": {
                "type": call.type_name,
                "params": call.params,
                "recordOnly": call.record_only,
                "ifUpdatedAt": call.if_updated_at,
            },
            "before": effect.before,
            "after": effect.after,
            "projectUpdatedAt": project_updated_at,
        });
        event.extra.clone_from(&call.extra);
        event
    }

    /// The event that keeps a proposal for a person to decide on (§10); `run_project` is the project of its run.
    #[must_use]
    pub fn of_proposal(proposal: Proposal, id: String, run_project: Option<String>, now: Timestamp) -> Self {
        let mut event = Self::blank(id, now);
        event.r#type = format!("proposal.{}", proposal.type_name);
        event.level = "info".to_owned();
        event.project_id = proposal.project_id.or(run_project);
        event.run_id = proposal.run_id;
        event.agent_id.clone_from(&proposal.proposed_by);
        event.title = Some(proposal.type_name.clone());
        event.message.clone_from(&proposal.rationale);
        event.data = json!({
            "proposal": {
                "type": proposal.type_name,
                "payload": proposal.payload,
                "rationale": proposal.rationale,
                "status": Proposal::STATUS,
                "proposedBy": proposal.proposed_by,
            },
        });
        event.extra = proposal.extra;
        event
    }

    /// The form in which it is stored and sent.
    #[must_use]
    pub fn to_document(&self) -> Document {
        Document::of(self)
    }

    /// Whether `name` is a field of ours: such a name cannot be an unknown field.
    pub(crate) fn is_own_field(name: &str) -> bool {
        matches!(
            name,
            "id" | "ts"
                | "type"
                | "level"
                | "projectId"
                | "runId"
                | "agentId"
                | "title"
                | "message"
                | "data"
                | "clientTs"
        )
    }

    fn blank(id: String, now: Timestamp) -> Self {
        Self {
            id,
            ts: now,
            r#type: String::new(),
            level: String::new(),
            project_id: None,
            run_id: None,
            agent_id: None,
            title: None,
            message: None,
            data: Value::Null,
            client_ts: None,
            extra: Map::new(),
        }
    }

    fn read(&mut self, mut fields: Fields) -> Result<(), Invalid> {
        fields.trimmed_text("type", &mut self.r#type, "note")?;
        if !fields.is_stored() {
            fields.within("type", &self.r#type, MAX_TYPE)?;
        }
        fields.word("level", &mut self.level, &EVENT_LEVELS, "info", event_level)?;
        fields.opt_text("projectId", &mut self.project_id)?;
        fields.opt_text("runId", &mut self.run_id)?;
        fields.alias("agentId", "createdBy");
        fields.opt_text("agentId", &mut self.agent_id)?;
        fields.short_text("title", &mut self.title, MAX_TITLE)?;
        fields.alias("message", "description");
        fields.short_text("message", &mut self.message, MAX_MESSAGE)?;
        self.data = match fields.any("data") {
            Some(data) => data,
            None => fields.evidence()?,
        };
        fields.finish(&mut self.extra);
        Ok(())
    }
}
