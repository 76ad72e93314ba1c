//! What to do about one leak, as plain data that a report can write. `respond` makes it.

/// What to do about one leak, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The secret, as it may be shown, and when it was made.
    pub title: String,
    /// What is known of it: how bad, whether it works.
    pub facts: Vec<String>,
    /// What to do.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to do, in one sentence.
    pub title: String,
    /// How, and where, a line each.
    pub lines: Vec<String>,
    /// An address that helps, one of ours.
    pub link: Option<&'static str>,
}
