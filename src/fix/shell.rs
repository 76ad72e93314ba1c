//! Shell scripts, in which variables may be expanded within strings.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::names::Known;
use super::{ByHand, Edit, Hit, Source, code, documents};

const HEREDOC: &str = "it is in a here-document without expansion: end it before the key, or remove the quotes of its \
                       delimiter and put a backslash before every other dollar";

/// The quoting at the position of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Quoting {
    None,
    Double,
    /// In single quotes; the range includes them.
    Single(Range<usize>),
    /// In `$'…'`, which has escape sequences; the range includes the quotes.
    Escaped(Range<usize>),
    Comment,
    /// In a here-document without expansion.
    Raw {
        /// Its delimiter, including the quotes.
        word: Range<usize>,
        body: Range<usize>,
    },
}

/// Returns the range that is edited as a whole.
pub(super) fn site(source: &Source<'_>, hit: &Hit<'_>) -> Range<usize> {
    match quoting(source.content, hit.at.start) {
        Quoting::Single(range) => range,
        _ => hit.at.clone(),
    }
}

/// Returns the edits. `${NAME:?}` ends the script with a message if the variable is not set.
pub(super) fn edits(source: &Source<'_>, hits: &[Hit<'_>], known: &mut Known) -> Result<Vec<Edit>, ByHand> {
    let quoting = quoting(source.content, hits[0].at.start);
    if quoting == Quoting::Comment {
        return Ok(documents::placeholders(hits));
    }
    if let Some(edit) = fallback(source.content, &hits[0].at) {
        return Ok(vec![edit]);
    }
    let replaced = |known: &mut Known, open: &str, close: &str| {
        code::replaced(source, hits, known, |name| format!("{open}${{{name}:?}}{close}"))
    };
    match quoting {
        Quoting::Single(range) if is_plain(source.content, &range, hits) => {
            let mut all = replaced(known, "", "");
            for quote in [range.start..range.start + 1, range.end - 1..range.end] {
                all.push(Edit { span: quote, text: "\"".to_owned() });
            }
            Ok(all)
        }
        Quoting::Single(_) => Ok(replaced(known, "'\"", "\"'")),
        Quoting::Escaped(_) => Ok(replaced(known, "'\"", "\"$'")),
        Quoting::None => Ok(replaced(known, "\"", "\"")),
        Quoting::Raw { word, body } if !source.content[body.clone()].contains(['$', '`', '\\']) => {
            let bare = source.content[word.clone()].trim_matches(['\'', '"', '\\']).to_owned();
            let mut all = replaced(known, "", "");
            all.push(Edit { span: word, text: bare });
            Ok(all)
        }
        Quoting::Raw { .. } => {
            let name = code::name(source, &hits[0], known);
            Err(ByHand::new(HEREDOC, source.line_with(&hits[0].at, &format!("${{{name}:?}}"))))
        }
        Quoting::Double | Quoting::Comment => Ok(replaced(known, "", "")),
    }
}

