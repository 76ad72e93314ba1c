//! The first decoded bytes of a candidate, compared with what its anchor and rules expect.

use super::{Anchor, Continuation, Form, Interpretation};
use crate::detect::byte_set::sextet;
use crate::detect::{escapes, separators};

/// Maximum number of decoded bytes of an anchor's run that are checked in base64. The window search decodes more than
/// is decoded here, and the longer the run, the more likely something that only the window search decodes interrupts
/// it.
const MAX_BASE64_PEEK: usize = 12;
/// The same limit for the other encodings, which are decoded identically here and there: the length of a key.
const MAX_PEEK: usize = 56;

/// Returns the maximum number of decoded bytes that are checked after the expected ones.
fn peek(form: Form) -> usize {
    if form == Form::Base64 { MAX_BASE64_PEEK } else { MAX_PEEK }
}

/// The first decoded bytes of a candidate, in a fixed-size buffer.
pub(super) struct ExpectedBytes<'m> {
    meaning: &'m Interpretation,
    /// Number of expected bytes seen so far.
    expected: usize,
    /// The decoded bytes after them.
    rest: [u8; MAX_PEEK],
    count: usize,
}

impl<'m> ExpectedBytes<'m> {
    /// Creates an empty buffer.
    pub(super) fn new(meaning: &'m Interpretation) -> Self {
        Self { meaning, expected: 0, rest: [0; MAX_PEEK], count: 0 }
    }

    /// Returns whether more bytes would decide more.
    pub(super) fn wants_more(&self) -> bool {
        self.expected + self.count < self.meaning.expect.len() + peek(self.meaning.form)
    }

    /// Appends a byte if more are wanted. Returns `false` if a different byte is expected.
    pub(super) fn push(&mut self, byte: u8) -> bool {
        if let Some(&wanted) = self.meaning.expect.get(self.expected) {
            self.expected += 1;
            return wanted == byte;
        }
        if let Some(place) = self.rest.get_mut(self.count) {
            *place = byte;
            self.count += 1;
        }
        true
    }

    /// Returns whether all expected bytes were seen and the rest continues as required.
    pub(super) fn fit(&self, anchor: &Anchor) -> bool {
        self.expected == self.meaning.expect.len()
            && continues(&self.rest[..self.count], self.meaning, anchor)
    }
}

/// Returns whether `rest`, which follows the expected bytes, continues like one of the anchor's runs. An escaped byte
/// ends the check early and accepts the candidate; the window search decides.
fn continues(rest: &[u8], meaning: &Interpretation, anchor: &Anchor) -> bool {
    let enough = peek(meaning.form);
    match meaning.follow {
        Continuation::Any => true,
        Continuation::Base64 => {
            rest.len() == enough && rest.iter().all(|&b| sextet(b).is_some() || b.is_ascii_whitespace())
        }
        Continuation::Run => anchor.runs.iter().any(|(class, min, _)| {
            let held = rest.iter().take(*min).take_while(|&&b| class.has(b)).count();
            held >= enough.min(*min)
                || rest.get(held).is_some_and(|&b| escapes::starts(b) || separators::starts(b))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::byte_set::Class;
    use crate::rules::Forms;

    #[test]
    fn certain_part_of_run_is_checked() {
        let runs = vec![(Class::new("0-9A-F"), 20, vec![0])];
        let anchor =
            Anchor { text: b"KEY".to_vec(), forms: Forms::All, cut: true, names: false, family: 0, runs };
        let fits = |form: Form, follow: Continuation, rest: &str| {
            let expect = b"KEY".to_vec();
            let meaning = Interpretation { form, anchor: 0, shift: 0, expect, follow, before: Vec::new() };
            let mut bytes = ExpectedBytes::new(&meaning);
            let whole = ["KEY", rest].concat();
            for byte in whole.bytes() {
                if bytes.wants_more() && !bytes.push(byte) {
                    return false;
                }
            }
            bytes.fit(&anchor)
        };
        let digits = "0123456789ABCDEF0123";
        for (rest, far, near) in [
            (digits.to_owned(), true, true),
            (format!("{digits}{digits}{digits}{digits}"), true, true),
            (format!("{};", &digits[..19]), false, true),
            (format!("{};", &digits[..12]), false, true),
            (format!("{};", &digits[..11]), false, false),
            (digits[..11].to_owned(), false, false),
            (format!("{}%", &digits[..11]), true, true),
            (format!("{}\"", &digits[..11]), true, true),
            (String::new(), false, false),
        ] {
            for form in [Form::Hex, Form::CharCodes, Form::Utf16, Form::Utf32, Form::Reversed] {
                assert_eq!(fits(form, Continuation::Run, &rest), far, "{form:?} {rest}");
            }
            assert_eq!(fits(Form::Base64, Continuation::Run, &rest), near, "{rest}");
            assert!(fits(Form::Base64, Continuation::Any, &rest));
        }
        assert!(fits(Form::Base64, Continuation::Base64, "ab+/AB_-12\n4;;"));
        assert!(!fits(Form::Base64, Continuation::Base64, "ab+/AB_-12;4"));
        assert!(!fits(Form::Base64, Continuation::Base64, "ab+/AB_-12"));
    }
}
