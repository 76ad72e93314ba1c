//! Cursor. Sources: <https://cursor.com/docs/hooks>, `cursor/types.go` in github.com/CorridorSecurity/hookshot, and
//! `ggshield/verticals/ai/agents/cursor.py` in github.com/GitGuardian/ggshield.
//!
//! `"permission": "allow"` would approve what the user is asked about, so an event that passes is answered with `{}`.
//! Only the result of an MCP tool can be replaced. Empty output counts as a failed hook.

use serde_json::{Value, json};

use super::{Answer, Client, Event, Moment, OnFailure, Verdict};
use crate::agent::settings::{Folder, Format, Listing, Settings};

pub(super) static CLIENT: Client = Client {
    name: "cursor",
    title: "Cursor",
    docs: "https://cursor.com/docs/hooks",
    events: &[
        ("beforeSubmitPrompt", Moment::Prompt),
        ("preToolUse", Moment::Before),
        ("beforeShellExecution", Moment::Before),
        ("beforeMCPExecution", Moment::Before),
        ("beforeReadFile", Moment::Read),
        ("beforeTabFileRead", Moment::Read),
        ("postToolUse", Moment::After),
        ("postToolUseFailure", Moment::After),
        ("afterShellExecution", Moment::After),
        ("afterMCPExecution", Moment::After),
        ("afterFileEdit", Moment::Other),
        ("afterAgentResponse", Moment::Other),
        ("stop", Moment::Other),
    ],
    mark: Some("cursor_version"),
    is_sender: |fields| fields.contains_key("conversation_id") && fields.contains_key("generation_id"),
    first_line: 1,
    can_refuse_prompts: true,
    on_failure: OnFailure::Allow,
    answer,
    settings: Settings {
        user: Folder { variable: "", home: ".cursor" },
        user_file: "hooks.json",
        project_file: ".cursor/hooks.json",
        is_shared: false,
        format: Format::Json(Listing {
            has_version: true,
            has_groups: false,
            events: &[
                ("beforeSubmitPrompt", ""),
                ("preToolUse", ""),
                ("beforeReadFile", ""),
                ("postToolUse", ""),
            ],
            fields: &[],
        }),
        off: &[],
        note: "",
    },
};

fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let answer = match (event.moment, verdict) {
        (_, Verdict::Pass) => json!({}),
        (Moment::After, Verdict::Warn(text)) => json!({ "additional_context": text }),
        // A message is shown only with a decision, and a decision would approve.
        (_, Verdict::Warn(text)) => {
            return Answer { stderr: format!("{text}\n"), ..Answer::json(&json!({})) };
        }
        (Moment::Prompt, Verdict::Block(reason)) => json!({ "continue": false, "user_message": reason }),
        (_, Verdict::Block(reason)) => {
            json!({ "permission": "deny", "user_message": reason, "agent_message": reason })
        }
        (_, Verdict::Seen { reason, masked }) => {
            let mut answer = json!({ "additional_context": reason });
            let is_mcp = event.tool.starts_with("MCP") || event.name == "afterMCPExecution";
            if let Some(masked) = masked.as_ref().filter(|_| is_mcp).and_then(object) {
                answer["updated_mcp_tool_output"] = masked;
            }
            answer
        }
    };
    Answer::json(&answer)
}

/// Returns the object in a result, which Cursor sends as JSON text.
fn object(masked: &Value) -> Option<Value> {
    match masked {
        Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_object),
        Value::Object(_) => Some(masked.clone()),
        _ => None,
    }
}
