//! The texts and files of an event that are to be scanned, and where each comes from.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::clients::Client;
use super::event::{Event, Moment};
use super::mentions::mentioned;
use super::tools::{self, Kind};
use super::{patch, shell};

/// Deepest nesting of arguments that is followed; deeper ones are still part of their JSON.
const MAX_DEPTH: usize = 32;

/// Maximum length of a text, in bytes, that is a value of the name before it.
const MAX_NAMED: usize = 512;

/// Where a part of an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The prompt.
    Prompt,
    /// A shell command.
    Command,
    /// The arguments of a tool.
    Arguments,
    /// The new content of a file.
    Written,
    /// A file that the model is about to see.
    Shown,
    /// The result of a tool.
    Output,
}

impl Place {
    /// Returns whether suppression comments count: only in the content of files, as in a scan.
    pub fn has_comments(self) -> bool {
        matches!(self, Self::Written | Self::Shown)
    }
}

/// The lines of a file, or of the output of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// All.
    All,
    /// From the first to the last number, counted from 1, both included.
    Between(u64, u64),
    /// The last lines.
    Last(u64),
    /// Those that match a regular expression.
    Matching(String),
}

/// What is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A text of the event.
    Text(String),
    /// The lines of the file at the path of the part.
    File(Lines),
}

/// A text or file to be scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it comes from.
    pub place: Place,
    /// The file, if it is the content of one; relative to the directory of the event.
    pub path: Option<PathBuf>,
    /// What is scanned.
    pub body: Body,
    /// What the file has already: the secrets in it are not new.
    pub before: Vec<String>,
    /// Whether it only shows which secrets suppressions hide, and its own secrets are not reported.
    pub is_context: bool,
}

impl Part {
    fn text(place: Place, text: impl Into<String>) -> Self {
        Self { place, path: None, body: Body::Text(text.into()), before: Vec::new(), is_context: false }
    }

    fn file(path: &str, lines: Lines) -> Self {
        let body = Body::File(lines);
        Self { path: Some(path.into()), body, ..Self::text(Place::Shown, "") }
    }

    fn of(self, path: Option<&Path>) -> Self {
        Self { path: path.map(Path::to_owned), ..self }
    }
}

/// Returns the parts of an event. The client decides how a tool counts lines.
pub fn parts(event: &Event, client: Option<&Client>) -> Vec<Part> {
    let first_line = client.map_or(1, |client| client.first_line);
    match event.moment {
        Moment::Prompt => {
            let mut all = vec![Part::text(Place::Prompt, event.text.as_str())];
            all.extend(mentioned(&event.text).into_iter().map(|(path, lines)| Part::file(&path, lines)));
            all.extend(event.files.iter().map(|path| Part::file(path, Lines::All)));
            all
        }
        Moment::Read => {
            let path = event.files.first().map(Path::new);
            let mut all = vec![Part::text(Place::Shown, event.text.as_str()).of(path)];
            if event.text.is_empty() {
                all[0].body = Body::File(Lines::All);
            }
            all.extend(event.files.iter().skip(1).map(|path| Part::file(path, Lines::All)));
            all
        }
        Moment::Before => before(event, first_line),
        Moment::After => after(event, first_line),
        Moment::Other => Vec::new(),
    }
}

/// Returns the parts of an event before a tool runs.
fn before(event: &Event, first_line: u64) -> Vec<Part> {
    let mut all = Vec::new();
    match tools::kind(&event.tool) {
        Kind::Shell => {
            if let Some(command) = tools::command(&event.input) {
                all.extend(shell::shown(&command).into_iter().map(|(path, lines)| Part::file(&path, lines)));
                all.push(Part::text(Place::Command, command));
            }
        }
        Kind::Reader => {
            let files = tools::files(&event.input, first_line);
            all.extend(files.into_iter().map(|(path, lines)| Part::file(&path, lines)));
        }
        Kind::Patch if add_patch(event, &mut all) => return all,
        Kind::Patch | Kind::Other => {}
    }
    let path = event.input.as_object().and_then(tools::path).map(Path::new);
    let mut walk = Walk { path, place: place_of(event), depth: 0, all: Vec::new() };
    let rest = walk.without_old(&event.input);
    all.append(&mut walk.all);
    if event.input.is_object() || event.input.is_array() {
        all.push(Part::text(Place::Arguments, named_values(&rest)));
    }
    all
}

