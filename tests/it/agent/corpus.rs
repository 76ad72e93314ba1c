//! Every client × every moment × every form: the event is refused in the client's own protocol, with the id of the key and
//! without its secret.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use super::events::{
    CLAUDE, CODEX, COPILOT, CURSOR, GEMINI, KIRO, Kind, Make, OPENCODE, VIBE, VSCODE, claude, cursor, gemini,
    vscode,
};
use super::forms::FORMS;
use super::{answer, document, id, key, said, secret};
use crate::common::random::Random;

/// Returns whether an answer refuses, in the protocol of the client.
fn refuses(client: &str, kind: Kind, output: &Output) -> bool {
    let answer = document(output);
    let (code, is) =
        (output.status.code().unwrap(), |path: &str, value: Value| answer.pointer(path) == Some(&value));
    let denied = is("/hookSpecificOutput/permissionDecision", "deny".into());
    match (client, kind) {
        ("claude-code", Kind::Prompt) => {
            code == 0
                && is("/decision", "block".into())
                && is("/hookSpecificOutput/suppressOriginalPrompt", true.into())
        }
        ("claude-code" | "codex" | "vscode", Kind::After) | ("codex", Kind::Prompt) => {
            code == 0 && is("/decision", "block".into())
        }
        ("cursor", Kind::Prompt) => code == 0 && is("/continue", false.into()),
        ("cursor", Kind::After) => code == 0 && answer["additional_context"].is_string(),
        ("cursor", _) => code == 0 && is("/permission", "deny".into()),
        ("copilot-cli" | "kiro", Kind::Prompt) => code == if client == "kiro" { 1 } else { 2 },
        ("copilot-cli", Kind::After) => code == 0 && answer["additionalContext"].is_string(),
        ("copilot-cli", _) => code == 0 && is("/permissionDecision", "deny".into()) && denied,
        ("vscode", Kind::Prompt) => code == 0 && is("/continue", false.into()),
        ("gemini" | "vibe", _) => code == 0 && is("/decision", "deny".into()),
        ("kiro", Kind::After) => code == 1,
        ("kiro" | "opencode", Kind::Before) => code == 2,
        ("opencode", _) => code == 0 && answer["output"].is_string(),
        _ => code == 0 && denied,
    }
}

