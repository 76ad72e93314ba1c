//! Images of firmware in hexadecimal digits: Intel HEX (`:10000000…`) and Motorola S-records (`S1130000…`). Each line has a
//! number of bytes, an address, the bytes and a checksum.

use super::{Frame, lines};

/// The texts at the start of the second line, most often.
pub(super) const MARKS: [&str; 4] = ["\n:10", "\nS11", "\nS21", "\nS31"];
/// Types of records of Intel HEX: an address, or where the program starts.
const OTHER_TYPES: std::ops::RangeInclusive<u8> = 1..=5;

/// A line of an image.
struct Line {
    /// The bytes, without the address and the checksum.
    bytes: Vec<u8>,
    /// Whether it contains data.
    is_data: bool,
}

/// Returns whether the line before the mark at `at` and the one with the mark are lines of an image.
pub(super) fn begins(raw: &[u8], at: usize) -> bool {
    let is_line = |from: usize| lines(raw, from).next().is_some_and(|(line, _)| parse(line).is_some());
    // Only the first data line starts a frame: the line before it is a header, or no line of an image.
    let start = line_before(raw, at);
    let is_first = || start == 0 || !is_line(line_before(raw, start - 1));
    is_line(at + 1) && is_line(start) && is_first()
}

fn line_before(raw: &[u8], end: usize) -> usize {
    memchr::memrchr(b'\n', &raw[..end]).map_or(0, |newline| newline + 1)
}

/// Decodes the image whose second line follows the mark at `at`.
pub(super) fn decode(raw: &[u8], at: usize) -> Option<Frame> {
    let start = line_before(raw, at);
    let (mut bytes, mut end) = (Vec::new(), start);
    for (line, next) in lines(raw, start) {
        let Some(line) = parse(line) else { break };
        if line.is_data {
            bytes.extend(line.bytes);
        }
        end = next;
    }
    (!bytes.is_empty()).then(|| Frame::new(bytes, start, end))
}

/// Parses a line. Returns `None` if its length or its checksum is wrong.
fn parse(line: &[u8]) -> Option<Line> {
    let line = line.trim_ascii_end();
    let (digits, kind) = match line {
        [b':', digits @ ..] => (digits, b':'),
        [b'S', kind @ b'0'..=b'9', digits @ ..] => (digits, *kind),
        _ => return None,
    };
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let all = digits.chunks(2).map(pair).collect::<Option<Vec<u8>>>()?;
    let sum = all.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    let count = usize::from(*all.first()?);
    if kind == b':' {
        let is_whole = all.len() == count + 5 && sum == 0;
        let is_data = is_whole && all[3] == 0;
        return (is_data || is_whole && OTHER_TYPES.contains(&all[3]))
            .then(|| Line { bytes: all[4..4 + count].to_vec(), is_data });
    }
    let address = match kind {
        b'1' => 2,
        b'2' => 3,
        b'3' => 4,
        _ => 0,
    };
    let is_whole = all.len() == count + 1 && sum == 0xFF && count > address;
    is_whole.then(|| Line { bytes: all[1 + address..count].to_vec(), is_data: address > 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let at = MARKS.iter().filter_map(|mark| text.find(mark)).min()?;
        let frame = decode(text.as_bytes(), at).filter(|_| begins(text.as_bytes(), at))?;
        Some(String::from_utf8_lossy(&frame.bytes).into_owned())
    }

    #[test]
    fn bytes_of_images() {
        let intel = |address: u8, text: &str| {
            let mut bytes = vec![text.len() as u8, 0, address, 0];
            bytes.extend(text.bytes());
            bytes.push(bytes.iter().fold(0u8, |sum, byte| sum.wrapping_sub(*byte)));
            format!(":{}\n", bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>())
        };
        let image = intel(0, "hello there! 012") + &intel(16, "3456789 abcdefgh") + ":00000001FF\n";
        assert_eq!(read(&image).unwrap(), "hello there! 0123456789 abcdefgh");
        assert_eq!(read(&image.replace("68656C", "68656D")), None);
        let records = "S00600004844521B\nS1137AF00A0A0D0000000000000000000000000061\n";
        assert_eq!(read(records).unwrap().len(), 16);
        assert_eq!(read("a\nS1137AF0 not a record\n"), None);
    }
}
