//! YAML for kingfisher 2.

use super::pattern::Patterns;
use super::{head, quoted};
use crate::finding::Confidence;

/// Parts of values that are no secrets.
const IGNORED: [&str; 12] = [
    "your-",
    "your_",
    "changeme",
    "change-me",
    "change_me",
    "example",
    "placeholder",
    "replace",
    "redacted",
    "dummy",
    "child_theme",
    "KEY01236170692E",
];

/// Returns the rules.
pub(super) fn write(patterns: &Patterns) -> String {
    let more = [
        "Use: kingfisher scan . --rules-path FILE --load-builtins=false.",
        "Its engine allows no ^ and $ inside an expression: what is at the very start or end of a file may be missed.",
        "Public keys under a name with key, and names of storage, are false positives: names cannot be excluded.",
        "kingfisher compares values with parts of placeholders only, not with patterns of them.",
    ];
    let mut out = head(patterns, "kingfisher", &more);
    out.push_str("rules:\n");
    for pattern in &patterns.all {
        let confidence = match pattern.rule.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        };
        out.push_str(&format!(
            "  - name: {}\n    id: {}\n    pattern: {}\n    min_entropy: {:.1}\n    confidence: {confidence}\n    pattern_requirements:\n      ignore_if_contains: [{}]\n    references:\n      - {}\n",
            quoted(&pattern.rule.name),
            quoted(&format!("telleaks.{}", pattern.id)),
            quoted(&unanchored(&pattern.regex())),
            pattern.entropy.unwrap_or(2.5),
            IGNORED.map(quoted).join(", "),
            quoted(&pattern.rule.docs),
        ));
    }
    out
}

/// Returns an expression without the alternatives for the start and the end of a text.
fn unanchored(regex: &str) -> String {
    regex.replace("(?:^|", "(?:").replace("|$)", ")").replace(r"|[ \t\r]*$)", ")")
}
