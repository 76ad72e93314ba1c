//! `examples/leaky-repository.sh` creates a repository with ten keys, and each command finds those that it should.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::common::{both, code, telleaks, text};

fn leaky(folder: &Path, name: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/leaky-repository.sh");
    Command::new("sh").arg(script).arg(name).current_dir(folder).output().unwrap()
}

/// Returns the ids of the keys in the report of a command.
fn key_ids(folder: &Path, args: &[&str]) -> BTreeSet<String> {
    let output = telleaks().current_dir(folder).args(args).args(["--format", "json"]).output().unwrap();
    assert_eq!(code(&output), 1, "{args:?}: {}", both(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|one| !one["key_id"].is_null()).map(|one| text(one, "/key_id").to_owned()).collect()
}

#[test]
fn leaky_repository_has_ten_keys() {
    let folder = tempfile::tempdir().unwrap();
    let made = leaky(folder.path(), "demo");
    assert!(made.status.success(), "{}", both(&made));
    assert!(!leaky(folder.path(), "demo").status.success(), "an existing directory is refused");
    let demo = folder.path().join("demo");
    assert_eq!(key_ids(&demo, &["scan"]).len(), 6);
    assert_eq!(key_ids(&demo, &["audit"]).len(), 10);
    assert_eq!(key_ids(&demo, &["staged"]).len(), 1);
    assert_eq!(key_ids(&demo, &["staged", "--worktree"]).len(), 2);
}
