//! The text that a page shows (ISO 32000, 9.4): its strings, joined as they are displayed.
//!
//! A font may map codes to other letters; then the text is not recovered.

use memchr::memmem;

/// Gaps between letters larger than this are spaces. In thousandths of the font size.
const SPACE_WIDTH: f32 = 200.0;
/// Maximum number of operands kept before an operator.
const MAX_OPERANDS: usize = 6;

/// Returns the text that a page content shows, line by line, if the content stores it in another form: split, escaped,
/// or in hex. `None` if there is no such text.
pub(super) fn joined(content: &[u8]) -> Option<Vec<u8>> {
    let shows = [b"Tj".as_slice(), b"TJ"].iter().any(|operator| memmem::find(content, operator).is_some());
    if !shows {
        return None;
    }
    let mut page = Page::default();
    let mut rest = content;
    while let Some(length) = page.token(rest) {
        rest = &rest[length.max(1).min(rest.len())..];
    }
    page.differs.then_some(page.out)
}

/// Returns the bytes of the string at the start of `content`, `(text)` or `<hex>`, and its length in `content`.
pub(super) fn string(content: &[u8]) -> (Vec<u8>, usize) {
    let mut page = Page::default();
    let length = page.token(content).unwrap_or_default();
    (page.pending, length)
}

#[derive(Default)]
struct Page {
    out: Vec<u8>,
    /// Whether the text differs from its form in the content.
    differs: bool,
    /// Strings before the next operator.
    pending: Vec<u8>,
    in_list: bool,
    /// Operands before the next operator.
    numbers: Vec<f32>,
    /// Vertical position of the last text.
    height: f32,
}

impl Page {
    /// Parses one token. Returns its length.
    fn token(&mut self, rest: &[u8]) -> Option<usize> {
        Some(match rest.first()? {
            b'(' => self.literal(rest),
            b'<' if rest.get(1) == Some(&b'<') => 2,
            b'<' => {
                let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
                self.pending.extend(super::filters::hex(&rest[1..end]));
                self.differs = true;
                end + 1
            }
            b'[' | b']' => {
                self.in_list = rest[0] == b'[';
                1
            }
            b'%' => memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()),
            b'/' => 1 + word(&rest[1..]),
            _ => {
                let length = word(rest);
                self.word(&rest[..length]);
                length
            }
        })
    }

    /// Parses `(text)`. Returns its length.
    fn literal(&mut self, rest: &[u8]) -> usize {
        self.differs |= !self.pending.is_empty();
        let (mut depth, mut at) = (1, 1);
        while let Some(&byte) = rest.get(at) {
            at += 1;
            match byte {
                b'\\' => {
                    self.differs = true;
                    at += self.escape(&rest[at..]);
                    continue;
                }
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            self.pending.push(byte);
        }
        at
    }

    /// Parses an escape sequence after its backslash. Returns its length.
    fn escape(&mut self, rest: &[u8]) -> usize {
        let octal = rest.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
        if octal > 0 {
            let value = rest[..octal].iter().fold(0u32, |value, digit| value << 3 | u32::from(digit - b'0'));
            self.pending.push(value as u8);
            return octal;
        }
        match rest {
            [b'\r', b'\n', ..] => return 2,
            [b'\r' | b'\n', ..] | [] => {}
            [b'n' | b'r', ..] => self.pending.push(b'\n'),
            [b't' | b'b' | b'f', ..] => self.pending.push(b' '),
            [byte, ..] => self.pending.push(*byte),
        }
        1
    }

    /// Handles a number or an operator.
    fn word(&mut self, word: &[u8]) {
        let number: Option<f32> = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
        if let Some(number) = number {
            if self.in_list && number < -SPACE_WIDTH && !self.pending.is_empty() {
                self.pending.push(b' ');
            }
            if self.numbers.len() == MAX_OPERANDS {
                self.numbers.remove(0);
            }
            self.numbers.push(number);
            return;
        }
        match word {
            b"Tj" | b"TJ" => self.show(),
            b"'" | b"\"" => {
                self.line();
                self.show();
            }
            b"Td" | b"TD" if self.numbers.last() != Some(&0.0) => self.line(),
            b"T*" => self.line(),
            b"Tm" => {
                let height = self.numbers.last().copied().unwrap_or_default();
                if height.to_bits() != self.height.to_bits() {
                    self.line();
                }
                self.height = height;
            }
            _ => {}
        }
        // Blanks reach this point as empty words.
        if !word.is_empty() {
            self.numbers.clear();
            self.pending.clear();
        }
    }

    fn show(&mut self) {
        // A segment that continues where another ended.
        self.differs |= !self.pending.is_empty() && self.out.last().is_some_and(|&byte| byte != b'\n');
        self.out.append(&mut self.pending);
    }

    fn line(&mut self) {
        if self.out.last().is_some_and(|&byte| byte != b'\n') {
            self.out.push(b'\n');
        }
    }
}

/// Returns the length of the word at the start of `text`; 0 before a blank or a delimiter.
fn word(text: &[u8]) -> usize {
    text.iter().take_while(|byte| !byte.is_ascii_whitespace() && !b"\0()<>[]{}/%".contains(byte)).count()
}
