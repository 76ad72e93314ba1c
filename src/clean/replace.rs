//! Replaces a file atomically by its masked content and keeps what else belongs to it.

use std::fs::{File, FileTimes, Metadata};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use telleaks_platform::{FileId, keep_attributes, open_beside};

use crate::atomic_file::AtomicFile;

/// What identifies the state in which a file was read, and the times that it keeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    id: FileId,
    length: u64,
    modified: Option<SystemTime>,
    times: (Option<SystemTime>, Option<SystemTime>),
}

impl State {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok();
        let times = (metadata.accessed().ok(), modified);
        Self { id: FileId::of(metadata), length: metadata.len(), modified, times }
    }

    /// Takes the times that the file gets from an earlier state.
    pub(super) fn keep_times_of(&mut self, earlier: &Self) {
        self.times = earlier.times;
    }

    fn is_state_of(&self, metadata: &Metadata) -> bool {
        let now = Self::of(metadata);
        (now.id, now.length, now.modified) == (self.id, self.length, self.modified)
    }
}

/// Replaces the file at `path`, which was read from `old` in `state`, by `bytes`. Readers see the old or the new content;
/// after an error, or when the process is killed, the old one stays.
///
/// # Errors
/// Returns the I/O error; also if the file changed since it was read.
pub(super) fn replace(path: &Path, old: &File, state: &State, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = AtomicFile::new_in(folder)?;
    draft.file().write_all(bytes)?;
    keep_attributes(old, draft.file())?;
    let mut times = FileTimes::new();
    if let Some(accessed) = state.times.0 {
        times = times.set_accessed(accessed);
    }
    if let Some(modified) = state.times.1 {
        times = times.set_modified(modified);
    }
    draft.file().set_times(times)?;
    if !state.is_state_of(&open_beside(path)?.metadata()?) {
        return Err(io::Error::other("it changed while it was being masked; run the command again"));
    }
    draft.finish(path)
}