/// Returns whether the single-quoted string has the same value in double quotes.
fn is_plain(content: &str, range: &Range<usize>, hits: &[Hit<'_>]) -> bool {
    let mut at = range.start + 1;
    let mut plain = |to: usize, next: usize| {
        let text = &content[at..to];
        at = next;
        !text.contains(['"', '$', '`', '\\', '!'])
    };
    hits.iter().all(|hit| plain(hit.at.start, hit.at.end)) && plain(range.end - 1, range.end)
}

static FALLBACK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\$\{\w+(:?[-=]["']?)$"#).ok());

/// Deletes the fallback in `${NAME:-…}`.
fn fallback(content: &str, at: &Range<usize>) -> Option<Edit> {
    let line = content[..at.start].rfind('\n').map_or(0, |at| at + 1);
    let group = FALLBACK.as_ref()?.captures(&content[line..at.start])?.get(1)?;
    let rest = content[at.end..].trim_start_matches(['"', '\'']);
    let end = content.len() - rest.len();
    rest.starts_with('}').then(|| Edit { span: line + group.start()..end, text: ":?".to_owned() })
}

/// The innermost construct that the scan is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Code,
    /// `$( … )` or `( … )`.
    Group,
    Double,
}

/// A here-document whose body starts on the next line.
#[derive(Debug)]
struct Heredoc {
    word: Range<usize>,
    name: String,
    raw: bool,
}

/// A scan from the start of a script.
struct Scan<'a> {
    content: &'a str,
    frames: Vec<Frame>,
    pending: Vec<Heredoc>,
}

/// Returns the quoting of the byte at `at`.
pub(super) fn quoting(content: &str, at: usize) -> Quoting {
    let mut scan = Scan { content, frames: vec![Frame::Code], pending: Vec::new() };
    let mut pos = 0;
    while pos < at {
        match scan.step(pos, at) {
            Ok(next) => pos = next,
            Err(found) => return found,
        }
    }
    match scan.frames.last() {
        Some(Frame::Double) => Quoting::Double,
        _ => Quoting::None,
    }
}

static HERE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^<<-?[ \t]*(['"\\]?([A-Za-z_]\w*)['"]?)"#).ok());

impl Scan<'_> {
    /// Returns the offset after the construct that starts at `pos`, or the quoting of `at` if it is inside.
    fn step(&mut self, pos: usize, at: usize) -> Result<usize, Quoting> {
        let bytes = self.content.as_bytes();
        let in_double = self.frames.last() == Some(&Frame::Double);
        match bytes[pos] {
            b'\\' => return Ok(pos + 2),
            b'"' if in_double => {
                self.frames.pop();
            }
            b'"' => self.frames.push(Frame::Double),
            b'\'' if !in_double => return self.single(pos, at),
            b'$' if bytes.get(pos + 1) == Some(&b'(') => {
                self.frames.push(Frame::Group);
                return Ok(pos + 2);
            }
            b'(' if self.frames.last() == Some(&Frame::Group) => self.frames.push(Frame::Group),
            b')' if self.frames.last() == Some(&Frame::Group) => {
                self.frames.pop();
            }
            b'#' if !in_double && (pos == 0 || b" \t\n;(".contains(&bytes[pos - 1])) => {
                let end = self.content[pos..].find('\n').map_or(bytes.len(), |end| pos + end);
                return if end > at { Err(Quoting::Comment) } else { Ok(end) };
            }
            b'<' if !in_double && self.content[pos..].starts_with("<<<") => return Ok(pos + 3),
            b'<' if !in_double => return Ok(self.announce(pos)),
            b'\n' if !self.pending.is_empty() => return self.bodies(pos + 1, at),
            _ => {}
        }
        Ok(pos + 1)
    }

    /// Scans a string in single quotes.
    fn single(&self, pos: usize, at: usize) -> Result<usize, Quoting> {
        let bytes = self.content.as_bytes();
        let escaped = pos > 0 && bytes[pos - 1] == b'$';
        let mut end = pos + 1;
        while end < bytes.len() && bytes[end] != b'\'' {
            end += if escaped && bytes[end] == b'\\' { 2 } else { 1 };
        }
        let range = pos..(end + 1).min(bytes.len());
        match (end > at, escaped) {
            (false, _) => Ok(end + 1),
            (true, true) => Err(Quoting::Escaped(range)),
            (true, false) => Err(Quoting::Single(range)),
        }
    }

    /// Records a here-document that may start at `pos`.
    fn announce(&mut self, pos: usize) -> usize {
        let found = HERE.as_ref().and_then(|regex| regex.captures(&self.content[pos..]));
        let Some(found) = found else { return pos + 1 };
        let (Some(word), Some(name)) = (found.get(1), found.get(2)) else { return pos + 1 };
        self.pending.push(Heredoc {
            word: pos + word.start()..pos + word.end(),
            name: name.as_str().to_owned(),
            raw: word.as_str() != name.as_str(),
        });
        pos + word.end()
    }

    /// Scans the bodies of the here-documents that start at `pos`.
    fn bodies(&mut self, mut pos: usize, at: usize) -> Result<usize, Quoting> {
        for heredoc in std::mem::take(&mut self.pending) {
            let start = pos;
            for line in self.content[start..].split_inclusive('\n') {
                if line.trim() == heredoc.name {
                    break;
                }
                pos += line.len();
            }
            if at < pos {
                let raw = Quoting::Raw { word: heredoc.word, body: start..pos };
                return Err(if heredoc.raw { raw } else { Quoting::Double });
            }
            pos += self.content[pos..].find('\n').map_or(self.content.len() - pos, |end| end + 1);
        }
        Ok(pos)
    }
}
