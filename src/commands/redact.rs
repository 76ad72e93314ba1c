//! `telleaks redact`: a filter that masks credentials in what goes through it.

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
use crate::redact::{Moment, Redactor};

/// How long nothing has to come before what is held back leaves.
const QUIET: Duration = Duration::from_millis(100);
/// How long anything is held back while more comes.
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
    let mut set = choose(&args.rules)?;
    // A name or an id gives nothing away.
    set.rules.retain(|rule| !rule.public);
    let detector = Detector::new(set, false).context("the rules have too many anchors")?;
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
    let mut since: Option<Instant> = None;
    loop {
        let waited = since.map(|since| since.elapsed());
        let moment = match waited {
            Some(waited) if waited >= LONGEST || !is_ready(&input) => Moment::Quiet,
            _ => match read(&input, redactor.room()) {
                Ok(0) => Moment::End,
                Ok(count) => {
                    redactor.arrived(count);
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
        since = (redactor.held() > 0).then(|| since.unwrap_or_else(Instant::now));
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

/// Whether something can be read, or the end, before the quiet time is over.
fn is_ready(input: &File) -> bool {
    let mut fds = [PollFd::new(input, PollFlags::IN)];
    let timeout = Timespec { tv_sec: 0, tv_nsec: QUIET.subsec_nanos().into() };
    // Where it cannot be asked, reading will tell.
    !matches!(poll(&mut fds, Some(&timeout)), Ok(0))
}
