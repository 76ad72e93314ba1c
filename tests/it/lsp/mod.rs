//! `telleaks lsp` over its standard streams. `packaging/test-lsp.py` talks to it with pytest-lsp, and
//! `packaging/test-lsp-nvim.sh` with Neovim.

mod client;
mod edits;
mod workspace;

use serde_json::{Value, json};

use crate::agent::{id, key, secret};
use crate::common::put;
use crate::common::random::Random;
use client::{Client, applied};

fn place(line: u64, character: usize) -> Value {
    json!({"line": line, "character": character})
}

/// Asks for the actions at a place, and returns one of them.
fn action(client: &mut Client, uri: &str, at: &Value, title: &str) -> Value {
    let range = json!({"start": at, "end": at});
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
    let answer = client.ask("textDocument/codeAction", &params);
    let all = answer["result"].as_array().unwrap();
    let found = all.iter().find(|one| one["title"].as_str().unwrap().starts_with(title));
    found.unwrap_or_else(|| panic!("{title} is not among {all:?}")).clone()
}

#[test]
fn diagnostics_hover_and_actions_without_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp", 0));
    let (mut client, offered) = Client::open(folder.path(), &json!({}), &json!({}));
    assert_eq!(offered["positionEncoding"], "utf-16");
    let uri = format!("file://{}/a.py", folder.path().display());
    let text = format!("import sys\nKEY = \"{key}\"\nprint(KEY)  # {key}\n");
    client.open_text(&uri, "python", &text);
    let found = client.diagnostics(&uri, 1);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["range"], json!({"start": place(1, 7), "end": place(1, 65)}));
    assert_eq!((&found[0]["severity"], &found[0]["source"]), (&json!(1), &json!("telleaks")));
    assert_eq!(found[0]["code"], "telnyx-api-key");
    assert!(found[0]["codeDescription"]["href"].as_str().unwrap().ends_with("/docs/rules/telnyx-api-key.md"));
    let hover =
        client.ask("textDocument/hover", &json!({"textDocument": {"uri": uri}, "position": place(1, 10)}));
    let hover = hover["result"]["contents"]["value"].as_str().unwrap();
    for part in [id(&key), "Created: 2025-", "What it opens", "How to revoke it", "portal.telnyx.com"] {
        assert!(hover.contains(part), "{part}: {hover}");
    }
    let fixed = applied(&text, &action(&mut client, &uri, &place(1, 9), "Remove"), &uri);
    assert!(fixed.contains("import os") && fixed.contains("KEY = os.environ["), "{fixed}");
    let masked = applied(&text, &action(&mut client, &uri, &place(2, 14), "Mask"), &uri);
    assert!(masked.lines().nth(2).unwrap().contains("..."), "{masked}");
    let commented =
        applied(&text, &action(&mut client, &uri, &place(1, 9), "Accept it with a comment"), &uri);
    let comment = concat!("# telleaks", ":ignore telnyx-api-key TODO: say why");
    assert_eq!(commented.lines().nth(1), Some(comment));
    client.change(&uri, 2, &[json!({"text": commented})]);
    assert_eq!(client.diagnostics(&uri, 2).len(), 1);
    client.tell("textDocument/didClose", &json!({"textDocument": {"uri": uri}}));
    assert!(!client.said.contains(secret(&key)));
    assert_eq!(client.close(), 0);
}

#[test]
fn related_places_and_fix_of_the_whole_document() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp", 1));
    let capabilities = json!({
        "textDocument": {"publishDiagnostics": {"relatedInformation": true}},
        "workspace": {"workspaceEdit": {"documentChanges": true}},
    });
    let (mut client, _) = Client::open(folder.path(), &capabilities, &json!({}));
    let uri = format!("file://{}/a.js", folder.path().display());
    let text = format!("const a = '{key}';\nconst b = '{key}';\n");
    client.open_text(&uri, "javascript", &text);
    let found = client.diagnostics(&uri, 1);
    assert_eq!(found[0]["relatedInformation"][0]["location"]["range"], found[1]["range"]);
    let range = json!({"start": place(0, 0), "end": place(0, 0)});
    let context = json!({"diagnostics": [], "only": ["source.fixAll"]});
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
    let actions = client.ask("textDocument/codeAction", &params)["result"].clone();
    assert_eq!(actions[0]["edit"]["documentChanges"][0]["textDocument"]["version"], 1);
    let fixed = applied(&text, &actions[0], &uri);
    assert_eq!(fixed.matches("process.env.").count(), 2, "{fixed}");
    assert_eq!(client.close(), 0);
}

