//! The periods of the first screen: whole days of the reader's zone.

use chrono::{Days, NaiveDate};

use crate::{Timestamp, Zone};

/// How many days the calendar of activity looks back, today among them: 53 whole weeks.
pub const ACTIVITY_DAYS: u64 = 371;

/// A range of instants, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// A period and the one it is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spans {
    /// The period.
    pub current: Span,
    /// The one before.
    pub before: Span,
}

/// The periods of the first screen, for one moment in one zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewSpans {
    /// See [`super::Overview::today`].
    pub today: Spans,
    /// See [`super::Overview::week`].
    pub week: Spans,
    /// See [`super::Overview::month`].
    pub month: Spans,
    /// The days of the calendar.
    pub activity: Span,
}

impl OverviewSpans {
    /// The periods that end with the day of `now`. They end with the day, not with the moment: what a client dated a little
    /// ahead is of today too.
    #[must_use]
    pub fn at(now: Timestamp, zone: Zone) -> Self {
        let today = zone.day(now);
        let start = |days_ago: u64| zone.start_of(earlier(today, days_ago));
        let tomorrow = zone.end_of(today).next();
        let last = |days: u64| Spans {
            current: Span { from: start(days - 1), to: tomorrow },
            before: Span { from: start(2 * days - 1), to: start(days - 1) },
        };
        let yesterday = earlier(today, 1).and_time(zone.local(now).time());
        let same_time = zone.instant(yesterday).unwrap_or(now).clamp(start(1), start(0));
        Self {
            today: Spans { before: Span { from: start(1), to: same_time }, ..last(1) },
            week: last(7),
            month: last(30),
            activity: Span { from: start(ACTIVITY_DAYS - 1), to: tomorrow },
        }
    }
}

fn earlier(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn span(span: Span) -> [String; 2] {
        [span.from, span.to].map(|time| time.to_string().replace(":00.000000Z", ""))
    }

    #[test]
    fn periods_are_whole_days_of_the_zone_and_yesterday_ends_at_the_same_time() {
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let spans = OverviewSpans::at(time("2026-02-11T14:30:00Z"), zone);
        assert_eq!(span(spans.today.current), ["2026-02-10T16:00", "2026-02-11T16:00"]);
        assert_eq!(span(spans.today.before), ["2026-02-09T16:00", "2026-02-10T14:30"]);
        assert_eq!(span(spans.week.current), ["2026-02-04T16:00", "2026-02-11T16:00"]);
        assert_eq!(span(spans.week.before), ["2026-01-28T16:00", "2026-02-04T16:00"]);
        assert_eq!(span(spans.month.current), ["2026-01-12T16:00", "2026-02-11T16:00"]);
        assert_eq!(span(spans.month.before), ["2025-12-13T16:00", "2026-01-12T16:00"]);
        assert_eq!(span(spans.activity), ["2025-02-05T16:00", "2026-02-11T16:00"]);
    }

    #[test]
    fn a_change_of_the_clocks_moves_the_days_with_the_wall() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        // The day after the spring change: yesterday had 23 hours, and its 14:30 was at another offset than midnight.
        let spans = OverviewSpans::at(time("2026-03-30T12:30:00Z"), zone);
        assert_eq!(span(spans.today.current), ["2026-03-29T22:00", "2026-03-30T22:00"]);
        assert_eq!(span(spans.today.before), ["2026-03-28T23:00", "2026-03-29T12:30"]);
        // At 02:30 of that day, yesterday's 02:30 was skipped.
        let spans = OverviewSpans::at(time("2026-03-30T00:30:00Z"), zone);
        assert_eq!(span(spans.today.before), ["2026-03-28T23:00", "2026-03-29T01:30"]);
        // A week over the autumn change has 169 hours.
        let week = OverviewSpans::at(time("2026-10-28T12:00:00Z"), zone).week.current;
        assert_eq!((week.to.micros() - week.from.micros()) / 3_600_000_000, 169);
    }

    #[test]
    fn yesterday_until_now_never_reaches_into_today() {
        // Yesterday lasts 23 hours and skipped midnight to one o'clock; now it is half past midnight.
        let zone = Zone::parse("Africa/Cairo").unwrap();
        let spans = OverviewSpans::at(time("2026-04-24T21:30:00Z"), zone);
        assert!(spans.today.before.from <= spans.today.before.to);
        assert!(spans.today.before.to <= spans.today.current.from);
        let edge = OverviewSpans::at(Timestamp::from_micros(i64::MIN), Zone::default());
        assert!(edge.activity.from <= edge.activity.to);
    }
}
