//! Reads one small file from the tree of a commit, without a work tree.

use super::database::{Database, ReadError};
use super::range::Trees;
use crate::odb::{HashFormat, ObjectId};

/// Returns the content of the file at `path` (separated by `/`, without `.` and `..`) in the tree of a commit, or
/// `None` if there is no such file.
///
/// # Errors
/// Returns an error if the blob is missing or larger than `limit` bytes.
pub fn file_of(
    database: &Database,
    format: HashFormat,
    commit: &ObjectId,
    path: &str,
    limit: u64,
) -> Result<Option<Vec<u8>>, ReadError> {
    let (_, head) = database.commit(commit)?;
    let Some(blob) = Trees::new(database, format).blob_at(&head.tree, path.as_bytes()) else {
        return Ok(None);
    };
    let size = database.oid(&blob).and_then(|oid| database.odb().read_header(oid).ok()).map(|(size, _)| size);
    if size.is_some_and(|size| size as u64 > limit) {
        let reason = format!("larger than {} MiB", limit >> 20);
        return Err(ReadError { id: blob.to_string(), reason });
    }
    database.read(&blob).map(|(_, content)| Some(content))
}
