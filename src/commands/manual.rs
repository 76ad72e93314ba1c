//! `telleaks completions` and `telleaks man`: the command line told to a shell and to man(1), from the same source as
//! `--help`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::builder::Resettable::Reset;
use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::{Console, Exit, is_closed_pipe};
use crate::cli::Cli;

/// Prints a script that completes commands, options and their values.
pub(super) fn completions(shell: Shell, console: &mut Console<'_>) -> Result<Exit> {
    let mut command =
        without_hidden(&Cli::command()).version(env!("CARGO_PKG_VERSION")).propagate_version(true);
    // Into memory first: the generator panics where a write fails.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "telleaks", &mut script);
    print(&script, console)
}

/// Prints the manual page of the program, or writes those of the program and of all commands into a folder.
pub(super) fn pages(dir: Option<&Path>, console: &mut Console<'_>) -> Result<Exit> {
    let Some(dir) = dir else {
        let mut page = Vec::new();
        // There is no page about `telleaks help`.
        clap_mangen::Man::new(Cli::command().disable_help_subcommand(true)).render(&mut page)?;
        return print(&page, console);
    };
    let written = fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(Cli::command(), dir));
    written.with_context(|| format!("{}: the manual pages cannot be written", dir.display()))?;
    Ok(Exit::Clean)
}

fn print(text: &[u8], console: &mut Console<'_>) -> Result<Exit> {
    match console.out.write_all(text).and_then(|()| console.out.flush()) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("standard output cannot be written"),
        _ => Ok(Exit::Clean),
    }
}

/// The command line as `--help` shows it: clap's completions would offer hidden options, too.
fn without_hidden(command: &Command) -> Command {
    let visible = command.get_arguments().filter(|arg| !arg.is_hide_set()).map(|arg| {
        let conflicts = command.get_arg_conflicts_with(arg).into_iter().filter(|other| !other.is_hide_set());
        // What refers to a hidden option would refer to nothing. Requirements matter to nobody who completes.
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
