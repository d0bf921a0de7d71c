//! What is kept in memory beside the roll-ups that it mirrors: the sums over all usage records, and usage and events by the
//! hour. The screens ask for them all the time.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use pilotdeck_domain::overview::Span;
use pilotdeck_domain::stats::TokenStats;
use pilotdeck_domain::{Timestamp, TokenStatsFilter, Zone};
use rusqlite::Connection;

use crate::Result;
use crate::days::{Days, NO_KEY, When};
use crate::overview::{EventSum, Hourly};
use crate::rollups::{self, Merged, UsageSum};
use crate::token_stats::{Keys, Sums, walk_roll_up};

#[derive(Default)]
struct Totals {
    sums: Sums,
    usage: BTreeMap<Timestamp, UsageSum>,
    events: BTreeMap<Timestamp, EventSum>,
}

impl Totals {
    fn add_usage(&mut self, keys: &Keys<'_>, sum: &UsageSum) {
        self.sums.add(keys, sum);
        if let When::Hour(hour) = keys.when {
            self.usage.entry(hour).or_default().add(sum);
        }
    }
}

/// Sums over all records, with days that may still miss the records of some hours.
pub(crate) struct Unfinished {
    stats: TokenStats,
    days: Days,
}

impl Unfinished {
    /// Whether the records are needed: where the days of the zone do not begin on the hour of UTC.
    pub(crate) fn is_whole(&self) -> bool {
        self.days.is_whole()
    }

    pub(crate) fn finish_whole(self) -> TokenStats {
        TokenStats { by_day: self.days.rows(), ..self.stats }
    }

    pub(crate) fn finish(mut self, conn: &Connection) -> Result<TokenStats> {
        self.days.read_split(conn, &TokenStatsFilter::default(), |_| NO_KEY)?;
        Ok(self.finish_whole())
    }
}

/// The totals of one database. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct SharedTotals(Arc<RwLock<Totals>>);

impl SharedTotals {
    pub(crate) fn reload(&self, conn: &Connection) -> Result<()> {
        let mut totals = Totals::default();
        walk_roll_up(conn, "SELECT * FROM usage_hourly", &[], &mut |keys, sum| totals.add_usage(keys, sum))?;
        let mut statement = conn.prepare_cached(
            "SELECT hour, sum(events), total(events) FILTER (WHERE level = 'error') FROM events_hourly GROUP BY hour",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let hour = rollups::parse_hour(&row.get::<_, String>(0)?)?;
            let errors = row.get::<_, f64>(2)? as u64;
            totals.events.insert(hour, EventSum { events: row.get::<_, i64>(1)?.unsigned_abs(), errors });
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = totals;
        Ok(())
    }

    pub(crate) fn add(&self, merged: &Merged) {
        if merged.usage.is_empty() && merged.events.is_empty() {
            return;
        }
        let mut totals = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // The hours were written by `rollups::hour` a moment ago: all of them can be read.
        for (key, sum) in &merged.usage {
            if let Ok(hour) = rollups::parse_hour(&key.hour) {
                totals.add_usage(&Keys::of(key, hour), sum);
            }
        }
        for (key, count) in &merged.events {
            let events = count.unsigned_abs();
            let errors = if key.level == "error" { events } else { 0 };
            if let Ok(hour) = rollups::parse_hour(&key.hour) {
                totals.events.entry(hour).or_default().add(EventSum { events, errors });
            }
        }
    }

    pub(crate) fn stats(&self, zone: Zone) -> Unfinished {
        let totals = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut days = Days::new(zone);
        for (hour, sum) in &totals.usage {
            days.add(When::Hour(*hour), NO_KEY, sum);
        }
        Unfinished { stats: totals.sums.to_stats(), days }
    }

    /// The hours that touch `span`.
    pub(crate) fn hourly(&self, span: Span) -> Hourly {
        let totals = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let range = span.from.hour()..span.to.max(span.from.hour());
        Hourly {
            events: totals.events.range(range.clone()).map(|(hour, sum)| (*hour, *sum)).collect(),
            usage: totals.usage.range(range).map(|(hour, sum)| (*hour, *sum)).collect(),
        }
    }
}
