//! The anchor compiler: from the plain anchors of the rules to the few short literals that are searched.
//!
//! Every written form of an anchor is derived by encoding it, and of each form only a rare piece of three to four
//! bytes is searched: short literals keep the searcher at memory speed, and the forms are told apart only where
//! one hits. An anchor that is searched in all forms gets two pieces a form, chosen so that no line break or
//! concatenation can cut both.

use super::class::Class;
use super::frequency::FREQUENCY;
use crate::rules::Forms;
use std::collections::BTreeMap;
use std::ops::Range;

/// How the bytes behind a literal are to be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Form {
    /// Characters, some or all of them escaped, perhaps in several pieces.
    Text,
    /// Base64 in either alphabet.
    Base64,
    /// Pairs of hexadecimal digits.
    Hex,
    /// Decimal character codes.
    Codes,
    /// UTF-16.
    Wide16,
    /// UTF-32.
    Wide32,
    /// Characters, backwards.
    Reversed,
    /// gzip or zlib in base64.
    Deflated,
}

/// What a hit of a literal may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    /// How to decode.
    pub(crate) form: Form,
    /// Index of the anchor; meaningless for [`Form::Deflated`].
    pub(crate) anchor: usize,
    /// For text: how many bytes before the hit its first character may begin. For base64: how many base64
    /// characters behind the hit the next group begins. For compressed data: how many layers of base64 lie round it.
    pub(crate) shift: u8,
    /// What the decoded bytes must begin with there.
    pub(crate) expect: Vec<u8>,
    /// What must follow that.
    pub(crate) follow: Follow,
    /// For text: what stands before the literal in the anchor.
    pub(crate) before: Vec<u8>,
}

/// What must follow the expected bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// The run of one of the anchor's rules.
    Run,
    /// More base64: it is encoded twice.
    Base64,
    /// Nothing in particular.
    Any,
}

/// An anchor as the rules name it.
#[derive(Debug, Clone)]
pub(crate) struct Anchor {
    /// The plain bytes.
    pub(crate) text: Vec<u8>,
    /// In how many forms it is searched.
    pub(crate) forms: Forms,
    /// Whether it may be cut in pieces that a program puts together: a rule of it is for a secret, not for a name.
    pub(crate) cut: bool,
    /// Whether the names and values near it are to be read.
    pub(crate) names: bool,
    /// Anchors that share a rule share a family.
    pub(crate) family: usize,
    /// What may follow it, with the rules that want it so.
    pub(crate) runs: Vec<(Class, usize, Vec<usize>)>,
}

/// A literal and everything that it may stand for.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    /// The bytes to search.
    pub(crate) bytes: Vec<u8>,
    /// What a hit may mean.
    pub(crate) uses: Vec<Use>,
}

/// All literals for `anchors`, none of which is the beginning of another.
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
        // A shorter anchor leaves too little to tell these forms from chance.
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

/// Bytes of an anchor that is searched in the rarest forms, too.
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
            // A colour for each character.
            let first = char::from(anchor.text[0]);
            self.add(format!("{first}\u{1b}[").as_bytes(), index, Form::Text, (0, &anchor.text));
        }
    }

    /// One character a piece: `['K', 'E', …].join('')`, `'K' + 'E'`.
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
                    // What is encoded may be cut itself, and then other characters stand there.
                    before: Vec::new(),
                };
                self.add_use(&text[piece], meaning);
            }
        }
    }

    /// Base64 of base64, and base64 of UTF-16, which is what PowerShell's -EncodedCommand takes.
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

    /// The first three characters of the anchor, escaped: of text of which only some characters are escaped, either
    /// one of these is, or the plain piece stands there. Where an escape is rare enough without the whole code, one
    /// literal serves all characters.
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
                // The end of `&amp;#`: what it begins with stands all over a page.
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
    /// is free, which leaves four characters). Both begin where the base64 begins. The last literal is base64 of
    /// base64 of a gzip stream, as in a Helm release.
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

/// Drops each literal that begins with another one and gives its meanings to that: the searcher reports only one
/// literal for each place.
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

/// Which pieces of an encoded anchor are searched.
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

/// The base64 characters that `inner` alone decides when `before` bytes of its group stand before it: index of the
/// first of them, counted from the group's beginning, and the characters.
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
    fn base64_keeps_only_what_the_anchor_decides() {
        let known = |before| String::from_utf8(base64_known(b"KEY01", before).1).unwrap();
        assert_eq!(known(0), "S0VZMD");
        assert_eq!(known(1), "tFWTAx");
        assert_eq!(known(2), "LRVkwM");
    }

    #[test]
    fn no_literal_is_short() {
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
    fn no_cut_of_the_anchor_hits_both_pieces() {
        for text in ["KEY01", "S0VZMD"] {
            let parts = pieces(text.as_bytes(), Forms::All);
            for cut in 1..text.len() {
                assert!(parts.iter().any(|part| cut <= part.start || cut >= part.end), "{text} cut at {cut}");
            }
        }
    }
}
