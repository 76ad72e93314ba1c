//! Suppressions count as in `telleaks staged`.

use serde_json::{Value, json};
use std::path::Path;

use super::{answer, id, key, said};
use crate::common::random::Random;
use crate::common::{put, telleaks};

fn refused(folder: &Path, key: &str, event: Value) -> bool {
    let mut event = event;
    event["cwd"] = json!(folder);
    event["session_id"] = "s".into();
    let output = answer(folder, &[], event.to_string().as_bytes());
    said(&output).contains(id(key))
}

fn write(path: &str, content: &str) -> Value {
    json!({"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": path, "content": content}})
}

fn prompt(text: &str) -> Value {
    json!({"hook_event_name": "UserPromptSubmit", "prompt": text})
}

#[test]
fn comments_count_in_files_only() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("comments", 0));
    let accepted = format!("K = '{key}'  # {}:ignore telnyx-api-key a test\n", "telleaks");
    let refused = |event| refused(folder.path(), &key, event);
    assert!(!refused(write("a.py", &accepted)));
    assert!(refused(write("a.py", &format!("{accepted}L = '{key}'\n"))));
    assert!(refused(prompt(&accepted)), "a prompt is no file");
    let bash = |command: &str| json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": command}});
    assert!(refused(bash(&format!("echo {accepted}"))));
    put(folder.path(), "a.py", &accepted);
    assert!(!refused(
        json!({"hook_event_name": "PreToolUse", "tool_name": "Read", "tool_input": {"file_path": "a.py"}})
    ));
    assert!(!refused(bash("cat a.py")));
    // What a file was accepted with is accepted in the result of reading it.
    assert!(!refused(
        json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": "cat a.py"},
        "tool_response": {"stdout": format!("K = '{key}'\n")}})
    ));
}

#[test]
fn configuration_and_baseline_count() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("configuration", 0));
    let refused = |event| refused(folder.path(), &key, event);
    let content = format!("K = '{key}'\n");
    put(folder.path(), "telleaks.toml", "[[allow]]\npaths = ['fixtures/']\nreason = 'made up'\n");
    assert!(!refused(write("fixtures/a.py", &content)));
    assert!(!refused(write(folder.path().join("fixtures/a.py").to_str().unwrap(), &content)));
    assert!(refused(write("src/a.py", &content)));
    put(folder.path(), "telleaks.toml", "[[allow]]\nsecret-sha256 = 'x'\n");
    assert!(refused(write("fixtures/a.py", &content)), "a wrong configuration hides nothing");
    put(folder.path(), "telleaks.toml", "");
    put(folder.path(), "known.py", &content);
    let status = telleaks()
        .current_dir(folder.path())
        .args(["scan", ".", "--write-baseline", ".telleaks-baseline.jsonl", "--exit-zero"])
        .output()
        .unwrap();
    assert!(status.status.success());
    assert!(!refused(prompt(&content)), "the baseline accepts this key");
}

#[test]
fn only_new_secrets_count() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("new", 0);
    let (old, new) = (key(&mut random), key(&mut random));
    put(folder.path(), "a.py", format!("K = '{old}'\n"));
    assert!(!refused(folder.path(), &old, write("a.py", &format!("K = '{old}'\nL = 1\n"))));
    assert!(refused(folder.path(), &new, write("a.py", &format!("K = '{old}'\nL = '{new}'\n"))));
    let edit = |from: &str, to: &str| {
        json!({"hook_event_name": "PreToolUse", "tool_name": "Edit",
            "tool_input": {"file_path": "b.py", "old_string": from, "new_string": to}})
    };
    let removal = edit(&format!("K = '{old}'"), "K = os.environ['TELNYX_API_KEY']");
    assert!(!refused(folder.path(), &old, removal));
    assert!(!refused(folder.path(), &old, edit(&format!("K = '{old}'"), &format!("KEY = '{old}'"))));
    assert!(refused(folder.path(), &new, edit(&format!("K = '{old}'"), &format!("K = '{new}'"))));
    let patch = format!("*** Begin Patch\n*** Update File: b.py\n-K = '{old}'\n+K = ''\n*** End Patch\n");
    let event = json!({"hook_event_name": "PreToolUse", "tool_name": "apply_patch", "tool_input": {"command": patch}});
    assert!(!refused(folder.path(), &old, event));
}

#[test]
fn wrong_configuration_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "telleaks.toml", "nonsense = 1\n");
    let event = prompt("hello").to_string();
    let output = answer(folder.path(), &[], event.as_bytes());
    assert!(
        said(&output).contains("systemMessage") && said(&output).contains("telleaks.toml:1"),
        "{}",
        said(&output)
    );
    let output = answer(folder.path(), &["--on-failure", "block"], event.as_bytes());
    assert!(said(&output).contains("\"decision\":\"block\""), "{}", said(&output));
}
