//! Suppressions: `telleaks.toml`, baselines, and the limits on changes to them.

#![allow(dead_code, reason = "the repository of another test program has more than is used here")]

use crate::hook_runs::repo;

mod attack;
mod baseline;
mod config;
mod edit;
mod hostile;
mod merge;
mod moves;
mod schema;
mod unread;

use std::process::Output;

use serde_json::Value;

use self::repo::Repo;

/// File name of the configuration.
const CONFIG: &str = "telleaks.toml";
/// File name of the baseline.
const BASELINE: &str = ".telleaks-baseline.jsonl";

/// Runs with `--format json`. Returns exit code, report and standard error.
fn report(repo: &Repo, args: &[&str]) -> (i32, Value, String) {
    let output: Output = repo.run(&[args, &["--format", "json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (crate::common::code(&output), report, said)
}

/// Returns `rule path:line` for the findings in a list of a report.
fn places(report: &Value, list: &str) -> Vec<String> {
    let findings = report[list].as_array().unwrap();
    let rule = |one: &Value| crate::common::text(one, "/rule_id").replace("telleaks-suppression-", "");
    let line = |one: &Value| crate::common::number(one, "/location/start_line");
    findings
        .iter()
        .map(|one| format!("{} {}:{}", rule(one), crate::common::text(one, "/location/path"), line(one)))
        .collect()
}

/// Returns the error of a run that must not start.
fn refused(repo: &Repo, args: &[&str]) -> String {
    let output = repo.run(args);
    assert_eq!(crate::common::code(&output), 2, "{}", crate::common::both(&output));
    String::from_utf8_lossy(&output.stderr).into_owned()
}
