//! Text, some or all of it escaped, possibly in several pieces that a program or a reader joins.

use super::literals::{both_cases, pieces};
use super::truncation::{MAX_ESCAPE_BYTES, may_continue};
use super::{Anchor, Candidate, Decoder, Form, Interpretation, LiteralTable, Verification, Verified};
use crate::detect::byte_set::Class;
use crate::detect::decoding_cursor::Cursor;
use crate::detect::{escapes, separators};

/// The decoder of text.
pub(crate) struct Text;

impl Decoder for Text {
    /// The shift is the maximum number of bytes before the literal at which its first character may start.
    fn literals(&self, index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        for piece in pieces(&anchor.text, anchor.forms) {
            let meaning = Interpretation::new(Form::Text, index, 0, &anchor.text[piece.start..]);
            let before = anchor.text[..piece.start].to_vec();
            table.add(&anchor.text[piece], Interpretation { before, ..meaning });
        }
        if anchor.is_in_all_forms() {
            // A colour code before each character.
            let first = char::from(anchor.text[0]);
            let whole = || Interpretation::new(Form::Text, index, 0, &anchor.text);
            table.add(format!("{first}\u{1b}[").as_bytes(), whole());
            add_escapes(index, anchor, table);
            if anchor.is_in_rare_forms() {
                // One character per piece: `['K', 'E', …].join('')`, `'K' + 'E'`.
                for after in ["',", "\",", "'+", "\"+", "' ", "\" "] {
                    table.add(format!("{first}{after}").as_bytes(), whole());
                }
            }
        }
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, anchor: &Anchor) -> Verification {
        let Candidate { raw, at: hit, .. } = *candidate;
        let mut answer = Verification::No;
        for back in 0..=usize::from(meaning.shift).min(hit) {
            let start = hit - back;
            // Before the literal, only an escape that extends over it can begin.
            if back > 0 && escapes::step(raw, start, false).is_none_or(|step| step.end <= hit) {
                let is_near_end = raw.len() - start < MAX_ESCAPE_BYTES;
                if is_near_end && matches!(verify_at(raw, start, meaning, anchor), Verification::NeedMore) {
                    answer = Verification::NeedMore;
                }
                continue;
            }
            match verify_at(raw, start, meaning, anchor) {
                Verification::No => {}
                // What precedes the first of several possible starts decides for all of them.
                Verification::Yes(verified) => {
                    return if may_precede(&meaning.before, candidate, anchor.cut) {
                        Verification::Yes(verified)
                    } else {
                        Verification::No
                    };
                }
                Verification::NeedMore => answer = Verification::NeedMore,
            }
        }
        answer
    }
}

/// Verifies the characters from `start` on: the expected ones, then the run of a rule.
fn verify_at(raw: &[u8], start: usize, meaning: &Interpretation, anchor: &Anchor) -> Verification {
    let mut cursor = Cursor::new(raw, start);
    if !cursor.expect(&meaning.expect) {
        return Verification::undecided(may_continue(raw, cursor.position()));
    }
    let end = cursor.position();
    let mut rules = Vec::new();
    let (mut width, mut is_cut) = (1, false);
    for (class, min, of) in &anchor.runs {
        let mut run = Cursor::new(raw, end);
        if run.run(class, *min) {
            width = width.max((run.position() - start).div_ceil(meaning.expect.len() + min));
            rules.extend_from_slice(of);
        } else {
            is_cut |= may_continue(raw, run.position());
        }
    }
    if anchor.names || !rules.is_empty() {
        return Verification::Yes(Verified { at: start, rules, width });
    }
    Verification::undecided(is_cut)
}

/// Adds the escapes of the first three characters of the anchor: if only some characters of a text are escaped, either
/// one of these is, or the plain piece occurs. If an escape is rare enough without the whole code, one literal covers
/// all characters.
fn add_escapes(index: usize, anchor: &Anchor, table: &mut LiteralTable) {
    let meaning = |shift, at: usize| Interpretation::new(Form::Text, index, shift, &anchor.text[at..]);
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
            ways.extend([(format!("x{hex}"), 1), (format!("%{hex}"), 0), (format!("u00{}", &hex[..1]), 1)]);
        }
        for (literal, back) in ways {
            table.add(literal.as_bytes(), meaning(back, at));
        }
    }
    let [second, third] = [anchor.text[1], anchor.text[2]].map(|code| format!("={code:02X}"));
    table.add(format!("{second}{third}").as_bytes(), meaning(0, 1));
}

