//! From verdicts to findings: how alive a secret is decides how bad its leak is. It asks nobody.

use super::Verdicts;
use crate::finding::{Finding, LivenessStatus, Severity};

/// Tells each finding what was learnt about its secret. A live key is an error wherever it stands, a dead one a note;
/// the message says so where the severity changes.
pub fn apply(findings: &mut [Finding], verdicts: &Verdicts) {
    for finding in findings {
        let Some(liveness) = verdicts.get(&finding.secret.sha256()) else { continue };
        let (severity, reason) = match liveness.status {
            LivenessStatus::Active => (Severity::Error, "Telnyx accepts it now"),
            LivenessStatus::Restricted => (Severity::Error, "Telnyx knows it, with fewer rights"),
            LivenessStatus::Inactive => (Severity::Note, "it does not work now"),
            LivenessStatus::Malformed => (Severity::Note, "Telnyx says that it is no key"),
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
        let place = Location {
            path: "a".into(),
            start_line: 1,
            start_column: 1,
            end_line: 1,
            end_column: 2,
            byte_start: 0,
            byte_end: 1,
        };
        Finding { message: "A key".into(), ..Finding::new("rule", severity, Secret::new("secret"), place) }
    }

    #[test]
    fn alive_is_an_error_dead_a_note_and_unknown_stays() {
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
                "A key (Telnyx says that it is no key)",
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
