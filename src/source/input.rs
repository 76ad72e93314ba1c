//! Hands one open input to the visitor: limits how much of it is read, and reports errors.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use telleaks_platform::{Dir, Handle, Trouble, open_beside};

use super::{Label, Visitor};
use crate::fault_injection;
use crate::input::{Content, Positioned, ReadSeek, Regular, undisturbed};
use crate::progress::Progress;

/// Maximum bytes read of a regular file of size 0. The files of `/proc` have that size and content; the limit is for a
/// file that was empty when it was opened and grows as fast as it is read.
const MAX_UNSIZED_BYTES: u64 = 64 << 20;

/// Minimum length of a name or an attribute that is scanned, in bytes.
const MIN_METADATA_BYTES: usize = 12;

/// Reported after a panic.
const PANIC_REASON: &str = "internal error while scanning this input; please report it";

/// Hands inputs to the visitor, one call each.
pub(super) struct Intake<'a> {
    visitor: &'a dyn Visitor,
    max_size: Option<u64>,
    progress: &'a Progress,
}

impl<'a> Intake<'a> {
    /// Creates an intake that reads at most `max_size` bytes of each input.
    pub(super) fn new(visitor: &'a dyn Visitor, max_size: Option<u64>, progress: &'a Progress) -> Self {
        Self { visitor, max_size, progress }
    }

    /// Scans a regular file of `size` bytes: exactly the bytes that it had when it was opened. Bytes appended later are
    /// left to a later scan, so that a growing file does not keep the scan from ending.
    pub(super) fn regular(&self, label: &Label<'_>, file: &File, size: u64, folder: &ParentDir<'_>) {
        if let Some(max) = self.max_size.filter(|&max| size > max) {
            let reason = format!("larger than --max-file-size ({size} bytes, the limit is {max})");
            return self.skipped(label.to_string(), reason);
        }
        self.attributes(&|| label.to_string(), file);
        let limit = if size == 0 { MAX_UNSIZED_BYTES } else { size };
        let folder = Some(folder).filter(|_| size > 0);
        let mut input =
            Input { file, folder, left: limit, read: 0, progress: self.progress, shown: AtomicU64::new(0) };
        self.visit(label, Some(size), &mut input);
        // Only if bytes are missing is it worth a system call.
        if size > 0 && input.left > 0 && file.metadata().is_ok_and(|now| now.len() < size) {
            let reason = "shrank while it was being read; its end was not scanned";
            self.skipped(label.to_string(), reason.to_owned());
        }
        if size == 0 && input.left == 0 && input.has_more() {
            let reason = "grew while it was being read; only its beginning was scanned";
            self.skipped(label.to_string(), reason.to_owned());
        }
    }

    /// Scans a pipe, a device or another input without a size, to its end.
    pub(super) fn stream(&self, label: &Label<'_>, file: &File) {
        let left = self.max_size.unwrap_or(u64::MAX);
        let mut input =
            Input { file, folder: None, left, read: 0, progress: self.progress, shown: AtomicU64::new(0) };
        self.visit(label, None, &mut input);
        if input.left == 0 && input.has_more() {
            let reason = format!("larger than --max-file-size; only {} bytes were scanned", input.read);
            self.skipped(label.to_string(), reason);
        }
    }

    /// Lists a directory. A panic affects this directory only. `label` returns its name.
    pub(super) fn listing(&self, label: impl Fn() -> String, list: impl FnOnce() -> io::Result<()>) {
        match catch_unwind(AssertUnwindSafe(list)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.failed(label(), &error),
            Err(_) => self.skipped(label(), PANIC_REASON.to_owned()),
        }
    }

    /// Reports an input that could not be opened, listed or read.
    pub(super) fn failed(&self, label: String, error: &io::Error) {
        self.skipped(label, describe(error));
    }

    /// See [`SkipLog::skipped`](crate::finding::SkipLog::skipped).
    pub(super) fn skipped(&self, label: String, reason: String) {
        self.visitor.skipped(label, reason);
    }

    /// See [`Visitor::metadata`]. A short text cannot contain a secret.
    pub(super) fn metadata(&self, path: &dyn Fn() -> String, text: &[u8]) {
        if text.len() >= MIN_METADATA_BYTES {
            self.visitor.metadata(path, text);
        }
    }

    /// Scans the extended attributes of an open file or directory.
    pub(super) fn attributes(&self, path: &dyn Fn() -> String, file: &impl Handle) {
        Dir::each_attribute(file, |name, value| self.metadata(&|| format!("{}!/{name}", path()), value));
    }

