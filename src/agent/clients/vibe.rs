//! Mistral Vibe. Sources: <https://docs.mistral.ai/vibe/code/cli/hooks>, and `ggshield/verticals/ai/agents/vibe.py` in
//! github.com/GitGuardian/ggshield.
//!
//! Has no hook for prompts. Empty standard output passes. `tool_output` is null when a tool fails, and `tool_output_text`
//! has what the model sees. The offset of `read_file` counts lines from 0.

use serde_json::json;

use super::{Answer, Client, Event, Moment, OnFailure, Verdict, event_of};
use crate::agent::settings::{Folder, Format, Settings};

pub(super) static CLIENT: Client = Client {
    name: "vibe",
    title: "Mistral Vibe",
    docs: "https://docs.mistral.ai/vibe/code/cli/hooks",
    events: &[("pre_tool", Moment::Before), ("post_tool", Moment::After), ("post_agent", Moment::Other)],
    mark: None,
    is_sender: |fields| ["pre_tool", "post_tool", "post_agent"].contains(&event_of(fields)),
    first_line: 0,
    can_refuse_prompts: false,
    on_failure: OnFailure::Allow,
    answer,
    settings: Settings {
        user: Folder { variable: "VIBE_HOME", home: ".vibe" },
        user_file: "hooks.toml",
        project_file: ".vibe/hooks.toml",
        is_shared: false,
        format: Format::Toml(&["pre_tool", "post_tool"]),
        off: &[],
        note: "Vibe reads the hooks of a project only if its folder is trusted: run vibe there once and accept",
    },
};

fn answer(_: &Event, verdict: &Verdict) -> Answer {
    match verdict {
        Verdict::Pass => Answer::default(),
        Verdict::Warn(text) => Answer::json(&json!({ "system_message": text })),
        Verdict::Block(reason) | Verdict::Seen { reason, .. } => {
            Answer::json(&json!({ "decision": "deny", "reason": reason }))
        }
    }
}
