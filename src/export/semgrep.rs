//! YAML for Semgrep, with its language `regex`.

use super::pattern::{PLACEHOLDERS, Patterns};
use super::{head, quoted};
use crate::finding::Severity;

/// Returns the rules.
pub(super) fn write(patterns: &Patterns) -> String {
    let more = [
        "Use: semgrep scan --config FILE --metrics=off.",
        "Semgrep reads text files only, not larger than 1 MB unless --max-target-bytes says otherwise, and leaves out what its .semgrepignore names.",
    ];
    let mut out = head(patterns, "Semgrep", &more);
    out.push_str("rules:\n");
    for pattern in &patterns.all {
        let severity = match pattern.rule.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Note => "INFO",
        };
        out.push_str(&format!(
            "  - id: {}\n    languages: [regex]\n    severity: {severity}\n    message: {}\n    metadata:\n      category: security\n      references: [{}]\n    patterns:\n      - pattern-regex: {}\n",
            pattern.id,
            quoted(&format!("{}. {}", pattern.rule.message, pattern.rule.fix)),
            quoted(&pattern.rule.docs),
            quoted(&pattern.regex()),
        ));
        let groups = pattern.ways.len() * if pattern.context.is_some() { 2 } else { 1 };
        if groups == 1 {
            let except =
                pattern.except.iter().map(String::as_str).chain([PLACEHOLDERS]).collect::<Vec<_>>().join("|");
            let not = quoted(&format!("^(?![\\s\\S]*(?:{except}))"));
            out.push_str(&format!(
                "      - metavariable-regex:\n          metavariable: $1\n          regex: {not}\n"
            ));
        } else {
            out.push_str(&format!("      - pattern-not-regex: {}\n", quoted(PLACEHOLDERS)));
        }
    }
    out
}
