//! Text that tracks the offset of a secret through encodings.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write;

/// Content with the offset of the first character of the secret.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    pub(crate) bytes: Vec<u8>,
    pub(crate) at: usize,
}

impl Text {
    /// Creates a text that is only the secret.
    pub(crate) fn new(secret: &str) -> Self {
        Self { bytes: secret.into(), at: 0 }
    }

    /// Returns the line of the secret's first character.
    pub(crate) fn line(&self) -> u64 {
        1 + self.bytes[..self.at].iter().filter(|&&byte| byte == b'\n').count() as u64
    }

    /// Adds text before and after.
    pub(crate) fn within(self, before: impl AsRef<[u8]>, after: impl AsRef<[u8]>) -> Self {
        let (before, after) = (before.as_ref(), after.as_ref());
        Self { bytes: [before, &self.bytes, after].concat(), at: before.len() + self.at }
    }

    /// Encodes every character with `write`, which gets its index and byte.
    pub(crate) fn each(self, mut write: impl FnMut(usize, u8) -> String) -> Self {
        let mut out = Self::default();
        for (index, &byte) in self.bytes.iter().enumerate() {
            if index == self.at {
                out.at = out.bytes.len();
            }
            out.bytes.extend(write(index, byte).bytes());
        }
        out
    }

    /// Encodes every character with `write`, separated by `between`.
    pub(crate) fn listed(self, between: &str, mut write: impl FnMut(u8) -> String) -> Self {
        let mut at = 0;
        let mut bytes = Vec::new();
        for (index, &byte) in self.bytes.iter().enumerate() {
            if index > 0 {
                bytes.extend(between.bytes());
            }
            if index == self.at {
                at = bytes.len();
            }
            bytes.extend(write(byte).bytes());
        }
        Self { bytes, at }
    }

    /// Inserts `piece` at each of the sorted offsets `places`.
    pub(crate) fn cut(self, places: &[usize], piece: &str) -> Self {
        let mut next = places.iter().filter(|&&place| place < self.bytes.len()).peekable();
        let mut out = Self::default();
        for (index, &byte) in self.bytes.iter().enumerate() {
            if next.next_if(|place| **place == index).is_some() {
                out.bytes.extend(piece.bytes());
            }
            if index == self.at {
                out.at = out.bytes.len();
            }
            out.bytes.push(byte);
        }
        out
    }

    /// Splits the text into lines of `width` characters.
    pub(crate) fn wrapped(self, width: usize, end: &str) -> Self {
        let places: Vec<usize> = (width..self.bytes.len()).step_by(width).collect();
        self.cut(&places, end)
    }

    pub(crate) fn base64(self) -> Self {
        Self { bytes: BASE64.encode(&self.bytes).into(), at: self.at * 8 / 6 }
    }

    pub(crate) fn base64url(self) -> Self {
        Self { bytes: BASE64URL_NOPAD.encode(&self.bytes).into(), at: self.at * 8 / 6 }
    }

    /// Compresses the text. The secret then no longer has an offset of its own.
    pub(crate) fn gzip(self) -> Self {
        let mut out = GzEncoder::new(Vec::new(), Compression::new(6));
        out.write_all(&self.bytes).unwrap();
        Self { bytes: out.finish().unwrap(), at: 0 }
    }

    pub(crate) fn zlib(self, level: u32) -> Self {
        let mut out = ZlibEncoder::new(Vec::new(), Compression::new(level));
        out.write_all(&self.bytes).unwrap();
        Self { bytes: out.finish().unwrap(), at: 0 }
    }

    pub(crate) fn hex(self, upper: bool, between: &str) -> Self {
        self.listed(between, |byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") })
    }

    /// Percent-encodes every character, or only those that are not unreserved.
    pub(crate) fn percent(self, all: bool) -> Self {
        self.each(|_, byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' if !all => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
    }

    pub(crate) fn reversed(self) -> Self {
        // The offset of a reversed secret is that of its first raw byte, which is its last character.
        Self { bytes: self.bytes.iter().rev().copied().collect(), at: self.bytes.len() - self.at - 58 }
    }

    /// Encodes the text as UTF-16 (width 2) or UTF-32 (width 4).
    pub(crate) fn wide(self, width: usize, little: bool) -> Self {
        let unit = |byte: u8| {
            let mut unit = vec![0; width];
            unit[if little { 0 } else { width - 1 }] = byte;
            unit
        };
        Self { bytes: self.bytes.iter().flat_map(|&byte| unit(byte)).collect(), at: self.at * width }
    }

    /// Formats the text as in `xxd` or `hexdump -C`.
    pub(crate) fn dumped(self, canonical: bool) -> Self {
        let mut out = Self::default();
        for (row, bytes) in self.bytes.chunks(16).enumerate() {
            let mut line = format!("{:08x}{}", row * 16, if canonical { " " } else { ":" });
            for (column, byte) in bytes.iter().enumerate() {
                let middle = canonical && column == 8;
                let blank = if canonical || column % 2 == 0 { " " } else { "" };
                line += &format!("{}{blank}", if middle { " " } else { "" });
                if row * 16 + column == self.at {
                    out.at = out.bytes.len() + line.len();
                }
                line += &format!("{byte:02x}");
            }
            let shown: String =
                bytes.iter().map(|&b| if (32..127).contains(&b) { char::from(b) } else { '.' }).collect();
            let shown = if canonical { format!("  |{shown}|") } else { format!("  {shown}") };
            out.bytes
                .extend(format!("{line:<width$}{shown}\n", width = if canonical { 58 } else { 49 }).bytes());
        }
        out
    }
}
