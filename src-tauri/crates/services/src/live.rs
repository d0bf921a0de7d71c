//! The hub of committed changes: a ring of the latest ones, and listeners that read along at their own pace.
//! A listener holds only its place in the ring, so a slow one costs nothing and is told to start over when the ring
//! has moved past it. Knows no HTTP and no Tauri.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use pilotdeck_storage::{Change, Kind};
use tokio::sync::watch;

use crate::scope::Scope;

/// How many changes can be resumed over.
const RING_ENTRIES: usize = 16_384;
/// How many bytes the ring keeps alive: more than the largest request adds, or a listener that keeps up would still miss it.
const RING_BYTES: usize = 8 * 1024 * 1024;
/// What one entry costs beside its document.
const ENTRY_BYTES: usize = 256;
/// How many entries a listener looks at under one lock.
const TAKE: usize = 64;

/// Where committed changes are published and listened to. Clones are the same hub.
#[derive(Clone)]
pub struct Live {
    hub: Arc<Hub>,
}

struct Hub {
    /// Marks the ids of this process: a change of an earlier start cannot be resumed from.
    epoch: String,
    limit_entries: usize,
    limit_bytes: usize,
    ring: Mutex<Ring>,
    /// Wakes listeners; false once the hub is closed.
    moved: watch::Sender<bool>,
}

/// The latest changes; the first one has the number `first`.
struct Ring {
    first: u64,
    changes: VecDeque<Arc<LiveChange>>,
    bytes: usize,
}

impl Ring {
    fn end(&self) -> u64 {
        self.first + self.changes.len() as u64
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.changes.pop_front() {
            self.bytes -= oldest.weight();
            self.first += 1;
        }
    }
}

/// One committed change with its place in the stream.
#[derive(Debug)]
pub struct LiveChange {
    /// `<epoch>-<number>`: resume after it.
    pub id: String,
    /// What changed.
    pub change: Change,
    encoded: OnceLock<String>,
}

impl LiveChange {
    /// The change as text: the first listener to ask encodes it, the others share that text.
    pub fn encoded(&self, encode: impl FnOnce(&Change) -> String) -> &str {
        self.encoded.get_or_init(|| encode(&self.change))
    }

    /// Counted as if encoded already: most are, and the text is about as long as the document.
    fn weight(&self) -> usize {
        ENTRY_BYTES + 2 * self.change.document.as_ref().map_or(0, |document| document.as_str().len())
    }
}

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum LiveMessage {
    /// A change that passed the filter.
    Change(Arc<LiveChange>),
    /// Changes were missed, or everything was replaced: read anew, then resume after `id`.
    Reset {
        /// The place to resume after.
        id: String,
    },
}

/// Which changes a listener wants; empty = all.
#[derive(Clone, Debug, Default)]
pub struct LiveFilter {
    /// Only what belongs to this project.
    pub project_id: Option<String>,
    /// Only what belongs to this run.
    pub run_id: Option<String>,
    /// Only what is within this reach.
    pub scope: Scope,
}

impl LiveFilter {
    fn wants(&self, change: &Change) -> bool {
        let named = |wanted: &Option<String>, own: Kind, of: &Option<String>| match wanted {
            None => true,
            Some(wanted) => of.as_ref() == Some(wanted) || (change.kind == own && change.id == *wanted),
        };
        self.scope.reaches(change.project_id.as_deref())
            && named(&self.project_id, Kind::Project, &change.project_id)
            && named(&self.run_id, Kind::Run, &change.run_id)
    }
}

impl Default for Live {
    fn default() -> Live {
        Live::new()
    }
}

impl Live {
    /// An empty hub with an epoch of its own.
    pub fn new() -> Live {
        Live::with_limits(RING_ENTRIES, RING_BYTES)
    }

    fn with_limits(limit_entries: usize, limit_bytes: usize) -> Live {
        let hub = Hub {
            epoch: uuid::Uuid::now_v7().simple().to_string(),
            limit_entries,
            limit_bytes,
            // Numbers begin at 1, so that the place "after nothing" has a number too.
            ring: Mutex::new(Ring { first: 1, changes: VecDeque::new(), bytes: 0 }),
            moved: watch::Sender::new(true),
        };
        Live { hub: Arc::new(hub) }
    }

    /// Takes what one commit changed, in order. Called by the writer, so it never waits for a listener.
    pub fn publish(&self, changes: Vec<Change>) {
        let mut ring = self.hub.ring();
        for change in changes {
            let entry = LiveChange { id: self.hub.id(ring.end()), change, encoded: OnceLock::new() };
            ring.bytes += entry.weight();
            ring.changes.push_back(Arc::new(entry));
            while ring.changes.len() > self.hub.limit_entries || ring.bytes > self.hub.limit_bytes {
                ring.drop_oldest();
            }
        }
        drop(ring);
        self.hub.moved.send_modify(|_| {});
    }

