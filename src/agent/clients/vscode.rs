//! Agents in Visual Studio Code. Source: `docs/agent-customization/hooks.md` and `docs/agents/reference/hooks-reference.md`
//! in github.com/microsoft/vscode-docs.
//!
//! Has `hookEventName` and `sessionId` in some versions, `hook_event_name` and `session_id` in others. A prompt is refused
//! with `continue: false`.

use serde_json::json;

use super::{
    Answer, Client, Event, Moment, OnFailure, Verdict, copilot_cli, denied, event_name, transcript_has,
};
use crate::agent::settings::{Folder, Format, Settings};

pub(super) static CLIENT: Client = Client {
    name: "vscode",
    title: "Visual Studio Code",
    docs: "https://code.visualstudio.com/docs/agent-customization/hooks",
    events: &[
        ("UserPromptSubmit", Moment::Prompt),
        ("PreToolUse", Moment::Before),
        ("PostToolUse", Moment::After),
    ],
    mark: None,
    is_sender: |fields| {
        let has = |name: &str| fields.contains_key(name);
        let is_timed = has("timestamp") && has("transcript_path") && !has("permission_mode");
        has("hookEventName") || is_timed || transcript_has(fields, "github.copilot-chat")
    },
    first_line: 1,
    can_refuse_prompts: true,
    on_failure: OnFailure::Allow,
    answer,
    settings: Settings {
        user: Folder { variable: "COPILOT_HOME", home: ".copilot" },
        user_file: "hooks/telleaks.json",
        project_file: ".github/hooks/telleaks.json",
        is_shared: true,
        format: Format::Json(copilot_cli::LISTING),
        off: copilot_cli::OFF,
        note: "",
    },
};

fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let answer = match (event.moment, verdict) {
        (_, Verdict::Pass) => json!({}),
        (_, Verdict::Warn(text)) => json!({ "systemMessage": text }),
        (Moment::Prompt, Verdict::Block(reason)) => {
            json!({ "continue": false, "stopReason": reason, "systemMessage": reason })
        }
        (_, Verdict::Block(reason)) => denied(reason),
        (_, Verdict::Seen { reason, .. }) => json!({
            "decision": "block",
            "reason": reason,
            "systemMessage": reason,
            "hookSpecificOutput": { "hookEventName": event_name(Moment::After), "additionalContext": reason },
        }),
    };
    Answer::json(&answer)
}
