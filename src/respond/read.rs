//! Reads a `json` report of telleaks back. It takes what it needs and ignores the rest; the file may come from anywhere,
//! so its size and depth are bounded and nothing in it is believed to be printable.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::leak::{History, Leak, Part, is_remote, united};
use crate::finding::{Liveness, LivenessStatus, Secret, Severity};
use crate::report::visible;

/// A larger report is not read: it has more findings than anybody can respond to.
const MAX_BYTES: u64 = 1 << 30;

/// Why a report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("{}: {source}", visible(&path.to_string_lossy()))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is something else.
    #[error("{}: not a json report of telleaks (make one with --format json or --report json=FILE){hint}", visible(&path.to_string_lossy()))]
    Other {
        /// The file.
        path: PathBuf,
        /// Where it stops to be one; never content.
        hint: String,
    },
}

#[derive(Deserialize)]
struct Document {
    tool: String,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    rule_id: String,
    severity: Severity,
    secret: String,
    secret_sha256: String,
    key_id: Option<String>,
    key_created: Option<String>,
    location: Place,
    #[serde(default)]
    occurrences: Vec<Place>,
    #[serde(default)]
    occurrence_count: u64,
    git: Option<Git>,
    liveness: Option<Alive>,
}

#[derive(Deserialize)]
struct Place {
    path: String,
    start_line: u64,
}

#[derive(Deserialize)]
struct Git {
    commit: Option<String>,
    #[serde(default)]
    refs: Vec<String>,
}

#[derive(Deserialize)]
struct Alive {
    status: String,
    detail: String,
    checked_at: String,
}

/// The leaks in the report at `path`; `-` is standard input.
///
/// # Errors
/// It cannot be read, or is no `json` report of telleaks.
pub fn read(path: &Path) -> Result<Vec<Leak>, ReadError> {
    let bytes = load(path).map_err(|source| ReadError::File { path: path.to_owned(), source })?;
    let other = |hint: String| ReadError::Other { path: path.to_owned(), hint };
    // The error of serde_json may quote what it met.
    let document: Document = serde_json::from_slice(&bytes)
        .map_err(|error| other(format!(": line {}, column {}", error.line(), error.column())))?;
    if document.tool != env!("CARGO_PKG_NAME") {
        return Err(other(String::new()));
    }
    Ok(united(document.findings.into_iter().map(part)))
}

fn load(path: &Path) -> io::Result<zeroize::Zeroizing<Vec<u8>>> {
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let mut reader: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    reader.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("larger than 1 GiB"));
    }
    Ok(bytes)
}

fn part(entry: Entry) -> Part {
    let place = |place: &Place| format!("{}:{}", place.path, place.start_line);
    let secret = Secret::new(entry.secret);
    // A masked secret has another digest than the one that it stands for.
    let whole = secret.sha256() == entry.secret_sha256;
    let leak = Leak {
        rules: vec![entry.rule_id],
        severity: entry.severity,
        shown: if whole { secret.masked() } else { secret.expose().to_owned() },
        secret: whole.then_some(secret),
        key_id: entry.key_id,
        created: entry.key_created,
        liveness: entry.liveness.and_then(liveness),
        places: std::iter::once(&entry.location).chain(&entry.occurrences).map(place).collect(),
        unlisted: entry.occurrence_count.saturating_sub(entry.occurrences.len() as u64),
        history: History {
            open: entry.git.is_none(),
            committed: entry.git.as_ref().is_some_and(|git| git.commit.is_some()),
            pushed: entry.git.iter().flat_map(|git| &git.refs).any(|name| is_remote(name)),
        },
    };
    Part { digest: entry.secret_sha256, leak }
}

fn liveness(alive: Alive) -> Option<Liveness> {
    let status = LivenessStatus::of_name(&alive.status)?;
    Some(Liveness { status, detail: alive.detail, checked_at: alive.checked_at.parse().ok()? })
}
