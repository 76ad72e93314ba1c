//! Reads a `json` report back into a [`Report`]. The file is untrusted: its size and depth are bounded, its numbers are
//! checked, its text is sanitized when printed, and errors never quote it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::sanitize::visible;
use super::{Report, Summary};
use crate::fault_injection;
use crate::finding::{
    AcceptedBy, Commit, Confidence, Encoding, Finding, GitInfo, KeyId, Liveness, LivenessStatus, Location,
    MachinePlace, Original, ReachedBy, Secret, Severity, Skipped, Suppression, SuppressionKind,
};
use crate::rules::Rule;

/// Maximum size of a report in bytes. Larger ones have more findings than anyone can respond to.
const MAX_BYTES: u64 = 1 << 30;
/// Maximum value of a number. Larger integers are not exact in JSON, and telleaks never writes them.
pub(super) const MAX_NUMBER: u64 = 1 << 53;

/// Why a report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("{}: {source}", visible(&path.to_string_lossy()))]
    File {
        /// The file.
        path: PathBuf,
        /// The I/O error.
        source: io::Error,
    },
    /// The file is not a telleaks report.
    #[error("{}: not a json report of telleaks (make one with --format json or --report json=FILE){hint}", visible(&path.to_string_lossy()))]
    Other {
        /// The file.
        path: PathBuf,
        /// Line and column of the first JSON error; never quotes content.
        hint: String,
    },
    /// The file is not a report of another scanner.
    #[error("{}: not a report of {tool} in a format that is read (json; for sarif, SARIF 2.1.0)", visible(&path.to_string_lossy()))]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The scanner.
        tool: &'static str,
    },
}

#[derive(Deserialize)]
struct Document {
    tool: String,
    findings: Vec<Entry>,
    #[serde(default)]
    suppressed: Vec<Entry>,
    #[serde(default)]
    unreadable: Vec<Unread>,
    #[serde(default)]
    summary: Counts,
    #[serde(default)]
    verdict: Vec<String>,
}

#[derive(Deserialize)]
struct Entry {
    rule_id: String,
    severity: Severity,
    #[serde(default)]
    confidence: Option<Confidence>,
    #[serde(default)]
    message: String,
    secret: String,
    secret_sha256: String,
    key_id: Option<String>,
    location: Place,
    #[serde(default)]
    encoding: Vec<String>,
    original: Option<Origin>,
    git: Option<Git>,
    #[serde(rename = "place")]
    machine: Option<OnMachine>,
    #[serde(default)]
    occurrences: Vec<Place>,
    #[serde(default)]
    occurrence_count: u64,
    repository_path: Option<String>,
    liveness: Option<Alive>,
    suppression: Option<Hidden>,
    #[serde(default)]
    sources: Vec<String>,
}

#[derive(Deserialize)]
struct Place {
    path: String,
    start_line: u64,
    #[serde(default = "one")]
    start_column: u64,
    end_line: Option<u64>,
    end_column: Option<u64>,
    #[serde(default)]
    byte_start: u64,
    byte_end: Option<u64>,
    within: Option<String>,
}

#[derive(Deserialize)]
struct OnMachine {
    id: String,
    what: String,
    program: String,
    recorded: Option<String>,
    changed: Option<String>,
}

#[derive(Deserialize)]
struct Origin {
    path: String,
    line: u64,
    column: u64,
}

#[derive(Deserialize)]
struct Git {
    blob: Option<String>,
    commit: Option<String>,
    author: Option<String>,
    date: Option<String>,
    subject: Option<String>,
    #[serde(default)]
    or_earlier: bool,
    path: Option<String>,
    first_seen: Option<String>,
    last_seen: Option<String>,
    removed_in: Option<String>,
    exposure_days: Option<u64>,
    head_days: Option<u64>,
    #[serde(default)]
    in_head: bool,
    #[serde(default)]
    refs: Vec<String>,
    reached_by: Option<String>,
    #[serde(default = "one")]
    versions: u64,
}

