//! Why one item of a request with many failed: the failure without its envelope.

use pilotdeck_domain::Document;
use pilotdeck_services::Error;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Code, ErrorBody, FailureData};

/// One failed item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// The status this item would have had alone.
    pub status: u16,
    /// What went wrong.
    pub error: String,
    /// The stable word for it.
    pub code: Code,
    /// The field that breaks a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub field: Option<String>,
    /// The two times of a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = FailureData, required = false)]
    pub data: Option<FailureData>,
    /// The record as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    pub current: Option<Document>,
}

impl From<&ErrorBody> for ItemFailure {
    fn from(body: &ErrorBody) -> ItemFailure {
        ItemFailure {
            status: body.status(),
            error: body.error.clone(),
            code: body.code,
            field: body.field.clone(),
            data: body.data.clone().map(|data| FailureData { message: None, ..data }),
            current: body.current.clone(),
        }
    }
}

impl From<Error> for ItemFailure {
    fn from(error: Error) -> ItemFailure {
        ItemFailure::from(&ErrorBody::from(error))
    }
}
