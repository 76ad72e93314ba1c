//! Every client × every moment × every form: the event is refused in the client's own protocol, with the id of the key and
//! without its secret.
//!
//! The shapes of the events are those of the documentation that the files in `src/agent/clients/` name.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use super::forms::FORMS;
use super::{answer, document, id, key, said, secret};
use crate::common::random::Random;

/// What is in an event, and what has to come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Prompt,
    Before,
    Read,
    After,
}

/// Makes an event that contains a text; the file at the path contains it, too.
type Make = fn(text: &str, file: &str) -> Value;

/// Fields that every event of a client has.
fn with(mut common: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        common[name] = value.clone();
    }
    common
}

fn claude(fields: Value) -> Value {
    let common = json!({"session_id": "a1", "transcript_path": "/h/.claude/projects/p/a1.jsonl", "permission_mode": "default"});
    with(common, fields)
}

const CLAUDE: [(Kind, Make); 9] = [
    (Kind::Prompt, |text, _| {
        claude(json!({"hook_event_name": "UserPromptSubmit", "prompt": format!("use this: {text}")}))
    }),
    (Kind::Prompt, |_, file| {
        claude(json!({"hook_event_name": "UserPromptSubmit", "prompt": format!("look at @{file} please")}))
    }),
    (Kind::Before, |text, _| {
        claude(json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_use_id": "t",
        "tool_input": {"command": format!("cat > x <<'EOF'\n{text}\nEOF"), "description": "Writes a file"}}))
    }),
    (Kind::Before, |text, _| {
        claude(json!({"hook_event_name": "PreToolUse", "tool_name": "Write",
        "tool_input": {"file_path": "/p/new.txt", "content": format!("first\n{text}\nlast\n")}}))
    }),
    (Kind::Before, |text, _| {
        claude(json!({"hook_event_name": "PreToolUse", "tool_name": "MultiEdit",
        "tool_input": {"file_path": "/p/new.txt", "edits": [{"old_string": "a", "new_string": text}]}}))
    }),
    (Kind::Before, |text, _| {
        claude(json!({"hook_event_name": "PreToolUse", "tool_name": "mcp__github__create_issue",
        "tool_input": {"title": "x", "body": format!("see {text}")}}))
    }),
    (Kind::Before, |_, file| {
        claude(
            json!({"hook_event_name": "PreToolUse", "tool_name": "Read", "tool_input": {"file_path": file}}),
        )
    }),
    (Kind::Before, |_, file| {
        claude(json!({"hook_event_name": "PreToolUse", "tool_name": "Bash",
        "tool_input": {"command": format!("cd / && cat {file} | head -100")}}))
    }),
    (Kind::After, |text, _| {
        claude(
            json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": "env"},
        "tool_response": {"stdout": format!("A=1\n{text}\n"), "stderr": "", "interrupted": false, "isImage": false}}),
        )
    }),
];

fn cursor(fields: Value) -> Value {
    let common = json!({"conversation_id": "c", "generation_id": "g", "model": "m", "cursor_version": "2.4",
        "workspace_roots": ["/p"], "user_email": "a@example.org", "transcript_path": null});
    with(common, fields)
}

const CURSOR: [(Kind, Make); 8] = [
    (Kind::Prompt, |text, _| {
        cursor(json!({"hook_event_name": "beforeSubmitPrompt", "prompt": text, "attachments": []}))
    }),
    (Kind::Prompt, |_, file| {
        cursor(json!({"hook_event_name": "beforeSubmitPrompt", "prompt": "x",
        "attachments": [{"type": "file", "filePath": file}]}))
    }),
    (Kind::Before, |text, _| {
        cursor(
            json!({"hook_event_name": "beforeShellExecution", "command": format!("cat <<E\n{text}\nE"), "cwd": ""}),
        )
    }),
    (Kind::Before, |text, _| {
        cursor(json!({"hook_event_name": "preToolUse", "tool_name": "Write", "tool_use_id": "t",
        "tool_input": {"file_path": "/p/new.txt", "content": format!("{text}\n")}}))
    }),
    (Kind::Before, |text, _| {
        cursor(json!({"hook_event_name": "beforeMCPExecution", "tool_name": "query", "url": "http://x",
        "tool_input": json!({"query": text}).to_string()}))
    }),
    (Kind::Before, |_, file| {
        cursor(
            json!({"hook_event_name": "preToolUse", "tool_name": "Read", "tool_input": {"file_path": file}}),
        )
    }),
    (Kind::Read, |text, _| {
        cursor(
            json!({"hook_event_name": "beforeReadFile", "file_path": "/p/a", "content": text, "attachments": []}),
        )
    }),
    (Kind::After, |text, _| {
        cursor(
            json!({"hook_event_name": "postToolUse", "tool_name": "Shell", "tool_input": {"command": "env"},
        "tool_output": json!({"output": format!("{text}\n"), "exitCode": 0}).to_string(), "duration": 3}),
        )
    }),
];

