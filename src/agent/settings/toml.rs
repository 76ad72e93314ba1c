//! Settings in TOML: hooks as tables `[[hooks]]`.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::is_own;

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse::<DocumentMut>().map_err(|error| {
        // The message of the parser is not repeated: it may quote the file.
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        format!("line {line} is not valid TOML; the file is unchanged")
    })
}

fn tables(document: &mut DocumentMut) -> Result<&mut ArrayOfTables, String> {
    let item = document.entry("hooks").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    item.as_array_of_tables_mut()
        .ok_or_else(|| "hooks is not a list of tables; the file is unchanged".to_owned())
}

/// Returns a text with a hook of each type, or with the command of existing ones replaced.
pub(super) fn added(text: &str, types: &[&str], command: &str) -> Result<String, String> {
    let mut document = parse(text)?;
    let tables = tables(&mut document)?;
    for kind in types {
        let existing = tables.iter_mut().find(|table| is_hook(table, Some(kind)));
        match existing {
            Some(table) if table.get("command").and_then(Item::as_str) == Some(command) => {}
            Some(table) => table["command"] = value(command),
            None => {
                let mut table = Table::new();
                table["name"] = value(format!("telleaks-{}", kind.replace('_', "-")));
                table["type"] = value(*kind);
                table["match"] = value("*");
                table["command"] = value(command);
                table["timeout"] = value(10.0);
                tables.push(table);
            }
        }
    }
    Ok(document.to_string())
}

/// Returns a text without the hooks of telleaks.
pub(super) fn removed(text: &str) -> Result<String, String> {
    let mut document = parse(text)?;
    if let Some(tables) = document.get_mut("hooks").and_then(Item::as_array_of_tables_mut) {
        tables.retain(|table| !is_hook(table, None));
    }
    Ok(document.to_string())
}

/// Returns the commands of telleaks, each with its type.
pub(super) fn commands(text: &str) -> Result<Vec<(String, String)>, String> {
    let document = parse(text)?;
    let tables = document.get("hooks").and_then(Item::as_array_of_tables);
    let hooks = tables.into_iter().flat_map(ArrayOfTables::iter).filter(|table| is_hook(table, None));
    let text =
        |table: &Table, name: &str| table.get(name).and_then(Item::as_str).unwrap_or_default().to_owned();
    Ok(hooks.map(|table| (text(table, "type"), text(table, "command"))).collect())
}

/// Returns the value of a flag; `key` has the names that lead to it, joined by dots.
pub(super) fn flag(text: &str, key: &str) -> Option<bool> {
    let document = parse(text).ok()?;
    let mut item = document.as_item();
    for name in key.split('.') {
        item = item.get(name)?;
    }
    item.as_bool()
}

fn is_hook(table: &Table, kind: Option<&str>) -> bool {
    let text = |name: &str| table.get(name).and_then(Item::as_str);
    text("command").is_some_and(is_own) && kind.is_none_or(|kind| text("type") == Some(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_other_hooks_stay() {
        let old = "# mine\n[[hooks]]\nname = \"a\" # first\ntype = \"pre_tool\"\ncommand = \"x\"\n";
        let new = added(old, &["pre_tool", "post_tool"], "/t/telleaks agent hook").unwrap();
        assert!(new.starts_with(old), "{new}");
        assert_eq!(commands(&new).unwrap().len(), 2);
        assert_eq!(added(&new, &["pre_tool", "post_tool"], "/t/telleaks agent hook").unwrap(), new);
        let moved = added(&new, &["pre_tool", "post_tool"], "/u/telleaks agent hook").unwrap();
        assert_eq!(moved, new.replace("/t/", "/u/"));
        assert_eq!(removed(&new).unwrap(), old);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(
            added("a = s3cr3t", &["x"], "y").unwrap_err(),
            "line 1 is not valid TOML; the file is unchanged"
        );
        assert!(added("hooks = 1", &["x"], "y").unwrap_err().starts_with("hooks is not"));
        assert_eq!(flag("[features]\nhooks = false", "features.hooks"), Some(false));
    }
}
