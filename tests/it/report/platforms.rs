//! Formats for CI systems and spreadsheets, checked with independent parsers and against injection attacks.

use serde_json::Value;
use telleaks::finding::{
    Commit, Finding, GitInfo, Liveness, LivenessStatus, ReachedBy, Secret, Severity, Skipped, Suppression,
    SuppressionKind,
};
use telleaks::report::{Format, Options, Plan, Report, Step, Summary};

use crate::report::sample::{HOSTILE, KEY_ID, finding, parse, place, render, sample};

/// File names that an attacker would use.
const NAMES: [&str; 9] = [
    "a\n::set-output name=x::y",
    "a\r\n::add-mask::x",
    "a%0A::error::x",
    "x,line=1::y",
    "::stop-commands::t",
    "\u{1b}[2J]0;x]##[error]y",
    "<script>alert(1)</script>]]>&amp;",
    "=cmd|'/c calc'!A0",
    "a|b`c`![x](http://a.example/b.png) @octocat #1 www.a.example",
];

/// Returns a report with a finding and a skipped input under each name.
pub(crate) fn hostile() -> Report {
    let named = |name: &str| Finding {
        message: name.into(),
        rule_id: name.into(),
        ..finding(KEY_ID, Severity::Error, place(name, 1))
    };
    let unread = |name: &str| Skipped::new(name, name);
    let step = Step {
        title: NAMES[8].into(),
        lines: NAMES.map(str::to_owned).to_vec(),
        commands: Vec::new(),
        link: None,
    };
    Report {
        findings: NAMES.map(named).to_vec(),
        suppressed: NAMES.map(|name| hidden(named(name), name)).to_vec(),
        unseen: NAMES.map(unread).to_vec(),
        verdict: NAMES.map(str::to_owned).to_vec(),
        plans: vec![Plan { title: NAMES[6].into(), facts: vec![NAMES[0].into()], steps: vec![step] }],
        summary: Summary { files_scanned: 9, ..Summary::default() },
        ..Report::default()
    }
}

fn hidden(finding: Finding, why: &str) -> Finding {
    let suppression = Suppression { kind: SuppressionKind::Inline, by: why.into(), reason: Some(why.into()) };
    Finding { suppression: Some(suppression), ..finding }
}

fn clean() -> Report {
    Report { summary: Summary { files_scanned: 3, ..Summary::default() }, ..Report::default() }
}

fn many(severity: Severity, count: u64) -> Report {
    let findings = (1..=count).map(|line| finding(KEY_ID, severity, place("a.js", line))).collect();
    Report { findings, ..clean() }
}

/// Returns a finding that is only in history.
fn old() -> Finding {
    let commit = Commit {
        id: "0123456789abcdef0123456789abcdef01234567".into(),
        author: "Ada <ada@example.org>".into(),
        date: "2026-01-05T10:00:00Z".into(),
        subject: "Send".into(),
    };
    let info = GitInfo {
        commit: Some(commit),
        removed_in: Some("fedcba9876543210".into()),
        ..GitInfo::bare(ReachedBy::Refs)
    };
    Finding { git: Some(info), ..finding(KEY_ID, Severity::Error, place("old.js", 7)) }
}

/// Name, properties and message of a command.
type Command = (String, Vec<(String, String)>, String);

/// Returns the commands that GitHub would read, unescaped.
fn commands(said: &str) -> Vec<Command> {
    let plain = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    let command = regex::Regex::new(r"^\s*::([a-z-]+) ?([^:]*)::(.*)$").unwrap();
    let pair =
        |text: &str| text.split_once('=').map(|(name, value)| (name.to_owned(), plain(value))).unwrap();
    said.lines()
        .filter_map(|line| command.captures(line))
        .map(|found| {
            let listed = found[2].split(',').filter(|text| !text.is_empty()).map(pair).collect();
            (found[1].to_owned(), listed, plain(&found[3]))
        })
        .collect()
}

