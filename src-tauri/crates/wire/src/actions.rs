//! Answers about actions: the list form, the flat form, proposals (API.md §8).

use pilotdeck_domain::{Document, Timestamp, Value};
use pilotdeck_services::{self as services, ActionAnswer, ActionsDone, Stored};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Code, DataBody, ErrorBody, FailureData, ItemFailure};

/// What became of one action. Which fields are there depends on the outcome.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionResult {
    /// Its id, sent or made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub id: Option<String>,
    /// Whether it is in the timeline.
    pub success: bool,
    /// The status it would have had alone.
    pub status: u16,
    /// The project it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub project_id: Option<String>,
    /// Whether it changed the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub changed: Option<bool>,
    /// The project as it is now; null when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<pilotdeck_domain::Project>, required = false)]
    pub project: Option<Option<Document>>,
    /// The event of this action, as stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = pilotdeck_domain::Event, required = false)]
    pub event: Option<Document>,
    /// Says that the id was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub message: Option<&'static str>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub error: Option<String>,
    /// The stable word for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Code, required = false)]
    pub code: Option<Code>,
    /// The field that breaks a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub field: Option<String>,
    /// The two times of a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = FailureData, required = false, no_recursion)]
    pub data: Option<FailureData>,
    /// The project as it is now, after a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = pilotdeck_domain::Project, required = false)]
    pub current: Option<Document>,
    /// The action as sent, when it is malformed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub action: Option<Value>,
}

/// What became of many actions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionsData {
    /// One per action, in order.
    pub results: Vec<ActionResult>,
    /// Whether a project was changed.
    pub changed: bool,
    /// The last change to any project or their order.
    #[schema(required)]
    pub last_updated: Option<Timestamp>,
}

/// What became of a single action: the fields of its result, and the shape of the list form beside them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlatActionData {
    /// The result.
    #[serde(flatten)]
    pub result: ActionResult,
    /// The result again, as the list form has it.
    pub results: Vec<ActionResult>,
    /// The last change to any project or their order.
    #[schema(required)]
    pub last_updated: Option<Timestamp>,
}

/// An action of its own.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlatActionBody {
    /// Always true.
    pub success: bool,
    /// The id of the action and its event.
    #[schema(required)]
    pub id: Option<String>,
    /// False: it was known.
    pub created: bool,
    /// What became of it.
    pub data: FlatActionData,
}

/// A proposal that was kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalBody {
    /// Always true.
    pub success: bool,
    /// The id of its event.
    pub id: String,
    /// False: it was known.
    pub created: bool,
    /// `pending_review`.
    #[schema(value_type = String)]
    pub status: &'static str,
    /// The proposal.
    pub data: ProposalData,
}

/// A proposal and its event.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalData {
    /// The id of its event.
    pub id: String,
    /// `pending_review`.
    #[schema(value_type = String)]
    pub status: &'static str,
    /// The event that keeps it.
    #[schema(value_type = pilotdeck_domain::Event)]
    pub event: Document,
}

/// The answer to each form of request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ActionBody {
    /// To `{actions: […]}`.
    List(DataBody<ActionsData>),
    /// To one action.
    Flat(Box<FlatActionBody>),
    /// To a proposal.
    Proposal(ProposalBody),
}

const PENDING: &str = "pending_review";

/// `POST /api/agent/actions`: the status and the body; a refused single action is the failure of the request.
pub fn answer_body(answer: ActionAnswer) -> Result<(u16, ActionBody), Box<ErrorBody>> {
    match answer {
        ActionAnswer::List(done) => Ok((200, ActionBody::List(DataBody::new(actions_data(done))))),
        ActionAnswer::Flat(done) => Ok((200, ActionBody::Flat(Box::new(flat_body(done)?)))),
        ActionAnswer::Proposal(stored) => {
            let status = if stored.created { 201 } else { 200 };
            Ok((status, ActionBody::Proposal(proposal_body(stored))))
        }
    }
}

fn actions_data(done: ActionsDone) -> ActionsData {
    let results = done.results.into_iter().map(|result| action_result(result).0).collect();
    ActionsData { results, changed: done.changed, last_updated: done.last_updated }
}

fn flat_body(done: ActionsDone) -> Result<FlatActionBody, Box<ErrorBody>> {
    let Some(only) = done.results.into_iter().next() else {
        return Err(Box::new(ErrorBody::internal(&"a single action came without its result")));
    };
    let created = only.outcome.as_ref().is_ok_and(|outcome| outcome.created);
    let (result, failure) = action_result(only);
    if let Some(mut failure) = failure {
        failure.data.get_or_insert_default().results = Some(vec![result]);
        return Err(Box::new(failure));
    }
    let results = vec![result.clone()];
    let id = result.id.clone();
    let data = FlatActionData { result, results, last_updated: done.last_updated };
    Ok(FlatActionBody { success: true, id, created, data })
}

/// One result, and its failure as a whole answer.
fn action_result(result: services::ActionResult) -> (ActionResult, Option<ErrorBody>) {
    let services::ActionResult { id, project_id, sent, outcome } = result;
    let blank = ActionResult {
        id,
        success: true,
        status: 200,
        project_id,
        changed: None,
        project: None,
        event: None,
        message: None,
        error: None,
        code: None,
        field: None,
        data: None,
        current: None,
        action: None,
    };
    match outcome {
        Ok(done) => {
            let message = (!done.created).then_some("action exists");
            let (changed, project, event) = (Some(done.changed), Some(done.project), Some(done.event));
            (ActionResult { changed, project, event, message, ..blank }, None)
        }
        Err(error) => {
            let body = ErrorBody::from(error);
            let failure = ItemFailure::from(&body);
            let malformed = failure.status == 400;
            let result = ActionResult {
                success: false,
                status: failure.status,
                project_id: blank.project_id.filter(|_| !malformed),
                error: Some(failure.error),
                code: Some(failure.code),
                field: failure.field,
                data: failure.data,
                current: failure.current,
                action: malformed.then_some(sent),
                id: blank.id,
                ..blank
            };
            (result, Some(body))
        }
    }
}

fn proposal_body(stored: Stored) -> ProposalBody {
    let Stored { id, document, created } = stored;
    let data = ProposalData { id: id.clone(), status: PENDING, event: document };
    ProposalBody { success: true, id, created, status: PENDING, data }
}
