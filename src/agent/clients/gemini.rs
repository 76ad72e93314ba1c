//! Gemini CLI. Source: `docs/hooks/reference.md` and `docs/tools/file-system.md` in github.com/google-gemini/gemini-cli.
//!
//! `decision: "deny"` discards a prompt, fails a tool with the reason, and replaces the result of a tool with the reason.
//! The offset of `read_file` counts lines from 0.

use serde_json::{Value, json};

use super::{Answer, Client, Event, Moment, OnFailure, Verdict, event_of};
use crate::agent::settings::{Folder, Format, Listing, Settings, Switch};

pub(super) static CLIENT: Client = Client {
    name: "gemini",
    title: "Gemini CLI",
    docs: "https://geminicli.com/docs/hooks/reference",
    events: &[
        ("BeforeAgent", Moment::Prompt),
        ("BeforeTool", Moment::Before),
        ("AfterTool", Moment::After),
        ("AfterAgent", Moment::Other),
        ("BeforeModel", Moment::Other),
        ("AfterModel", Moment::Other),
        ("BeforeToolSelection", Moment::Other),
        ("PreCompress", Moment::Other),
    ],
    mark: None,
    is_sender: |fields| {
        let name = event_of(fields);
        ["BeforeAgent", "BeforeTool", "AfterTool", "AfterAgent", "BeforeModel", "AfterModel"].contains(&name)
    },
    first_line: 0,
    can_refuse_prompts: true,
    on_failure: OnFailure::Allow,
    answer,
    settings: Settings {
        user: Folder { variable: "", home: ".gemini" },
        user_file: "settings.json",
        project_file: ".gemini/settings.json",
        is_shared: false,
        format: Format::Json(Listing {
            has_version: false,
            has_groups: true,
            events: &[("BeforeAgent", ""), ("BeforeTool", ".*"), ("AfterTool", ".*")],
            // In milliseconds.
            fields: &[("name", "\"telleaks\""), ("type", "\"command\""), ("timeout", "10000")],
        }),
        off: &[
            Switch { file: "settings.json", key: "hooksConfig.enabled", value: false },
            Switch { file: "settings.json", key: "tools.enableHooks", value: false },
            Switch { file: "./.gemini/settings.json", key: "hooksConfig.enabled", value: false },
            Switch { file: "./.gemini/settings.json", key: "tools.enableHooks", value: false },
        ],
        note: "",
    },
};

fn answer(_: &Event, verdict: &Verdict) -> Answer {
    let answer = match verdict {
        Verdict::Pass => json!({}),
        Verdict::Warn(text) => json!({ "systemMessage": text }),
        Verdict::Block(reason) => json!({ "decision": "deny", "reason": reason }),
        Verdict::Seen { reason, masked } => {
            let output = masked.as_ref().map(|masked| format!("\n\nThe masked result:\n{}", text(masked)));
            let replacement = format!("{reason}{}", output.unwrap_or_default());
            json!({ "decision": "deny", "reason": replacement, "systemMessage": reason })
        }
    };
    Answer::json(&answer)
}

/// Returns the text of a result that the model gets.
fn text(result: &Value) -> String {
    match result.get("llmContent").unwrap_or(result) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
