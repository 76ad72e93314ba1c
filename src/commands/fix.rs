//! `telleaks fix`: replaces credentials in source files with reads of environment variables.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::config_files::{baseline, config};
use super::config_root::Root;
use super::pipeline::{choose, limits};
use super::suppression_setup::with_files;
use super::{Console, Exit, is_closed_pipe};
use crate::atomic_file::AtomicFile;
use crate::cli::FixArgs;
use crate::detect::{Detector, Match};
use crate::fault_injection;
use crate::finding::SkipLog;
use crate::fix::{self, Known, Masking, Plan, unified};
use crate::input::Content;
use crate::progress::Progress;
use crate::report::visible;
use crate::rules::RuleSet;
use crate::scan::Scanner;
use crate::source::{self, Label, Visitor};
use crate::suppress::{self, Suppressions, Used};

/// Maximum size of a file that is changed, in bytes. Source files are smaller.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// A file with credentials.
struct File {
    path: PathBuf,
    content: Vec<u8>,
    found: Vec<Match>,
}

/// Collects the files with credentials under one path argument.
struct Gather<'a> {
    inspector: &'a Scanner<'a>,
    root: &'a Path,
    files: Mutex<Vec<File>>,
    unseen: Mutex<Vec<String>>,
}

impl SkipLog<String> for Gather<'_> {
    fn skipped(&self, label: String, reason: String) {
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{label}: {reason}"));
    }
}

impl Visitor for Gather<'_> {
    fn visit(&self, label: &Label<'_>, _size: Option<u64>, content: &mut dyn Content) -> io::Result<()> {
        let mut bytes = Vec::new();
        content.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            let reason = "larger than 16 MiB; skipped";
            self.skipped(label.to_string(), reason.to_owned());
            return Ok(());
        }
        let scan = self.inspector.scan_bytes(&label.to_string(), &bytes);
        for one in scan.unseen {
            self.skipped(format!("{label}{}", one.path), one.reason);
        }
        if fix::is_needed(&scan.found) {
            let path =
                if self.root.is_dir() { self.root.join(label.to_string()) } else { self.root.to_owned() };
            let file = File { path, content: bytes, found: scan.found };
            self.files.lock().unwrap_or_else(PoisonError::into_inner).push(file);
        }
        Ok(())
    }

    fn notice(&self, _label: String, _message: String) {}
}

/// Totals of a run.
#[derive(Default)]
struct Tally {
    edited: usize,
    files: usize,
    by_hand: Vec<String>,
    hints: Vec<String>,
}

impl Tally {
    /// Adds what `plan` leaves for manual work, and its hints. The quoted lines are masked.
    fn note(&mut self, file: &File, path: &str, plan: &Plan) {
        let text = String::from_utf8_lossy(&file.content);
        let masked = Masking::masked(&text, &file.found);
        let path = visible(path);
        for (line, left) in &plan.by_hand {
            let write = left.write.as_ref().map(|write| format!("; write: {}", visible(&masked.text(write))));
            self.by_hand.push(format!("{path}:{line}: {}{}", left.reason, write.unwrap_or_default()));
        }
        self.hints.extend(plan.hints.iter().map(|hint| format!("{path}: {hint}")));
    }
}

pub(super) fn run(args: &FixArgs, console: &mut Console<'_>) -> Result<Exit> {
    let root = Root::containing(args.paths.first().map_or(Path::new("."), PathBuf::as_path));
    let (set, hidden) = rules_and_suppressions(args, &root)?;
    let detector = Detector::new(set, false).context("the rules have too many anchors")?;
    let inspector =
        Scanner::new(&detector, limits(&args.inside, hidden.config.as_ref().map(|config| &config.value)));
    let rules: Vec<String> = detector.rules().map(|rule| rule.id.clone()).collect();
    let (mut files, mut unseen) = gather(args, &inspector)?;
    drop_suppressed(&mut files, &rules, &hidden, &root);
    let (mut known, mut tally) = (Known::with_names(&args.names), Tally::default());
    let mut outcome = Ok(());
    for file in &files {
        let path = shown_path(&file.path);
        collect_declarations(&file.path, &path, &mut known);
        let plan = fix::plan(&path, &file.content, &file.found, &rules, &mut known);
        if outcome.is_ok() {
            outcome = write_change(args, file, (&path, &plan), &mut tally, console.out);
        }
        let written = if args.write && !plan.edits.is_empty() { write(file, &plan) } else { Ok(()) };
        unseen.extend(written.err().map(|error| format!("{path}: not changed: {error}")));
        tally.note(file, &path, &plan);
    }
    for text in &unseen {
        console.warn(text);
    }
    match outcome.and_then(|()| write_summary(args, &tally, console.out)) {
        Err(error) if !is_closed_pipe(&error) => {
            return Err(error).context("cannot write to standard output");
        }
        _ => {}
    }
    Ok(exit(args, &tally, unseen.is_empty()))
}

/// Returns the rules, as changed by the configuration, and the suppressions of the configuration and the baseline.
fn rules_and_suppressions(args: &FixArgs, root: &Root<'_>) -> Result<(RuleSet, Suppressions)> {
    let config = config(&args.config, root, &with_files(&args.rules.files)?)?;
    let mut set = choose(&args.rules, config.as_ref().map(|config| &config.value))?;
    if let Some(config) = &config {
        config.value.apply(&mut set, &args.rules.only);
    }
    let baselines = baseline(&args.config, root, config.as_ref())?.into_iter().collect();
    Ok((set, Suppressions { config, baselines, today: suppress::today() }))
}

