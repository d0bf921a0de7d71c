//! The zone a reader lives in: which day an instant belongs to there, and when that day begins.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::{Invalid, Timestamp};

/// The parameter of a query that names a zone.
const NAME: &str = "tz";

/// A named zone of the tz database; UTC unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Default for Zone {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

impl Zone {
    /// Reads a name such as `Asia/Shanghai`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// Reads the parameter `tz` of a query; absent or empty is UTC.
    pub fn from_query(query: &[(String, String)]) -> Result<Self, Invalid> {
        match query.iter().find(|(name, _)| name == NAME) {
            None => Ok(Self::default()),
            Some((_, name)) if name.is_empty() => Ok(Self::default()),
            Some((_, name)) => Self::parse(name).ok_or_else(|| {
                Invalid::parameter(NAME, "tz must be a zone of the tz database, as Asia/Shanghai")
            }),
        }
    }

    /// What a clock on its walls shows.
    #[must_use]
    pub fn local(self, time: Timestamp) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_micros(time.micros()).unwrap_or_default().naive_utc();
        self.0.from_utc_datetime(&utc).naive_local()
    }

    /// The instant at which a clock on its walls shows `local`. Of two, the first; in the hour that a clock skips, the instant
    /// at which it would have been without the skip.
    #[must_use]
    pub fn instant(self, local: NaiveDateTime) -> Option<Timestamp> {
        let offset =
            |at: &NaiveDateTime| self.0.from_local_datetime(at).earliest().map(|time| time.offset().fix());
        let offset = match offset(&local) {
            Some(offset) => offset,
            None => offset(&local.checked_sub_days(Days::new(1))?)?,
        };
        Some(stamp(local.checked_sub_offset(offset)?))
    }

    /// The day of an instant. The ends of time stay within the years that four digits can write.
    #[must_use]
    pub fn day(self, time: Timestamp) -> NaiveDate {
        let mut day = self.local(time).date();
        // Clocks that went back over midnight a moment after it: the day has begun, so it goes on.
        if time > self.end_of(day) {
            day = day.succ_opt().unwrap_or(day);
        }
        let within = match day.year() {
            ..0 => NaiveDate::from_ymd_opt(0, 1, 1),
            10_000.. => NaiveDate::from_ymd_opt(9_999, 12, 31),
            _ => None,
        };
        within.unwrap_or(day)
    }

    /// When a day begins: at midnight, or, where the clocks skip midnight, as soon as they show that day or a later one.
    #[must_use]
    pub fn start_of(self, day: NaiveDate) -> Timestamp {
        const QUARTER: TimeDelta = TimeDelta::minutes(15);
        /// Samoa skipped a whole day; nobody skipped more.
        const MOST: i32 = 24 * 4;
        let midnight = day.and_time(NaiveTime::MIN);
        let first = (0..=MOST).find_map(|quarters| {
            let local = midnight.checked_add_signed(QUARTER * quarters)?;
            self.0.from_local_datetime(&local).earliest()
        });
        stamp(first.map_or(midnight, |time| time.naive_utc()))
    }

    /// The last microsecond of a day.
    #[must_use]
    pub fn end_of(self, day: NaiveDate) -> Timestamp {
        let next = day.succ_opt().unwrap_or(day);
        Timestamp::from_micros(self.start_of(next).micros() - 1)
    }
}

