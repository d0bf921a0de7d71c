//! The description of the API, made from the routes and the types they answer with (OpenAPI 3.1).

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::response::Response;
use http::StatusCode;
use pilotdeck_wire::ErrorBody;
use pilotdeck_wire::live::LiveChange;
use serde_json::{Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder, Server,
};
use utoipa::{PartialSchema, ToSchema};

use crate::answer::with_json;
use crate::router::described;

static TEXT: LazyLock<Bytes> = LazyLock::new(|| document_text().into());

/// The groups of operations, in the order a newcomer reads them.
const TAGS: [&str; 14] = [
    "projects",
    "runs",
    "events",
    "actions",
    "usage",
    "stats",
    "profiles",
    "capabilities",
    "live",
    "auth",
    "agentKeys",
    "users",
    "admin",
    "server",
];

/// `GET /api/openapi.json`.
pub(crate) async fn serve() -> Response {
    with_json(StatusCode::OK, TEXT.clone())
}

/// The description as text: what is served, and what the interface's types are made from.
pub fn document_text() -> String {
    let mut document = serde_json::to_value(document()).unwrap_or_default();
    refer_to_named_schemas(&mut document);
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn document() -> OpenApi {
    let (_, mut document) = described();
    let components = document.components.get_or_insert_default();
    let mut schemas = Vec::new();
    ErrorBody::schemas(&mut schemas);
    LiveChange::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.insert(ErrorBody::name().into_owned(), ErrorBody::schema());
    components.schemas.insert(LiveChange::name().into_owned(), LiveChange::schema());
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        operations.into_iter().flatten().for_each(describe_failures);
    }
    document
}

/// utoipa writes the record of a generic envelope out in full, once for each envelope. Here it is named instead, so that
/// the interface's types have one `Project`, not ten that look alike.
fn refer_to_named_schemas(document: &mut Value) {
    let Some(schemas) = document.pointer("/components/schemas").and_then(Value::as_object) else { return };
    let is_record = |schema: &Value| schema.get("properties").is_some();
    let named: Vec<(Value, String)> = schemas
        .iter()
        .filter(|(_, schema)| is_record(schema))
        .map(|(name, schema)| (schema.clone(), format!("#/components/schemas/{name}")))
        .collect();
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.values_mut().for_each(|schema| refer_inside(schema, &named));
    }
}

fn refer_inside(schema: &mut Value, named: &[(Value, String)]) {
    let parts: Vec<&mut Value> = match schema {
        Value::Object(map) => map.values_mut().collect(),
        Value::Array(items) => items.iter_mut().collect(),
        _ => return,
    };
    for part in parts {
        match named.iter().find(|(schema, _)| schema == part) {
            Some((_, name)) => *part = json!({ "$ref": name }),
            None => refer_inside(part, named),
        }
    }
}

/// What does not come from the routes.
pub(crate) fn frame() -> OpenApi {
    let info = InfoBuilder::new()
        .title("PilotDeck")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Every answer is JSON: `{success: true, data, …}`, or `{success: false, error, code, message, …}` with a stable \
             code. Times are RFC 3339 in UTC. Records keep fields that PilotDeck does not know.",
        ))
        .build();
    let header = |name: &str, text: &str| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, text)))
    };
    let mut components = Components::new();
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "pilotdeck_session",
            "Set by signing in",
        ))),
    );
    components
        .add_security_scheme("agentToken", header("X-PM-Agent-Token", "PM_AGENT_TOKEN, or an agent key"));
    components.add_security_scheme(
        "bearer",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    components.add_security_scheme("adminToken", header("X-PM-Token", "PM_ADMIN_TOKEN"));
    let tags = TAGS.iter().map(|name| TagBuilder::new().name(*name).build());
    OpenApiBuilder::new()
        .tags(Some(tags))
        .info(info)
        .servers(Some([Server::new("/")]))
        .components(Some(components))
        .build()
}

fn describe_failures(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ErrorBody::name()))).build();
    let failure = ResponseBuilder::new()
        .description("A failure; `code` tells which")
        .content("application/json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(failure));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The copy the interface's types are made from.
    const COPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/openapi.json");

    #[test]
    fn the_checked_in_openapi_document_is_the_generated_one() {
        let text = document_text();
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(COPY, &text).unwrap();
        }
        let copy = std::fs::read_to_string(COPY).unwrap_or_default();
        assert!(
            copy == text,
            "ui/openapi.json is stale: UPDATE_OPENAPI=1 cargo nextest run -p pilotdeck-api openapi, then make the types anew"
        );
    }

    #[test]
    fn the_openapi_document_names_the_types_of_the_contract() {
        let document: serde_json::Value = serde_json::from_str(&document_text()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        for name in [
            "Project",
            "Run",
            "Event",
            "Profile",
            "Capability",
            "UsageRecord",
            "User",
            "Meta",
            "ErrorBody",
            "ErrorCode",
        ] {
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }

    #[test]
    fn every_reference_of_the_openapi_document_leads_somewhere() {
        let text = document_text();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        for part in text.split("\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
