//! Settings in JSON, with comments and trailing commas as editors write them.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};

use super::{Listing, is_own};

/// A mark at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';
/// Fields with the command of a hook.
const COMMANDS: [&str; 3] = ["command", "bash", "powershell"];

fn parse(text: &str) -> Result<CstRootNode, String> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    // The message of the parser is not repeated: it may quote the file.
    CstRootNode::parse(text, &options).map_err(|error| {
        let line = 1 + text.bytes().take(error.range().start).filter(|byte| *byte == b'\n').count();
        format!("line {line} is not valid JSON; the file is unchanged")
    })
}

/// Returns the text of a document, with the mark that `old` starts with.
fn written(root: &CstRootNode, old: &str) -> String {
    let mark = if old.starts_with(BYTE_ORDER_MARK) { "\u{feff}" } else { "" };
    format!("{mark}{root}")
}

/// Returns a text with the hooks of a listing added, or with the command of existing ones replaced.
pub(super) fn added(text: &str, listing: &Listing, command: &str) -> Result<String, String> {
    let root = parse(text)?;
    let other = |what: &str, kind: &str| format!("{what} is not {kind}; the file is unchanged");
    let document = root.object_value_or_create().ok_or_else(|| other("the document", "an object"))?;
    if listing.has_version && document.get("version").is_none() {
        document.insert(0, "version", CstInputValue::from(1u64));
    }
    let hooks = document.object_value_or_create("hooks").ok_or_else(|| other("hooks", "an object"))?;
    for (event, matcher) in listing.events {
        let list =
            hooks.array_value_or_create(event).ok_or_else(|| other(&format!("hooks.{event}"), "a list"))?;
        let existing: Vec<CstObject> = own(&list);
        if existing.is_empty() {
            list.ensure_multiline();
            list.append(entry(listing, matcher, command));
        }
        for hook in existing {
            for name in COMMANDS {
                if let Some(field) =
                    hook.get(name).filter(|_| text_of(&hook, name).as_deref() != Some(command))
                {
                    field.set_value(command.into());
                }
            }
        }
    }
    Ok(written(&root, text))
}

/// Returns a text without the hooks of telleaks, and without what is empty then.
pub(super) fn removed(text: &str) -> Result<String, String> {
    let root = parse(text)?;
    let Some(hooks) = root.object_value().and_then(|document| document.object_value("hooks")) else {
        return Ok(text.to_owned());
    };
    let mut changed = false;
    for event in hooks.properties() {
        let Some(list) = event.array_value() else { continue };
        let hooks = own(&list);
        if hooks.is_empty() {
            continue;
        }
        changed = true;
        hooks.into_iter().for_each(CstObject::remove);
        for group in list.elements().into_iter().filter_map(|group| group.as_object()) {
            if group.array_value("hooks").is_some_and(|hooks| hooks.elements().is_empty()) {
                group.remove();
            }
        }
        if list.elements().is_empty() {
            event.remove();
        }
    }
    if !changed {
        return Ok(text.to_owned());
    }
    let field = root.object_value().and_then(|document| document.get("hooks"));
    if let Some(field) = field.filter(|_| hooks.properties().is_empty()) {
        field.remove();
    }
    Ok(written(&root, text))
}

/// Returns the commands of telleaks, each with its event.
pub(super) fn commands(text: &str) -> Result<Vec<(String, String)>, String> {
    let root = parse(text)?;
    let hooks = root.object_value().and_then(|document| document.object_value("hooks"));
    let mut all = Vec::new();
    for event in hooks.iter().flat_map(CstObject::properties) {
        let name = event.decoded_name().unwrap_or_default();
        for hook in event.array_value().iter().flat_map(own) {
            let command = COMMANDS.iter().find_map(|field| text_of(&hook, field));
            all.extend(command.map(|command| (name.clone(), command)));
        }
    }
    Ok(all)
}

/// Returns the value of a flag; `key` has the names that lead to it, joined by dots.
pub(super) fn flag(text: &str, key: &str) -> Option<bool> {
    let root = parse(text).ok()?;
    let mut names = key.split('.');
    let mut field = root.object_value()?.get(names.next()?)?;
    for name in names {
        field = field.object_value()?.get(name)?;
    }
    Some(field.value()?.as_boolean_lit()?.value())
}

/// Returns whether a document has nothing but a version.
pub(super) fn is_bare(text: &str) -> bool {
    let Ok(root) = parse(text) else { return false };
    let names = root.object_value().map(|document| document.properties()).unwrap_or_default();
    names.iter().all(|field| field.decoded_name().as_deref() == Some("version"))
}

/// Returns the hooks of telleaks in the list of an event, inside of groups and outside.
fn own(list: &CstArray) -> Vec<CstObject> {
    let objects = |list: &CstArray| list.elements().into_iter().filter_map(|one: CstNode| one.as_object());
    let mut all = Vec::new();
    for one in objects(list) {
        all.extend(one.array_value("hooks").iter().flat_map(|list| objects(list).collect::<Vec<_>>()));
        all.push(one);
    }
    all.retain(|hook| COMMANDS.iter().any(|name| text_of(hook, name).is_some_and(|text| is_own(&text))));
    all
}