/// Returns how many characters of a run follow the expected ones after a text literal, at most as many as it needs.
pub(crate) fn matching_chars(
    raw: &[u8],
    hit: usize,
    meaning: &Interpretation,
    class: &Class,
    needed: usize,
) -> usize {
    let mut cursor = Cursor::new(raw, hit);
    if !cursor.expect(&meaning.expect) {
        return 0;
    }
    (0..needed).take_while(|_| cursor.run(class, 1)).count()
}

/// Range of an escape or a separator before a literal.
pub(super) struct Preceding {
    from: usize,
    to: usize,
    is_separator: bool,
}

/// Maximum length of an escape or separator before a literal, in bytes.
const MAX_PRECEDING_BYTES: usize = 40;
/// Maximum distance between the start of an anchor and a literal of it, in bytes.
const MAX_DISTANCE_BYTES: usize = 40;

/// Returns the escapes and separators that end shortly before a candidate, computed on first use.
fn preceding<'c>(candidate: &'c Candidate<'_>) -> &'c [Preceding] {
    candidate.preceding.get_or_init(|| {
        let Candidate { raw, at, .. } = *candidate;
        let mut all = Vec::new();
        for from in at.saturating_sub(MAX_DISTANCE_BYTES + MAX_PRECEDING_BYTES)..at {
            let byte = raw[from];
            if escapes::starts(byte) {
                let soft = matches!(raw[from..], [b'=', b'\n', ..]).then_some(from + 2);
                let soft = soft.or(matches!(raw[from..], [b'=', b'\r', b'\n', ..]).then_some(from + 3));
                let step = escapes::step(raw, from, true).map(|step| step.end);
                let ends = soft.into_iter().chain(step);
                all.extend(ends.map(|to| Preceding { from, to, is_separator: false }));
            }
            if separators::starts(byte) {
                let separator = separators::skip_separator(raw, from);
                all.extend(separator.map(|(to, _)| Preceding { from, to, is_separator: true }));
            }
        }
        all
    })
}

/// Returns whether `text` may precede the literal. The bytes are compared backwards up to a possible escape or
/// separator; nothing further back is checked. The last character of an escape may equal the escaped one (`%31`).
fn may_precede(text: &[u8], candidate: &Candidate<'_>, is_split: bool) -> bool {
    let before = &candidate.raw[..candidate.at];
    let same = text.iter().rev().zip(before.iter().rev()).take_while(|(wanted, byte)| wanted == byte);
    let same = same.count();
    if same == text.len() {
        return true;
    }
    // An escape or separator may end anywhere in the equal bytes, or at either end of them.
    let ends = candidate.at - same..=candidate.at;
    if is_split && ends.clone().any(|end| before[..end].last().is_none_or(|&last| may_end_separator(last))) {
        return true;
    }
    preceding(candidate).iter().any(|one| {
        let is_near = ends.contains(&one.to) && one.to - one.from <= MAX_PRECEDING_BYTES;
        is_near && (is_split || !one.is_separator)
    })
}

/// Returns whether a separator may end with this byte, which is neither a letter nor a digit.
fn may_end_separator(byte: u8) -> bool {
    match byte {
        b'"' | b'\'' | b'/' | b'-' | b'#' | b'*' | b'>' | b'|' | b';' | b'%' | 7 => true,
        // White space, invisible characters, and the end of a colour code.
        _ => {
            byte.is_ascii_whitespace()
                || byte >= 0x80
                || (b'@'..=b'~').contains(&byte) && !byte.is_ascii_alphabetic()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_before_a_piece_is_plain_or_escaped() {
        let may = |text: &str, raw: &str, cut: bool| {
            let hit = raw.find('|').unwrap();
            may_precede(text.as_bytes(), &Candidate::new(raw.replace('|', "").as_bytes(), hit), cut)
        };
        for (text, raw, uncut, cut) in [
            ("", "x|", true, true),
            ("_T", "VITE_T|ELNYX", true, true),
            ("_T", "\"T|ELNYX", false, true),
            ("_T", "aT|ELNYX", false, false),
            ("_T", "T|ELNYX", false, true),
            ("_T", "VITE_%54|ELNYX", true, true),
            ("_T", "VITE_%54x|ELNYX", false, false),
            ("_T", "VITE%5FT|ELNYX", true, true),
            ("_T", "VITE_=\nT|ELNYX", true, true),
            ("_T", "VITE_=\r\nT|ELNYX", true, true),
            ("_T", "VITE_\r\nT|ELNYX", false, true),
            ("K", "K\u{1b}[0m|EY01", false, true),
            ("K", "K\u{1b}[0mx|EY01", false, false),
            ("v1", "v%31|_secret", true, true),
        ] {
            assert_eq!((may(text, raw, false), may(text, raw, true)), (uncut, cut), "{text} {raw}");
        }
    }
}
