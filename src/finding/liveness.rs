//! Whether a credential works, as its vendor says. Asking lives in `probe`.

use jiff::Timestamp;

/// What was learnt about one credential, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liveness {
    /// The verdict.
    pub status: LivenessStatus,
    /// Why, for a person. Never holds text that a server chose.
    pub detail: String,
    /// When it was asked or judged.
    pub checked_at: Timestamp,
}

/// The verdicts. Only an answer that can come from nobody but Telnyx is anything else than [`Self::Unknown`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LivenessStatus {
    /// Telnyx accepted it.
    Active,
    /// Telnyx knows it and did not permit what was asked: alive, with fewer rights or on a held account.
    Restricted,
    /// Telnyx does not know it now, or it is a token that has expired.
    Inactive,
    /// Telnyx says that it is no key at all.
    Malformed,
    /// Anything else: no answer, or one that tells nothing.
    Unknown,
}

impl Liveness {
    /// When it was asked or judged: RFC 3339 in UTC, whole seconds.
    pub fn time(&self) -> String {
        format!("{:.0}", self.checked_at)
    }
}

impl LivenessStatus {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 5] =
        [Self::Active, Self::Restricted, Self::Inactive, Self::Malformed, Self::Unknown];

    /// The word used in every report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Restricted => "restricted",
            Self::Inactive => "inactive",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
        }
    }

    /// The status of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether it can be used now.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Active | Self::Restricted)
    }

    /// Whether it is known that it cannot be used now.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::Inactive | Self::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read_back_from_its_name_and_is_not_both_alive_and_dead() {
        for status in LivenessStatus::ALL {
            assert_eq!(LivenessStatus::of_name(status.as_str()), Some(status));
            assert!(!(status.is_alive() && status.is_dead()));
        }
        assert_eq!(LivenessStatus::of_name("alive"), None);
    }

    #[test]
    fn the_time_has_whole_seconds() {
        let checked_at = Timestamp::from_millisecond(1_763_798_400_999).unwrap();
        let liveness = Liveness { status: LivenessStatus::Unknown, detail: String::new(), checked_at };
        assert_eq!(liveness.time(), "2025-11-22T08:00:00Z");
    }
}
