//! Claude Code. Source: <https://code.claude.com/docs/en/hooks>.
//!
//! A refused prompt is shown again to the user unless `suppressOriginalPrompt` is set. `updatedToolOutput` has the shape
//! of the tool's result. Any exit code other than 0 and 2 is an error that blocks nothing.

use serde_json::json;

use super::{Answer, Client, Event, Moment, OnFailure, Verdict, denied, event_name, event_of};
use crate::agent::settings::{Folder, Format, Listing, Settings, Switch};

pub(super) static CLIENT: Client = Client {
    name: "claude-code",
    title: "Claude Code",
    docs: "https://code.claude.com/docs/en/hooks",
    events: &[
        ("UserPromptSubmit", Moment::Prompt),
        ("PreToolUse", Moment::Before),
        ("PostToolUse", Moment::After),
        ("PostToolUseFailure", Moment::After),
        ("SessionStart", Moment::Other),
        ("SessionEnd", Moment::Other),
        ("Stop", Moment::Other),
        ("SubagentStop", Moment::Other),
        ("Notification", Moment::Other),
        ("PreCompact", Moment::Other),
        ("PermissionRequest", Moment::Other),
    ],
    mark: None,
    is_sender: |fields| event_of(fields).starts_with(|c: char| c.is_ascii_uppercase()),
    first_line: 1,
    can_refuse_prompts: true,
    on_failure: OnFailure::Allow,
    answer,
    settings: Settings {
        user: Folder { variable: "CLAUDE_CONFIG_DIR", home: ".claude" },
        user_file: "settings.json",
        project_file: ".claude/settings.json",
        is_shared: true,
        format: Format::Json(Listing {
            has_version: false,
            has_groups: true,
            events: &[("UserPromptSubmit", ""), ("PreToolUse", "*"), ("PostToolUse", "*")],
            fields: &[("type", "\"command\""), ("timeout", "10")],
        }),
        off: &[
            Switch { file: "settings.json", key: "disableAllHooks", value: true },
            Switch { file: "./.claude/settings.json", key: "disableAllHooks", value: true },
            Switch { file: "./.claude/settings.local.json", key: "disableAllHooks", value: true },
        ],
        note: "",
    },
};

fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let answer = match (event.moment, verdict) {
        (_, Verdict::Pass) => json!({}),
        (_, Verdict::Warn(text)) => json!({ "systemMessage": text }),
        (Moment::Prompt, Verdict::Block(reason)) => json!({
            "decision": "block",
            "reason": reason,
            "hookSpecificOutput": { "hookEventName": event_name(Moment::Prompt), "suppressOriginalPrompt": true },
        }),
        (_, Verdict::Block(reason)) => denied(reason),
        (_, Verdict::Seen { reason, masked }) => {
            let mut output = json!({ "hookEventName": event.name, "additionalContext": reason });
            if let Some(masked) = masked {
                output["updatedToolOutput"] = masked.clone();
            }
            json!({ "decision": "block", "reason": reason, "systemMessage": reason, "hookSpecificOutput": output })
        }
    };
    Answer::json(&answer)
}
