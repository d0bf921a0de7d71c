//! What a commit changed, told to whoever listens after it.

use pilotdeck_domain::Document;
use serde::Serialize;

/// The noun that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A project.
    Project,
    /// A run.
    Run,
    /// An event.
    Event,
    /// An agent's profile.
    Profile,
    /// A capability.
    Capability,
    /// A usage record.
    Usage,
    /// The manual order of the projects.
    Order,
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// It is new.
    Created,
    /// Some of its fields differ.
    Updated,
    /// It is gone.
    Deleted,
}

/// One committed change.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Which noun.
    pub kind: Kind,
    /// What happened.
    pub op: Op,
    /// The record's id (`""` for [`Kind::Order`]).
    pub id: String,
    /// The project it belongs to, if any.
    pub project_id: Option<String>,
    /// The run it belongs to, if any.
    pub run_id: Option<String>,
    /// The record as it now is; none after a delete.
    pub document: Option<Document>,
}
