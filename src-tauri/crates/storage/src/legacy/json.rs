//! Reads a stored document as leniently as the older server wrote it: bare `NaN` and infinities, any depth that can be read.

use std::borrow::Cow;

use pilotdeck_domain::{Map, Value};

use super::{Notes, keep_under_legacy, reason};

/// The document in `text`; when that is no JSON object, an empty one that keeps the text under `legacy`.
pub(super) fn read_document(text: &str, notes: &mut Notes<'_>) -> Map {
    // The strict reader first: it takes nearly all of them, and it is the quick one.
    if let Ok(document) = pilotdeck_domain::parse_object(text.as_bytes())
        && !text.is_empty()
    {
        return document;
    }
    let (lenient, replaced) = without_bare_words(text);
    if let Ok(Value::Object(mut document)) = serde_json::from_str(&lenient) {
        let mut nulled = replaced;
        document.values_mut().for_each(|value| nulled |= null_infinities(value));
        if nulled {
            notes.note(reason::NOT_FINITE);
        }
        return document;
    }
    notes.note(reason::DOCUMENT);
    let mut document = Map::new();
    if !text.is_empty() {
        keep_under_legacy(&mut document, "payload", Value::String(text.to_owned()));
    }
    document
}

/// Replaces `NaN`, `Infinity` and `-Infinity` outside of strings by `null`. A crate for JSON with these words would do, if
/// one kept numbers of any size as they are.
fn without_bare_words(text: &str) -> (Cow<'_, str>, bool) {
    let bytes = text.as_bytes();
    let mut replaced: Option<String> = None;
    let (mut at, mut copied, mut in_string) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b'N' | b'I' | b'-' if !in_string => {
                let word =
                    ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| text[at..].starts_with(word));
                if let Some(word) = word {
                    let out = replaced.get_or_insert_with(|| String::with_capacity(text.len()));
                    out.push_str(&text[copied..at]);
                    out.push_str("null");
                    at += word.len();
                    copied = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    match replaced {
        None => (Cow::Borrowed(text), false),
        Some(mut out) => {
            out.push_str(&text[copied..]);
            (Cow::Owned(out), true)
        }
    }
}

/// Numbers such as `1e999` are JSON, but no number that anybody can read.
fn null_infinities(value: &mut Value) -> bool {
    match value {
        Value::Number(number) if !number.as_f64().is_some_and(f64::is_finite) => {
            *value = Value::Null;
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |nulled, item| nulled | null_infinities(item)),
        Value::Object(fields) => {
            fields.values_mut().fold(false, |nulled, item| nulled | null_infinities(item))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotdeck_domain::Timestamp;

    fn read(text: &str) -> (Value, Vec<&'static str>) {
        let mut notes = Notes { now: Timestamp::from_micros(0), naive: &|_| None, reasons: Vec::new() };
        let document = read_document(text, &mut notes);
        (Value::Object(document), notes.reasons)
    }

    #[test]
    fn bare_words_become_null_and_texts_with_the_same_letters_stay() {
        let (document, reasons) =
            read(r#"{"a":NaN,"b":[Infinity,-Infinity,-1],"c":"NaN \" -Infinity","Infinity":{"NaN":NaN}}"#);
        assert_eq!(
            document.to_string(),
            r#"{"a":null,"b":[null,null,-1],"c":"NaN \" -Infinity","Infinity":{"NaN":null}}"#
        );
        assert_eq!(reasons, [reason::NOT_FINITE]);
    }

    #[test]
    fn numbers_of_any_size_stay_as_they_are_written_beside_a_bare_word() {
        let text = r#"{"i":123456789012345678901234567890,"f":1.0,"z":-0.0,"n":NaN}"#;
        assert_eq!(read(text).0.to_string(), text.replace("NaN", "null"));
    }

    #[test]
    fn a_number_beyond_every_float_becomes_null() {
        let (document, reasons) = read(r#"{"a":[1e999,{"b":-1e999}],"c":1}"#);
        assert_eq!(document.to_string(), r#"{"a":[null,{"b":null}],"c":1}"#);
        assert_eq!(reasons, [reason::NOT_FINITE]);
    }

    #[test]
    fn what_is_no_object_is_kept_as_text() {
        for text in ["{\"a\":", "[1]", "nonsense"] {
            let (document, reasons) = read(text);
            assert_eq!(document["legacy"]["payload"], text);
            assert_eq!(reasons, [reason::DOCUMENT]);
        }
    }
}
