//! `telleaks completions` and `telleaks man`: shell completions and manual pages, generated from the same definitions
//! as `--help`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::builder::Resettable::Reset;
use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::{Console, Exit, is_closed_pipe};
use crate::cli::Cli;

/// Prints a completion script for commands, options and option values.
pub(super) fn completions(shell: Shell, console: &mut Console<'_>) -> Result<Exit> {
    let mut command =
        without_hidden(&Cli::command()).version(env!("CARGO_PKG_VERSION")).propagate_version(true);
    // Generate into memory: the generator panics if a write fails.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "telleaks", &mut script);
    print(&script, console)
}

/// Prints the manual page of the program, or writes one page for the program and one per command into a directory.
pub(super) fn pages(dir: Option<&Path>, console: &mut Console<'_>) -> Result<Exit> {
    let Some(dir) = dir else {
        let mut page = Vec::new();
        // `telleaks help` has no page.
        clap_mangen::Man::new(Cli::command().disable_help_subcommand(true)).render(&mut page)?;
        return print(&page, console);
    };
    let written = fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(Cli::command(), dir));
    written.with_context(|| format!("{}: the manual pages cannot be written", dir.display()))?;
    Ok(Exit::Clean)
}

/// Prints the version.
pub(super) fn version(console: &mut Console<'_>) -> Result<Exit> {
    print(format!("telleaks {}\n", crate::fault_injection::VERSION).as_bytes(), console)
}

fn print(text: &[u8], console: &mut Console<'_>) -> Result<Exit> {
    match console.out.write_all(text).and_then(|()| console.out.flush()) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("standard output cannot be written"),
        _ => Ok(Exit::Clean),
    }
}

/// Returns the command without the options that `--help` hides; clap's completions would offer them.
fn without_hidden(command: &Command) -> Command {
    let visible = command.get_arguments().filter(|arg| !arg.is_hide_set()).map(|arg| {
        let conflicts = command.get_arg_conflicts_with(arg).into_iter().filter(|other| !other.is_hide_set());
        // Drop references to hidden options. Requirements do not matter for completion.
        let alone = arg.clone().required_unless_present(Reset).conflicts_with(Reset);
        conflicts.fold(alone, |arg, other| arg.conflicts_with(other.get_id().clone()))
    });
    let mut out = Command::new(command.get_name().to_owned()).args(visible);
    out = out.subcommands(command.get_subcommands().filter(|one| !one.is_hide_set()).map(without_hidden));
    match command.get_about() {
        Some(about) => out.about(about.clone()),
        None => out,
    }
}
