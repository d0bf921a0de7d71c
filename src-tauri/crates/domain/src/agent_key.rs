//! A key with which one agent reports (SECURITY.md K2, K6): whose it is, what it opens, how long. Its secret is not part of it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::json::{client_id, has_control};
use crate::words::{MAX_ID_BYTES, MAX_TITLE};
use crate::{Invalid, Map, Timestamp};

/// The most projects a key may be limited to: they go into one query.
const MAX_PROJECTS: usize = 100;
const FIELDS: [&str; 5] = ["name", "agentId", "projectIds", "rights", "expiresAt"];

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AgentRight)]
pub enum Right {
    /// Reading.
    Read,
    /// Reporting: runs, events, usage, proposals.
    Report,
    /// Changing projects, by patches and by actions, and profiles and capabilities.
    Projects,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Report, Self::Projects];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Report => "report",
            Self::Projects => "projects",
        }
    }

    /// The right of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.word() == word)
    }
}

/// A key of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentKey {
    /// Its id: the middle part of the key. Opens nothing.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The one agent that it speaks for.
    pub agent_id: String,
    /// The only projects that it reaches; null: all.
    #[schema(required)]
    pub project_ids: Option<Vec<String>>,
    /// What it opens.
    pub rights: Vec<Right>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing; null: never.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
    /// Since when it opens nothing more.
    #[schema(required)]
    pub revoked_at: Option<Timestamp>,
}

impl AgentKey {
    /// A new key by `{name?, agentId, projectIds?, rights?, expiresAt?}`. Other fields are refused: a misspelt limit would be
    /// none.
    pub fn create(body: &Map, id: String, now: Timestamp) -> Result<Self, Invalid> {
        if let Some(other) = body.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(Invalid::field(other, format!("{other} is no field of a key")));
        }
        let agent_id = client_id(body, "agentId")?.ok_or_else(|| Invalid::missing("agentId"))?;
        Ok(Self {
            id,
            name: name_in(body)?.unwrap_or_else(|| agent_id.clone()),
            agent_id,
            project_ids: projects_in(body)?,
            rights: rights_in(body)?,
            created_at: now,
            expires_at: expiry_in(body, now)?,
            last_used_at: None,
            revoked_at: None,
        })
    }

    /// Whether it opens anything at this time.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it has this right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Whether its parts are such as [`AgentKey::create`] makes them: a key from a file need not be.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_key_id =
            (1..=64).contains(&self.id.len()) && self.id.bytes().all(|b| b.is_ascii_alphanumeric());
        let are_projects = self
            .project_ids
            .as_ref()
            .is_none_or(|ids| (1..=MAX_PROJECTS).contains(&ids.len()) && ids.iter().all(|id| is_id(id)));
        is_key_id && is_id(&self.agent_id) && are_projects && self.name.chars().count() <= MAX_TITLE
    }
}

fn is_id(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_ID_BYTES && !has_control(text)
}

fn name_in(body: &Map) -> Result<Option<String>, Invalid> {
    match body.get("name") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if name.chars().count() > MAX_TITLE => {
            Err(Invalid::must_be("name", &format!("at most {MAX_TITLE} characters long")))
        }
        Some(Value::String(name)) => Ok(Some(name.trim().to_owned()).filter(|name| !name.is_empty())),
        Some(_) => Err(Invalid::must_be("name", "a text")),
    }
}

fn projects_in(body: &Map) -> Result<Option<Vec<String>>, Invalid> {
    let sent = match body.get("projectIds") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(sent)) => sent,
        Some(_) => return Err(Invalid::must_be("projectIds", "a list of ids, or null for all projects")),
    };
    if sent.is_empty() || sent.len() > MAX_PROJECTS {
        let due = format!("a list of 1 to {MAX_PROJECTS} ids, or null for all projects");
        return Err(Invalid::must_be("projectIds", &due));
    }
    let mut ids: Vec<String> = Vec::with_capacity(sent.len());
    for (place, id) in sent.iter().enumerate() {
        match id.as_str().filter(|id| is_id(id)) {
            Some(id) if ids.iter().any(|known| known == id) => {}
            Some(id) => ids.push(id.to_owned()),
            None => return Err(Invalid::must_be(format!("projectIds[{place}]"), "the id of a project")),
        }
    }
    Ok(Some(ids))
}

