//! A client of `telleaks lsp` over its standard streams.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::telleaks;

/// How long a message may take. Other tests run at the same time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server and what it sent.
pub(super) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    count: i64,
    /// Messages that no test has looked at yet.
    kept: Vec<Value>,
    /// Everything that was received, as text.
    pub(super) said: String,
}

impl Client {
    /// Starts the server in a folder without a session.
    pub(super) fn start(folder: &Path) -> Self {
        let mut command = telleaks();
        command.current_dir(folder).args(["lsp", "--stdio"]);
        Self::run(command)
    }

    fn run(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            while let Some(message) = message(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { child, input, output: receiver, count: 0, kept: Vec::new(), said: String::new() }
    }

    /// Starts a session with these capabilities and settings. Returns what the server offers, too.
    pub(super) fn open(folder: &Path, capabilities: &Value, options: &Value) -> (Self, Value) {
        let mut client = Self::start(folder);
        let uri = format!("file://{}", folder.display());
        let answer = client.ask(
            "initialize",
            &json!({
                "processId": null, "rootUri": uri, "capabilities": capabilities, "initializationOptions": options,
                "workspaceFolders": [{"uri": uri, "name": "test"}],
            }),
        );
        client.tell("initialized", &json!({}));
        (client, answer["result"]["capabilities"].clone())
    }

    pub(super) fn send_raw(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_raw(&format!("Content-Length: {}\r\n\r\n{text}", text.len()));
    }

    pub(super) fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and returns its id.
    pub(super) fn request(&mut self, method: &str, params: &Value) -> i64 {
        self.count += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params}));
        self.count
    }

    /// Sends a request and returns the answer.
    pub(super) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.request(method, params);
        self.wait(|one| one["id"] == id && one.get("method").is_none())
    }

    /// Answers a request of the server.
    pub(super) fn answer(&mut self, request: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "id": request["id"], "result": null}));
    }

    /// Returns the next message that is meant.
    pub(super) fn wait(&mut self, is_meant: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&is_meant) {
            return self.kept.remove(at);
        }
        loop {
            let message = self.output.recv_timeout(PATIENCE).unwrap();
            self.said += &message.to_string();
            if is_meant(&message) {
                return message;
            }
            self.kept.push(message);
        }
    }

    /// Returns the diagnostics that are sent for a document in its version.
    pub(super) fn diagnostics(&mut self, uri: &str, version: i64) -> Vec<Value> {
        let message = self.wait(|one| {
            one["method"] == "textDocument/publishDiagnostics"
                && one["params"]["uri"] == uri
                && one["params"]["version"] == version
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    pub(super) fn open_text(&mut self, uri: &str, language: &str, text: &str) {
        let item = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": item}));
    }

    pub(super) fn change(&mut self, uri: &str, version: i64, changes: &[Value]) {
        let params = json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes});
        self.tell("textDocument/didChange", &params);
    }

    /// Ends the session and returns the exit code.
    pub(super) fn close(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", &Value::Null)["result"], Value::Null);
        self.tell("exit", &Value::Null);
        self.child.wait().unwrap().code().unwrap()
    }

    /// Closes the standard input and returns the exit code.
    pub(super) fn hang_up(mut self) -> i32 {
        self.input = None;
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It has ended, or the test failed.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn message(output: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some((_, value)) => length = Some(value.parse().unwrap()),
            None => break,
        }
    }
    let mut bytes = vec![0; length.unwrap()];
    output.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Applies the text edits of an action to a text with positions in UTF-16.
pub(super) fn applied(text: &str, action: &Value, uri: &str) -> String {
    let edit = &action["edit"];
    let edits = edit["changes"].get(uri).unwrap_or(&edit["documentChanges"][0]["edits"]);
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut units = position["character"].as_u64().unwrap() as usize;
        let rest = text[start..].chars().take_while(|c| {
            let is_before = units > 0;
            units = units.saturating_sub(c.len_utf16());
            is_before
        });
        start + rest.map(char::len_utf8).sum::<usize>()
    };
    let mut all: Vec<(usize, usize, String)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().unwrap().to_owned())
        })
        .collect();
    all.sort();
    let mut out = text.to_owned();
    for (start, end, new) in all.into_iter().rev() {
        out.replace_range(start..end, &new);
    }
    out
}
