//! Times: instants with microseconds, read leniently and written in one form, so that text order is time order.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

const MICROS: i64 = 1_000_000;
const HOUR: i64 = 3_600 * MICROS;
const DAY: i64 = 24 * HOUR;
/// 0000-01-01T00:00:00.000000Z.
const FIRST: i64 = -62_167_219_200 * MICROS;
/// 9999-12-31T23:59:59.999999Z.
const LAST: i64 = 253_402_300_800 * MICROS - 1;
/// `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
const LENGTH: usize = 27;

/// An instant, in microseconds since 1970, within the years 0000 to 9999. Its text form is `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-02-11T14:30:00.000000Z")]
pub struct Timestamp(i64);

/// What a text says, before it is known which zone a text without one means.
struct Parsed {
    local: NaiveDateTime,
    /// Seconds east of UTC, where the text says so.
    offset: Option<i64>,
    date_alone: bool,
}

impl Timestamp {
    /// The instant this many microseconds after 1970 began; clamped to the years that four digits can write.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(FIRST, LAST))
    }

    /// Microseconds since 1970 began.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 or ISO 8601: `T` or a space, up to 9 fraction digits, `Z`, `±hh:mm`, `±hhmm` or none (UTC), or a
    /// date alone (its first instant). Fractions are cut off after the microsecond.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_with(text, &in_utc)
    }

    /// As [`Timestamp::parse`], but asks `naive` what a time without an offset means.
    #[must_use]
    pub fn parse_with(text: &str, naive: &dyn Fn(NaiveDateTime) -> Option<Timestamp>) -> Option<Self> {
        let parsed = read(text)?;
        match parsed.offset {
            None => naive(parsed.local),
            Some(offset) => Self::within(parsed.local.and_utc().timestamp_micros() - offset * MICROS),
        }
    }

    /// As [`Timestamp::parse`], but a date alone means the last microsecond of that day.
    #[must_use]
    pub fn parse_until(text: &str) -> Option<Self> {
        let time = Self::parse(text)?;
        if read(text)?.date_alone { Some(Self::from_micros(time.0 + DAY - 1)) } else { Some(time) }
    }

    /// Reads a date alone.
    pub(crate) fn parse_day(text: &str) -> Option<NaiveDate> {
        let parsed = read(text)?;
        parsed.date_alone.then(|| parsed.local.date())
    }

    /// A microsecond later.
    #[must_use]
    pub fn next(self) -> Self {
        Self::from_micros(self.0 + 1)
    }

    /// The start of its hour.
    #[must_use]
    pub fn hour(self) -> Self {
        Self(self.0.div_euclid(HOUR) * HOUR)
    }

    /// Its day in UTC, `YYYY-MM-DD`.
    #[must_use]
    pub fn day(self) -> String {
        as_text(&self.text()).get(..10).unwrap_or_default().to_owned()
    }

    /// This many seconds later.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_micros(self.0.saturating_add(seconds.saturating_mul(MICROS)))
    }

    fn within(micros: i64) -> Option<Self> {
        (FIRST..=LAST).contains(&micros).then_some(Self(micros))
    }

    fn text(self) -> [u8; LENGTH] {
        // Every clamped value is inside chrono's range; the epoch stands in for what cannot happen.
        let time = DateTime::from_timestamp_micros(self.0).unwrap_or_default().naive_utc();
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let mut put = |at: usize, digits: usize, number: u32| {
            let mut rest = number;
            for place in (at..at + digits).rev() {
                text[place] = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        };
        put(0, 4, time.year().unsigned_abs());
        put(5, 2, time.month());
        put(8, 2, time.day());
        put(11, 2, time.hour());
        put(14, 2, time.minute());
        put(17, 2, time.second());
        put(20, 6, time.nanosecond() / 1_000);
        text
    }
}

fn in_utc(local: NaiveDateTime) -> Option<Timestamp> {
    Timestamp::within(local.and_utc().timestamp_micros())
}

fn as_text(text: &[u8; LENGTH]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

/// A text that is read from left to right.
struct Reader<'t>(&'t [u8]);

impl Reader<'_> {
    fn eat(&mut self, one_of: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        if !one_of.contains(&first) {
            return None;
        }
        self.0 = rest;
        Some(first)
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number
            .iter()
            .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    }

    /// The digits after the dot, at least one and at most nine, as microseconds.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        let nanos = self.number(digits)? * 10_u32.pow(9 - digits as u32);
        Some(i64::from(nanos / 1_000))
    }

    /// `Z`, `±hh:mm` or `±hhmm`, in seconds.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.eat(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.number(2)?;
        self.eat(b":");
        let minutes = self.number(2)?;
        (hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 3_600 + minutes * 60))
    }
}

fn read(text: &str) -> Option<Parsed> {
    let mut reader = Reader(text.as_bytes());
    let year = reader.number(4)?;
    reader.eat(b"-")?;
    let month = reader.number(2)?;
    reader.eat(b"-")?;
    let day = reader.number(2)?;
    let midnight = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?.and_hms_opt(0, 0, 0)?;
    if reader.0.is_empty() {
        return Some(Parsed { local: midnight, offset: None, date_alone: true });
    }
    reader.eat(b"Tt ")?;
    let hour = reader.number(2)?;
    reader.eat(b":")?;
    let minute = reader.number(2)?;
    let (mut second, mut micros) = (0, 0);
    if reader.eat(b":").is_some() {
        second = reader.number(2)?;
        if reader.eat(b".").is_some() {
            micros = reader.fraction()?;
        }
    }
    // RFC 3339 knows second 60: a leap second, which is read as the instant after it.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let offset = if reader.0.is_empty() { None } else { Some(reader.offset()?) };
    let since_midnight = i64::from(hour * 3_600 + minute * 60 + second) * MICROS + micros;
    let local = midnight.checked_add_signed(TimeDelta::microseconds(since_midnight))?;
    reader.0.is_empty().then_some(Parsed { local, offset, date_alone: false })
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(as_text(&self.text()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(as_text(&self.text()))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("{text:?} is no time")))
    }
}
