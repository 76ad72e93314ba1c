//! Input that was in scope and not, or not completely, read.

/// Skipped input: something in scope that was not, or not completely, read. A report with any is never clean, unless
/// the configuration accepts it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Path as in [`Location::path`](super::Location::path), or the argument that named it.
    pub path: String,
    /// Why it was not read, for display, with a remedy if there is one.
    pub reason: String,
    /// The name of its format, if telleaks does not support that format: `rar`.
    pub format: Option<String>,
    /// The configuration entry that accepts it.
    pub accepted: Option<AcceptedBy>,
}

impl Skipped {
    /// Creates an entry that is not accepted and has no format.
    pub fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into(), format: None, accepted: None }
    }
}

/// Receives skipped input, from several threads at once. `Place` identifies the input: a path for files, an object id
/// for a git object. Containers are read by one thread and pass on what they skip through `unpack::Sink`.
pub trait SkipLog<Place>: Sync {
    /// Reports something in scope that was not, or not completely, read: the scan is incomplete. `reason` is for
    /// display.
    fn skipped(&self, place: Place, reason: String);
}

/// The configuration entry that accepts skipped input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceptedBy {
    /// The location of the entry: `telleaks.toml:12`.
    pub by: String,
    /// The reason given in the entry.
    pub reason: String,
}

impl AcceptedBy {
    /// Formats the entry for reports: `telleaks.toml:12: the reason`.
    pub fn shown(&self) -> String {
        format!("{}: {}", self.by, self.reason)
    }
}
