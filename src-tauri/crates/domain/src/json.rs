//! JSON at the door, records as stored text, and ids.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, value::to_raw_value};
use sha2::{Digest, Sha256};

use crate::words::{MAX_DEPTH, MAX_ID_BYTES};
use crate::{Invalid, Map};

/// Keys by which serde_json passes numbers and raw text through itself. An object with such a key, sent by a client, would
/// be read as something that it is not, past every check.
const RESERVED_KEYS: [&str; 2] = ["$serde_json::private::Number", "$serde_json::private::RawValue"];
/// A number without exponent and shorter than this is below the largest float.
const SURELY_FINITE: usize = 300;

/// Reads a body: nothing at all is `{}`. Refuses what is no JSON, nesting deeper than 64 and numbers beyond a float.
pub fn parse(bytes: &[u8]) -> Result<Value, Invalid> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    check(bytes)?;
    serde_json::from_slice(bytes)
        .map_err(|error| Invalid::json(format!("the body is not valid JSON: {error}")))
}

/// Reads a body that must be an object.
pub fn parse_object(bytes: &[u8]) -> Result<Map, Invalid> {
    match parse(bytes)? {
        Value::Object(map) => Ok(map),
        _ => Err(Invalid::body("the body must be a JSON object")),
    }
}

/// What the parser would not see, or only after work that grows with a hostile body. Syntax is left to it.
fn check(bytes: &[u8]) -> Result<(), Invalid> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = end_of_string(bytes, at);
                check_key(bytes, at, end)?;
                at = end;
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Invalid::json(format!("the body is nested deeper than {MAX_DEPTH} levels")));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'-' | b'0'..=b'9' => {
                let length = bytes[at..].iter().take_while(|byte| is_of_number(**byte)).count();
                check_finite(&bytes[at..at + length])?;
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// The place after the string that begins at `start`; the end of the bytes if it is not closed.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn check_key(bytes: &[u8], start: usize, end: usize) -> Result<(), Invalid> {
    // Only `$`, or an escape that may hide it, can begin a reserved key: nearly every string ends here.
    if !matches!(bytes.get(start + 1), Some(b'$' | b'\\')) {
        return Ok(());
    }
    let is_key = bytes[end..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
    match serde_json::from_slice::<String>(&bytes[start..end]) {
        Ok(key) if is_key && RESERVED_KEYS.contains(&key.as_str()) => {
            Err(Invalid::json(format!("the key {key} is reserved")))
        }
        _ => Ok(()),
    }
}

fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

fn check_finite(number: &[u8]) -> Result<(), Invalid> {
    if number.len() < SURELY_FINITE && !number.iter().any(|byte| matches!(byte, b'e' | b'E')) {
        return Ok(());
    }
    let parsed = std::str::from_utf8(number).ok().and_then(|text| text.parse::<f64>().ok());
    if parsed.is_some_and(f64::is_infinite) {
        return Err(Invalid::json("the body is not valid JSON: a number is too large"));
    }
    Ok(())
}

/// A stored record as it stands: its text is what is stored and what is sent.
#[derive(Debug, Clone)]
pub struct Document(Box<RawValue>);

impl Document {
    /// Takes the text of a stored record; an error if it is no JSON.
    pub fn from_stored(text: String) -> serde_json::Result<Self> {
        RawValue::from_string(text).map(Self)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Its fields; none if it is no object.
    #[must_use]
    pub fn to_map(&self) -> Map {
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }

    #[expect(
        clippy::expect_used,
        reason = "records are objects with text keys: they always have a JSON form"
    )]
    pub(crate) fn of(record: &impl Serialize) -> Self {
        Self(to_raw_value(record).expect("a record has a JSON form"))
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// The id that stands for a client's own key: `prefix` and the first 32 hex digits of its SHA-256.
#[must_use]
pub fn digest_id(prefix: &str, key: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(key.as_bytes());
    let mut id = String::with_capacity(prefix.len() + 32);
    id.push_str(prefix);
    for byte in digest.iter().take(16) {
        id.push(char::from(HEX[usize::from(byte >> 4)]));
        id.push(char::from(HEX[usize::from(byte & 15)]));
    }
    id
}

/// A new id of ours: `prefix` and a UUIDv7, so that later ids are larger.
#[must_use]
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::now_v7())
}

/// The id that a client chose, exactly as sent; none if absent, `null` or blank.
pub fn client_id(body: &Map, key: &str) -> Result<Option<String>, Invalid> {
    find_id(body, key, |id| id)
}

/// As [`client_id`], without the white space around it: events and actions.
pub fn client_id_trimmed(body: &Map, key: &str) -> Result<Option<String>, Invalid> {
    find_id(body, key, str::trim)
}

/// The id that stands for a body's `idempotencyKey`; none if absent, `null` or blank.
pub(crate) fn id_of_key(body: &Map, prefix: &str) -> Result<Option<String>, Invalid> {
    match body.get("idempotencyKey") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(key)) if key.trim().is_empty() => Ok(None),
        Some(Value::String(key)) => Ok(Some(digest_id(prefix, key))),
        Some(_) => Err(Invalid::must_be("idempotencyKey", "a text")),
    }
}

fn find_id(body: &Map, key: &str, form: fn(&str) -> &str) -> Result<Option<String>, Invalid> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) if id.trim().is_empty() => Ok(None),
        Some(Value::String(id)) => {
            let id = form(id);
            if id.len() > MAX_ID_BYTES {
                return Err(Invalid::must_be(key, &format!("at most {MAX_ID_BYTES} bytes long")));
            }
            if has_control(id) {
                return Err(Invalid::must_be(key, "without control characters"));
            }
            Ok(Some(id.to_owned()))
        }
        Some(_) => Err(Invalid::must_be(key, "a text")),
    }
}

pub(crate) fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}
