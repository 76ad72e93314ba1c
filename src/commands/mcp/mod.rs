//! `telleaks mcp`: a server of the Model Context Protocol on standard input and output, for clients without hooks.
//!
//! A plain loop over lines: requests are answered one after the other, and a call takes milliseconds. The official SDK for
//! Rust needs an asynchronous runtime, which would be the largest part of this program for no gain.

mod calls;

use std::io::{self, BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Console, Exit};
use crate::cli::McpArgs;
use crate::fault_injection::{self, VERSION};
use crate::mcp::{self, ErrorCode, Message, Request};

/// Maximum length of a line in bytes.
const MAX_LINE: u64 = 64 << 20;

pub(super) fn run(args: &McpArgs, console: &mut Console<'_>) -> Result<Exit> {
    let mut input = io::BufReader::new(fault_injection::input(io::stdin()));
    let mut line = Vec::new();
    loop {
        line.clear();
        (&mut input).take(MAX_LINE).read_until(b'\n', &mut line).context("cannot read standard input")?;
        if line.is_empty() {
            return Ok(Exit::Clean);
        }
        let is_cut = line.last() != Some(&b'\n') && line.len() as u64 == MAX_LINE;
        let answers = match is_cut {
            true => {
                skip_line(&mut input)?;
                vec![mcp::failure(&Value::Null, ErrorCode::Request, "the message is larger than 64 MiB")]
            }
            false => answers(args, &line),
        };
        for answer in answers {
            let written = writeln!(console.out, "{answer}").and_then(|()| console.out.flush());
            if written.is_err() {
                // The client is gone.
                return Ok(Exit::Clean);
            }
        }
    }
}

/// Reads up to the end of a line.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = input.fill_buf()?;
        let end = memchr::memchr(b'\n', bytes);
        let (count, is_end) = (end.map_or(bytes.len(), |at| at + 1), end.is_some() || bytes.is_empty());
        input.consume(count);
        if is_end {
            return Ok(());
        }
    }
}

/// Returns the answers to the messages of a line.
fn answers(args: &McpArgs, line: &[u8]) -> Vec<Value> {
    if line.trim_ascii().is_empty() {
        return Vec::new();
    }
    let answer = |message: Message| match message {
        Message::Request(request) => Some(answer(args, &request)),
        Message::Silent => None,
        Message::Wrong(answer) => Some(answer),
    };
    mcp::messages(line).into_iter().filter_map(answer).collect()
}

fn answer(args: &McpArgs, request: &Request) -> Value {
    let Request { id, method, params } = request;
    match method.as_str() {
        "initialize" => mcp::success(id, &mcp::welcome(params, VERSION)),
        "ping" => mcp::success(id, &json!({})),
        "tools/list" => mcp::success(id, &mcp::tools()),
        "tools/call" => {
            let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
            let arguments = params.get("arguments").and_then(Value::as_object).cloned().unwrap_or_default();
            let Some(call) = calls::named(name) else {
                return mcp::failure(id, ErrorCode::Params, "there is no tool of this name");
            };
            let called = catch_unwind(AssertUnwindSafe(|| call(args, &arguments)));
            let result = match called {
                Ok(Ok(result)) => result,
                Ok(Err(error)) => calls::failed(args, &format!("{error:#}")),
                Err(_) => mcp::refused("internal error; please report it"),
            };
            mcp::success(id, &result)
        }
        _ => mcp::failure(id, ErrorCode::Method, "there is no method of this name"),
    }
}
