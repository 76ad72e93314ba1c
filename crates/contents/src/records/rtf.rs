//! Reader of the text of an RTF document, without control words and without groups that have no text.

use super::output::Output;

/// Maximum length of a control word with its number, in bytes.
const LONGEST_WORD: usize = 48;
/// Texts: what is shown, and the codes of fields.
const SHOWN: usize = 0;
const CODE: usize = 1;
/// Groups without text.
const UNSEEN: [&str; 9] =
    ["*", "fonttbl", "colortbl", "stylesheet", "info", "pict", "themedata", "listtable", "rsidtbl"];

/// The state of the reader.
#[derive(Debug, Default)]
pub(super) struct Rtf {
    depth: usize,
    /// Depth of the group without text.
    unseen: Option<usize>,
    /// Depth of the group with the code of a field.
    code: Option<usize>,
    /// The raw bytes of the current control word, with its backslash.
    word: Vec<u8>,
    /// Number of fallback characters to skip after a Unicode character.
    substitutes: usize,
}

impl Rtf {
    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Output) {
        while let Some(&byte) = bytes.first() {
            if !self.word.is_empty() {
                let used = self.word(bytes, out);
                bytes = &bytes[used..];
                continue;
            }
            let special = |byte: &u8| matches!(byte, b'\\' | b'{' | b'}' | b'\r' | b'\n');
            let length = bytes.iter().position(special).unwrap_or(bytes.len());
            let text = &bytes[..length];
            let unseen = if self.unseen.is_some() { length } else { self.substitutes.min(length) };
            self.substitutes -= self.substitutes.min(length);
            out.skip(&text[..unseen]);
            out.copy(&text[unseen..]);
            bytes = &bytes[length..];
            if length > 0 {
                continue;
            }
            match byte {
                b'{' => self.depth += 1,
                b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.unseen = self.unseen.filter(|depth| *depth <= self.depth);
                    if self.code.is_some_and(|depth| depth > self.depth) {
                        self.code = None;
                        out.end_line();
                        out.select(SHOWN);
                    }
                }
                b'\\' => {
                    self.word.push(byte);
                    bytes = &bytes[1..];
                    continue;
                }
                _ => {}
            }
            out.skip(&bytes[..1]);
            bytes = &bytes[1..];
        }
    }

    /// Continues a control word. Returns the number of bytes that belong to it.
    fn word(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        for (index, &byte) in bytes.iter().enumerate() {
            let kind = self.word.get(1).copied();
            let continues = match kind {
                None => true,
                Some(b'\'') => self.word.len() < 4,
                Some(first) if first.is_ascii_alphabetic() => {
                    let digits = self.word.last().is_some_and(u8::is_ascii_digit);
                    byte.is_ascii_digit() || byte == b'-' || !digits && byte.is_ascii_alphabetic()
                }
                Some(_) => false,
            };
            if continues && self.word.len() < LONGEST_WORD {
                self.word.push(byte);
                continue;
            }
            let blank = byte == b' ' && kind.is_some_and(|first| first.is_ascii_alphabetic());
            if blank {
                self.word.push(byte);
            }
            self.end_word(out);
            return index + usize::from(blank);
        }
        bytes.len()
    }

    fn end_word(&mut self, out: &mut Output) {
        let word = std::mem::take(&mut self.word);
        let name = std::str::from_utf8(&word[1..]).unwrap_or_default().trim_end();
        let letters = name.trim_end_matches(|digit: char| digit.is_ascii_digit() || digit == '-');
        let number: Option<i32> = name[letters.len()..].parse().ok();
        if UNSEEN.contains(&letters) && self.unseen.is_none() {
            self.unseen = Some(self.depth);
        } else if letters == "fldinst" && self.unseen.is_none_or(|depth| depth == self.depth) {
            (self.unseen, self.code) = (None, Some(self.depth));
            out.select(CODE);
            out.end_line();
        }
        if self.unseen.is_some() {
            return out.skip(&word);
        }
        let code = |digits: &str| u8::from_str_radix(digits, 16).ok();
        match (letters, number) {
            ("par" | "line" | "cell" | "row" | "tab" | "sect" | "page", _) => {
                out.skip(&word);
                out.add(b'\n');
            }
            ("u", Some(number)) => {
                self.substitutes = 1;
                let unit = u32::try_from(number).unwrap_or(number.rem_euclid(0x10000).cast_unsigned());
                match char::from_u32(unit).filter(|character| !is_invisible(*character)) {
                    Some(character) => out.decode(&word, character),
                    None => out.skip(&word),
                }
            }
            ("\\" | "{" | "}", _) => out.decode(&word, letters.chars().next().unwrap_or(' ')),
            _ => match name.strip_prefix('\'').and_then(code) {
                Some(0xAD) | None => out.skip(&word),
                Some(code) if self.substitutes > 0 => {
                    let _stands_for_another = code;
                    self.substitutes -= 1;
                    out.skip(&word);
                }
                Some(code) => out.decode(&word, char::from(code)),
            },
        }
    }
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}
