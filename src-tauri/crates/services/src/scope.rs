//! How far a call may reach: a person and the agent token everywhere, a key as its agent and within its projects (SECURITY.md
//! K2). The services ask it inside the transaction that writes; what has no body is asked of it at the door.

use std::sync::Arc;

use pilotdeck_domain::{AgentKey, Document, Map, Right, Value};
use pilotdeck_storage::{Connection, runs};

use crate::error::{Error, Result};

/// The reach of one call. The default one is everything.
#[derive(Clone, Debug, Default)]
pub struct Scope(Option<Arc<AgentKey>>);

impl Scope {
    /// What a key reaches.
    pub fn of_key(key: Arc<AgentKey>) -> Scope {
        Scope(Some(key))
    }

    /// The only projects it reaches; none: all.
    pub fn projects(&self) -> Option<&[String]> {
        self.0.as_ref()?.project_ids.as_deref()
    }

    /// Whether it reaches this project; the place of what has no project is none of its.
    pub fn reaches(&self, project_id: Option<&str>) -> bool {
        match self.projects() {
            None => true,
            Some(own) => project_id.is_some_and(|id| own.iter().any(|own| own == id)),
        }
    }

    /// Fails for a project it does not reach.
    pub fn check_project(&self, project_id: Option<&str>) -> Result<()> {
        match project_id {
            _ if self.reaches(project_id) => Ok(()),
            Some(id) => Err(Error::Forbidden(format!("This key does not reach the project {id}"))),
            None => Err(Error::Forbidden("This key is limited to its projects: name one of them".to_owned())),
        }
    }

    /// Fails without this right.
    pub(crate) fn check_right(&self, right: Right) -> Result<()> {
        match &self.0 {
            Some(key) if !key.may(right) => Err(Error::lacks_right(right)),
            _ => Ok(()),
        }
    }

    /// Fails when a body speaks for another agent, by `agentId` or by the other name that its noun takes for it; puts the
    /// key's agent in when it speaks for none. What is no text is refused by the record itself.
    pub(crate) fn claim_agent(&self, body: &mut Map, alias: &str) -> Result<()> {
        let Some(key) = &self.0 else { return Ok(()) };
        for name in ["agentId", alias] {
            if let Some(Value::String(agent)) = body.get(name) {
                self.check_agent(Some(agent).filter(|agent| !agent.trim().is_empty()))?;
            }
        }
        let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        if body.get("agentId").is_none_or(|sent| sent.is_null() || is_blank(sent)) {
            body.insert("agentId".to_owned(), Value::String(key.agent_id.clone()));
        }
        Ok(())
    }

    /// Fails for another agent than the key's.
    pub(crate) fn check_agent(&self, agent_id: Option<&String>) -> Result<()> {
        match (&self.0, agent_id) {
            (Some(key), Some(other)) if *other != key.agent_id => Err(Error::Forbidden(format!(
                "This key speaks for the agent {} and for no other",
                key.agent_id
            ))),
            _ => Ok(()),
        }
    }

    /// The project of a new record: the one it names, else the only one there is for this key.
    pub(crate) fn claim_project(&self, project_id: &mut Option<String>) -> Result<()> {
        if let (None, Some([only])) = (&project_id, self.projects()) {
            *project_id = Some(only.clone());
        }
        self.check_project(project_id.as_deref())
    }

    /// Fails for a record of another project: also a repeated id must not show it.
    pub(crate) fn check_document(&self, document: &Document) -> Result<()> {
        if self.projects().is_none() {
            return Ok(());
        }
        match document.to_map().get("projectId").and_then(Value::as_str) {
            project_id if self.reaches(project_id) => Ok(()),
            _ => Err(Error::Forbidden("This key does not reach the project of this record".to_owned())),
        }
    }

    /// Fails when a record names a run of another project. A run that is not known need not exist.
    pub(crate) fn check_run(&self, conn: &Connection, run_id: Option<&str>) -> Result<()> {
        let (Some(run_id), Some(_)) = (run_id, self.projects()) else { return Ok(()) };
        match runs::find_document(conn, run_id)? {
            Some(run) => self.check_document(&run),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use pilotdeck_domain::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::testing::body;

    fn scope(key: Value) -> Scope {
        let key = AgentKey::create(&body(key), "k1".to_owned(), Timestamp::from_micros(0)).unwrap();
        Scope::of_key(Arc::new(key))
    }

    #[test]
    fn everything_is_within_reach_of_a_person() {
        let mut sent = body(json!({ "createdBy": "x" }));
        Scope::default().claim_agent(&mut sent, "createdBy").unwrap();
        assert_eq!(sent, body(json!({ "createdBy": "x" })), "nothing is put in");
        assert!(Scope::default().reaches(None) && Scope::default().reaches(Some("p1")));
    }

    #[test]
    fn a_key_speaks_for_its_agent_by_whatever_name() {
        let scope = scope(json!({ "agentId": "a" }));
        for sent in
            [json!({}), json!({ "agentId": null }), json!({ "agentId": " " }), json!({ "createdBy": "a" })]
        {
            let mut sent = body(sent);
            scope.claim_agent(&mut sent, "createdBy").unwrap();
            assert_eq!(sent["agentId"], "a");
        }
        for sent in [
            json!({ "agentId": "b" }),
            json!({ "createdBy": "b" }),
            json!({ "agentId": "a", "createdBy": "b" }),
        ] {
            assert!(matches!(scope.claim_agent(&mut body(sent), "createdBy"), Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn a_limited_key_reaches_its_projects_and_no_place_without_one() {
        let several = scope(json!({ "agentId": "a", "projectIds": ["p1", "p2"] }));
        assert!(several.reaches(Some("p2")) && !several.reaches(Some("p3")) && !several.reaches(None));
        assert!(several.claim_project(&mut None).is_err(), "which of them is not known");
        let mut none = None;
        scope(json!({ "agentId": "a", "projectIds": ["p1"] })).claim_project(&mut none).unwrap();
        assert_eq!(none.as_deref(), Some("p1"));
    }
}
