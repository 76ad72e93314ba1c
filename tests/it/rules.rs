//! Runs every example of every rule through the whole detector: plain, encoded, damaged and all together; and tests the
//! commands that work on rules.

use crate::common::random::Random;
use crate::common::{both, code, lines, put, scan, telleaks, text};
use data_encoding::BASE64;
use std::path::Path;
use std::process::Output;
use telleaks::detect::{Detector, Match, Scratch};
use telleaks::rules::{Forms, Rule, builtin};

/// Rules whose secrets have no fixed length: with one character less they are still secrets or names.
const ELASTIC: [&str; 15] = [
    "telnyx-agent-gateway-key",
    "telnyx-ai-gateway-key",
    "telnyx-cloudfs-dsn",
    "telnyx-integration-secret",
    "telnyx-ip-auth-token",
    "telnyx-named-secret",
    "telnyx-oauth-client-secret",
    "telnyx-portal-link",
    "telnyx-sip-password",
    "telnyx-storage-token",
    "telnyx-v1-key-secret",
    "telnyx-public-env-name",
    "telnyx-porting-token",
    "telnyx-video-token",
    "telnyx-webrtc-token",
];

fn find(detector: &Detector, content: &[u8]) -> Vec<Match> {
    let scan = detector.scan_reader(&mut &content[..], &mut Scratch::default());
    assert!(scan.error.is_none() && scan.bytes == content.len() as u64);
    scan.found
}

fn ids(detector: &Detector, content: &[u8]) -> Vec<String> {
    let names: Vec<&Rule> = detector.rules().collect();
    find(detector, content).iter().map(|one| names[one.rule].id.clone()).collect()
}

/// Returns the detector of the built-in rules, and every complete example with its rule.
fn examples() -> (Detector, Vec<(Rule, String)>) {
    let set = builtin().unwrap();
    let detector = Detector::new(set.clone(), false).unwrap();
    let of = |rule: &Rule| {
        let whole = rule.examples.iter().map(|text| text.replace("{}", ""));
        whole.map(|text| (rule.clone(), text)).collect::<Vec<_>>()
    };
    let examples: Vec<(Rule, String)> = set.rules.iter().flat_map(of).collect();
    assert!(examples.len() >= set.rules.len() && set.rules.len() >= 19);
    (detector, examples)
}

