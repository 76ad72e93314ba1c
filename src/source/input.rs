//! One open input on its way to the visitor: how much of it is read, and what is said when that fails.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::progress::Counts;
use super::{Label, Visitor};
use crate::content::{Content, Positioned, ReadSeek, Regular, undisturbed};
use crate::faults;

/// Bytes read of a regular file that says it is empty. The files of `/proc` say so and are not; this bound is
/// for a file that was empty when it was opened and grows as fast as it is read.
const UNSIZED_LIMIT: u64 = 64 << 20;

/// What is said after a panic.
const DEFECT: &str = "the scan of this failed inside telleaks; please report it";

/// Hands inputs to the visitor, one call each.
pub(super) struct Intake<'a> {
    visitor: &'a dyn Visitor,
    max_size: Option<u64>,
    counts: Option<&'a Counts>,
}

impl<'a> Intake<'a> {
    /// An intake that reads no more than `max_size` bytes of one input.
    pub(super) fn new(visitor: &'a dyn Visitor, max_size: Option<u64>, counts: Option<&'a Counts>) -> Self {
        Self { visitor, max_size, counts }
    }

    /// Scans a regular file of `size` bytes: exactly those that it had when it was opened. What is appended
    /// later belongs to a later scan, and a file that grows without end has one here.
    pub(super) fn regular(&self, label: &Label<'_>, file: &File, size: u64, folder: &Folder<'_>) {
        if let Some(max) = self.max_size.filter(|&max| size > max) {
            let reason = format!("larger than --max-file-size ({size} bytes, the limit is {max})");
            return self.unseen(label.to_string(), reason);
        }
        let limit = if size == 0 { UNSIZED_LIMIT } else { size };
        let mut input = Input { file, folder: Some(folder).filter(|_| size > 0), left: limit, read: 0 };
        self.visit(label, Some(size), &mut input);
        // What was not handed out is only then worth a question.
        if size > 0 && input.left > 0 && file.metadata().is_ok_and(|now| now.len() < size) {
            let reason = "shrank while it was being read; its end was gone before it was scanned";
            self.unseen(label.to_string(), reason.to_owned());
        }
        if size == 0 && input.left == 0 && input.goes_on() {
            let reason = "grew while it was being read; only its beginning was scanned";
            self.unseen(label.to_string(), reason.to_owned());
        }
    }

    /// Scans a pipe, a device or whatever else has no size of its own, to its end.
    pub(super) fn stream(&self, label: &Label<'_>, file: &File) {
        let mut input = Input { file, folder: None, left: self.max_size.unwrap_or(u64::MAX), read: 0 };
        self.visit(label, None, &mut input);
        if input.left == 0 && input.goes_on() {
            let reason = format!("larger than --max-file-size; only {} bytes were scanned", input.read);
            self.unseen(label.to_string(), reason);
        }
    }

    /// Lets a directory be listed; a panic costs this one only. `label` says what it is called.
    pub(super) fn listing(&self, label: impl Fn() -> String, list: impl FnOnce() -> io::Result<()>) {
        match catch_unwind(AssertUnwindSafe(list)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.failed(label(), &error),
            Err(_) => self.unseen(label(), DEFECT.to_owned()),
        }
    }

    /// Names what could not be opened, listed or read.
    pub(super) fn failed(&self, label: String, error: &io::Error) {
        self.unseen(label, in_words(error));
    }

    /// See [`Visitor::unseen`].
    pub(super) fn unseen(&self, label: String, reason: String) {
        self.visitor.unseen(label, reason);
    }

    /// See [`Visitor::notice`].
    pub(super) fn notice(&self, label: String, message: String) {
        self.visitor.notice(label, message);
    }

    /// One file must not take the others with it: a panic costs this input only. Its message may hold content
    /// and goes nowhere from here.
    fn visit(&self, label: &Label<'_>, size: Option<u64>, input: &mut Input<'_>) {
        let visit = AssertUnwindSafe(|| self.visitor.visit(label, size, input));
        match catch_unwind(visit) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.failed(label.to_string(), &error),
            Err(_) => self.unseen(label.to_string(), DEFECT.to_owned()),
        }
        if let Some(counts) = self.counts {
            counts.add(size.unwrap_or(input.read));
        }
    }
}

/// The directory in which a file lies.
pub(super) enum Folder<'a> {
    /// It is open.
    Open(BorrowedFd<'a>),
    /// That of the file at this path.
    Of(&'a Path),
    /// None that could be named.
    Unknown,
}

impl Folder<'_> {
    /// Opens a regular file in it. Neither a link nor a name with a `/` leads out of it.
    fn open(&self, name: &str) -> Option<File> {
        if name.contains(['/', '\0']) {
            return None;
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let fd = match self {
            Self::Open(dir) => openat(dir, name, flags, Mode::empty()),
            Self::Unknown => return None,
            Self::Of(path) => openat(CWD, path.with_file_name(name), flags, Mode::empty()),
        };
        fd.map(File::from)
            .map_err(io::Error::from)
            .and_then(faults::opened)
            .ok()
            .filter(|file| file.metadata().is_ok_and(|metadata| metadata.is_file()))
    }
}

/// A file up to a bound.
struct Input<'f> {
    file: &'f File,
    /// Where it lies, if it is a regular file.
    folder: Option<&'f Folder<'f>>,
    /// Bytes until the bound.
    left: u64,
    /// Bytes handed out.
    read: u64,
}

impl Input<'_> {
    /// True if there is content behind the bound.
    fn goes_on(&mut self) -> bool {
        matches!(undisturbed(|| faults::read(self.file, &mut [0])), Ok(1))
    }
}

impl Content for Input<'_> {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        self.folder.map(|_| Box::new(Positioned::new(self.file, 0)) as _)
    }

    fn read_from(&self, offset: u64) -> Option<Box<dyn Read + Send + '_>> {
        self.folder.map(|_| Box::new(Positioned::new(self.file, offset)) as _)
    }

    fn beside(&mut self, name: &str) -> Option<Box<dyn Read + '_>> {
        Some(Box::new(Regular(self.folder?.open(name)?)))
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            // Spares the read that would only say that this is the end.
            return Ok(0);
        }
        let count = undisturbed(|| faults::read(self.file, &mut buffer[..most]))?;
        self.left -= count as u64;
        self.read += count as u64;
        Ok(count)
    }
}

/// What the system said, for a person.
pub(super) fn in_words(error: &io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::ACCESS | Errno::PERM) => "permission denied".to_owned(),
        Some(Errno::NOENT) => "vanished while scanning".to_owned(),
        Some(Errno::LOOP | Errno::NOTDIR) => "replaced by something else while scanning".to_owned(),
        Some(Errno::MFILE | Errno::NFILE) => {
            "too many open files; raise the limit (ulimit -n) or use fewer threads".to_owned()
        }
        _ => error.to_string(),
    }
}
