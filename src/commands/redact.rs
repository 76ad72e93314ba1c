//! `telleaks redact`: a filter that copies its input with credentials masked.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use telleaks_platform::{WaitingReader, enlarge, stdin_file};

use super::cleaning::{Cleaning, Target, ensure_apart, print};
use super::pipeline::choose;
use super::{Console, Exit, is_closed_pipe};
use crate::clean::{Mode, database_of};
use crate::cli::RedactArgs;
use crate::detect::Detector;
use crate::fault_injection;
use crate::input::undisturbed;
use crate::redact::{self, Moment, Redactor};
use crate::rules::RuleSet;
use crate::unpack::Limits;

/// Without new input for this long, an unterminated line is written.
const LINE_TIMEOUT: Duration = Duration::from_millis(100);
/// Maximum time for which anything is held back while no input arrives, including a possible start of a credential.
const MAX_HOLD_TIME: Duration = Duration::from_secs(1);
/// Requested pipe capacity in bytes, so that large chunks can be read at once.
const PIPE_BYTES: usize = 1 << 20;

/// Why copying ended.
enum Ending {
    Complete,
    /// The reader of the output closed it.
    OutputClosed,
    /// Reading the input failed.
    InputFailed(io::Error),
}

pub(super) fn run(args: &RedactArgs, console: &mut Console<'_>) -> Result<Exit> {
    let set = choose(&args.rules, None)?;
    if args.in_place {
        return in_place(args, &set, console);
    }
    let [file] = args.inputs.as_slice() else {
        bail!("one file is copied at a time; with --in-place, each named file is changed");
    };
    let detector = Detector::new(redact::rules(set), false).context("the rules have too many anchors")?;
    let input = open(file)?;
    enlarge(&input, PIPE_BYTES);
    let mut redactor = Redactor::new(&detector);
    let ended = copy(input, &mut redactor, console.out)?;
    if let Ending::InputFailed(error) = &ended {
        console.warn(&format!("{}: reading ended early: {error}", file.display()));
        return Ok(Exit::Incomplete);
    }
    Ok(if args.fail && redactor.masked() > 0 { Exit::Match } else { Exit::Clean })
}

/// Masks the named files in place.
fn in_place(args: &RedactArgs, set: &RuleSet, console: &mut Console<'_>) -> Result<Exit> {
    for file in &args.inputs {
        let shown = file.display();
        ensure!(file != Path::new("-"), "--in-place changes files: name at least one");
        let metadata = std::fs::symlink_metadata(file).with_context(|| format!("cannot open {shown}"))?;
        ensure!(!metadata.is_symlink(), "{shown} is a link, which is not followed: name the file itself");
        ensure!(metadata.is_file(), "{shown} is not a file; telleaks machine finds files");
    }
    let target = |path: &std::path::PathBuf| {
        let shown = path.to_string_lossy().into_owned();
        Target { path: path.clone(), shown, place: None, steps: None }
    };
    // A log is masked with its database.
    let with_database = |path: &&std::path::PathBuf| {
        database_of(path).is_some_and(|database| args.inputs.contains(&database))
    };
    let targets: Vec<Target> = args.inputs.iter().filter(|path| !with_database(path)).map(target).collect();
    ensure_apart(args.manifest.as_deref(), &targets)?;
    let mode = if args.dry_run { Mode::DryRun } else { Mode::Write };
    let manifest = Cleaning { set, limits: Limits::default(), mode }.run(&targets)?;
    print(&manifest, mode, args.format, args.manifest.as_deref(), console)?;
    let left = manifest.changed.iter().any(|one| one.left > 0);
    Ok(match (left || !manifest.not_changed.is_empty(), args.fail && !manifest.changed.is_empty()) {
        (_, true) => Exit::Match,
        (true, false) => Exit::Incomplete,
        (false, false) => Exit::Clean,
    })
}