#[derive(Deserialize)]
struct Alive {
    status: String,
    detail: String,
    checked_at: String,
}

#[derive(Deserialize)]
struct Hidden {
    kind: String,
    by: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Unread {
    path: String,
    reason: String,
    format: Option<String>,
    accepted: Option<Accepted>,
}

#[derive(Deserialize)]
struct Accepted {
    by: String,
    reason: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Counts {
    files_scanned: u64,
    git_files_scanned: u64,
    objects_scanned: u64,
    bytes_scanned: u64,
    links_not_followed: u64,
    not_checked_out: u64,
    complete: bool,
}

fn one() -> u64 {
    1
}

/// Reads the report at `path`; `-` is standard input. `rules` decides which values are public and never masked.
///
/// # Errors
/// Returns an error if the file cannot be read or is not a `json` report of telleaks.
pub fn read_file(path: &Path, rules: &[Rule]) -> Result<Report, ReadError> {
    let bytes = load(path).map_err(|source| ReadError::File { path: path.to_owned(), source })?;
    read(&bytes, rules).map_err(|hint| ReadError::Other { path: path.to_owned(), hint })
}

/// Reads a report, or standard input for `-`.
pub(super) fn load(path: &Path) -> io::Result<zeroize::Zeroizing<Vec<u8>>> {
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let mut reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(fault_injection::input(io::stdin()))
    } else {
        Box::new(fault_injection::input(fault_injection::open(path)?))
    };
    reader.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("larger than 1 GiB"));
    }
    Ok(bytes)
}

/// Parses a report.
///
/// # Errors
/// Returns the position of the first error as text that starts with `: `, or an empty string. Never quotes content.
pub fn read(bytes: &[u8], rules: &[Rule]) -> Result<Report, String> {
    // Errors of serde_json may quote the input.
    let document: Document = serde_json::from_slice(bytes).map_err(|error| {
        if is_lines(bytes) {
            ": this is a jsonl report, which does not say what was not read".to_owned()
        } else {
            format!(": line {}, column {}", error.line(), error.column())
        }
    })?;
    if document.tool != env!("CARGO_PKG_NAME") {
        return Err(String::new());
    }
    let all = |entries: Vec<Entry>, name: &str| -> Result<Vec<Finding>, String> {
        let one = |(number, entry): (usize, Entry)| {
            finding(entry, rules).ok_or_else(|| format!(": {name} {} has invalid values", number + 1))
        };
        entries.into_iter().enumerate().map(one).collect()
    };
    let counts = document.summary;
    let summary = Summary {
        files_scanned: counts.files_scanned.min(MAX_NUMBER),
        git_files_scanned: counts.git_files_scanned.min(MAX_NUMBER),
        objects_scanned: counts.objects_scanned.min(MAX_NUMBER),
        bytes_scanned: counts.bytes_scanned.min(MAX_NUMBER),
        links_not_followed: counts.links_not_followed.min(MAX_NUMBER),
        not_checked_out: counts.not_checked_out.min(MAX_NUMBER),
    };
    let (accepted, unseen) =
        document.unreadable.into_iter().map(unread).partition(|one| one.accepted.is_some());
    Ok(Report {
        findings: all(document.findings, "finding")?,
        suppressed: all(document.suppressed, "suppressed finding")?,
        unseen,
        accepted,
        summary,
        may_be_empty: counts.complete && !summary.anything(),
        verdict: document.verdict,
        ..Report::default()
    })
}

/// Returns whether the first line is a finding by itself.
fn is_lines(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Line {
        #[serde(rename = "rule_id")]
        _rule: IgnoredAny,
    }
    let first = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<Line>(first).is_ok()
}

