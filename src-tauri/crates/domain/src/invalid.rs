//! The one way in which input can be wrong: what kind of wrong, which field, and a sentence for people.
//! Knows no HTTP; wire gives each kind its status and code.

/// Why something that a client sent is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// What kind of wrong.
    pub kind: InvalidKind,
    /// The field or parameter, where one is to blame: `name`, `tags[3]`, `cost.total`.
    pub field: Option<String>,
    /// A sentence in English.
    pub message: String,
}

/// The kinds of wrong input, one per `code` of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvalidKind {
    /// No JSON (`invalid_json`).
    Json,
    /// JSON, but not an object (`invalid_body`).
    Body,
    /// A field holds what it may not hold (`invalid_field`).
    Field,
    /// A field is missing (`missing_field`).
    Missing,
    /// A parameter of the query cannot be read (`invalid_parameter`).
    Parameter,
}

impl Invalid {
    /// No JSON.
    pub fn json(message: impl Into<String>) -> Self {
        Self { kind: InvalidKind::Json, field: None, message: message.into() }
    }

    /// Not an object where one is due.
    pub fn body(message: impl Into<String>) -> Self {
        Self { kind: InvalidKind::Body, field: None, message: message.into() }
    }

    /// A field holds what it may not hold.
    pub fn field(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: InvalidKind::Field, field: Some(name.into()), message: message.into() }
    }

    /// A field that must be sent was not.
    pub fn missing(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { kind: InvalidKind::Missing, message: format!("{name} is required"), field: Some(name) }
    }

    /// A parameter of the query cannot be read.
    pub fn parameter(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: InvalidKind::Parameter, field: Some(name.into()), message: message.into() }
    }

    /// A field holds something else than what is `due` ("a text").
    pub(crate) fn must_be(name: impl Into<String>, due: &str) -> Self {
        let name = name.into();
        Self { kind: InvalidKind::Field, message: format!("{name} must be {due}"), field: Some(name) }
    }
}
