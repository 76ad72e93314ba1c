//! Compressed data in base64 or hexadecimal digits. The scanner inflates it as a stream (`detect/inflate.rs`).

use super::truncation::{Step, step};
use super::{
    Anchor, Candidate, Continuation, Decoder, Form, Interpretation, LiteralTable, Verification, Verified,
};
use crate::detect::byte_set::sextet;
use crate::detect::decoding_cursor::Cursor;

/// Base64 of the first bytes of a zlib stream (78 and 01, 9C or DA; the third byte is arbitrary, which leaves four
/// characters for each), of gzip (1F 8B 08), zip (PK 03 04), zstd (28 B5 2F FD), xz (FD 37 7A 58),
/// bzip2 (`BZh`) and lzma (5D and a dictionary of whole 64 KiB).
const BASE64: [&str; 19] = [
    "eAE", "eAF", "eAG", "eAH", "eJw", "eJx", "eJy", "eJz", "eNo", "eNp", "eNq", "eNr", "H4sI", "UEsDB",
    "KLUv", "/Td6W", "_Td6W", "Qlpo", "XQAA",
];
/// Hexadecimal digits of the same, but for zlib with the rarest of its second bytes.
const HEX: [&str; 7] = ["1f8b08", "504b0304", "28b52ffd", "fd377a58", "425a68", "5d000080", "789c"];
/// Nested base64: of gzip, as in a Helm release, zlib with the usual second byte, zip, zstd, xz and bzip2.
const TWICE: [&str; 6] = ["SDRzS", "ZUp", "VUVzRE", "S0xVd", "L1RkNl", "UWxwb"];
/// Number of layers that means hexadecimal digits.
pub(crate) const HEX_LAYERS: u8 = 0;
/// Number of layers that means raw deflate in base64. It has no magic number and is recognised by the text before it.
pub(crate) const RAW_LAYERS: u8 = 3;
/// Texts before raw deflate in base64: `<diagram` of draw.io, without its common start, and the parameters of SAML.
const RAW_MARKS: [&str; 3] = ["iagram", "SAMLRequest", "SAMLResponse"];
/// Maximum distance from the first of [`RAW_MARKS`] to the end of its tag, in bytes.
const MAX_TAG_BYTES: usize = 512;
/// Maximum distance from the other [`RAW_MARKS`] to their value, in bytes.
const MAX_SEPARATOR_BYTES: usize = 24;
/// Number of base64 characters of the shortest raw deflate stream that is read.
const MIN_RAW_CHARS: usize = 40;
/// Number of base64 characters of the shortest compressed key.
const MIN_CHARS: u32 = 64;
/// Number of hexadecimal digits of the shortest compressed key.
const MIN_HEX_DIGITS: usize = 96;
/// Number of base64 characters that fill a line of a block.
const LINE_CHARS: usize = 60;

/// The decoder of compressed data.
pub(crate) struct Compressed;

impl Decoder for Compressed {
    /// The shift is the number of base64 layers around the data, or [`HEX_LAYERS`] or [`RAW_LAYERS`]. The literals are the same for all anchors.
    fn literals(&self, _index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        if !anchor.is_in_all_forms() {
            return;
        }
        let mut add = |literal: &str, layers| {
            let meaning = Interpretation::new(Form::Compressed, 0, layers, &[]);
            table.add(literal.as_bytes(), Interpretation { follow: Continuation::Any, ..meaning });
        };
        BASE64.into_iter().for_each(|literal| add(literal, 1));
        TWICE.into_iter().for_each(|literal| add(literal, 2));
        RAW_MARKS.into_iter().for_each(|literal| add(literal, RAW_LAYERS));
        for literal in HEX {
            add(literal, HEX_LAYERS);
            add(&literal.to_ascii_uppercase(), HEX_LAYERS);
        }
    }

    /// Compressed data starts at the start of a base64 text and is at least as long as a compressed key.
    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, _anchor: &Anchor) -> Verification {
        let Candidate { raw, at: hit, .. } = *candidate;
        if meaning.shift == HEX_LAYERS {
            return verify_hex(raw, hit);
        }
        if meaning.shift == RAW_LAYERS {
            return verify_raw(raw, hit);
        }
        if hit > 0 && sextet(raw[hit - 1]).is_some() && raw[hit - 1] != b'/' || is_inside_block(raw, hit) {
            return Verification::No;
        }
        let mut cursor = Cursor::new(raw, hit);
        let (mut digits, mut capitals) = (0, 0);
        for _ in 0..MIN_CHARS {
            let Some(byte) = cursor.next(|byte| sextet(byte).is_some()) else {
                let next = step(raw, &mut cursor, |byte| sextet(byte).is_some());
                return Verification::undecided(next == Step::Ends);
            };
            digits += u32::from(byte.is_ascii_digit());
            capitals += u32::from(byte.is_ascii_uppercase());
        }
        // Words in camelCase have no digits and few capitals; in base64 of compressed data, one character in six is a
        // digit and two in five are capitals.
        if digits == 0 && capitals <= MIN_CHARS / 4 {
            return Verification::No;
        }
        Verification::Yes(Verified { at: hit, rules: Vec::new(), width: usize::from(meaning.shift) })
    }
}

