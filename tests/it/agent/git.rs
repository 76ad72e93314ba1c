//! Commands that make git skip the hook of telleaks.

use serde_json::json;
use std::path::Path;
use std::process::Command;

use super::{answer, said};
use crate::common::telleaks;

fn asks(folder: &Path, command: &str) -> bool {
    let event = json!({"hook_event_name": "PreToolUse", "session_id": "s", "cwd": folder, "tool_name": "Bash",
        "tool_input": {"command": command}});
    let output = answer(folder, &[], event.to_string().as_bytes());
    said(&output).contains("\"permissionDecision\":\"deny\"")
}

#[test]
fn hook_of_telleaks_cannot_be_skipped() {
    let home = tempfile::tempdir().unwrap();
    let (guarded, free) = (home.path().join("guarded"), home.path().join("free"));
    for repository in [&guarded, &free] {
        assert!(Command::new("git").args(["init", "-q"]).arg(repository).status().unwrap().success());
    }
    let skips =
        ["git commit --no-verify -m x", "git commit -nm x", "git -c core.hooksPath=/dev/null commit -m x"];
    assert!(!skips.iter().any(|command| asks(&guarded, command)), "no hook is installed");
    assert!(telleaks().current_dir(&guarded).args(["hook", "install"]).output().unwrap().status.success());
    for command in skips {
        assert!(asks(&guarded, command), "{command}");
        assert!(!asks(&free, command), "{command}");
    }
    assert!(asks(&free, "git -C ../guarded commit -nm x") && asks(&free, "cd ../guarded && git commit -n"));
    assert!(!asks(&guarded, "git commit -m '-n'") && !asks(&guarded, "git push --no-verify"));
}