/// Sends the events of a client in every form.
fn check(client: &str, events: &[(Kind, Make)]) {
    let folder = tempfile::tempdir().unwrap();
    let one = |number: usize| {
        let mut wrong = Vec::new();
        for (at, (form, write)) in FORMS.iter().enumerate().filter(|(at, _)| at % 2 == number) {
            let key = key(&mut Random::new(client, at));
            let text = write(&key);
            let path = folder.path().join(format!("{at}.txt"));
            fs::write(&path, &text).unwrap();
            for (number, (kind, make)) in events.iter().enumerate() {
                let event = make(&text, path.to_str().unwrap());
                let args: &[&str] = if at % 4 < 2 { &[] } else { &["--client", client] };
                let output = answer(folder.path(), args, event.to_string().as_bytes());
                let said = said(&output);
                assert!(!said.contains(secret(&key)), "{client} {number} {form}: {said}");
                if !refuses(client, *kind, &output) || !said.contains(id(&key)) {
                    wrong.push(format!(
                        "{client} {number} {kind:?} {form} {:?}: {said}",
                        output.status.code()
                    ));
                }
            }
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads = [0, 1].map(|number| scope.spawn(move || one(number)));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn claude_code_refuses_every_form() {
    check("claude-code", &CLAUDE);
}

#[test]
fn cursor_refuses_every_form() {
    check("cursor", &CURSOR);
}

#[test]
fn codex_refuses_every_form() {
    check("codex", &CODEX);
}

#[test]
fn copilot_cli_refuses_every_form() {
    check("copilot-cli", &COPILOT);
}

#[test]
fn vscode_refuses_every_form() {
    check("vscode", &VSCODE);
}

#[test]
fn gemini_refuses_every_form() {
    check("gemini", &GEMINI);
}

#[test]
fn kiro_vibe_and_opencode_refuse_every_form() {
    check("kiro", &KIRO);
    check("vibe", &VIBE);
    check("opencode", &OPENCODE);
}

#[test]
fn only_the_range_that_is_read_counts() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("range", 0));
    let lines: Vec<String> =
        (1..=40).map(|n| if n == 20 { format!("K={key}") } else { format!("line {n}") }).collect();
    fs::write(folder.path().join("a.env"), lines.join("\n")).unwrap();
    let path = folder.path().join("a.env");
    let path = path.to_str().unwrap();
    let claude = |input: Value| {
        claude(json!({"hook_event_name": "PreToolUse", "tool_name": "Read", "tool_input": input}))
    };
    let shell = |command: &str| {
        json!({"hook_event_name": "PreToolUse", "session_id": "s",
        "cwd": folder.path(), "tool_name": "Bash", "tool_input": {"command": command}})
    };
    let gemini = |input: Value| {
        gemini(json!({"hook_event_name": "BeforeTool", "tool_name": "read_file", "tool_input": input}))
    };
    let code = |start: u32, end: u32| {
        vscode(json!({"hookEventName": "PreToolUse", "tool_name": "read_file",
        "tool_input": {"filePath": path, "startLine": start, "endLine": end}}))
    };
    let prompt = |range: &str| json!({"hook_event_name": "UserPromptSubmit", "cwd": folder.path(), "prompt": format!("see @a.env{range}")});
    for (event, is_refused) in [
        (claude(json!({"file_path": path})), true),
        (claude(json!({"file_path": path, "offset": 20, "limit": 1})), true),
        (claude(json!({"file_path": path, "offset": 1, "limit": 19})), false),
        (claude(json!({"file_path": path, "offset": 21})), false),
        (claude(json!({"file_path": path, "limit": 20})), true),
        (gemini(json!({"path": path, "offset": 19, "limit": 1})), true),
        (gemini(json!({"path": path, "offset": 20, "limit": 5})), false),
        (code(20, 20), true),
        (code(1, 19), false),
        (prompt(""), true),
        (prompt("#L1-19"), false),
        (prompt("#L20"), true),
        (shell("head -n 19 a.env"), false),
        (shell("head -n 20 a.env"), true),
        (shell("tail -n 20 a.env"), false),
        (shell("tail -21 a.env"), true),
        (shell("sed -n '18,19p' a.env"), false),
        (shell("sed -n 18,20p a.env"), true),
        (shell("grep 'line 3' a.env"), false),
        (shell("grep K= a.env"), true),
        (shell("cat a.env | wc -l"), false),
    ] {
        let output = answer(Path::new("/"), &[], event.to_string().as_bytes());
        assert_eq!(said(&output).contains(id(&key)), is_refused, "{event}: {}", said(&output));
    }
}

#[test]
fn results_are_masked_where_the_protocol_allows() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("masked", 0));
    let of = |event: Value| document(&answer(folder.path(), &[], event.to_string().as_bytes()));
    let claude = of(CLAUDE[8].1(&key, ""));
    let output = &claude["hookSpecificOutput"]["updatedToolOutput"];
    assert_eq!(output["isImage"], false);
    assert!(output["stdout"].as_str().unwrap().starts_with("A=1\nKEY0198"), "{claude}");
    let copilot = of(COPILOT[4].1(&key, ""));
    assert_eq!(copilot["modifiedResult"]["resultType"], "success");
    assert!(copilot["modifiedResult"]["textResultForLlm"].as_str().unwrap().contains('…'));
    assert!(of(GEMINI[5].1(&key, ""))["reason"].as_str().unwrap().contains("Output: KEY0198"));
    let mcp = cursor(json!({"hook_event_name": "postToolUse", "tool_name": "MCP:query", "tool_input": "{}",
        "tool_output": json!({"content": [{"type": "text", "text": key}]}).to_string()}));
    assert!(of(mcp)["updated_mcp_tool_output"]["content"][0]["text"].as_str().unwrap().contains('…'));
}

/// docs/agents.md shows a blocked prompt as text.
#[test]
fn documentation_shows_the_message_of_a_blocked_prompt() {
    let key = ["KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG"].join("_");
    let prompt = json!({"hook_event_name": "UserPromptSubmit", "prompt": key}).to_string();
    let folder = tempfile::tempdir().unwrap();
    let answer = document(&answer(folder.path(), &["--client", "codex"], prompt.as_bytes()));
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/agents.md")).unwrap();
    let message = answer["reason"].as_str().unwrap();
    assert!(page.contains(&format!("```text\n{message}\n```")), "{message}");
}
