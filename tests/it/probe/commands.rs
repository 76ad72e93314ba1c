//! Exit codes, severities and output of the commands that probe.

use serde_json::Value;

use crate::common::random::Random;
use crate::common::{both, code, lines, put, text};
use crate::probe::server::{Server, balance, error, gone, http};
use crate::probe::{feed, probe, program};

fn restricted() -> crate::probe::server::Reply {
    error(403, "10010", "Insufficient permissions")
}

#[test]
fn severity_and_exit_code_follow_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.env", format!("TELNYX_API_KEY={}\n", Random::new("severity", 0).key()));
    for (reply, status, severity, plain, active) in [
        (balance(), "active", "error", 1, 1),
        (restricted(), "restricted", "error", 1, 1),
        (gone(), "inactive", "note", 0, 0),
        (http(200, &[], "<html>"), "unknown", "error", 1, 3),
    ] {
        let server = Server::always(reply);
        let run = |args: &[&str]| {
            let mut command = program();
            command.current_dir(folder.path()).args(["scan", "--probe", "--probe-url", &server.url()]);
            command.args(args).output().unwrap()
        };
        let output = run(&["--format", "json"]);
        assert_eq!(code(&output), plain, "{status}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let finding = &document["findings"][0];
        assert_eq!((text(finding, "/liveness/status"), text(finding, "/severity")), (status, severity));
        assert!(
            text(finding, "/liveness/checked_at").ends_with('Z')
                && !text(finding, "/liveness/detail").is_empty()
        );
        assert_eq!(text(finding, "/message").contains("(it does not work now)"), status == "inactive");
        let output = run(&["--fail-on", "active"]);
        assert_eq!(code(&output), active, "{status}: {}", both(&output));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("= alive: {status}: ")), "{said}");
        let sarif: Value = serde_json::from_slice(&run(&["--format", "sarif"]).stdout).unwrap();
        assert_eq!(text(&sarif, "/runs/0/results/0/properties/liveness/status"), status);
        assert_eq!(text(&sarif, "/runs/0/results/0/level"), severity);
        assert_eq!(lines(&run(&["--format", "jsonl"]).stdout)[0]["liveness"]["status"], status);
    }
}

#[test]
fn working_placeholder_key_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.env", Random::new("future", 0).key_of(4_000_000_000_000));
    let server = Server::always(balance());
    let mut command = program();
    command.current_dir(folder.path()).args([
        "scan",
        "--probe",
        "--probe-url",
        &server.url(),
        "--format",
        "jsonl",
    ]);
    let output = command.output().unwrap();
    let finding = &lines(&output.stdout)[0];
    assert_eq!((code(&output), text(finding, "/severity")), (1, "error"));
    assert!(text(finding, "/message").contains("(Telnyx accepts it now)"), "{finding}");
}