#[test]
fn github_annotation_names_location_key_and_remedy() {
    let said = render(&many(Severity::Error, 1), Format::Github, &Options::default());
    let all = commands(&said);
    let (kind, properties, message) = &all[0];
    let listed: Vec<_> = properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(kind, "error");
    let expected =
        ["file=a.js", "line=1", "endLine=1", "col=1", "endColumn=59", "title=telleaks: telnyx-api-key"];
    assert_eq!(listed, expected);
    for part in [KEY_ID, "Created: 2021-12-08", "What to do: Revoke it in the portal and make a new one."] {
        assert!(message.contains(part), "{message}");
    }
    assert!(said.ends_with("1 finding (1 error), 3 files scanned.\n"), "{said}");
}

#[test]
fn names_cannot_inject_github_commands() {
    let said = render(&hostile(), Format::Github, &Options::default());
    let all = commands(&said);
    assert_eq!(all.len(), NAMES.len() + 1, "{said}");
    assert!(all.iter().all(|(kind, ..)| ["error", "warning"].contains(&kind.as_str())), "{said}");
    assert_eq!(said.lines().count(), all.len() + 1, "{said}");
    for (_, properties, _) in &all[..NAMES.len()] {
        let names: Vec<_> = properties.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["file", "line", "endLine", "col", "endColumn", "title"]);
    }
    let line = said.lines().nth(2).unwrap();
    assert!(line.starts_with("::error file=a%250A%3A%3Aerror%3A%3Ax,line=1,"), "{line}");
}

#[test]
fn github_annotations_are_limited_and_the_rest_is_counted() {
    let mut report = many(Severity::Error, 12);
    report.findings.extend(many(Severity::Warning, 11).findings);
    report.findings.extend(many(Severity::Note, 11).findings);
    report.findings[11].liveness = Some(Liveness {
        status: LivenessStatus::Active,
        detail: "d".into(),
        checked_at: jiff::Timestamp::UNIX_EPOCH,
    });
    report.unseen = vec![Skipped::new("big.zip", "encrypted"); 7];
    let said = render(&report, Format::Github, &Options::default());
    let all = commands(&said);
    let count = |kind: &str| all.iter().filter(|(one, ..)| one == kind).count();
    assert_eq!((count("error"), count("warning"), count("notice")), (10, 10, 10));
    assert!(all[0].2.contains("Alive: active"), "the key that works comes first");
    assert!(said.contains("Incomplete: 7 places were not read") && said.contains("%0Aand 2 more"), "{said}");
    assert!(said.contains("2 errors, 2 warnings, 1 note more than GitHub shows"), "{said}");
}

#[test]
fn github_annotation_of_history_has_no_line() {
    let mut archive = finding(KEY_ID, Severity::Error, place("a.zip!/b/c.js", 3));
    archive.git = None;
    let report = Report { findings: vec![archive, old()], ..clean() };
    let all = commands(&render(&report, Format::Github, &Options::default()));
    let names = |at: usize| all[at].1.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
    assert_eq!(names(0), ["file", "title"]);
    assert_eq!((all[0].1[0].1.as_str(), all[0].2.contains("Where: a.zip!/b/c.js:3")), ("a.zip", true));
    assert_eq!(names(1), ["title"]);
    assert!(all[1].2.contains("Since: 0123456789ab 2026-01-05 Ada"), "{}", all[1].2);
    assert!(all[1].2.contains("Where: old.js:7") && all[1].2.contains("Removed in: fedcba987654"));
}

