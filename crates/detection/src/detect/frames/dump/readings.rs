//! How the columns of a dump can be read.

/// A reading of the columns.
pub(super) struct Reading {
    /// Returns the bytes of one column in the order of the file.
    pub(super) bytes: fn(&[u8]) -> Option<Vec<u8>>,
    /// Whether all columns have the same number of digits, except the last one.
    pub(super) has_fixed_width: bool,
}

const fn fixed(bytes: fn(&[u8]) -> Option<Vec<u8>>) -> Reading {
    Reading { bytes, has_fixed_width: true }
}

const fn free(bytes: fn(&[u8]) -> Option<Vec<u8>>) -> Reading {
    Reading { bytes, has_fixed_width: false }
}

/// The readings.
pub(super) const READINGS: [Reading; 8] = [
    fixed(hex),
    fixed(hex_words),
    fixed(octal_bytes),
    fixed(octal_words),
    free(decimal_bytes),
    free(decimal_words),
    fixed(binary),
    free(character),
];
/// Maximum number of digits of a group of bytes: `xxd -g 16`.
const MAX_WORD_DIGITS: usize = 64;

/// Returns the number that `column` is, all of it.
pub(super) fn number(column: &[u8], radix: u32) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(column).ok()?, radix).ok()
}

fn little(value: u64, bytes: usize) -> Vec<u8> {
    value.to_le_bytes()[..bytes].to_vec()
}

/// Bytes in hexadecimal digits, in groups of any size in the order of the file: `xxd`, `od --endian=big`.
fn hex(column: &[u8]) -> Option<Vec<u8>> {
    let fits = column.len() <= MAX_WORD_DIGITS && column.len().is_multiple_of(2);
    fits.then(|| column.chunks(2).map(|pair| number(pair, 16).map(|byte| byte as u8)).collect())?
}

/// Little-endian words in hexadecimal digits.
fn hex_words(column: &[u8]) -> Option<Vec<u8>> {
    let fits = matches!(column.len(), 4 | 8 | 16);
    fits.then(|| number(column, 16).map(|value| little(value, column.len() / 2)))?
}

fn octal_bytes(column: &[u8]) -> Option<Vec<u8>> {
    (column.len() == 3)
        .then(|| number(column, 8).filter(|&value| value < 256).map(|value| little(value, 1)))?
}

fn octal_words(column: &[u8]) -> Option<Vec<u8>> {
    let bytes = match column.len() {
        6 => 2,
        11 => 4,
        22 => 8,
        _ => return None,
    };
    number(column, 8).map(|value| little(value, bytes))
}

fn decimal_bytes(column: &[u8]) -> Option<Vec<u8>> {
    let value = std::str::from_utf8(column).ok()?.parse::<i64>().ok()?;
    (column.len() <= 4 && (-128..256).contains(&value)).then(|| vec![value as u8])
}

fn decimal_words(column: &[u8]) -> Option<Vec<u8>> {
    let value = std::str::from_utf8(column).ok()?.parse::<i64>().ok()?;
    let bytes = match column.len() {
        4..=6 => 2,
        7..=11 => 4,
        12..=20 => 8,
        _ => return None,
    };
    Some(value.to_le_bytes()[..bytes].to_vec())
}

fn binary(column: &[u8]) -> Option<Vec<u8>> {
    (column.len() == 8).then(|| number(column, 2).map(|value| little(value, 1)))?
}

/// A character of `od -c` or `od -a`.
pub(super) fn character(column: &[u8]) -> Option<Vec<u8>> {
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
        _ => octal_bytes(column),
    }
}
