//! Splits JSON that arrives in pieces into strings and what is between them.

/// Maximum length of a string that is kept, in bytes.
const LONGEST_STRING: usize = 1 << 20;
/// Maximum nesting depth that is tracked.
const DEPTH: usize = 256;

/// A part of a JSON text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'p> {
    /// Bytes outside strings, quotation marks included, or a string that is too long.
    Between(&'p [u8]),
    /// A string without quotation marks and with its escape sequences, that names a member.
    Key(&'p [u8]),
    /// A string that is a value.
    Value(&'p [u8]),
}

/// The state of the lexer.
#[derive(Debug, Default)]
pub(super) struct Lexer {
    /// The raw bytes of the current string, if in a string.
    string: Option<Vec<u8>>,
    /// Whether the last byte of the string is an unescaped backslash.
    escaped: bool,
    /// For each open object and array, whether it is an array.
    open: Vec<bool>,
    /// Whether the next string of an object is a value.
    value: bool,
}

impl Lexer {
    /// Reads the next bytes and calls `take` with each part.
    pub(super) fn push(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(Part<'_>)) {
        while !bytes.is_empty() {
            let used = if self.string.is_some() { self.read(bytes, take) } else { self.between(bytes, take) };
            bytes = &bytes[used..];
        }
    }

    /// Reads up to the next string. Returns the number of bytes that were read.
    fn between(&mut self, bytes: &[u8], take: &mut dyn FnMut(Part<'_>)) -> usize {
        let length = memchr::memchr(b'"', bytes).map_or(bytes.len(), |at| at + 1);
        for byte in &bytes[..length] {
            match byte {
                b'{' | b'[' => {
                    if self.open.len() < DEPTH {
                        self.open.push(*byte == b'[');
                    }
                    self.value = false;
                }
                b'}' | b']' => {
                    self.open.pop();
                }
                b':' => self.value = true,
                b',' => self.value = false,
                _ => {}
            }
        }
        take(Part::Between(&bytes[..length]));
        if bytes[length - 1] == b'"' {
            self.string = Some(Vec::new());
        }
        length
    }

    /// Continues a string. Returns the number of bytes that were read.
    fn read(&mut self, bytes: &[u8], take: &mut dyn FnMut(Part<'_>)) -> usize {
        let Some(string) = &mut self.string else { return 0 };
        let mut at = usize::from(std::mem::take(&mut self.escaped));
        loop {
            match bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
                None => at = bytes.len(),
                Some(next) if bytes[at + next] == b'\\' => {
                    at += next + 2;
                    if at <= bytes.len() {
                        continue;
                    }
                    self.escaped = true;
                    at = bytes.len();
                }
                Some(next) => {
                    at += next;
                    string.extend_from_slice(&bytes[..at]);
                    let string = self.string.take().unwrap_or_default();
                    let names = !self.value && self.open.last() == Some(&false);
                    take(if names { Part::Key(&string) } else { Part::Value(&string) });
                    take(Part::Between(b"\""));
                    return at + 1;
                }
            }
            string.extend_from_slice(&bytes[..at]);
            if string.len() > LONGEST_STRING {
                take(Part::Between(string));
                string.clear();
            }
            return at;
        }
    }
}
