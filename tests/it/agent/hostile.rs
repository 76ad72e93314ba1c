//! Events that are huge, truncated, filled with NULs, or never end: decided in bounded time, without a crash, and without a
//! key in any output.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{answer, document, hook, id, key, said, secret, start};
use crate::common::random::Random;

const CLIENTS: [&str; 9] =
    ["claude-code", "cursor", "codex", "copilot-cli", "vscode", "gemini", "kiro", "vibe", "opencode"];

#[test]
fn damaged_events_follow_the_policy() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [
        &b""[..],
        b"\0\0\0\0",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"{\"hook_event_name\":\"PreToolUse\",\"tool_na",
    ] {
        for client in CLIENTS {
            let output = answer(folder.path(), &["--client", client, "--on-failure", "block"], bytes);
            let text = said(&output);
            let is_refused =
                output.status.code() == Some(2) || text.contains("\"deny\"") || text.contains("\"block\"");
            assert!(is_refused, "{client} {bytes:?}: {text}");
            let output = answer(folder.path(), &["--client", client, "--on-failure", "allow"], bytes);
            let text = said(&output);
            assert!(
                output.status.code() != Some(2) && !text.contains("\"deny\"") && !text.contains("\"block\""),
                "{client} {text}"
            );
        }
        let output = answer(folder.path(), &[], bytes);
        assert!(output.status.success(), "{bytes:?}: {}", said(&output));
    }
    // Copilot CLI itself denies a tool whose hook fails.
    let output = answer(folder.path(), &["--client", "copilot-cli"], b"{");
    assert_eq!(document(&output)["permissionDecision"], "deny");
}

#[test]
fn key_in_a_damaged_event_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("damaged", 0));
    let whole =
        json!({"hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt": format!("use {key} now")})
            .to_string();
    for cut in [1, 3, 5] {
        let output = answer(folder.path(), &[], &whole.as_bytes()[..whole.len() - cut]);
        let text = said(&output);
        assert_eq!(document(&output)["decision"], "block", "{text}");
        assert!(text.contains(id(&key)) && !text.contains(secret(&key)), "{text}");
    }
    let filled = [whole.as_bytes(), &[0; 4096]].concat();
    assert_eq!(document(&answer(folder.path(), &[], &filled))["decision"], "block");
}

#[test]
fn null_fields_and_unknown_shapes() {
    let folder = tempfile::tempdir().unwrap();
    let nulls = [
        "hook_event_name",
        "tool_name",
        "tool_input",
        "tool_response",
        "cwd",
        "prompt",
        "transcript_path",
        "workspace_roots",
        "attachments",
        "session_id",
        "toolArgs",
    ];
    for name in ["PreToolUse", "PostToolUse", "UserPromptSubmit", "beforeReadFile", "Stop", "SomethingNew"] {
        let mut event = json!({"hook_event_name": name});
        for field in nulls.iter().skip(1) {
            event[*field] = Value::Null;
        }
        let output = answer(folder.path(), &[], event.to_string().as_bytes());
        assert!(output.status.success() && output.stderr.is_empty(), "{name}: {}", said(&output));
        for value in [json!(1), json!([]), json!({"a": [[1]]}), json!("x")] {
            for field in nulls.iter().skip(1) {
                event[*field] = value.clone();
            }
            let output = answer(folder.path(), &[], event.to_string().as_bytes());
            assert!(!said(&output).contains("internal error"), "{event}: {}", said(&output));
        }
    }
    // A newer event with a tool is examined, whatever its name.
    let key = key(&mut Random::new("newer", 0));
    let event = json!({"hook_event_name": "BeforeAnything2", "tool_name": "Frobnicate", "tool_input": {"deep": {"er": [key]}},
        "new_field": {"x": 1}});
    let output = answer(folder.path(), &["--client", "claude-code"], event.to_string().as_bytes());
    assert!(said(&output).contains(id(&key)));
    let deep = format!(
        "{{\"hook_event_name\":\"PreToolUse\",\"tool_input\":{}1{}}}",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let output = answer(folder.path(), &[], deep.as_bytes());
    assert!(output.status.success() && said(&output).contains("not a JSON document"), "{}", said(&output));
}

#[test]
fn standard_input_that_stays_open_is_decided() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("open", 0));
    let event = json!({"hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt": key}).to_string();
    for (bytes, is_refused) in
        [(event.as_bytes(), true), (&b"{\"hook_event_name\":\"UserPromptSubmit\""[..], false)]
    {
        let since = Instant::now();
        let mut child = hook(folder.path(), &[]).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
        assert_eq!(said(&output).contains("\"block\""), is_refused, "{}", said(&output));
        drop(input);
    }
}

#[test]
fn huge_events_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("huge", 0));
    let filler = "some harmless words of a log line\\n".repeat(1 << 20);
    let event = format!(
        "{{\"hook_event_name\":\"PostToolUse\",\"session_id\":\"s\",\"tool_name\":\"Bash\",\"tool_input\":{{\"command\":\"x\"}},\"tool_response\":{{\"stdout\":\"{filler}{key}\"}}}}"
    );
    let output = answer(folder.path(), &[], event.as_bytes());
    assert!(said(&output).contains(id(&key)) && !said(&output).contains(secret(&key)));
    // More than 64 MiB: the start is examined, and the policy decides about the rest.
    let event = format!(
        "{{\"hook_event_name\":\"UserPromptSubmit\",\"session_id\":\"s\",\"prompt\":\"{}",
        filler.repeat(3)
    );
    let child = start(hook(folder.path(), &["--on-failure", "block"]), event.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert!(said(&output).contains("larger than 64 MiB"), "{}", said(&output));
}