fn codex(fields: Value) -> Value {
    let common = json!({"session_id": "s", "turn_id": "t", "transcript_path": null, "model": "m", "permission_mode": "default"});
    with(common, fields)
}

const CODEX: [(Kind, Make); 5] = [
    (Kind::Prompt, |text, _| codex(json!({"hook_event_name": "UserPromptSubmit", "prompt": text}))),
    (Kind::Before, |text, _| {
        codex(json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_use_id": "c",
        "tool_input": {"command": format!("tee x <<'EOF'\n{text}\nEOF")}}))
    }),
    (Kind::Before, |text, _| {
        let added: String = text.lines().map(|line| format!("+{line}\n")).collect();
        let patch = format!("*** Begin Patch\n*** Add File: new.txt\n+first\n{added}*** End Patch\n");
        codex(
            json!({"hook_event_name": "PreToolUse", "tool_name": "apply_patch", "tool_input": {"command": patch}}),
        )
    }),
    (Kind::Before, |text, _| {
        codex(json!({"hook_event_name": "PreToolUse", "tool_name": "mcp__a__b", "tool_input": {"x": [text]}}))
    }),
    (Kind::After, |text, _| {
        codex(json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": "env"},
        "tool_response": format!("{text}\n")}))
    }),
];

fn copilot(fields: Value) -> Value {
    with(json!({"sessionId": "s", "timestamp": 1_790_000_000_000_u64}), fields)
}

const COPILOT: [(Kind, Make); 5] = [
    (Kind::Prompt, |text, _| copilot(json!({"prompt": text}))),
    (Kind::Before, |text, _| {
        copilot(json!({"toolName": "bash",
        "toolArgs": json!({"command": format!("cat <<E\n{text}\nE"), "description": "d"}).to_string()}))
    }),
    (Kind::Before, |text, _| {
        copilot(json!({"toolName": "create", "toolArgs": {"path": "/p/new", "file_text": text}}))
    }),
    (Kind::Before, |_, file| copilot(json!({"toolName": "view", "toolArgs": {"path": file}}))),
    (Kind::After, |text, _| {
        copilot(json!({"toolName": "bash", "toolArgs": {"command": "env"},
        "toolResult": {"resultType": "success", "textResultForLlm": format!("{text}\n")}}))
    }),
];

fn vscode(fields: Value) -> Value {
    let common = json!({"timestamp": "2026-02-09T10:30:00.000Z", "sessionId": "s", "transcript_path": "/x/transcript.json"});
    with(common, fields)
}

const VSCODE: [(Kind, Make); 5] = [
    (Kind::Prompt, |text, _| vscode(json!({"hookEventName": "UserPromptSubmit", "prompt": text}))),
    (Kind::Before, |text, _| {
        vscode(json!({"hookEventName": "PreToolUse", "tool_name": "run_in_terminal", "tool_use_id": "t",
        "tool_input": {"command": format!("cat <<E\n{text}\nE"), "explanation": "e", "isBackground": false}}))
    }),
    (Kind::Before, |text, _| {
        vscode(json!({"hookEventName": "PreToolUse", "tool_name": "create_file",
        "tool_input": {"filePath": "/p/new", "content": text}}))
    }),
    (Kind::Before, |_, file| {
        vscode(json!({"hookEventName": "PreToolUse", "tool_name": "read_file",
        "tool_input": {"filePath": file, "startLine": 1, "endLine": 200}}))
    }),
    (Kind::After, |text, _| {
        vscode(json!({"hookEventName": "PostToolUse", "tool_name": "run_in_terminal",
        "tool_input": {"command": "env"}, "tool_response": text}))
    }),
];

