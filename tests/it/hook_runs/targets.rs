//! `telleaks audit --targets`: audits a list of repositories, optionally sharded, with one record per repository.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::common::{code, lines, text};
use crate::hook_runs::repo::{Repo, line};

/// Creates a directory with a leaking repository, a clean one, a mirror, a bundle, and a list that also has a missing
/// one.
fn list() -> Repo {
    let home = Repo::with(&[("a", "nothing\n")]);
    let leaky = Repo::with(&[("key", &line(1))]);
    let path = leaky.dir().display().to_string();
    home.git(&["clone", "-q", "--mirror", &path, "mirror.git"]);
    leaky.git(&["bundle", "create", "-q", &home.dir().join("a.bundle").display().to_string(), "--all"]);
    home.git(&["clone", "-q", ".", "clean"]);
    home.put(
        "list",
        "# a remark\n\nmirror.git\na.bundle\n  clean\nno/such\nmirror.git\nhttps://host/r.git\n",
    );
    home
}

fn records(stdout: &[u8], kind: &str) -> Vec<Value> {
    lines(stdout).into_iter().filter(|one| one["record"] == kind).collect()
}

#[test]
fn every_target_has_one_record_after_its_findings() {
    let home = list();
    let output = home.run(&["audit", "--targets", "list"]);
    assert_eq!(code(&output), 1);
    let targets = records(&output.stdout, "target");
    let of = |one: &Value| format!("{} {} {}", text(one, "/target"), text(one, "/status"), one["findings"]);
    let expected =
        ["mirror.git ok 1", "a.bundle ok 1", "clean ok 0", "no/such failed 0", "https://host/r.git failed 0"];
    assert_eq!(targets.iter().map(of).collect::<Vec<_>>(), expected);
    assert!(text(&targets[4], "/reason").contains("git clone --mirror"));
    assert_eq!(text(&targets[0], "/head").len(), 40);
    assert_eq!(targets[0]["head"], targets[1]["head"], "the bundle has the HEAD of what it was made from");
    assert!(targets[0]["bytes"].as_u64() > Some(0) && targets[0]["objects"].as_u64() >= Some(3));
    let findings = records(&output.stdout, "finding");
    assert_eq!(findings.len(), 2);
    assert_ne!(findings[0]["finding_id"], findings[1]["finding_id"]);
    assert_eq!(findings[0]["secret_sha256"], findings[1]["secret_sha256"]);
    assert_eq!(text(&findings[1], "/git/path"), "key");
    assert_eq!(lines(&output.stdout)[0]["target"], "mirror.git");
}

