//! `telleaks audit --targets`: audits many repositories in sequence and writes one record for each, so that a list can
//! be split among machines, run again, and merged without gaps or duplicates.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use sha2::{Digest, Sha256};

use super::audit::{AuditResult, audit_repository};
use super::pipeline::{exit, unread};
use super::{Console, Exit, is_closed_pipe};
use crate::cli::{AuditArgs, Shard};
use crate::fault_injection;
use crate::finding::{SharedSecret, SharedSecrets};
use crate::git::Refs;
use crate::report::{
    Format, Options, Target, TargetSummary, write_file, write_shared, write_target, write_targets_page,
};

/// Maximum size of a list, in bytes.
const MAX_LIST_BYTES: u64 = 1 << 30;
/// Environment variables of machines that share a list: the one with the machine's number, its first value, and the one
/// with the count.
const SHARD_VARIABLES: [(&str, u64, &str); 3] = [
    ("JOB_COMPLETION_INDEX", 0, "JOB_COMPLETIONS"),
    ("CI_NODE_INDEX", 1, "CI_NODE_TOTAL"),
    ("BUILDKITE_PARALLEL_JOB", 0, "BUILDKITE_PARALLEL_JOB_COUNT"),
];

/// What the audits of all targets have in common.
#[derive(Default)]
struct Results {
    secrets: SharedSecrets,
    summaries: Vec<TargetSummary>,
}

/// Audits the repositories of a list.
pub(super) fn run(args: &AuditArgs, list: &Path, console: &mut Console<'_>) -> Result<Exit> {
    let output = &args.look.output;
    ensure!(
        matches!(output.format(), Format::Text | Format::Jsonl)
            && output.reports.iter().all(|(format, _)| *format == Format::Html),
        "--targets writes jsonl to standard output and, with --report html=PATH, a page; telleaks merge makes other reports of json reports"
    );
    let all = read(list)?;
    ensure!(!all.is_empty(), "{}: the list of targets is empty", list.display());
    let shard = shard(args.shard, &|name| std::env::var(name).ok())?;
    let mine: Vec<&String> = all.iter().filter(|target| shard.holds(target)).collect();
    if shard.count > 1 {
        let Shard { index, count } = shard;
        let index = index.unwrap_or_default();
        console.warn(&format!("shard {index} of {count}: {} of {} targets", mine.len(), all.len()));
    }
    let mut worst = Exit::Clean;
    let mut results = Results::default();
    for target in mine {
        let (exit, written) = audit_target(args, target, &mut results, console);
        worst = higher_precedence(worst, exit);
        match written {
            Err(error) if is_closed_pipe(&error) => return Ok(worst),
            other => other.context("cannot write to standard output")?,
        }
    }
    let Results { secrets, mut summaries } = results;
    let secrets = secrets.finish();
    for (_, path) in &output.reports {
        let options =
            Options { show_secrets: output.show_secrets, ended: console.clock.now(), ..Options::default() };
        write_file(path, |out| write_targets_page(&mut summaries, &secrets, &options, out))?;
    }
    match shared(&secrets, args, console) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("cannot write to standard output"),
        _ => Ok(worst),
    }
}

/// Warns of each secret that several targets have, and writes its record.
fn shared(all: &[SharedSecret], args: &AuditArgs, console: &mut Console<'_>) -> io::Result<()> {
    let options = Options { show_secrets: args.look.output.show_secrets, ..Options::default() };
    for one in all {
        let names: Vec<&str> = one.sources.iter().map(String::as_str).collect();
        let (count, secret) = (names.len(), one.secret.masked());
        console
            .warn(&format!("warning: the same secret is in {count} targets: {secret}: {}", names.join(", ")));
    }
    write_shared(all, &options, console.out)?;
    console.out.flush()
}

/// Audits one target and writes its findings and its record as one block.
fn audit_target(
    args: &AuditArgs,
    target: &str,
    results: &mut Results,
    console: &mut Console<'_>,
) -> (Exit, io::Result<()>) {
    let start = Instant::now();
    let outcome = audit(args, target, console);
    let mut record = Target { target, ..Target::default() };
    let seconds = start.elapsed().as_secs_f64();
    match outcome {
        Ok((AuditResult { report, notices, fail_on, .. }, head)) => {
            for text in notices.iter().map(String::as_str) {
                console.warn(&format!("{target}: {text}"));
            }
            for text in unread(&report) {
                console.warn(&format!("{target}: {text}"));
            }
            for finding in &report.findings {
                results.secrets.add(finding, target);
            }
            (record.head, record.seconds) = (head, seconds);
            results.summaries.push(TargetSummary::of(&record, Some(&report)));
            let options = Options { show_secrets: args.look.output.show_secrets, ..Options::default() };
            let written = write_target(&record, Some(&report), &options, console.out);
            (exit(&report, &args.look.output, fail_on), written.and_then(|()| console.out.flush()))
        }
        Err(error) => {
            let reason = format!("{error:#}");
            console.warn(&format!("{target}: {reason}"));
            (record.reason, record.seconds) = (reason, seconds);
            results.summaries.push(TargetSummary::of(&record, None));
            let options = Options::default();
            let written = write_target(&record, None, &options, console.out);
            (Exit::Incomplete, written.and_then(|()| console.out.flush()))
        }
    }
}

