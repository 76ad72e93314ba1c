//! The `sarif` format: SARIF 2.1.0 within the limits that GitHub code scanning sets, since it refuses a file that
//! breaks one of them as a whole. The types are in `sarif_model`.
//!
//! Columns count Unicode characters and the file says so (`columnKind`). No line of content is written, so that a
//! viewer cannot show more than the file's own reader could see.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::json::{alive, origin};
use super::sanitize::{inert_json, visible};
use super::sarif_model::{
    ArtifactLocation, AutomationDetails, Configuration, Descriptor, DescriptorProperties, Driver, Help,
    Invocation, Location, Log, Message, Notification, PhysicalLocation, Region, ResultProperties, Run,
    SarifResult, Tool, UriBase,
};
use super::{Options, Report};
use crate::finding::{self, Finding, Severity, Unseen};
use crate::rules::Rule;

/// The address that the standard itself gives for its schema.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Name of the scanned folder, to which relative addresses belong; GitHub and editors know it by this name.
const ROOT: &str = "%SRCROOT%";
/// Category of the run on GitHub: everything up to the last `/`.
const AUTOMATION_ID: &str = "telleaks/scan/";
/// GitHub refuses a run with more results than this.
const MAX_RESULTS: usize = 25_000;
/// GitHub shows 100 places of a result and refuses 1,000; one key in a log can stand in millions.
const MAX_PLACES: usize = 100;
/// What may stand as it is in a path of a URI (RFC 3986: unreserved characters and `/`), and `!` for archives. A
/// colon in the first part would make a scheme of it.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'!');

/// Writes the `sarif` report.
pub(super) fn write(
    report: &Report,
    rules: &[Rule],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let too_many = too_many(report.findings.len());
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver(rules) },
            automation_details: AutomationDetails { id: AUTOMATION_ID },
            invocations: [invocation(report, too_many.as_deref())],
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                UriBase { description: plain("The folder that was scanned.") },
            )]),
            column_kind: "unicodeCodePoints",
            results: worst(&report.findings).map(|finding| result(finding, rules, options)).collect(),
        }],
    };
    writeln!(out, "{}", inert_json(&serde_json::to_string_pretty(&log)?))
}

fn driver(rules: &[Rule]) -> Driver<'_> {
    Driver {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: Some(env!("CARGO_PKG_REPOSITORY")).filter(|uri| !uri.is_empty()),
        rules: rules.iter().map(descriptor).collect(),
    }
}

fn descriptor(rule: &Rule) -> Descriptor<'_> {
    Descriptor {
        id: &rule.id,
        name: &rule.name,
        short_description: plain(&rule.name),
        full_description: Message { text: Cow::Borrowed(&rule.summary) },
        help: Help {
            text: &rule.fix,
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

/// GitHub's scale from 0 to 10, as the text that it asks for: critical from 9.0, medium from 4.0, low below.
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
    Invocation {
        execution_successful: report.complete(),
        tool_execution_notifications: left_out
            .into_iter()
            .chain(nothing)
            .chain(report.unseen.iter().map(not_read))
            .collect(),
    }
}

fn not_read(unseen: &Unseen) -> Notification<'_> {
    let physical_location =
        PhysicalLocation { artifact_location: artifact_location(&unseen.path), region: None };
    notification("error", &unseen.reason, vec![Location { id: None, physical_location, message: None }])
}

fn notification<'a>(level: &'static str, text: &'a str, locations: Vec<Location<'a>>) -> Notification<'a> {
    Notification { level, message: plain(text), locations }
}

/// A message that a viewer can print as it is: JSON's own escapes are gone once it has read the file.
fn plain(text: &str) -> Message<'_> {
    Message { text: visible(text) }
}

/// What to say if not all findings fit.
fn too_many(count: usize) -> Option<String> {
    (count > MAX_RESULTS).then(|| {
        format!(
            "{} of {count} findings are left out, the least severe ones first, because code scanning takes no \
             more than {MAX_RESULTS}. The json report has all of them.",
            count - MAX_RESULTS
        )
    })
}

