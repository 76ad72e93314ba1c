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
    /// Keys that Telnyx accepts, also with fewer rights.
    Active,
}

impl FailOn {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Note, Self::Warning, Self::Error, Self::Active];
    /// What counts unless somebody says otherwise.
    pub const DEFAULT: Self = Self::Warning;

    /// The word on the command line and in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Active => "active",
        }
    }

    /// Whether `finding` fails the scan.
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