/// Opens the input, unbuffered.
fn open(path: &Path) -> Result<File> {
    if path == Path::new("-") {
        return stdin_file().context("standard input is closed");
    }
    fault_injection::open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn copy(input: File, redactor: &mut Redactor<'_>, out: &mut dyn Write) -> Result<Ending> {
    let mut arrivals = Arrivals::default();
    let mut input = WaitingReader::new(input, read);
    loop {
        // Read the available input before flushing uncertain bytes: a key that a read has split continues there.
        let moment = match arrivals.oldest(redactor.held()) {
            Some(since) if !input.is_ready(wait_time(since.elapsed(), redactor.doubts())) => Moment::Quiet,
            _ => match input.read(redactor.room()) {
                Ok(0) => Moment::End,
                Ok(count) => {
                    redactor.arrived(count);
                    arrivals.add(count as u64);
                    Moment::More
                }
                Err(error) => {
                    // Write the input that arrived before the error first.
                    return finish(redactor, out).map(|ended| ended.unwrap_or(Ending::InputFailed(error)));
                }
            },
        };
        if moment == Moment::End {
            return finish(redactor, out).map(|ended| ended.unwrap_or(Ending::Complete));
        }
        if let Some(ended) = after_write(redactor.send(moment, out).and_then(|()| out.flush()))? {
            return Ok(ended);
        }
    }
}

/// Returns how long to wait for more input while bytes of this age are held. A possible start of a credential is held
/// for the full time.
fn wait_time(age: Duration, doubts: bool) -> Duration {
    let left = MAX_HOLD_TIME.saturating_sub(age);
    if doubts { left } else { left.min(LINE_TIMEOUT) }
}

/// Arrival times of the bytes that are still held.
#[derive(Default)]
struct Arrivals {
    /// Total number of bytes that had arrived by each time.
    times: VecDeque<(u64, Instant)>,
    count: u64,
}

impl Arrivals {
    fn add(&mut self, count: u64) {
        self.count += count;
        self.times.push_back((self.count, Instant::now()));
    }

    /// Returns when the oldest of the last `held` bytes arrived.
    fn oldest(&mut self, held: u64) -> Option<Instant> {
        let sent = self.count - held;
        while self.times.front().is_some_and(|(end, _)| *end <= sent) {
            self.times.pop_front();
        }
        self.times.front().map(|(_, time)| *time)
    }
}

fn read(input: &File, room: &mut [u8]) -> io::Result<usize> {
    let count = undisturbed(|| fault_injection::read(input, room))?;
    fault_injection::work(&room[..count]);
    Ok(count)
}

fn finish(redactor: &mut Redactor<'_>, out: &mut dyn Write) -> Result<Option<Ending>> {
    after_write(redactor.send(Moment::End, out).and_then(|()| out.flush()))
}

/// Maps the result of a write: `None` if copying can continue.
fn after_write(outcome: io::Result<()>) -> Result<Option<Ending>> {
    match outcome {
        Ok(()) => Ok(None),
        Err(error) if is_closed_pipe(&error) => Ok(Some(Ending::OutputClosed)),
        Err(error) => Err(error).context("cannot write to standard output"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_held_byte_determines_time() {
        let mut arrivals = Arrivals::default();
        assert!(arrivals.oldest(0).is_none());
        let times = [10, 20, 5].map(|count| {
            arrivals.add(count);
            arrivals.times.back().unwrap().1
        });
        for (held, oldest) in [(35, 0), (26, 0), (25, 1), (6, 1), (5, 2), (1, 2)] {
            assert_eq!(arrivals.oldest(held), Some(times[oldest]), "{held}");
        }
        assert!(arrivals.oldest(0).is_none() && arrivals.times.is_empty());
    }

    #[test]
    fn wait_ends_with_patience_for_oldest_byte() {
        let wait = |doubts| move |age| wait_time(Duration::from_millis(age), doubts).as_millis();
        assert_eq!([0, 500, 950, 1000, 5000].map(wait(false)), [100, 100, 50, 0, 0]);
        assert_eq!([0, 500, 950, 1000, 5000].map(wait(true)), [1000, 500, 50, 0, 0]);
    }
}
