//! The clients: which events each sends, how it is answered, and where its settings are.
//!
//! A new client is a file with one table and one function for its answers, and an entry in [`CLIENTS`].

mod claude_code;
mod codex;
mod copilot_cli;
mod cursor;
mod gemini;
mod kiro;
mod opencode;
mod vibe;
mod vscode;

use clap::ValueEnum;
use serde_json::{Map, Value};

use super::answer::{Answer, Verdict};
use super::event::{Event, Moment};
use super::settings::Settings;

/// All clients with hooks that can block. Their events are recognised in this order: the first ones have marks of their
/// own, the last ones send what many send.
pub const CLIENTS: [&Client; 9] = [
    &cursor::CLIENT,
    &codex::CLIENT,
    &vibe::CLIENT,
    &gemini::CLIENT,
    &opencode::CLIENT,
    &kiro::CLIENT,
    &copilot_cli::CLIENT,
    &vscode::CLIENT,
    &claude_code::CLIENT,
];

/// What happens to an event that cannot be examined whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnFailure {
    /// It is refused.
    Block,
    /// It passes, with a warning where the client shows one.
    Allow,
}

/// A coding agent.
#[derive(Debug)]
pub struct Client {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name in texts.
    pub title: &'static str,
    /// The documentation of its hooks.
    pub docs: &'static str,
    /// The names of its events. All other events pass.
    pub events: &'static [(&'static str, Moment)],
    /// A field that only this client sends, and that decides even against `--client`.
    pub mark: Option<&'static str>,
    /// Returns whether an event with these fields is likely to be from this client.
    pub is_sender: fn(&Map<String, Value>) -> bool,
    /// The number of the first line of a file in the `offset` of its tools: 0 or 1.
    pub first_line: u64,
    /// Whether a prompt can be refused.
    pub can_refuse_prompts: bool,
    /// What it does itself when a hook fails.
    pub on_failure: OnFailure,
    /// Returns the answer to an event.
    pub answer: fn(&Event, &Verdict) -> Answer,
    /// Where and how its hooks are set.
    pub settings: Settings,
}

/// Returns the client of this name.
pub fn named(name: &str) -> Option<&'static Client> {
    CLIENTS.into_iter().find(|client| client.name == name)
}

/// Returns the client that has sent an event: the one whose mark it has, else the one that the user named, else the
/// likely one.
pub fn sender(event: &Event, given: Option<&'static Client>) -> Option<&'static Client> {
    let marked =
        CLIENTS.into_iter().find(|client| client.mark.is_some_and(|mark| event.fields.contains_key(mark)));
    let likely = || CLIENTS.into_iter().find(|client| (client.is_sender)(&event.fields));
    marked.or(given).or_else(likely)
}

/// Returns the answer to a client that is not known: exit code 2 refuses for most of them.
pub fn by_exit_code(verdict: &Verdict) -> Answer {
    match verdict {
        Verdict::Pass => Answer::default(),
        Verdict::Warn(text) => Answer { stderr: format!("{text}\n"), ..Answer::default() },
        Verdict::Block(reason) | Verdict::Seen { reason, .. } => Answer::refusal(reason),
    }
}

/// Returns the name of the event for the field `hookEventName` of an answer, as Claude Code writes it.
fn event_name(moment: Moment) -> &'static str {
    match moment {
        Moment::Prompt => "UserPromptSubmit",
        Moment::Before | Moment::Read => "PreToolUse",
        Moment::After | Moment::Other => "PostToolUse",
    }
}

/// Returns the answer that denies a tool in the protocol of Claude Code, which Codex and VS Code share.
fn denied(reason: &str) -> Value {
    serde_json::json!({
        "hookSpecificOutput": {
            "hookEventName": event_name(Moment::Before),
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        }
    })
}

/// Returns the name of an event.
fn event_of(fields: &Map<String, Value>) -> &str {
    super::event::string(fields, &["hook_event_name", "hookEventName"])
}

/// Returns whether the path of the transcript contains a text.
fn transcript_has(fields: &Map<String, Value>, part: &str) -> bool {
    super::event::string(fields, &["transcript_path"]).to_ascii_lowercase().contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_recognised_by_their_fields() {
        for (name, text) in [
            ("cursor", r#"{"hook_event_name":"preToolUse","cursor_version":"2","tool_name":"Shell"}"#),
            ("codex", r#"{"hook_event_name":"PreToolUse","turn_id":"1","transcript_path":null}"#),
            ("codex", r#"{"hook_event_name":"PreToolUse","transcript_path":"/h/.codex/sessions/a.jsonl"}"#),
            ("vibe", r#"{"hook_event_name":"pre_tool","tool_name":"bash","tool_input":{}}"#),
            ("gemini", r#"{"hook_event_name":"BeforeTool","tool_name":"read_file","timestamp":"2026"}"#),
            ("kiro", r#"{"hook_event_name":"preToolUse","cwd":"/","tool_name":"fs_read"}"#),
            ("copilot-cli", r#"{"sessionId":"1","timestamp":1,"cwd":"/","toolName":"bash","toolArgs":{}}"#),
            (
                "copilot-cli",
                r#"{"hook_event_name":"PreToolUse","session_id":"1","timestamp":"2026","cwd":"/"}"#,
            ),
            ("vscode", r#"{"hookEventName":"PreToolUse","sessionId":"1","timestamp":"2026"}"#),
            (
                "vscode",
                r#"{"hook_event_name":"PreToolUse","transcript_path":"/x/GitHub.copilot-chat/t.jsonl"}"#,
            ),
            (
                "claude-code",
                r#"{"hook_event_name":"PreToolUse","session_id":"1","transcript_path":"/h/.claude/a"}"#,
            ),
            ("claude-code", r#"{"hook_event_name":"UserPromptSubmit","prompt":"x"}"#),
        ] {
            let event = Event::parse(text.as_bytes()).unwrap();
            assert_eq!(sender(&event, None).map(|client| client.name), Some(name), "{text}");
        }
        let event = Event::parse(br#"{"something":1}"#).unwrap();
        assert!(sender(&event, None).is_none());
        assert_eq!(sender(&event, named("gemini")).unwrap().name, "gemini");
    }

    #[test]
    fn mark_wins_over_the_given_client() {
        let event = Event::parse(br#"{"hook_event_name":"preToolUse","cursor_version":"2"}"#).unwrap();
        assert_eq!(sender(&event, named("claude-code")).unwrap().name, "cursor");
    }

    #[test]
    fn every_answer_is_one_json_document_or_empty() {
        let verdicts = [
            Verdict::Pass,
            Verdict::Warn("W".to_owned()),
            Verdict::Block("B".to_owned()),
            Verdict::Seen { reason: "S".to_owned(), masked: Some(Value::from("M")) },
        ];
        for client in CLIENTS {
            for (name, _) in client.events {
                let text =
                    serde_json::json!({ "hook_event_name": name, "tool_name": "x", "tool_response": "y" });
                let event = Event::parse(text.to_string().as_bytes()).unwrap();
                for verdict in &verdicts {
                    let answer = (client.answer)(&event, verdict);
                    let document = serde_json::from_str::<Value>(&answer.stdout);
                    assert!(
                        answer.stdout.is_empty() || document.unwrap().is_object(),
                        "{} {name}",
                        client.name
                    );
                    let said = format!("{}{}", answer.stdout, answer.stderr);
                    let silent = matches!(verdict, Verdict::Pass | Verdict::Warn(_));
                    assert!(silent || said.contains(['B', 'S']), "{} {name}: {said}", client.name);
                }
            }
        }
    }
}