fn rights_in(body: &Map) -> Result<Vec<Right>, Invalid> {
    let sent = match body.get("rights") {
        None | Some(Value::Null) => return Ok(Right::ALL.to_vec()),
        Some(Value::Array(sent)) if !sent.is_empty() => sent,
        Some(_) => return Err(Invalid::must_be("rights", "a list of read, report, projects")),
    };
    let mut rights = Vec::with_capacity(Right::ALL.len());
    for (place, word) in sent.iter().enumerate() {
        let right = word.as_str().and_then(Right::parse);
        rights.push(
            right.ok_or_else(|| Invalid::must_be(format!("rights[{place}]"), "read, report or projects"))?,
        );
    }
    rights.sort_unstable();
    rights.dedup();
    Ok(rights)
}

fn expiry_in(body: &Map, now: Timestamp) -> Result<Option<Timestamp>, Invalid> {
    let sent = match body.get("expiresAt") {
        None | Some(Value::Null) => return Ok(None),
        Some(sent) => sent,
    };
    let time = sent.as_str().and_then(Timestamp::parse_until);
    let time = time.ok_or_else(|| Invalid::must_be("expiresAt", "a time, as 2026-02-11T14:30:00Z"))?;
    if time <= now {
        return Err(Invalid::must_be("expiresAt", "in the future"));
    }
    Ok(Some(time))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn create(body: Value) -> Result<AgentKey, Invalid> {
        let Value::Object(body) = body else { unreachable!() };
        AgentKey::create(&body, "k1".to_owned(), Timestamp::from_micros(1_770_821_400_000_000))
    }

    #[test]
    fn a_key_needs_an_agent_and_else_opens_everything_for_ever() {
        let key = create(json!({ "agentId": "claude" })).unwrap();
        assert_eq!((key.name.as_str(), key.agent_id.as_str()), ("claude", "claude"));
        assert_eq!((key.project_ids.as_ref(), key.expires_at), (None, None));
        assert_eq!(key.rights, Right::ALL);
        assert!(key.is_sound());
    }

    #[test]
    fn rights_and_projects_are_told_once_and_in_order() {
        let body = json!({
            "agentId": "a", "name": " CI ", "rights": ["report", "read", "report"], "projectIds": ["p2", "p1", "p2"],
        });
        let key = create(body).unwrap();
        assert_eq!(key.rights, [Right::Read, Right::Report]);
        assert_eq!(key.project_ids.as_deref(), Some(["p2".to_owned(), "p1".to_owned()].as_slice()));
        assert_eq!(key.name, "CI");
    }

    #[test]
    fn what_is_wrong_with_a_key_is_named() {
        let long = "x".repeat(257);
        for (body, field) in [
            (json!({}), "agentId"),
            (json!({ "agentId": " " }), "agentId"),
            (json!({ "agentId": 7 }), "agentId"),
            (json!({ "agentId": "a\nb" }), "agentId"),
            (json!({ "agentId": "a", "name": 7 }), "name"),
            (json!({ "agentId": "a", "projectIds": [] }), "projectIds"),
            (json!({ "agentId": "a", "projectIds": "p1" }), "projectIds"),
            (json!({ "agentId": "a", "projectIds": ["p1", ""] }), "projectIds[1]"),
            (json!({ "agentId": "a", "projectIds": [long] }), "projectIds[0]"),
            (json!({ "agentId": "a", "projectIds": vec!["p"; 101] }), "projectIds"),
            (json!({ "agentId": "a", "rights": [] }), "rights"),
            (json!({ "agentId": "a", "rights": "read" }), "rights"),
            (json!({ "agentId": "a", "rights": ["read", "Admin"] }), "rights[1]"),
            (json!({ "agentId": "a", "expiresAt": "soon" }), "expiresAt"),
            (json!({ "agentId": "a", "expiresAt": "2020-01-01T00:00:00Z" }), "expiresAt"),
            (json!({ "agentId": "a", "projectId": "p1" }), "projectId"),
        ] {
            assert_eq!(create(body.clone()).unwrap_err().field.as_deref(), Some(field), "{body}");
        }
    }

    #[test]
    fn a_key_is_good_until_it_expires_or_is_revoked() {
        let mut key = create(json!({ "agentId": "a", "expiresAt": "2026-02-12T00:00:00Z" })).unwrap();
        let end = key.expires_at.unwrap();
        assert!(key.is_good(end.plus_seconds(-1)) && !key.is_good(end));
        key.revoked_at = Some(key.created_at);
        assert!(!key.is_good(end.plus_seconds(-1)));
    }
}