#[test]
fn positions_on_astral_characters_in_all_encodings() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp", 2));
    for (name, start) in [("utf-8", 13), ("utf-16", 8), ("utf-32", 6)] {
        let capabilities = json!({"general": {"positionEncodings": [name]}});
        let (mut client, offered) = Client::open(folder.path(), &capabilities, &json!({}));
        assert_eq!(offered["positionEncoding"], name);
        let uri = format!("file://{}/{name}.txt", folder.path().display());
        client.open_text(&uri, "plaintext", &format!("x\n𝄞é😀 = {key} 😀\n"));
        let found = client.diagnostics(&uri, 1);
        assert_eq!(
            found[0]["range"],
            json!({"start": place(1, start), "end": place(1, start + 58)}),
            "{name}"
        );
        // The first character of the key, replaced at its position.
        let range = json!({"start": place(1, start), "end": place(1, start + 1)});
        client.change(&uri, 2, &[json!({"range": range, "text": "😀"})]);
        assert_eq!(client.diagnostics(&uri, 2).len(), 0, "{name}");
        let width = [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)].iter().find(|one| one.0 == name).unwrap().1;
        let range = json!({"start": place(1, start), "end": place(1, start + width)});
        client.change(&uri, 3, &[json!({"range": range, "text": "K"})]);
        assert_eq!(client.diagnostics(&uri, 3), found, "{name}");
        assert_eq!(client.close(), 0);
    }
}

#[test]
fn malformed_messages_are_answered_and_the_session_continues() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp", 3));
    let mut client = Client::start(folder.path());
    assert_eq!(client.ask("textDocument/hover", &json!({}))["error"]["code"], -32002);
    let body = format!("{{\"jsonrpc\": {key}");
    client.send_raw(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    assert_eq!(client.wait(|one| one["id"].is_null())["error"]["code"], -32700);
    client.send_raw("nonsense\r\n");
    assert_eq!(client.wait(|one| one["id"].is_null())["error"]["code"], -32700);
    assert!(client.ask("initialize", &json!({"capabilities": {}})).get("result").is_some());
    assert_eq!(client.ask("initialize", &json!({"capabilities": {}}))["error"]["code"], -32601);
    assert_eq!(client.ask("unknown", &json!({}))["error"]["code"], -32601);
    for params in
        [json!({"textDocument": key}), json!([]), json!({"textDocument": {"uri": key}}), Value::Null]
    {
        let answer = client.ask("textDocument/hover", &params);
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    client.tell("textDocument/didChange", &json!({"textDocument": key}));
    let said = client.wait(|one| one["method"] == "window/logMessage");
    assert!(said["params"]["message"].as_str().unwrap().contains("didChange"));
    client.tell("textDocument/didClose", &json!({"textDocument": {"uri": "file:///not/open"}}));
    client.open_text("untitled:Untitled-1", "plaintext", &key);
    assert_eq!(client.diagnostics("untitled:Untitled-1", 1).len(), 1);
    assert!(!client.said.contains(secret(&key)));
    assert_eq!(client.hang_up(), 0);
}

#[test]
fn exit_without_shutdown_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::open(folder.path(), &json!({}), &json!({}));
    client.tell("exit", &Value::Null);
    assert_eq!(client.hang_up(), 1);
}