#[test]
fn secret_of_two_targets_has_a_record_and_a_warning() {
    let home = list();
    let output = home.run(&["audit", "--targets", "list"]);
    let shared = records(&output.stdout, "shared_secret");
    assert_eq!(shared.len(), 1);
    assert_eq!(shared[0]["sources"], serde_json::json!(["a.bundle", "mirror.git"]));
    assert_eq!(shared[0]["secret_sha256"], records(&output.stdout, "finding")[0]["secret_sha256"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.matches("warning: the same secret is in 2 targets: KEY").count(), 1, "{said}");
    assert!(!said.contains(&crate::hook_runs::repo::key(1)), "{said}");
    home.put("one", "mirror.git\nclean\n");
    assert!(records(&home.run(&["audit", "--targets", "one"]).stdout, "shared_secret").is_empty());
}

#[test]
fn shards_are_complete_and_deterministic() {
    let home = list();
    let plain = |output: &[u8]| -> Vec<String> {
        let without_time = |mut one: Value| {
            one.as_object_mut().unwrap().remove("seconds");
            one.to_string()
        };
        // A shard knows only its own targets.
        let own = lines(output).into_iter().filter(|one| one["record"] != "shared_secret");
        own.map(without_time).collect()
    };
    let whole = plain(&home.run(&["audit", "--targets", "list"]).stdout);
    assert_eq!(plain(&home.run(&["audit", "--targets", "list"]).stdout), whole);
    let mut parts = Vec::new();
    for part in 0..3 {
        parts.extend(plain(
            &home.run(&["audit", "--targets", "list", "--shard", &format!("{part}/3")]).stdout,
        ));
    }
    let by_environment = home
        .command(env!("CARGO_BIN_EXE_telleaks"))
        .args(["audit", "--targets", "list"])
        .env("CI_NODE_INDEX", "2")
        .env("CI_NODE_TOTAL", "3")
        .output()
        .unwrap();
    let second = home.run(&["audit", "--targets", "list", "--shard", "1/3"]);
    assert_eq!(plain(&by_environment.stdout), plain(&second.stdout));
    assert!(String::from_utf8_lossy(&by_environment.stderr).contains("shard 1 of 3: "));
    assert_eq!(parts.len(), whole.len());
    assert_eq!(parts.into_iter().collect::<BTreeSet<_>>(), whole.into_iter().collect());
}

#[test]
fn list_is_read_from_stdin_and_empty_list_is_an_error() {
    let home = list();
    let run = |input: &str| {
        let mut command = home.command(env!("CARGO_BIN_EXE_telleaks"));
        command.args(["audit", "--targets", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    assert_eq!(code(&run("clean\n")), 0);
    assert_eq!(code(&run("clean\nno/such\n")), 3);
    assert_eq!(code(&run("\n# nothing\n")), 2);
    for words in
        [&["--shard", "3/3"][..], &["--shard", "/0"], &["--format", "sarif"], &["--report", "json=x"]]
    {
        let output = home.run(&[&["audit", "--targets", "list"], words].concat());
        assert_eq!(code(&output), 2, "{words:?}");
    }
}

#[test]
fn bundle_is_audited_or_refused_with_reason() {
    let repo = Repo::with(&[("key", &line(1))]);
    repo.commit(&[("key", "gone\n"), ("other", &line(2))]);
    repo.git(&["tag", "-a", "-m", "a tag", "v1"]);
    repo.git(&["bundle", "create", "-q", "../all.bundle", "--all"]);
    repo.git(&["bundle", "create", "-q", "../new.bundle", "HEAD~1..HEAD"]);
    let (exit, findings, _) = repo.findings(&["audit", "../all.bundle"]);
    let mut paths: Vec<&str> = findings.iter().map(|one| text(one, "/git/path")).collect();
    paths.sort_unstable();
    assert_eq!((exit, paths), (1, vec!["key", "other"]));
    let said = |path: &str| {
        let output = repo.run(&["audit", path]);
        assert_eq!(code(&output), 2);
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(said("../new.bundle").contains("needs 1 commits that it does not contain"));
    let whole = std::fs::read(repo.beside("all.bundle")).unwrap();
    std::fs::write(repo.beside("cut.bundle"), &whole[..whole.len() - 30]).unwrap();
    assert!(said("../cut.bundle").contains("the objects of the bundle cannot be read"));
    std::fs::write(repo.beside("head.bundle"), b"# v2 git bundle\nno id\n\n").unwrap();
    assert!(said("../head.bundle").contains("the header of the bundle is damaged"));
}

#[test]
fn page_of_a_list_has_the_worst_first_and_shared_secrets() {
    let home = list();
    let output = home.run(&["audit", "--targets", "list", "--report", "html=page.html"]);
    assert_eq!(code(&output), 1);
    assert_eq!(records(&output.stdout, "target").len(), 5, "the lines stay");
    let page = std::fs::read_to_string(home.dir().join("page.html")).unwrap();
    let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}: {page}"));
    assert!(page.contains("<h1>Audit of 5 repositories</h1>") && page.contains("2 of 5 have errors"));
    assert!(at(">a.bundle<") < at(">mirror.git<") && at(">mirror.git<") < at(">no/such<"));
    assert!(at(">no/such<") < at(">clean<") && at(">clean<") < at("Secrets in several repositories"));
    assert!(page.contains("2 repositories: a.bundle, mirror.git") && !page.contains("<script"));
    let output = home.run(&["audit", "--targets", "list", "--report", "sarif=x.sarif"]);
    assert_eq!(code(&output), 2);
}
