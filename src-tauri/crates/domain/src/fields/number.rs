//! Fields that hold numbers: progress, counts and money.

use serde_json::{Number, Value};

use super::{Fields, Given};
use crate::numbers::{as_f64, number_in, same_map, same_number, whole, whole_in, zero};
use crate::words::{MAX_COUNT, MAX_MONEY};
use crate::{Invalid, Map};

impl Fields {
    /// A whole number, clamped to `least..=most`.
    pub(crate) fn clamped(
        &mut self,
        name: &'static str,
        slot: &mut i64,
        least: i64,
        most: i64,
    ) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => *slot = 0,
            Given::Value(value) => match whole_in(&value) {
                Some(number) if self.is_stored() || (self.is_patch() && number == *slot) => *slot = number,
                Some(number) => *slot = number.clamp(least, most),
                None => {
                    self.odd(name, value, "a number")?;
                    *slot = 0;
                }
            },
        }
        Ok(())
    }

    /// A count of tokens.
    pub(crate) fn count(&mut self, name: &'static str, slot: &mut i64) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => *slot = 0,
            Given::Value(value) => match number_in(&value) {
                Some(number) if self.is_stored() => *slot = whole(&number),
                Some(number) if as_f64(&number) >= 0.0 && whole(&number) <= MAX_COUNT => {
                    *slot = whole(&number)
                }
                _ => {
                    self.odd(name, value, &format!("a whole number from 0 to {MAX_COUNT}"))?;
                    *slot = 0;
                }
            },
        }
        Ok(())
    }

    /// An amount that is refused outside its range.
    pub(crate) fn amount(&mut self, name: &'static str, slot: &mut Number) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => *slot = zero(),
            Given::Value(value) => match number_in(&value) {
                Some(number) if self.is_stored() => *slot = number,
                Some(number) if (0.0..=MAX_MONEY).contains(&as_f64(&number)) => *slot = number,
                _ => {
                    self.odd(name, value, "a number from 0 to 1e15")?;
                    *slot = zero();
                }
            },
        }
        Ok(())
    }

    /// Money: a number, or an object whose first key of `keys` that is not null holds it.
    pub(crate) fn money(
        &mut self,
        name: &'static str,
        slot: &mut Number,
        keys: &[&str],
    ) -> Result<(), Invalid> {
        match self.take(name) {
            Given::Keep => {}
            Given::Default => *slot = zero(),
            Given::Value(Value::Number(number)) if self.is_patch() && same_number(&number, slot) => {}
            Given::Value(Value::Object(map)) if !keys.is_empty() => {
                *slot = match keys.iter().find_map(|key| Some((key, map.get(*key).filter(|v| !v.is_null())?)))
                {
                    None => zero(),
                    Some((key, value)) => self.money_number(name, &format!(".{key}"), value)?,
                };
            }
            Given::Value(value) => *slot = self.money_number(name, "", &value)?,
        }
        Ok(())
    }

    /// Money with more around it: an object whose `total` is the number, or that number alone.
    pub(crate) fn money_object(&mut self, name: &'static str, slot: &mut Map) -> Result<(), Invalid> {
        let total_of = |total: Number| Map::from_iter([("total".to_owned(), Value::Number(total))]);
        match self.take(name) {
            Given::Keep => {}
            Given::Default => *slot = total_of(zero()),
            Given::Value(Value::Object(map)) if self.is_patch() && same_map(&map, slot) => {}
            Given::Value(Value::Object(mut map)) => {
                let total = match map.get("total") {
                    None | Some(Value::Null) => zero(),
                    Some(total) => self.money_number(name, ".total", total)?,
                };
                map.insert("total".to_owned(), Value::Number(total));
                *slot = map;
            }
            Given::Value(value) => *slot = total_of(self.money_number(name, "", &value)?),
        }
        Ok(())
    }

    /// `part` is what follows the name of the field in an error: `.total`.
    fn money_number(&mut self, name: &'static str, part: &str, value: &Value) -> Result<Number, Invalid> {
        let refuse = |fields: &Self, due| Invalid::must_be(format!("{}{part}", fields.shown(name)), due);
        match number_in(value) {
            Some(number) if self.is_stored() => Ok(number),
            Some(number) if as_f64(&number).is_sign_negative() => Ok(zero()),
            Some(number) if as_f64(&number) > MAX_MONEY => Err(refuse(self, "at most 1e15")),
            Some(number) => Ok(number),
            None if self.is_stored() => {
                self.legacy.insert(format!("{name}{part}"), value.clone());
                Ok(zero())
            }
            None => Err(refuse(self, "a number")),
        }
    }
}
