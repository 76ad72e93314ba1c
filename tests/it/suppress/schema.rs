//! `telleaks.schema.json` and the program accept the same configurations.

use std::path::Path;

use serde_json::Value;

use crate::common::code;
use crate::suppress::CONFIG;
use crate::suppress::repo::Repo;

fn schema() -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("telleaks.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// Returns a hash in mixed case.
fn hash() -> String {
    "0123456789abcdefABCDEF".repeat(3)[..64].to_owned()
}

/// Start of an allow entry.
const ALLOW: &str = "[[allow]]\nreason = 'r'\n";

/// Start of an accept-unread entry.
const ACCEPT: &str = "[[accept-unread]]\nreason = 'r'\n";

fn right() -> Vec<String> {
    let (allow, hash) = (ALLOW, hash());
    vec![
        String::new(),
        "#:schema ./telleaks.schema.json".to_owned(),
        "fail-on = 'note'\nbaseline = 'b.jsonl'".to_owned(),
        "fail-on = 'error'".to_owned(),
        "[rules.telnyx-api-key]\nenabled = true\nseverity = 'error'".to_owned(),
        "[rules.telnyx-api-key]\n[rules.telleaks-suppression-unused]\nenabled = false".to_owned(),
        "rules = {}\nallow = []".to_owned(),
        "exclude = ['vendor/', '*.min.js']\nmin-severity = 'warning'\nformat = 'sarif'\nregion = 'eu'"
            .to_owned(),
        "rule-files = ['r.toml']\n[limits]\nmax-depth = 2\nmax-expanded = '64M'\nmax-file-size = 10"
            .to_owned(),
        format!("{allow}rules = ['telnyx-api-key']"),
        format!("{allow}paths = ['docs/', '*.md']\nexpires = '2027-01-31'"),
        format!("{allow}sha256 = ['{hash}']\n{allow}paths = ['x']"),
        "accept-unread = []".to_owned(),
        format!("{ACCEPT}formats = ['rar', 'cab']\nexpires = '2027-01-31'"),
        format!("{ACCEPT}paths = ['a/', 'b.zip!/c']\n{ACCEPT}paths = ['x']\nformats = ['lha']"),
    ]
}

fn wrong() -> Vec<String> {
    let (allow, hash) = (ALLOW, hash());
    vec![
        "fail-on = 'never'".to_owned(),
        "fail-on = 1".to_owned(),
        "exclude = ['**']".to_owned(),
        "exclude = []".to_owned(),
        "min-severity = 'high'".to_owned(),
        "format = 'xml'".to_owned(),
        "region = 'xx'".to_owned(),
        "rule-files = ['../r.toml']".to_owned(),
        "rule-files = ['/r.toml']".to_owned(),
        "[limits]\nmax-depth = 65".to_owned(),
        "[limits]\nmax-expanded = '64X'".to_owned(),
        "[limits]\ndepth = 1".to_owned(),
        "fail_on = 'note'".to_owned(),
        "baseline = ''".to_owned(),
        "baseline = ['a']".to_owned(),
        "rules = []".to_owned(),
        "[rules]\ntelnyx-api-key = false".to_owned(),
        "[rules.telnyx-api-key]\nenabled = 'no'".to_owned(),
        "[rules.telnyx-api-key]\nseverity = 'bad'".to_owned(),
        "[rules.telnyx-api-key]\nlevel = 'note'".to_owned(),
        "[allow]\nreason = 'r'\npaths = ['x']".to_owned(),
        "allow = ['x']".to_owned(),
        "[[allow]]\npaths = ['x']".to_owned(),
        "[[allow]]\nreason = ''\npaths = ['x']".to_owned(),
        "[[allow]]\nreason = '  '\npaths = ['x']".to_owned(),
        allow.to_owned(),
        format!("{allow}expires = '2027-01-31'"),
        format!("{allow}paths = []"),
        format!("{allow}paths = 'x'"),
        format!("{allow}paths = ['']"),
        format!("{allow}paths = ['!x']"),
        format!("{allow}paths = ['**']"),
        format!("{allow}paths = ['x']\nexpires = '31.1.2027'"),
        format!("{allow}paths = ['x']\nexpires = '2027-13-01'"),
        format!("{allow}paths = ['x']\nexpires = 2027"),
        format!("{allow}sha256 = ['{}']", &hash[1..]),
        format!("{allow}sha256 = ['{}g']", &hash[1..]),
        format!("{allow}paths = ['x']\nwhy = 'y'"),
        ACCEPT.to_owned(),
        "[[accept-unread]]\nformats = ['rar']".to_owned(),
        "[accept-unread]\nreason = 'r'\nformats = ['rar']".to_owned(),
        format!("{ACCEPT}formats = ['zip']"),
        format!("{ACCEPT}formats = []"),
        format!("{ACCEPT}formats = 'rar'"),
        format!("{ACCEPT}paths = ['**']"),
        format!("{ACCEPT}path = ['x']"),
        format!("{ACCEPT}paths = ['x']\nexpires = 'soon'"),
    ]
}

#[test]
fn schema_and_program_accept_the_same_configurations() {
    let (right, wrong) = (right(), wrong());
    let (repo, schema) = (Repo::new(), schema());
    repo.put("r.toml", "");
    repo.put("b.jsonl", format!("{{\"baseline\":1,\"salt\":\"{}\"}}\n", "0".repeat(64)));
    let cases = right.iter().map(|text| (text, true)).chain(wrong.iter().map(|text| (text, false)));
    for (text, expected) in cases {
        repo.put(CONFIG, text);
        let output = repo.run(&["config", "check"]);
        assert_eq!(
            code(&output) == 0,
            expected,
            "program: {text}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let value: toml::Value = toml::from_str(text).unwrap();
        let value = serde_json::to_value(value).unwrap();
        assert_eq!(schema.is_valid(&value), expected, "schema: {text}");
    }
}

#[test]
fn documented_examples_are_valid() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/suppression.md");
    let text = std::fs::read_to_string(path).unwrap();
    let examples: Vec<&str> =
        text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!examples.is_empty());
    let repo = Repo::new();
    for example in examples {
        repo.put(CONFIG, example);
        let output = repo.run(&["config", "check"]);
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        let value = serde_json::to_value(toml::from_str::<toml::Value>(example).unwrap()).unwrap();
        assert!(schema().is_valid(&value), "{example}");
    }
}
