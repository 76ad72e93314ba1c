//! gzip and zlib data in base64. The scanner inflates it as a stream (`detect/inflate.rs`).

use super::truncation::{Step, step};
use super::{
    Anchor, Candidate, Continuation, Decoder, Form, Interpretation, LiteralTable, Verification, Verified,
};
use crate::detect::byte_set::sextet;
use crate::detect::decoding_cursor::Cursor;

/// Base64 of the first bytes of a zlib stream: 78 and 01, 9C or DA; the third byte is arbitrary, which leaves four
/// characters for each.
const ZLIB: [&str; 12] = ["eAE", "eAF", "eAG", "eAH", "eJw", "eJx", "eJy", "eJz", "eNo", "eNp", "eNq", "eNr"];
/// Base64 of the first bytes of a gzip stream: 1F 8B 08.
const GZIP: &str = "H4sI";
/// Nested base64 of a gzip stream, as in a Helm release.
const GZIP_TWICE: &str = "SDRzS";
/// Number of base64 characters of the shortest compressed key.
const MIN_CHARS: u32 = 64;
/// Number of base64 characters that fill a line of a block.
const LINE_CHARS: usize = 60;

/// The decoder of compressed data.
pub(crate) struct Compressed;

impl Decoder for Compressed {
    /// The shift is the number of base64 layers around the data. The literals are the same for all anchors.
    fn literals(&self, _index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        if !anchor.is_in_all_forms() {
            return;
        }
        let once = ZLIB.into_iter().chain([GZIP]).map(|literal| (literal, 1));
        for (literal, layers) in once.chain([(GZIP_TWICE, 2)]) {
            let meaning = Interpretation::new(Form::Compressed, 0, layers, &[]);
            table.add(literal.as_bytes(), Interpretation { follow: Continuation::Any, ..meaning });
        }
    }

    /// Compressed data starts at the start of a base64 text and is at least as long as a compressed key.
    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, _anchor: &Anchor) -> Verification {
        let Candidate { raw, at: hit, .. } = *candidate;
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
