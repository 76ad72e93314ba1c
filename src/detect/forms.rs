//! Compiles the anchors of the rules into a few short literals to search for.
//!
//! Every encoded form of an anchor is derived by encoding it, and only a rare piece of three or four bytes of each form
//! is searched: short literals keep the search at memory speed, and the forms are distinguished only at a hit. An
//! anchor that is searched in all forms gets two pieces per form, chosen so that no line break or concatenation can cut
//! both.

use super::class::Class;
use super::frequency::FREQUENCY;
use crate::rules::Forms;
use std::collections::BTreeMap;
use std::ops::Range;

/// How to decode the bytes after a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Form {
    /// Characters, some or all of them escaped, possibly in several pieces.
    Text,
    /// Base64 in the standard or URL-safe alphabet.
    Base64,
    /// Pairs of hexadecimal digits.
    Hex,
    /// Decimal character codes.
    Codes,
    /// UTF-16.
    Wide16,
    /// UTF-32.
    Wide32,
    /// Reversed characters.
    Reversed,
    /// Gzip or zlib data in base64.
    Deflated,
}

/// One interpretation of a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    /// The encoding.
    pub(crate) form: Form,
    /// Index of the anchor. Unused for [`Form::Deflated`].
    pub(crate) anchor: usize,
    /// For text: maximum number of bytes before the hit at which its first character may start. For base64: number of
    /// base64 characters from the hit to the next group. For compressed data: number of base64 layers around it.
    pub(crate) shift: u8,
    /// The decoded bytes at this offset must start with these.
    pub(crate) expect: Vec<u8>,
    /// What must follow them.
    pub(crate) follow: Follow,
    /// For text: the part of the anchor before the literal.
    pub(crate) before: Vec<u8>,
}

/// What must follow the expected bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// The run of one of the anchor's rules.
    Run,
    /// More base64 (nested base64).
    Base64,
    /// Anything.
    Any,
}

/// An anchor of the rules.
#[derive(Debug, Clone)]
pub(crate) struct Anchor {
    /// The plain text.
    pub(crate) text: Vec<u8>,
    /// The set of forms in which it is searched.
    pub(crate) forms: Forms,
    /// Whether it may be split into concatenated pieces, because one of its rules is for a secret rather than a name.
    pub(crate) cut: bool,
    /// Whether names and values near it are read.
    pub(crate) names: bool,
    /// Family; anchors that share a rule have the same one.
    pub(crate) family: usize,
    /// Runs that may follow it: character set, minimum length, and the rules that require this run.
    pub(crate) runs: Vec<(Class, usize, Vec<usize>)>,
}

/// A literal with all its interpretations.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    /// The bytes to search for.
    pub(crate) bytes: Vec<u8>,
    /// Possible interpretations of a hit.
    pub(crate) uses: Vec<Use>,
}

/// Returns the literals for `anchors`. None is a prefix of another.
pub(crate) fn literals(anchors: &[Anchor]) -> Vec<Literal> {
    let mut table = Table::default();
    for (index, anchor) in anchors.iter().enumerate() {
        table.plain(index, anchor);
        if anchor.forms != Forms::Plain {
            table.base64(index, anchor);
        }
        if anchor.forms == Forms::All {
            table.wide(index, anchor);
            table.escapes(index, anchor);
            table.hex(index, anchor);
            table.backwards(index, anchor);
        }
        // The pieces of a shorter anchor are too common in these forms.
        if anchor.forms == Forms::All && anchor.text.len() >= LONG {
            table.base64_twice(index, anchor);
            table.single_characters(index, anchor);
            table.codes(index, anchor);
        }
    }
    if anchors.iter().any(|anchor| anchor.forms == Forms::All) {
        table.deflated();
    }
    prefix_free(table.0)
}

/// Minimum length of an anchor that is also searched in the rarest forms, in bytes.
const LONG: usize = 5;

#[derive(Default)]
struct Table(BTreeMap<Vec<u8>, Vec<Use>>);

impl Table {
    fn add(&mut self, bytes: &[u8], anchor: usize, form: Form, (shift, expect): (u8, &[u8])) {
        let expect = expect.to_vec();
        self.add_use(bytes, Use { form, anchor, shift, expect, follow: Follow::Run, before: Vec::new() });
    }

    fn add_use(&mut self, bytes: &[u8], meaning: Use) {
        let uses = self.0.entry(bytes.to_vec()).or_default();
        if !uses.contains(&meaning) {
            uses.push(meaning);
        }
    }

    fn plain(&mut self, index: usize, anchor: &Anchor) {
        for piece in pieces(&anchor.text, anchor.forms) {
            let meaning = Use {
                form: Form::Text,
                anchor: index,
                shift: 0,
                expect: anchor.text[piece.start..].to_vec(),
                follow: Follow::Run,
                before: anchor.text[..piece.start].to_vec(),
            };
            self.add_use(&anchor.text[piece], meaning);
        }
        if anchor.forms == Forms::All {
            // A colour code before each character.
            let first = char::from(anchor.text[0]);
            self.add(format!("{first}\u{1b}[").as_bytes(), index, Form::Text, (0, &anchor.text));
        }
    }

