//! What git knows about a finding: where in history the secret came, where it went, and who can reach it.

/// The history of one secret under one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitInfo {
    /// Id of the object that holds the secret and to which the finding's location belongs.
    pub blob: Option<String>,
    /// The first commit that introduced the secret under this path.
    pub commit: Option<Commit>,
    /// Path in the repository; `None` where the secret is not in a file (a message, a name).
    pub path: Option<String>,
    /// Committer date of the first commit that holds it, RFC 3339 in UTC.
    pub first_seen: Option<String>,
    /// Committer date of the newest commit that holds it, RFC 3339 in UTC.
    pub last_seen: Option<String>,
    /// Id of the last commit that took it away, if HEAD does not hold it.
    pub removed_in: Option<String>,
    /// Days from the first commit that holds it to its removal, or to today.
    pub exposure_days: Option<u64>,
    /// Whether the commit that is checked out holds it under this path.
    pub in_head: bool,
    /// Refs from which a commit that holds it is reached.
    pub refs: Vec<String>,
    /// How it is reached.
    pub reached_by: ReachedBy,
    /// How many distinct objects hold the secret under this path.
    pub versions: u64,
}

/// A commit, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// `Name <address>`, with secrets in it masked.
    pub author: String,
    /// Author date, RFC 3339 in UTC.
    pub date: String,
    /// First line of the message, with secrets in it masked.
    pub subject: String,
}

/// How an object is reached, from the most to the least public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReachedBy {
    /// A branch, a tag or a remote-tracking branch.
    Refs,
    /// The message or the people of a commit or tag.
    Message,
    /// The name of a ref.
    RefName,
    /// Git notes.
    Notes,
    /// An index: staged, not committed.
    Index,
    /// The stash.
    Stash,
    /// Only a reflog, or a name such as `ORIG_HEAD`.
    Reflog,
    /// Nothing.
    Unreachable,
}

impl ReachedBy {
    /// All of them, from the most to the least public.
    pub const ALL: [Self; 8] = [
        Self::Refs,
        Self::Message,
        Self::RefName,
        Self::Notes,
        Self::Index,
        Self::Stash,
        Self::Reflog,
        Self::Unreachable,
    ];

    /// The way that [`Self::as_str`] names.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == name)
    }

    /// The word used in every report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refs => "refs",
            Self::Message => "message",
            Self::RefName => "ref-name",
            Self::Notes => "notes",
            Self::Index => "index",
            Self::Stash => "stash",
            Self::Reflog => "reflog",
            Self::Unreachable => "unreachable",
        }
    }
}

impl GitInfo {
    /// What is known of something that no commit holds: how it is reached, and nothing else.
    pub fn bare(reached_by: ReachedBy) -> Self {
        Self {
            blob: None,
            commit: None,
            path: None,
            first_seen: None,
            last_seen: None,
            removed_in: None,
            exposure_days: None,
            in_head: false,
            refs: Vec::new(),
            reached_by,
            versions: 1,
        }
    }
}
