//! The `sarif` format: SARIF 2.1.0 within the limits of GitHub code scanning, which rejects a whole file that breaks
//! one of them. The types are in `model`, results are built in `result`, locations in `place`.
//!
//! Columns count Unicode characters, as declared by `columnKind`. Lines of content are written with all secrets masked,
//! so that a viewer shows no more than any other report.

mod model;
mod place;
mod result;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::json::accepted as json_accepted;
use super::sanitize::{inert_json, visible};
use super::{Options, Report, Repository};
use crate::finding::{Finding, Severity, Skipped};
use crate::rules::Rule;
use model::{
    AutomationDetails, Configuration, Descriptor, DescriptorProperties, Driver, Help, Invocation, Location,
    Log, Message, Notification, NotificationProperties, PhysicalLocation, Run, SarifResult, Tool, UriBase,
    UriBaseId, VersionControl,
};
use place::{ROOT, artifact_location};
use result::result;

/// The URL of the schema according to the standard.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// GitHub accepts 25,000 results of a run and keeps 5,000 of them, chosen by severity according to its documentation.
/// No more are written, so that the result does not depend on its choice.
const MAX_RESULTS: usize = 5_000;
/// GitHub's limit for the name of a rule, in characters.
const MAX_NAME: usize = 255;
/// GitHub's limit for descriptions of a rule, in characters.
const MAX_DESCRIPTION: usize = 1024;

/// Writes the `sarif` report.
pub(super) fn write(
    report: &Report,
    rules: &[Rule],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let hidden = report.suppressed.iter().filter(|_| options.sarif_suppressions);
    let all: Vec<&Finding> = report.findings.iter().chain(hidden).collect();
    let too_many = too_many(all.len());
    let command = if report.command.is_empty() { "scan" } else { report.command };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver(rules) },
            // Category of the run on GitHub: everything up to the last `/`.
            automation_details: AutomationDetails { id: format!("telleaks/{command}/") },
            invocations: [invocation(report, too_many.as_deref())],
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                UriBase { description: plain("The folder that was scanned.") },
            )]),
            version_control_provenance: report.repository.iter().map(provenance).collect(),
            column_kind: "unicodeCodePoints",
            results: results(worst(all).collect(), rules, options),
        }],
    };
    writeln!(out, "{}", inert_json(&serde_json::to_string_pretty(&log)?))
}

/// Converts the findings. Where several are on one line, the line's hash is the same for all, so each has a hash of
/// its own: the host would take them as one.
fn results<'a>(findings: Vec<&'a Finding>, rules: &[Rule], options: &Options) -> Vec<SarifResult<'a>> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in &findings {
        if let Some(hash) = &finding.line_hash {
            *counts.entry((&finding.location.path, hash)).or_default() += 1;
        }
    }
    let shared = |finding: &Finding| {
        let hash = finding.line_hash.as_deref().unwrap_or_default();
        counts.get(&(finding.location.path.as_str(), hash)).is_some_and(|count| *count > 1)
    };
    findings.iter().map(|finding| result(finding, rules, options, shared(finding))).collect()
}

fn provenance(repository: &Repository) -> VersionControl<'_> {
    VersionControl {
        repository_uri: &repository.uri,
        revision_id: repository.head.as_deref(),
        branch: repository.branch.as_deref(),
        mapped_to: UriBaseId { uri_base_id: ROOT },
    }
}

fn driver(rules: &[Rule]) -> Driver<'_> {
    Driver {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: rules.iter().map(descriptor).collect(),
    }
}

fn descriptor(rule: &Rule) -> Descriptor<'_> {
    Descriptor {
        id: &rule.id,
        name: &rule.name,
        short_description: plain(first(&rule.name, MAX_NAME)),
        full_description: plain(first(&rule.summary, MAX_DESCRIPTION)),
        help: Help {
            text: format!("{} {}", rule.summary, rule.fix),
            markdown: format!("{}\n\n{}\n\n[Documentation]({})", rule.summary, rule.fix, rule.docs),
        },
        help_uri: &rule.docs,
        default_configuration: Configuration { level: rule.severity.as_str() },
        properties: DescriptorProperties {
            tags: ["security", "secret", "external/cwe/cwe-798"],
            precision: rule.confidence.as_str(),
            security_severity: security_severity(rule.severity),
        },
    }
}