fn text_of(hook: &CstObject, name: &str) -> Option<String> {
    hook.get(name)?.value()?.as_string_lit()?.decoded_value().ok()
}

/// Returns the entry of a hook.
fn entry(listing: &Listing, matcher: &str, command: &str) -> CstInputValue {
    let mut hook: Vec<(String, CstInputValue)> = Vec::new();
    for (name, json) in listing.fields {
        let value = match json.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(text) => CstInputValue::String(text.to_owned()),
            None => CstInputValue::Number((*json).to_owned()),
        };
        hook.push(((*name).to_owned(), value));
    }
    // The type comes first, then the command, as in the documentation of the clients.
    let at = hook.iter().position(|(name, _)| name == "type").map_or(0, |at| at + 1);
    hook.insert(at, ("command".to_owned(), command.into()));
    let matched = (!matcher.is_empty()).then(|| ("matcher".to_owned(), CstInputValue::from(matcher)));
    if !listing.has_groups {
        hook.extend(matched);
        return CstInputValue::Object(hook);
    }
    let mut group: Vec<(String, CstInputValue)> = matched.into_iter().collect();
    group.push(("hooks".to_owned(), CstInputValue::Array(vec![CstInputValue::Object(hook)])));
    CstInputValue::Object(group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const GROUPS: Listing = Listing {
        has_version: false,
        has_groups: true,
        events: &[("UserPromptSubmit", ""), ("PreToolUse", "*")],
        fields: &[("type", "\"command\""), ("timeout", "10")],
    };
    const COMMAND: &str = "/opt/telleaks agent hook";
    const SETTINGS: &str = r#"{
  // The model.
  "model": "x",
  "hooks": {
    "PreToolUse": [
      /* mine */
      { "matcher": "Bash", "hooks": [{ "type": "command", "command": "./check.sh" }] },
    ],
  },
  "env": { "A": "b" }, // last
}
"#;

    #[test]
    fn everything_else_stays() {
        let new = added(SETTINGS, &GROUPS, COMMAND).unwrap();
        for line in SETTINGS.lines().filter(|line| !line.contains("check.sh")) {
            assert!(new.contains(line.trim().trim_end_matches(',')), "{line}\n{new}");
        }
        assert_eq!(commands(&new).unwrap().len(), 2, "{new}");
        assert_eq!(added(&new, &GROUPS, COMMAND).unwrap(), new);
        assert_eq!(removed(&new).unwrap(), SETTINGS);
    }

    #[test]
    fn new_file_is_plain_json() {
        for empty in ["", "{}\n", "\n"] {
            let new = added(empty, &GROUPS, COMMAND).unwrap();
            let value: Value = serde_json::from_str(&new).unwrap();
            assert_eq!(value["hooks"]["PreToolUse"][0]["matcher"], "*");
            assert_eq!(value["hooks"]["PreToolUse"][0]["hooks"][0]["command"], COMMAND);
            assert_eq!(value["hooks"]["UserPromptSubmit"][0]["hooks"][0]["timeout"], 10);
            assert!(value["hooks"]["UserPromptSubmit"][0].get("matcher").is_none());
            assert!(is_bare(&removed(&new).unwrap()), "{new}");
        }
    }

    #[test]
    fn other_path_replaces_the_command_only() {
        let old = added(SETTINGS, &GROUPS, "/old/telleaks agent hook").unwrap();
        let new = added(&old, &GROUPS, COMMAND).unwrap();
        assert_eq!(new, old.replace("/old/telleaks", "/opt/telleaks"));
    }

    #[test]
    fn flat_lists_and_line_ends() {
        let listing =
            Listing { has_version: true, has_groups: false, events: &[("preToolUse", "*")], fields: &[] };
        let old = "\u{feff}{\r\n\t\"version\": 1,\r\n\t\"hooks\": {\"stop\": [{\"command\": \"x\"}]}\r\n}";
        let new = added(old, &listing, COMMAND).unwrap();
        assert!(new.starts_with('\u{feff}') && !new.replace("\r\n", "").contains('\n'), "{new:?}");
        let value: Value = serde_json::from_str(new.trim_start_matches('\u{feff}')).unwrap();
        assert_eq!(value["hooks"]["preToolUse"][0]["matcher"], "*");
        assert_eq!(value["hooks"]["stop"][0]["command"], "x");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let secret = "s3cr3t";
        for (text, said) in [
            ("{\"a\": s3cr3t}", "line 1 is not valid JSON"),
            ("{\n\"a\": 1,,}", "line 2 is not valid JSON"),
            ("[]", "the document is not an object"),
            ("{\"hooks\": []}", "hooks is not an object"),
            ("{\"hooks\": {\"PreToolUse\": {}}}", "hooks.PreToolUse is not a list"),
        ] {
            let error = added(text, &GROUPS, COMMAND).unwrap_err();
            assert!(error.starts_with(said) && !error.contains(secret), "{text}: {error}");
        }
    }

    #[test]
    fn flags() {
        let text = "{\"a\": {\"b\": false}, \"c\": true /* x */}";
        assert_eq!((flag(text, "a.b"), flag(text, "c"), flag(text, "a.c")), (Some(false), Some(true), None));
    }
}