/// All findings in their order, or as many of the most severe as fit.
fn worst(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let mut by_severity: Vec<usize> = (0..findings.len()).collect();
    by_severity.sort_by_key(|&at| std::cmp::Reverse(findings[at].severity));
    by_severity.truncate(MAX_RESULTS);
    by_severity.sort_unstable();
    by_severity.into_iter().map(|at| &findings[at])
}

fn result<'a>(finding: &'a Finding, rules: &[Rule], options: &Options) -> SarifResult<'a> {
    let places = finding.occurrences.iter().take(MAX_PLACES - 1).enumerate();
    SarifResult {
        rule_id: &finding.rule_id,
        rule_index: rules.iter().position(|rule| rule.id == finding.rule_id),
        level: finding.severity.as_str(),
        message: plain(&finding.message),
        locations: [location(&finding.location)],
        related_locations: places
            .map(|(at, place)| Location {
                id: Some(at + 1),
                message: Some(plain("The same secret is here too.")),
                ..location(place)
            })
            .collect(),
        partial_fingerprints: BTreeMap::from([("telleaks/v1", finding.fingerprint())]),
        properties: ResultProperties {
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
        },
    }
}

fn location(place: &finding::Location) -> Location<'static> {
    let region = Region {
        start_line: place.start_line,
        start_column: place.start_column,
        end_line: place.end_line,
        end_column: place.end_column,
        byte_offset: place.byte_start,
        byte_length: place.byte_end.saturating_sub(place.byte_start),
    };
    let physical_location =
        PhysicalLocation { artifact_location: artifact_location(&place.path), region: Some(region) };
    Location { id: None, physical_location, message: None }
}

fn artifact_location(path: &str) -> ArtifactLocation {
    let encoded = utf8_percent_encode(path, PATH);
    if path.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{encoded}"), uri_base_id: None };
    }
    if let Some(drive) = windows_drive(path) {
        let rest = utf8_percent_encode(&path[2..], PATH);
        return ArtifactLocation { uri: format!("file:///{drive}:{rest}"), uri_base_id: None };
    }
    ArtifactLocation { uri: encoded.to_string(), uri_base_id: Some(ROOT) }
}

/// The letter of `C:/…`. Elsewhere than on Windows, `C:` is a folder like any other.
fn windows_drive(path: &str) -> Option<char> {
    match path.as_bytes() {
        [letter, b':', b'/', ..] if cfg!(windows) && letter.is_ascii_alphabetic() => {
            Some(char::from(*letter))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Secret;

    fn uri(path: &str) -> String {
        artifact_location(path).uri
    }

    #[test]
    fn paths_become_addresses() {
        assert_eq!(uri("src/a b#c?.js"), "src/a%20b%23c%3F.js");
        assert_eq!(uri("größe/100%.txt"), "gr%C3%B6%C3%9Fe/100%25.txt");
        assert_eq!(uri("site.zip!/a/app.js"), "site.zip!/a/app.js");
        assert_eq!(uri("http://evil\n"), "http%3A//evil%0A");
        assert_eq!(uri("/etc/a b"), "file:///etc/a%20b");
        assert!(artifact_location("/etc/a").uri_base_id.is_none());
    }

    #[test]
    fn results_beyond_the_limit_go_the_least_severe_first_and_the_file_says_so() {
        let place = finding::Location {
            path: "a".into(),
            start_line: 1,
            start_column: 1,
            end_line: 1,
            end_column: 2,
            byte_start: 0,
            byte_end: 1,
        };
        let find = |severity| Finding::new("rule", severity, Secret::new("secret"), place.clone());
        let mut findings = vec![find(Severity::Note); MAX_RESULTS];
        assert_eq!(worst(&findings).count(), MAX_RESULTS);
        assert_eq!(too_many(findings.len()), None);
        findings.push(find(Severity::Error));
        assert_eq!(worst(&findings).count(), MAX_RESULTS);
        assert_eq!(worst(&findings).last().map(|last| last.severity), Some(Severity::Error));
        assert!(
            too_many(findings.len()).is_some_and(|text| text.starts_with("1 of 25001 findings are left out"))
        );
    }
}
