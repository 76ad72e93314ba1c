//! Why a file could not be opened or read, independent of the system.

use std::io;

use crate::system;

/// Errors that a report explains in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The user may not read it.
    Denied,
    /// It does not exist any more.
    Vanished,
    /// It is a link or another kind of file now.
    Replaced,
    /// The process or the system has too many open files.
    TooManyFiles,
    /// Another program has locked it. Windows only.
    InUse,
}

impl Trouble {
    /// Returns the class of a system error; `None` if it has none of them.
    pub fn of(error: &io::Error) -> Option<Self> {
        error.raw_os_error().and_then(system::trouble)
    }
}
