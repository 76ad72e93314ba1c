//! Pointers of git-lfs: small blobs that refer to content stored outside the object database.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::layout::Layout;
use crate::fault_injection;

/// A parsed pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// SHA-256 of the content, lower-case hex.
    pub oid: String,
}

impl Pointer {
    /// Pointers are shorter than this, in bytes (specification of git-lfs).
    pub const LONGEST: usize = 1024;
    const SIGNATURE: &'static [u8] = b"version https://git-lfs.github.com/spec/";

    /// Returns whether a blob starts like a pointer.
    pub fn may_begin(content: &[u8]) -> bool {
        content.len() < Self::LONGEST && content.starts_with(Self::SIGNATURE)
    }

    /// Parses a pointer. `content` may be a prefix of something longer.
    pub fn read(content: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(content).ok().filter(|_| Self::may_begin(content))?;
        let oid = text.lines().find_map(|line| line.strip_prefix("oid sha256:"))?.trim();
        let is_hash = oid.len() == 64 && oid.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| Self { oid: oid.to_ascii_lowercase() })
    }

    /// Returns the path where git-lfs stores the content.
    fn file(&self, layout: &Layout) -> PathBuf {
        let objects = layout.common_dir.join("lfs/objects");
        objects.join(&self.oid[..2]).join(&self.oid[2..4]).join(&self.oid)
    }

    /// Opens the content, if it is present locally.
    pub fn open(&self, layout: &Layout) -> Option<File> {
        open_inside(&self.file(layout), layout)
    }
}

/// Opens a regular file inside the git directory. Refuses links that lead out of it, and pipes, which would block
/// forever.
pub fn open_inside(path: &Path, layout: &Layout) -> Option<File> {
    let path =
        telleaks_platform::canonicalize(path).ok().filter(|path| path.starts_with(&layout.common_dir))?;
    if !fs::metadata(&path).ok()?.is_file() {
        return None;
    }
    fault_injection::open(&path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_pointers_parse() {
        let oid = "0123456789abcdef".repeat(4);
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12\n");
        assert_eq!(Pointer::read(text.as_bytes()), Some(Pointer { oid }));
        assert_eq!(Pointer::read(&text.as_bytes()[..80]), None);
        assert_eq!(Pointer::read(b"version 1"), None);
    }
}
