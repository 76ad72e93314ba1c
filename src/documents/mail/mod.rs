//! Mails and mailboxes (RFC 5322, MIME, mbox, MHTML): attachments whose decoded bytes are a container.
//!
//! Line by line, in bounded memory; a mailbox may be larger than memory. Texts, and base64 of anything else, stand
//! in the raw bytes in a form that a search reads there.

mod headers;
mod lines;
mod part;
mod words;

use std::io;

use self::headers::{Coding, Headers};
use self::lines::Lines;
use self::part::Attachment;
use super::is_container;
use crate::content::{Content, Stream};
use crate::unpack::{Budget, Opened, Sink};

pub(super) use headers::is_mail;

/// How many multiparts may lie one in another, and how many characters their boundaries may have (RFC 2046: 70).
const DEPTH: usize = 64;
/// See [`DEPTH`].
const LONGEST_BOUNDARY: usize = 256;
/// Bytes that are decoded to tell what an attachment is.
const HEAD: usize = 2 << 10;

/// Hands over the attachments that hold something.
///
/// # Errors
/// The input cannot be read, or the budget is spent.
pub(super) fn hidden(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut mail = Mail::new(input);
    if mail.lines.peek()?.is_some_and(|line| headers::is_from_line(line.text)) {
        mail.mailbox = true;
        mail.message = 1;
        mail.lines.next();
    }
    while mail.part(budget, sink)? {}
    Ok(())
}

/// What ends a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// A boundary with this depth; a part follows.
    Part(usize),
    /// The last boundary with this depth.
    Last(usize),
    /// The next message of a mailbox.
    Message,
}

/// The reading of a mail.
struct Mail<'c> {
    lines: Lines<'c>,
    /// Boundaries of the multiparts that are open, outermost first.
    boundaries: Vec<Vec<u8>>,
    mailbox: bool,
    /// Counted from 1 in a mailbox.
    message: u64,
    /// Parts of the message so far.
    parts: u64,
    /// Whether the line before was empty.
    after_blank: bool,
    /// Whether it was told that multiparts lie too deep.
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

    /// Reads headers and what follows them up to the next headers. False at the end.
    fn part(&mut self, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<bool> {
        let headers = headers::read(self)?;
        self.after_blank = true;
        if let Some(boundary) = &headers.boundary {
            if boundary.len() > LONGEST_BOUNDARY || self.boundaries.len() >= DEPTH {
                if !self.too_deep {
                    sink.unseen("", "multiparts lie too deep; what they hold was read as text only");
                }
                self.too_deep = true;
            } else {
                self.boundaries.push(boundary.clone());
            }
            return self.text(&headers, budget, sink);
        }
        let wrapped = headers.is_message();
        if wrapped && headers.coding == Coding::Plain {
            // Its own headers come next.
            return Ok(self.lines.peek()?.is_some());
        }
        self.parts += 1;
        if headers.coding == Coding::Base64 {
            self.attachment(&headers, wrapped, (budget, sink))?;
        }
        self.text(&headers, budget, sink)
    }

    /// Reads on to the next headers. On the way there may be uuencoded files.
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
            self.pass()?;
            match uuencoded.filter(|_| headers.coding == Coding::Plain) {
                Some(name) => {
                    let headers = Headers::of_uuencoded(name);
                    self.parts += 1;
                    self.attachment(&headers, false, (budget, sink))?;
                }
                None => self.pass_dull(),
            }
        }
        Ok(false)
    }

    /// Hands over the attachment that begins here, if it holds something.
    fn attachment(
        &mut self,
        headers: &Headers,
        wrapped: bool,
        (budget, sink): (&Budget<'_>, &mut dyn Sink),
    ) -> io::Result<()> {
        let mut name = headers.name.clone().unwrap_or_else(|| format!("part-{}", self.parts));
        if wrapped && headers.name.is_none() {
            name.push_str(".eml");
        }
        let shown = if self.mailbox { format!("message {}/{name}", self.message) } else { name.clone() };
        let mut attachment = Attachment::new(self, headers.coding);
        let head = attachment.head(HEAD)?;
        if wrapped || is_container(&head, &name) {
            budget.entry()?;
            sink.member(&shown, &mut Opened::new(&head, &mut Stream(&mut attachment)));
        }
        attachment.rest()
    }

    /// What ends a part with the line that comes next, if it does.
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

    /// Passes over lines that cannot matter.
    fn pass_dull(&mut self) {
        if let Some(empty) = self.lines.pass_dull() {
            self.after_blank = empty;
        }
    }

    /// Takes the next line.
    fn pass(&mut self) -> io::Result<()> {
        self.after_blank = self.lines.peek()?.is_some_and(|line| line.text.trim_ascii().is_empty());
        self.lines.next();
        Ok(())
    }
}
