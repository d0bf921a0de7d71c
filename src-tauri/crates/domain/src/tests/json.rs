//! JSON at the door, ids, stored documents and `ifUpdatedAt`.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{assert_bad_field, object, read, time};
use crate::{
    Document, InvalidKind, Seen, client_id, client_id_trimmed, digest_id, new_id, parse, parse_object,
};

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn no_body_is_an_empty_object() {
    assert_eq!(parse(b"").unwrap(), json!({}));
    assert_eq!(parse_object(b"{}").unwrap().len(), 0);
}

#[test]
fn what_is_no_json_is_refused_as_such() {
    for body in [
        "{",
        "{'a':1}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":1e999}",
        "{\"a\":-1E400}",
        "{\"a\":[1,2,",
        "{\"a\":1} x",
        "\"\\ud800\"",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":01}",
        "{\"a\":\"line\nbreak\"}",
        "\u{feff}{}",
        " ",
        "{\"$serde_json::private::Number\":\"1\"}",
        "{\"a\":{\"\\u0024serde_json::private::RawValue\" : \"[1]\"}}",
    ] {
        let error = parse(body.as_bytes()).expect_err(body);
        assert_eq!(error.kind, InvalidKind::Json, "{body}");
    }
    let huge = format!("{{\"a\":{}}}", "9".repeat(400));
    assert_eq!(parse(huge.as_bytes()).unwrap_err().kind, InvalidKind::Json, "400 digits are beyond a float");
    assert_eq!(parse(b"{\"a\":\"\xff\"}").unwrap_err().kind, InvalidKind::Json, "not UTF-8");
}

#[test]
fn the_names_that_are_reserved_as_keys_are_fine_as_texts() {
    let text = r#"{"a":"$serde_json::private::Number","$b":"\\"}"#;
    assert_eq!(serde_json::to_string(&parse(text.as_bytes()).unwrap()).unwrap(), text);
}

#[test]
fn json_that_is_no_object_is_another_error() {
    for body in ["[]", "\"x\"", "1", "null", "true"] {
        assert_eq!(parse_object(body.as_bytes()).expect_err(body).kind, InvalidKind::Body, "{body}");
    }
}

#[test]
fn sixty_four_levels_are_read_and_one_more_is_not() {
    assert!(parse(nested(64).as_bytes()).is_ok());
    assert_eq!(parse(nested(65).as_bytes()).unwrap_err().kind, InvalidKind::Json);
    let brackets_in_text = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(100), "{".repeat(100));
    assert!(parse(brackets_in_text.as_bytes()).is_ok(), "brackets inside a text are no levels");
    let siblings = format!("[{}]", vec!["[]"; 1_000].join(","));
    assert!(parse(siblings.as_bytes()).is_ok(), "side by side is not inside one another");
}

#[test]
fn a_hundred_thousand_levels_are_refused_at_once() {
    let body = nested(100_000);
    let start = Instant::now();
    assert!(parse(body.as_bytes()).is_err());
    assert!(start.elapsed() < Duration::from_millis(50));
}

#[test]
fn numbers_keep_their_text_and_keys_their_order_and_the_last_of_two_equal_keys_wins() {
    let text =
        r#"{"z":123456789012345678901234567890,"a":1.0,"m":1e+5,"n":-0.0,"f":0.10000000000000000000000001}"#;
    assert_eq!(serde_json::to_string(&read(text)).unwrap(), text);
    // The parser writes the sign of an exponent; the value is the same.
    assert_eq!(serde_json::to_string(&read(r#"{"a":1E5,"b":1e-5}"#)).unwrap(), r#"{"a":1e+5,"b":1e-5}"#);
    assert_eq!(serde_json::to_string(&read(r#"{"a":1,"b":2,"a":3}"#)).unwrap(), r#"{"a":3,"b":2}"#);
}

#[test]
fn ids_are_kept_exactly_within_their_limits() {
    let id_in = |id: serde_json::Value| client_id(&object(json!({ "id": id })), "id");
    for id in [" a b ", "проект", "日本語", "🚀", "p/1?q=1&x#y%41", &"x".repeat(256), "\u{202e}rtl"]
    {
        assert_eq!(id_in(json!(id)).unwrap().as_deref(), Some(id));
    }
    for id in [json!(null), json!(""), json!("  "), json!("\n")] {
        assert_eq!(id_in(id.clone()).unwrap(), None, "{id} asks for an id of ours");
    }
    for id in [json!(7), json!([]), json!({}), json!(true), json!("a\nb"), json!("\u{0}"), json!("a\u{85}")] {
        assert_bad_field(id_in(id.clone()), "id", &id.to_string());
    }
    assert_bad_field(id_in(json!("x".repeat(257))), "id", "257 bytes");
    assert_bad_field(id_in(json!("é".repeat(129))), "id", "258 bytes in 129 characters");
    assert_eq!(client_id(&object(json!({})), "id").unwrap(), None);
    let trimmed = client_id_trimmed(&object(json!({"id": " e1\n"})), "id").unwrap();
    assert_eq!(trimmed.as_deref(), Some("e1"), "ids of events and actions are trimmed");
}

#[test]
fn a_key_always_stands_for_the_same_id() {
    assert_eq!(digest_id("evt-", "abc"), "evt-ba7816bf8f01cfea414140de5dae2223");
    let (first, second) = (new_id("proj-"), new_id("proj-"));
    assert!(first < second && first.len() == "proj-".len() + 36, "{first} then {second}");
}

#[test]
fn a_document_is_the_text_that_was_stored() {
    let text = r#"{"b":1.0,"a":[1e+5]}"#;
    let document = Document::from_stored(text.to_owned()).unwrap();
    assert_eq!(serde_json::to_string(&document).unwrap(), text);
    assert_eq!(document.to_map(), read(text));
    assert!(Document::from_stored("{\"a\":".to_owned()).is_err());
    assert!(Document::from_stored("[]".to_owned()).unwrap().to_map().is_empty());
}

#[test]
fn a_caller_saw_a_version_if_it_names_the_same_instant() {
    let stored = time("2026-11-22T19:01:35.834408Z");
    for (sent, same) in [
        ("2026-11-22T19:01:35.834408Z", true),
        ("2026-11-22T19:01:35.834408", true),
        ("2026-11-22T19:01:35.834408+00:00", true),
        ("2026-11-23T03:01:35.834408+08:00", true),
        ("2026-11-22T19:01:35.834409Z", false),
        ("2026-11-22T19:01:35Z", false),
        ("2026-11-22", false),
        ("old", false),
        (" ", false),
    ] {
        let mut body = object(json!({"ifUpdatedAt": sent, "name": "n"}));
        let seen = Seen::take(&mut body).unwrap().unwrap();
        assert_eq!((seen.matches(stored), seen.text()), (same, sent));
        assert_eq!(body, object(json!({"name": "n"})), "it never reaches the record");
    }
    for none in [json!({}), json!({"ifUpdatedAt": null})] {
        assert_eq!(Seen::take(&mut object(none)).unwrap(), None);
    }
    for junk in [json!(""), json!(5), json!(true), json!({}), json!([])] {
        assert_bad_field(
            Seen::take(&mut object(json!({ "ifUpdatedAt": junk }))),
            "ifUpdatedAt",
            &junk.to_string(),
        );
    }
}
