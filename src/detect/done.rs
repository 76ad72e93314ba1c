//! What has already been decoded in one pass, so that no window is decoded for each of the anchors in it: without
//! this a text full of anchors, encoded several times over, would cost the product of all its layers.

use super::Match;
use super::forms::Form;

/// Bytes at the end of a clipped window in which a secret may have been cut.
const CUT: usize = 1500;

/// Windows and matches of one pass of one group of literals.
#[derive(Debug, Clone, Default)]
pub(crate) struct Done {
    windows: Vec<Window>,
    matches: Vec<(Form, usize, std::ops::Range<usize>)>,
    /// The last part of the content in which names were read.
    cell: Option<u64>,
}

#[derive(Debug, Clone)]
struct Window {
    form: Form,
    /// Offsets at which a decoded unit begins, ascending: tells one alignment from another.
    units: Vec<usize>,
    until: usize,
}

/// How many windows and matches are remembered: hits come in order, so only the last ones can matter.
const REMEMBERED: usize = 16;

impl Done {
    /// Whether a hit at `at` was already looked at.
    pub(crate) fn holds(&self, form: Form, family: usize, at: usize) -> bool {
        let windows = self.windows.iter().rev().take(REMEMBERED).filter(|window| window.form == form);
        let mut matches = self.matches.iter().rev().take(REMEMBERED);
        matches.any(|(kind, of, span)| (*kind, *of) == (form, family) && span.contains(&at))
            || windows.into_iter().any(|window| at < window.until && window.units.binary_search(&at).is_ok())
    }

    /// Remembers a decoded window with its units; `clipped` says that it ended before its content did.
    pub(crate) fn window(&mut self, form: Form, mut units: Vec<usize>, clipped: bool) {
        units.sort_unstable();
        units.dedup();
        let end = units.last().map_or(0, |&last| last + 1);
        let until = if clipped { end.saturating_sub(CUT) } else { end };
        self.windows.push(Window { form, units, until });
        if self.windows.len() > 2 * REMEMBERED {
            self.windows.drain(..REMEMBERED);
        }
    }

    /// Whether the names near this part of the content are still to be read; they are remembered as read from now on.
    pub(crate) fn begins(&mut self, cell: u64) -> bool {
        self.cell.replace(cell) != Some(cell)
    }

    /// Remembers the places of matches.
    pub(crate) fn matched(&mut self, form: Form, family: usize, found: &[Match]) {
        self.matches.extend(found.iter().map(|one| (form, family, one.span.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Secret, Severity};

    #[test]
    fn a_window_holds_the_beginnings_of_its_units() {
        let mut done = Done::default();
        done.window(Form::Hex, vec![14, 10, 12, 12], false);
        for (at, held) in
            [(9, false), (10, true), (11, false), (12, true), (14, true), (15, false), (16, false)]
        {
            assert_eq!(done.holds(Form::Hex, 0, at), held, "{at}");
        }
        assert!(!done.holds(Form::Codes, 0, 10));
        // Near the end of a clipped one, what begins there may go on behind it.
        done.window(Form::Codes, (0..2000).collect(), true);
        assert!(done.holds(Form::Codes, 0, 2000 - CUT - 1));
        assert!(!done.holds(Form::Codes, 0, 2000 - CUT));
        done.window(Form::Wide16, Vec::new(), false);
        assert!(!done.holds(Form::Wide16, 0, 0));
    }

    #[test]
    fn a_match_holds_its_place_for_its_own_form_and_family() {
        let mut done = Done::default();
        let found = Match {
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
    fn the_last_windows_are_remembered() {
        let mut done = Done::default();
        for at in 0..100 {
            done.window(Form::Hex, vec![at], false);
            assert!(
                (at.saturating_sub(REMEMBERED - 1)..=at).all(|known| done.holds(Form::Hex, 0, known)),
                "{at}"
            );
            assert!(done.windows.len() <= 2 * REMEMBERED);
        }
    }
}
