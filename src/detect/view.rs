//! Decoded bytes that remember where in the raw bytes each of them came from.

use super::class::Class;
use super::{escape, joint};
use crate::finding::Encoding;
use std::ops::Range;

/// A stretch of decoded bytes with the raw place of each.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    bytes: Vec<u8>,
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// What was undone, innermost encoding last; in each pass by place in the raw bytes.
    edits: Vec<Edit>,
    /// Where in `edits` each pass begins.
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
    /// A view of `raw` as it is.
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

    /// An empty view with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
            starts: Vec::with_capacity(capacity),
            ends: Vec::with_capacity(capacity),
            edits: Vec::new(),
            passes: Vec::new(),
        }
    }

    /// Appends a decoded byte that came from the raw bytes `from..to`.
    pub(crate) fn push(&mut self, byte: u8, from: usize, to: usize) {
        self.bytes.push(byte);
        self.starts.push(from as u32);
        self.ends.push(to as u32);
    }

    /// The decoded bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Raw place of the decoded byte at `index`, or the raw end behind the last one.
    pub(crate) fn start(&self, index: usize) -> usize {
        self.starts.get(index).or(self.ends.last()).map_or(0, |&at| at as usize)
    }

    /// Raw place of a stretch of decoded bytes.
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

    /// First decoded byte at or behind raw offset `at`.
    pub(crate) fn index_of(&self, at: usize) -> usize {
        // Every byte is as far from its place as bytes were left out before it: none at least, and all at most.
        let left_out = self.end().saturating_sub(self.starts.len());
        let (low, high) = (at.saturating_sub(left_out), at.min(self.starts.len()));
        let low = low.min(high);
        low + self.starts[low..high].partition_point(|&start| (start as usize) < at)
    }

    /// Raw place of the decoded byte at `index`; it must be one.
    pub(crate) fn place(&self, index: usize) -> (usize, usize) {
        (self.starts[index] as usize, self.ends[index] as usize)
    }

    /// The raw end of what was decoded.
    pub(crate) fn end(&self) -> usize {
        self.ends.first().max(self.ends.last()).map_or(0, |&end| end as usize)
    }

    /// How many encodings were undone, counting each place.
    pub(crate) fn edit_count(&self) -> usize {
        self.edits.len()
    }

    /// Every kind of encoding that was undone inside the raw bytes `span`, outermost first, each once or as often
    /// as it was applied.
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

    /// Undoes escapes, again and again as long as there are some (text escaped twice in different ways), at most
    /// three times.
    pub(crate) fn unescaped(mut self, quoted_printable: bool) -> Self {
        for _ in 0..3 {
            let Some(next) = self.unescape_once(quoted_printable) else { break };
            self = next;
        }
        self
    }

    /// Undoes each escape once; none if there is no escape.
    fn unescape_once(&self, quoted_printable: bool) -> Option<Self> {
        let mut escapes = (0..self.bytes.len())
            .filter(|&at| escape::starts(self.bytes[at]))
            .filter_map(|at| Some((at, escape::step(&self.bytes, at, quoted_printable)?)))
            .peekable();
        escapes.peek()?;
        let mut out = self.begin_pass();
        let mut done = 0;
        for (at, step) in escapes {
            // What an escape consists of is not the beginning of another.
            if at < done {
                continue;
            }
            out.keep_all(self, done..at);
            out.keep(self, at..step.end, step.byte);
            out.note(self, at..step.end, (step.kind, step.times));
            done = step.end;
        }
        out.keep_all(self, done..self.bytes.len());
        Some(out)
    }

    /// Takes out the joints that stand between two characters of `class`, from raw offset `from` on. What lies to
    /// the left keeps its form, so that a rule can still see the assignment or call around the secret.
    pub(crate) fn unjoined(&self, from: usize, class: &Class) -> Self {
        let mut out = self.begin_pass();
        let first = self.index_of(from);
        let mut done = 0;
        for at in first + 1..self.bytes.len() {
            if at < done || !joint::starts(self.bytes[at]) {
                continue;
            }
            out.keep_all(self, done..at);
            done = at;
            let inside = out.bytes.last().is_some_and(|&b| class.has(b));
            if let Some((end, kind)) = inside.then(|| self.joint_to(at, class)).flatten() {
                out.note(self, at..end, (kind, 1));
                done = end;
            }
        }
        out.keep_all(self, done..self.bytes.len());
        out
    }

    /// The joints at `at`, one behind the other, if they lead to a character of `class`.
    fn joint_to(&self, at: usize, class: &Class) -> Option<joint::Joint> {
        let (mut end, kind) = joint::skip(&self.bytes, at)?;
        for _ in 0..4 {
            if class.has(*self.bytes.get(end)?) {
                return Some((end, kind));
            }
            (end, _) = joint::skip(&self.bytes, end)?;
        }
        None
    }

    /// An empty view in which everything is undone that is undone here.
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

    /// Keeps a stretch in which nothing is undone.
    fn keep_all(&mut self, from: &Self, span: Range<usize>) {
        self.bytes.extend_from_slice(&from.bytes[span.clone()]);
        self.starts.extend_from_slice(&from.starts[span.clone()]);
        self.ends.extend_from_slice(&from.ends[span]);
    }

    fn note(&mut self, from: &Self, span: Range<usize>, (kind, times): (Encoding, u8)) {
        self.edits.push(Edit { from: from.starts[span.start], to: from.ends[span.end - 1], kind, times });
    }
}

/// Those of one pass's edits that reach into the raw bytes `span`.
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
    fn escapes_are_undone_and_places_kept() {
        let view = View::identity(br"a=%4BEY\x30z").unescaped(false);
        assert_eq!(text(&view), "a=KEY0z");
        assert_eq!(view.raw(&(2..6)), 2..11);
        assert_eq!(view.encodings(&(2..11)), [Encoding::Percent, Encoding::HexEscape]);
        assert_eq!(view.encodings(&(0..2)), []);
    }

    #[test]
    fn text_escaped_twice_is_undone_twice() {
        assert_eq!(text(&View::identity(br"x%5Cu005Fy").unescaped(false)), "x_y");
        assert_eq!(text(&View::identity(br#"{\"k\":\"a\\u005fb\"}"#).unescaped(false)), r#"{"k":"a_b"}"#);
    }

    #[test]
    fn joints_go_only_between_characters_of_the_class() {
        let class = Class::new("0-9A-Z_");
        let view = View::identity(b"f(\"x\", 'KEY' + \"01\", \"no\")").unjoined(8, &class);
        assert_eq!(text(&view), "f(\"x\", 'KEY01\", \"no\")");
        let key = view.index_of(8);
        assert_eq!(view.raw(&(key..key + 5)), 8..18);
    }
}
