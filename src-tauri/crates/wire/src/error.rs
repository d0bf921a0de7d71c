//! The one table of errors: what a service's failure is called on both doors. Exhaustive, so that a new variant must choose.

use pilotdeck_domain::{Document, Invalid, InvalidKind, Timestamp, new_id};
use pilotdeck_services::{Error, Noun};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Code;
use crate::actions::ActionResult;

/// A failure as every client reads it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// Always false.
    pub success: bool,
    /// What went wrong, an English sentence.
    pub error: String,
    /// The stable word for it.
    pub code: Code,
    /// The same for a person, with what helps.
    pub message: String,
    /// Particulars of some failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = FailureData, required = false)]
    pub data: Option<FailureData>,
    /// The field or parameter that breaks a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub field: Option<String>,
    /// The record as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    pub current: Option<Document>,
    /// Names the entry in our log; internal errors only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub request_id: Option<String>,
    /// Seconds after which to try again: the `Retry-After` header.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// Particulars of a failure.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailureData {
    /// The stamp the caller saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub expected_updated_at: Option<String>,
    /// The stamp of the record now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Timestamp, required = false)]
    pub actual_updated_at: Option<Timestamp>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub message: Option<String>,
    /// What became of a single action.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<ActionResult>, required = false, no_recursion)]
    pub results: Option<Vec<ActionResult>>,
}

/// Seconds to wait while a restore replaces the data, and while the queue of writes is full.
const MAINTENANCE_SECONDS: u64 = 2;
const BUSY_SECONDS: u64 = 1;

/// The ways in, for who calls a user endpoint without a credential.
const WAYS_IN: &str = "Sign in, send an agent token or key (X-PM-Agent-Token), or start the server with \
                       PM_AGENT_OPEN_PROJECTS=1 to open projects to programs on this machine";

impl ErrorBody {
    /// A failure of the door itself, or of one named elsewhere.
    pub fn new(code: Code, error: impl Into<String>) -> ErrorBody {
        let error = error.into();
        ErrorBody {
            success: false,
            message: error.clone(),
            error,
            code,
            data: None,
            field: None,
            current: None,
            request_id: None,
            retry_after: retry_after(code),
        }
    }

    /// No credential on an endpoint of class user: the text names the ways in (API.md §1.7).
    pub fn no_way_in() -> ErrorBody {
        ErrorBody {
            message: WAYS_IN.to_owned(),
            ..ErrorBody::new(Code::NotSignedIn, "Not signed in. ".to_owned() + WAYS_IN)
        }
    }

    /// An internal error: its cause is logged under an id, and only the id is told.
    pub fn internal(cause: &dyn std::fmt::Display) -> ErrorBody {
        let request_id = new_id("req-");
        tracing::error!("request {request_id} failed: {cause}");
        ErrorBody { request_id: Some(request_id), ..ErrorBody::new(Code::Internal, "Internal error") }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.code.status()
    }
}

fn retry_after(code: Code) -> Option<u64> {
    match code {
        Code::Maintenance => Some(MAINTENANCE_SECONDS),
        Code::Busy => Some(BUSY_SECONDS),
        _ => None,
    }
}

