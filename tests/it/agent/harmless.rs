//! Harmless events: none is refused. They are made from this repository's sources and documentation, from text as in
//! documentation of SDKs, and from logs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{answer, said};
use crate::common::random::{LOWER_HEX, Random, UPPER_HEX};

/// Number of events in a usual run.
const FEW: usize = 400;
/// Number of events in the whole run.
const MANY: usize = 10_000;

/// Returns the texts of this repository that have lines to take.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("crates"), root.join("docs"), root.join("benches")];
    let mut all = vec![(root.join("README.md"), fs::read_to_string(root.join("README.md")).unwrap())];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                all.push((path, text));
            }
        }
    }
    all.sort();
    all
}

/// Text as in the documentation of SDKs, with a placeholder for the key.
fn documentation(random: &mut Random) -> String {
    let placeholder = random.pick(&[
        "YOUR_API_KEY",
        "os.environ[\"TELNYX_API_KEY\"]",
        "process.env.TELNYX_API_KEY",
        "KEYXXXXXXXXXXXXXXXXXXXXXXXX",
        "<your Telnyx API key>",
        "$TELNYX_API_KEY",
        "${TELNYX_API_KEY}",
        "KEY0123456789ABCDEF_...",
        "{{ telnyx_key }}",
    ]);
    match random.between(0, 6) {
        0 => format!(
            "from telnyx import Telnyx\nclient = Telnyx(api_key={placeholder})\nclient.messages.send(from_='+13125550100', to='+13125550101', text='{}')\n",
            random.words(40)
        ),
        1 => format!(
            "curl https://api.telnyx.com/v2/messages -H \"Authorization: Bearer {placeholder}\" -d '{{\"to\":\"+1312555{}\"}}'",
            random.between(1000, 9999)
        ),
        2 => format!(
            "const client = new Telnyx({{ apiKey: {placeholder} }});\n// id {}\n",
            random.chars(LOWER_HEX, 32)
        ),
        3 => format!(
            "TELNYX_API_KEY={placeholder}\nTELNYX_PUBLIC_KEY=e5Yb{}=\n",
            random.words(20).replace(['=', ' '], "")
        ),
        4 => format!(
            "{{\"data\":{{\"id\":\"{}\",\"record_type\":\"message\",\"errors\":[]}}}}",
            random.chars(LOWER_HEX, 36)
        ),
        _ => format!("KEY{} is the id of a key; its secret is shown once.", random.chars(UPPER_HEX, 32)),
    }
}

fn log(random: &mut Random) -> String {
    let mut line = |_| {
        let level = random.pick(&["INFO", "WARN", "DEBUG"]);
        let (status, time) = (random.between(200, 500), random.between(1, 900));
        format!(
            "2026-11-30T10:{:02}:{:02}Z {level} request_id={} POST /v2/messages {status} {time}ms {}\n",
            random.between(0, 60),
            random.between(0, 60),
            random.chars(LOWER_HEX, 32),
            random.words(60)
        )
    };
    (0..20).map(&mut line).collect()
}

/// Returns an event with a harmless text.
fn event(random: &mut Random, texts: &[(PathBuf, String)]) -> Value {
    let (path, whole) = &texts[random.between(0, texts.len())];
    let lines: Vec<&str> = whole.lines().collect();
    let from = random.between(0, lines.len().max(1));
    let excerpt = lines[from..lines.len().min(from + random.between(5, 200))].join("\n");
    let text = match random.between(0, 4) {
        0 => documentation(random),
        1 => log(random),
        _ => excerpt,
    };
    match random.between(0, 9) {
        0 => json!({"hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt": text}),
        1 => {
            json!({"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Write", "tool_input": {"file_path": "new.rs", "content": text}})
        }
        2 => {
            json!({"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Read", "tool_input": {"file_path": path}})
        }
        3 => {
            json!({"hook_event_name": "PostToolUse", "session_id": "s", "tool_name": "Bash", "tool_input": {"command": "make"}, "tool_response": {"stdout": text, "stderr": ""}})
        }
        4 => {
            json!({"hook_event_name": "beforeReadFile", "cursor_version": "2", "file_path": path, "content": text})
        }
        5 => {
            json!({"hook_event_name": "BeforeTool", "tool_name": "run_shell_command", "tool_input": {"command": format!("cat > x <<'EOF'\n{text}\nEOF\ngit add x && git commit -m 'add x'")}})
        }
        6 => {
            json!({"hook_event_name": "PreToolUse", "turn_id": "1", "tool_name": "mcp__docs__search", "tool_input": {"query": text, "limit": 5}})
        }
        7 => {
            json!({"sessionId": "s", "toolName": "edit", "toolArgs": json!({"path": "a", "old_str": "x", "new_str": text}).to_string()})
        }
        _ => {
            json!({"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Bash", "tool_input": {"command": format!("cat '{}'", path.display())}})
        }
    }
}

fn none_is_refused(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let texts = texts();
    let run = |first: usize| {
        let mut wrong = Vec::new();
        for number in (first..count).step_by(2) {
            let event = event(&mut Random::new("harmless", number), &texts);
            let output = answer(folder.path(), &[], event.to_string().as_bytes());
            if !output.status.success() || said(&output).trim() != "{}" {
                let start: String = event.to_string().chars().take(300).collect();
                wrong.push(format!("{number}: {} {start}", said(&output)));
            }
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads = [0, 1].map(|first| scope.spawn(move || run(first)));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn harmless_events_pass() {
    none_is_refused(FEW);
}

#[test]
#[ignore = "takes minutes"]
fn many_harmless_events_pass() {
    none_is_refused(MANY);
}
