//! What a team relies on: exposure of commits, settings of telleaks.toml in every command, paths from the root, doctor.

use serde_json::Value;

use crate::common::{both, code, lines, text};
use crate::hook_runs::repo::{Repo, line};

const RULE: &str = "[[rule]]\nid = 'acme-key'\nname = 'Acme key'\nmessage = 'An Acme key'\nsummary = 's'\nseverity = 'warning'\n\
                    confidence = 'medium'\nfix = 'f'\ndocs = 'https://acme.example'\nanchors = ['acme_']\n\
                    regex = '(acme_[0-9a-zA-Z]{19})'\nexamples = ['acme_0123456789{}abcdefXYZ']\nnon-examples = ['acme_x']\n";
const ACME: &str = "K = 'acme_0123456789abcdefXYZ'\n";

#[test]
fn refs_that_contain_a_commit_are_named() {
    let repo = Repo::with(&[("k.py", &line(1))]);
    repo.commit(&[("x", "later\n")]);
    let git = |words: &[&str]| repo.findings(words).1[0]["git"].clone();
    let found = git(&["commits", "HEAD~1"]);
    assert_eq!(found["refs"], serde_json::json!(["refs/heads/main"]));
    assert_eq!((text(&found, "/reached_by"), &found["exposure_days"].is_null()), ("refs", &false));
    // A remote-tracking ref that does not contain it: not exposed.
    let other = repo.git(&["commit-tree", "-m", "other", "HEAD^{tree}"]);
    repo.git(&["update-ref", "refs/remotes/origin/main", &other]);
    assert_eq!(git(&["commits", "HEAD~1"])["exposure_days"], Value::Null);
    // The merge of a pull request contains its head.
    let merge = repo.git(&["commit-tree", "-m", "merge", "-p", "HEAD", "HEAD^{tree}"]);
    repo.git(&["update-ref", "refs/remotes/pull/1/merge", &merge]);
    let found = git(&["commits", "HEAD~1"]);
    assert!(found["refs"].as_array().unwrap().contains(&"refs/remotes/pull/1/merge".into()), "{found}");
    assert!(found["exposure_days"].is_u64());
}

#[test]
fn ci_jobs_know_that_commits_were_pushed() {
    let repo = Repo::with(&[("k.py", &line(1))]);
    let plan = |ci: &str| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_telleaks"));
        both(&command.args(["commits", "HEAD"]).env("CI", ci).output().unwrap())
    };
    assert!(plan("true").contains("it was pushed") && !plan("").contains("it was pushed"));
}

#[test]
fn range_is_limited_to_paths() {
    let repo = Repo::with(&[("x", "x\n")]);
    repo.commit(&[("services/sms/a.js", &line(1)), ("services/pay/a.js", &line(2))]);
    let count = |words: &[&str]| {
        let output = repo.run(&[&["commits", "--format", "jsonl", "HEAD"], words].concat());
        lines(&output.stdout).len()
    };
    assert_eq!(count(&["--", "services/sms"]), 1);
    assert_eq!(count(&["--exclude", "services/sms/"]), 1);
    assert_eq!(count(&["--", "services", "./x"]), 2);
    assert_eq!(count(&["--", "x"]), 0);
}

#[test]
fn settings_count_in_every_command_and_from_the_base() {
    let repo = Repo::with(&[
        (
            "telleaks.toml",
            "exclude = ['vendor/']\nrule-files = ['rules/acme.toml']\nmin-severity = 'warning'\n",
        ),
        ("rules/acme.toml", RULE),
    ]);
    repo.add("vendor/a.js", line(1));
    repo.add("b.js", ACME);
    let rules = |words: &[&str]| -> Vec<String> {
        repo.findings(words).1.iter().map(|one| text(one, "/rule_id").to_owned()).collect()
    };
    for words in [&["scan", "."][..], &["staged"], &["audit"], &["scan", "b.js", "vendor"]] {
        assert_eq!(rules(words), ["acme-key"], "{words:?}");
    }
    repo.git(&["commit", "-qm", "both"]);
    assert_eq!(rules(&["commits", "HEAD~1..HEAD"]), ["acme-key"]);
    // What a range excludes does not hide what it adds.
    repo.commit(&[("telleaks.toml", "exclude = ['*.py']\n"), ("c.py", &line(2))]);
    let found = rules(&["commits", "HEAD~1..HEAD"]);
    assert_eq!(found, ["telnyx-api-key", "telleaks-suppression-added"], "{found:?}");
}

#[test]
fn hosts_get_paths_from_the_root() {
    let repo = Repo::with(&[("services/sms/src/a.js", &line(1))]);
    let fingerprint = |words: &[&str]| text(&repo.findings(words).1[0], "/fingerprint").to_owned();
    let whole = fingerprint(&["scan", "."]);
    for path in ["services/sms", "services/sms/src/a.js", "services"] {
        assert_eq!(fingerprint(&["scan", path]), whole, "{path}");
        for format in ["sarif", "gitlab", "github", "junit", "csv"] {
            let said = both(&repo.run(&["scan", path, "--format", format]));
            assert!(said.contains("services/sms/src/a.js"), "{path}: {said}");
        }
    }
    let (_, found, _) = repo.findings(&["scan", "services/sms"]);
    assert_eq!(text(&found[0], "/location/path"), "src/a.js");
    assert_eq!(text(&found[0], "/repository_path"), "services/sms/src/a.js");
    let rooted = both(&repo.run(&["scan", "services/sms", "--root", "services", "--format", "csv"]));
    assert!(rooted.contains(",sms/src/a.js,"), "{rooted}");
}

#[test]
fn doctor_reports_the_hooks() {
    let repo = Repo::with(&[("x", "x\n")]);
    assert_eq!(code(&repo.run(&["doctor"])), 1);
    repo.run(&["hook", "install"]);
    let sound = repo.run(&["doctor"]);
    assert_eq!(code(&sound), 0, "{}", both(&sound));
    let path = repo.dir().join(".git/hooks/pre-commit");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let said = repo.run(&["doctor"]);
    assert!(code(&said) == 1 && both(&said).contains("not executable"), "{}", both(&said));
}

#[test]
fn names_of_other_tools_get_advice() {
    let repo = Repo::with(&[("src/x", "x\n")]);
    for (word, advice) in [
        ("dir", "telleaks scan PATH"),
        ("detect", "telleaks audit"),
        ("protect", "telleaks staged"),
        ("check", "telleaks scan"),
        ("src", "telleaks scan PATH"),
    ] {
        let output = repo.run(&[word]);
        let said = both(&output);
        assert!(code(&output) == 2 && said.contains(advice) && !said.contains("probe"), "{said}");
    }
    assert!(both(&repo.run(&["version"])).starts_with("telleaks "));
}
