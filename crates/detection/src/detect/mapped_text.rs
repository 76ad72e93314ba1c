//! Decoded bytes with their raw offsets.

use super::byte_set::Class;
use super::{escapes, separators};
use crate::finding::Encoding;
use std::ops::Range;

/// A sequence of decoded bytes, each with its raw range.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    bytes: Vec<u8>,
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// What was decoded: the passes from the first (outermost) to the last, each sorted by raw offset.
    edits: Vec<Edit>,
    /// Index in `edits` at which each pass starts.
    passes: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Edit {
    from: u32,
    to: u32,
    kind: Encoding,
    times: u8,
}

impl View {
    /// Creates a view of `raw` without decoding.
    pub(crate) fn identity(raw: &[u8]) -> Self {
        let length = raw.len() as u32;
        Self {
            bytes: raw.to_vec(),
            starts: (0..length).collect(),
            ends: (1..=length).collect(),
            edits: Vec::new(),
            passes: Vec::new(),
        }
    }

    /// Creates an empty view with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
            starts: Vec::with_capacity(capacity),
            ends: Vec::with_capacity(capacity),
            edits: Vec::new(),
            passes: Vec::new(),
        }
    }

    /// Appends a decoded byte with its raw range `from..to`.
    pub(crate) fn push(&mut self, byte: u8, from: usize, to: usize) {
        self.bytes.push(byte);
        self.starts.push(from as u32);
        self.ends.push(to as u32);
    }

    /// Returns the decoded bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the raw offset of the decoded byte at `index`, or the raw end of the view after the last one.
    pub(crate) fn start(&self, index: usize) -> usize {
        self.starts.get(index).or(self.ends.last()).map_or(0, |&at| at as usize)
    }

    /// Returns the raw range of a range of decoded bytes.
    pub(crate) fn raw(&self, span: &Range<usize>) -> Range<usize> {
        let Some(last) = span.end.checked_sub(1).filter(|&last| last < self.ends.len() && span.start <= last)
        else {
            return self.start(span.start)..self.start(span.start);
        };
        // A reversed view runs backwards through the raw bytes.
        let (first, last) =
            ((self.starts[span.start], self.ends[span.start]), (self.starts[last], self.ends[last]));
        first.0.min(last.0) as usize..first.1.max(last.1) as usize
    }

    /// Returns the index of the first decoded byte at or after raw offset `at`.
    pub(crate) fn index_of(&self, at: usize) -> usize {
        // The raw offset minus the index is the number of raw bytes left out before: at least none and at most all.
        let left_out = self.end().saturating_sub(self.starts.len());
        let (low, high) = (at.saturating_sub(left_out), at.min(self.starts.len()));
        let low = low.min(high);
        low + self.starts[low..high].partition_point(|&start| (start as usize) < at)
    }

    /// Returns the raw range of the decoded byte at `index`, which must exist.
    pub(crate) fn place(&self, index: usize) -> (usize, usize) {
        (self.starts[index] as usize, self.ends[index] as usize)
    }

    /// Returns the raw end of the view.
    pub(crate) fn end(&self) -> usize {
        self.ends.first().max(self.ends.last()).map_or(0, |&end| end as usize)
    }

    /// Returns the number of decoded escapes and separators.
    pub(crate) fn edit_count(&self) -> usize {
        self.edits.len()
    }

    /// Returns the encodings that were decoded in the raw range `span`, outermost first, each as often as it was
    /// applied.
    pub(crate) fn encodings(&self, span: &Range<usize>) -> Vec<Encoding> {
        let mut out: Vec<(Encoding, u8)> = Vec::new();
        for edit in self.passes().flat_map(|pass| inside(pass, span)) {
            match out.iter_mut().find(|(kind, _)| *kind == edit.kind) {
                Some((_, times)) => *times = (*times).max(edit.times),
                None => out.push((edit.kind, edit.times)),
            }
        }
        out.into_iter().flat_map(|(kind, times)| std::iter::repeat_n(kind, usize::from(times))).collect()
    }

    /// Decodes escapes repeatedly while there are any (text escaped twice in different ways), at most three times.
    pub(crate) fn unescaped(mut self, quoted_printable: bool) -> Self {
        for _ in 0..3 {
            let Some(next) = self.unescape_once(quoted_printable) else { break };
            self = next;
        }
        self
    }

    /// Decodes each escape once. Returns `None` if there are none.
    fn unescape_once(&self, quoted_printable: bool) -> Option<Self> {
        let mut escapes = (0..self.bytes.len())
            .filter(|&at| escapes::starts(self.bytes[at]))
            .filter_map(|at| Some((at, escapes::step(&self.bytes, at, quoted_printable)?)))
            .peekable();
        escapes.peek()?;
        let mut out = self.begin_pass();
        let mut done = 0;
        for (at, step) in escapes {
            // The characters of an escape do not start another one.
            if at < done {
                continue;
            }
            out.keep_all(self, done..at);
            out.keep(self, at..step.end, step.byte);
            out.note(self, at..step.end, step.kind, step.times);
            done = step.end;
        }
        out.keep_all(self, done..self.bytes.len());
        Some(out)
    }

    /// Removes the separators between two characters of `class`, from raw offset `from` on. The text before keeps its
    /// form, so that a rule can still match the assignment or call around the secret.
    pub(crate) fn unjoined(&self, from: usize, class: &Class) -> Self {
        let mut out = self.begin_pass();
        let first = self.index_of(from);
        let mut done = 0;
        for at in first + 1..self.bytes.len() {
            if at < done || !separators::starts(self.bytes[at]) {
                continue;
            }
            out.keep_all(self, done..at);
            done = at;
            let inside = out.bytes.last().is_some_and(|&b| class.has(b));
            if let Some((end, kind)) = inside.then(|| self.joint_to(at, class)).flatten() {
                out.note(self, at..end, kind, 1);
                done = end;
            }
        }
        out.keep_all(self, done..self.bytes.len());
        out
    }

    /// Returns the end of the consecutive separators at `at`, if a character of `class` follows them.
    fn joint_to(&self, at: usize, class: &Class) -> Option<separators::Joint> {
        let (mut end, kind) = separators::skip_separator(&self.bytes, at)?;
        for _ in 0..4 {
            if class.has(*self.bytes.get(end)?) {
                return Some((end, kind));
            }
            (end, _) = separators::skip_separator(&self.bytes, end)?;
        }
        None
    }

    /// Creates an empty view with the same decoding passes as this one.
    fn begin_pass(&self) -> Self {
        let mut out = Self::with_capacity(self.bytes.len());
        out.edits.clone_from(&self.edits);
        out.passes.clone_from(&self.passes);
        out.passes.push(out.edits.len());
        out
    }

    fn passes(&self) -> impl Iterator<Item = &[Edit]> {
        let ends = self.passes.iter().skip(1).copied().chain([self.edits.len()]);
        self.passes.iter().zip(ends).map(|(&start, end)| &self.edits[start..end])
    }

    fn keep(&mut self, from: &Self, span: Range<usize>, byte: u8) {
        self.bytes.push(byte);
        self.starts.push(from.starts[span.start]);
        self.ends.push(from.ends[span.end - 1]);
    }

    /// Appends a range without decoding anything.
    fn keep_all(&mut self, from: &Self, span: Range<usize>) {
        self.bytes.extend_from_slice(&from.bytes[span.clone()]);
        self.starts.extend_from_slice(&from.starts[span.clone()]);
        self.ends.extend_from_slice(&from.ends[span]);
    }

    fn note(&mut self, from: &Self, span: Range<usize>, kind: Encoding, times: u8) {
        self.edits.push(Edit { from: from.starts[span.start], to: from.ends[span.end - 1], kind, times });
    }
}

