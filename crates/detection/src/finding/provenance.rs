//! Provenance of a finding in git: the commits that introduced and removed the secret, and how it is reachable.

/// The history of one secret under one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitInfo {
    /// Id of the object that contains the secret; the finding's location refers to it.
    pub blob: Option<String>,
    /// The first commit that introduced the secret under this path.
    pub commit: Option<Commit>,
    /// Whether the secret may be older than that commit: a shallow clone begins there.
    pub or_earlier: bool,
    /// Path in the repository; `None` if the secret is not in a file (but in a message or a name).
    pub path: Option<String>,
    /// Committer date of the first commit that contains it, RFC 3339 in UTC.
    pub first_seen: Option<String>,
    /// Committer date of the newest commit that contains it, RFC 3339 in UTC.
    pub last_seen: Option<String>,
    /// Id of the last commit that removed it, if HEAD does not contain it.
    pub removed_in: Option<String>,
    /// Days since the first public commit that contains it, up to today as long as a public ref reaches that commit;
    /// `None` if no public ref does. Public are the remote-tracking refs, or in a repository without them its branches,
    /// tags and notes. A removal from HEAD does not end it: every clone still has the secret.
    pub exposure_days: Option<u64>,
    /// Days that it was in the history of HEAD: from its first commit to its removal, or to today.
    pub head_days: Option<u64>,
    /// Whether HEAD contains it under this path.
    pub in_head: bool,
    /// Refs from which a commit that contains it is reachable.
    pub refs: Vec<String>,
    /// How it is reachable.
    pub reached_by: ReachedBy,
    /// Number of distinct objects that contain the secret under this path.
    pub versions: u64,
}

/// A commit, for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The id.
    pub id: String,
    /// `Name <address>`, with secrets masked.
    pub author: String,
    /// Author date, RFC 3339 in UTC.
    pub date: String,
    /// First line of the message, with secrets masked.
    pub subject: String,
}

/// How an object is reachable, from the most to the least public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReachedBy {
    /// A branch, a tag or a remote-tracking branch.
    Refs,
    /// The message, author, committer or tagger of a commit or tag.
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
    /// Not reachable.
    Unreachable,
}

impl ReachedBy {
    /// All kinds, from the most to the least public.
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

    /// Returns the kind with this name; the inverse of [`Self::as_str`].
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == name)
    }

    /// Returns the name used in every report.
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
    /// Creates the provenance of something that is not part of a commit: only how it is reachable is known.
    pub fn bare(reached_by: ReachedBy) -> Self {
        Self {
            blob: None,
            commit: None,
            or_earlier: false,
            path: None,
            first_seen: None,
            last_seen: None,
            removed_in: None,
            exposure_days: None,
            head_days: None,
            in_head: false,
            refs: Vec::new(),
            reached_by,
            versions: 1,
        }
    }
}
