//! YAML for Semgrep, with its language `regex`.

use super::pattern::{PLACEHOLDER_PARTS, PLACEHOLDER_WORDS, Pattern, Patterns, Way};
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
            "  - id: {}\n    languages: [regex]\n    severity: {severity}\n    message: {}\n    metadata:\n      category: security\n      references: [{}]\n    pattern-regex: {}\n",
            pattern.id,
            quoted(&format!("{}. {}", pattern.rule.message, pattern.rule.fix)),
            quoted(&pattern.rule.docs),
            quoted(&without_placeholders(pattern)),
        ));
    }
    out
}

/// Returns the expression of a pattern that looks ahead for what is not meant.
fn without_placeholders(pattern: &Pattern) -> String {
    let words = format!("(?!(?:{PLACEHOLDER_WORDS})(?:[^0-9A-Za-z_.:/+-]|$))");
    let parts = format!("(?!\\S{{0,200}}?(?i:{PLACEHOLDER_PARTS}))");
    let except = pattern.except.iter().map(|except| format!("(?!{})", except.replace('^', "")));
    let except: String = except.collect();
    let name = pattern.except_name.as_ref().map(|name| format!("(?![0-9A-Za-z_.-]{{0,80}}?(?:{name}))"));
    let ways = pattern.ways.iter().map(|way| Way {
        before: way
            .before
            .replace("(?i:(?:\\b|_)", &format!("(?i:(?:\\b|_){}", name.clone().unwrap_or_default())),
        secret: format!("{words}{parts}{except}(?:{})", way.secret),
        after: way.after.clone(),
    });
    Pattern { ways: ways.collect(), ..pattern.clone() }.regex()
}
