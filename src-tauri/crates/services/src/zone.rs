//! The zone of the times that an older server's file holds without one (`PM_IMPORT_TIMEZONE`).

use chrono::{FixedOffset, NaiveDateTime};
use pilotdeck_domain::{Invalid, Timestamp, Zone};

const NAME: &str = "PM_IMPORT_TIMEZONE";

/// A named zone (`Asia/Shanghai`) or an offset (`+08:00`); UTC unless told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImportZone {
    Named(Zone),
    Fixed(FixedOffset),
}

impl ImportZone {
    /// Reads the setting; none or blank is UTC.
    pub(crate) fn parse(setting: Option<&str>) -> Result<ImportZone, Invalid> {
        let text = setting.unwrap_or_default().trim();
        if text.is_empty() {
            return Ok(ImportZone::Named(Zone::default()));
        }
        if let Some(zone) = Zone::parse(text) {
            return Ok(ImportZone::Named(zone));
        }
        let refusal =
            || Invalid::parameter(NAME, format!("{NAME} must be a zone such as Asia/Shanghai or +08:00"));
        text.parse::<FixedOffset>().map(ImportZone::Fixed).map_err(|_| refusal())
    }

    /// The instant a clock on the wall of that zone showed. Of two, the first; in the hour that a clock skips, the instant
    /// at which it would have been without the skip.
    pub(crate) fn instant(&self, naive: NaiveDateTime) -> Option<Timestamp> {
        match self {
            ImportZone::Named(zone) => zone.instant(naive),
            ImportZone::Fixed(offset) => {
                let utc = naive.checked_sub_offset(*offset)?;
                Some(Timestamp::from_micros(utc.and_utc().timestamp_micros()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(zone: Option<&str>, local: &str) -> String {
        let zone = ImportZone::parse(zone).unwrap();
        Timestamp::parse_with(local, &|naive| zone.instant(naive)).unwrap().to_string()
    }

    #[test]
    fn naive_times_are_utc_unless_a_zone_is_set() {
        assert_eq!(read(None, "2026-01-01T08:00:00"), "2026-01-01T08:00:00.000000Z");
        assert_eq!(read(Some("  "), "2026-01-01T08:00:00"), "2026-01-01T08:00:00.000000Z");
        assert_eq!(read(Some("Asia/Shanghai"), "2026-01-01T08:00:00"), "2026-01-01T00:00:00.000000Z");
        assert_eq!(read(Some("-03:30"), "2026-01-01T08:00:00.25"), "2026-01-01T11:30:00.250000Z");
        assert_eq!(read(Some("Asia/Shanghai"), "2026-01-01T08:00:00Z"), "2026-01-01T08:00:00.000000Z");
    }

    #[test]
    fn hours_that_a_clock_repeats_or_skips_have_an_instant() {
        assert_eq!(read(Some("Europe/Berlin"), "2026-10-25T02:30:00"), "2026-10-25T00:30:00.000000Z");
        assert_eq!(read(Some("Europe/Berlin"), "2026-03-29T02:30:00"), "2026-03-29T01:30:00.000000Z");
    }

    #[test]
    fn a_zone_that_nobody_knows_is_refused() {
        assert!(ImportZone::parse(Some("Middle/Earth")).is_err());
    }
}
