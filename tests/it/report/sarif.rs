//! SARIF, checked with independent readers (the OASIS schema, `serde-sarif`, `sarif-fmt`) and against GitHub's
//! documented requirements.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use telleaks::finding::{Finding, Location, Severity, Skipped};
use telleaks::report::{Format, Options, Report, Summary, visible};

use crate::report::sample::{HOSTILE, KEY_ID, finding, keys, parse, place, render, sample};

#[test]
fn sarif_conforms_to_schema() {
    let schema = parse(include_str!("../../data/sarif-2.1.0.json"));
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in [sample(), Report::default()] {
        let sarif = parse(&render(&report, Format::Sarif, &Options::default()));
        let errors: Vec<_> = validator.iter_errors(&sarif).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    assert!(
        !validator.is_valid(&serde_json::json!({ "version": "2.1.0" })),
        "the schema must be able to refuse"
    );
}

#[test]
fn sarif_is_parsed_by_serde_sarif() {
    let report = sample();
    let log: serde_sarif::sarif::Sarif =
        serde_json::from_str(&render(&report, Format::Sarif, &Options::default())).unwrap();
    let run = &log.runs[0];
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let results = run.results.as_ref().unwrap();
    assert_eq!(results.len(), report.findings.len());
    let mut worst_first: Vec<&Finding> = report.findings.iter().collect();
    worst_first.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for (result, finding) in results.iter().zip(worst_first) {
        assert_eq!(result.rule_id.as_ref(), Some(&finding.rule_id));
        let said = result.message.text.as_deref().unwrap().replace("\\[", "[").replace("\\]", "]");
        assert!(said.starts_with(&format!("{}.", visible(&finding.message))), "{said}");
        let links = said.matches("](").count();
        assert_eq!(links, result.related_locations.as_ref().map_or(0, Vec::len).min(10), "{said}");
        if let Some(index) = result.rule_index {
            assert_eq!(rules[usize::try_from(index).unwrap()].id, finding.rule_id);
        }
        let place = result.locations.as_ref().unwrap()[0].physical_location.as_ref().unwrap();
        let region = place.region.as_ref().unwrap();
        assert_eq!(region.start_line, i64::try_from(finding.location.start_line).ok());
        assert_eq!(region.start_column, i64::try_from(finding.location.start_column).ok());
        assert_eq!(
            region.byte_length,
            i64::try_from(finding.location.byte_end - finding.location.byte_start).ok()
        );
        let uri = place.artifact_location.as_ref().unwrap().uri.as_ref().unwrap();
        let path = percent_encoding::percent_decode_str(uri).decode_utf8().unwrap();
        assert_eq!(path, finding.location.path);
        let fingerprints = result.partial_fingerprints.as_ref().unwrap();
        assert_eq!(fingerprints["telleaks/v1"], finding.fingerprint());
    }
    // The model of that library keeps everything that was written.
    let ours = parse(&render(&report, Format::Sarif, &Options::default()));
    assert_eq!(keys(&serde_json::to_value(run).unwrap()), keys(&ours["runs"][0]));
}

#[test]
fn sarif_meets_code_scanning_requirements() {
    let sarif = parse(&render(&sample(), Format::Sarif, &Options::default()));
    let run = &sarif["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["automationDetails"]["id"], "telleaks/scan/");
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["properties"]["security-severity"], "9.8");
    assert_eq!(rule["properties"]["tags"], serde_json::json!(["security", "secret", "external/cwe/cwe-798"]));
    for text in
        ["/help/text", "/help/markdown", "/shortDescription/text", "/fullDescription/text", "/helpUri"]
    {
        assert!(rule.pointer(text).and_then(Value::as_str).is_some_and(|text| !text.is_empty()), "{text}");
    }
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["toolExecutionNotifications"][0]["message"]["text"], *visible(HOSTILE));
    assert_eq!(run["results"][1]["relatedLocations"].as_array().map(Vec::len), Some(4));
    assert_eq!(run["results"][3]["ruleIndex"], Value::Null, "a rule that is not listed has no index");
}

#[test]
fn sarif_success_requires_complete_scan() {
    let success = |report: &Report| {
        let sarif = parse(&render(report, Format::Sarif, &Options::default()));
        sarif["runs"][0]["invocations"][0]["executionSuccessful"].as_bool().unwrap()
    };
    let mut report = Report {
        summary: Summary { files_scanned: 1, objects_scanned: 0, bytes_scanned: 1, ..Summary::default() },
        ..Report::default()
    };
    assert!(success(&report));
    report.unseen.push(Skipped::new("a", "b"));
    assert!(!success(&report));
    assert!(!success(&Report::default()));
}

#[test]
fn secret_in_a_million_locations_fits_the_upload_limits() {
    let mut report = sample();
    report.findings[0].occurrences = vec![place("b", 1); 5_000];
    let sarif = parse(&render(&report, Format::Sarif, &Options::default()));
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(99), "100 with the first place");
    assert_eq!(result["properties"]["occurrence_count"], 5_000);
}

/// `sarif-fmt` opens the files named in the report (it takes `%20` literally), so one must exist.
#[test]
fn sarif_fmt_shows_the_findings() {
    if Command::new("sarif-fmt").arg("--version").output().is_err() {
        let required = std::env::var("TELLEAKS_REQUIRE_SARIF_FMT").is_ok_and(|value| value == "1");
        assert!(!required, "sarif-fmt is not installed: cargo install sarif-fmt --locked");
        println!("skipped: sarif-fmt is not installed (cargo install sarif-fmt --locked)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/app.js"), "// größe\nkey = 'SECRET-ABC';\n").unwrap();
    let found =
        Location { start_column: 8, end_column: 18, byte_start: 18, byte_end: 28, ..place("src/app.js", 2) };
    let report = Report {
        findings: vec![finding(KEY_ID, Severity::Error, found)],
        unseen: Vec::new(),
        summary: Summary { files_scanned: 1, objects_scanned: 0, bytes_scanned: 32, ..Summary::default() },
        ..Report::default()
    };
    let sarif = render(&report, Format::Sarif, &Options::default());

    let mut child = Command::new("sarif-fmt")
        .args(["--color", "never"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(sarif.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaints}");
    for words in ["error", "A Telnyx API v2 key stands here in clear", "src/app.js:2:8", "SECRET-ABC"] {
        assert!(said.contains(words), "{words}:\n{said}{complaints}");
    }
}
