//! Frames: the nested sections, objects, elements, statements and rows of a text.
//!
//! Brackets, tags, section headers and indentation each yield byte ranges, which are sorted into one tree for every
//! language. A host and a password belong together if the smallest frame that contains both is a single unit.

use std::ops::Range;

use super::names::normalized;
use super::style::Style;
use super::{markup, yaml};

/// Bytes before a bracket that are searched for its name.
const MAX_HEAD_BYTES: usize = 96;

/// The kind of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The whole text, or a block of statements. Its contents need not belong together.
    Block,
    /// An object, a map, or a call with its arguments.
    Object,
    /// A list. Its members are alternatives.
    List,
    /// A section of a configuration file, from its header to the next one.
    Section,
    /// An XML element.
    Element,
}

/// A range of a text that forms one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Kind of the frame.
    pub(crate) kind: Kind,
    /// Byte range, including the delimiters.
    pub(crate) span: Range<usize>,
    /// Words of the name in lower case, joined by `_`; empty if the frame has no name.
    pub(crate) name: String,
    /// Index of the enclosing frame. The whole text has index 0 and is its own parent.
    pub(crate) parent: usize,
}

impl Frame {
    /// Creates a frame that is not yet part of a tree.
    pub(crate) fn new(kind: Kind, span: Range<usize>, name: String) -> Self {
        Self { kind, span, name, parent: 0 }
    }
}

/// All frames of a text, sorted by start offset. The first one is the whole text.
#[derive(Debug)]
pub(crate) struct Frames(Vec<Frame>);

impl Frames {
    /// Reads the frames of `text`.
    pub(crate) fn of(text: &[u8], style: Style) -> Self {
        let mut all = Vec::new();
        sections(text, &mut all);
        brackets(text, &mut all);
        if style == Style::Markup || memchr::memmem::find(text, b"</").is_some() {
            markup::elements(text, &mut all);
        }
        if style == Style::Yaml {
            yaml::blocks(text, &mut all);
        }
        all.sort_by_key(|frame| (frame.span.start, std::cmp::Reverse(frame.span.end)));
        let mut sorted = vec![Frame::new(Kind::Block, 0..text.len(), String::new())];
        for mut frame in all {
            let mut parent = sorted.len() - 1;
            while sorted[parent].span.end <= frame.span.start && parent > 0 {
                parent = sorted[parent].parent;
            }
            frame.span.end = frame.span.end.min(sorted[parent].span.end);
            frame.parent = parent;
            sorted.push(frame);
        }
        Self(sorted)
    }

    /// Returns the frame with this index.
    pub(crate) fn get(&self, index: usize) -> &Frame {
        &self.0[index]
    }

    /// Returns the index of the smallest frame that contains offset `at`.
    pub(crate) fn innermost(&self, at: usize) -> usize {
        let mut index = self.0.partition_point(|frame| frame.span.start <= at).saturating_sub(1);
        while index > 0 && self.0[index].span.end <= at {
            index = self.0[index].parent;
        }
        index
    }

    /// Iterates over the indices of the frames from `index` outwards; the whole text comes last.
    pub(crate) fn outwards(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(index), |&index| (index > 0).then(|| self.0[index].parent))
    }

    /// Returns the child of the frame `above` that contains offset `at`, if there is one.
    pub(crate) fn branch(&self, above: usize, at: usize) -> Option<usize> {
        let chain: Vec<usize> = self.outwards(self.innermost(at)).collect();
        let place = chain.iter().position(|&index| index == above)?;
        place.checked_sub(1).map(|below| chain[below])
    }
}

/// Appends the sections of INI files, Asterisk configurations and TOML.
fn sections(text: &[u8], out: &mut Vec<Frame>) {
    let mut open: Option<(usize, String)> = None;
    let mut at = 0;
    for line in text.split_inclusive(|&b| b == b'\n') {
        if let Some(name) = section_name(line) {
            if let Some((start, name)) = open.take() {
                out.push(Frame::new(Kind::Section, start..at, name));
            }
            open = Some((at, normalized(name)));
        }
        at += line.len();
    }
    if let Some((start, name)) = open {
        out.push(Frame::new(Kind::Section, start..text.len(), name));
    }
}

/// Returns the name in a section header: `[name]`, `[name](template)`, `[[name]]`.
fn section_name(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let inner = line.strip_prefix(b"[")?;
    let inner = inner.strip_prefix(b"[").unwrap_or(inner);
    let close = memchr::memchr(b']', inner)?;
    let name = &inner[..close];
    let of_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-. :/+@\"".contains(b);
    let rest = inner[close..].iter().skip_while(|&&b| b == b']').copied().collect::<Vec<u8>>();
    let rest = rest.trim_ascii();
    let ends = rest.is_empty() || rest.starts_with(b"(") || rest.starts_with(b";") || rest.starts_with(b"#");
    (!name.is_empty() && name.len() < 80 && ends && name.iter().all(of_name)).then_some(name)
}

