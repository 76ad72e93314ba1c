//! Collects objects that could not be read, so that a completely damaged pack does not print a million lines.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::error::ObjectError;
use super::id::ObjectId;
use super::task::Task;

/// Maximum number of objects reported by name.
const MAX_REPORTED: usize = 20;

/// The errors of one pack, or of the loose objects.
#[derive(Debug, Default)]
pub(super) struct ErrorSummary(Mutex<Vec<(ObjectId, ObjectError)>>);

impl ErrorSummary {
    /// Records an error.
    pub(super) fn add(&self, id: ObjectId, error: ObjectError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((id, error));
    }

    /// Runs `work` on one object. A panic is recorded as an error of the object that `id` returns, and `None` is
    /// returned.
    pub(super) fn guard<R>(
        &self,
        id: impl FnOnce() -> Option<ObjectId>,
        work: impl FnOnce() -> R,
    ) -> Option<R> {
        let done = catch_unwind(AssertUnwindSafe(work)).ok();
        if done.is_none()
            && let Some(id) = id()
        {
            self.add(id, ObjectError::Defect);
        }
        done
    }

    /// Reports the first errors by object id, in a deterministic order, and how many more there are in `place`.
    pub(super) fn report(self, place: &str, task: &dyn Task) {
        let mut lost = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        lost.sort_unstable_by_key(|(id, _)| *id);
        for (id, error) in lost.iter().take(MAX_REPORTED) {
            task.skipped(Some(*id), error.to_string());
        }
        let more = lost.len().saturating_sub(MAX_REPORTED);
        if more > 0 {
            task.skipped(
                None,
                format!("{place}: {more} more objects could not be read; `git fsck` lists them"),
            );
        }
    }
}
