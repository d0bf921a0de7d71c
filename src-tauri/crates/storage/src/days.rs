//! Sums by the days of a zone. The roll-ups are hourly in UTC: an hour that lies on two days of the zone is read from the
//! records.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pilotdeck_domain::stats::{DayTokens, TokenSeriesRow};
use pilotdeck_domain::{Timestamp, TokenStatsFilter, Zone};
use rusqlite::Connection;

use crate::Result;
use crate::rollups::UsageSum;
use crate::token_stats::{HOUR_SECONDS, Keys, add_to, before, shown, walk_records};

/// When a sum was used: in a whole hour, or at the time of one record.
#[derive(Clone, Copy)]
pub(crate) enum When {
    Hour(Timestamp),
    At(Timestamp),
}

/// Tells the days of a zone. Where its days do not begin on the hour of UTC, some hours lie on two of them.
pub(crate) struct DayOf {
    zone: Zone,
    /// The day of the last time asked, with its ends: rows come in their order or close to it.
    last: Option<(NaiveDate, Timestamp, Timestamp)>,
}

impl DayOf {
    pub(crate) fn new(zone: Zone) -> Self {
        Self { zone, last: None }
    }

    /// The day of a time; none for an hour on two days.
    pub(crate) fn find(&mut self, when: When) -> Option<NaiveDate> {
        let (When::At(first) | When::Hour(first)) = when;
        let (day, _, end) = match self.last {
            Some(known @ (_, begin, end)) if begin <= first && first <= end => known,
            _ => {
                let day = self.zone.day(first);
                *self.last.insert((day, self.zone.start_of(day), self.zone.end_of(day)))
            }
        };
        match when {
            When::At(_) => Some(day),
            When::Hour(hour) => (last_of(hour) <= end).then_some(day),
        }
    }
}

/// The last microsecond of the hour that begins then.
fn last_of(hour: Timestamp) -> Timestamp {
    before(hour.plus_seconds(HOUR_SECONDS))
}

/// Sums by day and a further key, and the hours on two days, which only the records can tell apart.
pub(crate) struct Days {
    day_of: DayOf,
    sums: BTreeMap<NaiveDate, BTreeMap<String, UsageSum>>,
    split: BTreeSet<Timestamp>,
}

/// The further key of sums by day alone.
pub(crate) const NO_KEY: &str = "";

impl Days {
    pub(crate) fn new(zone: Zone) -> Self {
        Self { day_of: DayOf::new(zone), sums: BTreeMap::new(), split: BTreeSet::new() }
    }

    pub(crate) fn add(&mut self, when: When, key: &str, sum: &UsageSum) {
        let Some(day) = self.day_of.find(when) else {
            let (When::Hour(hour) | When::At(hour)) = when;
            self.split.insert(hour);
            return;
        };
        add_to(self.sums.entry(day).or_default(), key, sum);
    }

    /// Whether nothing is left to be read from the records.
    pub(crate) fn is_whole(&self) -> bool {
        self.split.is_empty()
    }

    /// Reads the records of the hours on two days.
    pub(crate) fn read_split(
        &mut self,
        conn: &Connection,
        filter: &TokenStatsFilter,
        key: impl for<'k> Fn(&'k Keys<'_>) -> &'k str,
    ) -> Result<()> {
        for hour in std::mem::take(&mut self.split) {
            walk_records(conn, filter, Some(hour), Some(last_of(hour)), &mut |keys, sum| {
                self.add(keys.when, key(keys), sum);
            })?;
        }
        Ok(())
    }

    /// The sums by day and key, in this order.
    pub(crate) fn series(self) -> Vec<TokenSeriesRow> {
        let days = self.sums.into_iter().map(|(day, keys)| (day.to_string(), keys));
        days.flat_map(|(day, keys)| {
            let rows = keys.into_iter();
            rows.map(move |(key, sum)| TokenSeriesRow { day: day.clone(), key, sums: shown(&sum) })
        })
        .collect()
    }

    /// The sums by day.
    pub(crate) fn rows(self) -> Vec<DayTokens> {
        self.series().into_iter().map(|row| DayTokens { day: row.day, sums: row.sums }).collect()
    }
}