/// Returns the edits of one pass that overlap the raw range `span`.
fn inside<'e>(pass: &'e [Edit], span: &Range<usize>) -> &'e [Edit] {
    let first = pass.partition_point(|edit| edit.to as usize <= span.start);
    let count = pass[first..].partition_point(|edit| (edit.from as usize) < span.end);
    &pass[first..first + count]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(view: &View) -> String {
        String::from_utf8_lossy(view.bytes()).into_owned()
    }

    #[test]
    fn escapes_are_decoded_with_raw_offsets() {
        let view = View::identity(br"a=%4BEY\x30z").unescaped(false);
        assert_eq!(text(&view), "a=KEY0z");
        assert_eq!(view.raw(&(2..6)), 2..11);
        assert_eq!(view.encodings(&(2..11)), [Encoding::Percent, Encoding::HexEscape]);
        assert_eq!(view.encodings(&(0..2)), []);
    }

    #[test]
    fn text_escaped_twice_is_decoded_twice() {
        assert_eq!(text(&View::identity(br"x%5Cu005Fy").unescaped(false)), "x_y");
        assert_eq!(text(&View::identity(br#"{\"k\":\"a\\u005fb\"}"#).unescaped(false)), r#"{"k":"a_b"}"#);
    }

    #[test]
    fn separators_are_removed_only_between_class_characters() {
        let class = Class::new("0-9A-Z_");
        let view = View::identity(b"f(\"x\", 'KEY' + \"01\", \"no\")").unjoined(8, &class);
        assert_eq!(text(&view), "f(\"x\", 'KEY01\", \"no\")");
        let key = view.index_of(8);
        assert_eq!(view.raw(&(key..key + 5)), 8..18);
    }
}