/// Compressed data in hexadecimal digits starts at their start, after `\\x`, `0x` or a quote, say.
fn verify_hex(raw: &[u8], hit: usize) -> Verification {
    if hit > 0 && raw[hit - 1].is_ascii_alphanumeric() && raw[hit - 1] != b'x' {
        return Verification::No;
    }
    let digits = raw[hit..].iter().take(MIN_HEX_DIGITS).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits == MIN_HEX_DIGITS {
        return Verification::Yes(Verified { at: hit, rules: Vec::new(), width: usize::from(HEX_LAYERS) });
    }
    Verification::undecided(hit + digits == raw.len())
}

/// Raw deflate starts after the tag or parameter at `hit`.
fn verify_raw(raw: &[u8], hit: usize) -> Verification {
    let Some(at) = raw_start(raw, hit) else {
        return Verification::undecided(raw.len() - hit < MAX_TAG_BYTES);
    };
    let mut cursor = Cursor::new(raw, at);
    for _ in 0..MIN_RAW_CHARS {
        match step(raw, &mut cursor, |byte| sextet(byte).is_some()) {
            Step::Taken => {}
            other => return Verification::undecided(other == Step::Ends),
        }
    }
    Verification::Yes(Verified { at, rules: Vec::new(), width: usize::from(RAW_LAYERS) })
}

/// Returns the offset of the base64 text that the mark at `hit`, one of those of raw deflate, precedes. Returns `None`
/// if there is none in reach.
pub(crate) fn raw_start(raw: &[u8], hit: usize) -> Option<usize> {
    let rest = &raw[hit..raw.len().min(hit + MAX_TAG_BYTES)];
    let ends = [&b">"[..], b"&gt;", b"%3E", b"%3e", b"\\u003e", b"\\u003E"];
    if rest.starts_with(RAW_MARKS[0].as_bytes()) {
        // `<d`, `&lt;d`, `%3Cd` or `\u003cd`.
        let is_tag =
            raw[..hit].ends_with(b"d") && { hit > 1 && matches!(raw[hit - 2], b'<' | b';' | b'C' | b'c') };
        let tag = rest.iter().position(|&byte| matches!(byte, b'<' | 0)).unwrap_or(rest.len());
        let end_of = |end: &&[u8]| memchr::memmem::find(&rest[..tag], end).map(|at| at + end.len());
        let end = ends.iter().filter(|_| is_tag).filter_map(end_of).min()?;
        let blank = rest[end..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        return Some(hit + end + blank);
    }
    let mut at = RAW_MARKS.iter().find(|mark| rest.starts_with(mark.as_bytes()))?.len();
    let name = at;
    let separators = ["%3D", "%3d", "%253D", "%22", "%3A", "&quot;", "&#x3D;", "\\u003d", "\\u0022", "\\"];
    while let Some(byte) = rest.get(at).filter(|_| at - name < MAX_SEPARATOR_BYTES) {
        let long = separators.iter().find(|one| rest[at..].starts_with(one.as_bytes()));
        at += match (long, byte) {
            (Some(long), _) => long.len(),
            (None, b'=' | b'"' | b'\'' | b':' | b' ' | b'\t' | b'>' | b',') => 1,
            (None, _) => return (at > name).then_some(hit + at),
        };
    }
    None
}

/// Returns whether `at` is the start of a line of a base64 block other than the first line.
fn is_inside_block(raw: &[u8], at: usize) -> bool {
    let before = raw[..at].trim_ascii_end();
    at > 0 && matches!(raw[at - 1], b'\n' | b' ' | b'\t') && before.len() >= LINE_CHARS && {
        before[before.len() - LINE_CHARS..].iter().all(|&byte| sextet(byte).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Forms;

    #[test]
    fn compressed_data_has_a_digit_or_many_capitals() {
        let anchor = Anchor {
            text: Vec::new(),
            forms: Forms::All,
            cut: false,
            names: false,
            family: 0,
            runs: Vec::new(),
        };
        let meaning = Interpretation::new(Form::Compressed, 0, 1, &[]);
        let begins = |text: String| {
            Compressed.verify(&Candidate::new(text.as_bytes(), 0), &meaning, &anchor).verified().is_some()
        };
        let filled = |start: &str| format!("{start:x<64}");
        assert!(!begins(filled("eJ")) && begins(filled("eJ7")));
        assert!(
            !begins(filled(&format!("e{}", "J".repeat(16))))
                && begins(filled(&format!("e{}", "J".repeat(17))))
        );
        assert!(begins(filled("e7")) && !begins(filled("e7")[..63].to_owned()));
    }
}
