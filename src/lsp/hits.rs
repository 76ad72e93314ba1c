//! The findings of a text that is edited: they move with the text, and the part around an edit is replaced by the
//! findings of a scan of that part.

use std::ops::Range;
use std::sync::Arc;

use super::text::{Edit, Text};
use crate::finding::{Finding, Report};

/// Bytes around an edit in which the findings of a scan of a part are taken over: the distance within which a rule
/// looks for its context.
const INNER: usize = 1 << 10;
/// Further bytes on both sides that are scanned: no plain secret is longer.
const MARGIN: usize = 8 << 10;

/// One place of a secret in a text.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The finding, the same for all places of the secret in the text.
    pub finding: Arc<Finding>,
    /// Its range in bytes.
    pub at: Range<usize>,
    /// Whether it is inside a container or a document, so that the range says nothing about the text.
    pub is_inside: bool,
    /// Whether a suppression hides it.
    pub is_hidden: bool,
}

impl Hit {
    fn is_same(&self, other: &Self) -> bool {
        self.at == other.at
            && self.finding.rule_id == other.finding.rule_id
            && self.finding.secret.sha256() == other.finding.secret.sha256()
    }

    /// Returns whether both show the same secret.
    pub fn shares_secret(&self, other: &Self) -> bool {
        self.finding.rule_id == other.finding.rule_id
            && self.finding.secret.expose() == other.finding.secret.expose()
    }

    /// Returns the path inside the text, of a member of a container.
    pub fn member(&self, label: &str) -> &str {
        self.finding.location.path.strip_prefix(label).unwrap_or_default()
    }
}

/// The part of a text that is scanned after an edit, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The changed bytes, with the rest of their lines if that is short.
    pub changed: Range<usize>,
    /// The bytes in which findings are taken over.
    pub inner: Range<usize>,
    /// The bytes that are scanned.
    pub outer: Range<usize>,
}

impl Window {
    /// Returns the window of changed bytes.
    pub fn around(changed: &Range<usize>, text: &Text) -> Self {
        let near = |at: usize| at.saturating_sub(INNER)..(at + INNER).min(text.len());
        let (first, last) = (near(changed.start), near(changed.end));
        let start = text.line_of(changed.start).start.max(first.start).min(changed.start);
        let end = text.line_of(changed.end).end.min(last.end).max(changed.end);
        let inner = start.saturating_sub(INNER)..(end + INNER).min(text.len());
        let outer = inner.start.saturating_sub(MARGIN)..(inner.end + MARGIN).min(text.len());
        Self { changed: start..end, inner, outer }
    }
}

/// The bytes of a text that changed since it was scanned.
#[derive(Debug, Clone, Default)]
pub struct Edits(Vec<Range<usize>>);

impl Edits {
    /// Adds an edit. Ranges that are near each other are joined.
    pub fn add(&mut self, edit: &Edit) {
        let mut new = edit.start..edit.new_end;
        let mut kept = Vec::with_capacity(self.0.len() + 1);
        for range in self.0.drain(..) {
            let moved = moved(&range, edit);
            if moved.start <= new.end + INNER && new.start <= moved.end + INNER {
                new = new.start.min(moved.start)..new.end.max(moved.end);
            } else {
                kept.push(moved);
            }
        }
        kept.push(new);
        self.0 = kept;
    }

    /// Returns whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of changed bytes and of those around them that a scan of the windows would read.
    pub fn cost(&self) -> usize {
        self.0.iter().map(|range| range.len() + 2 * (INNER + MARGIN)).sum()
    }

    /// Returns the changed ranges and forgets them.
    pub fn take(&mut self) -> Vec<Range<usize>> {
        std::mem::take(&mut self.0)
    }
}

/// Returns a range after an edit. What the edit replaced becomes what it inserted.
fn moved(range: &Range<usize>, edit: &Edit) -> Range<usize> {
    let shift = |at: usize| at - edit.old_end + edit.new_end;
    match range {
        _ if range.end <= edit.start => range.clone(),
        _ if range.start >= edit.old_end => shift(range.start)..shift(range.end),
        _ => {
            let end = if range.end >= edit.old_end { shift(range.end) } else { edit.new_end };
            range.start.min(edit.start)..end.max(edit.start)
        }
    }
}

/// All places of secrets in a text, in order.
#[derive(Debug, Clone, Default)]
pub struct Hits(Vec<Hit>);

impl Hits {
    /// Lists the places of the findings of `report` that are in the text `label`.
    pub fn of(report: Report, label: &str) -> Self {
        let mut all = Vec::new();
        let open = report.findings.into_iter().map(|finding| (finding, false));
        let hidden = report.suppressed.into_iter().map(|finding| (finding, true));
        for (finding, is_hidden) in open.chain(hidden) {
            let finding = Arc::new(finding);
            let inside = |path: &str| path != label;
            for place in std::iter::once(&finding.location).chain(&finding.occurrences) {
                // Places in other members are those of other findings.
                if place.path == finding.location.path {
                    let at = place.byte_start as usize..place.byte_end as usize;
                    let is_inside = inside(&place.path);
                    all.push(Hit { finding: Arc::clone(&finding), at, is_inside, is_hidden });
                }
            }
        }
        let mut hits = Self(all);
        hits.sort();
        hits
    }

