//! `telleaks probe`: reports whether keys are active.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Write};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;

use super::pipeline::probe_options;
use super::{Console, Exit, is_closed_pipe};
use crate::cli::{ProbeCommandArgs, ProbeFormat};
use crate::detect::{Detector, Scratch};
use crate::finding::{KeyId, Liveness, LivenessStatus, Secret};
use crate::probe::{self, Verdicts};
use crate::report::read_file;
use crate::rules;

/// The `json` output.
#[derive(Serialize)]
struct Document<'a> {
    tool: &'static str,
    version: &'static str,
    host: &'a str,
    keys: Vec<Entry<'a>>,
    summary: BTreeMap<&'static str, usize>,
}

/// A verdict. Its fields have the names and meanings of those in the `json` report.
#[derive(Serialize)]
struct Entry<'a> {
    secret: String,
    secret_sha256: String,
    key_id: Option<String>,
    key_created: Option<String>,
    liveness: Alive<'a>,
}

#[derive(Serialize)]
struct Alive<'a> {
    status: &'static str,
    detail: &'a str,
    checked_at: String,
}

pub(super) fn run(args: &ProbeCommandArgs, console: &mut Console<'_>) -> Result<Exit> {
    ensure!(
        args.words.is_empty(),
        "keys are not taken as arguments, which other users of this machine can read: write them to standard input"
    );
    let secrets = match &args.from {
        Some(path) => from_report(path)?,
        None => from_input()?,
    };
    let options = probe_options(&args.how, None);
    let verdicts = probe::ask(&secrets, &options, &mut |text| console.warn(text));
    let judged: Vec<(&Secret, &Liveness)> = in_order(&secrets, &verdicts);
    let written = write(&judged, args.format, options.target.origin(), console.out);
    match written.and_then(|()| console.out.flush()) {
        Err(error) if is_closed_pipe(&error) => {}
        other => other.context("cannot write to standard output")?,
    }
    Ok(exit(&judged))
}

/// Reads keys and tokens from standard input and ignores all other text.
fn from_input() -> Result<Vec<Secret>> {
    let detector = Detector::new(rules::builtin()?, true).context("the rules have too many anchors")?;
    let scan = detector.scan_reader(&mut BufReader::new(io::stdin()), &mut Scratch::default());
    if let Some(error) = scan.error {
        return Err(error).context("standard input cannot be read");
    }
    let secrets: Vec<Secret> = scan.found.into_iter().map(|found| found.secret).collect();
    ensure!(
        secrets.iter().any(probe::can_judge),
        "no API key on standard input; write one per line, or name a report with --from"
    );
    Ok(secrets)
}

/// Reads the secrets of a report that was made with `--show-secrets`.
fn from_report(path: &Path) -> Result<Vec<Secret>> {
    let findings = read_file(path, &rules::builtin()?.rules)?.findings;
    let keys = findings.iter().filter(|finding| finding.key.is_some()).count();
    let whole = findings.into_iter().map(|finding| finding.secret).filter(Secret::is_whole);
    let secrets: Vec<Secret> = whole.collect();
    if !secrets.iter().any(probe::can_judge) {
        let path = path.display();
        if keys > 0 {
            bail!(
                "{path}: the keys in this report are masked and cannot be probed; make the report with --show-secrets"
            );
        }
        bail!("{path}: the report contains no API key");
    }
    Ok(secrets)
}

/// Returns each secret that has a verdict once, in the order of first occurrence.
fn in_order<'a>(secrets: &'a [Secret], verdicts: &'a Verdicts) -> Vec<(&'a Secret, &'a Liveness)> {
    let mut seen = std::collections::HashSet::new();
    let judged = secrets.iter().filter_map(|secret| {
        let digest = secret.sha256();
        let liveness = verdicts.get(&digest)?;
        seen.insert(digest).then_some((secret, liveness))
    });
    judged.collect()
}

fn exit(judged: &[(&Secret, &Liveness)]) -> Exit {
    if judged.iter().any(|(_, liveness)| liveness.status.is_alive()) {
        Exit::Match
    } else if judged.iter().all(|(_, liveness)| liveness.status.is_dead()) {
        Exit::Clean
    } else {
        Exit::Incomplete
    }
}

fn write(
    judged: &[(&Secret, &Liveness)],
    format: ProbeFormat,
    host: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let entries = || judged.iter().map(|(secret, liveness)| entry(secret, liveness));
    match format {
        ProbeFormat::Text => {
            for (secret, liveness) in judged {
                let made = KeyId::of_key(secret.expose()).and_then(|id| id.created_day());
                let made = made.map(|day| format!(" (created {day})")).unwrap_or_default();
                let status = liveness.status.as_str();
                writeln!(out, "{status:10} {}{made}: {}", secret.masked(), liveness.detail)?;
            }
            Ok(())
        }
        ProbeFormat::Json => {
            let count = |status: LivenessStatus| {
                judged.iter().filter(|(_, liveness)| liveness.status == status).count()
            };
            let document = Document {
                tool: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                host,
                keys: entries().collect(),
                summary: LivenessStatus::ALL.map(|status| (status.as_str(), count(status))).into(),
            };
            writeln!(out, "{}", serde_json::to_string_pretty(&document)?)
        }
        ProbeFormat::Jsonl => {
            for entry in entries() {
                writeln!(out, "{}", serde_json::to_string(&entry)?)?;
            }
            Ok(())
        }
    }
}

fn entry<'a>(secret: &Secret, liveness: &'a Liveness) -> Entry<'a> {
    let id = KeyId::of_key(secret.expose());
    Entry {
        secret: secret.masked(),
        secret_sha256: secret.sha256(),
        key_created: id.as_ref().and_then(KeyId::created),
        key_id: id.map(|id| id.as_str().to_owned()),
        liveness: Alive {
            status: liveness.status.as_str(),
            detail: &liveness.detail,
            checked_at: liveness.time(),
        },
    }
}
