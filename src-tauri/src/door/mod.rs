//! What the window's commands do, a file per noun: the same services and the same bodies as the HTTP door, callable without a
//! window, so that a test can hold both doors beside each other. Knows neither Tauri nor axum.

pub mod agent_keys;
pub mod agents;
pub mod backups;
pub mod database;
pub mod events;
pub mod files;
pub mod links;
pub mod meta;
pub mod preferences;
pub mod projects;
pub mod runs;
pub mod stats;
pub mod usage;
pub mod users;

use pilotdeck_domain::{Invalid, Map, Value, parse_object};
use pilotdeck_wire::ErrorBody;

/// What a command answers: the body of the HTTP door, good or bad.
pub type Answer<T> = Result<T, ErrorBody>;

/// A filter object as the query of a URL: a text per name, a list as its name repeated.
fn query(filter: Option<Map>) -> Result<Vec<(String, String)>, Invalid> {
    let mut query = Vec::new();
    for (name, value) in filter.unwrap_or_default() {
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        for value in values {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(bool) => bool.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    let sentence = format!("{name} must be a text, a number, a bool, or a list of them");
                    return Err(Invalid::parameter(name, sentence));
                }
            };
            query.push((name.clone(), text));
        }
    }
    Ok(query)
}

/// A body under the rules of every body: an object, not too deep, numbers finite.
fn object(body: &Value) -> Result<Map, Invalid> {
    let text = serde_json::to_vec(body).map_err(|error| Invalid::json(error.to_string()))?;
    parse_object(&text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_filter_becomes_a_query_and_null_is_absent() {
        let filter = map(json!({ "q": "a b", "limit": 20, "enabled": true, "tag": null }));
        let pairs = query(Some(filter)).unwrap();
        let expected = [("q", "a b"), ("limit", "20"), ("enabled", "true")];
        assert!(pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())).eq(expected));
        assert!(query(None).unwrap().is_empty());
        let many = query(Some(map(json!({ "status": ["failed", "running"] })))).unwrap();
        assert_eq!(
            many,
            [("status".to_owned(), "failed".to_owned()), ("status".to_owned(), "running".to_owned())]
        );
        assert_eq!(query(Some(map(json!({ "q": [[1]] })))).unwrap_err().field.as_deref(), Some("q"));
    }

    #[test]
    fn a_body_is_judged_as_over_http() {
        assert!(object(&json!({ "name": "x" })).is_ok());
        assert!(object(&json!([1])).is_err());
        let deep = (0..70).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert!(object(&deep).is_err());
        let precise: Value =
            serde_json::from_str(r#"{"n":123456789012345678901234567890.123456789}"#).unwrap();
        assert_eq!(object(&precise).unwrap()["n"].to_string(), "123456789012345678901234567890.123456789");
    }
}
