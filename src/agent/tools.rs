//! What the tools of the clients are called, and which of their arguments name files and texts.

use serde_json::{Map, Value};

use super::event::{first, string};
use super::parts::Lines;

/// Tools that run shell commands.
const SHELLS: [&str; 14] = [
    "bash",
    "shell",
    "powershell",
    "git_bash",
    "run_in_terminal",
    "run_shell_command",
    "execute_bash",
    "execute_cmd",
    "exec_command",
    "shell_command",
    "local_shell",
    "unified_exec",
    "run_terminal_cmd",
    "terminal",
];
/// Tools that show files to the model.
const READERS: [&str; 8] =
    ["read", "read_file", "readfile", "view", "fs_read", "read_many_files", "notebookread", "view_file"];
/// Tools whose one argument is a patch.
const PATCHES: [&str; 2] = ["apply_patch", "applypatch"];
/// Arguments with the path of a file.
const PATHS: [&str; 7] =
    ["file_path", "filePath", "path", "absolute_path", "absolutePath", "notebook_path", "target_file"];
/// Arguments with a text that the file has already. They are not new, and an edit that removes a key has one.
const OLD_TEXTS: [&str; 5] = ["old_string", "old_str", "oldString", "old_source", "oldText"];

/// What a tool does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Shell,
    Reader,
    Patch,
    /// A tool that writes, edits, or sends its arguments elsewhere.
    Other,
}

/// Returns what a tool does, by its name.
pub(super) fn kind(tool: &str) -> Kind {
    let name = tool.to_ascii_lowercase();
    let is = |names: &[&str]| names.contains(&name.as_str());
    match () {
        () if is(&SHELLS) => Kind::Shell,
        () if is(&READERS) => Kind::Reader,
        () if is(&PATCHES) => Kind::Patch,
        () => Kind::Other,
    }
}

/// Returns the command line of a tool: a text, or the words of a program and its arguments.
pub(super) fn command(input: &Value) -> Option<String> {
    match first(input.as_object()?, &["command", "cmd"])? {
        Value::String(text) => Some(text.clone()),
        Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            match words.as_slice() {
                // The script of a shell, as in ["bash", "-lc", "ls"].
                [_, option, script] if option.starts_with('-') && option.ends_with('c') => {
                    Some((*script).to_owned())
                }
                words => {
                    let quoted = |word: &&str| format!("'{}'", word.replace('\'', r"'\''"));
                    Some(words.iter().map(quoted).collect::<Vec<_>>().join(" "))
                }
            }
        }
        _ => None,
    }
}

/// Returns whether an argument holds text that the file has already.
pub(super) fn is_old(name: &str) -> bool {
    OLD_TEXTS.contains(&name)
}

/// Returns the path argument of a tool.
pub(super) fn path(input: &Map<String, Value>) -> Option<&str> {
    Some(string(input, &PATHS)).filter(|path| !path.is_empty())
}

/// Returns the files that a tool shows, with the lines of each. `first_line` is the number that the client's `offset`
/// has for the first line of a file: 0 or 1.
pub(super) fn files(input: &Value, first_line: u64) -> Vec<(String, Lines)> {
    let Some(fields) = input.as_object() else { return Vec::new() };
    let mut all: Vec<(String, Lines)> = Vec::new();
    if let Some(path) = path(fields) {
        all.push((path.to_owned(), lines(fields, first_line)));
    }
    for name in ["paths", "include", "file_paths", "filePaths"] {
        let list = fields.get(name).and_then(Value::as_array).into_iter().flatten();
        all.extend(list.filter_map(|path| Some((path.as_str()?.to_owned(), Lines::All))));
    }
    let operations = fields.get("operations").and_then(Value::as_array).into_iter().flatten();
    all.extend(operations.flat_map(|one| files(one, first_line)));
    all
}

/// Returns the lines that the arguments of a tool select: `offset` and `limit`, or the first and the last line.
fn lines(fields: &Map<String, Value>, first_line: u64) -> Lines {
    let number = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)?.as_u64());
    let (start, end) = (number(&["start_line", "startLine"]), number(&["end_line", "endLine"]));
    if start.is_some() || end.is_some() {
        let from = start.unwrap_or(1).max(1);
        // A negative last line counts from the end.
        return Lines::Between(from, end.unwrap_or(u64::MAX));
    }
    let (offset, limit) = (number(&["offset"]), number(&["limit"]));
    if offset.is_none() && limit.is_none() {
        return Lines::All;
    }
    let from = offset.map_or(1, |offset| (offset + 1 - first_line).max(1));
    Lines::Between(from, limit.map_or(u64::MAX, |limit| (from - 1).saturating_add(limit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ranges() {
        let of = |input: Value, first| files(&input, first).pop().unwrap().1;
        assert_eq!(of(json!({"file_path": "a", "offset": 10, "limit": 5}), 1), Lines::Between(10, 14));
        assert_eq!(of(json!({"path": "a", "offset": 10, "limit": 5}), 0), Lines::Between(11, 15));
        assert_eq!(of(json!({"filePath": "a", "startLine": 3, "endLine": 4}), 1), Lines::Between(3, 4));
        assert_eq!(of(json!({"file_path": "a", "limit": 2}), 1), Lines::Between(1, 2));
        assert_eq!(of(json!({"file_path": "a"}), 1), Lines::All);
        let kiro = json!({"operations": [{"mode": "Line", "path": "b", "start_line": 2, "end_line": -1}]});
        assert_eq!(files(&kiro, 1), [("b".to_owned(), Lines::Between(2, u64::MAX))]);
    }

    #[test]
    fn commands_as_words() {
        assert_eq!(command(&json!({"command": ["bash", "-lc", "cat 'a b'"]})).unwrap(), "cat 'a b'");
        assert_eq!(command(&json!({"command": ["cat", "a b"]})).unwrap(), "'cat' 'a b'");
        assert_eq!(command(&json!({"cmd": "ls"})).unwrap(), "ls");
        assert_eq!(command(&json!({"command": null})), None);
    }
}