/// Returns the audit of a target and the commit that is checked out in it.
fn audit(args: &AuditArgs, target: &str, console: &mut Console<'_>) -> Result<(AuditResult, String)> {
    ensure!(!target.contains("://"), "a URL: clone it first with git clone --mirror, and name the clone");
    let (layout, _kept) = super::audit::open(Path::new(target), args.any_owner)?;
    let head = Refs::of_this_work_tree(&layout).head.map(|id| id.to_string()).unwrap_or_default();
    Ok((audit_repository(args, &layout, console)?, head))
}

/// Returns the exit of higher precedence. Findings take precedence over skipped inputs.
fn higher_precedence(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| {
        [Exit::Clean, Exit::Incomplete, Exit::Match, Exit::Failed].iter().position(|e| *e == exit)
    };
    if rank(other) > rank(one) { other } else { one }
}

/// Reads the lines of a list in order, without duplicates, empty lines and lines that start with `#`.
fn read(list: &Path) -> Result<Vec<String>> {
    let shown = list.display();
    let input: Box<dyn Read> = if list == Path::new("-") {
        Box::new(fault_injection::input(io::stdin()))
    } else {
        Box::new(fault_injection::input(
            fault_injection::open(list).with_context(|| format!("{shown}: cannot open this list"))?,
        ))
    };
    let mut all: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for line in BufReader::new(input.take(MAX_LIST_BYTES)).lines() {
        let line = line.with_context(|| format!("{shown}: expected one target per line, in UTF-8"))?;
        let target = line.trim();
        if !target.is_empty() && !target.starts_with('#') && known.insert(target.to_owned()) {
            all.push(target.to_owned());
        }
    }
    Ok(all)
}

/// Returns the shard of this machine: as given, or from the environment.
fn shard(given: Option<Shard>, environment: &dyn Fn(&str) -> Option<String>) -> Result<Shard> {
    let number = |name: &str| environment(name).and_then(|text| text.parse::<u64>().ok());
    let numbered = || SHARD_VARIABLES.iter().find_map(|(name, first, _)| number(name)?.checked_sub(*first));
    let shard = match given {
        Some(Shard { index: None, count }) => {
            let index = numbered().ok_or_else(|| {
                anyhow!("--shard /{count} takes the number from JOB_COMPLETION_INDEX or CI_NODE_INDEX, and neither is set")
            })?;
            Shard { index: Some(index), count }
        }
        Some(shard) => shard,
        None => {
            let of = |(name, first, total): &(&str, u64, &str)| {
                Some(Shard { index: Some(number(name)?.checked_sub(*first)?), count: number(total)? })
            };
            SHARD_VARIABLES.iter().find_map(of).unwrap_or(Shard { index: Some(0), count: 1 })
        }
    };
    let inside = shard.index.is_some_and(|index| index < shard.count);
    ensure!(
        inside,
        "shard {}/{}: the index must be less than the count",
        shard.index.unwrap_or_default(),
        shard.count
    );
    Ok(shard)
}

impl Shard {
    /// Returns whether a target belongs to this shard. The hash is the same on every machine.
    fn holds(&self, target: &str) -> bool {
        let digest = Sha256::digest(target.as_bytes());
        let number = digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        self.index == Some(number % self.count.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_in_one_shard() {
        for number in 0..200 {
            let target = format!("repo-{number}");
            let holders =
                (0..7).filter(|&index| Shard { index: Some(index), count: 7 }.holds(&target)).count();
            assert_eq!(holders, 1);
        }
    }

    #[test]
    fn shard_from_environment() {
        let environment = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned())
        };
        let of =
            |given, pairs| shard(given, &environment(pairs)).map(|Shard { index, count }| (index, count));
        let none = Some(Shard { index: None, count: 5 });
        assert_eq!(of(None, &[]).unwrap(), (Some(0), 1));
        assert_eq!(of(None, &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "4")]).unwrap(), (Some(1), 4));
        assert_eq!(of(none, &[("JOB_COMPLETION_INDEX", "3")]).unwrap(), (Some(3), 5));
        let given = Some(Shard { index: Some(0), count: 2 });
        assert_eq!(of(given, &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "4")]).unwrap(), (Some(0), 2));
        assert!(of(none, &[]).is_err());
        assert!(of(none, &[("JOB_COMPLETION_INDEX", "5")]).is_err());
    }
}
