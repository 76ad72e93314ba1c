//! Dumps of `od`, `hexdump` and `xxd` with their usual options: an offset at the start of each line, then numbers or
//! characters in columns, then perhaps the text of the line.
//!
//! The options are not in the dump, so every reading that fits its columns is tried: bytes and words of two, four or
//! eight bytes (little-endian; `xxd` also writes them big-endian), in hexadecimal, octal, decimal or binary digits, and
//! characters as `od -c` and `od -a` write them.

use super::{Frame, lines};

/// Digits of an offset.
const OFFSET_DIGITS: std::ops::RangeInclusive<usize> = 6..=16;
/// Share of the columns that may not fit a reading, in percent: the text beside the numbers.
const MAX_MISFITS_PERCENT: usize = 10;
/// Start of a line that `od` writes in a second format for the bytes of the line before it.
const SECOND_FORMAT: &[u8] = b"       ";
/// Columns that are read to choose the readings.
const SAMPLED_COLUMNS: usize = 4096;

/// A reading of one column: its bytes in the order of the file.
type Reading = fn(&[u8], bool) -> Option<Vec<u8>>;

/// The readings; the argument after the column says whether the dump is of `xxd`.
const READINGS: [Reading; 8] =
    [hex, hex_words, octal_bytes, octal_words, decimal_bytes, decimal_words, binary, character];

/// Returns whether the line after the newline at `at`, and the line before it, start with offsets.
pub(super) fn begins(raw: &[u8], at: usize) -> bool {
    let before = first_line(raw, at);
    let is_first =
        |line: &[u8]| offset(line).is_some_and(|digits| line[..digits].iter().all(|&digit| digit == b'0'));
    let next = &raw[at + 1..];
    is_first(&raw[before..at]) && offset(next).is_some() && !is_first(next)
}

/// Returns the start of the line before the newline at `at`, or of the one before that if it is the second line of two
/// formats at once.
fn first_line(raw: &[u8], at: usize) -> usize {
    let line_before = |end: usize| memchr::memrchr(b'\n', &raw[..end]).map_or(0, |newline| newline + 1);
    let start = line_before(at);
    if start > 0 && raw[start..].starts_with(SECOND_FORMAT) { line_before(start - 1) } else { start }
}

/// Decodes the dump whose second line is after the newline at `at`.
pub(super) fn decode(raw: &[u8], at: usize) -> Option<Frame> {
    let start = first_line(raw, at);
    let (mut columns, mut end) = (Vec::new(), start);
    let mut is_xxd = false;
    for (line, next) in lines(raw, start) {
        match offset(line) {
            Some(digits) => {
                is_xxd |= line.get(digits) == Some(&b':');
                add_columns(&line[digits..], is_xxd, &mut columns);
            }
            // Repeated lines, and the second line of two formats at once.
            None if line == b"*" || line.starts_with(SECOND_FORMAT) => {}
            None => break,
        }
        end = next;
    }
    let mut bytes = Vec::new();
    for reading in READINGS {
        let sample = &columns[..columns.len().min(SAMPLED_COLUMNS)];
        let misfits = sample.iter().filter(|column| reading(column, is_xxd).is_none()).count();
        if misfits * 100 <= sample.len() * MAX_MISFITS_PERCENT {
            bytes.extend(columns.iter().filter_map(|column| reading(column, is_xxd)).flatten());
            bytes.push(b'\n');
        }
    }
    // `xxd -e` writes little-endian words after the same colon.
    if is_xxd && columns.iter().take(9).all(|column| column.len() == 8) {
        bytes.extend(columns.iter().filter_map(|column| hex_words(column, false)).flatten());
    }
    (!bytes.is_empty()).then_some(Frame { bytes, start, end })
}

/// Returns the number of digits of the offset at the start of a line.
fn offset(line: &[u8]) -> Option<usize> {
    let digits = line.iter().take(17).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let ends = matches!(line.get(digits), None | Some(b' ' | b':' | b'\t' | b'\r' | b'\n'));
    (OFFSET_DIGITS.contains(&digits) && ends).then_some(digits)
}

/// Appends the columns of a line, without the text beside them.
fn add_columns<'l>(line: &'l [u8], is_xxd: bool, columns: &mut Vec<&'l [u8]>) {
    let line = line.strip_prefix(b":").unwrap_or(line);
    // `|text|` of hexdump -C, `>text<` of od -z, and two blanks before the text of xxd.
    let bar = [&b"  |"[..], b"  >"].iter().filter_map(|mark| memchr::memmem::find(line, mark)).min();
    let text = if is_xxd { memchr::memmem::find(line, b"  ") } else { bar };
    let line = &line[..text.unwrap_or(line.len())];
    if !is_xxd && let Some(characters) = in_fours(line) {
        columns.extend(characters);
        return;
    }
    columns.extend(line.split(u8::is_ascii_whitespace).filter(|column| !column.is_empty()));
}

