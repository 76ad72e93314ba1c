//! The rules in the formats of other scanners, with comments for what these cannot express.
//!
//! Takes rules, returns text. Does not run other scanners; `packaging/test-exports.py` does.

mod github;
mod gitleaks;
mod kingfisher;
mod pattern;
mod semgrep;

use clap::ValueEnum;

use crate::rules::Rule;

use pattern::Patterns;

/// A scanner for which rules are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Target {
    /// A configuration of gitleaks 8.
    Gitleaks,
    /// A configuration of betterleaks 2.
    Betterleaks,
    /// Rules of kingfisher 2.
    Kingfisher,
    /// Custom patterns of GitHub secret scanning, to enter in its form.
    Github,
    /// Rules of Semgrep.
    Semgrep,
}

/// What no target can express.
const LOST: [&str; 5] = [
    "Encoded secrets (base64, hex, percent, escapes, UTF-16) and split ones are found only as far as the scanner itself decodes.",
    "No date is read from the id of a key, published examples are known by one prefix only, and a key used as S3 key, SMTP password or in a link has no severity of its own.",
    "Names are compared in one line, quoted or to the end of the line; telleaks reads assignments, calls, sections and elements as the language has them.",
    "A context is searched within 300 characters, not in the same section, element or object: a credential of another provider beside a Telnyx host is a false positive.",
    "Expired tokens, and words that stand for a secret in documentation, are false positives as far as the list of placeholders does not have them.",
];

/// Returns the rules in the format of a scanner.
pub fn export(rules: &[Rule], target: Target) -> String {
    let patterns = Patterns::of(rules);
    match target {
        Target::Gitleaks => gitleaks::write(&patterns, true),
        Target::Betterleaks => gitleaks::write(&patterns, false),
        Target::Kingfisher => kingfisher::write(&patterns),
        Target::Github => github::write(&patterns),
        Target::Semgrep => semgrep::write(&patterns),
    }
}

/// Returns the comment at the top of an export. `more` is what this target lacks besides.
fn head(patterns: &Patterns, target: &str, more: &[&str]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut out =
        format!("# Rules of telleaks {version} for {target}. Made by: telleaks rules export --for …\n#\n");
    out.push_str("# What is lost, compared with telleaks:\n");
    for line in LOST.iter().chain(more) {
        out.push_str(&format!("# - {line}\n"));
    }
    out.push_str("#\n# Left out:\n");
    for (id, why) in &patterns.left_out {
        out.push_str(&format!("# - {id}: {why}\n"));
    }
    out.push('\n');
    out
}

/// Returns text as a scalar of YAML in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(target: Target) -> String {
        export(&crate::rules::builtin().unwrap().rules, target)
    }

    #[test]
    fn every_rule_is_exported_or_left_out_with_a_reason() {
        for target in Target::value_variants() {
            let text = all(*target);
            for rule in crate::rules::builtin().unwrap().rules {
                assert!(text.contains(&rule.id), "{target:?} says nothing about {}", rule.id);
            }
        }
    }

    #[test]
    fn formats_are_valid() {
        for target in [Target::Gitleaks, Target::Betterleaks] {
            let value: toml::Table = all(target).parse().unwrap();
            assert!(value["rules"].as_array().unwrap().len() > 15, "{target:?}");
        }
        for target in [Target::Kingfisher, Target::Github, Target::Semgrep] {
            let value: serde_json::Value = serde_saphyr::from_str(&all(target)).unwrap();
            let list = value.get("rules").or(value.get("patterns")).unwrap();
            assert!(list.as_array().unwrap().len() > 10, "{target:?}");
        }
    }
}
