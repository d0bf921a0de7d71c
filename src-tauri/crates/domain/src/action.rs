//! What agents ask to be done to projects: the three request forms of §8, read without a database.
//! What an action does to a project is in effect.rs.

use serde_json::Value;

use crate::json::{client_id_trimmed, id_of_key};
use crate::numbers::{number_in, whole};
use crate::words::{ACTIONS, MAX_ITEMS, MAX_MESSAGE, MAX_TYPE, PRIORITIES, PROJECT_STATUSES};
use crate::{Event, Invalid, Map, Seen};

/// A body of `POST /api/agent/actions`.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionRequest {
    /// `{actions: […]}`: each item succeeds or fails alone.
    List(Vec<ActionItem>),
    /// One action, its fields at the top.
    Flat(ActionItem),
    /// A proposal of the opencode plugin: kept for a person to decide on.
    Proposal(Proposal),
}

/// One action as sent. What is wrong with it counts only once its id, its project and its `seen` were looked at, in
/// that order; so it is kept beside them.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionItem {
    /// The item as sent.
    pub raw: Value,
    /// Its id, or the one that stands for its `idempotencyKey`; none: one is made.
    pub id: Option<String>,
    /// Its project; none only if `call` is an error.
    pub project_id: Option<String>,
    /// Its run.
    pub run_id: Option<String>,
    /// Who asks for it.
    pub agent_id: Option<String>,
    /// The version of the project that its caller saw.
    pub seen: Option<Seen>,
    /// What is to be done, or what is wrong with the item.
    pub call: Result<ActionCall, Invalid>,
}

/// A well-formed action.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionCall {
    /// What is to be done.
    pub action: Action,
    /// Its name, one of [`ACTIONS`].
    pub type_name: &'static str,
    /// `params` as sent.
    pub params: Map,
    /// Tell what would be done, and do nothing.
    pub record_only: bool,
    /// `ifUpdatedAt` as sent.
    pub if_updated_at: Value,
    /// Who asks for it, as notes name it.
    pub(crate) author: String,
    /// Fields that PilotDeck does not know, as sent; they go to the event.
    pub(crate) extra: Map,
}

/// What may be done to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Set the status.
    SetStatus(String),
    /// Set the priority.
    SetPriority(String),
    /// Set the progress; clamped when it is applied.
    SetProgress(i64),
    /// Add to the progress; clamped when it is applied.
    BumpProgress(i64),
    /// Note something.
    AppendNote {
        /// What to note.
        note: String,
        /// Write it into the notes of the project, not only into the timeline.
        into_notes: bool,
    },
    /// Add a tag.
    AddTag(String),
    /// Remove a tag.
    RemoveTag(String),
}

/// A change that an agent proposes and a person decides on.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Its id, or the one that stands for its `idempotencyKey`; none: one is made.
    pub id: Option<String>,
    /// What is proposed, in the agent's words.
    pub type_name: String,
    /// The change itself.
    pub payload: Map,
    /// Why.
    pub rationale: Option<String>,
    /// Who proposes it.
    pub proposed_by: Option<String>,
    /// The run it comes from.
    pub run_id: Option<String>,
    /// The project it is for, if it names one; else that of its run.
    pub project_id: Option<String>,
    /// Fields that PilotDeck does not know, as sent.
    pub(crate) extra: Map,
}

impl Proposal {
    /// Where every new proposal stands, whatever the body says.
    pub const STATUS: &'static str = "pending_review";
    const OWN_FIELDS: [&'static str; 10] = [
        "id",
        "type",
        "payload",
        "rationale",
        "status",
        "proposedBy",
        "runId",
        "projectId",
        "actions",
        "action",
    ];
}

