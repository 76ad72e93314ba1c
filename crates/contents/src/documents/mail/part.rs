//! A reader over the decoded bytes of an attachment, which decodes line by line up to the end of the part.

use std::io::{self, Read};

use super::Mail;
use super::headers::{Coding, Headers};
use super::lines::Line;
use crate::documents::base64::Base64;

/// An attachment that starts at the next line.
pub(super) struct Attachment<'m, 'c> {
    mail: &'m mut Mail<'c>,
    coding: Coding,
    base64: Base64,
    /// Joins flowed lines, if the body has them.
    flowed: Option<FlowedLines>,
    /// Decoded bytes of the current line. The next field is the number of them that were returned.
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<'m, 'c> Attachment<'m, 'c> {
    /// Creates the reader.
    pub(super) fn new(mail: &'m mut Mail<'c>, headers: &Headers) -> Self {
        let flowed = headers.is_flowed.then(FlowedLines::default);
        let (base64, ready) = (Base64::default(), Vec::new());
        Self { mail, coding: headers.coding, base64, flowed, ready, at: 0, ended: false }
    }

    /// Returns the first bytes: `most`, or fewer if the attachment is shorter.
    pub(super) fn head(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.by_ref().take(most as u64).read_to_end(&mut head)?;
        Ok(head)
    }

    /// Skips the rest.
    pub(super) fn rest(&mut self) -> io::Result<()> {
        while !self.ended {
            self.line(false)?;
        }
        Ok(())
    }

    /// Consumes a line, and decodes it if it is `wanted`.
    fn line(&mut self, wanted: bool) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        if self.mail.end()?.is_some() {
            self.ended = true;
            return Ok(());
        }
        let Some(line) = self.mail.lines.peek()? else {
            self.ended = true;
            return Ok(());
        };
        match self.coding {
            Coding::Uuencode => self.ended = uudecode(line.text, &mut self.ready),
            Coding::Quoted if wanted => unquote(line.text, &mut self.ready),
            _ if wanted => self.base64.push(line.text, &mut self.ready),
            _ => {}
        }
        if let Some(flowed) = &mut self.flowed {
            self.ready = flowed.joined(&self.ready);
        }
        self.mail.consume_line()?;
        if !wanted && self.coding == Coding::Base64 {
            self.mail.skip_plain_lines();
        }
        Ok(())
    }
}

impl Read for Attachment<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !self.ended {
            self.line(true)?;
        }
        let ready = &self.ready[self.at..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.at += count;
        Ok(count)
    }
}

/// Joins lines that end with a space (RFC 3676), without the space: it may be in the middle of a word.
#[derive(Debug, Default)]
struct FlowedLines {
    /// A space, perhaps with a carriage return, that may end a line.
    held: Vec<u8>,
}

impl FlowedLines {
    /// Returns the bytes that are certain after `bytes`.
    fn joined(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() + self.held.len());
        for &byte in bytes {
            match (self.held.as_slice(), byte) {
                ([b' ', ..], b'\n') => self.held.clear(),
                ([b' '], b'\r') => self.held.push(byte),
                _ => {
                    out.append(&mut self.held);
                    if byte == b' ' { self.held.push(byte) } else { out.push(byte) }
                }
            }
        }
        out
    }
}

/// Decodes a line of quoted-printable (RFC 2045, 6.7) and appends the bytes to `out`.
fn unquote(line: &[u8], out: &mut Vec<u8>) {
    let ends = line.ends_with(b"\n");
    let text = if ends { line.trim_ascii_end() } else { line };
    let (text, is_soft) = match text.strip_suffix(b"=") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let digit = |at: usize| text.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let pair = if byte == b'=' { digit(at + 1).zip(digit(at + 2)) } else { None };
        out.push(pair.map_or(byte, |(high, low)| (high << 4 | low) as u8));
        at += if pair.is_some() { 3 } else { 1 };
    }
    if ends && !is_soft {
        out.push(b'\n');
    }
}

/// Returns the file name if the line starts a uuencoded file: `begin 644 a.zip`.
pub(super) fn uuencoded(line: Line<'_>) -> Option<String> {
    let rest = line.text.strip_prefix(b"begin ").filter(|_| line.begins)?;
    let (mode, name) = (rest.get(..3)?, rest.get(3..)?);
    // The mode may have four digits.
    let name = if name.first()?.is_ascii_digit() { &name[1..] } else { name };
    let name = name.strip_prefix(b" ")?.trim_ascii();
    let good = mode.iter().all(u8::is_ascii_digit) && !name.is_empty();
    good.then(|| String::from_utf8_lossy(name).into_owned())
}

/// Decodes a line and appends the bytes to `out`. Returns whether it was the last one.
fn uudecode(line: &[u8], out: &mut Vec<u8>) -> bool {
    let Some((&length, text)) = line.trim_ascii_end().split_first() else { return true };
    if line.starts_with(b"end") || !(b' '..=b'`').contains(&length) {
        return true;
    }
    let length = usize::from((length - b' ') & 63);
    let six = |at: usize| u32::from(text.get(at).map_or(0, |byte| byte.wrapping_sub(b' ') & 63));
    let before = out.len();
    for group in 0..length.div_ceil(3) {
        let bits = (0..4).fold(0, |bits, at| bits << 6 | six(4 * group + at));
        out.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    out.truncate(before + length);
    length == 0
}
