//! Kiro CLI. Source: <https://kiro.dev/docs/cli/hooks>.
//!
//! Only `preToolUse` can be refused: with exit code 2, and standard error goes to the model. Any other exit code shows
//! standard error to the user. The standard output of the hook for prompts becomes part of the context, so it stays empty.
//! Hooks are part of the file of an agent.

use super::{Answer, Client, Event, Moment, OnFailure, Verdict, event_of};
use crate::agent::settings::{Folder, Format, Listing, Settings};

pub(super) static CLIENT: Client = Client {
    name: "kiro",
    title: "Kiro CLI",
    docs: "https://kiro.dev/docs/cli/hooks",
    events: &[
        ("userPromptSubmit", Moment::Prompt),
        ("preToolUse", Moment::Before),
        ("postToolUse", Moment::After),
        ("agentSpawn", Moment::Other),
        ("stop", Moment::Other),
    ],
    mark: None,
    is_sender: |fields| {
        ["userPromptSubmit", "preToolUse", "postToolUse", "agentSpawn"].contains(&event_of(fields))
    },
    first_line: 1,
    can_refuse_prompts: false,
    on_failure: OnFailure::Allow,
    answer,
    settings: Settings {
        user: Folder { variable: "", home: ".kiro" },
        user_file: "agents/*.json",
        project_file: ".kiro/agents/*.json",
        is_shared: false,
        format: Format::Json(Listing {
            has_version: false,
            has_groups: false,
            events: &[("userPromptSubmit", ""), ("preToolUse", "*"), ("postToolUse", "*")],
            fields: &[],
        }),
        off: &[],
        note: "Kiro reads hooks from the file of each agent: a new agent needs an installation of its own",
    },
};

fn answer(event: &Event, verdict: &Verdict) -> Answer {
    match (event.moment, verdict) {
        (_, Verdict::Pass) => Answer::default(),
        (Moment::Before, Verdict::Block(reason)) => Answer::refusal(reason),
        (_, Verdict::Block(text) | Verdict::Warn(text) | Verdict::Seen { reason: text, .. }) => {
            Answer::warning(text)
        }
    }
}
