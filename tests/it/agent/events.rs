//! The events of every client, in the shapes of the documentation that the files in `src/agent/clients/` name.

use serde_json::{Value, json};

/// The place of the key in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Prompt,
    Before,
    Read,
    After,
}

/// Makes an event that contains a text; the file at the path contains it, too.
pub(super) type Make = fn(text: &str, file: &str) -> Value;

/// Fields that every event of a client has.
pub(super) fn with(mut common: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        common[name] = value.clone();
    }
    common
}

pub(super) fn claude(fields: Value) -> Value {
    let common = json!({"session_id": "a1", "transcript_path": "/h/.claude/projects/p/a1.jsonl", "permission_mode": "default"});
    with(common, fields)
}

pub(super) const CLAUDE: [(Kind, Make); 9] = [
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

pub(super) fn cursor(fields: Value) -> Value {
    let common = json!({"conversation_id": "c", "generation_id": "g", "model": "m", "cursor_version": "2.4",
        "workspace_roots": ["/p"], "user_email": "a@example.org", "transcript_path": null});
    with(common, fields)
}

pub(super) const CURSOR: [(Kind, Make); 8] = [
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

pub(super) fn codex(fields: Value) -> Value {
    let common = json!({"session_id": "s", "turn_id": "t", "transcript_path": null, "model": "m", "permission_mode": "default"});
    with(common, fields)
}

pub(super) const CODEX: [(Kind, Make); 5] = [
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

pub(super) fn copilot(fields: Value) -> Value {
    with(json!({"sessionId": "s", "timestamp": 1_790_000_000_000_u64}), fields)
}

pub(super) const COPILOT: [(Kind, Make); 5] = [
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

pub(super) fn vscode(fields: Value) -> Value {
    let common = json!({"timestamp": "2026-02-09T10:30:00.000Z", "sessionId": "s", "transcript_path": "/x/transcript.json"});
    with(common, fields)
}

pub(super) const VSCODE: [(Kind, Make); 5] = [
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

pub(super) fn gemini(fields: Value) -> Value {
    let common =
        json!({"session_id": "s", "transcript_path": "/t.json", "timestamp": "2026-02-09T10:30:00.000Z"});
    with(common, fields)
}

pub(super) const GEMINI: [(Kind, Make); 6] = [
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

pub(super) const KIRO: [(Kind, Make); 4] = [
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

pub(super) const VIBE: [(Kind, Make); 3] = [
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

pub(super) const OPENCODE: [(Kind, Make); 2] = [
    (
        Kind::Before,
        |text, _| json!({"hook_event_name": "tool.execute.before", "tool_name": "bash", "tool_input": {"command": format!("echo \"{text}\"")}}),
    ),
    (
        Kind::After,
        |text, _| json!({"hook_event_name": "tool.execute.after", "tool_name": "bash", "tool_input": {"command": "env"}, "tool_output": text}),
    ),
];