#[test]
fn git_commands_probe() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("git", 0).key();
    put(folder.path(), "a.env", format!("A={key}\n"));
    let git = |args: &[&str]| {
        let config = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
        let status =
            std::process::Command::new("git").current_dir(folder.path()).args(config).args(args).status();
        assert!(status.unwrap().success(), "{args:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    let server = Server::always(gone());
    let run = |args: &[&str]| {
        let mut command = program();
        command.current_dir(folder.path()).args(args).args(["--probe", "--probe-url", &server.url()]);
        command.output().unwrap()
    };
    let output = run(&["staged"]);
    assert!(code(&output) == 0 && both(&output).contains("= alive: inactive"), "{}", both(&output));
    git(&["commit", "-q", "-m", "a"]);
    let output = run(&["commits", "HEAD"]);
    assert!(code(&output) == 0 && both(&output).contains("= alive: inactive"), "{}", both(&output));
    let output = run(&["audit"]);
    let said = both(&output);
    assert!(code(&output) == 0 && said.contains("= alive: inactive"), "{said}");
    // An inactive key does not prevent publishing.
    assert!(!said.contains("Do not publish yet"), "{said}");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn keys_on_stdin_among_other_text() {
    let mut random = Random::new("input", 0);
    let (one, other) = (random.key(), random.key());
    let input = format!("first: {one} of {one}\r\n\nexport TELNYX_API_KEY=\"{other}\" # mine\nnothing\n");
    let server = Server::always(gone());
    let output = probe(&server.url(), &[], &input);
    assert_eq!((code(&output), server.requests().len()), (0, 2), "{}", both(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), 2);
    assert!(said.lines().all(|line| line.starts_with("inactive   KEY")), "{said}");
    for input in ["", "nothing\n", &one[..35], &one[..57]] {
        let output = probe(&server.url(), &[], input);
        assert_eq!(code(&output), 2, "{}", both(&output));
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn probe_exit_codes() {
    let mut random = Random::new("exits", 0);
    let keys = [random.key(), random.key(), random.key()];
    for (replies, expected) in [
        ([gone(), gone(), gone()], 0),
        ([gone(), balance(), http(404, &[], "")], 1),
        ([gone(), restricted(), gone()], 1),
        ([gone(), http(404, &[], ""), gone()], 3),
    ] {
        let known = keys.clone();
        let server =
            Server::new(move |_, key| replies[known.iter().position(|one| one == key).unwrap()].clone());
        let output = probe(&server.url(), &["--format", "json"], &keys.join("\n"));
        assert_eq!(code(&output), expected, "{}", both(&output));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let counted: u64 = document["summary"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        assert_eq!((counted, document["keys"].as_array().unwrap().len()), (3, 3));
    }
}

#[test]
fn keys_of_report() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("report", 0).key();
    put(folder.path(), "in/a.env", format!("A={key}\nB={key}\n"));
    let server = Server::always(balance());
    for (args, expected, requests) in [(&[][..], 2, 0), (&["--show-secrets"], 1, 1)] {
        let report =
            program().current_dir(folder.path()).args(["scan", "in", "--format", "json"]).args(args).output();
        put(folder.path(), "report.json", report.unwrap().stdout);
        let mut command = program();
        command.current_dir(folder.path()).args([
            "probe",
            "--from",
            "report.json",
            "--probe-url",
            &server.url(),
        ]);
        let output = command.output().unwrap();
        assert_eq!((code(&output), server.requests().len()), (expected, requests), "{}", both(&output));
        if requests == 0 {
            assert!(both(&output).contains("--show-secrets"), "{}", both(&output));
        }
    }
    for content in
        ["", "{}", "[]", "{\"tool\":\"telleaks\",\"findings\":[]}", "{\"tool\":\"other\",\"findings\":[]}"]
    {
        put(folder.path(), "other.json", content);
        let output =
            program().current_dir(folder.path()).args(["probe", "--from", "other.json"]).output().unwrap();
        assert_eq!(code(&output), 2, "{content}");
    }
}

#[test]
fn key_argument_is_refused_and_not_echoed() {
    let key = Random::new("argument", 0).key();
    let server = Server::always(balance());
    let output = feed(program().args(["probe", "--probe-url", &server.url(), &key]), "");
    assert_eq!((code(&output), server.connections()), (2, 0));
    assert!(
        !both(&output).contains(&key[36..]) && both(&output).contains("not taken as arguments"),
        "{}",
        both(&output)
    );
}

#[test]
fn tokens_are_checked_offline() {
    use data_encoding::BASE64URL_NOPAD;
    let token = |end: u64| {
        let claims = format!(
            r#"{{"aud":"telnyx_telephony","exp":{end},"iss":"telnyx_telephony","sub":"a","typ":"access"}}"#
        );
        let parts = [
            r#"{"alg":"HS512","typ":"JWT"}"#,
            &claims,
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-",
        ];
        parts.map(|part| BASE64URL_NOPAD.encode(part.as_bytes())).join(".")
    };
    let server = Server::always(balance());
    for (end, status, expected) in [(1_600_000_000, "inactive", 0), (4_100_000_000, "unknown", 3)] {
        let output = probe(&server.url(), &["--format", "jsonl"], &token(end));
        assert_eq!(code(&output), expected, "{}", both(&output));
        assert_eq!(lines(&output.stdout)[0]["liveness"]["status"], status);
    }
    assert_eq!(server.connections(), 0);
}