fn finding(entry: Entry, rules: &[Rule]) -> Option<Finding> {
    let (location, within) = place(entry.location)?;
    let public = rules.iter().any(|rule| rule.public && rule.id == entry.rule_id);
    let secret = Secret::reported(entry.secret, &entry.secret_sha256);
    let secret = if public && secret.is_whole() { Secret::public(secret.expose()) } else { secret };
    let occurrences: Vec<Location> =
        entry.occurrences.into_iter().map(|one| Some(place(one)?.0)).collect::<Option<_>>()?;
    if entry.occurrence_count > MAX_NUMBER {
        return None;
    }
    // A missing field is `None`; an invalid one is an error.
    let git = entry.git.map_or(Some(None), |one| git(one).map(Some))?;
    let liveness = entry.liveness.map_or(Some(None), |one| liveness(one).map(Some))?;
    let suppression = entry.suppression.map_or(Some(None), |one| suppression(one).map(Some))?;
    let encoding = entry.encoding.iter().map(|name| Encoding::of_name(name)).collect::<Option<_>>()?;
    Some(Finding {
        confidence: entry.confidence.unwrap_or(Confidence::High),
        message: entry.message,
        key: entry.key_id.as_deref().and_then(KeyId::of_key),
        encoding,
        original: entry.original.map(|one| Original { path: one.path, line: one.line, column: one.column }),
        repository_path: entry.repository_path,
        within,
        unlisted: entry.occurrence_count.saturating_sub(occurrences.len() as u64),
        occurrences,
        git,
        machine: entry.machine.map(|one| MachinePlace {
            id: one.id,
            what: one.what,
            program: one.program,
            recorded: one.recorded,
            changed: one.changed,
        }),
        liveness,
        suppression,
        sources: entry.sources,
        ..Finding::new(entry.rule_id, entry.severity, secret, location)
    })
}

/// Returns a location, if its end is not before its start, and its path in the structure of the file.
fn place(place: Place) -> Option<(Location, Option<String>)> {
    let made = Location {
        path: place.path,
        start_line: place.start_line,
        start_column: place.start_column,
        end_line: place.end_line.unwrap_or(place.start_line),
        end_column: place.end_column.unwrap_or(place.start_column),
        byte_start: place.byte_start,
        byte_end: place.byte_end.unwrap_or(place.byte_start),
    };
    let lines = (1..=made.end_line).contains(&made.start_line);
    let columns = made.start_column >= 1 && made.end_column >= 1;
    let ordered = made.start_line < made.end_line || made.start_column <= made.end_column;
    let bytes = made.byte_start <= made.byte_end;
    let small = [made.end_line, made.start_column, made.end_column, made.byte_end]
        .into_iter()
        .all(|number| number <= MAX_NUMBER);
    (lines && columns && ordered && bytes && small).then_some((made, place.within))
}

fn git(git: Git) -> Option<GitInfo> {
    let reached_by = match &git.reached_by {
        Some(name) => ReachedBy::of_name(name)?,
        None => ReachedBy::Refs,
    };
    let text = |one: Option<String>| one.unwrap_or_default();
    let commit = git.commit.map(|id| Commit {
        id,
        author: text(git.author),
        date: text(git.date),
        subject: text(git.subject),
    });
    Some(GitInfo {
        blob: git.blob,
        commit,
        or_earlier: git.or_earlier,
        path: git.path,
        first_seen: git.first_seen,
        last_seen: git.last_seen,
        removed_in: git.removed_in,
        exposure_days: git.exposure_days,
        head_days: git.head_days,
        in_head: git.in_head,
        refs: git.refs,
        reached_by,
        versions: git.versions,
    })
}

fn liveness(alive: Alive) -> Option<Liveness> {
    let status = LivenessStatus::of_name(&alive.status)?;
    Some(Liveness { status, detail: alive.detail, checked_at: alive.checked_at.parse().ok()? })
}

fn unread(one: Unread) -> Skipped {
    let accepted = one.accepted.map(|accepted| AcceptedBy { by: accepted.by, reason: accepted.reason });
    Skipped { path: one.path, reason: one.reason, format: one.format, accepted }
}

fn suppression(hidden: Hidden) -> Option<Suppression> {
    let kind = SuppressionKind::of_name(&hidden.kind)?;
    Some(Suppression { kind, by: hidden.by, reason: hidden.reason })
}
