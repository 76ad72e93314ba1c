//! Limits on the cost of expanding containers: bytes, members, nesting and time, per input and per scan.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, SeekFrom};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::input::{Content, ReadSeek};

/// Limits for expanding containers. Exceeding one is always reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Maximum nesting of containers; 0 expands nothing.
    pub depth: u32,
    /// Maximum bytes that one input (a file, a blob) may expand to, including nested members.
    pub expanded: u64,
    /// Maximum bytes that all inputs together may expand to.
    pub total: u64,
    /// Maximum ratio of expanded to compressed size, applied once 256 MiB were expanded.
    pub ratio: u64,
    /// Maximum number of members of one input, including nested ones.
    pub entries: u64,
    /// Maximum time for one input; `None` by default, because it makes results depend on the machine.
    pub time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 8, expanded: 64 << 30, total: u64::MAX, ratio: 250, entries: 1_000_000, time: None }
    }
}

/// The ratio is not checked below this many expanded bytes: they are scanned in less than a second, and logs of one
/// repeated line compress better than any bomb needs to.
const RATIO_FREE_BYTES: u64 = 256 << 20;
/// Minimum allowance, in bytes, after ending a member for its ratio; below it, the whole input is ended.
const MIN_ALLOWANCE_BYTES: u64 = 1 << 20;
/// Maximum bytes of holes in sparse files returned as zeros, per input.
const MAX_HOLE_BYTES: u64 = 64 << 20;
/// Bytes that a member counts for in addition to its content when deciding when to check the time.
const MEMBER_COST_BYTES: u64 = 4 << 10;
/// Bytes between two checks of the time.
const TIME_CHECK_BYTES: u64 = 1 << 20;

/// The remaining budget of one input.
#[derive(Debug)]
pub struct Budget<'l> {
    limits: &'l Limits,
    total: &'l AtomicU64,
    begun: Instant,
    /// Bytes of the input read so far.
    input: Rc<Cell<u64>>,
    expanded: Cell<u64>,
    entries: Cell<u64>,
    until_tick: Cell<u64>,
    spent: RefCell<Option<String>>,
    bombs: RatioState,
    /// Bytes of holes in sparse files that may still be returned as zeros.
    holes: Cell<u64>,
}

/// State for ending members that expand too much while the rest of the input continues.
#[derive(Debug)]
struct RatioState {
    /// Number of decoders that are open, nested in each other.
    open: Cell<u32>,
    /// Total bytes that may be expanded before the ratio is checked.
    free: Cell<u64>,
    /// Allowance in bytes after the next member is ended. Halved each time, so that all of them together cost at most
    /// twice the first.
    more: Cell<u64>,
    /// Whether the innermost decoder must end.
    due: Cell<bool>,
}

impl<'l> Budget<'l> {
    /// Creates the budget of one input. `total` counts the expanded bytes of all inputs.
    pub fn new(limits: &'l Limits, total: &'l AtomicU64) -> Self {
        Self {
            limits,
            total,
            begun: Instant::now(),
            input: Rc::default(),
            expanded: Cell::new(0),
            entries: Cell::new(0),
            until_tick: Cell::new(TIME_CHECK_BYTES),
            spent: RefCell::default(),
            bombs: RatioState {
                open: Cell::new(0),
                free: Cell::new(RATIO_FREE_BYTES),
                more: Cell::new(RATIO_FREE_BYTES / 2),
                due: Cell::new(false),
            },
            holes: Cell::new(MAX_HOLE_BYTES),
        }
    }

