//! The injected faults, parsed from the environment. Only compiled in builds for tests.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use globset::{Glob, GlobMatcher};
use telleaks_platform::{Handle, faults};

/// The environment variable that configures the faults.
const VARIABLE: &str = "TELLEAKS_FAULTS";
/// Number of bytes by which a file grows.
const GROWTH_BYTES: usize = 1 << 20;

/// A fault for the files at some paths.
struct FaultRule {
    what: Fault,
    paths: GlobMatcher,
}

enum Fault {
    Open(fn() -> io::Error),
    Read { beyond: u64 },
    Shrink,
    Grow,
}

/// All configured faults.
#[derive(Default)]
pub(super) struct Plan {
    orders: Vec<FaultRule>,
    short: Option<u64>,
    interrupted: Option<u64>,
    panic: Option<String>,
    /// Number of reads so far, which makes successive random numbers differ.
    reads: AtomicU64,
    /// Bytes read from inputs without a position.
    piped: AtomicU64,
    /// Files that were shrunk or grown already.
    changed: Mutex<HashSet<PathBuf>>,
}

impl Plan {
    /// Returns the plan of this process.
    pub(super) fn get() -> &'static Self {
        static PLAN: OnceLock<Plan> = OnceLock::new();
        PLAN.get_or_init(|| Self::parse(&std::env::var(VARIABLE).unwrap_or_default()))
    }

    /// Parses the configuration. Panics on a syntax error, so that a test cannot pass because of a typo.
    fn parse(text: &str) -> Self {
        let mut plan = Self::default();
        for word in text.split(',').filter(|word| !word.is_empty()) {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let number = value.parse().ok();
            match name {
                "short" if number.is_some() => plan.short = number,
                "interrupted" if number.is_some() => plan.interrupted = number,
                "panic" if !value.is_empty() => plan.panic = Some(value.to_owned()),
                _ => plan.orders.push(order(name, value)),
            }
        }
        plan
    }

    /// Returns the injected error of opening a file.
    pub(super) fn open(&self, fd: &impl Handle) -> io::Result<()> {
        if self.orders.is_empty() { Ok(()) } else { self.open_path(&faults::path_of(fd)) }
    }

    /// Like [`Self::open`], but by path.
    pub(super) fn open_path(&self, path: &Path) -> io::Result<()> {
        let error = self.orders(path).find_map(|what| match what {
            Fault::Open(error) => Some(*error),
            _ => None,
        });
        error.map_or(Ok(()), |error| Err(error()))
    }

    /// Returns the part of `buffer` to read now, at offset `at` or at the file's current position, or an injected
    /// error.
    pub(super) fn part<'b>(
        &self,
        fd: &impl Handle,
        buffer: &'b mut [u8],
        at: Option<u64>,
    ) -> io::Result<&'b mut [u8]> {
        let mut most = buffer.len();
        let path = if self.orders.is_empty() { PathBuf::new() } else { faults::path_of(fd) };
        for what in self.orders(&path) {
            match what {
                Fault::Shrink | Fault::Grow => self.change(&path, what)?,
                Fault::Read { beyond } => {
                    let here = at.or_else(|| faults::position(fd));
                    let here = here.unwrap_or_else(|| self.piped.load(Ordering::Relaxed));
                    let left = usize::try_from(beyond.saturating_sub(here)).unwrap_or(usize::MAX);
                    most = most.min(left);
                    if most == 0 {
                        return Err(faults::unreadable());
                    }
                }
                Fault::Open(_) => {}
            }
        }
        if self.interrupted.is_some_and(|seed| self.random(seed).is_multiple_of(3)) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if let Some(seed) = self.short {
            most = (most >> (self.random(seed) % 16)).max(most.min(1));
        }
        Ok(buffer.get_mut(..most).unwrap_or_default())
    }

    /// Panics if that is configured for this content. The message contains all of it, as a careless panic would.
    pub(super) fn panic_at(&self, content: &[u8]) {
        if let Some(text) = &self.panic
            && memchr::memmem::find(content, text.as_bytes()).is_some()
        {
            panic!("{}", String::from_utf8_lossy(content));
        }
    }

    fn orders<'p>(&'p self, path: &'p Path) -> impl Iterator<Item = &'p Fault> {
        self.orders.iter().filter(move |order| order.paths.is_match(path)).map(|order| &order.what)
    }

    /// Shrinks or grows a file, once.
    fn change(&self, path: &Path, what: &Fault) -> io::Result<()> {
        if !self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned()) {
            return Ok(());
        }
        let mut file = OpenOptions::new().append(true).open(path)?;
        if matches!(what, Fault::Grow) {
            return file.write_all(&vec![b'+'; GROWTH_BYTES]);
        }
        file.set_len(file.metadata()?.len() / 2)
    }

    /// SplitMix64 of the seed and the number of the read.
    fn random(&self, seed: u64) -> u64 {
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        let mut mixed =
            (seed ^ number.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
}

fn order(name: &str, value: &str) -> FaultRule {
    let (glob, beyond) = match value.rsplit_once('@') {
        Some((glob, bytes)) if name == "read-error" => (glob, bytes.parse().ok()),
        _ => (value, Some(0)),
    };
    let what = match (name, beyond) {
        ("open-error", _) => Fault::Open(faults::too_many_files),
        ("vanish", _) => Fault::Open(faults::missing),
        ("read-error", Some(beyond)) => Fault::Read { beyond },
        ("shrink", _) => Fault::Shrink,
        ("grow", _) => Fault::Grow,
        _ => panic!("{VARIABLE}: {name}={value} is not a valid fault"),
    };
    let Ok(glob) = Glob::new(glob) else { panic!("{VARIABLE}: {glob} is not a valid glob") };
    FaultRule { what, paths: glob.compile_matcher() }
}

/// A reader with injected faults.
pub(super) struct Faulty<R>(pub(super) R);

impl<R: Read + Handle> Read for Faulty<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let plan = Plan::get();
        let part = plan.part(&self.0, buffer, None)?;
        let count = self.0.read(part)?;
        if faults::position(&self.0).is_none() {
            plan.piped.fetch_add(count as u64, Ordering::Relaxed);
        }
        Ok(count)
    }
}
