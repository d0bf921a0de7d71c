//! The changes that were refused because their record had changed meanwhile, for the projects that need a look. In memory
//! only: they are worth a day's notice, not a row, and a restart forgets them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pilotdeck_domain::overview::Refusal;

use crate::clock::Clock;
use crate::error::Error;

/// How long a refusal is told.
const DAY_SECONDS: i64 = 24 * 3600;
/// Projects remembered at once; more are not worth a look.
const MOST: usize = 1_000;

/// The last refusal of each project. Clones share them.
#[derive(Clone)]
pub(crate) struct Refusals {
    clock: Clock,
    last: Arc<Mutex<HashMap<String, Refusal>>>,
}

impl Refusals {
    pub(crate) fn new(clock: Clock) -> Refusals {
        Refusals { clock, last: Arc::default() }
    }

    /// Remembers `outcome` when it is such a refusal.
    pub(crate) fn note<T>(&self, project_id: &str, agent_id: Option<&str>, outcome: &Result<T, Error>) {
        if !matches!(outcome, Err(Error::Conflict { .. })) {
            return;
        }
        let refusal = Refusal { at: self.clock.now(), agent_id: agent_id.map(str::to_owned) };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= MOST && !last.contains_key(project_id) {
            let oldest = last.iter().min_by_key(|(_, refusal)| refusal.at).map(|(id, _)| id.clone());
            oldest.map(|id| last.remove(&id));
        }
        last.insert(project_id.to_owned(), refusal);
    }

    /// The refusals of the last day.
    pub(crate) fn recent(&self) -> HashMap<String, Refusal> {
        let since = self.clock.now().plus_seconds(-DAY_SECONDS);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|_, refusal| refusal.at >= since);
        last.clone()
    }
}

#[cfg(test)]
mod tests {
    use pilotdeck_domain::{Document, Timestamp};

    use super::*;

    fn refused() -> Result<(), Error> {
        let actual = Timestamp::from_micros(0);
        let current = Document::from_stored("{}".to_owned()).unwrap();
        Err(Error::Conflict { expected: String::new(), actual, current })
    }

    #[test]
    fn only_refusals_for_a_stale_version_are_remembered_and_only_for_a_day() {
        let clock = Clock::settable(Timestamp::parse("2026-02-11T14:30:00Z").unwrap());
        let refusals = Refusals::new(clock.clone());
        refusals.note("a", Some("build"), &refused());
        refusals.note("b", None, &Ok(()));
        refusals.note::<()>("c", None, &Err(Error::Busy));
        assert_eq!(refusals.recent().into_keys().collect::<Vec<_>>(), ["a"]);
        clock.advance(DAY_SECONDS);
        assert_eq!(refusals.recent()["a"].agent_id.as_deref(), Some("build"));
        clock.advance(1);
        assert!(refusals.recent().is_empty());
    }

    #[test]
    fn more_projects_than_anybody_looks_at_push_out_the_oldest() {
        let clock = Clock::settable(Timestamp::parse("2026-02-11T14:30:00Z").unwrap());
        let refusals = Refusals::new(clock.clone());
        for number in 0..=MOST {
            refusals.note(&number.to_string(), None, &refused());
            clock.advance(1);
        }
        let recent = refusals.recent();
        assert_eq!(recent.len(), MOST);
        assert!(!recent.contains_key("0") && recent.contains_key(&MOST.to_string()));
    }
}
