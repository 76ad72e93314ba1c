//! What is decided about an event, and the shape of an answer to a client.

use serde_json::Value;

/// What is decided about an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Nothing was found.
    Pass,
    /// The event passes, but not everything was looked at; why.
    Warn(String),
    /// The event is refused; why, and what to do instead.
    Block(String),
    /// A tool has run, and its result has a secret.
    Seen {
        /// What to do.
        reason: String,
        /// The result with every secret masked, if all of them could be.
        masked: Option<Value>,
    },
}

/// What a hook writes, and how it exits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code.
    pub exit: u8,
}

impl Answer {
    /// Returns an answer of one JSON document.
    pub(super) fn json(value: &Value) -> Self {
        Self { stdout: format!("{value}\n"), ..Self::default() }
    }

    /// Returns the refusal that most clients understand: exit code 2, with the reason on standard error.
    pub(super) fn refusal(reason: &str) -> Self {
        Self { stderr: format!("{reason}\n"), exit: 2, ..Self::default() }
    }

    /// Returns a text for the user that decides nothing: exit code 1, with the text on standard error.
    pub(super) fn warning(text: &str) -> Self {
        Self { stderr: format!("{text}\n"), exit: 1, ..Self::default() }
    }
}
