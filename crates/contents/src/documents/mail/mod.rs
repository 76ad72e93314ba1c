//! Mails and mailboxes (RFC 5322, MIME, mbox, MHTML): extracts the attachments whose decoded bytes are a container, and
//! encoded bodies whose reader joins runs of text (HTML, flowed lines), and texts of headers that are encoded in several parts.
//!
//! Reads line by line in bounded memory; a mailbox may be larger than memory. Text, and base64 of other content, is
//! found by the scan of the raw bytes. Own parser and not `mail-parser`, which needs a whole message in memory.

mod headers;
mod lines;
mod parameters;
mod part;

use std::io::{self, Cursor};

use self::headers::{Coding, Headers};
use self::lines::Lines;
use self::part::Attachment;
use super::is_container;
use crate::input::{Content, Stream};
use crate::unpack::{Budget, Opened, Sink};

pub(super) use headers::is_mail;

/// Maximum nesting of multiparts.
const MAX_MULTIPART_DEPTH: usize = 64;
/// Maximum length of a boundary, in bytes (RFC 2046 allows 70).
const MAX_BOUNDARY_BYTES: usize = 256;
/// Bytes decoded to detect the format of an attachment.
const SNIFF_BYTES: usize = 2 << 10;

/// Hands over the attachments that are containers or mails.
///
/// # Errors
/// Returns an error if the input cannot be read, or if a limit is exceeded.
pub(super) fn extract(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut mail = Mail::new(input);
    if mail.lines.peek()?.is_some_and(|line| headers::is_from_line(line.text)) {
        mail.mailbox = true;
        mail.message = 1;
        mail.lines.next();
    }
    while mail.part(budget, sink)? {}
    Ok(())
}

/// The kind of line that ends a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The boundary of this nesting depth; another part follows.
    Part(usize),
    /// The closing boundary of this nesting depth.
    Last(usize),
    /// The next message of a mailbox.
    Message,
}

/// The state of the parser.
struct Mail<'c> {
    lines: Lines<'c>,
    /// Boundaries of the open multiparts, outermost first.
    boundaries: Vec<Vec<u8>>,
    mailbox: bool,
    /// Number of the message in a mailbox, starting at 1.
    message: u64,
    /// Number of parts of the message so far.
    parts: u64,
    /// Whether the previous line was empty.
    after_blank: bool,
    /// Whether the excessive nesting was reported.
    too_deep: bool,
}

impl<'c> Mail<'c> {
    fn new(input: &'c mut dyn Content) -> Self {
        Self {
            lines: Lines::new(input),
            boundaries: Vec::new(),
            mailbox: false,
            message: 0,
            parts: 0,
            after_blank: false,
            too_deep: false,
        }
    }

    /// Parses headers and the body, up to the next headers. Returns false at the end.
    fn part(&mut self, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<bool> {
        let headers = headers::read(self)?;
        self.after_blank = true;
        self.hand_over_texts(&headers, budget, sink)?;
        if let Some(boundary) = &headers.boundary {
            if boundary.len() > MAX_BOUNDARY_BYTES || self.boundaries.len() >= MAX_MULTIPART_DEPTH {
                if !self.too_deep {
                    sink.unseen(
                        "",
                        "multiparts are nested too deep; their content was scanned as plain text",
                    );
                }
                self.too_deep = true;
            } else {
                self.boundaries.push(boundary.clone());
            }
            return self.text(&headers, budget, sink);
        }
        let wrapped = headers.is_message();
        if wrapped && headers.coding == Coding::Plain {
            // The headers of the inner mail follow.
            return Ok(self.lines.peek()?.is_some());
        }
        self.parts += 1;
        if headers.coding == Coding::Base64 || headers.coding == Coding::Quoted && headers.has_runs() {
            self.attachment(&headers, wrapped, budget, sink)?;
        }
        self.text(&headers, budget, sink)
    }

    /// Hands over the texts of headers that are encoded in several parts.
    fn hand_over_texts(&self, headers: &Headers, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
        if headers.texts.is_empty() {
            return Ok(());
        }
        budget.entry()?;
        let name =
            if self.mailbox { format!("message {}/headers", self.message) } else { "headers".to_owned() };
        sink.member(&name, &mut Cursor::new(headers.texts.as_bytes()));
        Ok(())
    }

    /// Reads up to the next headers, and hands over uuencoded files in between.
    fn text(&mut self, headers: &Headers, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<bool> {
        while self.lines.peek()?.is_some() {
            if let Some(end) = self.end()? {
                self.lines.next();
                match end {
                    End::Part(depth) => {
                        self.boundaries.truncate(depth + 1);
                        return Ok(true);
                    }
                    End::Last(depth) => self.boundaries.truncate(depth),
                    End::Message => {
                        self.boundaries.clear();
                        self.message += 1;
                        self.parts = 0;
                        return Ok(true);
                    }
                }
                continue;
            }
            let uuencoded = self.lines.peek()?.and_then(part::uuencoded);
            self.consume_line()?;
            match uuencoded.filter(|_| headers.coding != Coding::Base64) {
                Some(name) => {
                    let headers = Headers::of_uuencoded(name);
                    self.parts += 1;
                    self.attachment(&headers, false, budget, sink)?;
                }
                None => self.skip_plain_lines(),
            }
        }
        Ok(false)
    }

    /// Hands over the attachment that starts here, if it is a container or a mail.
    fn attachment(
        &mut self,
        headers: &Headers,
        wrapped: bool,
        budget: &Budget<'_>,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        let mut name = headers.name.clone().unwrap_or_else(|| format!("part-{}", self.parts));
        if wrapped && headers.name.is_none() {
            name.push_str(".eml");
        }
        let shown = if self.mailbox { format!("message {}/{name}", self.message) } else { name.clone() };
        let mut attachment = Attachment::new(self, headers);
        let head = attachment.head(SNIFF_BYTES)?;
        if wrapped || headers.has_runs() || is_container(&head, &name) {
            budget.entry()?;
            sink.member(&shown, &mut Opened::new(&head, &mut Stream(&mut attachment)));
        }
        attachment.rest()
    }

    /// Returns how the next line ends a part, if it does.
    fn end(&mut self) -> io::Result<Option<End>> {
        let Some(line) = self.lines.peek()?.filter(|line| line.begins) else { return Ok(None) };
        if self.mailbox && self.after_blank && headers::is_from_line(line.text) {
            return Ok(Some(End::Message));
        }
        let Some(text) = line.text.strip_prefix(b"--") else { return Ok(None) };
        let text = text.trim_ascii_end();
        let last = text.strip_suffix(b"--");
        let found = self.boundaries.iter().enumerate().rev().find_map(|(depth, boundary)| {
            if text == boundary.as_slice() {
                Some(End::Part(depth))
            } else {
                (last == Some(boundary.as_slice())).then_some(End::Last(depth))
            }
        });
        Ok(found)
    }

    /// Skips lines without a meaning for the structure.
    fn skip_plain_lines(&mut self) {
        if let Some(empty) = self.lines.skip_plain_lines() {
            self.after_blank = empty;
        }
    }

    /// Consumes the next line.
    fn consume_line(&mut self) -> io::Result<()> {
        self.after_blank = self.lines.peek()?.is_some_and(|line| line.text.trim_ascii().is_empty());
        self.lines.next();
        Ok(())
    }
}
