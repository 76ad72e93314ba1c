//! Dumps of `od`, `hexdump`, `xxd`, `tcpdump -x` and `curl --trace`: an offset at the start of each line, then numbers or
//! characters in columns, then perhaps the text of the line.
//!
//! The options are not in the dump, so every reading that fits its columns is tried: bytes and words of two, four or
//! eight bytes in either byte order, in hexadecimal, octal, decimal or binary digits, and characters as `od -c` and
//! `od -a` write them. A dump in several formats has several lines for the same bytes; each format is read on its own.

mod columns;
mod readings;

use columns::Columns;

use super::{Frame, lines};

/// Digits of an offset.
const OFFSET_DIGITS: std::ops::RangeInclusive<usize> = 4..=16;
/// Maximum number of bytes of a line of a dump, as the difference of two offsets.
const MAX_LINE_BYTES: u64 = 0x400;
/// Maximum number of formats in one dump.
const MAX_FORMATS: usize = 4;

/// The texts of which one is at the start of the second line of a dump, most often, perhaps after blanks. None starts
/// as the indented lines of code do.
pub(super) const MARKS: [&str; 7] =
    ["\n0000", " 0010  ", "\n0010:", "\n0010 ", "\n0x0000", "  0x0000", "\t0x0010:"];
/// Maximum number of blanks at the start of a line.
const MAX_BLANKS: usize = 4;

/// An offset at the start of a line.
#[derive(Debug, Clone, Copy)]
struct Offset {
    /// Its digits as a hexadecimal number: in dumps with octal or decimal offsets the number grows as well.
    value: u64,
    /// Length of the start of the line up to its last digit, in bytes.
    length: usize,
}

/// Returns whether a dump starts on the line before the one with the mark at `at`.
pub(super) fn begins(raw: &[u8], at: usize) -> bool {
    let Some(newline) = newline_of_mark(raw, at) else { return false };
    let start = first_line(raw, newline);
    let (Some(first), Some(next)) = (offset(&raw[start..newline]), offset(&raw[newline + 1..])) else {
        return false;
    };
    let is_next = next.value > first.value && next.value - first.value <= MAX_LINE_BYTES;
    // A part of a dump begins after a line without an offset.
    is_next
        && (first.value == 0 || start == 0 || offset(&raw[line_before(raw, start - 1)..start - 1]).is_none())
}

/// Returns the offset of the newline before the second line, given its mark at `at`.
fn newline_of_mark(raw: &[u8], at: usize) -> Option<usize> {
    let blanks =
        raw[..at].iter().rev().take(MAX_BLANKS).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if raw[at] == b'\n' {
        Some(at)
    } else {
        (at - blanks).checked_sub(1).filter(|&before| raw[before] == b'\n')
    }
}

/// Returns the start of the line that ends at `end`.
fn line_before(raw: &[u8], end: usize) -> usize {
    memchr::memrchr(b'\n', &raw[..end]).map_or(0, |newline| newline + 1)
}

/// Returns the start of the first line of the dump whose second offset is after the newline at `at`: lines without an
/// offset, or with the same one, are further formats.
fn first_line(raw: &[u8], at: usize) -> usize {
    let mut start = line_before(raw, at);
    for _ in 1..MAX_FORMATS {
        let Some(end) = start.checked_sub(1) else { break };
        let before = line_before(raw, end);
        let same = match (offset(&raw[before..end]), offset(&raw[start..at])) {
            (Some(one), Some(other)) => one.value == other.value,
            (Some(_), None) => columns::is_indented(&raw[start..at]),
            _ => false,
        };
        if !same {
            break;
        }
        start = before;
    }
    start
}

