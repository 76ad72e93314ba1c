//! GitHub Copilot CLI. Source: `content/copilot/reference/hooks-reference.md` in github.com/github/docs.
//!
//! Sends camelCase fields without the name of the event, or the fields of VS Code, as the settings name the event. Its
//! decision is at the top level of the answer; VS Code, which reads the same files, wants it in `hookSpecificOutput`. The
//! output of hooks for prompts is dropped: with exit code 2, the user sees standard error and the prompt goes on. A failed
//! hook before a tool denies it.

use serde_json::{Value, json};

use super::{Answer, Client, Event, Moment, OnFailure, Verdict, denied};
use crate::agent::settings::{Folder, Format, Listing, Settings, Switch};

/// The fields of both formats; VS Code reads the same files.
pub(super) const LISTING: Listing = Listing {
    has_version: true,
    has_groups: false,
    events: &[("UserPromptSubmit", ""), ("PreToolUse", ""), ("PostToolUse", "")],
    fields: &[("type", "\"command\""), ("timeout", "10")],
};

/// Settings that switch hooks off.
pub(super) const OFF: &[Switch] = &[
    Switch { file: "hooks/telleaks.json", key: "disableAllHooks", value: true },
    Switch { file: "settings.json", key: "disableAllHooks", value: true },
    Switch { file: "./.github/hooks/telleaks.json", key: "disableAllHooks", value: true },
    Switch { file: "./.github/copilot/settings.json", key: "disableAllHooks", value: true },
    Switch { file: "./.github/copilot/settings.local.json", key: "disableAllHooks", value: true },
];

pub(super) static CLIENT: Client = Client {
    name: "copilot-cli",
    title: "Copilot CLI",
    docs: "https://docs.github.com/en/copilot/reference/hooks-reference",
    events: &[
        ("userPromptSubmitted", Moment::Prompt),
        ("UserPromptSubmit", Moment::Prompt),
        ("preToolUse", Moment::Before),
        ("postToolUse", Moment::After),
        ("postToolUseFailure", Moment::After),
    ],
    mark: Some("toolArgs"),
    is_sender: |fields| {
        let has = |name: &str| fields.contains_key(name);
        let is_native = has("sessionId") && !has("hookEventName");
        let is_compatible = has("hook_event_name") && has("timestamp") && !has("transcript_path");
        is_native || (is_compatible && !has("permission_mode"))
    },
    first_line: 1,
    can_refuse_prompts: false,
    on_failure: OnFailure::Block,
    answer,
    settings: Settings {
        user: Folder { variable: "COPILOT_HOME", home: ".copilot" },
        user_file: "hooks/telleaks.json",
        project_file: ".github/hooks/telleaks.json",
        is_shared: true,
        format: Format::Json(LISTING),
        off: OFF,
        note: "",
    },
};

fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let answer = match (event.moment, verdict) {
        (_, Verdict::Pass) => json!({}),
        (_, Verdict::Warn(text)) => {
            return Answer { stderr: format!("{text}\n"), ..Answer::json(&json!({})) };
        }
        (Moment::Prompt, Verdict::Block(reason)) => return Answer::refusal(reason),
        (_, Verdict::Block(reason)) => {
            let mut answer = denied(reason);
            answer["permissionDecision"] = "deny".into();
            answer["permissionDecisionReason"] = reason.as_str().into();
            answer
        }
        (_, Verdict::Seen { reason, masked }) => {
            let mut answer = json!({ "additionalContext": reason });
            if let Some(text) = masked.as_ref().and_then(text) {
                answer["modifiedResult"] = json!({ "resultType": "success", "textResultForLlm": text });
            }
            answer
        }
    };
    Answer::json(&answer)
}

/// Returns the text of a result that the model gets.
fn text(result: &Value) -> Option<&str> {
    let names = ["textResultForLlm", "text_result_for_llm"];
    result.as_str().or_else(|| names.iter().find_map(|name| result.get(name)?.as_str()))
}
