//! Reader of the text of a LaTeX document, without commands, braces and places at which a word may be cut.

use super::output::Output;

/// Maximum length of the name of a command, in bytes.
const LONGEST_NAME: usize = 32;
/// Commands whose first argument is not text.
const UNSEEN: [&[u8]; 9] =
    [b"PY", b"hspace", b"vspace", b"label", b"ref", b"color", b"textcolor", b"href", b"fontsize"];
/// Commands that end a line.
const LINES: [&[u8]; 6] = [b"par", b"newline", b"item", b"begin", b"end", b"section"];
/// Start of the commands in which Pygments writes single characters.
const PYGMENTS: &[u8] = b"PYZ";

/// Returns whether content that starts with `start` is LaTeX.
pub(super) fn sniff(start: &[u8]) -> bool {
    let marks: [&[u8]; 5] = [b"\\documentclass", b"\\begin{", b"\\text", b"\\usepackage", b"\\section{"];
    matches!(start, [b'\\', b'a'..=b'z', ..] | [b'%', b' ' | b'%' | b'!' | b'\n', ..])
        && marks.iter().any(|mark| memchr::memmem::find(start, mark).is_some())
}

/// The state of the reader.
#[derive(Debug, Default)]
pub(super) struct Latex {
    /// The raw bytes of the current command, with its backslash.
    command: Vec<u8>,
    /// Whether a comment is skipped.
    comment: bool,
    /// Whether the next group is skipped, and the depth in it.
    unseen: Option<usize>,
}

impl Latex {
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Output) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.continues(byte) {
                self.command.push(byte);
                at += 1;
            } else if !self.command.is_empty() {
                self.end_command(out);
            } else {
                at += self.text(&bytes[at..], out);
            }
        }
    }

    /// Returns whether `byte` belongs to the current command.
    fn continues(&self, byte: u8) -> bool {
        match self.command.as_slice() {
            [] => false,
            [_] => true,
            [_, first, ..] => {
                first.is_ascii_alphabetic() && byte.is_ascii_alphabetic() && self.command.len() < LONGEST_NAME
            }
        }
    }

    /// Reads what is not a command. Returns the number of bytes that were read.
    fn text(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let first = bytes[0];
        let special = |byte: &u8| matches!(byte, b'\\' | b'{' | b'}' | b'%' | b'\n');
        if self.comment {
            let length = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
            self.comment = bytes[length - 1] != b'\n';
            out.skip(&bytes[..length]);
            return length;
        }
        match first {
            b'\\' => self.command.push(first),
            b'{' => {
                self.unseen = self.unseen.map(|depth| depth + 1);
                out.skip(b"{");
            }
            b'}' => {
                self.unseen = self.unseen.filter(|depth| *depth > 1).map(|depth| depth - 1);
                out.skip(b"}");
            }
            b'%' => {
                self.comment = true;
                out.skip(b"%");
            }
            b'\n' => {
                self.unseen = None;
                out.copy(b"\n");
            }
            _ => {
                let length = bytes.iter().position(special).unwrap_or(bytes.len());
                let text = &bytes[..length];
                // Text that follows a command directly is not its argument.
                self.unseen = self.unseen.filter(|depth| *depth > 0 || text.trim_ascii().is_empty());
                if self.unseen.is_some() {
                    out.skip(text)
                } else {
                    out.copy(text)
                }
                return length;
            }
        }
        1
    }

    fn end_command(&mut self, out: &mut Output) {
        let command = std::mem::take(&mut self.command);
        let name = &command[1..];
        if self.unseen.is_some_and(|depth| depth > 0) {
            return out.skip(&command);
        }
        let character = match name {
            [b'_' | b'&' | b'%' | b'#' | b'$' | b'{' | b'}'] => Some(char::from(name[0])),
            b"\\" => Some('\n'),
            b"textunderscore" => Some('_'),
            _ => name.strip_prefix(PYGMENTS).and_then(pygments),
        };
        match character {
            Some(character) => out.decode(&command, character),
            None => {
                out.skip(&command);
                if LINES.contains(&name) {
                    out.end_line();
                }
                self.unseen = UNSEEN.contains(&name).then_some(0);
            }
        }
    }
}

/// Returns the character of a command of Pygments.
fn pygments(name: &[u8]) -> Option<char> {
    Some(match name {
        b"us" => '_',
        b"hy" => '-',
        b"bs" => '\\',
        b"ob" => '{',
        b"cb" => '}',
        b"dq" => '"',
        b"sq" => '\'',
        b"am" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"sh" => '#',
        b"pc" => '%',
        b"dl" => '$',
        b"ti" => '~',
        _ => return None,
    })
}
