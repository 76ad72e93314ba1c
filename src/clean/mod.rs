//! Masks credentials in files so that the files stay what they are: JSON stays valid and keeps its structure, a database
//! passes its own check, a history keeps its encoding, a file keeps its owner, permissions and times.
//!
//! A file is replaced as a whole or not at all. What cannot be masked safely is refused with the reason. Prints nothing.

mod content;
mod json;
mod known;
mod leveldb;
mod manifest;
mod replace;
mod snappy;
mod sqlite;
mod zsh;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use telleaks_platform::{FileId, name_count, open_beside, writers};

use crate::atomic_file::TempFolder;
use crate::detect::{Detector, Match};
use crate::fault_injection;
use crate::finding::{Secret, Severity};
use crate::scan::Scanner;

use content::{Form, Masker};
use known::KnownSecrets;
pub use manifest::{Changed, Manifest, NotChanged};

/// Maximum size of a file that is masked, in bytes: it is held in memory. SQLite keeps a database in memory up to 1 GiB.
const MAX_BYTES: u64 = 1 << 30;
/// Ending of the name of SQLite's write-ahead log.
const WAL: &str = "-wal";
/// Endings of the names of files that belong to a SQLite database.
const BESIDE: [&str; 3] = [WAL, "-journal", "-shm"];

/// Masks files.
pub struct Cleaner<'a> {
    masker: Masker<'a>,
    scanner: &'a Scanner<'a>,
}

/// Whether files are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Files are replaced.
    Write,
    /// Nothing is changed.
    DryRun,
}

/// What happened to a file.
#[derive(Debug)]
pub enum Outcome {
    /// It has no credential.
    Clean,
    /// It was changed, or would be.
    Masked(Masked),
    /// It has a credential and was not changed. The text says why and what to do.
    Refused(String),
}

/// The change of a file.
#[derive(Debug)]
pub struct Masked {
    /// How the file was read: `json`, `sqlite`, ….
    pub form: &'static str,
    /// Number of places that are masked.
    pub places: u64,
    /// The secrets that the file had, each with the id of its rule, without duplicates.
    pub secrets: Vec<(String, Secret)>,
    /// Number of secrets that the file still has: they are written in a way that cannot be masked.
    pub left: usize,
    /// Size before and after, in bytes.
    pub sizes: (u64, u64),
}

/// A file that was opened to be masked.
struct Source {
    file: File,
    bytes: Vec<u8>,
    state: replace::State,
}

impl<'a> Cleaner<'a> {
    /// Creates a cleaner. `masks` is a detector for [`crate::redact::rules`]; `scanner` checks what is left.
    pub fn new(masks: &'a Detector, scanner: &'a Scanner<'a>) -> Self {
        Self { masker: Masker::new(masks, scanner), scanner }
    }

    /// Masks the credentials of the file at `path`. Links are not followed.
    ///
    /// # Errors
    /// Returns the I/O error if the file cannot be read; [`io::ErrorKind::NotFound`] if it does not exist.
    pub fn clean(&self, path: &Path, mode: Mode) -> io::Result<Outcome> {
        let mut source = read(path)?;
        let form = Form::of(&source.bytes, path);
        let mut found = self.secrets(path, &source.bytes);
        let logs = if form == Form::Sqlite { logs_of(path) } else { Vec::new() };
        for log in &logs {
            found.extend(self.secrets(log, &fault_injection::read_file(log)?));
        }
        if found.is_empty() && self.is_harmless(form, &source.bytes) {
            return Ok(Outcome::Clean);
        }
        if let Some(reason) = refusal(path, form, &source)? {
            return Ok(Outcome::Refused(reason));
        }
        if !logs.is_empty() {
            source = match self.without_logs(path, source, mode) {
                Ok(source) => source,
                Err(reason) => return Ok(Outcome::Refused(reason)),
            };
        }
        let (bytes, places) = match self.masker.masked(form, &source.bytes, &KnownSecrets::new(&found)) {
            Ok(masked) => masked,
            Err(reason) => return Ok(Outcome::Refused(reason)),
        };
        if places == 0 {
            return Ok(Outcome::Refused(unmaskable(&found)));
        }
        let left = self.secrets(path, &bytes).len();
        if mode == Mode::Write {
            replace::replace(path, &source.file, &source.state, &bytes)?;
        }
        let sizes = (source.bytes.len() as u64, bytes.len() as u64);
        let secrets = self.named(found);
        Ok(Outcome::Masked(Masked { form: form.name(), places, secrets, left, sizes }))
    }