/// Returns the first `count` characters.
fn first(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// Returns the severity on GitHub's scale from 0 to 10, as text: critical above 9.0, medium from 4.0, low below.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "9.8",
        Severity::Warning => "5.5",
        Severity::Note => "2.0",
    }
}

fn invocation<'a>(report: &'a Report, too_many: Option<&'a str>) -> Invocation<'a> {
    let left_out = too_many.map(|text| notification("warning", text, Vec::new()));
    let nothing = (!report.summary.anything() && !report.may_be_empty)
        .then(|| notification("error", "Nothing was scanned; this is not a clean result.", Vec::new()));
    let hidden = hidden(report.suppressed.len());
    Invocation {
        execution_successful: report.complete(),
        tool_execution_notifications: left_out
            .into_iter()
            .chain(nothing)
            .chain(hidden)
            .chain(report.unseen.iter().map(not_read))
            .chain(report.accepted.iter().map(not_read))
            .collect(),
    }
}

fn hidden<'a>(count: usize) -> Option<Notification<'a>> {
    let text = format!("{count} findings are suppressed; --no-suppressions shows them.");
    (count > 0).then(|| Notification {
        level: "note",
        message: Message { text: Cow::Owned(text) },
        locations: Vec::new(),
        properties: None,
    })
}

fn not_read(unseen: &Skipped) -> Notification<'_> {
    let artifact_location = artifact_location(&unseen.path);
    let physical_location = PhysicalLocation { artifact_location, region: None, context_region: None };
    let location = Location { id: None, physical_location, logical_locations: Vec::new(), message: None };
    let accepted = unseen.accepted.as_ref();
    let level = if accepted.is_some() { "note" } else { "error" };
    let properties = accepted.map(|one| NotificationProperties { accepted: json_accepted(one) });
    Notification { properties, ..notification(level, &unseen.reason, vec![location]) }
}

fn notification<'a>(level: &'static str, text: &'a str, locations: Vec<Location<'a>>) -> Notification<'a> {
    Notification { level, message: plain(text), locations, properties: None }
}

/// Makes a message that a viewer can print as it is: JSON escapes are gone once the file is parsed.
fn plain(text: &str) -> Message<'_> {
    Message { text: visible(text) }
}

/// Returns a message if there are more findings than results.
fn too_many(count: usize) -> Option<String> {
    (count > MAX_RESULTS).then(|| {
        format!(
            "{} of {count} findings are left out, the least severe ones first, because code scanning shows no \
             more than {MAX_RESULTS}. The json report has all of them.",
            count - MAX_RESULTS
        )
    })
}

/// Returns the findings that fit, worst first: unsuppressed ones, then active keys, then by severity.
fn worst(mut findings: Vec<&Finding>) -> impl Iterator<Item = &Finding> {
    let alive =
        |finding: &Finding| finding.liveness.as_ref().is_some_and(|liveness| liveness.status.is_alive());
    findings.sort_by_key(|finding| {
        (finding.suppression.is_some(), std::cmp::Reverse((alive(finding), finding.severity)))
    });
    findings.truncate(MAX_RESULTS);
    findings.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Secret;

    #[test]
    fn least_severe_results_over_the_limit_are_dropped_and_reported() {
        let place = crate::finding::Location::of_first_byte("a");
        let find = |severity| Finding::new("rule", severity, Secret::new("secret"), place.clone());
        let mut findings = vec![find(Severity::Note); MAX_RESULTS];
        assert_eq!(worst(findings.iter().collect()).count(), MAX_RESULTS);
        assert_eq!(too_many(findings.len()), None);
        findings.push(find(Severity::Error));
        assert_eq!(worst(findings.iter().collect()).count(), MAX_RESULTS);
        assert_eq!(
            worst(findings.iter().collect()).next().map(|first| first.severity),
            Some(Severity::Error)
        );
        assert!(
            too_many(findings.len()).is_some_and(|text| text.starts_with("1 of 5001 findings are left out"))
        );
    }
}
