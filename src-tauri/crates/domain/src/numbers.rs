//! Numbers as the contract takes them: a JSON number, or a text that holds one. Their text is kept, so that no digit is lost.

use std::str::FromStr;

use serde_json::{Number, Value};

use crate::Map;

/// The number that `value` holds, as itself or as a text.
pub(crate) fn number_in(value: &Value) -> Option<Number> {
    let number = match value {
        Value::Number(number) => number.clone(),
        Value::String(text) => Number::from_str(text.trim()).ok()?,
        _ => return None,
    };
    // With `arbitrary_precision` a number is its text, and `1e999` is a fine text. `as_f64` has none for it.
    number.as_f64().is_some().then_some(number)
}

/// The number that `value` holds without its fraction; beyond the range of `i64` its end.
pub(crate) fn whole_in(value: &Value) -> Option<i64> {
    number_in(value).map(|number| whole(&number))
}

/// `number` without its fraction; beyond the range of `i64` its end.
pub(crate) fn whole(number: &Number) -> i64 {
    // `as` saturates, and cuts the fraction off.
    number.as_i64().unwrap_or_else(|| as_f64(number) as i64)
}

pub(crate) fn as_f64(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

pub(crate) fn zero() -> Number {
    Number::from(0)
}

/// Equal as numbers: `1`, `1.0` and `1e0` are one number; whole numbers of any size are compared exactly.
pub(crate) fn same_number(a: &Number, b: &Number) -> bool {
    let is_whole = |number: &Number| !number.as_str().contains(['.', 'e', 'E']);
    a == b || (!(is_whole(a) && is_whole(b)) && as_f64(a) == as_f64(b))
}

/// Equal as JSON, with numbers equal as numbers and keys in any order: what a client gets when it parses and writes again.
pub(crate) fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => same_list(a, b),
        (Value::Object(a), Value::Object(b)) => same_map(a, b),
        (a, b) => a == b,
    }
}

pub(crate) fn same_list(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
}

pub(crate) fn same_map(a: &Map, b: &Map) -> bool {
    a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_value(a, b)))
}
