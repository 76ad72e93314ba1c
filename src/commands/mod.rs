//! What each command does, from its options to an exit code. Nothing here prints by itself: it writes to what it is
//! given.

mod audit;
mod baseline;
mod commits;
mod config;
mod explain;
mod fix;
mod hook;
mod manual;
mod merge;
mod probe;
mod redact;
mod respond;
mod root;
mod rules;
mod scan;
mod self_test;
mod shared;
mod staged;
mod suppress;
mod targets;

use anyhow::Result;
use std::io::{self, Write};

use crate::cli::{Cli, Command};
use crate::report::Clock;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Clean, and everything in scope was read.
    Clean,
    /// Findings at or above `--fail-on`; keys that are alive.
    Found,
    /// It could not start: usage, configuration, rules, a path that does not exist.
    Failed,
    /// Nothing was found, but not everything in scope could be read, or of some keys nobody knows.
    Incomplete,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Found => 1,
            Self::Failed => 2,
            Self::Incomplete => 3,
        }
    }
}

/// Where a command writes to, and when.
pub struct Console<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Whether results go to a terminal.
    pub out_is_terminal: bool,
    /// Whether everything else goes to a terminal.
    pub err_is_terminal: bool,
    /// The time, for reports that hold it.
    pub clock: Clock,
}

impl Console<'_> {
    /// A line about something that does not end the run. Nobody to read it is no reason to stop.
    fn warn(&mut self, text: &str) {
        let _unread = writeln!(self.err, "telleaks: {}", crate::report::visible(text));
    }
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from starting, and results that cannot be written.
pub fn run(cli: &Cli, console: &mut Console<'_>) -> Result<Exit> {
    match &cli.command {
        Command::Audit(args) => audit::run(args, cli.color, console),
        Command::Staged(args) => staged::run(args, cli.color, console),
        Command::Commits(args) => commits::run(args, cli.color, console),
        Command::Scan(args) => scan::run(args, cli.color, console),
        Command::Probe(args) => probe::run(args, console),
        Command::Respond(args) => respond::run(args, console),
        Command::Merge(args) => merge::run(args, cli.color, console),
        Command::Fix(args) => fix::run(args, console),
        Command::SelfTest(args) => self_test::run(args, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Redact(args) => redact::run(args, console),
        Command::Config { command } => config::run(command, console),
        Command::Baseline(args) => baseline::run(args, console),
        Command::Rules { command } => rules::run(command, console),
        Command::Hook { command } => hook::run(command, cli.color, console),
        Command::Completions { shell } => manual::completions(*shell, console),
        Command::Man { dir } => manual::pages(dir.as_deref(), console),
    }
}

/// Whether a failed write only means that the reader has gone, as in `telleaks … | head -1`.
fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}