    /// Tells every listener to read anew: after a restore nothing they know is certain.
    pub fn reset(&self) {
        let mut ring = self.hub.ring();
        // One number is skipped, so that every place known to anybody now lies before the ring.
        *ring = Ring { first: ring.end() + 1, changes: VecDeque::new(), bytes: 0 };
        drop(ring);
        self.hub.moved.send_modify(|_| {});
    }

    /// Ends every listener, after what it has not heard yet.
    pub fn close(&self) {
        self.hub.moved.send_replace(false);
    }

    /// Listens from now on, or from after `resume`, the id of a message heard earlier. When that place is no longer
    /// known, the first message is a reset.
    pub fn subscribe(&self, filter: LiveFilter, resume: Option<&str>) -> LiveStream {
        let moved = self.hub.moved.subscribe();
        let ring = self.hub.ring();
        let resumed = resume.map(|id| self.hub.place_after(id, &ring));
        let (next, missed) = match resumed {
            Some(Some(place)) => (place, false),
            Some(None) => (ring.end(), true),
            None => (ring.end(), false),
        };
        drop(ring);
        let mut ready = VecDeque::new();
        if missed {
            ready.push_back(LiveMessage::Reset { id: self.hub.id(next - 1) });
        }
        LiveStream { hub: self.hub.clone(), filter, next, ready, moved, ended: false }
    }
}

impl Hub {
    fn ring(&self) -> MutexGuard<'_, Ring> {
        // Nothing in here panics half-way through a change of the ring.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.epoch)
    }

    fn place_after(&self, id: &str, ring: &Ring) -> Option<u64> {
        let number: u64 = id.strip_prefix(self.epoch.as_str())?.strip_prefix('-')?.parse().ok()?;
        let next = number.checked_add(1)?;
        (ring.first..=ring.end()).contains(&next).then_some(next)
    }
}

/// One listener.
pub struct LiveStream {
    hub: Arc<Hub>,
    filter: LiveFilter,
    next: u64,
    ready: VecDeque<LiveMessage>,
    moved: watch::Receiver<bool>,
    ended: bool,
}

impl LiveStream {
    /// The id after which to resume for a listener that has heard nothing yet.
    pub fn position(&self) -> String {
        self.hub.id(self.next - 1)
    }

    /// The next message; none when the hub was closed, or after the reset that tells this listener it was too slow.
    /// Can be dropped and called again without losing a message.
    pub async fn next(&mut self) -> Option<LiveMessage> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            if self.ended {
                return None;
            }
            // Marked as seen before looking, so that what comes while looking wakes the wait below.
            let open = *self.moved.borrow_and_update();
            let moved_on = self.look();
            if moved_on {
                continue;
            }
            if !open || self.moved.changed().await.is_err() {
                self.ended = true;
            }
        }
    }

    /// Takes some of what is new; false when there was nothing.
    fn look(&mut self) -> bool {
        let ring = self.hub.ring();
        if self.next < ring.first {
            self.next = ring.end();
            self.ended = true;
            self.ready.push_back(LiveMessage::Reset { id: self.hub.id(self.next - 1) });
            return true;
        }
        let skip = usize::try_from(self.next - ring.first).unwrap_or(usize::MAX);
        let before = self.next;
        for entry in ring.changes.iter().skip(skip).take(TAKE) {
            self.next += 1;
            if self.filter.wants(&entry.change) {
                self.ready.push_back(LiveMessage::Change(entry.clone()));
            }
        }
        self.next > before
    }
}

#[cfg(test)]
mod tests {
    use pilotdeck_domain::Document;
    use pilotdeck_storage::Op;

    use super::*;