#[test]
fn junit_is_well_formed_for_any_path() {
    for report in [hostile(), sample(), clean(), Report::default(), many(Severity::Note, 2)] {
        let text = render(&report, Format::Junit, &Options::default());
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let of = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!(of("failure"), report.findings.len());
        assert_eq!(of("skipped"), report.suppressed.len());
        assert_eq!(of("error") > 0, !report.complete());
        for suite in document.descendants().filter(|node| node.has_attribute("tests")) {
            let number = |name: &str| suite.attribute(name).unwrap().parse::<usize>().unwrap();
            assert_eq!(number("tests"), cases.clone().count());
            assert_eq!((number("failures"), number("errors")), (of("failure"), of("error")));
            assert_eq!(number("skipped"), of("skipped"));
        }
    }
    let odd = Report { unseen: vec![Skipped::new("\0\u{1}\u{fffe}\u{ffff}\u{85}]]>", HOSTILE)], ..clean() };
    let text = render(&odd, Format::Junit, &Options::default());
    let document = roxmltree::Document::parse(&text).unwrap();
    let case = document.descendants().find(|node| node.has_tag_name("testcase")).unwrap();
    assert_eq!(case.attribute("name"), Some(r"\x00\x01\u{fffe}\u{ffff}\x85]]>"));
}

#[test]
fn junit_of_clean_scan_is_a_passing_test() {
    let text = render(&clean(), Format::Junit, &Options::default());
    assert!(
        text.contains("<testcase classname=\"telleaks\" name=\"No leaks found in 3 files.\"/>"),
        "{text}"
    );
}

