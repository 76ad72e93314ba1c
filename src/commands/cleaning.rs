//! Masks files one after the other, for `redact --in-place` and `machine --clean`, and prints what changed.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{Console, is_closed_pipe};
use crate::clean::{Changed, Cleaner, Manifest, Mode, NotChanged, Outcome};
use crate::cli::ListFormat;
use crate::detect::Detector;
use crate::redact;
use crate::report::{visible, write_file};
use crate::rules::RuleSet;
use crate::scan::Scanner;
use crate::unpack::Limits;

/// Steps for a file of no known place.
const ANY_STEPS: &str = "remove the credential with the program that wrote the file, or delete the file";

/// A file to mask.
pub(super) struct Target {
    /// Where it is.
    pub(super) path: PathBuf,
    /// The path that is shown.
    pub(super) shown: String,
    /// The id of its place.
    pub(super) place: Option<String>,
    /// What to do by hand if it cannot be masked.
    pub(super) steps: Option<String>,
}

/// How files are masked.
pub(super) struct Cleaning<'a> {
    /// The selected rules.
    pub(super) set: &'a RuleSet,
    /// Limits for unpacking what files contain.
    pub(super) limits: Limits,
    /// Whether files are changed.
    pub(super) mode: Mode,
}

/// Checks that the list of changes is not written over a file that is masked.
///
/// # Errors
/// Returns an error if it would be.
pub(super) fn ensure_apart(manifest: Option<&Path>, targets: &[Target]) -> Result<()> {
    let Some(path) = manifest.and_then(|path| path.canonicalize().ok()) else { return Ok(()) };
    let is_target = |target: &Target| target.path.canonicalize().is_ok_and(|target| target == path);
    ensure!(!targets.iter().any(is_target), "--manifest names a file that is masked: choose another file");
    Ok(())
}

impl Cleaning<'_> {
    /// Masks the files and returns the list of changes. A problem with one file does not keep the others from being
    /// masked.
    pub(super) fn run(&self, targets: &[Target]) -> Result<Manifest> {
        let mut set = self.set.clone();
        set.rules.retain(|rule| !rule.public);
        let many = "the rules have too many anchors";
        let masks = Detector::new(redact::rules(set.clone()), false).context(many)?;
        let detector = Detector::new(set, false).context(many)?;
        let scanner = Scanner::new(&detector, self.limits.clone());
        let cleaner = Cleaner::new(&masks, &scanner);
        let mut manifest = Manifest::new(self.mode);
        for target in targets {
            let path = scanner.masked(&target.shown).into_owned();
            let place = target.place.clone();
            if path != target.shown {
                let reason = "its name or that of a folder contains a credential".to_owned();
                let steps = "Rename it.".to_owned();
                manifest.not_changed.push(NotChanged {
                    path: path.clone(),
                    place: place.clone(),
                    reason,
                    steps,
                });
            }
            let reason = match cleaner.clean(&target.path, self.mode) {
                Ok(Outcome::Clean) => continue,
                Ok(Outcome::Masked(masked)) => {
                    manifest.add(path, place, &masked);
                    continue;
                }
                Ok(Outcome::Refused(reason)) => reason,
                // The log of a database is gone once the database is masked.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => error.to_string(),
            };
            let steps = target.steps.clone().unwrap_or_else(|| ANY_STEPS.to_owned());
            manifest.not_changed.push(NotChanged { path, place, reason, steps });
        }
        Ok(manifest)
    }
}

/// Prints the list of changes, and writes it to a file if one is named.
pub(super) fn print(
    manifest: &Manifest,
    mode: Mode,
    format: ListFormat,
    file: Option<&Path>,
    console: &mut Console<'_>,
) -> Result<()> {
    let json = manifest.to_json()?;
    if let Some(file) = file {
        write_file(file, |out| out.write_all(json.as_bytes()))?;
    }
    let text = match format {
        ListFormat::Json => json,
        ListFormat::Text => text(manifest, mode),
    };
    match console.out.write_all(text.as_bytes()).and_then(|()| console.out.flush()) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("cannot write to standard output"),
        _ => Ok(()),
    }
}

fn text(manifest: &Manifest, mode: Mode) -> String {
    let done = if mode == Mode::Write { "masked" } else { "would be masked" };
    let mut lines: Vec<String> = manifest.changed.iter().map(|one| changed(one, done)).collect();
    for one in &manifest.not_changed {
        lines.push(format!("not masked: {}: {}", visible(&one.path), visible(&one.reason)));
        lines.push(format!("  by hand: {}", visible(&one.steps)));
    }
    let masks: u64 = manifest.changed.iter().map(|one| one.masks).sum();
    let (files, others) = (manifest.changed.len(), manifest.not_changed.len());
    lines.push(match (files, others) {
        (0, 0) => "Nothing to mask.".to_owned(),
        (_, 0) => format!("{} in {} {done}.", counted(masks, "place"), counted(files as u64, "file")),
        _ => format!(
            "{} in {} {done}; {} not.",
            counted(masks, "place"),
            counted(files as u64, "file"),
            counted(others as u64, "file"),
        ),
    });
    lines.join("\n") + "\n"
}

fn changed(one: &Changed, done: &str) -> String {
    let secrets: Vec<&str> = one.secrets.iter().map(|gone| gone.secret.as_str()).collect();
    let secrets = if secrets.is_empty() { "a key without its end".to_owned() } else { secrets.join(", ") };
    let left = match one.left {
        0 => String::new(),
        left => format!("; {} left, in data that cannot be masked", counted(left as u64, "secret")),
    };
    let (path, masks, form) = (visible(&one.path), counted(one.masks, "place"), one.form);
    format!("{done}: {path}: {masks} ({form}): {}{left}", visible(&secrets))
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