    /// Returns the limits.
    pub fn limits(&self) -> &'l Limits {
        self.limits
    }

    /// Returns why nothing more of this input may be expanded; `None` if it may.
    pub fn spent(&self) -> Option<String> {
        self.spent.borrow().clone()
    }

    /// Counts a member.
    ///
    /// # Errors
    /// Returns an error if a limit is exceeded, by this member or before.
    pub fn entry(&self) -> io::Result<()> {
        self.check_spent()?;
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > self.limits.entries {
            return Err(
                self.overrun(format!("more than {} members; raise --max-entries", self.limits.entries))
            );
        }
        self.tick(MEMBER_COST_BYTES)
    }

    /// Wraps the outermost reader to count the bytes read of the input. `before` bytes were read already.
    pub fn input<R>(&self, reader: R, before: u64) -> CountingReader<R> {
        self.input.set(before);
        CountingReader { inner: reader, count: Rc::clone(&self.input) }
    }

    /// Wraps the input of a decoder to count its bytes, for [`Budget::expanding`].
    pub fn compressed<R>(&self, reader: R) -> CountingReader<R> {
        CountingReader { inner: reader, count: Rc::default() }
    }

    /// Wraps a decoder to count its output against the budget. `from` is the count of its input.
    pub fn expanding<'b, R>(&'b self, decoder: R, from: Rc<Cell<u64>>) -> MeteredReader<'b, 'l, R> {
        self.bombs.open.set(self.bombs.open.get() + 1);
        MeteredReader { inner: decoder, from, made: 0, level: self.bombs.open.get(), budget: self }
    }

    /// Returns whether a hole of `bytes` bytes may be returned as zeros. If not, it must be left out.
    pub(super) fn take_hole(&self, bytes: u64) -> bool {
        let left = self.holes.get().checked_sub(bytes);
        self.holes.set(left.unwrap_or(self.holes.get()));
        left.is_some()
    }

    fn check_spent(&self) -> io::Result<()> {
        match &*self.spent.borrow() {
            Some(reason) => Err(io::Error::other(LimitExceeded(reason.clone()))),
            None => Ok(()),
        }
    }

    fn overrun(&self, reason: String) -> io::Error {
        *self.spent.borrow_mut() = Some(reason.clone());
        io::Error::other(LimitExceeded(reason))
    }

    /// Counts `count` bytes that a decoder returned.
    fn expand(&self, count: u64) -> io::Result<()> {
        let (limits, expanded) = (self.limits, self.expanded.get() + count);
        self.expanded.set(expanded);
        if expanded > limits.expanded {
            return Err(self.overrun(format!(
                "it expands to more than {} bytes; raise --max-expanded",
                limits.expanded
            )));
        }
        if self.total.fetch_add(count, Ordering::Relaxed).saturating_add(count) > limits.total {
            return Err(self.overrun(format!(
                "all archives together expand to more than {} bytes; raise --max-expanded-total",
                limits.total
            )));
        }
        let bombs = &self.bombs;
        if expanded > bombs.free.get() && expanded / limits.ratio.max(1) > self.input.get() {
            if bombs.more.get() < MIN_ALLOWANCE_BYTES {
                return Err(self.overrun(ratio(limits.ratio)));
            }
            bombs.due.set(true);
            bombs.free.set(expanded + bombs.more.get());
            bombs.more.set(bombs.more.get() / 2);
        }
        self.tick(count)
    }

    /// Ends the decoder of nesting `level` if it is the innermost and must end. The outer ones continue with what
    /// follows.
    fn end_innermost(&self, level: u32) -> io::Result<()> {
        if self.bombs.due.get() && level == self.bombs.open.get() {
            self.bombs.due.set(false);
            return Err(io::Error::other(LimitExceeded(ratio(self.limits.ratio))));
        }
        Ok(())
    }

    fn tick(&self, count: u64) -> io::Result<()> {
        let left = self.until_tick.get();
        if left > count {
            self.until_tick.set(left - count);
            return Ok(());
        }
        self.until_tick.set(TIME_CHECK_BYTES);
        match self.limits.time {
            Some(time) if self.begun.elapsed() > time => Err(self
                .overrun(format!("it takes longer than {} s; raise --max-unpack-time", time.as_secs_f64()))),
            _ => Ok(()),
        }
    }
}

fn ratio(limit: u64) -> String {
    format!("it expands to more than {limit} times its size, like a decompression bomb; raise --max-ratio")
}

/// An exceeded limit; the message says which, and how to raise it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LimitExceeded(String);

/// A reader that counts the bytes it returns.
#[derive(Debug)]
pub struct CountingReader<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R> CountingReader<R> {
    /// Returns the count in bytes, which continues to be updated.
    pub fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

impl Content for CountingReader<&mut dyn Content> {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        let mut whole = self.inner.random()?;
        // From now on, all of it may be read.
        let size = whole.seek(SeekFrom::End(0)).and_then(|size| whole.rewind().map(|()| size)).ok()?;
        self.count.set(size);
        Some(whole)
    }

    fn read_from(&self, offset: u64) -> Option<Box<dyn Read + Send + '_>> {
        self.inner.read_from(offset)
    }

    fn beside(&mut self, name: &str) -> Option<Box<dyn Read + '_>> {
        self.inner.beside(name)
    }
}

/// A reader whose bytes count against a budget.
pub struct MeteredReader<'b, 'l, R> {
    inner: R,
    from: Rc<Cell<u64>>,
    made: u64,
    /// Number of decoders that were open when it was created, including itself.
    level: u32,
    budget: &'b Budget<'l>,
}

impl<R> Drop for MeteredReader<'_, '_, R> {
    fn drop(&mut self) {
        self.budget.bombs.open.set(self.budget.bombs.open.get() - 1);
    }
}

impl<R: Read> Read for MeteredReader<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.budget.check_spent()?;
        self.budget.end_innermost(self.level)?;
        let count = self.inner.read(buffer)?;
        self.made += count as u64;
        let limit = self.budget.limits.ratio;
        if self.made > RATIO_FREE_BYTES && self.made / limit.max(1) > self.from.get() {
            // Only this stream ends; the rest of the archive continues.
            return Err(io::Error::other(LimitExceeded(ratio(limit))));
        }
        self.budget.expand(count as u64)?;
        Ok(count)
    }
}