fn rows(report: &Report) -> Vec<Vec<String>> {
    let text = render(report, Format::Csv, &Options::default());
    assert!(text.ends_with("\r\n") && text.matches('\n').count() == text.matches("\r\n").count());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn csv_parses_and_contains_no_formula() {
    let report = hostile();
    let rows = rows(&report);
    assert_eq!(rows.len(), 1 + 3 * NAMES.len());
    let count = |kind: &str| rows.iter().filter(|row| row[0] == kind).count();
    assert_eq!((count("finding"), count("suppressed"), count("not read")), (9, 9, 9));
    for field in rows.iter().flatten() {
        assert!(!field.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{field}");
    }
    let path = rows[0].iter().position(|name| name == "path").unwrap();
    assert_eq!(rows[8][path], "'=cmd|'/c calc'!A0");
    let scanned = rows[0].iter().position(|name| name == "start_line").unwrap();
    assert_eq!(rows[1][scanned], "1");
}

#[test]
fn csv_of_clean_scan() {
    assert_eq!(rows(&clean()).len(), 1);
    assert_eq!(rows(&Report::default())[1][0], "not read");
}

#[test]
fn csv_fills_git_columns() {
    let rows = rows(&Report { findings: vec![old()], ..clean() });
    let field = |name: &str| rows[1][rows[0].iter().position(|one| one == name).unwrap()].as_str();
    assert_eq!(field("author"), "Ada <ada@example.org>");
    assert_eq!((field("removed_in"), field("in_head")), ("fedcba9876543210", "false"));
}

/// Parses a job summary into its table and the other lines.
fn markdown(report: &Report) -> String {
    render(report, Format::Markdown, &Options::default())
}

#[test]
fn markdown_has_table_plan_and_skipped() {
    let mut report = sample();
    report.suppressed = vec![hidden(old(), "telleaks.toml")];
    report.plans = hostile().plans;
    report.unplanned = 3;
    let said = markdown(&report);
    for part in [
        "🔴 4 findings (2 errors, 1 warning, 1 note), 1,284 files scanned.",
        "Incomplete: 1 place was not read",
        "1 suppressed finding not shown here.",
        "<br><code>src/config.js:120</code><br>and 4 other places |",
        "### Not read",
        "### What to do now",
        "Do the same for 3 more.",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn hostile_names_are_escaped_in_markdown() {
    let said = markdown(&hostile());
    for sign in ["@octocat", " #1", "http://", "](", "<script", "`", "&amp;amp"] {
        assert!(!said.contains(sign), "{sign}\n{said}");
    }
    let rows: Vec<_> = said.lines().filter(|line| line.starts_with("| error")).collect();
    assert_eq!(rows.len(), NAMES.len());
    assert!(rows.iter().all(|row| row.matches('|').count() == 7), "{rows:#?}");
    let tags = regex::Regex::new("</?([a-z]+)[^>]*>").unwrap();
    for tag in tags.captures_iter(&said) {
        assert!(["code", "br", "details", "summary"].contains(&&tag[1]), "{}", &tag[0]);
    }
}

#[test]
fn markdown_stays_below_job_summary_limit() {
    let mut report = many(Severity::Error, 20_000);
    for (at, finding) in report.findings.iter_mut().enumerate() {
        finding.secret = Secret::new(format!("{at:064}"));
    }
    report.unseen = vec![Skipped::new("x".repeat(5_000), "y".repeat(5_000)); 20_000];
    let step =
        Step { title: "t".into(), lines: vec!["z".repeat(4_000); 100], commands: Vec::new(), link: None };
    report.plans = vec![Plan { title: "t".into(), facts: Vec::new(), steps: vec![step] }; 100];
    let said = markdown(&report);
    assert!((800 << 10..1 << 20).contains(&said.len()), "{}", said.len());
    assert!(
        said.contains("findings more: a job summary has no room for all.")
            && said.contains("Do the same for")
    );
    assert!(said.contains("places more."), "{}", &said[said.len() - 2_000..]);
}

#[test]
fn gitlab_report_has_required_fields() {
    let started = "2026-01-05T10:00:00Z".parse().unwrap();
    let options = Options { started, ended: "2026-01-05T10:00:09.9Z".parse().unwrap(), ..Options::default() };
    let mut report = Report { findings: vec![old(), old()], ..clean() };
    report.findings.extend(sample().findings);
    let made = parse(&render(&report, Format::Gitlab, &options));
    assert_eq!((&made["version"], &made["scan"]["status"]), (&"15.2.4".into(), &"success".into()));
    assert_eq!(made["scan"]["start_time"], "2026-01-05T10:00:00");
    assert_eq!(made["scan"]["end_time"], "2026-01-05T10:00:09");
    assert_eq!(made["scan"]["type"], "secret_detection");
    let found = made["vulnerabilities"].as_array().unwrap();
    let shape =
        regex::Regex::new("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").unwrap();
    let ids: std::collections::BTreeSet<_> = found.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), found.len(), "each has an id of its own");
    assert!(ids.iter().all(|id| shape.is_match(id)), "{ids:?}");
    assert_eq!(found[0]["location"]["commit"]["sha"], "0123456789abcdef0123456789abcdef01234567");
    assert_eq!(found[3]["location"]["commit"]["sha"], "0000000");
    assert_eq!(found[0]["solution"], "Revoke it in the portal and make a new one.");
    assert_eq!(found[0]["severity"], "Critical");
    assert!(found.iter().all(|one| one.get("raw_source_code_extract").is_none()));
}

#[test]
fn incomplete_scan_is_a_failure_in_gitlab() {
    let status = |report: &Report| {
        let made = parse(&render(report, Format::Gitlab, &Options::default()));
        let messages = made["scan"]["messages"].as_array().map(Vec::len).unwrap();
        (made["scan"]["status"].as_str().unwrap().to_owned(), messages)
    };
    assert_eq!(status(&clean()), ("success".to_owned(), 0));
    assert_eq!(status(&Report::default()), ("failure".to_owned(), 1));
    assert_eq!(status(&hostile()).0, "failure");
    let mut long = clean();
    long.unseen = vec![Skipped::new("a", "b"); 500];
    assert_eq!(status(&long), ("failure".to_owned(), 101));
}

/// GitLab's schema has an unknown licence and is not part of the repository; the test needs a local copy.
#[test]
fn gitlab_report_conforms_to_schema() {
    let Some(path) = std::env::var_os("TELLEAKS_GITLAB_SCHEMA") else {
        println!("skipped: TELLEAKS_GITLAB_SCHEMA does not name secret-detection-report-format.json 15.2.4");
        return;
    };
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in
        [sample(), hostile(), clean(), Report::default(), Report { findings: vec![old()], ..clean() }]
    {
        let made = parse(&render(&report, Format::Gitlab, &Options::default()));
        let errors: Vec<_> = validator.iter_errors(&made).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({})), "the schema must be able to refuse");
}
