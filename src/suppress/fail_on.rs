//! Which findings fail a run.

use clap::ValueEnum;

use crate::finding::{Finding, Severity};

/// Lowest severity that fails a scan. The order is from strict to lax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum FailOn {
    /// Any finding.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors only.
    Error,
    /// Keys that Telnyx accepts, even with limited permissions.
    Active,
}

impl FailOn {
    /// All levels.
    pub const ALL: [Self; 4] = [Self::Note, Self::Warning, Self::Error, Self::Active];
    /// The level without any option or configuration.
    pub const DEFAULT: Self = Self::Warning;

    /// Returns the name on the command line and in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Active => "active",
        }
    }

    /// Returns whether `finding` fails the scan.
    pub fn includes(self, finding: &Finding) -> bool {
        let least = match self {
            Self::Note => Severity::Note,
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
            Self::Active => {
                return finding.liveness.as_ref().is_some_and(|liveness| liveness.status.is_alive());
            }
        };
        finding.severity >= least
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Liveness, LivenessStatus, Location, Secret};

    fn finding(severity: Severity) -> Finding {
        let location = Location::of_first_byte("a");
        Finding::new("rule", severity, Secret::new("secret"), location)
    }

    #[test]
    fn level_includes_higher_severities() {
        for (severity, fails) in [
            (Severity::Note, [true, false, false, false]),
            (Severity::Warning, [true, true, false, false]),
            (Severity::Error, [true, true, true, false]),
        ] {
            let mut finding = finding(severity);
            assert_eq!(FailOn::ALL.map(|one| one.includes(&finding)), fails, "{severity:?}");
            for (status, alive) in [(LivenessStatus::Active, true), (LivenessStatus::Inactive, false)] {
                let checked_at = jiff::Timestamp::now();
                finding.liveness = Some(Liveness { status, detail: String::new(), checked_at });
                assert_eq!(FailOn::Active.includes(&finding), alive);
            }
        }
    }
}
