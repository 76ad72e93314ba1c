//! The headers of a mail or of a part, as far as they describe the encoding of the body.

use std::io;

use super::{Mail, parameters};

/// Maximum bytes kept of a header with its continuation lines.
const MAX_HEADER_BYTES: usize = 16 << 10;
/// Maximum bytes of the decoded texts of all headers.
const MAX_TEXTS_BYTES: usize = 64 << 10;
/// Bytes at the start of an input that are used to detect a mail.
const SNIFF_BYTES: usize = 16 << 10;

/// The transfer encoding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Coding {
    /// Plain, or an encoding in which a container cannot be hidden.
    #[default]
    Plain,
    /// base64.
    Base64,
    /// quoted-printable.
    Quoted,
    /// uuencode, which occurs in a body without a header.
    Uuencode,
}

/// The parsed headers.
#[derive(Debug, Default)]
pub(super) struct Headers {
    pub(super) coding: Coding,
    /// The boundary, if it is a multipart.
    pub(super) boundary: Option<Vec<u8>>,
    /// The file name.
    pub(super) name: Option<String>,
    /// Whether lines that end with a space continue on the next line (RFC 3676).
    pub(super) is_flowed: bool,
    /// The media type in lower case.
    kind: String,
    /// Texts that are encoded in several parts: adjacent encoded words, segments of a parameter; each on a line.
    pub(super) texts: String,
}

impl Headers {
    /// Returns whether the body is a mail.
    pub(super) fn is_message(&self) -> bool {
        matches!(self.kind.as_str(), "message/rfc822" | "message/global" | "message/news")
    }

    /// Returns whether the reader of the body joins what its text separates: by markup, or over lines.
    pub(super) fn has_runs(&self) -> bool {
        matches!(self.kind.as_str(), "text/html" | "application/xhtml+xml") || self.is_flowed
    }

    /// Returns the headers of a uuencoded file, which has only a name.
    pub(super) fn of_uuencoded(name: String) -> Self {
        Self { coding: Coding::Uuencode, name: Some(name), ..Self::default() }
    }

    fn take(&mut self, header: &[u8]) {
        let text = String::from_utf8_lossy(header);
        let Some((name, value)) = text.split_once(':') else { return };
        let value = value.trim();
        self.take_text(value);
        match name.trim().to_ascii_lowercase().as_str() {
            "content-type" => {
                self.kind = value.split([';', ' ', '\t']).next().unwrap_or_default().to_ascii_lowercase();
                if self.kind.starts_with("multipart/") {
                    let boundary = parameters::parameter(value, "boundary").filter(|text| !text.is_empty());
                    self.boundary = boundary.map(String::into_bytes);
                }
                self.is_flowed = self.kind == "text/plain"
                    && parameters::parameter(value, "format")
                        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
                self.name = self.name.take().or_else(|| parameters::parameter(value, "name"));
            }
            "content-transfer-encoding" => match value.to_ascii_lowercase().as_str() {
                "base64" => self.coding = Coding::Base64,
                "quoted-printable" => self.coding = Coding::Quoted,
                "x-uuencode" | "x-uue" | "uuencode" => self.coding = Coding::Plain,
                _ => {}
            },
            "content-disposition" => {
                self.name = parameters::parameter(value, "filename").or_else(|| self.name.take());
            }
            _ => {}
        }
    }

    /// Adds the text of a header, if it is encoded in several parts.
    fn take_text(&mut self, value: &str) {
        let mut texts = Vec::new();
        if value.match_indices("=?").nth(1).is_some() {
            texts.push(parameters::decoded(value));
        }
        if value.contains("*0") {
            texts.append(&mut parameters::continued(value));
        }
        for text in texts {
            if self.texts.len() + text.len() < MAX_TEXTS_BYTES {
                self.texts.push_str(&text);
                self.texts.push('\n');
            }
        }
    }
}

/// Parses the headers and the empty line after them, or up to the end of the part.
pub(super) fn read(mail: &mut Mail<'_>) -> io::Result<Headers> {
    let (mut headers, mut current) = (Headers::default(), Vec::new());
    mail.after_blank = false;
    while mail.end()?.is_none() {
        let Some(line) = mail.lines.peek()? else { break };
        let blank = line.begins && line.text.trim_ascii().is_empty();
        if !blank && line.begins && !matches!(line.text.first(), Some(b' ' | b'\t')) {
            headers.take(&current);
            current.clear();
        }
        let text = line.text.trim_ascii_end();
        current.extend_from_slice(&text[..text.len().min(MAX_HEADER_BYTES.saturating_sub(current.len()))]);
        mail.lines.next();
        if blank {
            break;
        }
    }
    headers.take(&current);
    headers.name = headers.name.filter(|name| !name.is_empty());
    Ok(headers)
}

/// Returns whether a line starts a message of a mailbox: `From ada@example.org Fri Jul  8 12:08:34 2011`, recognized by
/// the colons of the time.
pub(super) fn is_from_line(line: &[u8]) -> bool {
    line.starts_with(b"From ") && line.contains(&b':')
}

/// Header names that are common in mails and rare elsewhere.
const MAIL_HEADERS: [&str; 13] = [
    "from",
    "to",
    "date",
    "message-id",
    "received",
    "return-path",
    "delivered-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "subject",
    "in-reply-to",
    "x-mozilla-status",
];

/// Returns whether `text` starts like a mail or a mailbox: only headers up to the first empty line, of which at least
/// three are in [`MAIL_HEADERS`]; with `named` (a file name typical for mails), one suffices.
pub(in crate::documents) fn is_mail(text: &[u8], named: bool) -> bool {
    let mut text = &text[..text.len().min(SNIFF_BYTES)];
    if text.starts_with(b"From ") {
        let Some(end) = memchr::memchr(b'\n', text) else { return false };
        if !is_from_line(&text[..end]) {
            return false;
        }
        text = &text[end + 1..];
    }
    let least = if named { 1 } else { 3 };
    let mut known = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let whole = line.ends_with(b"\n");
        let line = line.trim_ascii_end();
        if line.is_empty() || !whole {
            break;
        }
        if matches!(line[0], b' ' | b'\t') {
            continue;
        }
        let Some(name) = header_name(line) else { return false };
        known += usize::from(MAIL_HEADERS.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes())));
    }
    known >= least
}

fn header_name(line: &[u8]) -> Option<&[u8]> {
    let name = &line[..line.iter().take(80).position(|&byte| byte == b':')?];
    let good = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (!name.is_empty() && name.iter().all(good)).then_some(name)
}
