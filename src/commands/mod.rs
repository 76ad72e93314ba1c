//! The commands, from parsed options to an exit code. They write only to the `Console` that they are given.

mod agent;
mod audit;
mod baseline;
mod cleaning;
mod commits;
mod config;
mod config_files;
mod config_root;
mod doctor;
mod doctor_machine;
mod error_text;
mod explain;
mod fix;
mod hook;
mod lsp;
mod machine;
mod manual;
mod mcp;
mod merge;
mod path_scope;
mod pipeline;
mod probe;
mod redact;
mod respond;
mod rules;
mod scan;
mod self_test;
mod staged;
mod suppression_setup;
mod targets;

use anyhow::Result;
use std::io::{self, Write};

use crate::cli::{Cli, Command};
use crate::report::Clock;

pub use error_text::without_secrets;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// No findings, and nothing in scope was skipped.
    Clean,
    /// Findings at or above `--fail-on`, or active keys.
    Match,
    /// The run could not start: usage, configuration, rules, or a path that does not exist.
    Failed,
    /// No findings, but something in scope was skipped, or the status of some keys is unknown.
    Incomplete,
    /// The action of a coding agent is refused.
    Refused,
}

impl Exit {
    /// Returns the exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Match => 1,
            Self::Failed | Self::Refused => 2,
            Self::Incomplete => 3,
        }
    }
}

/// The output streams of a command, and the time.
pub struct Console<'a> {
    /// Results (stdout).
    pub out: &'a mut dyn Write,
    /// Notices and errors (stderr).
    pub err: &'a mut dyn Write,
    /// Whether `out` is a terminal.
    pub out_is_terminal: bool,
    /// Whether `err` is a terminal.
    pub err_is_terminal: bool,
    /// The clock for reports that contain timestamps.
    pub clock: Clock,
}

impl Console<'_> {
    /// Writes one line about something that does not end the run. Write errors are ignored.
    fn warn(&mut self, text: &str) {
        let _unread = writeln!(self.err, "telleaks: {}", crate::report::visible(text));
    }
}

/// Runs the command.
///
/// # Errors
/// Returns the reason if the run cannot start, or the I/O error if the results cannot be written.
pub fn run(cli: &Cli, console: &mut Console<'_>) -> Result<Exit> {
    if console.out_is_terminal || console.err_is_terminal {
        telleaks_platform::enable_colours();
    }
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
        Command::Doctor(args) => doctor::run(args, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Machine(args) => machine::run(args, cli.color, console),
        Command::Redact(args) => redact::run(args, console),
        Command::Config { command } => config::run(command, console),
        Command::Baseline(args) => baseline::run(args, console),
        Command::Rules { command } => rules::run(command, console),
        Command::Agent { command } => agent::run(command, console),
        Command::Lsp(args) => lsp::run(args, console),
        Command::Mcp(args) => mcp::run(args, console),
        Command::Hook { command } => hook::run(command, cli.color, console),
        Command::Completions { shell } => manual::completions(*shell, console),
        Command::Version => manual::version(console),
        Command::Man { dir } => manual::pages(dir.as_deref(), console),
    }
}

/// Returns whether a write failed only because the reader closed the pipe, as in `telleaks … | head -1`.
fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}
