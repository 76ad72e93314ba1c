//! An active key that was accepted: it is a leak, whoever accepted it.

use serde_json::Value;

use crate::common::random::Random;
use crate::common::{code, put, text};
use crate::probe::program;
use crate::probe::server::{Server, balance, gone};

const BASELINE: &str = ".telleaks-baseline.jsonl";

#[test]
fn active_key_is_hidden_only_if_accepted_as_active() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.env", format!("A={}\n", Random::new("accepted", 0).key()));
    let run = |server: &Server, args: &[&str]| {
        let mut command = program();
        command.current_dir(folder.path()).args(["scan", "--format", "json", "--probe"]);
        let output = command.args(["--probe-url", &server.url()]).args(args).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let count = |list: &str| report[list].as_array().unwrap().len();
        (code(&output), count("findings"), count("suppressed"), report)
    };
    let (alive, dead) = (Server::always(balance()), Server::always(gone()));
    // It is not written to the baseline, either.
    let (exit, findings, hidden, _) = run(&alive, &["--write-baseline", BASELINE]);
    assert_eq!((exit, findings, hidden), (1, 1, 0));
    assert!(!std::fs::read_to_string(folder.path().join(BASELINE)).unwrap().contains("hash"));
    let (exit, findings, hidden, _) = run(&alive, &["--write-baseline", BASELINE, "--accept-active"]);
    assert_eq!((exit, findings, hidden), (0, 0, 1));
    let (exit, findings, hidden, report) = run(&alive, &[]);
    assert_eq!((exit, findings, hidden), (1, 1, 0));
    let message = text(&report["findings"][0], "/message");
    assert!(message.contains("because the key is alive") && message.contains(BASELINE), "{message}");
    assert_eq!(run(&alive, &["--fail-on", "active"]).0, 1);
    let (exit, findings, hidden, _) = run(&alive, &["--accept-active"]);
    assert_eq!((exit, findings, hidden), (0, 0, 1));
    let (exit, findings, hidden, report) = run(&dead, &[]);
    assert_eq!((exit, findings, hidden), (0, 0, 1));
    assert_eq!(text(&report["suppressed"][0], "/liveness/status"), "inactive");
}