fn stamp(utc: NaiveDateTime) -> Timestamp {
    Timestamp::from_micros(utc.and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn start(name: &str, text: &str) -> String {
        zone(name).start_of(day(text)).to_string()
    }

    fn hours(name: &str, text: &str) -> i64 {
        let (zone, day) = (zone(name), day(text));
        (zone.end_of(day).micros() + 1 - zone.start_of(day).micros()) / 3_600_000_000
    }

    #[test]
    fn days_begin_at_the_midnight_of_the_zone() {
        assert_eq!(start("UTC", "2026-02-11"), "2026-02-11T00:00:00.000000Z");
        assert_eq!(start("Asia/Shanghai", "2026-02-11"), "2026-02-10T16:00:00.000000Z");
        assert_eq!(start("Asia/Kolkata", "2026-02-11"), "2026-02-10T18:30:00.000000Z");
        assert_eq!(start("Asia/Kathmandu", "2026-02-11"), "2026-02-10T18:15:00.000000Z");
        assert_eq!(start("America/St_Johns", "2026-02-11"), "2026-02-11T03:30:00.000000Z");
    }

    #[test]
    fn a_day_on_which_clocks_change_is_an_hour_shorter_or_longer() {
        assert_eq!(hours("Europe/Berlin", "2026-03-28"), 24);
        assert_eq!(hours("Europe/Berlin", "2026-03-29"), 23);
        assert_eq!(hours("Europe/Berlin", "2026-10-25"), 25);
        assert_eq!(hours("America/New_York", "2026-03-08"), 23);
        assert_eq!(hours("America/New_York", "2026-11-01"), 25);
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_when_the_skip_ends() {
        assert_eq!(start("Africa/Cairo", "2026-04-24"), "2026-04-23T22:00:00.000000Z");
        assert_eq!(hours("Africa/Cairo", "2026-04-24"), 23);
        assert_eq!(start("America/Sao_Paulo", "2018-11-04"), "2018-11-04T03:00:00.000000Z");
    }

    #[test]
    fn a_repeated_hour_before_midnight_belongs_to_the_day_before() {
        assert_eq!(start("America/Sao_Paulo", "2018-02-18"), "2018-02-18T03:00:00.000000Z");
        assert_eq!(hours("America/Sao_Paulo", "2018-02-17"), 25);
        // Here midnight itself comes twice: the first one begins the day.
        assert_eq!(start("America/Havana", "2026-11-01"), "2026-11-01T04:00:00.000000Z");
        assert_eq!(hours("America/Havana", "2026-11-01"), 25);
    }

    #[test]
    fn a_day_that_a_zone_skipped_is_empty() {
        assert_eq!(hours("Pacific/Apia", "2011-12-30"), 0);
        assert_eq!(start("Pacific/Apia", "2011-12-31"), start("Pacific/Apia", "2011-12-30"));
    }

    #[test]
    fn every_instant_lies_between_the_ends_of_its_day() {
        let from = Timestamp::parse("2025-12-30T00:00:00Z").unwrap();
        let names = [
            "UTC",
            "Europe/Berlin",
            "Asia/Kolkata",
            "Africa/Cairo",
            "America/St_Johns",
            "Australia/Lord_Howe",
        ];
        for name in names {
            let zone = zone(name);
            for quarter in 0..(370 * 24 * 4) {
                let time = from.plus_seconds(quarter * 900);
                let day = zone.day(time);
                assert!(zone.start_of(day) <= time && time <= zone.end_of(day), "{name} {time} {day}");
            }
        }
    }

    #[test]
    fn a_day_goes_on_when_clocks_go_back_over_its_midnight() {
        // Newfoundland's clocks went from one past midnight to one past eleven.
        let zone = zone("America/St_Johns");
        let time = Timestamp::parse("2006-10-29T03:00:00Z").unwrap();
        assert_eq!(zone.local(time).to_string(), "2006-10-28 23:30:00");
        assert_eq!(zone.day(time), day("2006-10-29"));
        assert!(zone.start_of(day("2006-10-29")) <= time);
    }

    #[test]
    fn the_ends_of_time_have_a_day_too() {
        let (first, last) = (Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));
        assert_eq!(zone("Asia/Shanghai").day(last).to_string(), "9999-12-31");
        assert_eq!(zone("America/New_York").day(first).to_string(), "0000-01-01");
        assert!(zone("America/New_York").end_of(day("9999-12-31")) <= last);
        assert!(zone("Asia/Shanghai").start_of(day("0000-01-01")) >= first);
    }

    #[test]
    fn a_wall_clock_time_is_an_instant_even_when_clocks_repeat_or_skip_it() {
        let berlin = |text: &str| zone("Europe/Berlin").instant(text.parse().unwrap()).unwrap().to_string();
        assert_eq!(berlin("2026-10-25T02:30:00"), "2026-10-25T00:30:00.000000Z");
        assert_eq!(berlin("2026-03-29T02:30:00"), "2026-03-29T01:30:00.000000Z");
    }

    #[test]
    fn a_zone_that_nobody_knows_is_refused() {
        let query = |name: &str| vec![("tz".to_owned(), name.to_owned())];
        assert_eq!(Zone::from_query(&[]), Ok(Zone::default()));
        assert_eq!(Zone::from_query(&query("")), Ok(Zone::default()));
        assert_eq!(Zone::from_query(&query("Europe/Berlin")), Ok(zone("Europe/Berlin")));
        for name in ["Middle/Earth", "+08:00", " UTC", "UTC\0"] {
            assert_eq!(Zone::from_query(&query(name)).unwrap_err().field.as_deref(), Some("tz"), "{name}");
        }
    }
}
