//! `telleaks self-test`: checks that the installed program, with the current configuration, finds what it claims to
//! find.
//!
//! It plants made-up keys in a temporary directory and a temporary repository and runs the commands on them, from their
//! arguments to their json reports. It starts no process, so that it works in an empty image and under an emulator.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use serde::{Deserialize, Serialize};

use super::suppression_setup::with_files;
use super::{Console, Exit, is_closed_pipe, run as run_command};
use crate::atomic_file::TempFolder;
use crate::cli::{Cli, ListFormat, SelfTestArgs};
use crate::report::{Clock, visible};
use crate::self_test::{Keys, Plant, plant_files, plant_history};

/// The fields of a json report that the self-test reads.
#[derive(Deserialize)]
struct Report {
    findings: Vec<Entry>,
    suppressed: Vec<Entry>,
    unreadable: Vec<Unread>,
}

#[derive(Deserialize)]
struct Entry {
    secret_sha256: String,
}

#[derive(Deserialize)]
struct Unread {
    path: String,
    reason: String,
}

/// Result for one planted key.
#[derive(Serialize)]
struct Verdict<'a> {
    command: &'static str,
    name: &'a str,
    /// `found`, `hidden` by a suppression, or `missed`.
    status: &'static str,
}

#[derive(Serialize)]
struct Document<'a> {
    tool: &'static str,
    version: &'static str,
    planted: usize,
    found: usize,
    hidden: usize,
    missed: usize,
    not_read: Vec<String>,
    results: Vec<Verdict<'a>>,
}

pub(super) fn run(args: &SelfTestArgs, console: &mut Console<'_>) -> Result<Exit> {
    let folder = TempFolder::new("self-test-").context("cannot create a temporary folder")?;
    let (files, repository) = (folder.path().join("files"), folder.path().join("repository"));
    std::fs::create_dir(&files).context("cannot use the temporary folder")?;
    let mut keys = Keys::default();
    let known = with_files(&args.rules)?.known;
    let planted =
        plant_files(&files, &mut keys, &known).context("cannot write the files of the self-test")?;
    let history =
        plant_history(&repository, &mut keys).context("cannot write the repository of the self-test")?;
    let mut document = Document::new();
    for (command, path, plants) in [("scan", &files, &planted), ("audit", &repository, &history)] {
        let report = report(args, command, path, console.clock)?;
        document.add(command, &report, plants);
    }
    match write(&document, args.format, console) {
        Err(error) if !is_closed_pipe(&error) => {
            return Err(error).context("cannot write to standard output");
        }
        _ => {}
    }
    Ok(if document.missed + document.hidden > 0 {
        Exit::Match
    } else if document.not_read.is_empty() {
        Exit::Clean
    } else {
        Exit::Incomplete
    })
}

/// Runs a command on `path` and parses its report.
fn report(args: &SelfTestArgs, command: &str, path: &Path, clock: Clock) -> Result<Report> {
    let mut words: Vec<OsString> = ["telleaks", command, "--format", "json"].map(OsString::from).to_vec();
    words.push(path.into());
    let config = args
        .config
        .clone()
        .or_else(|| Some("telleaks.toml".into()).filter(|path: &std::path::PathBuf| path.is_file()));
    match config {
        Some(config) => words.extend(["--config".into(), config.into()]),
        None => words.push("--no-config".into()),
    }
    for rules in &args.rules {
        words.extend(["--rules".into(), rules.into()]);
    }
    let failed = || format!("telleaks {command} failed");
    let cli = Cli::try_parse_from(words).with_context(failed)?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console =
        Console { out: &mut out, err: &mut err, out_is_terminal: false, err_is_terminal: false, clock };
    match run_command(&cli, &mut console).with_context(failed)? {
        Exit::Clean | Exit::Match | Exit::Incomplete => {}
        exit => return Err(anyhow!("telleaks {command} failed with exit code {}", exit.code())),
    }
    serde_json::from_slice(&out).with_context(|| format!("cannot parse the report of telleaks {command}"))
}

impl<'a> Document<'a> {
    fn new() -> Self {
        Self {
            tool: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            planted: 0,
            found: 0,
            hidden: 0,
            missed: 0,
            not_read: Vec::new(),
            results: Vec::new(),
        }
    }

    fn add(&mut self, command: &'static str, report: &Report, plants: &'a [Plant]) {
        let digests = |list: &[Entry]| -> HashSet<String> {
            list.iter().map(|one| one.secret_sha256.clone()).collect()
        };
        let (found, hidden) = (digests(&report.findings), digests(&report.suppressed));
        for plant in plants {
            let digest = plant.secret.sha256();
            let (status, count) = if found.contains(&digest) {
                ("found", &mut self.found)
            } else if hidden.contains(&digest) {
                ("hidden", &mut self.hidden)
            } else {
                ("missed", &mut self.missed)
            };
            *count += 1;
            self.results.push(Verdict { command, name: &plant.name, status });
        }
        self.planted += plants.len();
        let unread = report.unreadable.iter().map(|one| format!("{}: {}", one.path, one.reason));
        self.not_read.extend(unread);
    }
}

fn write(document: &Document<'_>, format: ListFormat, console: &mut Console<'_>) -> std::io::Result<()> {
    if format == ListFormat::Json {
        serde_json::to_writer_pretty(&mut *console.out, document)?;
        writeln!(console.out)?;
        return console.out.flush();
    }
    for Verdict { command, name, status } in &document.results {
        writeln!(console.out, "{status:6}  {command:5}  a key {name}")?;
    }
    for one in &document.not_read {
        writeln!(console.out, "not read: {}", visible(one))?;
    }
    let Document { planted, found, hidden, missed, .. } = document;
    writeln!(
        console.out,
        "\n{found} of {planted} planted keys found, {missed} missed, {hidden} hidden by the configuration."
    )?;
    console.out.flush()
}
