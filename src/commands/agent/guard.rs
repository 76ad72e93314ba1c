//! Scans the parts of an event with the rules, configuration and baseline of the project.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use super::super::config_root::Root;
use super::super::pipeline::detector;
use super::super::suppression_setup::{of_project, with_files};
use super::reading;
use crate::agent::{Body, Part, Place, inner_json, result};
use crate::cli::{FailOn, ProjectArgs};
use crate::detect::{Detector, Scan};
use crate::finding::{Finding, Report, Skipped};
use crate::input::{Regular, Stream};
use crate::redact::{self, Moment, Redactor};
use crate::rules::{Rule, RuleSet};
use crate::scan::{InlinePolicy, Scanner};
use crate::suppress::{self, Paths, Suppressions};
use crate::unpack::Limits;

/// Maximum bytes that one file or text may expand to.
const MAX_EXPANDED: u64 = 256 << 20;
/// Maximum time for the content of one file.
const MAX_TIME: Duration = Duration::from_secs(2);
/// Maximum size of a file whose secrets are compared with what is written to it, in bytes.
const MAX_COMPARED: u64 = 16 << 20;

/// Maximum nesting of JSON in the texts of JSON that is masked.
const MAX_DEPTH: usize = 4;

/// Rules and suppressions of a project.
pub(in crate::commands) struct Guard {
    detector: Detector,
    set: RuleSet,
    /// All rules, for texts about findings.
    pub(in crate::commands) rules: Vec<Rule>,
    hidden: Suppressions,
    fail_on: FailOn,
    root: PathBuf,
    cwd: PathBuf,
}

/// A secret in a part of an event.
pub(in crate::commands) struct Found {
    /// The finding; its path is relative to the root of the project, if it is there.
    pub(in crate::commands) finding: Finding,
    /// Where it is.
    pub(in crate::commands) place: Place,
}

/// The result of an examination.
#[derive(Default)]
pub(in crate::commands) struct Examined {
    /// The secrets that no suppression hides.
    pub(in crate::commands) found: Vec<Found>,
    /// What was not read.
    pub(in crate::commands) unread: Vec<Skipped>,
    /// Digests of all secrets so far, hidden or not.
    seen: HashSet<String>,
}

impl Guard {
    /// Loads the rules, the configuration and the baseline that apply to the directory `cwd`.
    pub(in crate::commands) fn new(args: &ProjectArgs, cwd: &Path) -> Result<Self> {
        let root = Root::containing(cwd);
        let (set, hidden) = of_project(args, &root, &with_files(&args.rules.files)?)?;
        let level = hidden.config.as_ref().and_then(|config| Some(config.value.fail_on?.0));
        // Nothing is known to be active without a network.
        let level = level.filter(|level| *level != FailOn::Active);
        Ok(Self {
            detector: detector(&set, false)?,
            rules: set.all(),
            set,
            hidden,
            fail_on: level.unwrap_or(FailOn::DEFAULT),
            root: root.folder().unwrap_or(cwd).to_owned(),
            cwd: cwd.to_owned(),
        })
    }