/// Returns the columns of `od -c`, four characters each, if one of them is a blank.
fn in_fours(line: &[u8]) -> Option<Vec<&[u8]>> {
    let fours: Vec<&[u8]> = line.chunks(4).collect();
    let is_blank = |four: &&[u8]| four.len() == 4 && four.iter().all(|&byte| byte == b' ');
    let is_char = |four: &&[u8]| is_blank(four) || character(four.trim_ascii(), false).is_some();
    let usable = fours.iter().any(is_blank) && fours.iter().all(is_char);
    usable.then(|| {
        fours.iter().map(|four| if is_blank(four) { &four[3..] } else { four.trim_ascii() }).collect()
    })
}

fn number(column: &[u8], radix: u32) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(column).ok()?, radix).ok()
}

fn little(value: u64, bytes: usize) -> Vec<u8> {
    value.to_le_bytes()[..bytes].to_vec()
}

/// Bytes in hexadecimal digits, in groups of any size if the order is that of the file.
fn hex(column: &[u8], is_xxd: bool) -> Option<Vec<u8>> {
    let fits = column.len() == 2 || is_xxd && column.len().is_multiple_of(2);
    fits.then(|| column.chunks(2).map(|pair| number(pair, 16).map(|byte| byte as u8)).collect())?
}

/// Little-endian words in hexadecimal digits.
fn hex_words(column: &[u8], is_xxd: bool) -> Option<Vec<u8>> {
    let fits = !is_xxd && matches!(column.len(), 4 | 8 | 16);
    fits.then(|| number(column, 16).map(|value| little(value, column.len() / 2)))?
}

fn octal_bytes(column: &[u8], _: bool) -> Option<Vec<u8>> {
    (column.len() == 3)
        .then(|| number(column, 8).filter(|&value| value < 256).map(|value| little(value, 1)))?
}

fn octal_words(column: &[u8], _: bool) -> Option<Vec<u8>> {
    let bytes = match column.len() {
        6 => 2,
        11 => 4,
        22 => 8,
        _ => return None,
    };
    number(column, 8).map(|value| little(value, bytes))
}

fn decimal_bytes(column: &[u8], _: bool) -> Option<Vec<u8>> {
    let value = std::str::from_utf8(column).ok()?.parse::<i64>().ok()?;
    (column.len() <= 4 && (-128..256).contains(&value)).then(|| vec![value as u8])
}

fn decimal_words(column: &[u8], _: bool) -> Option<Vec<u8>> {
    let value = std::str::from_utf8(column).ok()?.parse::<i64>().ok()?;
    let bytes = match column.len() {
        4..=6 => 2,
        7..=11 => 4,
        12..=20 => 8,
        _ => return None,
    };
    Some(value.to_le_bytes()[..bytes].to_vec())
}

fn binary(column: &[u8], _: bool) -> Option<Vec<u8>> {
    (column.len() == 8).then(|| number(column, 2).map(|value| little(value, 1)))?
}

/// A character of `od -c` or `od -a`.
fn character(column: &[u8], _: bool) -> Option<Vec<u8>> {
    match column {
        [byte] => Some(vec![*byte]),
        [b'\\', letter] => {
            let known =
                [(b'n', 10), (b't', 9), (b'r', 13), (b'0', 0), (b'a', 7), (b'b', 8), (b'f', 12), (b'v', 11)];
            known.iter().find(|(name, _)| name == letter).map(|(_, byte)| vec![*byte])
        }
        b"sp" => Some(vec![b' ']),
        b"nl" => Some(vec![b'\n']),
        b"ht" | b"cr" | b"nul" | b"del" | b"esc" => Some(vec![0]),
        _ => octal_bytes(column, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dump: &str) -> String {
        let at = dump.find("\n0000").unwrap();
        assert!(begins(dump.as_bytes(), at), "{dump}");
        String::from_utf8_lossy(&decode(dump.as_bytes(), at).unwrap().bytes).into_owned()
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
    fn other_text_is_not_a_dump() {
        for text in ["0000000 1\n0000000 2\n", "total\n0000020 6568\n", "x = 1\n000012"] {
            let at = text.find('\n').unwrap();
            assert!(!begins(text.as_bytes(), at), "{text}");
        }
    }
}
