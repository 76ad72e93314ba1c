//! An error in a configuration or baseline file; never quotes its content.

/// An error on a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {message}")]
pub struct Mistake {
    /// 1-based line.
    pub line: u64,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl Mistake {
    /// Creates a mistake.
    pub(super) fn new(line: u64, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}
