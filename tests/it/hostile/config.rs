//! Hostile configurations, rules and baselines: each is rejected at once with an error that does not show its content.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::common::{put, telleaks};
use crate::hostile::bounded::{Outcome, run};
use crate::hostile::{line, scanned};

/// Returns a rule that is valid except possibly for its regular expression.
fn rule(regex: &str) -> String {
    format!(
        "[[rule]]\nid = 'x-token'\nname = 'X'\nmessage = 'X'\nsummary = 'A token.'\nseverity = 'error'\n\
         confidence = 'high'\nfix = 'Delete it.'\ndocs = 'https://example.org/'\nanchors = ['aaaa']\n\
         run = {{ set = 'a-z', min = 24 }}\nregex = '{regex}'\nexamples = ['aaaab']\nnon-examples = ['b']\n"
    )
}

fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    let outcome = scanned(folder, args);
    outcome.reported(2, words);
    assert!(outcome.said.len() < 20_000, "{}", outcome.said);
}

#[test]
fn expensive_rules_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    put(at, "a.env", line("rules").1);
    let open = "(".repeat(2000);
    for regex in [
        "((a{0,1000}){0,1000}){0,1000}b",
        "(((((a+)+)+)+)+){100}{100}{100}",
        "(?:[^x]{1000}){1000}",
        &open,
        "(?P<a>",
        r"\p{L}{2000}{20}",
    ] {
        put(at, "rules/x.toml", rule(regex));
        refused(at, &["--rules", "rules"], &["x.toml"]);
        let mut command = telleaks();
        command.current_dir(at).args(["rules", "test", "rules/x.toml"]);
        assert_eq!(run(command).code, Some(2), "{regex}");
    }
    let many = "[[rule]]\nid = 'x'\n".repeat(50_000);
    for content in [
        many,
        "x = ".to_owned() + &"[".repeat(300_000),
        format!("[{}x]", "a.".repeat(300_000)),
        "\0".repeat(1000),
    ] {
        put(at, "rules/x.toml", content);
        refused(at, &["--rules", "rules/x.toml"], &["x.toml"]);
    }
}

#[test]
fn explicit_special_files_do_not_block() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    put(at, "a.env", line("named").1);
    assert!(Command::new("mkfifo").arg(at.join("pipe")).status().unwrap().success());
    symlink("/dev/zero", at.join("zero")).unwrap();
    symlink("loop", at.join("loop")).unwrap();
    fs::create_dir(at.join("folder")).unwrap();
    fs::File::create(at.join("huge")).unwrap().set_len(100 << 30).unwrap();
    for option in ["--config", "--baseline", "--rules"] {
        for name in ["pipe", "zero", "loop", "huge", "none"] {
            refused(at, &[option, name, "a.env"], &[name]);
        }
    }
    refused(at, &["--config", "folder", "a.env"], &["folder"]);
    refused(at, &["--baseline", "folder", "a.env"], &["folder"]);
}

/// Runs a command whose standard input is closed at once.
fn fed(folder: &Path, args: &[&str]) -> Outcome {
    let mut command = telleaks();
    command.current_dir(folder).args(args);
    run(command)
}

#[test]
fn arbitrary_report_input_is_handled() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (key, _) = line("report");
    for content in [
        "[".repeat(1_000_000),
        r#"{"a":"#.repeat(200_000),
        "{}".to_owned(),
        format!("{{\"version\":1,\"tool\":\"{key}\"}}"),
        "\u{feff}{}".to_owned(),
        format!("{{\"findings\":{}}}", "9".repeat(1_000_000)),
        String::new(),
    ] {
        put(at, "report.json", &content);
        for args in [
            &["respond", "report.json"][..],
            &["merge", "report.json", "report.json"],
            &["baseline", "add", "report.json"],
        ] {
            let outcome = fed(at, args);
            let shown: String = content.chars().take(30).collect();
            assert_eq!(outcome.code, Some(2), "{args:?} {shown}: {}", outcome.said);
            assert!(!outcome.said.contains(&key[36..]) && outcome.said.len() < 4000, "{}", outcome.said);
        }
    }
}
