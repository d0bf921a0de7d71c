//! Where time comes from: the system, or a hand that tests move. The only file that asks the system for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use pilotdeck_domain::Timestamp;

/// The time of day. Clones share one hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock(None)
    }

    /// A clock that stands still until it is moved: for tests and demos.
    pub fn settable(start: Timestamp) -> Clock {
        Clock(Some(Arc::new(AtomicI64::new(start.micros()))))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => system_now(),
            Some(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Puts a settable clock to `time`; the system's clock is left alone.
    pub fn set(&self, time: Timestamp) {
        if let Some(micros) = &self.0 {
            micros.store(time.micros(), Ordering::SeqCst);
        }
    }

    /// Moves a settable clock; the system's clock is left alone.
    pub fn advance(&self, seconds: i64) {
        if let Some(micros) = &self.0 {
            micros.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock everybody else must use")]
fn system_now() -> Timestamp {
    // A system clock before 1970 or past year 200 000 is broken; the epoch is as good as any answer then.
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settable_clock_moves_only_by_hand_and_for_every_clone() {
        let clock = Clock::settable(Timestamp::from_micros(5));
        let clone = clock.clone();
        clone.advance(2);
        assert_eq!(clock.now(), Timestamp::from_micros(2_000_005));
        clock.set(Timestamp::from_micros(1));
        assert_eq!(clone.now(), Timestamp::from_micros(1));
    }

    #[test]
    fn the_system_clock_cannot_be_moved() {
        let clock = Clock::system();
        clock.set(Timestamp::from_micros(1));
        assert!(clock.now() > Timestamp::from_micros(1_600_000_000_000_000));
    }
}
