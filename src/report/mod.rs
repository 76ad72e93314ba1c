//! From findings to bytes on an output. A report never sees content, only what [`crate::finding`] holds.

use crate::finding::{Finding, Unseen};

/// Everything that one scan has to say, in the order in which it is said.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings in report order: path, byte offset, rule.
    pub findings: Vec<Finding>,
    /// What was in scope and not wholly read, in path order.
    pub unseen: Vec<Unseen>,
    /// Counts for the summary.
    pub summary: Summary,
}

/// Counts of one scan. No times: a report is the same byte for byte on every run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Files (or streams) whose content was searched.
    pub files_scanned: u64,
    /// Bytes of content searched, before any decoding.
    pub bytes_scanned: u64,
}
