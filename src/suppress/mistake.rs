//! What is wrong with a file that somebody wrote, and where; never its content.

/// A mistake on a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {message}")]
pub struct Mistake {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong, and what to write.
    pub message: String,
}

impl Mistake {
    /// A mistake on a line.
    pub(super) fn new(line: u64, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}
