//! opencode. Source: <https://opencode.ai/docs/plugins>.
//!
//! Has plugins instead of hooks. The one that `telleaks agent install` writes passes the events here in the shape of its
//! own: an exception in `tool.execute.before` refuses a tool, and `tool.execute.after` can replace a result. Prompts cannot
//! be refused.

use serde_json::json;

use super::{Answer, Client, Event, Moment, OnFailure, Verdict, event_of};
use crate::agent::settings::{Folder, Format, Settings};

/// The plugin. `PROGRAM` becomes the path of telleaks as a JSON string.
const PLUGIN: &str = include_str!("opencode.js");

pub(super) static CLIENT: Client = Client {
    name: "opencode",
    title: "opencode",
    docs: "https://opencode.ai/docs/plugins",
    events: &[("tool.execute.before", Moment::Before), ("tool.execute.after", Moment::After)],
    mark: None,
    is_sender: |fields| event_of(fields).starts_with("tool.execute."),
    first_line: 0,
    can_refuse_prompts: false,
    on_failure: OnFailure::Allow,
    answer,
    settings: Settings {
        user: Folder { variable: "OPENCODE_CONFIG_DIR", home: ".config/opencode" },
        user_file: "plugins/telleaks.js",
        project_file: ".opencode/plugins/telleaks.js",
        is_shared: false,
        format: Format::Own(PLUGIN),
        off: &[],
        note: "",
    },
};

fn answer(_: &Event, verdict: &Verdict) -> Answer {
    match verdict {
        Verdict::Pass => Answer::default(),
        Verdict::Warn(text) => Answer { stderr: format!("{text}\n"), ..Answer::default() },
        Verdict::Block(reason) => Answer::refusal(reason),
        Verdict::Seen { reason, masked } => {
            let masked = masked.as_ref().and_then(|masked| masked.as_str());
            let output = masked.map_or_else(|| reason.clone(), |masked| format!("{reason}\n\n{masked}"));
            Answer::json(&json!({ "output": output }))
        }
    }
}
