//! What the integration tests share: an app with a caller whom every class but admin lets in, and snapshots of answers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use pilotdeck_testkit::{Answer, TestApp};
use serde_json::Value;

/// A fresh app, and somebody who may call every class but admin.
pub(crate) async fn signed_in() -> Caller {
    Caller { app: TestApp::start().await }
}

/// Calls the API and reads every answer as what the contract promises: JSON that says so.
pub(crate) struct Caller {
    pub(crate) app: TestApp,
}

/// An answer of the API.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) body: Value,
    answer: Answer,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.answer.header(name)
    }
}

impl Caller {
    pub(crate) async fn get(&self, path: &str) -> Told {
        self.app.get(path).await.into()
    }

    pub(crate) async fn delete(&self, path: &str) -> Told {
        self.app.delete(path).await.into()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Told {
        self.app.post(path, body).await.into()
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Told {
        self.app.patch(path, body).await.into()
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Told {
        self.app.put(path, body).await.into()
    }

    pub(crate) async fn post_text(&self, path: &str, body: &str) -> Told {
        self.app.post_text(path, body).await.into()
    }
}

impl From<Answer> for Told {
    fn from(answer: Answer) -> Told {
        assert!(answer.header("content-type").starts_with("application/json"), "{answer}");
        let body = answer.json();
        assert_eq!(body["success"], Value::Bool(answer.status < 400), "{answer}");
        Told { status: answer.status, body, answer }
    }
}

/// A field of each record of a list, as text.
pub(crate) fn field_of_each(answer: &Told, name: &str) -> Vec<String> {
    let records = answer.body["data"].as_array().unwrap_or_else(|| panic!("no list: {}", answer.body));
    records.iter().map(|record| record[name].as_str().unwrap().to_owned()).collect()
}

/// Compares status and body with the stored snapshot.
macro_rules! assert_shape {
    ($answer:expr) => {{
        let shape = $crate::support::shape(&$answer);
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shape) });
    }};
}
pub(crate) use assert_shape;

/// Status and body as text: keys sorted, since their order means nothing, and numbers as they were sent.
pub(crate) fn shape(answer: &Told) -> String {
    format!("{}\n{}", answer.status, serde_json::to_string_pretty(&scrub(&answer.body)).unwrap())
}

/// Replaces what differs from run to run, and only if it has exactly the form the contract gives it: times of ours and UUIDs.
fn scrub(body: &Value) -> Value {
    match body {
        Value::String(text) => Value::String(scrub_text(text)),
        Value::Array(items) => items.iter().map(scrub).collect(),
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().map(|(key, value)| (key.clone(), scrub(value))).collect();
            fields.sort_by(|(a, _), (b, _)| a.cmp(b));
            fields.into_iter().collect()
        }
        other => other.clone(),
    }
}

/// `0` stands for a digit, `x` for a hexadecimal one.
const FORMS: [(&str, &str); 2] =
    [("0000-00-00T00:00:00.000000Z", "[time]"), ("xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx", "[uuid]")];

fn scrub_text(text: &str) -> String {
    let mut rest = text;
    let mut scrubbed = String::new();
    while let Some(first) = rest.chars().next() {
        let form = FORMS.iter().find(|(form, _)| has_form(rest, form));
        let (taken, shown) =
            form.map_or((first.len_utf8(), None), |(form, shown)| (form.len(), Some(*shown)));
        scrubbed.push_str(shown.unwrap_or(&rest[..taken]));
        rest = &rest[taken..];
    }
    scrubbed
}

fn has_form(text: &str, form: &str) -> bool {
    text.len() >= form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, due)| match due {
            b'0' => byte.is_ascii_digit(),
            b'x' => byte.is_ascii_hexdigit(),
            due => byte == due,
        })
}
