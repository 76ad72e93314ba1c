//! `telleaks mcp` over its standard streams. `packaging/test-mcp.py` talks to it with the official Python SDK.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::agent::{id, key, secret};
use crate::common::random::Random;
use crate::common::{put, telleaks};

/// A running server.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    count: u64,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut command = telleaks();
        command.current_dir(folder).arg("mcp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output, count: 0 }
    }

    fn line(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.count += 1;
        let request = json!({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params});
        self.line(&request.to_string());
        let answer = self.answer();
        assert_eq!((&answer["id"], &answer["jsonrpc"]), (&json!(self.count), &json!("2.0")));
        answer
    }

    fn call(&mut self, name: &str, arguments: &Value) -> Value {
        let answer = self.ask("tools/call", &json!({"name": name, "arguments": arguments}));
        answer["result"].clone()
    }
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

#[test]
fn session() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("mcp", 0));
    put(folder.path(), "a.env", format!("A=1\nTELNYX_API_KEY={key}\n"));
    let mut server = Server::start(folder.path());
    let welcome = server.ask(
        "initialize",
        &json!({"protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"}}),
    );
    assert_eq!(welcome["result"]["protocolVersion"], "2025-06-18");
    server.line(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let tools = server.ask("tools/list", &json!({}));
    assert_eq!(tools["result"]["tools"].as_array().unwrap().len(), 4);
    for (name, arguments, expected) in [
        ("scan_text", json!({"text": format!("use {key}")}), id(&key)),
        ("scan_text", json!({"text": "harmless"}), "No leaks found."),
        ("scan_path", json!({"path": "."}), "a.env:2: error[telnyx-api-key]"),
        ("explain", json!({"place": "a.env:2"}), "reported: error telnyx-api-key"),
        ("redact", json!({"text": format!("use {key} now")}), " now"),
        ("redact", json!({"path": "a.env"}), "A=1\nTELNYX_API_KEY=KEY0198"),
    ] {
        let result = server.call(name, &arguments);
        assert!(result["isError"] == false && text(&result).contains(expected), "{name}: {result}");
        assert!(!result.to_string().contains(secret(&key)), "{name}: {result}");
    }
    let found = server.call("scan_text", &json!({"text": key}));
    assert_eq!(found["structuredContent"]["findings"][0]["key_id"], id(&key));
    drop(server.input);
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn suppressions_count() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("mcp", 1));
    put(folder.path(), "telleaks.toml", "[[allow]]\npaths = ['fixtures/']\nreason = 'made up'\n");
    let mut server = Server::start(folder.path());
    let accepted = server.call("scan_text", &json!({"text": key, "path": "fixtures/a.py"}));
    assert_eq!(accepted["structuredContent"]["clean"], true);
    let found = server.call("scan_text", &json!({"text": key, "path": "src/a.py"}));
    assert_eq!(found["structuredContent"]["clean"], false);
}

#[test]
fn mistakes_are_answered_without_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(&mut Random::new("mcp", 2));
    let mut server = Server::start(folder.path());
    for (line, code) in [
        ("{", -32700),
        ("[]", -32600),
        (r#"{"id":1,"method":"no/such"}"#, -32601),
        (r#"{"id":1,"method":"tools/call","params":{"name":"no"}}"#, -32602),
    ] {
        server.line(line);
        assert_eq!(server.answer()["error"]["code"], code, "{line}");
    }
    for (name, arguments) in [
        ("scan_text", json!({})),
        ("scan_text", json!({"text": 1})),
        ("scan_path", json!({"path": "no/such"})),
        ("scan_path", json!({"path": "-"})),
        ("scan_path", json!({"path": key})),
        ("explain", json!({"place": format!("{key}:1")})),
        ("redact", json!({})),
        ("redact", json!({"path": "."})),
        ("redact", json!({"path": "/dev/zero"})),
        ("redact", json!({"path": "/etc/passwd"})),
        ("scan_path", json!({"path": "/etc"})),
        ("explain", json!({"place": "/etc/passwd:1"})),
        ("redact", json!({"path": "../"})),
    ] {
        let result = server.call(name, &arguments);
        assert_eq!(result["isError"], true, "{name} {arguments}: {result}");
        assert!(!result.to_string().contains(secret(&key)), "{name}: {result}");
    }
    server.line("");
    assert_eq!(server.ask("ping", &json!({}))["result"], json!({}));
}

#[test]
fn official_python_client() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/test-mcp.py");
    let Ok(output) = Command::new("python3").arg(script).arg(env!("CARGO_BIN_EXE_telleaks")).output() else {
        return;
    };
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("all right") || said.contains("SKIPPED"), "{said}");
}