    /// One character per piece: `['K', 'E', …].join('')`, `'K' + 'E'`.
    fn single_characters(&mut self, index: usize, anchor: &Anchor) {
        let first = char::from(anchor.text[0]);
        for behind in ["',", "\",", "'+", "\"+", "' ", "\" "] {
            self.add(format!("{first}{behind}").as_bytes(), index, Form::Text, (0, &anchor.text));
        }
    }

    fn base64(&mut self, index: usize, anchor: &Anchor) {
        self.base64_of(&anchor.text, anchor.forms, index, Follow::Run);
    }

    fn base64_of(&mut self, inner: &[u8], forms: Forms, index: usize, follow: Follow) {
        for before in 0..3 {
            let (first, text) = base64_known(inner, before);
            for piece in pieces(&text, forms) {
                let at = first + piece.start;
                let boundary = at.div_ceil(4) * 4;
                let decoded = (boundary / 4 * 3 - before).min(inner.len());
                let meaning = Use {
                    form: Form::Base64,
                    anchor: index,
                    shift: (boundary - at) as u8,
                    expect: inner[decoded..].to_vec(),
                    follow,
                    // The encoded text may itself be split, and then other characters precede.
                    before: Vec::new(),
                };
                self.add_use(&text[piece], meaning);
            }
        }
    }

    /// Nested base64, and base64 of UTF-16, which is the format of PowerShell's -EncodedCommand.
    fn base64_twice(&mut self, index: usize, anchor: &Anchor) {
        for before in 0..3 {
            let (_, once) = base64_known(&anchor.text, before);
            self.base64_of(&once, Forms::Common, index, Follow::Base64);
        }
        let wide: Vec<u8> = anchor.text.iter().flat_map(|&b| [b, 0]).collect();
        self.base64_of(&wide, Forms::Common, index, Follow::Any);
    }

    fn wide(&mut self, index: usize, anchor: &Anchor) {
        for (form, width) in [(Form::Wide16, 2), (Form::Wide32, 4)] {
            let mut literal = vec![0; width + 1];
            (literal[0], literal[width]) = (anchor.text[0], anchor.text[1]);
            self.add(&literal, index, form, (0, &anchor.text));
        }
    }

    /// Escapes of the first three characters of the anchor: if only some characters of a text are escaped, either one
    /// of these is, or the plain piece occurs. If an escape is rare enough without the whole code, one literal covers
    /// all characters.
    fn escapes(&mut self, index: usize, anchor: &Anchor) {
        for at in [0, 1, 2] {
            let code = anchor.text[at];
            let octal = format!("{code:03o}");
            let decimal = format!("{code}");
            let mut ways = vec![
                ("%25".to_owned(), 0),
                ("\\u{".to_owned(), 0),
                ("\\x{".to_owned(), 0),
                ("\\U0".to_owned(), 0),
                ("&#x".to_owned(), 0),
                ("&#X".to_owned(), 0),
                ("&#0".to_owned(), 0),
                // The end of `&amp;#`, whose beginning is too common on web pages.
                ("p;#".to_owned(), 3),
                (format!("&#{}", &decimal[..1]), 0),
                (format!("\\{}", &octal[..2]), 0),
            ];
            for hex in both_cases(&[code]) {
                ways.extend([
                    (format!("x{hex}"), 1),
                    (format!("%{hex}"), 0),
                    (format!("u00{}", &hex[..1]), 1),
                ]);
                self.add(format!("x{hex}").as_bytes(), index, Form::Hex, (1, &anchor.text[at..]));
            }
            for (literal, back) in ways {
                self.add(literal.as_bytes(), index, Form::Text, (back, &anchor.text[at..]));
            }
        }
        let [second, third] = [anchor.text[1], anchor.text[2]].map(|code| format!("={code:02X}"));
        self.add(format!("{second}{third}").as_bytes(), index, Form::Text, (0, &anchor.text[1..]));
    }

    fn hex(&mut self, index: usize, anchor: &Anchor) {
        for at in 1..anchor.text.len().min(4) - 1 {
            for literal in both_cases(&anchor.text[at..at + 2]) {
                self.add(literal.as_bytes(), index, Form::Hex, (0, &anchor.text[at..]));
            }
        }
        let (second, third) = (both_cases(&anchor.text[1..2]), both_cases(&anchor.text[2..3]));
        for between in [" ", ":", "-"] {
            for (second, third) in second.iter().zip(&third) {
                let literal = format!("{second}{between}{third}");
                self.add(literal.as_bytes(), index, Form::Hex, (0, &anchor.text[1..]));
            }
        }
    }