/// Returns where the texts among the arguments of a tool go.
fn place_of(event: &Event) -> Place {
    let has_path = event.input.as_object().and_then(tools::path).is_some();
    match tools::kind(&event.tool) {
        Kind::Shell => Place::Command,
        Kind::Other if has_path && !is_mcp(&event.tool) => Place::Written,
        _ => Place::Arguments,
    }
}

/// Returns whether a tool belongs to an MCP server, which may send its arguments anywhere.
fn is_mcp(tool: &str) -> bool {
    tool.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("mcp"))
}

/// Adds the lines that a patch adds. Returns whether the arguments are a patch.
fn add_patch(event: &Event, all: &mut Vec<Part>) -> bool {
    let text = match &event.input {
        Value::String(text) => text.as_str(),
        Value::Object(fields) => super::event::string(fields, &["command", "input", "patch", "patchText"]),
        _ => "",
    };
    let Some(files) = patch::added(text) else { return false };
    all.extend(files.into_iter().map(|file| Part {
        path: Some(file.path.into()),
        before: vec![file.before],
        ..Part::text(Place::Written, file.text)
    }));
    true
}

/// Collects the texts among the arguments of a tool.
struct Walk<'p> {
    path: Option<&'p Path>,
    place: Place,
    depth: usize,
    all: Vec<Part>,
}

impl Walk<'_> {
    /// Adds the texts in `value`. Returns it without the texts that the file has already.
    fn without_old(&mut self, value: &Value) -> Value {
        if self.depth > MAX_DEPTH {
            return value.clone();
        }
        self.depth += 1;
        let rest = match value {
            Value::Object(fields) => self.object(fields),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.without_old(item)).collect()),
            Value::String(text) => {
                self.text(text, Vec::new());
                value.clone()
            }
            _ => value.clone(),
        };
        self.depth -= 1;
        rest
    }

    fn object(&mut self, fields: &Map<String, Value>) -> Value {
        let old = fields.iter().filter(|(name, _)| tools::is_old(name));
        let old: Vec<String> = old.filter_map(|(_, value)| Some(value.as_str()?.to_owned())).collect();
        let mut rest = Map::new();
        for (name, value) in fields.iter().filter(|(name, _)| !tools::is_old(name)) {
            match value {
                Value::String(text) => {
                    self.text(text, old.clone());
                    rest.insert(name.clone(), value.clone());
                }
                _ => drop(rest.insert(name.clone(), self.without_old(value))),
            }
        }
        Value::Object(rest)
    }

    /// Adds a text, and the texts in it if it is JSON, as Cursor sends results.
    fn text(&mut self, text: &str, before: Vec<String>) {
        self.all.push(Part { before, ..Part::text(self.place, text).of(self.path) });
        if let Some(inner) = inner_json(text) {
            self.without_old(&inner);
        }
    }
}

/// Returns the object or list that a text is the JSON of.
pub fn inner_json(text: &str) -> Option<Value> {
    let starts = text.trim_start().starts_with(['{', '[']);
    starts.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Returns the JSON of a value without its longer texts, for what the names in it say about the values. The texts are parts
/// of their own.
fn named_values(value: &Value) -> String {
    fn short(value: &Value) -> Value {
        match value {
            Value::String(text) if text.len() > MAX_NAMED || text.contains(['\n', '"', '\\']) => {
                Value::from("")
            }
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), short(value))).collect()
            }
            Value::Array(items) => Value::Array(items.iter().map(short).collect()),
            other => other.clone(),
        }
    }
    serde_json::to_string_pretty(&short(value)).unwrap_or_default()
}

