//! Liveness of a credential, as reported by its vendor. The requests are in `probe`.

use jiff::Timestamp;

/// The result of checking one credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liveness {
    /// The verdict.
    pub status: LivenessStatus,
    /// The reason, for display. Never contains text from a server.
    pub detail: String,
    /// When the vendor was asked or the verdict was reached offline.
    pub checked_at: Timestamp,
}

/// The verdicts. Anything but [`Self::Unknown`] requires a response that only Telnyx can have sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LivenessStatus {
    /// Telnyx accepted it.
    Active,
    /// Telnyx knows it but did not permit the request: alive, with fewer permissions or on a suspended account.
    Restricted,
    /// Telnyx does not know it now, or it is an expired token.
    Inactive,
    /// Telnyx says that it is not a key.
    Malformed,
    /// Anything else: no response, or an inconclusive one.
    Unknown,
}

impl Liveness {
    /// Returns the time of the check: RFC 3339 in UTC, whole seconds.
    pub fn time(&self) -> String {
        format!("{:.0}", self.checked_at)
    }
}

impl LivenessStatus {
    /// All verdicts, in the order in which they are counted.
    pub const ALL: [Self; 5] =
        [Self::Active, Self::Restricted, Self::Inactive, Self::Malformed, Self::Unknown];

    /// Returns the name used in every report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Restricted => "restricted",
            Self::Inactive => "inactive",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the status with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Returns whether the credential is usable now.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Active | Self::Restricted)
    }

    /// Returns whether the credential is known not to be usable now.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::Inactive | Self::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_names_round_trip() {
        for status in LivenessStatus::ALL {
            assert_eq!(LivenessStatus::of_name(status.as_str()), Some(status));
            assert!(!(status.is_alive() && status.is_dead()));
        }
        assert_eq!(LivenessStatus::of_name("alive"), None);
    }

    #[test]
    fn time_has_whole_seconds() {
        let checked_at = Timestamp::from_millisecond(1_763_798_400_999).unwrap();
        let liveness = Liveness { status: LivenessStatus::Unknown, detail: String::new(), checked_at };
        assert_eq!(liveness.time(), "2025-11-22T08:00:00Z");
    }
}
