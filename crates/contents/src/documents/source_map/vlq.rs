//! The `mappings` of a source map: base64 digits of five bits each, numbers relative to the previous ones (ECMA-426).
//! The standard does not define the meaning of damaged mappings; here they are skipped and never an error.

/// One mapping: a column of the generated line and its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// Column in the generated line, in UTF-16 code units, 0-based.
    pub(super) generated: u64,
    /// Location in the source, if there is one.
    pub(super) source: Option<Source>,
}

/// A location in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source {
    /// Index in the list of sources.
    pub(super) index: usize,
    /// 0-based.
    pub(super) line: u64,
    /// In UTF-16 code units, 0-based.
    pub(super) column: u64,
}

/// Returns the mapping for a location in the generated file (both numbers 0-based, the column in UTF-16 code units):
/// the last one of its line that starts at or before it. Of several at the same column, the first.
pub(super) fn find(mappings: &[u8], line: u64, column: u64) -> Option<Segment> {
    let mut reader = Reader::default();
    let mut best: Option<Segment> = None;
    for (number, text) in mappings.split(|&byte| byte == b';').enumerate() {
        reader.generated = 0;
        for segment in text.split(|&byte| byte == b',') {
            let Some(segment) = reader.segment(segment) else { continue };
            let nearer = best.is_none_or(|best| best.generated < segment.generated);
            if number as u64 == line && segment.generated <= column && nearer {
                best = Some(segment);
            }
        }
        if number as u64 >= line {
            break;
        }
    }
    best
}

/// The running totals of the relative numbers.
#[derive(Debug, Default)]
struct Reader {
    generated: i64,
    index: i64,
    line: i64,
    column: i64,
}

impl Reader {
    fn segment(&mut self, text: &[u8]) -> Option<Segment> {
        let mut rest = text;
        self.generated = self.generated.wrapping_add(number(&mut rest)?);
        let generated = u64::try_from(self.generated).ok()?;
        if rest.is_empty() {
            return Some(Segment { generated, source: None });
        }
        self.index = self.index.wrapping_add(number(&mut rest)?);
        self.line = self.line.wrapping_add(number(&mut rest)?);
        self.column = self.column.wrapping_add(number(&mut rest)?);
        let source = Source {
            index: usize::try_from(self.index).ok()?,
            line: u64::try_from(self.line).ok()?,
            column: u64::try_from(self.column).ok()?,
        };
        Some(Segment { generated, source: Some(source) })
    }
}

/// Parses one number at the start of `text`: least significant digits first; the lowest bit is the sign.
fn number(text: &mut &[u8]) -> Option<i64> {
    let (mut value, mut shift) = (0u64, 0u32);
    loop {
        let (&byte, rest) = text.split_first()?;
        *text = rest;
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        value |= u64::from(digit & 31).checked_shl(shift)?;
        shift += 5;
        if digit & 32 == 0 {
            break;
        }
    }
    let amount = i64::try_from(value >> 1).ok()?;
    Some(if value & 1 == 1 { -amount } else { amount })
}