/// The code of a service's failure.
pub(crate) fn code_of(error: &Error) -> Code {
    match error {
        Error::Invalid(invalid) => match invalid.kind {
            InvalidKind::Json => Code::InvalidJson,
            InvalidKind::Body => Code::InvalidBody,
            InvalidKind::Field => Code::InvalidField,
            InvalidKind::Missing => Code::MissingField,
            InvalidKind::Parameter => Code::InvalidParameter,
        },
        Error::NotFound { kind, .. } => match kind {
            Noun::Project => Code::ProjectNotFound,
            Noun::Run => Code::RunNotFound,
            Noun::Event => Code::EventNotFound,
            Noun::Profile => Code::ProfileNotFound,
            Noun::Capability => Code::CapabilityNotFound,
            Noun::User => Code::UserNotFound,
            Noun::Usage | Noun::Backup => Code::NotFound,
        },
        Error::Conflict { .. } => Code::Conflict,
        Error::AlreadyExists { .. } => Code::AlreadyExists,
        Error::UserExists(_) => Code::UserExists,
        Error::LastAdmin => Code::LastAdmin,
        Error::NotSignedIn => Code::NotSignedIn,
        Error::Unauthorized => Code::Unauthorized,
        Error::InvalidCredentials => Code::InvalidCredentials,
        Error::DefaultPasswordLocalOnly => Code::DefaultPasswordLocalOnly,
        Error::Forbidden(_) => Code::Forbidden,
        Error::AdminTokenNotConfigured => Code::AdminTokenNotConfigured,
        Error::DeployDisabled(_) => Code::DeployDisabled,
        Error::BusyJob(_) => Code::BusyJob,
        Error::Maintenance => Code::Maintenance,
        Error::Busy => Code::Busy,
        Error::ReadOnly => Code::ReadOnly,
        Error::DatabaseCorrupt => Code::DatabaseCorrupt,
        Error::DiskFull => Code::DiskFull,
        Error::NotABackup(_) => Code::NotABackup,
        Error::BackupTooNew { .. } => Code::BackupTooNew,
        Error::BackupRefused(_) => Code::BackupRefused,
        Error::TooLarge(_) => Code::TooLarge,
        Error::RestoreRolledBack(_) => Code::RestoreRolledBack,
        Error::TooManyRequests { .. } => Code::TooManyRequests,
        Error::Internal(_) => Code::Internal,
    }
}

impl From<Error> for ErrorBody {
    fn from(error: Error) -> ErrorBody {
        let body = ErrorBody::new(code_of(&error), error.to_string());
        match error {
            Error::Invalid(invalid) => ErrorBody { field: invalid.field, ..body },
            Error::Conflict { expected, actual, current } => {
                let message =
                    format!("The record was changed at {actual}: read it again and repeat the change");
                let data = FailureData {
                    expected_updated_at: Some(expected),
                    actual_updated_at: Some(actual),
                    message: Some(message.clone()),
                    results: None,
                };
                ErrorBody { message, data: Some(data), current: Some(current), ..body }
            }
            Error::AlreadyExists { current, .. } => ErrorBody { current: Some(current), ..body },
            Error::TooManyRequests { retry_after } => ErrorBody { retry_after: Some(retry_after), ..body },
            Error::Internal(cause) => ErrorBody::internal(&format_args!("{cause:#}")),
            _ => body,
        }
    }
}

impl From<Invalid> for ErrorBody {
    fn from(invalid: Invalid) -> ErrorBody {
        Error::from(invalid).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(body: &ErrorBody) -> serde_json::Value {
        serde_json::to_value(body).unwrap()
    }

    #[test]
    fn a_conflict_tells_both_times_and_the_record_as_it_is() {
        let error = Error::Conflict {
            expected: "old".into(),
            actual: Timestamp::from_micros(1_770_821_400_000_000),
            current: Document::from_stored(r#"{"id":"p1"}"#.into()).unwrap(),
        };
        let body = ErrorBody::from(error);
        assert_eq!(body.status(), 409);
        let body = json(&body);
        assert_eq!(body["error"], "Conflict: updatedAt mismatch");
        assert_eq!(body["code"], "conflict");
        assert_eq!(body["data"]["expectedUpdatedAt"], "old");
        assert_eq!(body["data"]["actualUpdatedAt"], "2026-02-11T14:50:00.000000Z");
        assert_eq!(body["data"]["message"], body["message"]);
        assert_eq!(body["current"]["id"], "p1");
    }

    #[test]
    fn an_internal_error_tells_nothing_but_its_id() {
        let body = ErrorBody::from(Error::Internal(anyhow_like("no such table: projects")));
        assert_eq!((body.status(), body.error.as_str()), (500, "Internal error"));
        assert!(body.request_id.as_deref().is_some_and(|id| id.starts_with("req-")));
        assert!(!json(&body).to_string().contains("no such table"));
    }

    fn anyhow_like(text: &str) -> anyhow::Error {
        anyhow::Error::msg(text.to_owned())
    }

    #[test]
    fn a_failure_has_only_the_fields_it_needs() {
        let body = json(&ErrorBody::from(Invalid::field("name", "name must not be blank")));
        let fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["success", "error", "code", "message", "field"]);
        assert_eq!(ErrorBody::new(Code::Maintenance, "x").retry_after, Some(2));
        assert_eq!(
            ErrorBody::from(Error::AdminTokenNotConfigured).retry_after,
            None,
            "waiting does not help"
        );
    }
}
