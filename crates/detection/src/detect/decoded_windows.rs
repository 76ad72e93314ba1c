//! Memo of the windows and matches of one pass, so that a window is not decoded again for each anchor in it. Without
//! it, a text full of anchors that is encoded several times would cost the product of all its layers.

use super::RawMatch;
use super::encoding::Form;
use super::text_cache::TextCache;

/// Windows and matches of one pass of one group of literals.
#[derive(Debug, Clone, Default)]
pub(crate) struct DecodedWindows {
    windows: Vec<Window>,
    matches: Vec<(Form, usize, std::ops::Range<usize>)>,
    /// The last cell of the content in which names were read.
    cell: Option<u64>,
    texts: TextCache,
}

#[derive(Debug, Clone)]
struct Window {
    form: Form,
    /// Sorted offsets at which a decoded unit starts; they identify the alignment.
    units: Vec<usize>,
    /// Offset before which hits had all the surroundings they need.
    until: usize,
}

/// Number of recent matches that are compared. Hits come in order, so earlier ones cannot matter.
const REMEMBERED: usize = 16;
/// Maximum number of bytes by which the offset of a hit may be less than that of an earlier one.
const BACK: usize = 64;

impl DecodedWindows {
    /// Returns whether a hit at `at` is covered by an earlier window or match.
    pub(crate) fn holds(&self, form: Form, family: usize, at: usize) -> bool {
        let mut windows = self.windows.iter().rev().filter(|window| window.form == form);
        let mut matches = self.matches.iter().rev().take(REMEMBERED);
        matches.any(|(kind, of, span)| (*kind, *of) == (form, family) && span.contains(&at))
            || windows.any(|window| at < window.until && window.units.binary_search(&at).is_ok())
    }

    /// Records a window that was decoded for a hit at `at`, with its units. Windows that end before `at` are dropped;
    /// one remains per alignment.
    pub(crate) fn window(&mut self, form: Form, at: usize, mut units: Vec<usize>, until: usize) {
        units.sort_unstable();
        units.dedup();
        self.windows.retain(|window| window.until + BACK > at);
        self.windows.push(Window { form, units, until });
    }

    /// Returns the texts around the anchors of this pass.
    pub(crate) fn texts(&mut self) -> &mut TextCache {
        &mut self.texts
    }

    /// Returns whether the names near this cell of the content were not read yet, and marks them as read.
    pub(crate) fn begins(&mut self, cell: u64) -> bool {
        self.cell.replace(cell) != Some(cell)
    }

    /// Records the ranges of matches.
    pub(crate) fn matched(&mut self, form: Form, family: usize, found: &[RawMatch]) {
        self.matches.extend(found.iter().map(|one| (form, family, one.span.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Secret, Severity};

    #[test]
    fn window_covers_starts_of_its_units() {
        let mut done = DecodedWindows::default();
        done.window(Form::Hex, 12, vec![14, 10, 12, 12], 15);
        for (at, held) in
            [(9, false), (10, true), (11, false), (12, true), (14, true), (15, false), (16, false)]
        {
            assert_eq!(done.holds(Form::Hex, 0, at), held, "{at}");
        }
        assert!(!done.holds(Form::CharCodes, 0, 10));
        // A secret that starts near the end of a window may continue after it.
        done.window(Form::CharCodes, 12, (0..2000).collect(), 500);
        assert!(done.holds(Form::CharCodes, 0, 499));
        assert!(!done.holds(Form::CharCodes, 0, 500));
        done.window(Form::Utf16, 12, Vec::new(), 0);
        assert!(!done.holds(Form::Utf16, 0, 0));
    }

    #[test]
    fn match_covers_its_range_for_its_form_and_family() {
        let mut done = DecodedWindows::default();
        let found = RawMatch {
            rule: 0,
            span: 10..20,
            name: None,
            secret: Secret::new("some secret"),
            encoding: Vec::new(),
            severity: Severity::Error,
            confidence: Confidence::High,
            reason: None,
        };
        done.matched(Form::Text, 3, &[found]);
        for (form, family, at, held) in [
            (Form::Text, 3, 9, false),
            (Form::Text, 3, 10, true),
            (Form::Text, 3, 19, true),
            (Form::Text, 3, 20, false),
            (Form::Text, 4, 10, false),
            (Form::Hex, 3, 10, false),
        ] {
            assert_eq!(done.holds(form, family, at), held, "{form:?} {family} {at}");
        }
    }

    #[test]
    fn windows_are_kept_until_their_end() {
        let mut done = DecodedWindows::default();
        for at in 0..1000 {
            done.window(Form::Hex, at, vec![at, at + 100], at + 101);
            assert!(at.checked_sub(100).is_none_or(|known| done.holds(Form::Hex, 0, known + 100)), "{at}");
            assert!(done.windows.len() <= 101 + BACK);
        }
    }
}
