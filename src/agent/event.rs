//! An event of any client, parsed into the fields that the clients have in common.
//!
//! Clients call each other's hooks (Cursor and VS Code run those of Claude Code), and versions rename fields, so every
//! documented spelling of a field is accepted in every event. Truncated events keep their bytes.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::clients::CLIENTS;
use super::tools::{self, Kind};

/// Bytes that may surround the JSON of an event.
const PADDING: [char; 6] = ['\0', '\u{feff}', ' ', '\t', '\r', '\n'];
/// Fields with the name of an event.
const NAME_FIELDS: [&str; 2] = ["hook_event_name", "hookEventName"];
/// Fields with the name of a tool.
const TOOL_FIELDS: [&str; 2] = ["tool_name", "toolName"];
/// Fields with the arguments of a tool, as an object or as its JSON text.
const INPUT_FIELDS: [&str; 2] = ["tool_input", "toolArgs"];
/// Fields with the result of a tool.
const OUTPUT_FIELDS: [&str; 9] = [
    "tool_response",
    "tool_output",
    "tool_output_text",
    "tool_result",
    "toolResult",
    "result_json",
    "output",
    "error_message",
    "error",
];

/// When an event is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The user has submitted a prompt that the model has not seen.
    Prompt,
    /// A tool is about to run.
    Before,
    /// A file is about to be shown to the model; the event has its content.
    Read,
    /// A tool has run.
    After,
    /// Any other event, about which nothing is decided.
    Other,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// When it is sent.
    pub moment: Moment,
    /// Its name, as the client writes it.
    pub name: String,
    /// The directory to which its paths are relative.
    pub cwd: Option<PathBuf>,
    /// The name of the tool, as the client writes it.
    pub tool: String,
    /// The arguments of the tool.
    pub input: Value,
    /// The field with the result of the tool, and that result.
    pub output: Option<(String, Value)>,
    /// The prompt, or the content of a file that is about to be read.
    pub text: String,
    /// Files that the prompt includes, or the file that is about to be read.
    pub files: Vec<String>,
    /// All fields.
    pub fields: Map<String, Value>,
}

impl Event {
    /// Parses an event; `None` if the bytes are not one whole JSON object.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.trim_matches(PADDING);
        let Value::Object(fields) = serde_json::from_str(text).ok()? else { return None };
        Some(Self::of(fields))
    }

    /// Returns an event with nothing but the name that occurs in the bytes of a damaged one. Without a name, it is taken
    /// for an event before a tool runs, since that is the one that can be denied.
    pub fn damaged(bytes: &[u8]) -> Self {
        let start = &bytes[..bytes.len().min(1 << 16)];
        let text = String::from_utf8_lossy(start);
        let name = NAME_FIELDS.iter().find_map(|field| {
            let rest = text.split_once(&format!("\"{field}\""))?.1;
            let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
            let (name, _) = rest.split_once('"')?;
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_').then(|| name.to_owned())
        });
        let name = name.unwrap_or_else(|| "PreToolUse".to_owned());
        let marks = ["cursor_version", "turn_id", "transcript_path"];
        let has = |mark: &&str| text.contains(&format!("\"{mark}\""));
        let mut fields = Map::new();
        fields.insert(NAME_FIELDS[0].to_owned(), Value::from(name));
        for mark in marks.iter().filter(|mark| has(mark)) {
            fields.insert((*mark).to_owned(), Value::Null);
        }
        Self::of(fields)
    }

    /// Returns the shell command that a tool is about to run or has run.
    pub fn command(&self) -> Option<String> {
        let is_shell = tools::kind(&self.tool) == Kind::Shell;
        tools::command(&self.input).filter(|_| is_shell)
    }

    /// Reads the fields.
    fn of(fields: Map<String, Value>) -> Self {
        let name = string(&fields, &NAME_FIELDS).to_owned();
        let input = unwrapped(first(&fields, &INPUT_FIELDS).cloned().unwrap_or_default());
        let output = OUTPUT_FIELDS.iter().find_map(|name| {
            let value = fields.get(*name).filter(|value| !value.is_null())?;
            Some(((*name).to_owned(), value.clone()))
        });
        let cwd = match string(&fields, &["cwd"]) {
            "" => fields.get("workspace_roots").and_then(|roots| roots.get(0)?.as_str()).unwrap_or_default(),
            cwd => cwd,
        };
        let attached = fields.get("attachments").and_then(Value::as_array).into_iter().flatten();
        let attached =
            attached.filter_map(|one| string(one.as_object()?, &["filePath", "file_path"]).to_owned().into());
        let mut event = Self {
            moment: Moment::Other,
            cwd: Some(cwd).filter(|cwd| !cwd.is_empty()).map(PathBuf::from),
            tool: string(&fields, &TOOL_FIELDS).to_owned(),
            text: string(&fields, &["prompt", "user_prompt"]).to_owned(),
            files: attached.filter(|path: &String| !path.is_empty()).collect(),
            input,
            output,
            name,
            fields,
        };
        event.moment = event.find_moment();
        event.complete();
        event
    }

    /// Returns the moment that the tables of the clients give the name. Without a known name, the fields decide: some
    /// clients send no name, and newer ones may send others.
    fn find_moment(&self) -> Moment {
        let all = CLIENTS.iter().flat_map(|client| client.events);
        let known = all.clone().find(|(name, _)| *name == self.name);
        // Versions differ in case, as in userPromptSubmit and UserPromptSubmit.
        let known = known.or_else(|| all.clone().find(|(name, _)| name.eq_ignore_ascii_case(&self.name)));
        if let Some((_, moment)) = known {
            return *moment;
        }
        let has_tool = !self.tool.is_empty() || !self.input.is_null();
        match () {
            () if has_tool && self.output.is_some() => Moment::After,
            () if has_tool => Moment::Before,
            () if self.name.is_empty() && !self.text.is_empty() => Moment::Prompt,
            () => Moment::Other,
        }
    }

    /// Fills in what an event for one kind of tool has in fields of its own: a command, a file with its content.
    fn complete(&mut self) {
        let (command, path) = (string(&self.fields, &["command"]), string(&self.fields, &["file_path"]));
        match self.moment {
            Moment::Read => {
                self.text = string(&self.fields, &["content"]).to_owned();
                self.files.insert(0, path.to_owned());
            }
            Moment::Before | Moment::After if self.tool.is_empty() && !command.is_empty() => {
                self.tool = "Shell".to_owned();
                self.input = serde_json::json!({ "command": command });
            }
            _ => {}
        }
    }
}

