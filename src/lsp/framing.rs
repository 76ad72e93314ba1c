//! Messages as the protocol frames them: headers, an empty line, and JSON.
//!
//! A message that cannot be read is answered with an error and does not end the session. The reader of `lsp-server`
//! ends it, and quotes the message in its error.

use std::io::{self, BufRead, Read, Write};

use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};

/// Maximum length of a header in bytes.
const MAX_HEADER: u64 = 4 << 10;
/// Maximum length of a message in bytes.
const MAX_BODY: u64 = 256 << 20;

/// A message from the client.
#[derive(Debug)]
pub enum Incoming {
    /// A request, a notification or an answer.
    Message(Message),
    /// The answer to a message that cannot be read.
    Wrong(Value),
    /// An answer that cannot be read, and that needs no answer.
    Silent,
}

/// Reads the next message; `None` at the end of the input.
///
/// # Errors
/// Returns the I/O error.
pub fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        input.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let header = line.trim_ascii();
        if header.is_empty() {
            match length {
                Some(length) => return body(input, length),
                None => continue,
            }
        }
        let Some((name, value)) = std::str::from_utf8(header).ok().and_then(|text| text.split_once(':'))
        else {
            return Ok(Some(wrong(&Value::Null, ErrorCode::ParseError, "a line is not a header")));
        };
        if name.trim().eq_ignore_ascii_case("content-length") {
            match value.trim().parse() {
                Ok(number) => length = Some(number),
                Err(_) => {
                    let why = "Content-Length is not a number";
                    return Ok(Some(wrong(&Value::Null, ErrorCode::ParseError, why)));
                }
            }
        }
    }
}

fn body(input: &mut impl BufRead, length: u64) -> io::Result<Option<Incoming>> {
    let mut bytes = Vec::new();
    let read = input.by_ref().take(length.min(MAX_BODY)).read_to_end(&mut bytes)? as u64;
    if length > MAX_BODY && read == MAX_BODY {
        io::copy(&mut input.by_ref().take(length - MAX_BODY), &mut io::sink())?;
        let why = "the message is larger than 256 MiB";
        return Ok(Some(wrong(&Value::Null, ErrorCode::InvalidRequest, why)));
    }
    // The input ended in the message.
    Ok((read == length).then(|| parsed(&bytes)))
}

fn parsed(bytes: &[u8]) -> Incoming {
    if let Ok(message) = serde_json::from_slice(bytes) {
        return Incoming::Message(message);
    }
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return wrong(&Value::Null, ErrorCode::ParseError, "the message is not JSON");
    };
    let is_answer = ["result", "error"].iter().any(|name| value.get(name).is_some());
    match value.get("id").filter(|id| id.is_number() || id.is_string()) {
        _ if is_answer => Incoming::Silent,
        Some(id) => wrong(id, ErrorCode::InvalidRequest, "this is not a request"),
        None => wrong(&Value::Null, ErrorCode::InvalidRequest, "this is not a message of the protocol"),
    }
}

fn wrong(id: &Value, code: ErrorCode, why: &str) -> Incoming {
    Incoming::Wrong(json!({"jsonrpc": "2.0", "id": id, "error": {"code": code as i32, "message": why}}))
}

/// Writes a message.
///
/// # Errors
/// Returns the I/O error.
pub fn write(out: &mut dyn Write, message: &Value) -> io::Result<()> {
    let text = message.to_string();
    write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8]) -> Vec<String> {
        let mut input = input;
        let mut out = Vec::new();
        while let Some(one) = read(&mut input).unwrap() {
            out.push(match one {
                Incoming::Message(Message::Request(one)) => one.method,
                Incoming::Message(_) => "other".to_owned(),
                Incoming::Wrong(answer) => format!("{} {}", answer["id"], answer["error"]["code"]),
                Incoming::Silent => "silent".to_owned(),
            });
        }
        out
    }

    fn framed(text: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    }

    #[test]
    fn messages_after_malformed_ones_are_read() {
        let good = framed(r#"{"jsonrpc":"2.0","id":1,"method":"m"}"#);
        for (bad, answer) in [
            (framed("{"), Some("null -32700")),
            (framed("[1]"), Some("null -32600")),
            (framed(r#"{"id":7,"method":3}"#), Some("7 -32600")),
            (framed(r#"{"id":[],"result":3}"#), Some("silent")),
            ("garbage\r\n".to_owned(), Some("null -32700")),
            ("Content-Length: x\r\n".to_owned(), Some("null -32700")),
            ("\r\n\r\n".to_owned(), None),
            ("Content-Type: a\r\n".to_owned(), None),
        ] {
            let expected: Vec<&str> = answer.into_iter().chain(["m"]).collect();
            assert_eq!(all(format!("{bad}{good}").as_bytes()), expected, "{bad}");
        }
    }

    #[test]
    fn cut_and_huge_messages() {
        assert!(all(b"Content-Length: 9\r\n\r\n{}").is_empty());
        assert!(all(b"Content-Length: 99999999999999\r\n\r\n{}").is_empty());
        assert_eq!(all(&[b'x'; 9000]), ["null -32700"; 3]);
    }
}