    fn codes(&mut self, index: usize, anchor: &Anchor) {
        let (first, second) = (anchor.text[1], anchor.text[2]);
        let lists = [",", ", ", " ", "\n"].map(|between| format!("{first}{between}{second}"));
        for literal in lists.into_iter().chain([format!("{first},\n")]) {
            self.add(literal.as_bytes(), index, Form::Codes, (0, &anchor.text[1..]));
        }
        self.add(format!("({first})").as_bytes(), index, Form::Codes, (1, &anchor.text[1..]));
    }

    fn backwards(&mut self, index: usize, anchor: &Anchor) {
        let start: Vec<u8> = anchor.text[..3].iter().rev().copied().collect();
        self.add(&start, index, Form::Reversed, (3, &anchor.text));
    }

    /// Base64 of the first bytes of a gzip stream (1F 8B 08) and of a zlib stream (78 and 01, 9C or DA; the third byte
    /// is arbitrary, which leaves four characters). Both start at the start of the base64 text. The last literal is
    /// nested base64 of a gzip stream, as in a Helm release.
    fn deflated(&mut self) {
        let zlib = ["eAE", "eAF", "eAG", "eAH", "eJw", "eJx", "eJy", "eJz", "eNo", "eNp", "eNq", "eNr"];
        let once = zlib.into_iter().chain(["H4sI"]).map(|literal| (literal, 1));
        for (literal, layers) in once.chain([("SDRzS", 2)]) {
            let (expect, follow) = (Vec::new(), Follow::Any);
            let meaning =
                Use { form: Form::Deflated, anchor: 0, shift: layers, expect, follow, before: Vec::new() };
            self.add_use(literal.as_bytes(), meaning);
        }
    }
}

/// Drops each literal that has another one as a prefix and adds its interpretations to that one: the searcher reports
/// only one literal per offset.
fn prefix_free(table: BTreeMap<Vec<u8>, Vec<Use>>) -> Vec<Literal> {
    let mut out: Vec<Literal> = Vec::new();
    for (bytes, uses) in table {
        match out.last_mut().filter(|last| bytes.starts_with(&last.bytes)) {
            Some(shorter) => shorter.uses.extend(uses),
            None => out.push(Literal { bytes, uses }),
        }
    }
    out
}

/// Returns the pieces of an encoded anchor that are searched.
fn pieces(text: &[u8], forms: Forms) -> Vec<Range<usize>> {
    let length = text.len();
    if forms == Forms::All && length >= 5 {
        return vec![0..3, 2.max(length - 4)..length];
    }
    if forms == Forms::All || length <= 4 {
        return std::iter::once(0..length.min(4)).collect();
    }
    let common = |at: &usize| -> u64 {
        text[*at..at + 4].iter().map(|&b| u64::from(FREQUENCY[usize::from(b)])).product()
    };
    let rarest = (0..=length - 4).min_by_key(common);
    rarest.map(|at| at..at + 4).into_iter().collect()
}

/// Returns the base64 characters that depend only on `inner` if `before` bytes precede it in its first group, and the
/// index of the first of them within that group.
fn base64_known(inner: &[u8], before: usize) -> (usize, Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(inner.iter().copied()).collect();
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    let sextet = |at: usize| {
        let bit = at * 6;
        let high = u16::from(padded[bit / 8]) << 8;
        let both = high | padded.get(bit / 8 + 1).map_or(0, |&b| u16::from(b));
        ALPHABET[usize::from(both >> (10 - bit % 8) & 63)]
    };
    (first, (first..last).map(sextet).collect())
}

fn both_cases(bytes: &[u8]) -> Vec<String> {
    let lower: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let upper = lower.to_ascii_uppercase();
    if lower == upper { vec![lower] } else { vec![lower, upper] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_keeps_only_characters_determined_by_the_anchor() {
        let known = |before| String::from_utf8(base64_known(b"KEY01", before).1).unwrap();
        assert_eq!(known(0), "S0VZMD");
        assert_eq!(known(1), "tFWTAx");
        assert_eq!(known(2), "LRVkwM");
    }

    #[test]
    fn literals_have_minimum_length() {
        let anchor = Anchor {
            text: b"KEY01".to_vec(),
            forms: Forms::All,
            cut: true,
            names: false,
            family: 0,
            runs: Vec::new(),
        };
        let all = literals(&[anchor]);
        for one in &all {
            assert!(one.bytes.len() >= 3, "{one:?}");
        }
    }

    #[test]
    fn no_split_of_the_anchor_cuts_both_pieces() {
        for text in ["KEY01", "S0VZMD"] {
            let parts = pieces(text.as_bytes(), Forms::All);
            for cut in 1..text.len() {
                assert!(parts.iter().any(|part| cut <= part.start || cut >= part.end), "{text} cut at {cut}");
            }
        }
    }
}
