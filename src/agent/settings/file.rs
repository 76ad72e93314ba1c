//! Reads and replaces a settings file.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use telleaks_platform::{NewMode, canonicalize};

use crate::atomic_file::AtomicFile;

/// Maximum size of a settings file in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// A settings file that is left unchanged, and why.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub struct SettingsError {
    /// The file.
    pub path: String,
    /// The reason; it contains nothing of the file.
    pub why: String,
}

impl SettingsError {
    pub(super) fn new(path: &Path, why: impl Into<String>) -> Self {
        Self { path: path.to_string_lossy().into_owned(), why: why.into() }
    }
}

/// Returns the text of a file, or `None` if it does not exist.
pub(super) fn read(path: &Path) -> Result<Option<String>, SettingsError> {
    let failed = |error: io::Error| SettingsError::new(path, error.to_string());
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    };
    if !found.is_file() {
        return Err(SettingsError::new(path, "not a regular file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(failed)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(SettingsError::new(path, "larger than 16 MiB"));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| SettingsError::new(path, "not UTF-8 text"))
}

/// Replaces a file. It keeps its permissions, and a link keeps its target; a new file is for its owner only, since settings
/// may hold secrets.
pub(super) fn write(path: &Path, text: &str) -> Result<(), SettingsError> {
    let written = || -> io::Result<()> {
        let (target, kept) = match fs::metadata(path) {
            Ok(found) => (canonicalize(path)?, Some(found.permissions())),
            Err(_) => (path.to_owned(), None),
        };
        let folder = target.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
        fs::create_dir_all(&folder)?;
        let mode = kept.as_ref().map_or_else(NewMode::private, NewMode::like);
        let mut draft = AtomicFile::with_mode(&folder, mode)?;
        draft.file().write_all(text.as_bytes())?;
        if let Some(kept) = kept {
            draft.file().set_permissions(kept)?;
        }
        draft.finish(&target)
    };
    written().map_err(|error| SettingsError::new(path, format!("cannot be written: {error}")))
}

/// Deletes a file.
pub(super) fn delete(path: &Path) -> Result<(), SettingsError> {
    fs::remove_file(path).map_err(|error| SettingsError::new(path, error.to_string()))
}
