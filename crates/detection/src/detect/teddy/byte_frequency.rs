//! Byte frequencies of typical input: source code, web pages, bundles, logs, SQL and CSV dumps, JSON, mail with base64
//! and machine code in equal parts, measured on the corpora of `benches/README.md`. They only guide the choice and
//! grouping of literals.

/// Occurrences per ten thousand bytes, at least 1.
#[rustfmt::skip]
pub(crate) const FREQUENCY: [u16; 256] = [
    333, 16, 13, 11, 23, 4, 3, 2, 16, 13, 102, 1, 1, 3, 1, 1, 5, 1, 3, 1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1,
    834, 8, 205, 7, 3, 33, 9, 64, 56, 54, 9, 14, 209, 120, 177, 87, 296, 262, 246, 177, 172, 166, 177, 150, 149, 154, 103, 15, 20, 49, 24, 7,
    8, 132, 53, 76, 37, 47, 41, 38, 24, 71, 20, 16, 23, 22, 44, 19, 20, 22, 33, 34, 47, 20, 28, 28, 25, 23, 41, 15, 79, 15, 3, 85,
    9, 274, 97, 187, 182, 442, 106, 120, 106, 253, 20, 39, 190, 119, 243, 243, 131, 14, 240, 267, 340, 127, 54, 62, 46, 62, 18, 26, 9, 26, 1, 2,
    8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2,
    3, 1, 11, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1,
    2, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
];

/// Number of content kinds that are modelled separately: all content together, and numbers, in which digits are next to
/// each other. Within a kind, bytes are assumed to be independent.
pub(crate) const KINDS: usize = 2;

/// Returns the occurrences of `byte` per ten thousand bytes of all content (kind 0), or the additional ones in numbers
/// (kind 1).
pub(crate) const fn of(byte: u8, kind: usize) -> u32 {
    match byte {
        _ if kind == 0 => FREQUENCY[byte as usize] as u32,
        b'0'..=b'9' => 550,
        b',' | b'.' | b'-' | b':' | b' ' | b'\n' => 400,
        _ => 1,
    }
}
