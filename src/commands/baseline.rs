//! `telleaks baseline`: edits and lists accepted findings.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use serde::Serialize;

use super::config_files::{baseline, given_baseline};
use super::config_root::Root;
use super::suppression_setup::counted;
use super::{Console, Exit, is_closed_pipe};
use crate::cli::{BaselineArgs, BaselineCommand, ConfigArgs, ListFormat};
use crate::fault_injection;
use crate::finding::Severity;
use crate::report::visible;
use crate::suppress::{
    self, BASELINE_NAME, Baseline, CONFIG_NAME, Config, Entry, EntryDetails, Filter, Globs, MAX_CONFIG,
    Named, Record, prune, records, remove, write_findings,
};

/// Maximum size of a report, in bytes.
const MAX_REPORT_BYTES: u64 = 1 << 30;
/// Number of hash digits shown in a list, enough to identify an entry.
const SHOWN_HASH_DIGITS: usize = 12;

/// A baseline and its path.
struct BaselineFile {
    path: PathBuf,
    value: Option<Baseline>,
}

pub(super) fn run(args: &BaselineArgs, console: &mut Console<'_>) -> Result<Exit> {
    let mut file = open(args.file.as_ref())?;
    let outcome = match &args.command {
        BaselineCommand::Add { report, reason, expires, path, rules, sha256 } => {
            let filter = Filter { rules: rules.clone(), sha256: lower(sha256), ..Filter::default() };
            let options = EntryOptions {
                path: path.as_deref(),
                reason: reason.as_deref(),
                expires: expires.as_deref(),
            };
            add(&mut file, &read_report(report)?, &filter, options)?
        }
        BaselineCommand::Remove { hashes, rules, sha256, paths } => {
            let filter = Filter {
                hashes: hashes.clone(),
                rules: rules.clone(),
                sha256: lower(sha256),
                paths: paths.clone(),
            };
            ensure!(!filter.is_empty(), "select what to remove with --hash, --rule, --sha256 or --path");
            let gone = remove(existing(&mut file)?, &filter);
            file.save(&format!("{} removed", counted(gone)))?
        }
        BaselineCommand::List { format } => list(existing(&mut file)?, *format)?,
        BaselineCommand::Prune { from } => {
            let reports = from.iter().map(|path| read_report(path)).collect::<Result<Vec<_>>>()?.concat();
            let reports = (!from.is_empty()).then_some(reports.as_slice());
            let (expired, unused) = prune(existing(&mut file)?, reports, suppress::today());
            file.save(&format!("{} removed: {expired} expired, {unused} unused", counted(expired + unused)))?
        }
    };
    match console.out.write_all(outcome.as_bytes()).and_then(|()| console.out.flush()) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("cannot write to standard output"),
        _ => Ok(Exit::Clean),
    }
}

/// Opens the baseline that was named; otherwise the one of the configuration, or the one at the root.
fn open(named: Option<&PathBuf>) -> Result<BaselineFile> {
    if let Some(path) = named {
        let value = if path.exists() { Some(given_baseline(path)?.value) } else { None };
        return Ok(BaselineFile { path: path.clone(), value });
    }
    let (args, root) = (ConfigArgs::default(), Root::containing(Path::new(".")));
    // Custom rule files are not loaded here, so rule ids of the configuration are not checked.
    let config = match root.read(CONFIG_NAME, MAX_CONFIG)? {
        Some(text) => {
            let value = Config::parse(&text).map_err(|mistake| anyhow!("{CONFIG_NAME}:{mistake}"))?;
            Some(Named { name: CONFIG_NAME.to_owned(), text, value })
        }
        None => None,
    };
    let name = config.as_ref().and_then(|config| config.value.baseline.as_ref());
    let folder = root.folder().unwrap_or(Path::new("."));
    let path = folder.join(name.map_or(BASELINE_NAME, |(name, _)| name));
    let value =
        if path.exists() { baseline(&args, &root, config.as_ref())?.map(|file| file.value) } else { None };
    Ok(BaselineFile { path, value })
}

impl BaselineFile {
    fn shown(&self) -> String {
        visible(&self.path.to_string_lossy()).into_owned()
    }

    /// Writes the baseline and returns a status line that says `what` was done.
    fn save(&self, what: &str) -> Result<String> {
        let Some(value) = &self.value else { return Ok(String::new()) };
        suppress::write(&self.path, &value.to_text())?;
        Ok(format!("{}: {what}, {} in all\n", self.shown(), value.entries().len()))
    }
}

