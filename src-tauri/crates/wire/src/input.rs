//! How request bodies are described: the record's own schema, with nothing required but what must be sent. Only for the
//! description of the API: bodies are read by the domain, field by field.

use std::borrow::Cow;

use pilotdeck_domain::{Capability, Event, Profile, Project, Run, UsageRecord};
use serde::Serialize;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{AllOf, RefOr};
use utoipa::{PartialSchema, ToSchema};

macro_rules! inputs {
    ($($(#[$doc:meta])* $name:ident of $record:ident needs [$($required:literal),*] with [$($extra:literal),*];)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                input_schema($record::schema(), &[$($required),*], &[$($extra),*])
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                $record::schemas(schemas);
            }
        }
    )*};
}

inputs! {
    /// A project to make.
    ProjectInput of Project needs ["name"] with [];
    /// Fields of a project to change.
    ProjectPatch of Project needs [] with ["ifUpdatedAt"];
    /// A run to make.
    RunInput of Run needs [] with ["agent"];
    /// Fields of a run to change.
    RunPatch of Run needs [] with ["ifUpdatedAt"];
    /// An event to add.
    EventInput of Event needs [] with ["idempotencyKey", "createdBy", "description"];
    /// A profile to make.
    ProfileInput of Profile needs [] with [];
    /// Fields of a profile to change.
    ProfilePatch of Profile needs [] with ["ifUpdatedAt"];
    /// A capability to make.
    CapabilityInput of Capability needs [] with [];
    /// Fields of a capability to change.
    CapabilityPatch of Capability needs [] with ["ifUpdatedAt"];
    /// A usage record to add.
    UsageInput of UsageRecord needs [] with [];
}

/// The record's fields, all optional but `required`, texts `extra` beside them, and any other field.
fn input_schema(record: RefOr<Schema>, required: &[&str], extra: &[&str]) -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String).build();
    let mut object = ObjectBuilder::new();
    collect(&record, &mut |name, schema| {
        if name != "updatedAt" && name != "ts" {
            object = std::mem::take(&mut object).property(name, schema.clone());
        }
    });
    for name in extra {
        object = object.property(*name, text());
    }
    for name in required {
        object = object.required(*name);
    }
    object
        .schema_type(SchemaType::new(Type::Object))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .into()
}

fn collect(schema: &RefOr<Schema>, take: &mut dyn FnMut(&str, &RefOr<Schema>)) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            object.properties.iter().for_each(|(name, schema)| take(name, schema))
        }
        RefOr::T(Schema::AllOf(AllOf { items, .. })) => items.iter().for_each(|part| collect(part, take)),
        _ => {}
    }
}

/// What signing in takes.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginInput {
    username: String,
    password: String,
}

/// What changing a password takes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasswordInput {
    current_password: String,
    new_password: String,
}

/// A user to make.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserInput {
    username: String,
    password: String,
    role: UserRole,
}

/// What to change of a user: one of them, or both.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserPatch {
    #[schema(required = false)]
    role: Option<UserRole>,
    #[schema(required = false)]
    disabled: Option<bool>,
}

/// What a user may do: everything, or look at everything but users and keys.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum UserRole {
    /// Everything.
    Admin,
    /// Look.
    Viewer,
}

/// A new password.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewPasswordInput {
    password: String,
}

/// The manual order of projects: these first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReorderInput {
    ids: Vec<String>,
}

/// Many patches in one transaction.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchInput {
    ops: Vec<BatchOp>,
}

/// One patch among many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchOp {
    #[schema(required = false)]
    op_id: Option<String>,
    id: String,
    patch: ProjectPatch,
    #[schema(required = false)]
    if_updated_at: Option<String>,
}

/// One event, or many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum EventsInput {
    /// Many.
    Many {
        /// 1 to 1,000 events.
        events: Vec<EventInput>,
    },
    /// One.
    One(EventInput),
}

/// One usage record, or many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum UsagesInput {
    /// Many.
    Many {
        /// At most 1,000 records.
        records: Vec<UsageInput>,
    },
    /// One.
    One(UsageInput),
}

/// Actions on projects: a list, a single one, or a proposal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ActionsInput {
    /// Many.
    List(ActionListInput),
    /// One.
    Flat(ActionInput),
    /// Something a person is to decide.
    Proposal(ProposalInput),
}

/// Many actions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionListInput {
    agent_id: Option<String>,
    run_id: Option<String>,
    project_id: Option<String>,
    actions: Vec<ListedAction>,
}

/// One action among many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedAction {
    id: Option<String>,
    project_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    #[schema(value_type = Option<Object>)]
    params: (),
    record_only: Option<bool>,
    if_updated_at: Option<String>,
}

/// One action.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionInput {
    id: Option<String>,
    project_id: String,
    run_id: Option<String>,
    agent_id: Option<String>,
    action: String,
    #[schema(value_type = Option<Object>)]
    params: (),
    record_only: Option<bool>,
    if_updated_at: Option<String>,
}

/// Something an agent proposes and a person decides.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProposalInput {
    run_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    #[schema(value_type = Object)]
    payload: (),
    rationale: Option<String>,
    proposed_by: Option<String>,
    idempotency_key: Option<String>,
}
