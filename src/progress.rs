//! The progress display on stderr: which phase runs, how far it is, and how long it may take. Counting is two relaxed
//! additions; a separate thread draws, from the first second on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar};

/// Runs shorter than this show nothing.
const DISPLAY_DELAY: Duration = Duration::from_secs(1);
/// Time between two updates.
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);
/// Time from which on a phase has an estimate.
const ESTIMATE_DELAY: Duration = Duration::from_secs(3);
/// Share of a phase, in percent, from which on it has an estimate: the largest objects of a pack come first.
const ESTIMATE_PERCENT: u64 = 10;

/// A display of progress, or none. Clones share one display, which ends with the last of them or by [`Self::end`].
#[derive(Debug, Clone, Default)]
pub struct Progress(Option<Arc<Display>>);

/// A display and the thread that draws it.
#[derive(Debug)]
struct Display {
    counts: Arc<Counts>,
    drawer: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

/// What is counted in the current phase.
#[derive(Debug)]
struct Counts {
    phase: Mutex<Phase>,
    items: AtomicU64,
    bytes: AtomicU64,
}

/// A phase of the work.
#[derive(Debug, Clone, Copy)]
struct Phase {
    /// What is done: `searching`.
    task: &'static str,
    /// What is counted, in the plural: `files`.
    noun: &'static str,
    /// Number of items; 0 if it is unknown.
    total: u64,
    /// Number of items that were done before this phase began.
    first: u64,
    started: Instant,
}

impl Progress {
    /// Starts a display if `shown` is set; otherwise nothing is counted or drawn. The caller checks that stderr is a
    /// terminal.
    #[must_use]
    pub fn start(shown: bool) -> Self {
        if !shown {
            return Self::default();
        }
        let phase = Phase { task: "starting", noun: "", total: 0, first: 0, started: Instant::now() };
        let counts = Counts { phase: Mutex::new(phase), items: AtomicU64::new(0), bytes: AtomicU64::new(0) };
        let counts = Arc::new(counts);
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
        let drawer = Mutex::new(drawer.ok().map(|drawer| (stop, drawer)));
        Self(Some(Arc::new(Display { counts, drawer })))
    }

    /// Begins a phase: `searching` `files`, for example. `total` is the number of items, or 0 if it is unknown; `first`
    /// is the number of those that are done already.
    pub fn phase(&self, task: &'static str, noun: &'static str, first: u64, total: u64) {
        let Some(display) = &self.0 else { return };
        let mut phase = display.counts.phase.lock().unwrap_or_else(PoisonError::into_inner);
        *phase = Phase { task, noun, total, first, started: Instant::now() };
        display.counts.items.store(first, Ordering::Relaxed);
        display.counts.bytes.store(0, Ordering::Relaxed);
    }

    /// Counts items of this phase that are done, and their bytes.
    pub fn add(&self, items: u64, bytes: u64) {
        if let Some(display) = &self.0 {
            display.counts.items.fetch_add(items, Ordering::Relaxed);
            display.counts.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Removes the display from the screen, for output that follows.
    pub fn end(&self) {
        if let Some(display) = &self.0 {
            display.end();
        }
    }
}

impl Display {
    fn end(&self) {
        let running = self.drawer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, drawer)) = running {
            drop(stop);
            // The work does not depend on the drawer, so a panic in it is ignored.
            drawer.join().ok();
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.end();
    }
}

impl Counts {
    fn message(&self) -> String {
        let phase = *self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        let (items, bytes) = (self.items.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
        phase.message(items, bytes, phase.started.elapsed())
    }
}

impl Phase {
    /// Formats the phase: `searching: 1,234 of 5,678 objects (21 %), 56.0 MiB, about 12 seconds left`.
    fn message(&self, items: u64, bytes: u64, elapsed: Duration) -> String {
        let Self { task, noun, total, first, .. } = self;
        if noun.is_empty() {
            return (*task).to_owned();
        }
        // An object that is read twice is counted twice.
        let items = if *total > 0 { items.min(*total) } else { items };
        let mut text = format!("{task}: {}", HumanCount(items));
        if *total > 0 {
            text.push_str(&format!(" of {}", HumanCount(*total)));
        }
        text.push_str(&format!(" {noun}"));
        if *total > 0 {
            text.push_str(&format!(" ({} %)", items.saturating_mul(100) / total));
        }
        if bytes > 0 {
            text.push_str(&format!(", {}", HumanBytes(bytes)));
        }
        let (done, left) = (items.saturating_sub(*first), total.saturating_sub(items));
        let enough = items.saturating_mul(100) >= total.saturating_mul(ESTIMATE_PERCENT);
        if done > 0 && left > 0 && enough && elapsed >= ESTIMATE_DELAY {
            let rest = Duration::from_secs_f64(elapsed.as_secs_f64() / done as f64 * left as f64);
            text.push_str(&format!(", about {} left", HumanDuration(rest)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(total: u64, first: u64) -> Phase {
        Phase { task: "searching", noun: "objects", total, first, started: Instant::now() }
    }

    #[test]
    fn share_and_estimate_need_a_total() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(10));
        assert_eq!(phase(0, 0).message(1234, 2048, long), "searching: 1,234 objects, 2.00 KiB");
        assert_eq!(phase(4000, 0).message(1000, 0, short), "searching: 1,000 of 4,000 objects (25 %)");
        let half = "searching: 2,000 of 4,000 objects (50 %), about 10 seconds left";
        assert_eq!(phase(4000, 0).message(2000, 0, long), half);
        let later = "searching: 2,000 of 4,000 objects (50 %), about 20 seconds left";
        assert_eq!(phase(4000, 1000).message(2000, 0, long), later);
        assert_eq!(phase(4000, 0).message(200, 0, long), "searching: 200 of 4,000 objects (5 %)");
        assert_eq!(phase(10, 0).message(12, 0, long), "searching: 10 of 10 objects (100 %)");
        assert_eq!(phase(10, 0).message(0, 0, long), "searching: 0 of 10 objects (0 %)");
        assert_eq!(Phase { noun: "", ..phase(0, 0) }.message(3, 4, long), "searching");
    }

    #[test]
    fn hidden_display_counts_nothing_and_shown_one_ends() {
        let hidden = Progress::start(false);
        hidden.add(1, 1);
        assert!(hidden.0.is_none());
        let shown = Progress::start(true);
        shown.phase("searching", "files", 0, 4);
        shown.clone().add(2, 1024);
        let display = shown.0.as_ref().unwrap();
        assert_eq!(display.counts.message(), "searching: 2 of 4 files (50 %), 1.00 KiB");
        shown.end();
        assert!(display.drawer.lock().unwrap().is_none());
    }
}