/// Appends the pairs of brackets. Unmatched brackets are skipped.
fn brackets(text: &[u8], out: &mut Vec<Frame>) {
    let mut open: Vec<usize> = Vec::new();
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'{' | b'[' | b'(' => open.push(at),
            b'}' | b']' | b')' => {
                let wanted = match byte {
                    b'}' => b'{',
                    b']' => b'[',
                    _ => b'(',
                };
                if let Some(place) = open.iter().rev().take(8).position(|&start| text[start] == wanted) {
                    open.truncate(open.len() - place);
                    if let Some(start) = open.pop() {
                        push(text, start..at + 1, out);
                    }
                }
            }
            _ => {}
        }
    }
    // Objects that are cut off by the end of the text.
    for start in open {
        if text[start] == b'{' {
            push(text, start..text.len(), out);
        }
    }
}

fn push(text: &[u8], span: Range<usize>, out: &mut Vec<Frame>) {
    // A reference or an empty pair is not a frame.
    if span.len() < 8 {
        return;
    }
    let head = head(text, span.start);
    let kind = match text[span.start] {
        b'{' if is_block(head) => Kind::Block,
        b'[' if !is_map(&text[span.clone()]) => Kind::List,
        _ => Kind::Object,
    };
    let name = if kind == Kind::Block { String::new() } else { normalized(head) };
    out.push(Frame::new(kind, span, name));
}

/// Returns the text before a bracket up to the last separator: `"telnyx": `, `new TelnyxRTC`, `resource "x" "telnyx" `.
fn head(text: &[u8], start: usize) -> &[u8] {
    let before = &text[start.saturating_sub(MAX_HEAD_BYTES)..start];
    let before = before.trim_ascii_end();
    let cut = before.iter().rposition(|b| b";,{}[(\n".contains(b)).map_or(0, |at| at + 1);
    before[cut..].trim_ascii()
}

/// Keywords that introduce a block of statements.
const BLOCK_KEYWORDS: [&str; 24] = [
    "if",
    "for",
    "while",
    "switch",
    "func",
    "fn",
    "class",
    "struct",
    "interface",
    "impl",
    "def",
    "type",
    "enum",
    "namespace",
    "module",
    "try",
    "else",
    "do",
    "catch",
    "finally",
    "trait",
    "extension",
    "function",
    "when",
];

/// Returns whether a `{` after `head` opens a block of statements.
fn is_block(head: &[u8]) -> bool {
    if head.ends_with(b")") || head.ends_with(b"->") {
        return true;
    }
    if let Some(rest) = head.strip_suffix(b"=>") {
        let rest = rest.trim_ascii_end();
        return !rest.ends_with(b"'") && !rest.ends_with(b"\"");
    }
    let mut words = head.split(|b| !b.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let access = ["public", "private", "protected", "static", "export", "abstract", "final", "async", "data"];
    let first = words.find(|word| !access.iter().any(|one| one.as_bytes() == *word));
    first.is_some_and(|first| BLOCK_KEYWORDS.iter().any(|word| word.as_bytes() == first))
}

/// Returns whether brackets contain a map, as in PHP and Swift, rather than a list.
fn is_map(text: &[u8]) -> bool {
    let mut depth = 0;
    for (at, &byte) in text.iter().enumerate().take(400) {
        match byte {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth -= 1,
            b'=' if depth == 1 && text.get(at + 1) == Some(&b'>') => return true,
            b':' if depth == 1 => return matches!(text.get(at + 1), Some(b' ')) && text[at - 1] == b'"',
            b',' if depth == 1 => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(text: &str, at: &str) -> Vec<(Kind, String)> {
        let frames = Frames::of(text.as_bytes(), Style::of(text.as_bytes()));
        let inner = frames.innermost(text.find(at).unwrap());
        frames.outwards(inner).map(|index| (frames.get(index).kind, frames.get(index).name.clone())).collect()
    }

    #[test]
    fn frames_of_every_kind() {
        let whole = (Kind::Block, String::new());
        let named = |kind, name: &str| (kind, name.to_owned());
        assert_eq!(chain("[a-b]\nx=1\n[c](t)\ny=2\n", "x"), [named(Kind::Section, "a_b"), whole.clone()]);
        assert_eq!(
            chain("const a = { telnyx: { password: 1 } };", "password"),
            [named(Kind::Object, "telnyx"), named(Kind::Object, "const_a"), whole.clone()]
        );
        assert_eq!(
            chain("c = new TelnyxRTC({ password: 1 });", "password"),
            [named(Kind::Object, ""), named(Kind::Object, "c_new_telnyx_rtc"), whole.clone()]
        );
        assert_eq!(chain("[{\"a\": 1, \"b\": 2}, {\"c\": 3}]", "b")[1].0, Kind::List);
        assert_eq!(chain("'telnyx' => ['key' => 'v', 'b' => 1],", "v")[0], named(Kind::Object, "telnyx"));
        assert_eq!(chain("function f(a) { password = 1; }", "password")[0].0, Kind::Block);
        assert_eq!(
            chain("<a>\n<gateway name=\"x\">\n<b c=\"1\"/>\n</gateway>\n</a>\n", "1")[0],
            named(Kind::Element, "b")
        );
        assert_eq!(
            chain("a:\n  telnyx:\n    b: 1\n  c: 2\n", "1")
                .iter()
                .map(|one| one.1.as_str())
                .collect::<Vec<_>>(),
            ["telnyx", "a", ""]
        );
    }
}