    /// See [`Visitor::link`].
    pub(super) fn link(&self) {
        self.visitor.link();
    }

    /// See [`Visitor::notice`].
    pub(super) fn notice(&self, label: String, message: String) {
        self.visitor.notice(label, message);
    }

    /// Calls the visitor. A panic affects this input only; its message may contain input and is not reported.
    fn visit(&self, label: &Label<'_>, size: Option<u64>, input: &mut Input<'_>) {
        let visit = AssertUnwindSafe(|| self.visitor.visit(label, size, input));
        match catch_unwind(visit) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.failed(label.to_string(), &error),
            Err(_) => self.skipped(label.to_string(), PANIC_REASON.to_owned()),
        }
        // Members of a container are read at any position and not counted.
        let shown = input.shown.load(Ordering::Relaxed);
        self.progress.add(1, size.map_or(0, |size| size.saturating_sub(shown)));
    }
}

/// The directory of a file.
pub(super) enum ParentDir<'a> {
    /// An open directory.
    Open(&'a Dir),
    /// The directory of the file at this path.
    Of(&'a Path),
    /// No known directory.
    Unknown,
}

impl ParentDir<'_> {
    /// Opens a regular file in it. Rejects links and names with a `/`, so that it never leads out of the directory.
    fn open(&self, name: &str) -> Option<File> {
        if name.contains(std::path::is_separator) || name.contains('\0') {
            return None;
        }
        let opened = match self {
            Self::Open(dir) => dir.open_file(&CString::new(name).ok()?),
            Self::Unknown => return None,
            Self::Of(path) => open_beside(&path.with_file_name(name)),
        };
        opened
            .and_then(fault_injection::opened)
            .ok()
            .filter(|file| file.metadata().is_ok_and(|metadata| metadata.is_file()))
    }
}

/// A file up to a limit.
struct Input<'f> {
    file: &'f File,
    /// The directory of the file, if it is a regular file.
    folder: Option<&'f ParentDir<'f>>,
    /// Bytes left until the limit.
    left: u64,
    /// Bytes returned so far.
    read: u64,
    progress: &'f Progress,
    /// Bytes counted there.
    shown: AtomicU64,
}

impl Input<'_> {
    /// Counts bytes in the display of progress.
    fn count(&self, bytes: usize) {
        self.shown.fetch_add(bytes as u64, Ordering::Relaxed);
        self.progress.add(0, bytes as u64);
    }

    /// Returns whether there is content after the limit.
    fn has_more(&mut self) -> bool {
        matches!(undisturbed(|| fault_injection::read(self.file, &mut [0])), Ok(1))
    }
}

impl Content for Input<'_> {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        self.folder.map(|_| Box::new(Positioned::new(self.file, 0)) as _)
    }

    fn read_from(&self, offset: u64) -> Option<Box<dyn Read + Send + '_>> {
        let counted = |inner| Box::new(CountedReader { inner, input: self }) as _;
        self.folder.map(|_| counted(Positioned::new(self.file, offset)))
    }

    fn beside(&mut self, name: &str) -> Option<Box<dyn Read + '_>> {
        Some(Box::new(Regular::new(self.folder?.open(name)?)))
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            // Saves the system call that would only report the end.
            return Ok(0);
        }
        let count = undisturbed(|| match self.folder {
            Some(_) => fault_injection::read_next(self.file, &mut buffer[..most], self.read),
            // A pipe has no positions.
            None => fault_injection::read(self.file, &mut buffer[..most]),
        })?;
        self.left -= count as u64;
        self.read += count as u64;
        self.count(count);
        Ok(count)
    }
}

/// A reader of one part of an input, on a thread of its own.
struct CountedReader<'f> {
    inner: Positioned<'f>,
    input: &'f Input<'f>,
}

impl Read for CountedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.input.count(count);
        Ok(count)
    }
}

/// Formats a system error for display.
pub(super) fn describe(error: &io::Error) -> String {
    match Trouble::of(error) {
        Some(Trouble::Denied) => "permission denied".to_owned(),
        Some(Trouble::Vanished) => "vanished while scanning".to_owned(),
        Some(Trouble::Replaced) => "replaced by something else while scanning".to_owned(),
        Some(Trouble::TooManyFiles) => {
            "too many open files; raise the limit (ulimit -n) or use fewer threads".to_owned()
        }
        Some(Trouble::InUse) => "another program has it open and does not share it".to_owned(),
        None => error.to_string(),
    }
}