/// Reads a body of `POST /api/agent/actions`.
pub fn parse_request(mut body: Map) -> Result<ActionRequest, Invalid> {
    match body.get_mut("actions").map(Value::take) {
        None | Some(Value::Null) => {}
        Some(Value::Array(items)) if items.len() > MAX_ITEMS => {
            return Err(Invalid::must_be("actions", &format!("a list of at most {MAX_ITEMS} actions")));
        }
        Some(Value::Array(items)) if !items.is_empty() => {
            let outer = Outer::read(&body)?;
            return Ok(ActionRequest::List(
                items.into_iter().map(|item| ActionItem::parse(item, &outer, Form::List)).collect(),
            ));
        }
        Some(_) => return Err(no_actions()),
    }
    let type_name = body.get("type").and_then(Value::as_str);
    let has_payload = body.contains_key("payload");
    if body.get("action").is_some_and(Value::is_string)
        || (!has_payload && type_name.is_some_and(|name| ACTIONS.contains(&name)))
    {
        return Ok(ActionRequest::Flat(ActionItem::parse(
            Value::Object(body),
            &Outer::default(),
            Form::Flat,
        )));
    }
    match type_name.map(str::trim).filter(|name| has_payload && !name.is_empty()) {
        Some(name) => Ok(ActionRequest::Proposal(parse_proposal(name.to_owned(), body)?)),
        None => Err(no_actions()),
    }
}

fn no_actions() -> Invalid {
    Invalid {
        message: "actions must be a list of at least one action; or send one action, or a proposal"
            .to_owned(),
        ..Invalid::missing("actions")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    List,
    Flat,
}

/// What holds for all items of a list that do not say otherwise.
#[derive(Default)]
struct Outer {
    project_id: Option<String>,
    run_id: Option<String>,
    agent_id: Option<String>,
}

impl Outer {
    fn read(body: &Map) -> Result<Self, Invalid> {
        Ok(Self {
            project_id: text_in(body, "projectId")?,
            run_id: text_in(body, "runId")?,
            agent_id: text_in(body, "agentId")?,
        })
    }
}

impl ActionItem {
    fn parse(raw: Value, outer: &Outer, form: Form) -> Self {
        let mut item = Self {
            raw: Value::Null,
            id: None,
            project_id: None,
            run_id: None,
            agent_id: None,
            seen: None,
            call: Err(Invalid::body("an action must be an object")),
        };
        if let Value::Object(fields) = &raw {
            item.call = item.read(fields, outer, form);
        }
        item.raw = raw;
        item
    }

    /// Reads in the order in which the parts count, so that an error hides only what comes after it.
    fn read(&mut self, fields: &Map, outer: &Outer, form: Form) -> Result<ActionCall, Invalid> {
        self.id = match client_id_trimmed(fields, "id")? {
            None => id_of_key(fields, "act-")?,
            id => id,
        };
        let project_id = text_in(fields, "projectId")?.or_else(|| outer.project_id.clone());
        self.project_id = Some(project_id.ok_or_else(|| Invalid::missing("projectId"))?);
        self.seen = Seen::find(fields)?;
        self.run_id = text_in(fields, "runId")?.or_else(|| outer.run_id.clone());
        self.agent_id = text_in(fields, "agentId")?.or_else(|| outer.agent_id.clone());
        let type_name = type_in(fields, form)?;
        let params = match fields.get("params") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(params)) => params.clone(),
            Some(_) => return Err(Invalid::must_be("params", "an object")),
        };
        Ok(ActionCall {
            action: Params(&params).action(type_name, form)?,
            type_name,
            params,
            record_only: flag_in(fields, "recordOnly", "recordOnly")?.unwrap_or(false),
            if_updated_at: fields.get("ifUpdatedAt").cloned().unwrap_or_default(),
            author: self.agent_id.clone().unwrap_or_else(|| "agent".to_owned()),
            extra: unknown_fields(fields),
        })
    }
}

