//! Diagnostics on request: of a document, and of the workspace with progress and cancellation.

use serde_json::{Value, json};

use super::client::Client;
use super::place;
use crate::agent::{key, secret};
use crate::common::put;
use crate::common::random::Random;

fn pulls() -> Value {
    json!({"textDocument": {"diagnostic": {}}, "window": {"workDoneProgress": true}})
}

#[test]
fn diagnostics_of_a_document_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp-pull", 0));
    let (mut client, offered) = Client::open(folder.path(), &pulls(), &json!({}));
    assert_eq!(offered["diagnosticProvider"]["workspaceDiagnostics"], false);
    let uri = format!("file://{}/a.txt", folder.path().display());
    client.open_text(&uri, "plaintext", &format!("key {key}\n"));
    let params = json!({"textDocument": {"uri": uri}});
    let report = client.ask("textDocument/diagnostic", &params)["result"].clone();
    assert_eq!((&report["kind"], report["items"].as_array().unwrap().len()), (&json!("full"), 1));
    let params = json!({"textDocument": {"uri": uri}, "previousResultId": report["resultId"]});
    assert_eq!(client.ask("textDocument/diagnostic", &params)["result"]["kind"], "unchanged");
    let range = json!({"start": place(0, 4), "end": place(0, 7)});
    client.change(&uri, 2, &[json!({"range": range, "text": ""})]);
    let report = client.ask("textDocument/diagnostic", &params)["result"].clone();
    assert_eq!((&report["kind"], report["items"].as_array().unwrap().len()), (&json!("full"), 0));
    assert!(!client.said.contains("publishDiagnostics") && !client.said.contains(secret(&key)));
    assert_eq!(client.close(), 0);
}

#[test]
fn diagnostics_of_the_workspace_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp-pull", 1));
    put(folder.path(), "a/b.txt", format!("😀 {key}\n"));
    put(folder.path(), "clean.txt", "clean");
    put(folder.path(), "open.txt", &key);
    let (mut client, _) = Client::open(folder.path(), &pulls(), &json!({}));
    let uri = |name: &str| format!("file://{}/{name}", folder.path().display());
    client.open_text(&uri("open.txt"), "plaintext", "without a key");
    let params = json!({"previousResultIds": [{"uri": uri("gone.txt"), "value": "1"}], "workDoneToken": "t"});
    let answer = client.ask("workspace/diagnostic", &params);
    let items = answer["result"]["items"].as_array().unwrap();
    let of = |name: &str| items.iter().find(|one| one["uri"] == uri(name)).unwrap();
    assert_eq!(of("a/b.txt")["items"][0]["range"]["start"], place(0, 3));
    assert_eq!((&of("open.txt")["items"], &of("gone.txt")["items"]), (&json!([]), &json!([])));
    assert_eq!(items.len(), 3);
    let kinds = ["begin", "end"].map(|kind| client.wait(|one| one["params"]["value"]["kind"] == kind));
    assert_eq!(kinds[0]["params"]["token"], "t");
    let known = json!({"uri": uri("a/b.txt"), "value": of("a/b.txt")["resultId"]});
    let params = json!({"previousResultIds": [known], "partialResultToken": 7});
    let answer = client.ask("workspace/diagnostic", &params);
    assert_eq!(answer["result"]["items"], json!([]));
    let part = client
        .wait(|one| one["params"]["token"] == 7 && one["params"]["value"]["items"][0]["kind"] == "unchanged");
    assert_eq!(part["params"]["value"]["items"][0]["uri"], uri("a/b.txt"));
    assert!(!client.said.contains(secret(&key)));
    assert_eq!(client.close(), 0);
}

#[test]
fn command_scans_the_workspace_with_progress() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp-pull", 2));
    put(folder.path(), "a.txt", &key);
    let capabilities = json!({"window": {"workDoneProgress": true}});
    let (mut client, _) = Client::open(folder.path(), &capabilities, &json!({}));
    let id = client.request("workspace/executeCommand", &json!({"command": "telleaks.scanWorkspace"}));
    let create = client.wait(|one| one["method"] == "window/workDoneProgress/create");
    client.answer(&create);
    let sent = client.wait(|one| one["method"] == "textDocument/publishDiagnostics");
    assert!(sent["params"]["uri"].as_str().unwrap().ends_with("/a.txt"));
    let answer = client.wait(|one| one["id"] == id && one.get("method").is_none());
    assert_eq!(answer["result"], json!({"files": 1, "findings": 1, "notRead": 0}));
    // The text in the editor counts from now on.
    client.open_text(sent["params"]["uri"].as_str().unwrap(), "plaintext", "clean");
    let cleared = client.wait(|one| one["method"] == "textDocument/publishDiagnostics");
    assert_eq!(cleared["params"], json!({"uri": sent["params"]["uri"], "diagnostics": []}));
    let wrong = client.ask("workspace/executeCommand", &json!({"command": "telleaks.no"}));
    assert_eq!(wrong["error"]["code"], -32803);
    assert_eq!(client.close(), 0);
}

#[test]
fn scan_of_the_workspace_is_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let text = "harmless text\n".repeat(40_000);
    (0..200).for_each(|number| put(folder.path(), &format!("{number}.txt"), &text));
    let (mut client, _) = Client::open(folder.path(), &pulls(), &json!({}));
    for by_token in [false, true] {
        let params = json!({"previousResultIds": [], "workDoneToken": "cancel"});
        let id = client.request("workspace/diagnostic", &params);
        match by_token {
            false => client.tell("$/cancelRequest", &json!({"id": id})),
            true => client.tell("window/workDoneProgress/cancel", &json!({"token": "cancel"})),
        }
        let answer = client.wait(|one| one["id"] == id && one.get("method").is_none());
        assert_eq!(answer["error"]["code"], -32800, "{answer}");
        let end = client.wait(|one| one["params"]["value"]["kind"] == "end");
        assert_eq!(end["params"]["value"]["message"], "cancelled");
    }
    client.tell("$/cancelRequest", &json!({"id": 4711}));
    assert_eq!(client.close(), 0);
}

#[test]
fn client_that_asks_again_and_again_waits_for_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("lsp-pull", 3));
    let (mut client, offered) = Client::open(folder.path(), &pulls(), &json!({"workspaceDiagnostics": true}));
    assert_eq!(offered["diagnosticProvider"]["workspaceDiagnostics"], true);
    let params = json!({"previousResultIds": []});
    assert_eq!(client.ask("workspace/diagnostic", &params)["result"]["items"], json!([]));
    let id = client.request("workspace/diagnostic", &params);
    put(folder.path(), "a.txt", &key);
    client.tell("workspace/didChangeWatchedFiles", &json!({"changes": []}));
    let answer = client.wait(|one| one["id"] == id);
    assert_eq!(answer["result"]["items"].as_array().unwrap().len(), 1);
    let id = client.request("workspace/diagnostic", &params);
    client.tell("$/cancelRequest", &json!({"id": id}));
    assert_eq!(client.wait(|one| one["id"] == id)["error"]["code"], -32800);
    assert_eq!(client.close(), 0);
}
