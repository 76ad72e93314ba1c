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

    /// Remembers the places of matches.
    pub(crate) fn matched(&mut self, form: Form, family: usize, found: &[Match]) {
        self.matches.extend(found.iter().map(|one| (form, family, one.span.clone())));
    }
}
