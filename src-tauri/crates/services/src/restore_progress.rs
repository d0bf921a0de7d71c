//! How far a running restore is: written where the work is done, read by whoever asks meanwhile.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;

/// The steps of a restore, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RestorePhase {
    /// None is running.
    #[default]
    Idle,
    /// The file comes in; counted in bytes.
    Receiving,
    /// Its header, schema and integrity are judged.
    Inspecting,
    /// Its rows are copied into a file of ours; counted in rows.
    Staging,
    /// Writes that were accepted before are finished.
    Waiting,
    /// The data as they are become the rollback file; counted in pages.
    Saving,
    /// The new content takes their place; counted in pages.
    Copying,
    /// The result is checked and sessions end.
    Finishing,
}

/// How far a restore is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoreProgress {
    /// What it is doing.
    pub phase: RestorePhase,
    /// Of that phase, what is done.
    pub done: u64,
    /// Of that phase, all there is to do; 0 where it is not known.
    pub total: u64,
}

/// Where the progress stands. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct ProgressBoard(Arc<Mutex<RestoreProgress>>);

impl ProgressBoard {
    pub(crate) fn get(&self) -> RestoreProgress {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, phase: RestorePhase, done: u64, total: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = RestoreProgress { phase, done, total };
    }

    /// Begins `phase`; what is given takes its numbers.
    pub(crate) fn telling(&self, phase: RestorePhase) -> impl FnMut(u64, u64) {
        self.set(phase, 0, 0);
        let board = self.clone();
        move |done, total| board.set(phase, done, total)
    }
}

/// The right to restore. Given back, nothing is under way any more.
pub(crate) struct RestoreTurn {
    board: ProgressBoard,
    /// Released after the board was cleared: the next one's progress is not.
    _permit: OwnedSemaphorePermit,
}

impl RestoreTurn {
    pub(crate) fn new(board: ProgressBoard, permit: OwnedSemaphorePermit) -> RestoreTurn {
        RestoreTurn { board, _permit: permit }
    }
}

impl Drop for RestoreTurn {
    fn drop(&mut self) {
        self.board.set(RestorePhase::Idle, 0, 0);
    }
}
