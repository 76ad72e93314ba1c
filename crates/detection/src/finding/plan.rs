//! A response plan for one leak, as plain data for reports. `respond` builds it.

/// What to do about one leak, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The secret, masked if necessary, and when it was created.
    pub title: String,
    /// Known facts: severity and liveness.
    pub facts: Vec<String>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to do, in one sentence.
    pub title: String,
    /// How and where, one string per line.
    pub lines: Vec<String>,
    /// Commands to copy, in order; placeholders are in upper case.
    pub commands: Vec<String>,
    /// A helpful URL from a fixed list.
    pub link: Option<&'static str>,
}
