//! Terminal recordings in the format asciicast v1: one JSON object whose member `stdout` is an array of pairs of a delay and
//! a text, in one line or printed over many.

use super::{Joiner, Terminal, mix};

/// The member with the output.
const OUTPUT: &[u8] = b"\"stdout\"";
/// Number of bytes at the start of a recording in which its members are named.
const SNIFFED_BYTES: usize = 2 << 10;
/// Hash of the stream of the output.
const STREAM: u64 = 16;

/// Where the reader is in the array of pairs.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Number of brackets that are open; 0 outside of the array.
    depth: u32,
    /// Whether the last value was a number.
    number: bool,
}

/// Returns whether content that starts with `head` is a terminal recording in JSON, of any version.
pub(super) fn is_recording(head: &[u8]) -> bool {
    let start = &head[..head.len().min(SNIFFED_BYTES)];
    let Some(members) = start.strip_prefix(b"{") else { return false };
    let has = |word: &[u8]| memchr::memmem::find(start, word).is_some();
    let is_first = || members.starts_with(b"\"version\"") && (has(b"}\n[") || has(b"}\r\n["));
    (has(b"\"width\"") || has(b"\"term\"")) && (is_first() || has(b"\"version\"") && has(OUTPUT))
}

impl Joiner {
    /// Reads a line that may be a part of the array of pairs.
    pub(super) fn cast(&mut self, line: &[u8]) {
        let mut at = 0;
        if self.output.depth == 0 {
            // The whole recording in one line, or printed.
            let is_whole = line.starts_with(b"{\"version\"");
            if !is_whole && !line.trim_ascii_start().starts_with(OUTPUT) {
                return;
            }
            let Some(name) = memchr::memmem::find(line, OUTPUT) else { return };
            at = name + OUTPUT.len();
        }
        while let Some(&byte) = line.get(at) {
            match byte {
                b'[' => self.output.depth += 1,
                b']' => {
                    self.output.depth = self.output.depth.saturating_sub(1);
                    if self.output.depth == 0 {
                        return;
                    }
                }
                b'0'..=b'9' => self.output.number = true,
                b'"' => {
                    let length = super::recorded::string_end(&line[at + 1..], b'"');
                    let length = length.unwrap_or(line.len() - at - 1);
                    if std::mem::take(&mut self.output.number) && self.output.depth == 2 {
                        let range = at + 1..at + 1 + length;
                        self.string(mix(STREAM, b"o"), line, range, Some(Terminal::default()));
                    }
                    at += length + 1;
                }
                b' ' | b'\t' | b',' | b':' | b'.' | b'-' | b'+' | b'e' | b'E' | b'\r' => {}
                _ => {
                    self.output.depth = 0;
                    return;
                }
            }
            at += 1;
        }
    }
}
