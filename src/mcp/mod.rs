//! The Model Context Protocol, as far as a server with a few tools needs it: JSON-RPC messages, one a line.
//!
//! Source: <https://modelcontextprotocol.io/specification>. Values in, values out: does not read, scan or print.

mod tools;

use serde_json::{Map, Value, json};

pub use tools::{NAMES, tools};

/// The versions of the protocol that the messages here fit, newest first.
const VERSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// What a client may pass on to its model.
const INSTRUCTIONS: &str = "Finds leaked Telnyx credentials, in any encoding, without a network. Before text is sent, written or \
                            committed, scan_text or scan_path says whether it contains one. Results name a key by its public id.";

/// Error codes of JSON-RPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// The line is not JSON.
    Parse,
    /// The message is not a request.
    Request,
    /// The method does not exist.
    Method,
    /// The parameters do not fit the method.
    Params,
}

impl ErrorCode {
    fn number(self) -> i32 {
        match self {
            Self::Parse => -32700,
            Self::Request => -32600,
            Self::Method => -32601,
            Self::Params => -32602,
        }
    }
}

/// A message of a client.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A request, which is answered.
    Request(Request),
    /// A notification or an answer, which is not.
    Silent,
    /// Neither; the answer to it.
    Wrong(Value),
}

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its id, which the answer repeats.
    pub id: Value,
    /// The method.
    pub method: String,
    /// The parameters.
    pub params: Map<String, Value>,
}

/// Parses the messages of a line: one, or a list of them in older versions.
pub fn messages(line: &[u8]) -> Vec<Message> {
    match serde_json::from_slice(line) {
        Ok(Value::Array(all)) if !all.is_empty() => all.into_iter().map(message).collect(),
        Ok(one) => vec![message(one)],
        Err(_) => vec![Message::Wrong(failure(&Value::Null, ErrorCode::Parse, "the line is not JSON"))],
    }
}

fn message(value: Value) -> Message {
    let Value::Object(mut fields) = value else {
        return Message::Wrong(failure(&Value::Null, ErrorCode::Request, "the message is not an object"));
    };
    let id = fields.remove("id");
    let method = fields.remove("method");
    let params = match fields.remove("params") {
        Some(Value::Object(params)) => params,
        _ => Map::new(),
    };
    match (id, method) {
        (Some(id @ (Value::String(_) | Value::Number(_))), Some(Value::String(method))) => {
            Message::Request(Request { id, method, params })
        }
        (None, Some(Value::String(_))) => Message::Silent,
        (Some(_), None) if fields.contains_key("result") || fields.contains_key("error") => Message::Silent,
        (id, _) => {
            let id = id.unwrap_or_default();
            Message::Wrong(failure(&id, ErrorCode::Request, "the message is not a request"))
        }
    }
}

/// Returns the answer to a request that succeeded.
pub fn success(id: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// Returns the answer to a request that failed.
pub fn failure(id: &Value, code: ErrorCode, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code.number(), "message": message } })
}

/// Returns the result of `initialize`: the version that the client wants, if it is known.
pub fn welcome(params: &Map<String, Value>, version: &str) -> Value {
    let wanted = params.get("protocolVersion").and_then(Value::as_str).unwrap_or_default();
    let spoken = VERSIONS.iter().find(|known| **known == wanted).unwrap_or(&VERSIONS[0]);
    json!({
        "protocolVersion": spoken,
        "capabilities": { "tools": { "listChanged": false } },
        "serverInfo": { "name": "telleaks", "title": "telleaks", "version": version },
        "instructions": INSTRUCTIONS,
    })
}

/// Returns the result of a tool: a text for the model and the same as data.
pub fn called(text: &str, data: Option<Value>) -> Value {
    let mut result = json!({ "content": [{ "type": "text", "text": text }], "isError": false });
    if let Some(data) = data {
        result["structuredContent"] = data;
    }
    result
}

/// Returns the result of a tool that failed, with the reason for the model.
pub fn refused(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "isError": true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_notifications_and_nonsense() {
        let of = |text: &str| messages(text.as_bytes());
        let request = |method: &str| {
            Message::Request(Request { id: 1.into(), method: method.to_owned(), params: Map::new() })
        };
        assert_eq!(of(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#), [request("ping")]);
        assert_eq!(of(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#), [Message::Silent]);
        assert_eq!(of(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#), [Message::Silent]);
        assert_eq!(of(r#"[{"id":1,"method":"a"},{"method":"b"}]"#), [request("a"), Message::Silent]);
        for (text, code) in
            [("{", -32700), ("[]", -32600), ("1", -32600), (r#"{"id":null,"method":1}"#, -32600)]
        {
            let all = of(text);
            let [Message::Wrong(answer)] = all.as_slice() else { panic!("{text}") };
            assert_eq!(answer["error"]["code"], code, "{text}");
        }
    }

    #[test]
    fn version_is_agreed_on() {
        let spoken = |wanted: &str| {
            let params = json!({ "protocolVersion": wanted }).as_object().unwrap().clone();
            welcome(&params, "1")["protocolVersion"].as_str().unwrap().to_owned()
        };
        assert_eq!(spoken("2024-11-05"), "2024-11-05");
        assert_eq!(spoken("2099-01-01"), VERSIONS[0]);
    }

    #[test]
    fn every_tool_has_a_schema_of_its_arguments() {
        let tools = tools();
        let tools = tools["tools"].as_array().unwrap();
        assert!(tools.iter().map(|tool| tool["name"].as_str().unwrap()).eq(NAMES));
        for tool in tools {
            assert_eq!(tool["inputSchema"]["type"], "object");
            assert_eq!(tool["annotations"]["readOnlyHint"], true);
        }
    }
}