#[test]
fn baseline_and_configuration_count_and_are_watched() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp", 4));
    let (mut client, _) = Client::open(folder.path(), &json!({}), &json!({}));
    let uri = format!("file://{}/a.txt", folder.path().display());
    client.open_text(&uri, "plaintext", &format!("key {key}\n"));
    assert_eq!(client.diagnostics(&uri, 1).len(), 1);
    let accept = action(&mut client, &uri, &place(0, 8), "Accept it in the baseline");
    let command = &accept["command"];
    let mut argument = command["arguments"][0].clone();
    argument["reason"] = json!("test only");
    let params = json!({"command": command["command"], "arguments": [argument]});
    assert_eq!(client.ask("workspace/executeCommand", &params)["result"]["added"], 1);
    assert_eq!(client.diagnostics(&uri, 1).len(), 0);
    let baseline = std::fs::read_to_string(folder.path().join(".telleaks-baseline.jsonl")).unwrap();
    assert!(baseline.contains("test only") && !baseline.contains(secret(&key)), "{baseline}");
    // Without a notification: the files are looked at.
    std::fs::remove_file(folder.path().join(".telleaks-baseline.jsonl")).unwrap();
    assert_eq!(client.diagnostics(&uri, 1).len(), 1);
    put(folder.path(), "telleaks.toml", "exclude = ['a.txt']\n");
    client.tell("workspace/didChangeWatchedFiles", &json!({"changes": []}));
    assert_eq!(client.diagnostics(&uri, 1).len(), 0);
    put(folder.path(), "telleaks.toml", "exclude = 'wrong'\n");
    client.tell("workspace/didChangeWatchedFiles", &json!({"changes": []}));
    assert_eq!(client.diagnostics(&uri, 1).len(), 1);
    let said = client.wait(|one| one["method"] == "window/showMessage");
    assert!(said["params"]["message"].as_str().unwrap().contains("telleaks.toml:1"), "{said}");
    assert!(!client.said.contains(secret(&key)));
    assert_eq!(client.close(), 0);
}

#[test]
fn cells_of_a_notebook_are_scanned_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("lsp", 5);
    let key = key(&mut random);
    let (mut client, offered) = Client::open(folder.path(), &json!({}), &json!({}));
    assert!(offered["notebookDocumentSync"]["notebookSelector"][0]["cells"].is_array());
    let uri = format!("file://{}/n.ipynb", folder.path().display());
    let cell = |name: &str| format!("vscode-notebook-cell:{}/n.ipynb#{name}", folder.path().display());
    let item = |name: &str, text: &str| json!({"uri": cell(name), "languageId": "python", "version": 1, "text": text});
    let held = |name: &str| json!({"kind": 2, "document": cell(name)});
    let cells = [item("a", "import telnyx\n"), item("b", &format!("k = '{key}'"))];
    client.tell(
        "notebookDocument/didOpen",
        &json!({
            "notebookDocument": {"uri": uri, "notebookType": "jupyter-notebook", "version": 1,
                "cells": [held("a"), held("b")]},
            "cellTextDocuments": cells,
        }),
    );
    assert_eq!(client.diagnostics(&cell("a"), 1).len(), 0);
    let found = client.diagnostics(&cell("b"), 1);
    assert_eq!(found[0]["range"]["start"], place(0, 5));
    let fix = action(&mut client, &cell("b"), &place(0, 6), "Remove");
    assert!(applied(&format!("k = '{key}'"), &fix, &cell("b")).contains("os.environ"), "{fix}");
    let change = json!({"cells": {"textContent": [
        {"document": {"uri": cell("a"), "version": 2}, "changes": [{"text": format!("# {key}")}]},
    ]}});
    client.tell(
        "notebookDocument/didChange",
        &json!({"notebookDocument": {"uri": uri, "version": 2}, "change": change}),
    );
    assert_eq!(client.diagnostics(&cell("a"), 2).len(), 1);
    let change = json!({"cells": {"structure": {
        "array": {"start": 0, "deleteCount": 1, "cells": []}, "didClose": [{"uri": cell("a")}],
    }}});
    client.tell(
        "notebookDocument/didChange",
        &json!({"notebookDocument": {"uri": uri, "version": 3}, "change": change}),
    );
    assert_eq!(client.diagnostics(&cell("b"), 1).len(), 1);
    let closed = json!({"notebookDocument": {"uri": uri}, "cellTextDocuments": [{"uri": cell("b")}]});
    client.tell("notebookDocument/didClose", &closed);
    assert_eq!(client.close(), 0);
}

#[test]
fn files_that_git_ignores_have_diagnostics_only_if_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp", 6));
    assert!(
        std::process::Command::new("git")
            .arg("init")
            .arg("-q")
            .arg(folder.path())
            .status()
            .unwrap()
            .success()
    );
    put(folder.path(), ".gitignore", ".env\n");
    put(folder.path(), ".env", format!("TELNYX_API_KEY={key}\n"));
    for (wanted, count) in [(false, 0), (true, 1)] {
        let (mut client, _) = Client::open(folder.path(), &json!({}), &json!({"ignoredFiles": wanted}));
        let uri = format!("file://{}/.env", folder.path().display());
        client.open_text(&uri, "dotenv", &format!("TELNYX_API_KEY={key}\n"));
        assert_eq!(client.diagnostics(&uri, 1).len(), count);
        assert_eq!(client.close(), 0);
    }
}