/// Drops suppressed findings, so that `fix` leaves them unchanged.
fn drop_suppressed(files: &mut Vec<File>, rules: &[String], hidden: &Suppressions, root: &Root<'_>) {
    for file in files.iter_mut() {
        let path = root.path_of(&file.path).unwrap_or_else(|| shown_path(&file.path));
        file.found.retain(|one| {
            let rule = rules.get(one.rule).map_or("", String::as_str);
            let secret = suppress::SecretAt { rule, sha256: &one.secret.sha256(), path: &path };
            suppress::hides(hidden, secret, &mut Used::default()).is_none()
        });
    }
    files.retain(|file| fix::is_needed(&file.found));
}

/// Returns the files with credentials, sorted by path, and the reasons for skipped files.
fn gather(args: &FixArgs, inspector: &Scanner<'_>) -> Result<(Vec<File>, Vec<String>)> {
    let (mut files, mut unseen): (Vec<File>, Vec<String>) = Default::default();
    for root in &args.paths {
        let gather = Gather { inspector, root, files: Mutex::default(), unseen: Mutex::default() };
        let options = source::Options {
            paths: vec![root.clone()],
            no_ignore: args.scope.no_ignore,
            exclude: args.scope.exclude.clone(),
            max_file_size: args.scope.max_file_size,
            threads: args.scope.threads,
            progress: Progress::default(),
        };
        source::run(&options, &gather)?;
        files.extend(gather.files.into_inner().unwrap_or_else(PoisonError::into_inner));
        unseen.extend(gather.unseen.into_inner().unwrap_or_else(PoisonError::into_inner));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    unseen.sort();
    Ok((files, unseen))
}

fn shown_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

/// Records the variables that other Terraform files of the directory declare, since declaring them again is an error.
/// `path` is its path as messages show it.
pub(super) fn collect_declarations(file: &Path, path: &str, known: &mut Known) {
    let is_terraform = |path: &Path| path.extension().is_some_and(|ending| ending == "tf");
    let Some(folder) = file.parent().filter(|_| is_terraform(file)) else { return };
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let shown = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_terraform(&entry.path()) {
            let mut text = Vec::new();
            let opened = fs::File::open(entry.path());
            // A file that cannot be read contributes no declarations.
            let _unread = opened.and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut text));
            known.declare_in(shown, &String::from_utf8_lossy(&text));
        }
    }
}

/// Writes the diff, or the path of the changed file.
fn write_change(
    args: &FixArgs,
    file: &File,
    (path, plan): (&str, &Plan),
    tally: &mut Tally,
    out: &mut dyn Write,
) -> io::Result<()> {
    if plan.edits.is_empty() {
        return Ok(());
    }
    tally.files += 1;
    tally.edited += plan.edits.len();
    if args.write {
        return writeln!(out, "changed: {}", visible(path));
    }
    let text = String::from_utf8_lossy(&file.content);
    let shown = if args.show_secrets { Masking::whole() } else { Masking::masked(&text, &file.found) };
    for line in unified(path, &text, &plan.edits, &shown).split_inclusive('\n') {
        let (line, ending) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        // A patch must be byte-exact, but a terminal must not receive control characters. Tabs are harmless.
        let parts: Vec<_> = line.split('\t').map(visible).collect();
        let safe = if args.show_secrets { line.to_owned() } else { parts.join("\t") };
        write!(out, "{safe}{ending}")?;
    }
    Ok(())
}

fn write_summary(args: &FixArgs, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
    for text in &tally.by_hand {
        writeln!(out, "by hand: {text}")?;
    }
    for text in &tally.hints {
        writeln!(out, "hint: {text}")?;
    }
    if !args.write && tally.edited > 0 {
        let masked = if args.show_secrets { "" } else { " Secrets are masked, so patch cannot apply this." };
        let files = if tally.files == 1 { "file" } else { "files" };
        writeln!(out, "\nNothing was changed: add --write to change {} {files}.{masked}", tally.files)?;
    }
    if tally.edited + tally.by_hand.len() > 0 {
        writeln!(out, "Revoke every key found here: assume that it has been read.")?;
    }
    out.flush()
}

/// Replaces the content of the file atomically and keeps its permissions.
fn write(file: &File, plan: &Plan) -> io::Result<()> {
    let metadata = fs::symlink_metadata(&file.path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file; name the file itself"));
    }
    if fault_injection::read_file(&file.path)? != file.content {
        return Err(io::Error::other("it has changed in the meantime; run telleaks fix again"));
    }
    let folder = file.path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let mut draft = AtomicFile::new_in(folder)?;
    let text = std::str::from_utf8(&file.content).map_err(io::Error::other)?;
    draft.file().write_all(fix::apply(text, &plan.edits).as_bytes())?;
    draft.file().set_permissions(metadata.permissions())?;
    draft.finish(&file.path)
}

fn exit(args: &FixArgs, tally: &Tally, complete: bool) -> Exit {
    let left = !tally.by_hand.is_empty() || !args.write && tally.edited > 0;
    match (left, complete) {
        (true, _) => Exit::Match,
        (false, true) => Exit::Clean,
        (false, false) => Exit::Incomplete,
    }
}
