//! The progress display on stderr. Counting is two relaxed additions per file; a separate thread draws.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar};

/// Scans shorter than this show nothing.
const DISPLAY_DELAY: Duration = Duration::from_secs(1);
/// Time between two updates.
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);

/// Files and bytes read so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    /// Adds one file of `bytes` bytes.
    pub(super) fn add(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn message(&self) -> String {
        let files = HumanCount(self.files.load(Ordering::Relaxed));
        format!("{files} files, {}", HumanBytes(self.bytes.load(Ordering::Relaxed)))
    }
}

/// A running display; dropping it clears it from the screen.
pub(super) struct Progress {
    counts: Arc<Counts>,
    stop: Option<Sender<()>>,
    drawer: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts to count, and to draw once the scan has lasted a second.
    pub(super) fn start() -> Self {
        let counts = Arc::new(Counts::default());
        let (stop, stopped) = mpsc::channel::<()>();
        let shown = Arc::clone(&counts);
        // If no thread can be spawned, nothing is drawn.
        let drawer = thread::Builder::new().spawn(move || {
            if stopped.recv_timeout(DISPLAY_DELAY) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner();
            while stopped.recv_timeout(REDRAW_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                bar.set_message(shown.message());
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Self { counts, stop: Some(stop), drawer: drawer.ok() }
    }

    /// Returns the counters that the scan updates.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(drawer) = self.drawer.take() {
            // The scan does not depend on the drawer, so a panic in it is ignored.
            drawer.join().ok();
        }
    }
}