fn unknown_fields(fields: &Map) -> Map {
    const OWN_FIELDS: [&str; 5] = ["action", "actions", "params", "recordOnly", "ifUpdatedAt"];
    let is_own = |name: &str| OWN_FIELDS.contains(&name) || Event::is_own_field(name);
    fields
        .iter()
        .filter(|(name, _)| !is_own(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The name of the action: `type`, which the flat form calls `action`. Each form takes the other's word too.
fn type_in(fields: &Map, form: Form) -> Result<&'static str, Invalid> {
    let names = if form == Form::List { ["type", "action"] } else { ["action", "type"] };
    let is_given = |name: &&str| fields.get(*name).is_some_and(|value| !value.is_null());
    let name = names.into_iter().find(is_given).ok_or_else(|| Invalid::missing(names[0]))?;
    let word = fields.get(name).and_then(Value::as_str);
    ACTIONS
        .into_iter()
        .find(|action| word == Some(action))
        .ok_or_else(|| Invalid::must_be(name, &format!("one of {}", ACTIONS.join(", "))))
}

/// The parameters of an action; errors name them `params.…`.
struct Params<'p>(&'p Map);

impl Params<'_> {
    fn action(&self, type_name: &str, form: Form) -> Result<Action, Invalid> {
        Ok(match type_name {
            "set_status" => Action::SetStatus(self.word("status", &PROJECT_STATUSES)?),
            "set_priority" => Action::SetPriority(self.word("priority", &PRIORITIES)?),
            "set_progress" => Action::SetProgress(self.whole("progress")?),
            "bump_progress" => Action::BumpProgress(self.whole("delta")?),
            "append_note" => Action::AppendNote {
                note: self.text("note", MAX_MESSAGE)?.to_owned(),
                into_notes: flag_in(self.0, "alsoWriteToProjectNotes", "params.alsoWriteToProjectNotes")?
                    .unwrap_or(form == Form::Flat),
            },
            "add_tag" => Action::AddTag(self.text("tag", usize::MAX)?.trim().to_owned()),
            _ => Action::RemoveTag(self.text("tag", usize::MAX)?.trim().to_owned()),
        })
    }

    fn given(&self, name: &str) -> Result<&Value, Invalid> {
        let value = self.0.get(name).filter(|value| !value.is_null());
        value.ok_or_else(|| Invalid::missing(format!("params.{name}")))
    }

    fn word(&self, name: &str, words: &[&str]) -> Result<String, Invalid> {
        match self.given(name)?.as_str() {
            Some(word) if words.contains(&word) => Ok(word.to_owned()),
            _ => Err(Invalid::must_be(format!("params.{name}"), &format!("one of {}", words.join(", ")))),
        }
    }

    fn whole(&self, name: &str) -> Result<i64, Invalid> {
        let number = number_in(self.given(name)?);
        number
            .map(|number| whole(&number))
            .ok_or_else(|| Invalid::must_be(format!("params.{name}"), "a number"))
    }

    fn text(&self, name: &str, limit: usize) -> Result<&str, Invalid> {
        match self.given(name)?.as_str() {
            Some(text) if text.trim().is_empty() => {
                Err(Invalid::field(format!("params.{name}"), format!("params.{name} must not be blank")))
            }
            Some(text) if text.chars().count() > limit => {
                Err(Invalid::must_be(format!("params.{name}"), &format!("at most {limit} characters long")))
            }
            Some(text) => Ok(text),
            None => Err(Invalid::must_be(format!("params.{name}"), "a text")),
        }
    }
}

fn flag_in(map: &Map, name: &str, shown: &str) -> Result<Option<bool>, Invalid> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(Invalid::must_be(shown, "true or false")),
    }
}

/// A text; none if absent, `null` or empty.
fn text_in(map: &Map, name: &str) -> Result<Option<String>, Invalid> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(Invalid::must_be(name, "a text")),
    }
}

fn parse_proposal(type_name: String, mut body: Map) -> Result<Proposal, Invalid> {
    let id = match client_id_trimmed(&body, "id")? {
        None => id_of_key(&body, "act-")?,
        id => id,
    };
    if type_name.chars().count() > MAX_TYPE - "proposal.".len() {
        return Err(Invalid::must_be(
            "type",
            &format!("at most {} characters long", MAX_TYPE - "proposal.".len()),
        ));
    }
    let payload = match body.get_mut("payload").map(Value::take) {
        Some(Value::Object(payload)) => payload,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(Invalid::must_be("payload", "an object")),
    };
    let rationale = text_in(&body, "rationale")?;
    if rationale.as_ref().is_some_and(|text| text.chars().count() > MAX_MESSAGE) {
        return Err(Invalid::must_be("rationale", &format!("at most {MAX_MESSAGE} characters long")));
    }
    let proposed_by = match text_in(&body, "proposedBy")? {
        None => text_in(&body, "agentId")?,
        name => name,
    };
    let (run_id, project_id) = (text_in(&body, "runId")?, text_in(&body, "projectId")?);
    body.retain(|name, _| !Proposal::OWN_FIELDS.contains(&name.as_str()) && !Event::is_own_field(name));
    Ok(Proposal { id, type_name, payload, rationale, proposed_by, run_id, project_id, extra: body })
}