/// Returns the first of these fields that is present and not null.
pub(super) fn first<'v>(fields: &'v Map<String, Value>, names: &[&str]) -> Option<&'v Value> {
    names.iter().find_map(|name| fields.get(*name).filter(|value| !value.is_null()))
}

/// Returns the first of these fields that is a string, or an empty string.
pub(super) fn string<'v>(fields: &'v Map<String, Value>, names: &[&str]) -> &'v str {
    names.iter().find_map(|name| fields.get(*name)?.as_str()).unwrap_or_default()
}

/// Returns the value of a JSON text, for clients that send arguments as text; any other value as it is.
fn unwrapped(value: Value) -> Value {
    match &value {
        Value::String(text) => serde_json::from_str(text).ok().filter(|inner: &Value| inner.is_object()),
        _ => None,
    }
    .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Event::parse(text.as_bytes()).unwrap().moment
    }

    #[test]
    fn moments_of_known_and_unknown_names() {
        for (text, expected) in [
            (r#"{"hook_event_name":"UserPromptSubmit","prompt":"x"}"#, Moment::Prompt),
            (r#"{"hook_event_name":"BeforeAgent","prompt":"x"}"#, Moment::Prompt),
            (r#"{"sessionId":"1","prompt":"x"}"#, Moment::Prompt),
            (r#"{"sessionId":"1","toolName":"bash","toolArgs":"{}"}"#, Moment::Before),
            (r#"{"sessionId":"1","toolName":"bash","toolArgs":{},"toolResult":{}}"#, Moment::After),
            (r#"{"hook_event_name":"beforeReadFile","file_path":"a","content":"b"}"#, Moment::Read),
            (r#"{"hook_event_name":"ToolAboutToRun2","tool_name":"X","tool_input":{}}"#, Moment::Before),
            (r#"{"hook_event_name":"Stop","prompt":"x"}"#, Moment::Other),
            (r#"{"hook_event_name":null}"#, Moment::Other),
            ("{}", Moment::Other),
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
    }

    #[test]
    fn padding_is_ignored() {
        let text = "\u{feff}{\"hook_event_name\":\"preToolUse\",\"tool_name\":\"Shell\"}\n\0\0\0";
        assert_eq!(moment(text), Moment::Before);
        for bytes in [&b"\0\0\0\0"[..], b"", b"[1]", b"{\"a\":", b"\xff\xfe{\0}\0"] {
            assert!(Event::parse(bytes).is_none());
        }
    }

    #[test]
    fn damaged_event_keeps_its_name() {
        let event = Event::damaged(
            br#"{"cursor_version":"2","hook_event_name" : "beforeSubmitPrompt","prompt":"abc"#,
        );
        assert_eq!((event.moment, event.name.as_str()), (Moment::Prompt, "beforeSubmitPrompt"));
        assert!(event.fields.contains_key("cursor_version"));
        assert_eq!(Event::damaged(b"\0\0\0").moment, Moment::Before);
    }

    #[test]
    fn arguments_as_text_are_parsed() {
        let event = Event::parse(br#"{"toolName":"bash","toolArgs":"{\"command\":\"ls\"}"}"#).unwrap();
        assert_eq!(event.input["command"], "ls");
        let event =
            Event::parse(br#"{"hook_event_name":"beforeShellExecution","command":"ls","cwd":"/x"}"#).unwrap();
        assert_eq!((event.tool.as_str(), &event.input["command"]), ("Shell", &"ls".into()));
    }
}
