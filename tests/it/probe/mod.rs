//! `probe` and `respond` against a server in this process that sends every kind of invalid response.

mod accepted;
mod answers;
mod cache;
mod commands;
mod counts;
mod hosts;
mod respond;
mod secrecy;
mod server;
mod tls;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::common::telleaks;

/// Returns a command for the program without proxy variables.
fn program() -> Command {
    let mut command = telleaks();
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
}

/// Runs `command` with `input` on standard input.
fn feed(command: &mut Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // The program does not read its input if it rejects the arguments.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Runs `telleaks probe` with keys on standard input.
fn probe(url: &str, args: &[&str], input: &str) -> Output {
    feed(program().args(["probe", "--probe-url", url]).args(args), input)
}