    /// Returns whether a file without findings needs no masks: keys whose end is missing are masked, too.
    fn is_harmless(&self, form: Form, bytes: &[u8]) -> bool {
        !form.is_text()
            || self.masker.masked(form, bytes, &KnownSecrets::new(&[])).is_ok_and(|(_, places)| places == 0)
    }

    /// Returns the secrets of a content that a report lists as warnings or errors.
    fn secrets(&self, path: &Path, bytes: &[u8]) -> Vec<Match> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let found = self.scanner.scan_bytes(&name, bytes).found;
        found.into_iter().filter(|one| one.severity >= Severity::Warning && !one.secret.is_public()).collect()
    }

    /// Returns each secret once, with the id of its rule.
    fn named(&self, found: Vec<Match>) -> Vec<(String, Secret)> {
        let rules: Vec<&str> = self.scanner.detector().rules().map(|rule| rule.id.as_str()).collect();
        let mut all: Vec<(String, Secret)> = Vec::new();
        for one in found {
            if !all.iter().any(|(_, secret)| *secret == one.secret) {
                all.push((rules[one.rule].to_owned(), one.secret));
            }
        }
        all
    }

    /// Moves the write-ahead log of a database into the database, with SQLite, and reads that again. Without
    /// [`Mode::Write`], a copy is read.
    fn without_logs(&self, path: &Path, source: Source, mode: Mode) -> Result<Source, String> {
        let failed = |error: io::Error| format!("its write-ahead log cannot be read: {error}");
        if mode == Mode::DryRun {
            let folder = TempFolder::new("sqlite-").map_err(failed)?;
            let copy = folder.path().join("copy");
            fs::copy(path, &copy).map_err(failed)?;
            for log in logs_of(path) {
                let ending = BESIDE.into_iter().find(|ending| log.to_string_lossy().ends_with(ending));
                fs::copy(&log, with_ending(&copy, ending.unwrap_or(WAL))).map_err(failed)?;
            }
            sqlite::checkpoint(&copy)?;
            let bytes = fault_injection::read_file(&copy).map_err(failed)?;
            return Ok(Source { bytes, ..source });
        }
        sqlite::checkpoint(path)?;
        let mut again = read(path).map_err(failed)?;
        again.state.keep_times_of(&source.state);
        Ok(again)
    }
}

/// Opens and reads a regular file.
fn read(path: &Path) -> io::Result<Source> {
    let mut file = open_beside(path).and_then(fault_injection::opened)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(io::Error::other("larger than 1 GiB, which is the most that is masked in place"));
    }
    let state = replace::State::of(&metadata);
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    file.read_to_end(&mut bytes)?;
    Ok(Source { file, bytes, state })
}

/// Returns why a file with a credential must not be replaced, if so.
fn refusal(path: &Path, form: Form, source: &Source) -> io::Result<Option<String>> {
    if let Some(main) = database_of(path) {
        let main = main.display();
        return Ok(Some(format!("it belongs to the database {main}; mask that")));
    }
    let metadata = source.file.metadata()?;
    let names = name_count(&metadata);
    if names > 1 {
        return Ok(Some(format!("it has {names} names (hard links), which a replacement would separate")));
    }
    let lock = path.with_file_name("LOCK");
    let also = fs::metadata(lock).ok().filter(|_| form == Form::LevelDb);
    for metadata in std::iter::once(metadata).chain(also) {
        let programs = writers(FileId::of(&metadata)).unwrap_or_default();
        if !programs.is_empty() {
            let programs = programs.join(", ");
            return Ok(Some(format!("{programs} has it open for writing; end that program first")));
        }
    }
    Ok(None)
}

/// Says that no place of a secret could be masked.
fn unmaskable(found: &[Match]) -> String {
    let written = found.iter().find_map(|one| one.encoding.last());
    match written {
        Some(encoding) => {
            format!("the credential is written as {}, which cannot be masked here", encoding.as_str())
        }
        None => "the credential is in a part of the file that cannot be masked".to_owned(),
    }
}

/// Returns the database to which a file belongs, if its name says so and that exists.
pub fn database_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let main = BESIDE.into_iter().find_map(|ending| name.strip_suffix(ending))?;
    let main = path.with_file_name(main);
    let mut head = [0; 16];
    open_beside(&main).ok()?.read_exact(&mut head).ok()?;
    (&head == sqlite::MAGIC).then_some(main)
}

/// Returns the logs of a database that are not empty.
fn logs_of(path: &Path) -> Vec<PathBuf> {
    let logs = [WAL, "-journal"].map(|ending| with_ending(path, ending));
    logs.into_iter().filter(|log| fs::metadata(log).is_ok_and(|log| log.is_file() && log.len() > 0)).collect()
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
