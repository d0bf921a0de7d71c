//! Stamps: the times that PilotDeck itself gives (`updatedAt`, an event's `ts`). Each is later than every one before it
//! in this file, even when the clock stands still or goes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use pilotdeck_domain::Timestamp;

/// Reads the clock; injected, so that tests can set it.
pub type ReadClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The source of stamps of one database.
#[derive(Clone)]
pub(crate) struct Stamps {
    clock: ReadClock,
    last: Arc<AtomicI64>,
}

impl Stamps {
    pub(crate) fn new(clock: ReadClock) -> Self {
        Self { clock, last: Arc::new(AtomicI64::new(0)) }
    }

    /// The next stamp: now, or a microsecond after the last one.
    pub(crate) fn next(&self) -> Timestamp {
        let now = (self.clock)().micros();
        // Only the writer thread takes stamps, and `raise` only ever raises: the update cannot lose one.
        let before = self
            .last
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(now.max(last + 1)))
            .unwrap_or_else(|last| last);
        Timestamp::from_micros(now.max(before + 1))
    }

    pub(crate) fn raise(&self, at_least: Timestamp) {
        self.last.fetch_max(at_least.micros(), Ordering::AcqRel);
    }

    /// The latest time in the file that can be the start of the stamps. One odd record that an older server dated years ahead
    /// must not carry every later event there; `stamp_after` keeps that record's own times growing.
    pub(crate) fn latest_plausible(&self) -> Timestamp {
        const A_DAY: i64 = 24 * 3600;
        (self.clock)().plus_seconds(A_DAY)
    }

    pub(crate) fn last(&self) -> Timestamp {
        Timestamp::from_micros(self.last.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_stamps_of_one_frozen_instant_are_distinct_and_grow_as_text() {
        let frozen = Timestamp::from_micros(1_770_000_000_000_000);
        let stamps = Stamps::new(Arc::new(move || frozen));
        let texts: Vec<String> = (0..10_000).map(|_| stamps.next().to_string()).collect();
        assert!(texts.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_clock_that_goes_back_does_not_take_the_stamps_with_it() {
        let now = Arc::new(AtomicI64::new(1_770_000_000_000_000));
        let clock = Arc::clone(&now);
        let stamps = Stamps::new(Arc::new(move || Timestamp::from_micros(clock.load(Ordering::Relaxed))));
        let before = stamps.next();
        now.store(1_400_000_000_000_000, Ordering::Relaxed);
        assert!(stamps.next() > before);
    }
}
