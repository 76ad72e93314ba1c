//! An open directory. Safe code cannot open a name relative to a handle, so names are opened by path. While a [`Dir`] is
//! open, Windows refuses to rename or delete it and the directories above it (its handle does not share deletion). The
//! path therefore leads to the same directory. The path starts with `\\?\`: it has no length limit, and the names of devices
//! in it are ordinary names.

use std::ffi::{CStr, CString};
use std::fs::{File, Metadata, OpenOptions, ReadDir};
use std::io;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::{Path, PathBuf};

use super::path::{path_bytes, path_from_bytes};
use crate::{EntryKind, Handle};

/// `FILE_FLAG_BACKUP_SEMANTICS`: needed to open a directory.
const BACKUP_SEMANTICS: u32 = 0x0200_0000;
/// `FILE_FLAG_OPEN_REPARSE_POINT`: opens a link itself and not its target.
pub(super) const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
/// `FILE_SHARE_READ | FILE_SHARE_WRITE`, without `FILE_SHARE_DELETE`.
const SHARE_READ_WRITE: u32 = 3;
/// `FILE_ATTRIBUTE_DEVICE`
const DEVICE: u32 = 0x40;
/// `ERROR_STOPPED_ON_SYMLINK`
const STOPPED_ON_LINK: i32 = 681;
/// `ERROR_DIRECTORY`: it is not a directory.
const NOT_A_DIRECTORY: i32 = 267;

/// An open directory.
#[derive(Debug)]
pub struct Dir {
    handle: File,
    /// Its path, absolute and without links, with `\\?\` in front.
    path: PathBuf,
}

impl AsHandle for Dir {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

impl Dir {
    /// Opens the directory at `path`. A link at its end is followed.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::at(std::fs::canonicalize(path)?)
    }

    /// Opens the directory `name` in this one. `name` is one component.
    ///
    /// # Errors
    ///
    /// Returns the I/O error; [`Trouble::Replaced`](crate::Trouble::Replaced) for a link or a junction.
    pub fn open_dir(&self, name: &CStr) -> io::Result<Self> {
        Self::at(self.child(name)?)
    }

    fn at(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).share_mode(SHARE_READ_WRITE).custom_flags(BACKUP_SEMANTICS | OPEN_REPARSE_POINT);
        let handle = options.open(&path)?;
        match kind_of(&handle.metadata()?) {
            EntryKind::Directory => Ok(Self { handle, path }),
            EntryKind::Link => Err(io::Error::from_raw_os_error(STOPPED_ON_LINK)),
            _ => Err(io::Error::from_raw_os_error(NOT_A_DIRECTORY)),
        }
    }

    /// Returns the path of the entry `name`. A name with a separator or with the `:` of an alternate data stream is not one
    /// component.
    fn child(&self, name: &CStr) -> io::Result<PathBuf> {
        let bytes = name.to_bytes();
        if bytes.is_empty()
            || matches!(bytes, b"." | b"..")
            || bytes.iter().any(|byte| b"/\\:".contains(byte))
        {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(self.path.join(path_from_bytes(bytes)))
    }

    /// Opens the file `name` in this directory for reading, without following a link. What it is, its metadata say.
    ///
    /// # Errors
    ///
    /// Returns the I/O error; [`Trouble::Replaced`](crate::Trouble::Replaced) for a link.
    pub fn open_file(&self, name: &CStr) -> io::Result<File> {
        open_no_link(&self.child(name)?)
    }

    /// Returns whether an entry `name` exists. Links are followed.
    pub fn has(&self, name: &CStr) -> bool {
        self.child(name).is_ok_and(|path| path.exists())
    }

    /// Lists the directory.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub fn entries(&self) -> io::Result<Entries<'_>> {
        Ok(Entries { _dir: self, entries: std::fs::read_dir(&self.path)? })
    }

    /// Returns the target of the link or junction `name`; `None` if it is not a link any more.
    pub fn link_target(&self, name: &CStr) -> Option<Vec<u8>> {
        std::fs::read_link(self.child(name).ok()?).ok().map(|target| path_bytes(&target).to_vec())
    }

    /// Does nothing: safe code cannot list alternate data streams.
    pub fn each_attribute(_file: &impl Handle, _visit: impl FnMut(&str, &[u8])) {}
}

/// Opens the file at `path` for reading, but not a link.
pub(super) fn open_no_link(path: &Path) -> io::Result<File> {
    let file =
        OpenOptions::new().read(true).custom_flags(BACKUP_SEMANTICS | OPEN_REPARSE_POINT).open(path)?;
    match kind_of(&file.metadata()?) {
        EntryKind::Link => Err(io::Error::from_raw_os_error(STOPPED_ON_LINK)),
        _ => Ok(file),
    }
}

/// Returns the kind of an entry or of an open file. A reparse point that does not redirect its name, such as a file in a
/// cloud folder or a deduplicated one, is a regular file.
fn kind_of(found: &Metadata) -> EntryKind {
    let kind = found.file_type();
    if kind.is_symlink() {
        EntryKind::Link
    } else if found.file_attributes() & DEVICE != 0 {
        EntryKind::Special
    } else if kind.is_dir() {
        EntryKind::Directory
    } else {
        EntryKind::Regular
    }
}

/// One entry of a directory.
#[derive(Debug)]
pub struct DirEntry {
    name: CString,
    kind: EntryKind,
}

impl DirEntry {
    /// Returns the name as bytes, as [`path_bytes`] does.
    pub fn name(&self) -> &CStr {
        &self.name
    }

    /// Returns the kind of the entry itself: a link is not followed.
    pub fn kind(&self) -> EntryKind {
        self.kind
    }
}

/// The entries of a directory without `.` and `..`.
#[derive(Debug)]
pub struct Entries<'d> {
    /// Keeps the path valid.
    _dir: &'d Dir,
    entries: ReadDir,
}

impl Iterator for Entries<'_> {
    type Item = io::Result<DirEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = |entry: std::fs::DirEntry| -> io::Result<DirEntry> {
            let name = CString::new(path_bytes(&entry.file_name()))?;
            // Part of the listing: no system call.
            Ok(DirEntry { name, kind: kind_of(&entry.metadata()?) })
        };
        Some(self.entries.next()?.and_then(read))
    }
}