    fn change(id: &str, project_id: Option<&str>, run_id: Option<&str>) -> Change {
        Change {
            kind: Kind::Event,
            op: Op::Created,
            id: id.to_owned(),
            project_id: project_id.map(str::to_owned),
            run_id: run_id.map(str::to_owned),
            document: Document::from_stored(format!(r#"{{"id":"{id}"}}"#)).ok(),
        }
    }

    fn publish_many(live: &Live, range: std::ops::Range<usize>) {
        live.publish(range.map(|number| change(&format!("e{number}"), None, None)).collect());
    }

    async fn heard(stream: &mut LiveStream) -> (String, String) {
        match stream.next().await.expect("the stream goes on") {
            LiveMessage::Change(entry) => (entry.change.id.clone(), entry.id.clone()),
            LiveMessage::Reset { id } => ("reset".to_owned(), id),
        }
    }

    #[tokio::test]
    async fn a_listener_hears_what_is_committed_after_it_came_in_order() {
        let live = Live::new();
        publish_many(&live, 0..3);
        let mut stream = live.subscribe(LiveFilter::default(), None);
        publish_many(&live, 3..200);
        for number in 3..200 {
            assert_eq!(heard(&mut stream).await.0, format!("e{number}"));
        }
    }

    #[tokio::test]
    async fn a_waiting_listener_is_woken() {
        let live = Live::new();
        let mut stream = live.subscribe(LiveFilter::default(), None);
        let waiting = tokio::spawn(async move { heard(&mut stream).await.0 });
        tokio::task::yield_now().await;
        publish_many(&live, 7..8);
        assert_eq!(waiting.await.unwrap(), "e7");
    }

    #[tokio::test]
    async fn a_filter_passes_what_belongs_to_the_project_or_run_and_the_project_itself() {
        let live = Live::new();
        let mut of_project =
            live.subscribe(LiveFilter { project_id: Some("p".into()), ..LiveFilter::default() }, None);
        let mut of_run =
            live.subscribe(LiveFilter { run_id: Some("r".into()), ..LiveFilter::default() }, None);
        let mut project = change("p", None, None);
        project.kind = Kind::Project;
        live.publish(vec![
            change("other", Some("x"), Some("y")),
            change("mine", Some("p"), Some("r")),
            project,
            change("last", Some("p"), Some("r")),
        ]);
        assert_eq!(heard(&mut of_project).await.0, "mine");
        assert_eq!(heard(&mut of_project).await.0, "p");
        assert_eq!(heard(&mut of_project).await.0, "last");
        assert_eq!(heard(&mut of_run).await.0, "mine");
        assert_eq!(heard(&mut of_run).await.0, "last");
    }

    #[tokio::test]
    async fn resuming_after_an_id_misses_nothing_and_repeats_nothing() {
        let live = Live::new();
        let mut first = live.subscribe(LiveFilter::default(), None);
        publish_many(&live, 0..10);
        heard(&mut first).await;
        let (name, id) = heard(&mut first).await;
        assert_eq!(name, "e1");
        drop(first);
        publish_many(&live, 10..12);
        let mut again = live.subscribe(LiveFilter::default(), Some(&id));
        for number in 2..12 {
            assert_eq!(heard(&mut again).await.0, format!("e{number}"));
        }
    }

    #[tokio::test]
    async fn resuming_after_an_unknown_id_begins_with_a_reset_and_goes_on() {
        let live = Live::new();
        publish_many(&live, 0..5);
        for unknown in ["", "nonsense", "other-epoch-3", "0198-1"] {
            let mut stream = live.subscribe(LiveFilter::default(), Some(unknown));
            assert_eq!(heard(&mut stream).await.0, "reset", "{unknown:?}");
            publish_many(&live, 5..6);
            assert_eq!(heard(&mut stream).await.0, "e5");
        }
        let ahead = live.hub.id(999);
        let mut stream = live.subscribe(LiveFilter::default(), Some(&ahead));
        assert_eq!(heard(&mut stream).await.0, "reset", "an id of the future is not ours");
    }

    #[tokio::test]
    async fn a_slow_listener_gets_a_reset_and_then_the_end_while_others_go_on() {
        let live = Live::with_limits(8, RING_BYTES);
        let mut slow = live.subscribe(LiveFilter::default(), None);
        publish_many(&live, 0..9);
        let mut quick = live.subscribe(LiveFilter::default(), None);
        let (name, id) = heard(&mut slow).await;
        assert_eq!(name, "reset");
        assert!(slow.next().await.is_none());
        publish_many(&live, 9..10);
        assert_eq!(heard(&mut quick).await.0, "e9");
        let mut again = live.subscribe(LiveFilter::default(), Some(&id));
        assert_eq!(heard(&mut again).await.0, "e9", "the id of the reset is where to resume");
    }

    #[tokio::test]
    async fn the_ring_is_bounded_in_bytes_as_well() {
        let live = Live::with_limits(1_000_000, 10 * ENTRY_BYTES);
        publish_many(&live, 0..10_000);
        let ring = live.hub.ring();
        assert!(ring.bytes <= 10 * ENTRY_BYTES);
        assert!(ring.changes.len() < 10);
    }

    #[tokio::test]
    async fn after_a_restore_everybody_reads_anew_even_a_listener_that_had_heard_all() {
        let live = Live::new();
        publish_many(&live, 0..1);
        let mut stream = live.subscribe(LiveFilter::default(), None);
        let seen = stream.position();
        live.reset();
        assert_eq!(heard(&mut stream).await.0, "reset");
        assert!(stream.next().await.is_none());
        let mut again = live.subscribe(LiveFilter::default(), Some(&seen));
        assert_eq!(heard(&mut again).await.0, "reset");
    }

    #[tokio::test]
    async fn closing_ends_listeners_after_what_they_have_not_heard() {
        let live = Live::new();
        let mut stream = live.subscribe(LiveFilter::default(), None);
        publish_many(&live, 0..1);
        live.close();
        assert_eq!(heard(&mut stream).await.0, "e0");
        assert!(stream.next().await.is_none());
    }

    #[test]
    fn a_change_is_encoded_once_for_all_listeners() {
        let entry = LiveChange { id: "x".into(), change: change("e", None, None), encoded: OnceLock::new() };
        assert_eq!(entry.encoded(|change| change.id.clone()), "e");
        assert_eq!(entry.encoded(|_| unreachable!()), "e");
    }
}