fn gemini(fields: Value) -> Value {
    let common =
        json!({"session_id": "s", "transcript_path": "/t.json", "timestamp": "2026-02-09T10:30:00.000Z"});
    with(common, fields)
}

const GEMINI: [(Kind, Make); 6] = [
    (Kind::Prompt, |text, _| gemini(json!({"hook_event_name": "BeforeAgent", "prompt": text}))),
    (Kind::Before, |text, _| {
        gemini(json!({"hook_event_name": "BeforeTool", "tool_name": "run_shell_command",
        "tool_input": {"command": format!("cat <<E\n{text}\nE")}}))
    }),
    (Kind::Before, |text, _| {
        gemini(json!({"hook_event_name": "BeforeTool", "tool_name": "replace",
        "tool_input": {"file_path": "/p/new", "old_string": "a", "new_string": text}}))
    }),
    (Kind::Before, |text, _| {
        gemini(json!({"hook_event_name": "BeforeTool", "tool_name": "mcp__a__b", "mcp_context": {},
        "tool_input": {"x": text}}))
    }),
    (Kind::Before, |_, file| {
        gemini(
            json!({"hook_event_name": "BeforeTool", "tool_name": "read_file", "tool_input": {"path": file}}),
        )
    }),
    (Kind::After, |text, _| {
        gemini(json!({"hook_event_name": "AfterTool", "tool_name": "run_shell_command",
        "tool_input": {"command": "env"}, "tool_response": {"llmContent": format!("Output: {text}\n"), "returnDisplay": ""}}))
    }),
];

const KIRO: [(Kind, Make); 4] = [
    (Kind::Prompt, |text, _| json!({"hook_event_name": "userPromptSubmit", "prompt": text})),
    (Kind::Before, |text, _| {
        json!({"hook_event_name": "preToolUse", "tool_name": "fs_write",
        "tool_input": {"command": "create", "path": "/p/new", "file_text": text}})
    }),
    (Kind::Before, |_, file| {
        json!({"hook_event_name": "preToolUse", "tool_name": "fs_read",
        "tool_input": {"operations": [{"mode": "Line", "path": file}]}})
    }),
    (Kind::After, |text, _| {
        json!({"hook_event_name": "postToolUse", "tool_name": "execute_bash", "tool_input": {"command": "env"},
        "tool_response": {"success": true, "result": [text]}})
    }),
];

const VIBE: [(Kind, Make); 3] = [
    (Kind::Before, |text, _| {
        json!({"hook_event_name": "pre_tool", "session_id": "s", "parent_session_id": null, "tool_name": "bash",
        "tool_call_id": "c", "tool_input": {"command": format!("cat <<E\n{text}\nE")}})
    }),
    (
        Kind::Before,
        |_, file| json!({"hook_event_name": "pre_tool", "session_id": "s", "tool_name": "read_file", "tool_input": {"path": file}}),
    ),
    (Kind::After, |text, _| {
        json!({"hook_event_name": "post_tool", "session_id": "s", "tool_name": "bash",
        "tool_input": {"command": "env"}, "tool_output": null, "tool_output_text": text})
    }),
];

const OPENCODE: [(Kind, Make); 2] = [
    (
        Kind::Before,
        |text, _| json!({"hook_event_name": "tool.execute.before", "tool_name": "bash", "tool_input": {"command": format!("echo \"{text}\"")}}),
    ),
    (
        Kind::After,
        |text, _| json!({"hook_event_name": "tool.execute.after", "tool_name": "bash", "tool_input": {"command": "env"}, "tool_output": text}),
    ),
];

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
        claude(json!({}))
            .as_object()
            .map(|_| {
                json!({"hook_event_name": "PreToolUse", "session_id": "s",
        "cwd": folder.path(), "tool_name": "Bash", "tool_input": {"command": command}})
            })
            .unwrap()
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