    fn sort(&mut self) {
        self.0.sort_by(|a, b| {
            let key = |hit: &Hit| (hit.is_inside, hit.at.start, hit.at.end);
            key(a).cmp(&key(b)).then_with(|| a.finding.rule_id.cmp(&b.finding.rule_id))
        });
    }

    /// Iterates over the places that no suppression hides.
    pub fn open(&self) -> impl Iterator<Item = &Hit> {
        self.0.iter().filter(|hit| !hit.is_hidden)
    }

    /// Returns those of a part of the text, at offsets from its start.
    #[must_use]
    pub fn within(&self, part: &Range<usize>) -> Self {
        let is_in = |hit: &&Hit| !hit.is_inside && part.start <= hit.at.start && hit.at.end <= part.end;
        let at = |hit: &Hit| hit.at.start - part.start..hit.at.end - part.start;
        Self(self.0.iter().filter(is_in).map(|hit| Hit { at: at(hit), ..hit.clone() }).collect())
    }

    /// Moves the places after an edit.
    pub fn shift(&mut self, edit: &Edit) {
        for hit in self.0.iter_mut().filter(|hit| !hit.is_inside) {
            hit.at = moved(&hit.at, edit);
        }
    }

    /// Takes over the places that a scan of `window.outer` found. What was found before outside the changed bytes stays
    /// until the whole text is scanned: it may need more than the window.
    pub fn replace(&mut self, window: &Window, found: Self) {
        let is_changed = |at: &Range<usize>| at.start <= window.changed.end && window.changed.start <= at.end;
        let is_inner = |at: &Range<usize>| at.start <= window.inner.end && window.inner.start <= at.end;
        let mut new: Vec<Hit> = found
            .0
            .into_iter()
            .filter(|hit| !hit.is_inside && !hit.finding.is_about_suppression())
            .map(|hit| {
                let at = hit.at.start + window.outer.start..hit.at.end + window.outer.start;
                Hit { at, ..hit }
            })
            .filter(|hit| is_inner(&hit.at))
            .collect();
        self.0.retain(|old| {
            let same = new.iter().position(|one| one.is_same(old));
            let keeps = old.is_inside || same.is_some() || !is_changed(&old.at);
            if let Some(same) = same {
                new.swap_remove(same);
            }
            keeps
        });
        self.0.append(&mut new);
        self.sort();
    }

    /// Returns whether both list the same open places.
    pub fn is_same(&self, other: &Self) -> bool {
        let same =
            |(one, other): (&Hit, &Hit)| one.is_same(other) && one.finding.message == other.finding.message;
        self.open().count() == other.open().count() && self.open().zip(other.open()).all(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Location, Secret, Severity};

    fn report(places: &[(usize, usize)]) -> Report {
        let place = |&(start, end): &(usize, usize)| Location {
            byte_start: start as u64,
            byte_end: end as u64,
            ..Location::of_first_byte("a")
        };
        let of = |one| Finding::new("r", Severity::Error, Secret::new("s"), place(one));
        Report { findings: places.iter().map(of).collect(), ..Report::default() }
    }

    fn ranges(hits: &Hits) -> Vec<Range<usize>> {
        hits.open().map(|hit| hit.at.clone()).collect()
    }

    #[test]
    fn places_move_with_the_text() {
        let mut hits = Hits::of(report(&[(10, 20), (30, 40), (50, 60)]), "a");
        hits.shift(&Edit { start: 0, old_end: 0, new_end: 5 });
        assert_eq!(ranges(&hits), [15..25, 35..45, 55..65]);
        hits.shift(&Edit { start: 20, old_end: 40, new_end: 21 });
        assert_eq!(ranges(&hits), [15..21, 20..26, 36..46]);
    }

    #[test]
    fn window_replaces_what_the_edit_touched() {
        let text = Text::new(&"x".repeat(99).repeat(1000));
        let mut hits = Hits::of(report(&[(10, 20), (50_000, 50_010), (90_000, 90_010)]), "a");
        let window = Window::around(&(50_005..50_006), &text);
        assert_eq!(window.outer.len(), window.changed.len() + 2 * (INNER + MARGIN));
        let found = Hits::of(report(&[(9500, 9510), (0, 3)]), "a");
        hits.replace(&window, found);
        let new = window.outer.start + 9500..window.outer.start + 9510;
        assert_eq!(ranges(&hits), [10..20, new, 90_000..90_010]);
    }

    #[test]
    fn near_edits_are_one() {
        let mut edits = Edits::default();
        edits.add(&Edit { start: 10, old_end: 10, new_end: 12 });
        edits.add(&Edit { start: 5000, old_end: 5000, new_end: 5001 });
        edits.add(&Edit { start: 0, old_end: 0, new_end: 4 });
        assert_eq!(edits.take(), [5004..5005, 0..16]);
        assert!(edits.is_empty());
    }
}