/// Decodes the dump whose second line has the mark at `at`.
pub(super) fn decode(raw: &[u8], at: usize) -> Option<Frame> {
    let start = first_line(raw, newline_of_mark(raw, at)?);
    let mut formats = vec![Columns::default()];
    let (mut end, mut last, mut format) = (start, None, 0);
    for (line, next) in lines(raw, start) {
        let length = match offset(line) {
            Some(offset) => {
                format = if last == Some(offset.value) { format + 1 } else { 0 };
                last = Some(offset.value);
                offset.length
            }
            // Repeated lines.
            None if line == b"*" => continue,
            None if columns::is_indented(line) && last.is_some() => {
                format += 1;
                0
            }
            None => break,
        };
        end = next;
        if format < MAX_FORMATS {
            formats.resize_with(formats.len().max(format + 1), Columns::default);
            formats[format].add(&line[length..]);
        }
    }
    let mut frame = Frame { bytes: Vec::new(), readings: Vec::new(), start, end };
    formats.iter().for_each(|format| format.read(&mut frame));
    (!frame.bytes.is_empty()).then_some(frame)
}

/// Returns the offset at the start of a line: digits, perhaps after blanks and `0x`.
fn offset(line: &[u8]) -> Option<Offset> {
    let blanks = line.iter().take(5).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let prefix = if line[blanks..].starts_with(b"0x") { blanks + 2 } else { blanks };
    let digits = line[prefix..].iter().take(17).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let length = prefix + digits;
    let ends = matches!(line.get(length), None | Some(b' ' | b':' | b'\t' | b'\r' | b'\n'));
    // Without `0x`, an indented number is not an offset but the second format of a line.
    let is_certutil = blanks == 4 && digits == 4 && line[length..].starts_with(b"  ");
    if !ends || !OFFSET_DIGITS.contains(&digits) || blanks > 0 && prefix == blanks && !is_certutil {
        return None;
    }
    Some(Offset { value: readings::number(&line[prefix..length], 16)?, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dump: &str) -> String {
        let marks = MARKS.iter().flat_map(|mark| dump.match_indices(mark));
        let at = marks.map(|(at, _)| at).filter(|&at| begins(dump.as_bytes(), at)).min();
        let bytes = at.and_then(|at| decode(dump.as_bytes(), at)).map(|frame| frame.bytes);
        String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
    }

    #[test]
    fn usual_options() {
        for dump in [
            "0000000 6568 6c6c 206f 6874 7265 2165 300a 3231\n0000010 3433 3635 3837 2039 6261 6463 6665 000a\n000001f\n",
            "00000000  68 65 6c 6c 6f 20 74 68  65 72 65 21 0a 30 31 32  |hello there!.012|\n00000010  33 34 35 36 37 38 39 20  61 62 63 64 65 66 0a     |3456789 abcdef.|\n0000001f\n",
            "0000000 150 145 154 154 157 040 164 150 145 162 145 041 012 060 061 062\n0000010 063 064 065 066 067 070 071 040 141 142 143 144 145 146 012    \n000001f\n",
            "0000000   h   e   l   l   o       t   h   e   r   e   !  \\n   0   1   2\n0000010   3   4   5   6   7   8   9       a   b   c   d   e   f  \\n    \n000001f\n",
            "0000000 062550 066154 020157 064164 071145 020545 030012 031061\n0000020 032063 033065 034067 020071 061141 062143 063145 000012\n0000037\n",
            "0000000   h   e   l   l   o       t   h   e   r   e   !  \\n   0   1   2\n0000016   3   4   5   6   7   8   9       a   b   c   d   e   f  \\n\n0000031\n",
            "000000 68 65 6c 6c 6f 20 74 68 65 72 65 21 0a 30 31 32  >hello there!.012<\n000010 33 34 35 36 37 38 39 20 61 62 63 64 65 66 0a     >3456789 abcdef.<\n00001f\n",
            "0000000   h   e   l   l   o  sp   t   h   e   r   e   !  nl   0   1   2\n0000020   3   4   5   6   7   8   9  sp   a   b   c   d   e   f  nl\n0000037\n",
            "0000000  104  101  108  108  111   32  116  104  101  114  101   33   10   48   49   50\n0000020   51   52   53   54   55   56   57   32   97   98   99  100  101  102   10\n0000037\n",
            "0000000 104 101 108 108 111  32 116 104 101 114 101  33  10  48  49  50\n0000020  51  52  53  54  55  56  57  32  97  98  99 100 101 102  10\n0000037\n",
            "0000000  68  65  6c  6c  6f  20  74  68  65  72  65  21  0a  30  31  32\n          h   e   l   l   o       t   h   e   r   e   !  \\n   0   1   2\n0000020  33  34  35  36  37  38  39  20  61  62  63  64  65  66  0a\n",
            "0000000 6c6c6568 6874206f 21657265 3231300a\n0000020 36353433 20393837 64636261 000a6665\n0000037\n",
            "0000000 6874206f6c6c6568 3231300a21657265\n0000020 2039383736353433 000a666564636261\n0000037\n",
            "00000000: 6865 6c6c 6f20 7468 6572 6521 0a30 3132  hello there!.012\n00000010: 3334 3536 3738 3920 6162 6364 6566 0a    3456789 abcdef.\n",
            "00000000: 01101000 01100101 01101100 01101100 01101111 00100000  hello \n00000006: 01110100 01101000 01100101 01110010 01100101 00100001  there!\n0000000c: 00001010 00110000 00110001 00110010 00110011 00110100  .01234\n",
            "00000000: 6c6c6568 6874206f 21657265 3231300a  hello there!.012\n00000010: 36353433 20393837 64636261   0a6665  3456789 abcdef.\n",
        ] {
            assert!(read(dump).contains("hello there!"), "{dump}: {}", read(dump));
        }
    }

    #[test]
    fn further_programs_and_parts_of_dumps() {
        for dump in [
            // hexdump -cC, with the last line of one byte that looks like a character of od -c.
            "0000000   h   e   l   l   o       t   h   e   r   e   !  \\n   0   1   2\n00000000  68 65 6c 6c 6f 20 74 68  65 72 65 21 0a 30 31 32  |hello there!.012|\n0000010   3   4\n00000010  33 34    |34|\n0000012\n",
            "0000000 6568 6c6c 206f 6874 7265 2165 300a 3231\n0000010 000a                                   \n0000011\n",
            "0000000  7526676540175443304  3616724795823321701\n0000020                  266\n0000022\n",
            "x\n00000013: 6865 6c6c 6f20 7468 6572 6521 0a30 3132  hello there!.012\n00000023: 3334  34\n",
            "0000000 6865 6c6c 6f20 7468 6572 6521 0a30 3132\n0000020 3334\n0000022\n",
            "00000000: 6568 6c6c 206f 6874 7265 2165 300a 3231  hello there!.012\n00000010: 3433                                     34\n",
            "12:00 IP a > b\n\t0x0000:  6865 6c6c 6f20 7468 6572 6521 0a30 3132  hello.there!.012\n\t0x0010:  3334  34\n",
            "    0000  68 65 6c 6c 6f 20 74 68  65 72 65 21 0a 30 31 32   hello there!.012\n    0010  33 34 34                                          344\n",
            "0000000000000000 68 65 6C 6C 6F 20 74 68 65 72 65 21 0A 30 31 32  AB01AB01AB01AB01\n0000000000000010 20 6B 65 79 3D 4B 45 59 30 31 39 36 37 44 46 44  AB01AB01AB01AB02\n",
            "=> Send data, 18 bytes (0x12)\n0000: 68 65 6c 6c 6f 20 74 68 65 72 65 21 0a 30 31 32 hello there!.012\n0010: 33 34 34\n",
        ] {
            assert!(read(dump).contains("hello th"), "{dump}: {}", read(dump));
        }
    }

    #[test]
    fn other_text_is_not_a_dump() {
        for text in ["0000000 1\n0000000 2\n", "total\n0000020 6568\n", "x = 1\n000012"] {
            let at = text.find('\n').unwrap();
            assert!(!begins(text.as_bytes(), at), "{text}");
        }
    }
}
