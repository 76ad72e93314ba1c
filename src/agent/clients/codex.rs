//! Codex CLI. Sources: `codex-rs/hooks/schema/generated` in github.com/openai/codex, and
//! <https://developers.openai.com/codex/hooks>.
//!
//! The schemas allow no other fields than these. `decision: "block"` after a tool replaces its result with the reason;
//! `updatedToolOutput` is parsed and not supported. `transcript_path` may be null.

use serde_json::json;

use super::{Answer, Client, Event, Moment, OnFailure, Verdict, denied, transcript_has};
use crate::agent::settings::{Folder, Format, Listing, Settings, Switch};

pub(super) static CLIENT: Client = Client {
    name: "codex",
    title: "Codex CLI",
    docs: "https://developers.openai.com/codex/hooks",
    events: &[
        ("UserPromptSubmit", Moment::Prompt),
        ("PreToolUse", Moment::Before),
        ("PostToolUse", Moment::After),
    ],
    mark: Some("turn_id"),
    is_sender: |fields| transcript_has(fields, "/.codex/"),
    first_line: 1,
    can_refuse_prompts: true,
    on_failure: OnFailure::Allow,
    answer,
    settings: Settings {
        user: Folder { variable: "CODEX_HOME", home: ".codex" },
        user_file: "hooks.json",
        project_file: ".codex/hooks.json",
        is_shared: false,
        format: Format::Json(Listing {
            has_version: false,
            has_groups: true,
            events: &[("UserPromptSubmit", ""), ("PreToolUse", ".*"), ("PostToolUse", ".*")],
            fields: &[("type", "\"command\""), ("timeout", "10")],
        }),
        off: &[
            Switch { file: "config.toml", key: "features.hooks", value: false },
            Switch { file: "./.codex/config.toml", key: "features.hooks", value: false },
        ],
        note: "Codex runs a new hook only after it was trusted: type /hooks in Codex",
    },
};

fn answer(event: &Event, verdict: &Verdict) -> Answer {
    let answer = match (event.moment, verdict) {
        (_, Verdict::Pass) => json!({}),
        (_, Verdict::Warn(text)) => json!({ "systemMessage": text }),
        (Moment::Prompt | Moment::After, Verdict::Block(reason)) | (_, Verdict::Seen { reason, .. }) => {
            json!({ "decision": "block", "reason": reason })
        }
        (_, Verdict::Block(reason)) => denied(reason),
    };
    Answer::json(&answer)
}