/// Checks that each rewritten example contains exactly one secret of its rule.
fn each_once(wanted: impl Fn(&Rule) -> bool, rewrite: impl Fn(&str) -> Vec<u8>) {
    let (detector, examples) = examples();
    let mut wrong = Vec::new();
    for (rule, example) in examples.iter().filter(|(rule, _)| wanted(rule)) {
        let found = ids(&detector, &rewrite(example));
        if found != [rule.id.as_str()] {
            wrong.push(format!("{}: {found:?} in {example}", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn example_is_one_secret_at_its_offset() {
    let (detector, examples) = examples();
    for (rule, example) in examples {
        let found = find(&detector, example.as_bytes());
        assert_eq!(found.len(), 1, "{}: {example}", rule.id);
        assert_eq!(detector.rules().nth(found[0].rule).unwrap().id, rule.id, "{example}");
        assert_eq!(found[0].severity, rule.severity, "{example}");
        if found[0].encoding.is_empty() {
            let place = &found[0].location;
            let span = &example[place.byte_start as usize..place.byte_end as usize];
            assert_eq!(span, found[0].secret.expose());
            let column = 1 + example[..place.byte_start as usize].chars().count() as u64;
            assert_eq!((place.start_line, place.start_column), (1, column), "{example}");
        }
    }
}

#[test]
fn non_example_does_not_match() {
    let set = builtin().unwrap();
    let detector = Detector::new(set.clone(), false).unwrap();
    for rule in &set.rules {
        for text in &rule.non_examples {
            let found = ids(&detector, text.replace("{}", "").as_bytes());
            assert!(!found.contains(&rule.id), "{}: {text}", rule.id);
        }
    }
}

#[test]
fn secret_without_one_character_does_not_match() {
    let (detector, examples) = examples();
    let mut tried = 0;
    for (rule, example) in examples.iter().filter(|(rule, _)| !ELASTIC.contains(&rule.id.as_str())) {
        let found = find(&detector, example.as_bytes());
        if !found[0].encoding.is_empty() {
            continue;
        }
        for at in found[0].location.byte_start..found[0].location.byte_end {
            let mut shorter = example.clone();
            shorter.remove(at as usize);
            assert!(!ids(&detector, shorter.as_bytes()).contains(&rule.id), "{}: {shorter}", rule.id);
            tried += 1;
        }
    }
    assert!(tried > 500);
}

#[test]
fn example_between_other_lines() {
    each_once(|_| true, |example| format!("first\n{example}\nlast\n").into());
    each_once(|_| true, |example| format!("first\r\n{example}\r\nlast\r\n").into());
    each_once(|_| true, |example| format!("first\r{example}\rlast").into());
    each_once(|_| true, |example| format!("\u{feff}{example}").into());
}

#[test]
fn example_in_utf_16() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    each_once(|_| true, |example| wide(&format!("\u{feff}{example}\r\n")));
    each_once(|rule| rule.forms == Forms::All, |example| wide(&format!("first line\r\n{example}\r\n")));
}

#[test]
fn example_in_base64() {
    for before in ["", "a", "ab", "abc="] {
        // The blank keeps the example from continuing the text before it.
        let encode = |example: &str| BASE64.encode(format!("{before} {example} ").as_bytes()).into();
        each_once(|rule| rule.forms == Forms::All, encode);
    }
}

#[test]
fn all_examples_in_one_file() {
    let (detector, examples) = examples();
    let mut content = String::new();
    // Text between the examples, so that none is in the context of another.
    let gap = Random::new("gap", 0).lines(80, "");
    for (_, example) in &examples {
        content += &format!("{example}\n{gap}\n");
    }
    let wanted: Vec<&str> = examples.iter().map(|(rule, _)| rule.id.as_str()).collect();
    assert_eq!(ids(&detector, content.as_bytes()), wanted);
}

const MINE: &str = "\
[[rule]]
id = 'acme-token'
name = 'Acme token'
message = 'A token of Acme'
summary = 'It opens the door.'
severity = 'error'
confidence = 'high'
fix = 'Take another one.'
docs = 'https://acme.example'
anchors = ['acme_']
regex = '(acme_[0-9a-f]{12})'
examples = ['t=acme_7d1e9a3c5b2f']
non-examples = ['acme_7d1e9a3c5b2']
";

fn rules(folder: &Path, args: &[&str]) -> Output {
    telleaks().current_dir(folder).arg("rules").args(args).output().unwrap()
}

#[test]
fn rules_test_command() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "good/mine.toml", MINE);
    put(folder.path(), "good/notes.txt", "not a rule");
    put(folder.path(), "bad/mine.toml", MINE.replace("t=acme_7d", "t=acme_XX"));
    put(folder.path(), "bad2/mine.toml", MINE.replace("['acme_7d1e9a3c5b2']", "['x acme_7d1e9a3c5b2f']"));
    put(folder.path(), "broken/mine.toml", MINE.replace("regex = '(", "regex = '"));
    put(folder.path(), "unknown/mine.toml", MINE.replace("docs =", "dogs ="));
    put(folder.path(), "taken/mine.toml", MINE.replace("acme-token", "telnyx-api-key"));
    for (args, expected, said) in [
        (&["test"][..], 0, " 0 wrong"),
        (&["test", "good"], 0, " 0 wrong"),
        (&["test", "good/mine.toml"], 0, " 0 wrong"),
        (&["test", "bad"], 1, "acme-token: example 1 matches nothing"),
        (&["test", "bad2"], 1, "acme-token: non-example 1 matches"),
        (&["test", "broken"], 2, "acme-token"),
        (&["test", "unknown"], 2, "dogs"),
        (&["test", "taken"], 2, "telnyx-api-key"),
        (&["test", "missing"], 2, "missing"),
        (&["list", "--rules", "good"], 0, "acme-token"),
        (&["show", "acme-token", "--rules", "good"], 0, "(acme_[0-9a-f]{12})"),
        (&["show", "acme-token"], 2, "acme-token"),
    ] {
        let output = rules(folder.path(), args);
        assert_eq!(code(&output), expected, "{args:?}: {}", both(&output));
        assert!(both(&output).contains(said), "{args:?}: {}", both(&output));
        assert_eq!(output.stderr.is_empty(), expected != 2, "{args:?}: {}", both(&output));
    }
}

#[test]
fn shown_rule_can_be_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = String::new();
    for rule in builtin().unwrap().rules {
        let shown = rules(folder.path(), &["show", &rule.id]);
        all += &String::from_utf8(shown.stdout).unwrap().replace("id = \"telnyx-", "id = \"copy-");
    }
    put(folder.path(), "copies.toml", &all);
    let listed = rules(folder.path(), &["list", "--rules", "copies.toml"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let own = listed.lines().filter(|line| line.starts_with("telnyx-")).count();
    assert!(own >= 19);
    assert_eq!(listed.lines().filter(|line| line.starts_with("copy-")).count(), own);
}

#[test]
fn scan_uses_the_selected_rules() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("told", 0).key();
    put(folder.path(), "mine.toml", MINE);
    put(
        folder.path(),
        "in/a.env",
        format!("A={key}\nimport.meta.env.VITE_TEL\u{4e}YX_API_KEY\nt=acme_7d1e9a3c5b2f\n"),
    );
    for (args, expected) in [
        (&[][..], &["telnyx-api-key", "telnyx-public-env-name"][..]),
        (&["--rule", "telnyx-api-key"], &["telnyx-api-key"]),
        (&["--exclude-rule", "telnyx-public-env-name"], &["telnyx-api-key"]),
        (&["--rules", "mine.toml"], &["telnyx-api-key", "telnyx-public-env-name", "acme-token"]),
        (&["--rules", "mine.toml", "--rule", "acme-token"], &["acme-token"]),
        (
            &[
                "--rule",
                "telnyx-api-key",
                "--rule",
                "telnyx-public-env-name",
                "--exclude-rule",
                "telnyx-api-key",
            ],
            &["telnyx-public-env-name"],
        ),
    ] {
        let output = scan(folder.path(), &[&["in", "--format", "jsonl"], args].concat());
        let found = lines(&output.stdout);
        let found: Vec<&str> = found.iter().map(|one| text(one, "/rule_id")).collect();
        assert_eq!(found, expected, "{args:?}: {}", both(&output));
        assert_eq!(code(&output), 1);
    }
    for args in
        [["--rule", "no-such"], ["--exclude-rule", "no-such"], ["--rules", "in"], ["--rules", "none.toml"]]
    {
        let output = scan(folder.path(), &[&["in"], &args[..]].concat());
        // A directory without a rule file adds no rules, which is not an error.
        let expected = if args[1] == "in" { 1 } else { 2 };
        assert_eq!(code(&output), expected, "{args:?}: {}", both(&output));
    }
}

/// Returns all built-in rules, including the rule for comments.
fn all_rules() -> Vec<Rule> {
    let set = builtin().unwrap();
    set.all().into_iter().chain(set.ignore).collect()
}

/// Returns the first lines of the page of a rule.
fn head(rule: &Rule) -> String {
    let Rule { name, summary, fix, .. } = rule;
    let (severity, confidence) = (rule.severity.as_str(), rule.confidence.as_str());
    let text = format!(
        "**{name}.** Severity {severity}, confidence {confidence}.\n\n{summary}\n\n*What to do:* {fix}\n\n"
    );
    text.replace('<', "&lt;")
}

/// Returns the handwritten part of a page, after the lines generated from the rule.
fn by_hand(text: &str) -> &str {
    let rest = text.split_once("\n*What to do:* ").and_then(|(_, rest)| rest.split_once("\n\n"));
    let rest = rest.map_or("", |two| two.1);
    rest.strip_prefix("*How to accept it:* ")
        .and_then(|rest| rest.split_once("\n\n"))
        .map_or(rest, |two| two.1)
}

/// Returns the generated line that shows the comment for a finding that is accepted. Findings about suppressions have none.
fn how_to_accept(rule: &Rule) -> String {
    let id = &rule.id;
    if id.starts_with("telleaks-") {
        return String::new();
    }
    format!(
        "*How to accept it:* a comment on the same line or the line before, `telleaks:ignore {id} REASON` ([suppressions](../suppression.md#comments)). \
         `telleaks rules show {id}` prints the pattern.\n\n"
    )
}

/// Returns the index of the rules: a row for each, which has the anchor of the rule.
fn index(rules: &[Rule]) -> String {
    let mut page = "# Rules\n\nEach rule has a page: where the credential leaks, how to revoke it, and where that is documented. \
        The Telnyx API calls there are advice:\ntelleaks makes none of them. `telleaks rules show ID` prints a rule with its pattern, \
        `telleaks respond` a plan for the findings of a report. \"Telnyx's\ndocumentation\" means developers.telnyx.com. \
        [List and write rules](custom-rules.md) shows how to choose and add rules.\n\n\
        | Rule | Severity | Confidence | What it finds |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for Rule { id, name, severity, confidence, .. } in rules {
        let (severity, confidence) = (severity.as_str(), confidence.as_str());
        page +=
            &format!("| <a id=\"{id}\"></a>[{id}](rules/{id}.md) | {severity} | {confidence} | {name} |\n");
    }
    page
}

/// Compares a page with what it has to be. `TELLEAKS_UPDATE_README=1` writes it.
fn compare(path: &Path, expected: &str) {
    if std::env::var_os("TELLEAKS_UPDATE_README").is_some() {
        std::fs::write(path, expected).unwrap();
    }
    let real = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(real, expected, "{}: run the tests with TELLEAKS_UPDATE_README=1", path.display());
}

/// `TELLEAKS_UPDATE_README=1` regenerates the list of rules and the first lines of each page.
#[test]
fn each_rule_has_a_page() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut rules = all_rules();
    rules.sort_by(|one, other| {
        let key = |rule: &Rule| (rule.id.starts_with("telleaks-"), rule.id.clone());
        key(one).cmp(&key(other))
    });
    compare(&docs.join("rules.md"), &index(&rules));
    let mut pages = std::collections::BTreeSet::new();
    for rule in &rules {
        let id = &rule.id;
        let path = docs.join(format!("rules/{id}.md"));
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let rest = by_hand(&text);
        for part in ["*Where it leaks:* ", "*How to revoke it:* ", "*Source:* "] {
            assert!(id.starts_with("telleaks-") || rest.contains(part), "docs/rules/{id}.md has no {part}");
        }
        compare(&path, &format!("# {id}\n\n{}{}{rest}", head(rule), how_to_accept(rule)));
        pages.insert(path);
    }
    let real: std::collections::BTreeSet<_> =
        std::fs::read_dir(docs.join("rules")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(real, pages, "pages of rules that do not exist");
}

#[test]
fn rule_docs_are_its_page() {
    for rule in all_rules() {
        let page = format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.id);
        assert_eq!(rule.docs, page);
    }
}