/// Returns the parts of an event after a tool has run. The files that it showed say which secrets are accepted.
fn after(event: &Event, first_line: u64) -> Vec<Part> {
    let Some((_, output)) = &event.output else { return Vec::new() };
    let mut all = Vec::new();
    let mut place = Place::Output;
    match tools::kind(&event.tool) {
        Kind::Shell => {
            let command = tools::command(&event.input).unwrap_or_default();
            all.extend(shell::shown(&command).into_iter().map(|(path, lines)| Part::file(&path, lines)));
        }
        Kind::Reader => {
            let files = tools::files(&event.input, first_line);
            all.extend(files.into_iter().map(|(path, lines)| Part::file(&path, lines)));
            place = Place::Shown;
        }
        Kind::Patch | Kind::Other => {}
    }
    all.iter_mut().for_each(|part| part.is_context = true);
    let path = event.input.as_object().and_then(tools::path).map(Path::new);
    all.extend(result(output, place, path.filter(|_| place == Place::Shown)));
    all
}

/// Returns the parts of the result of a tool. `path` is the file that it is the content of.
pub fn result(output: &Value, place: Place, path: Option<&Path>) -> Vec<Part> {
    let mut walk = Walk { path, place, depth: 0, all: Vec::new() };
    walk.without_old(output);
    if !output.is_string() {
        walk.all.push(Part::text(Place::Output, named_values(output)));
    }
    walk.all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(event: Value) -> Vec<Part> {
        parts(&Event::parse(event.to_string().as_bytes()).unwrap(), None)
    }

    fn texts(all: &[Part], place: Place) -> Vec<&str> {
        let of_place = all.iter().filter(|part| part.place == place);
        let text = |part: &'_ Part| match &part.body {
            Body::Text(text) => Some(text.clone()),
            Body::File(_) => None,
        };
        of_place.filter_map(text).map(|text| &*text.leak()).collect()
    }

    #[test]
    fn removed_text_is_not_new() {
        let all = of(json!({"hook_event_name": "PreToolUse", "tool_name": "Edit",
            "tool_input": {"file_path": "a.py", "old_string": "OLD", "new_string": "NEW"}}));
        assert_eq!(texts(&all, Place::Written), ["a.py", "NEW"]);
        assert!(!texts(&all, Place::Arguments)[0].contains("OLD"));
        assert!(all.iter().all(|part| part.place != Place::Written || part.before == ["OLD"]));
    }

    #[test]
    fn arguments_of_mcp_are_no_files() {
        let all = of(json!({"hook_event_name": "PreToolUse", "tool_name": "mcp__x__y",
            "tool_input": {"path": "a.py", "deep": [{"text": "NEW"}]}}));
        assert!(texts(&all, Place::Written).is_empty());
        assert!(texts(&all, Place::Arguments).contains(&"NEW"));
    }

    #[test]
    fn patch_has_one_part_for_each_file() {
        let patch = "*** Begin Patch\n*** Update File: a.py\n-OLD\n+NEW\n*** End Patch\n";
        let all = of(
            json!({"hook_event_name": "PreToolUse", "tool_name": "apply_patch", "tool_input": {"command": patch}}),
        );
        assert_eq!(texts(&all, Place::Written), ["NEW\n"]);
        assert!(all[0].before[0].contains("OLD"));
    }

    #[test]
    fn files_of_output_are_context() {
        let all = of(json!({"hook_event_name": "PostToolUse", "tool_name": "Bash",
            "tool_input": {"command": "cat .env"}, "tool_response": {"stdout": "X"}}));
        assert!(all[0].is_context && all[0].path.as_deref() == Some(Path::new(".env")));
        assert_eq!(texts(&all, Place::Output)[0], "X");
    }
}
