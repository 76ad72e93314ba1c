//! Command names of other scanners: which command of telleaks does the same.

use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::{Cli, command_at};

/// Names that users of other tools type, and what to type here.
const FOREIGN: [(&str, &str); 12] = [
    ("check", "telleaks scan PATH searches files; telleaks config check checks a configuration"),
    ("detect", "telleaks scan PATH searches files, telleaks audit REPO a repository with its history"),
    ("dir", "telleaks scan PATH"),
    ("directory", "telleaks scan PATH"),
    ("file", "telleaks scan FILE"),
    ("filesystem", "telleaks scan PATH"),
    ("git", "telleaks audit REPO searches a repository with its history, telleaks commits RANGE a range"),
    ("lint", "telleaks scan PATH"),
    ("log", "telleaks commits RANGE"),
    ("pre-commit", "telleaks hook install installs a hook, telleaks hook run runs under pre-commit"),
    (
        "protect",
        "telleaks staged searches what git commit would record; telleaks hook install installs the hook",
    ),
    ("stdin", "telleaks scan -"),
];

/// Returns an error with advice if the command is the name of another tool's command or a path.
pub(super) fn advice(args: &[OsString]) -> Option<clap::Error> {
    let word = args.get(command_at(args)?)?;
    let text = word.to_string_lossy();
    let known = Cli::command();
    if known.find_subcommand(text.as_ref()).is_some() || text == "help" {
        return None;
    }
    let tip = match FOREIGN.iter().find(|(name, _)| *name == text) {
        Some((_, advice)) => (*advice).to_owned(),
        None if Path::new(word).exists() => "to search a path: telleaks scan PATH".to_owned(),
        None => return None,
    };
    let message = format!("telleaks has no command '{text}'\n\n  tip: {tip}");
    Some(Cli::command().error(ErrorKind::InvalidSubcommand, message))
}
