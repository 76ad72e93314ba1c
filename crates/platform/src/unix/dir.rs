//! An open directory. Its entries are opened relative to the descriptor, and links are never followed.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir as RawDir, DirEntry as RawEntry, FileType, Mode, OFlags};
use rustix::fs::{fgetxattr, flistxattr, readlinkat};
use rustix::io::Errno;

use crate::{EntryKind, Handle};

const DIR_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// `NONBLOCK`: if a file became a pipe since it was listed, opening it must not wait for a writer.
pub(super) const FILE_FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Size of the buffer for the names of attributes; `XATTR_LIST_MAX` of Linux.
const NAMES_BYTES: usize = 64 << 10;
/// Size of the buffer for a value; `XATTR_SIZE_MAX` of Linux.
const VALUE_BYTES: usize = 64 << 10;
/// Namespace of the attributes that users set (xattr(7)); other systems than Linux have no namespaces in names.
const USER: &[u8] = if cfg!(target_os = "linux") { b"user." } else { b"" };

/// An open directory.
#[derive(Debug)]
pub struct Dir(OwnedFd);

impl AsFd for Dir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Dir {
    /// Opens the directory at `path`. A link at its end is followed.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(CWD, path, DIR_FLAGS, Mode::empty())?))
    }

    /// Opens the directory `name` in this one. `name` is one component.
    ///
    /// # Errors
    ///
    /// Returns the I/O error; [`Trouble::Replaced`](crate::Trouble::Replaced) for a link.
    pub fn open_dir(&self, name: &CStr) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(&self.0, name, DIR_FLAGS | OFlags::NOFOLLOW, Mode::empty())?))
    }

    /// Opens the file `name` in this directory for reading, without waiting for a pipe and without following a link. What
    /// it is, its metadata say.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    #[inline]
    pub fn open_file(&self, name: &CStr) -> io::Result<File> {
        Ok(rustix::fs::openat(&self.0, name, FILE_FLAGS, Mode::empty()).map(File::from)?)
    }

    /// Returns whether an entry `name` exists. Links are followed.
    pub fn has(&self, name: &CStr) -> bool {
        rustix::fs::statat(&self.0, name, AtFlags::empty()).is_ok()
    }

    /// Lists the directory.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub fn entries(&self) -> io::Result<Entries<'_>> {
        Ok(Entries { dir: self, entries: RawDir::new(self.0.try_clone()?)? })
    }

    /// Returns the target of the link `name`; `None` if it is not a link any more.
    pub fn link_target(&self, name: &CStr) -> Option<Vec<u8>> {
        readlinkat(&self.0, name, Vec::new()).ok().map(|target| target.into_bytes())
    }

    /// Calls `visit` with the name and the value of each extended attribute of an open file or directory that a user can
    /// have set. File systems without attributes have none, nor has Windows.
    pub fn each_attribute(file: &impl Handle, mut visit: impl FnMut(&str, &[u8])) {
        // Nearly all files have none, so that nothing is allocated.
        match flistxattr(file, &mut [0_u8; 64][..]) {
            Ok(1..) | Err(Errno::RANGE) => {}
            _ => return,
        }
        let mut names = vec![0; NAMES_BYTES];
        let Ok(length) = flistxattr(file, &mut names[..]) else { return };
        let mut value = vec![0; VALUE_BYTES];
        let mut rest = &names[..length.min(names.len())];
        while let Ok(name) = CStr::from_bytes_until_nul(rest) {
            rest = &rest[name.to_bytes_with_nul().len()..];
            if !name.to_bytes().starts_with(USER) {
                continue;
            }
            if let Ok(length) = fgetxattr(file, name, &mut value[..]) {
                visit(&name.to_string_lossy(), &value[..length.min(VALUE_BYTES)]);
            }
        }
    }
}

/// One entry of a directory.
#[derive(Debug)]
pub struct DirEntry {
    entry: RawEntry,
    kind: EntryKind,
}

impl DirEntry {
    /// Returns the name as bytes, as [`path_bytes`](crate::path_bytes) does. No system allows a NUL in a name.
    #[inline]
    pub fn name(&self) -> &CStr {
        self.entry.file_name()
    }

    /// Returns the kind of the entry itself: a link is not followed.
    #[inline]
    pub fn kind(&self) -> EntryKind {
        self.kind
    }
}

/// The entries of a directory without `.` and `..`.
#[derive(Debug)]
pub struct Entries<'d> {
    dir: &'d Dir,
    entries: RawDir,
}

impl Iterator for Entries<'_> {
    type Item = io::Result<DirEntry>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.entries.read()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                let kind = kind_of(&self.dir.0, entry.file_name(), entry.file_type());
                return Some(Ok(DirEntry { entry, kind }));
            }
        }
    }
}

/// Returns the type of an entry.
fn kind_of(dir: &OwnedFd, name: &CStr, listed: FileType) -> EntryKind {
    let known = match listed {
        // Some file systems do not list the type. An entry that has vanished is reported when it is opened.
        FileType::Unknown => match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => FileType::from_raw_mode(stat.st_mode),
            Err(_) => FileType::RegularFile,
        },
        known => known,
    };
    match known {
        FileType::RegularFile => EntryKind::Regular,
        FileType::Directory => EntryKind::Directory,
        FileType::Symlink => EntryKind::Link,
        _ => EntryKind::Special,
    }
}