    fn scanner(&self, comments: InlinePolicy) -> Scanner<'_> {
        let limits = Limits {
            depth: 4,
            expanded: MAX_EXPANDED,
            total: 2 * MAX_EXPANDED,
            time: Some(MAX_TIME),
            ..Limits::default()
        };
        Scanner::new(&self.detector, limits).with_comments(comments, &self.set)
    }

    /// Scans all parts.
    pub(in crate::commands) fn examine(&self, parts: &[Part]) -> Examined {
        let (honouring, plain) = (self.scanner(InlinePolicy::Honor), self.scanner(InlinePolicy::Off));
        let mut examined = Examined::default();
        for part in parts {
            let scanner = if part.place.has_comments() { &honouring } else { &plain };
            self.examine_part(part, scanner, &mut examined);
        }
        examined
    }

    fn examine_part(&self, part: &Part, scanner: &Scanner<'_>, examined: &mut Examined) {
        let path = part.path.as_deref().map(|path| reading::resolved(path, &self.cwd));
        let label = path.as_deref().map(|path| self.label(path)).unwrap_or_default();
        let Some(scan) = scanned(part, path.as_deref(), &label, scanner) else { return };
        let unread = |one: Skipped| Skipped { path: format!("{label}{}", one.path), ..one };
        examined.unread.extend(scan.unseen.into_iter().map(unread));
        if let Some(error) = scan.error {
            examined.unread.push(Skipped::new(&label, error.to_string()));
        }
        if scan.found.is_empty() {
            return;
        }
        let findings = scanner.grouped(&scanner.masked(&label), scan.found);
        let mut report = Report { findings, ..Report::default() };
        report.findings.retain(|finding| !finding.is_about_suppression());
        let _used = suppress::apply(&mut report, &self.hidden, &Paths::default());
        let is_content = part.place.has_comments() && !part.is_context;
        report.findings.retain(|finding| {
            let is_new = is_content || !examined.seen.contains(&finding.secret.sha256());
            is_new && self.fail_on.includes(finding) && !part.is_context
        });
        if !report.findings.is_empty() {
            let old = self.old(part, path.as_deref(), scanner);
            report.findings.retain(|finding| !old.contains(&finding.secret.sha256()));
            examined.seen.extend(old);
        }
        let of = |finding: &Finding| finding.secret.sha256();
        examined.seen.extend(report.findings.iter().chain(&report.suppressed).map(of));
        let place = part.place;
        examined.found.extend(report.findings.into_iter().map(|finding| Found { finding, place }));
    }

    /// Returns the path of a file as suppressions and messages name it.
    fn label(&self, path: &Path) -> String {
        let at_root = path.strip_prefix(&self.root).ok().map(Path::to_owned).or_else(|| {
            // The root has no links in its path.
            let folder = std::fs::canonicalize(path.parent()?).ok()?;
            Some(folder.strip_prefix(&self.root).ok()?.join(path.file_name()?))
        });
        at_root.as_deref().unwrap_or(path).to_string_lossy().into_owned()
    }

    /// Returns the digests of the secrets that a file has already: in the text that an edit replaces, or in the file that
    /// is written again.
    fn old(&self, part: &Part, path: Option<&Path>, scanner: &Scanner<'_>) -> HashSet<String> {
        let mut found: Vec<_> =
            part.before.iter().flat_map(|text| scanner.scan_bytes("", text.as_bytes()).found).collect();
        let file = path.filter(|_| part.place == Place::Written).and_then(reading::open);
        if let Some((file, _)) = file.filter(|(_, size)| *size <= MAX_COMPARED) {
            found.extend(scanner.scan(&String::new, &mut Regular::new(file)).found);
        }
        found.into_iter().map(|one| one.secret.sha256()).collect()
    }

    /// Returns a text with every secret masked.
    pub(in crate::commands) fn masked(&self, text: &str) -> String {
        self.scanner(InlinePolicy::Off).masked(text).into_owned()
    }

    /// Returns bytes with every secret masked; `None` if the rules have too many anchors.
    pub(in crate::commands) fn redacted(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let detector = Detector::new(redact::rules(self.set.clone()), false).ok()?;
        masked_bytes(bytes, &detector)
    }

    /// Returns a copy of `value` with the secrets in its texts masked; `None` if not all could be.
    pub(in crate::commands) fn masked_value(&self, value: &Value) -> Option<Value> {
        let detector = Detector::new(redact::rules(self.set.clone()), false).ok()?;
        let masked = masked_texts(value, &detector, 0)?;
        self.examine(&result(&masked, Place::Output, None)).found.is_empty().then_some(masked)
    }
}

/// Scans one part; `None` if its file does not exist.
fn scanned(part: &Part, path: Option<&Path>, label: &str, scanner: &Scanner<'_>) -> Option<Scan> {
    let lines = match &part.body {
        Body::Text(text) => return Some(scanner.scan_bytes(label, text.as_bytes())),
        Body::File(lines) => lines,
    };
    let (file, size) = reading::open(path?)?;
    let slice = match reading::slice(&file, size, lines) {
        Ok(slice) => slice,
        Err(error) => return Some(Scan { error: Some(error), ..Scan::default() }),
    };
    if let Some(slice) = slice {
        let mut scan = scanner.scan_bytes(label, &slice.bytes);
        for one in &mut scan.found {
            one.location.start_line += slice.first - 1;
            one.location.end_line += slice.first - 1;
        }
        return Some(scan);
    }
    let name = || label.to_owned();
    if size <= reading::MAX_BYTES {
        return Some(scanner.scan(&name, &mut Regular::new(file)));
    }
    let mut scan = scanner.scan(&name, &mut Stream(file.take(reading::MAX_BYTES)));
    scan.unseen.push(Skipped::new("", "only the first 256 MiB were scanned"));
    Some(scan)
}

/// Returns a copy of `value` with the secrets in its texts masked.
fn masked_texts(value: &Value, detector: &Detector, depth: usize) -> Option<Value> {
    Some(match value {
        Value::String(text) if depth < MAX_DEPTH && inner_json(text).is_some() => {
            Value::String(masked_texts(&inner_json(text)?, detector, depth + 1)?.to_string())
        }
        Value::String(text) => {
            Value::String(String::from_utf8(masked_bytes(text.as_bytes(), detector)?).ok()?)
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| masked_texts(item, detector, depth)).collect::<Option<_>>()?)
        }
        Value::Object(fields) => {
            let masked = fields
                .iter()
                .map(|(name, value)| Some((name.clone(), masked_texts(value, detector, depth)?)));
            Value::Object(masked.collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}

/// Returns bytes with every secret masked. Memory cannot fail to be read or written.
fn masked_bytes(mut bytes: &[u8], detector: &Detector) -> Option<Vec<u8>> {
    let (mut redactor, mut out) = (Redactor::new(detector), Vec::new());
    while !bytes.is_empty() {
        let count = bytes.read(redactor.room()).ok()?;
        redactor.arrived(count);
        redactor.send(Moment::More, &mut out).ok()?;
    }
    redactor.send(Moment::End, &mut out).ok()?;
    Some(out)
}
