//! Computes the path of a byte offset in a JSON document, for display.
//!
//! One pass over the bytes with a stack of the open lists and objects; builds no tree and keeps no values. Not a
//! validator: documents are expected to be well-formed up to the offset. Hence not `json-spanned-value` or
//! `jsonc-parser`, which build a tree and refuse a document that is damaged after it.

mod format;

use std::ops::Range;

use memchr::memchr2;

/// Maximum nesting of lists and objects.
const MAX_DEPTH: usize = 512;

/// One step from a list or an object to a value in it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// 0-based.
    Index(u64),
    /// Span of the key, without its quotes.
    Key(Range<usize>),
}

/// A list or an object that is open.
#[derive(Debug, Clone)]
struct Level {
    /// The step to the current value.
    step: Step,
    /// Span of the value of its member `name`, if that is a string.
    name: Option<Range<usize>>,
    /// The same for `cell_type`.
    cell: Option<Range<usize>>,
}

impl Level {
    /// Copies the names that were read of the same list or object later.
    fn take_names(&mut self, later: Self) {
        self.name = later.name;
        self.cell = later.cell;
    }
}

/// The levels around an offset, outermost first. The last step leads to the value at the offset.
type Path = Vec<Level>;

/// Returns the path of the byte at `offset` in a JSON document: `cells[3].outputs[0].text[2]`. Jupyter notebooks have a
/// path of their own, `cell 4 (code), output 1`, and Postman exports use the names of the requests, `Messages › Send
/// SMS › request.header[0].value`. For an offset in a key, or between the values of a list or an object, returns the
/// path of that list or object.
///
/// In a sequence of documents, as in JSON lines, the path is relative to its document. Keys longer than 32 characters
/// are clipped. Returns `None` if the document is not JSON up to the offset, if the offset is nested more than 512
/// levels deep, or if it is outside any list or object.
pub fn place_in_json(content: &[u8], offset: usize) -> Option<String> {
    let at = if content.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let first = content.get(at..)?.trim_ascii_start().first()?;
    if offset >= content.len() || !matches!(first, b'{' | b'[') {
        return None;
    }
    let mut walk = Walk { content, at, offset, open: Vec::new(), found: None, live: 0 };
    // Damage after the offset does not matter.
    while walk.found.is_none() && walk.document().is_some() {}
    let Walk { found, open, live, .. } = walk;
    let mut trail = found?;
    for (known, level) in trail.iter_mut().zip(open).take(live) {
        known.take_names(level);
    }
    (!trail.is_empty()).then(|| format::display(content, &trail))
}

/// The pass over the document.
struct Walk<'c> {
    content: &'c [u8],
    at: usize,
    offset: usize,
    open: Vec<Level>,
    found: Option<Path>,
    /// Number of levels of the found path that are still open.
    live: usize,
}

impl Walk<'_> {
    /// Parses one document, until the path is complete. Returns `None` at the end of the input or at a syntax error.
    fn document(&mut self) -> Option<()> {
        loop {
            self.value()?;
            if self.done() {
                return None;
            }
            while self.follow()? {
                if self.open.is_empty() {
                    return Some(());
                }
            }
        }
    }

    /// Returns whether the path is found, with every name that it needs.
    fn done(&self) -> bool {
        let Some(found) = &self.found else { return false };
        self.open.len() <= 2 || !format::needs_names(self.content, found)
    }

    /// Parses a value; of lists and objects, up to their first value.
    fn value(&mut self) -> Option<()> {
        loop {
            let start = self.blank()?;
            let byte = self.peek()?;
            match byte {
                b'{' | b'[' => {
                    self.at += 1;
                    self.note(start, true);
                    if self.open.len() >= MAX_DEPTH {
                        return None;
                    }
                    let step = if byte == b'[' { Step::Index(0) } else { Step::Key(0..0) };
                    self.open.push(Level { step, name: None, cell: None });
                    self.blank()?;
                    if self.peek()? == byte + 2 {
                        return Some(());
                    }
                    if byte == b'{' {
                        self.key()?;
                    }
                }
                b'"' => {
                    let text = self.string()?;
                    self.name(text);
                    self.note(start, true);
                    return Some(());
                }
                _ => {
                    let word = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                    self.at += self.content[start..].iter().take_while(word).count();
                    self.note(start, true);
                    return (self.at > start && !self.open.is_empty()).then_some(());
                }
            }
        }
    }

    /// Parses the token after a value. Returns true if a list or an object ended, false if a value follows.
    fn follow(&mut self) -> Option<bool> {
        let start = self.blank()?;
        let byte = self.peek()?;
        let level = self.open.last_mut()?;
        match (byte, &mut level.step) {
            (b',', Step::Index(index)) => {
                *index += 1;
                self.at += 1;
                self.note(start, false);
                Some(false)
            }
            (b',', Step::Key(_)) => {
                self.at += 1;
                self.note(start, false);
                self.blank()?;
                self.key()?;
                Some(false)
            }
            (b']', Step::Index(_)) | (b'}', Step::Key(_)) => {
                self.at += 1;
                self.note(start, false);
                self.close();
                if self.done() { None } else { Some(true) }
            }
            _ => None,
        }
    }

    /// Closes the innermost level, and copies its names to the found path.
    fn close(&mut self) {
        let depth = self.open.len().wrapping_sub(1);
        let Some(level) = self.open.pop() else { return };
        if depth < self.live {
            self.live = depth;
            if let Some(known) = self.found.as_mut().and_then(|found| found.get_mut(depth)) {
                known.take_names(level);
            }
        }
    }

    /// Parses a key and its colon.
    fn key(&mut self) -> Option<()> {
        let key = self.string()?;
        let start = self.blank()?;
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        self.note(start, false);
        self.open.last_mut()?.step = Step::Key(key);
        Some(())
    }

    /// Records the value of a member that names its object.
    fn name(&mut self, value: Range<usize>) {
        let Some(level) = self.open.last_mut() else { return };
        let Step::Key(key) = &level.step else { return };
        match self.content.get(key.clone()) {
            Some(b"name") => level.name = Some(value),
            Some(b"cell_type") => level.cell = Some(value),
            _ => {}
        }
    }

    /// Records the path if the token that started at `start` has just passed the offset. `value`: the token is a value,
    /// or starts one.
    fn note(&mut self, start: usize, value: bool) {
        if self.found.is_some() || self.offset >= self.at {
            return;
        }
        let depth = self.open.len();
        let inside = value && self.offset >= start;
        self.live = if inside { depth } else { depth.saturating_sub(1) };
        self.found = Some(self.open[..self.live].to_vec());
    }

    /// Skips blanks. Returns the offset after them.
    fn blank(&mut self) -> Option<usize> {
        let rest = self.content.get(self.at..)?;
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        Some(self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.content.get(self.at).copied()
    }

    /// Parses a string. Returns its span without the quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        loop {
            at += memchr2(b'"', b'\\', self.content.get(at..)?)?;
            if self.content[at] == b'"' {
                self.at = at + 1;
                return Some(start..at);
            }
            at += 2;
        }
    }
}
