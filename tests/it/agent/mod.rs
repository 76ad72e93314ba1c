//! `telleaks agent`: events of every client, in the shapes of their documentation, answered by the built program.

mod corpus;
mod events;
mod forms;
mod git;
mod harmless;
mod hostile;
mod settings;
mod suppressions;

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::common::random::{BASE62, Random, UPPER_HEX};
use crate::common::telleaks;

/// Returns a made-up key of July 2025.
pub(crate) fn key(random: &mut Random) -> String {
    format!("KEY0198{}_{}", random.chars(UPPER_HEX, 28), random.chars(BASE62, 22))
}

/// Returns the id of a key.
pub(crate) fn id(key: &str) -> &str {
    key.split_once('_').unwrap().0
}

/// Returns the secret part of a key.
pub(crate) fn secret(key: &str) -> &str {
    key.split_once('_').unwrap().1
}

/// Returns a command that answers an event in `folder`.
pub(crate) fn hook(folder: &Path, args: &[&str]) -> Command {
    let mut command = telleaks();
    command.current_dir(folder).env("HOME", folder).args(["agent", "hook"]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the hook and writes an event to it.
pub(crate) fn start(mut command: Command, event: &[u8]) -> Child {
    let mut child = command.spawn().unwrap();
    // A hook that has decided does not read the rest.
    let _unread = child.stdin.take().unwrap().write_all(event);
    child
}

/// Returns what the hook answers to an event.
pub(crate) fn answer(folder: &Path, args: &[&str], event: &[u8]) -> Output {
    start(hook(folder, args), event).wait_with_output().unwrap()
}

/// Returns the JSON on standard output; null if there is none.
pub(crate) fn document(output: &Output) -> Value {
    match output.stdout.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&output.stdout).unwrap(),
    }
}

/// Returns everything that the hook wrote.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}
