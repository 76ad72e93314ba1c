//! Converts a finding to a SARIF result.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::model::{
    ArtifactChange, Content, Fix, Location, Message, Replacement, ResultProperties, SarifResult, Suppression,
};
use super::place::{artifact_location, location, place_of, region};
use super::plain;
use crate::finding::{Finding, GitInfo, SuppressionKind};
use crate::report::Options;
use crate::report::json::{alive, git, origin};
use crate::report::sanitize::visible;
use crate::rules::Rule;

/// Maximum number of locations of a result. GitHub shows 100 and rejects 1,000; a log can contain one key millions of
/// times.
const MAX_PLACES: usize = 100;
/// Maximum number of other locations that the message links to. GitHub shows only linked ones.
const MAX_LINKED_PLACES: usize = 10;
/// Number of digits of a commit id that are shown.
const SHORT_ID_DIGITS: usize = 12;

/// Returns the result of a finding.
pub(super) fn result<'a>(
    finding: &'a Finding,
    rules: &[Rule],
    options: &Options,
    shares_line: bool,
) -> SarifResult<'a> {
    let others = finding.occurrences.iter().take(MAX_PLACES - 1).enumerate();
    let fingerprint = finding.fingerprint();
    SarifResult {
        rule_id: &finding.rule_id,
        rule_index: rules.iter().position(|rule| rule.id == finding.rule_id),
        level: finding.severity.as_str(),
        message: message(finding),
        locations: [place_of(finding, options)],
        related_locations: others
            .map(|(at, place)| Location {
                id: Some(at + 1),
                message: Some(plain("The same secret is here too.")),
                ..location(place)
            })
            .collect(),
        partial_fingerprints: BTreeMap::from([
            ("primaryLocationLineHash", line_hash(finding, &fingerprint, shares_line)),
            ("telleaks/v1", fingerprint.clone()),
        ]),
        fingerprints: BTreeMap::from([("telleaks/v1", fingerprint)]),
        fixes: fix(finding).into_iter().collect(),
        suppressions: options
            .sarif_suppressions
            .then(|| finding.suppression.iter().map(suppression).collect()),
        properties: properties(finding, options),
    }
}

fn properties<'a>(finding: &'a Finding, options: &Options) -> ResultProperties<'a> {
    ResultProperties {
        confidence: finding.confidence.as_str(),
        secret: options.shown(&finding.secret),
        secret_sha256: finding.secret.sha256(),
        key_id: finding.key.as_ref().map(|key| key.as_str()),
        key_created: finding.key.as_ref().and_then(|key| key.created()),
        encoding: finding.encoding.iter().map(|encoding| encoding.as_str()).collect(),
        occurrence_count: finding.occurrence_count(),
        original: finding.original.as_ref().map(origin),
        within: finding.within.as_deref(),
        liveness: finding.liveness.as_ref().map(alive),
        git: finding.git.as_ref().map(git),
    }
}

/// Returns the hash by which GitHub identifies alerts. If no line of a checkout can be hashed, or another
/// finding is on the same line, the finding's own fingerprint is used.
fn line_hash(finding: &Finding, fingerprint: &str, shares_line: bool) -> String {
    let own = || format!("{}:1", fingerprint.get(..16).unwrap_or(fingerprint));
    finding.line_hash.clone().filter(|_| !shares_line).unwrap_or_else(own)
}

/// Returns one sentence for lists, then the key, the history, and links to other locations, which GitHub shows only if
/// they are linked.
fn message(finding: &Finding) -> Message<'_> {
    let mut text = format!("{}.", text(&finding.message).trim_end_matches('.'));
    if let Some(key) = &finding.key {
        text.push_str(&format!(" Key id {}.", key.as_str()));
    }
    if let Some(history) = finding.git.as_ref().and_then(history) {
        text.push_str(&format!(" {}", self::text(&history)));
    }
    let shown = finding.occurrences.len().min(MAX_LINKED_PLACES);
    if shown > 0 {
        let link = |(at, place): (usize, &crate::finding::Location)| {
            format!("[{}:{}]({})", self::text(&place.path), place.start_line, at + 1)
        };
        let links: Vec<String> = finding.occurrences.iter().take(shown).enumerate().map(link).collect();
        text.push_str(&format!(" Also at {}", links.join(", ")));
        match finding.occurrence_count() - shown as u64 {
            0 => text.push('.'),
            more => text.push_str(&format!(" and {more} more.")),
        }
    }
    Message { text: Cow::Owned(text) }
}

/// Formats when the secret was introduced and removed.
fn history(info: &GitInfo) -> Option<String> {
    let commit = info.commit.as_ref()?;
    let short = |id: &str| id.get(..SHORT_ID_DIGITS).unwrap_or(id).to_owned();
    let mut text = format!("Introduced in commit {} on {}", short(&commit.id), commit.date);
    match &info.removed_in {
        Some(removed) => text.push_str(&format!(", removed in {}, and still in history.", short(removed))),
        None if info.in_head => text.push_str(", and still there."),
        None => text.push('.'),
    }
    Some(text)
}

/// Escapes text so that nothing in it is a link (SARIF 2.1.0, section 3.11.6): brackets, and backslashes right before
/// them.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if matches!(c, '[' | ']') {
            let before = out.len() - out.trim_end_matches('\\').len();
            out.extend(std::iter::repeat_n('\\', before + 1));
        }
        out.push(c);
    }
    out
}

fn fix(finding: &Finding) -> Option<Fix<'_>> {
    let replacement = |edit: &crate::finding::Replacement| Replacement {
        deleted_region: region(&edit.at),
        inserted_content: Content { text: Cow::Owned(edit.text.clone()) },
    };
    (!finding.edits.is_empty()).then(|| Fix {
        description: plain("Read it from the environment, and revoke the one that leaked."),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact_location(&finding.location.path),
            replacements: finding.edits.iter().map(replacement).collect(),
        }],
    })
}

fn suppression(one: &crate::finding::Suppression) -> Suppression<'_> {
    Suppression {
        kind: if one.kind == SuppressionKind::Inline { "inSource" } else { "external" },
        status: "accepted",
        justification: one.reason.as_deref().map(visible),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_escaped() {
        for (plain, escaped) in [
            ("a[0] (b)", r"a\[0\] (b)"),
            (r"C:\new", r"C:\new"),
            ("[x](https://evil)", r"\[x\](https://evil)"),
            (r"\[x\](1)", r"\\\[x\\\](1)"),
        ] {
            assert_eq!(text(plain), escaped);
        }
    }
}