fn existing(file: &mut BaselineFile) -> Result<&mut Baseline> {
    let shown = file.shown();
    file.value.as_mut().ok_or_else(|| anyhow!("{shown}: does not exist; name a baseline with --file"))
}

fn lower(list: &[String]) -> Vec<String> {
    list.iter().map(|one| one.to_ascii_lowercase()).collect()
}

/// The options of new entries as given on the command line.
struct EntryOptions<'a> {
    path: Option<&'a str>,
    reason: Option<&'a str>,
    expires: Option<&'a str>,
}

fn add(
    file: &mut BaselineFile,
    records: &[Record],
    filter: &Filter,
    options: EntryOptions<'_>,
) -> Result<String> {
    let EntryOptions { path, reason, expires } = options;
    let globs = path.map(|glob| Globs::new(vec![glob.to_owned()])).transpose();
    let globs = globs.map_err(|(_, why)| anyhow!("--path: {why}"))?.map(Arc::new);
    let day = |text: &str| suppress::day(text).context("--expires takes a day, such as 2027-01-31");
    let expires = expires.map(day).transpose()?;
    let named = !filter.rules.is_empty() || !filter.sha256.is_empty();
    let meant = |one: &&Record| {
        !one.suppressed
            && (named || one.severity >= Severity::Warning)
            && (filter.rules.is_empty() || filter.rules.contains(&one.rule))
            && (filter.sha256.is_empty() || filter.sha256.contains(&one.sha256))
            && globs.as_ref().is_none_or(|globs| globs.fits(&one.path))
    };
    let chosen: Vec<&Record> = records.iter().filter(meant).collect();
    ensure!(!chosen.is_empty(), "no finding of the report matches; nothing was changed");
    if file.value.is_none() {
        file.value = Some(Baseline::new().context("cannot generate a random salt")?);
    }
    let secrets = chosen.iter().map(|one| (one.rule.as_str(), one.sha256.as_str()));
    let reason = reason.map(str::to_owned);
    let details = EntryDetails { path: globs, reason, expires };
    let count = write_findings(existing(file)?, secrets, &details);
    file.save(&format!("{} added", counted(count)))
}

fn read_report(path: &Path) -> Result<Vec<Record>> {
    let shown = visible(&path.to_string_lossy()).into_owned();
    let mut bytes = Vec::new();
    let mut reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(fault_injection::input(io::stdin()))
    } else {
        Box::new(fault_injection::input(fault_injection::open(path).with_context(|| shown.clone())?))
    };
    reader.by_ref().take(MAX_REPORT_BYTES + 1).read_to_end(&mut bytes).with_context(|| shown.clone())?;
    ensure!(bytes.len() as u64 <= MAX_REPORT_BYTES, "{shown}: larger than 1 GiB");
    let text = suppress::text(bytes).map_err(|reason| anyhow!("{shown}: {reason}"))?;
    records(&text).map_err(|mistake| anyhow!("{shown}:{mistake}"))
}

/// An entry in the JSON list.
#[derive(Serialize)]
struct ListEntry<'a> {
    hash: &'a str,
    rule: &'a str,
    path: Option<&'a str>,
    reason: Option<&'a str>,
    expires: Option<String>,
    expired: bool,
    line: u64,
}

fn list(baseline: &Baseline, format: ListFormat) -> Result<String> {
    let today = suppress::today();
    let listed = |entry: &Entry| -> String {
        let mut text =
            format!("{}  {}", entry.hash.get(..SHOWN_HASH_DIGITS).unwrap_or_default(), visible(&entry.rule));
        if let Some(path) = entry.path_word() {
            text.push_str(&format!("  in {}", visible(path)));
        }
        if let Some(day) = entry.expires {
            let word = if entry.is_expired(today) { "expired" } else { "until" };
            text.push_str(&format!("  {word} {day}"));
        }
        if let Some(reason) = &entry.reason {
            text.push_str(&format!("  ({})", visible(reason)));
        }
        text + "\n"
    };
    if format == ListFormat::Text {
        return Ok(baseline.entries().iter().map(listed).collect());
    }
    let all: Vec<ListEntry<'_>> = baseline
        .entries()
        .iter()
        .map(|entry| ListEntry {
            hash: &entry.hash,
            rule: &entry.rule,
            path: entry.path_word(),
            reason: entry.reason.as_deref(),
            expires: entry.expires.map(|day| day.to_string()),
            expired: entry.is_expired(today),
            line: entry.line,
        })
        .collect();
    let mut out = Vec::new();
    serde_json::to_writer_pretty(&mut out, &all)?;
    writeln!(out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}
