//! Applies verdicts to findings: the liveness of a key sets the severity of its leak. Sends nothing.

use super::Verdicts;
use crate::finding::{Finding, LivenessStatus, Severity};

/// Sets the liveness of each finding with a verdict. A finding of a live key becomes an error, one of a dead key a
/// note; if the severity changes, the message says why.
pub fn apply(findings: &mut [Finding], verdicts: &Verdicts) {
    for finding in findings {
        let Some(liveness) = verdicts.get(&finding.secret.sha256()) else { continue };
        let (severity, reason) = match liveness.status {
            LivenessStatus::Active => (Severity::Error, "Telnyx accepts it now"),
            LivenessStatus::Restricted => (Severity::Error, "Telnyx knows it, with fewer rights"),
            LivenessStatus::Inactive => (Severity::Note, "it does not work now"),
            LivenessStatus::Malformed => (Severity::Note, "Telnyx says that it is not a key"),
            LivenessStatus::Unknown => (finding.severity, ""),
        };
        if severity != finding.severity {
            finding.severity = severity;
            finding.message.push_str(&format!(" ({reason})"));
        }
        finding.liveness = Some(liveness.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Liveness, Location, Secret};
    use jiff::Timestamp;

    fn finding(severity: Severity) -> Finding {
        let place = Location::of_first_byte("a");
        Finding { message: "A key".into(), ..Finding::new("rule", severity, Secret::new("secret"), place) }
    }

    #[test]
    fn live_is_error_dead_is_note_unknown_is_unchanged() {
        for (before, status, after, message) in [
            (Severity::Error, LivenessStatus::Active, Severity::Error, "A key"),
            (Severity::Note, LivenessStatus::Active, Severity::Error, "A key (Telnyx accepts it now)"),
            (
                Severity::Warning,
                LivenessStatus::Restricted,
                Severity::Error,
                "A key (Telnyx knows it, with fewer rights)",
            ),
            (Severity::Error, LivenessStatus::Inactive, Severity::Note, "A key (it does not work now)"),
            (
                Severity::Error,
                LivenessStatus::Malformed,
                Severity::Note,
                "A key (Telnyx says that it is not a key)",
            ),
            (Severity::Warning, LivenessStatus::Unknown, Severity::Warning, "A key"),
        ] {
            let mut findings = [finding(before), finding(before)];
            findings[1].secret = Secret::new("another");
            let liveness = Liveness { status, detail: "d".into(), checked_at: Timestamp::now() };
            let verdicts = Verdicts::from([(findings[0].secret.sha256(), liveness.clone())]);
            apply(&mut findings, &verdicts);
            assert_eq!((findings[0].severity, findings[0].message.as_str()), (after, message));
            assert_eq!(findings[0].liveness, Some(liveness));
            assert_eq!((findings[1].severity, &findings[1].liveness), (before, &None));
        }
    }
}
