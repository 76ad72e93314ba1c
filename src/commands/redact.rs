//! `telleaks redact`: a filter that masks credentials in what goes through it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::shared::choose;
use super::{Console, Exit, is_closed_pipe};
use crate::cli::RedactArgs;
use crate::content::undisturbed;
use crate::detect::Detector;
use crate::faults;
use crate::redact::{self, Moment, Redactor};

/// How long nothing has to come before a line that has not ended leaves.
const QUIET: Duration = Duration::from_millis(100);
/// How long anything is held back while nothing is there to be read: what may be the beginning of a credential.
const LONGEST: Duration = Duration::from_secs(1);
/// Bytes that a pipe should hold, so that much can be read at once.
const PIPE: usize = 1 << 20;

/// What ended the copying.
enum Ended {
    Well,
    /// Nobody reads any more.
    Unread,
    /// The input failed.
    Cut(io::Error),
}

pub(super) fn run(args: &RedactArgs, console: &mut Console<'_>) -> Result<Exit> {
    let set = choose(&args.rules)?;
    let detector = Detector::new(redact::rules(set), false).context("the rules have too many anchors")?;
    let input = open(&args.file)?;
    // What is no pipe, or may not grow, stays as it is.
    let _as_it_is = rustix::pipe::fcntl_setpipe_size(&input, PIPE);
    let mut redactor = Redactor::new(&detector);
    let ended = copy(input, &mut redactor, console.out)?;
    if let Ended::Cut(error) = &ended {
        console.warn(&format!("{}: reading ended early: {error}", args.file.display()));
        return Ok(Exit::Incomplete);
    }
    Ok(if args.fail && redactor.masked() > 0 { Exit::Found } else { Exit::Clean })
}

/// The input, without a buffer of its own.
fn open(path: &Path) -> Result<File> {
    if path == Path::new("-") {
        let stdin = io::stdin().as_fd().try_clone_to_owned().context("standard input is closed")?;
        return Ok(File::from(stdin));
    }
    faults::open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn copy(input: File, redactor: &mut Redactor<'_>, out: &mut dyn Write) -> Result<Ended> {
    let mut arrivals = Arrivals::default();
    loop {
        // What is there is read before anything leaves that is not certain: a key that a read has cut goes on in it.
        let moment = match arrivals.oldest(redactor.held()) {
            Some(since) if !is_ready(&input, patience(since.elapsed(), redactor.doubts())) => Moment::Quiet,
            _ => match read(&input, redactor.room()) {
                Ok(0) => Moment::End,
                Ok(count) => {
                    redactor.arrived(count);
                    arrivals.add(count as u64);
                    Moment::More
                }
                Err(error) => {
                    // What came before the error is let through first.
                    return finish(redactor, out).map(|ended| ended.unwrap_or(Ended::Cut(error)));
                }
            },
        };
        if moment == Moment::End {
            return finish(redactor, out).map(|ended| ended.unwrap_or(Ended::Well));
        }
        if let Some(ended) = sent(redactor.send(moment, out).and_then(|()| out.flush()))? {
            return Ok(ended);
        }
    }
}

/// How long to wait for more while something is held that came so long ago. What may be the beginning of a credential
/// waits as long as it may.
fn patience(age: Duration, doubts: bool) -> Duration {
    let left = LONGEST.saturating_sub(age);
    if doubts { left } else { left.min(QUIET) }
}

/// When the bytes came that are still held.
#[derive(Default)]
struct Arrivals {
    /// How many bytes came in all up to each moment.
    times: VecDeque<(u64, Instant)>,
    count: u64,
}

impl Arrivals {
    fn add(&mut self, count: u64) {
        self.count += count;
        self.times.push_back((self.count, Instant::now()));
    }

    /// When the oldest of the last `held` bytes came.
    fn oldest(&mut self, held: u64) -> Option<Instant> {
        let sent = self.count - held;
        while self.times.front().is_some_and(|(end, _)| *end <= sent) {
            self.times.pop_front();
        }
        self.times.front().map(|(_, time)| *time)
    }
}

fn read(input: &File, room: &mut [u8]) -> io::Result<usize> {
    let count = undisturbed(|| faults::read(input, room))?;
    faults::work(&room[..count]);
    Ok(count)
}

fn finish(redactor: &mut Redactor<'_>, out: &mut dyn Write) -> Result<Option<Ended>> {
    sent(redactor.send(Moment::End, out).and_then(|()| out.flush()))
}

/// What a write says about going on: nothing if it went well.
fn sent(outcome: io::Result<()>) -> Result<Option<Ended>> {
    match outcome {
        Ok(()) => Ok(None),
        Err(error) if is_closed_pipe(&error) => Ok(Some(Ended::Unread)),
        Err(error) => Err(error).context("cannot write to standard output"),
    }
}

/// Whether something can be read, or the end, before so much time has passed.
fn is_ready(input: &File, wait: Duration) -> bool {
    let mut fds = [PollFd::new(input, PollFlags::IN)];
    let timeout = Timespec { tv_sec: wait.as_secs().cast_signed(), tv_nsec: wait.subsec_nanos().into() };
    // Where it cannot be asked, reading will tell.
    !matches!(poll(&mut fds, Some(&timeout)), Ok(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_of_the_oldest_byte_that_is_held() {
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
    fn nobody_waits_longer_than_the_oldest_byte_may() {
        let wait = |doubts| move |age| patience(Duration::from_millis(age), doubts).as_millis();
        assert_eq!([0, 500, 950, 1000, 5000].map(wait(false)), [100, 100, 50, 0, 0]);
        assert_eq!([0, 500, 950, 1000, 5000].map(wait(true)), [1000, 500, 50, 0, 0]);
    }
}
