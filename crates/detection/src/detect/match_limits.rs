//! Decides which matches of one content are kept with all details. A report lists some locations of a secret and counts
//! the others, so a log with a key on every line needs no more memory than one with a hundred.
//!
//! A match that is only counted is counted with an equivalent one that is kept: same secret, same rule, and no
//! suppression comment on their lines or between them that could hide one but not the other.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::{Match, RawMatch};
use crate::finding::SecretKey;

/// Maximum number of matches of one content that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchLimits {
    /// Maximum number of locations per secret.
    pub places: usize,
    /// Maximum number of locations of all secrets.
    pub all: usize,
    /// The rule for suppression comments. All of its matches count as different secrets.
    pub comment: Option<usize>,
}

/// What happens to a match.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is kept.
    Kept,
    /// It is counted with the kept match of this index.
    Counted(usize),
    /// It was already counted.
    Known,
    /// It is dropped for lack of room.
    Lost,
}

/// The matches of one content.
#[derive(Debug, Default)]
pub(super) struct MatchLimiter {
    listing: Option<MatchLimits>,
    /// The kept matches.
    pub(super) found: Vec<Match>,
    /// Number of dropped matches.
    pub(super) lost: u64,
    secrets: HashMap<SecretKey, Secret>,
    /// Sorted line numbers of suppression comments.
    comments: Vec<u64>,
}

/// State of one secret of one rule.
#[derive(Debug, Default)]
struct Secret {
    kept: usize,
    /// Offset after the last match.
    end: u64,
    /// Index of the last match that was kept for its own lines, and these lines.
    near: Option<(usize, RangeInclusive<u64>)>,
    /// The last match that was kept for all lines between two comments, and the number of comments before it.
    far: Option<(usize, usize)>,
}

impl MatchLimiter {
    /// Creates a tally that keeps everything, or at most `listing`.
    pub(super) fn new(listing: Option<MatchLimits>) -> Self {
        Self { listing, ..Self::default() }
    }

    /// Returns whether suppression comments affect the result.
    pub(super) fn minds_comments(&self) -> bool {
        self.listing.is_some_and(|listing| listing.comment.is_some())
    }

    /// Records the line of a comment. Must be called before the matches on its line are counted.
    pub(super) fn note(&mut self, one: &RawMatch, line: u64) {
        if self.listing.is_some_and(|listing| listing.comment == Some(one.rule)) {
            self.comments.push(line);
        }
    }

    /// Returns the kept matches.
    pub(super) fn into_found(self) -> Vec<Match> {
        self.found
    }

    /// Decides about the next match, on these lines and at these bytes. `may_go_on`: its line continues in the next
    /// chunk.
    pub(super) fn fate(
        &mut self,
        one: &RawMatch,
        lines: RangeInclusive<u64>,
        bytes: (u64, u64),
        may_go_on: bool,
    ) -> Decision {
        let Some(listing) = self.listing else { return Decision::Kept };
        let next = self.found.len();
        let is_full = next >= listing.all;
        if listing.comment == Some(one.rule) {
            return if is_full { Decision::Lost } else { Decision::Kept };
        }
        let before = self.comments.partition_point(|line| line + 1 < *lines.start());
        let comment = self.comments.get(before).is_some_and(|line| line <= lines.end());
        let secret = self.secrets.entry(SecretKey::new(one.rule, &one.secret)).or_default();
        if bytes.0 < secret.end {
            // A match at a border is found twice; which of the two is kept is decided later among the kept ones.
            return if secret.kept < listing.places && !is_full { Decision::Kept } else { Decision::Known };
        }
        secret.end = bytes.1;
        if secret.kept >= listing.places {
            match (&secret.near, &secret.far) {
                (Some((index, same)), _) if *same == lines => return Decision::Counted(*index),
                (_, Some((index, comments))) if !comment && !may_go_on && *comments == before => {
                    return Decision::Counted(*index);
                }
                _ if is_full => return Decision::Lost,
                _ if comment || may_go_on => secret.near = Some((next, lines)),
                _ => secret.far = Some((next, before)),
            }
        }
        if is_full {
            return Decision::Lost;
        }
        secret.kept += 1;
        Decision::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Secret, Severity};

    fn one(rule: usize, secret: &str) -> RawMatch {
        RawMatch {
            rule,
            span: 0..1,
            name: None,
            secret: Secret::new(secret),
            encoding: Vec::new(),
            severity: Severity::Error,
            confidence: Confidence::High,
            reason: None,
        }
    }

    /// Returns the decisions for one secret on each of `lines`, some of which have a comment of rule 9.
    fn fates(listing: MatchLimits, lines: &[(u64, bool)]) -> Vec<Decision> {
        let mut tally = MatchLimiter::new(Some(listing));
        let mut fates = Vec::new();
        for (number, &(line, comment)) in lines.iter().enumerate() {
            let at = 100 * number as u64;
            if comment {
                tally.note(&one(9, "comment"), line);
            }
            let fate = tally.fate(&one(1, "secret"), line..=line, (at, at + 10), false);
            keep(&mut tally, &fate);
            fates.push(fate);
            if comment {
                let fate = tally.fate(&one(9, "comment"), line..=line, (at + 20, at + 30), false);
                keep(&mut tally, &fate);
            }
        }
        fates
    }

    fn keep(tally: &mut MatchLimiter, fate: &Decision) {
        if *fate == Decision::Kept {
            tally.found.push(Match::of(&one(1, "secret")));
        }
    }

    const LISTING: MatchLimits = MatchLimits { places: 2, all: 100, comment: Some(9) };

    #[test]
    fn excess_locations_are_counted_with_an_equivalent_match() {
        let lines: Vec<(u64, bool)> = (1..8).map(|line| (line, false)).collect();
        let counted = || Decision::Counted(2);
        let want =
            [Decision::Kept, Decision::Kept, Decision::Kept, counted(), counted(), counted(), counted()];
        assert_eq!(fates(LISTING, &lines), want);
    }

    #[test]
    fn comment_separates_matches_before_it_from_others() {
        let plain = |line: u64| (line, false);
        let lines = [plain(1), plain(2), plain(3), plain(4), (5, true), plain(6), plain(7), plain(8)];
        let fates = fates(LISTING, &lines);
        // The comment itself is kept, at index 4.
        let want = [
            Decision::Kept,
            Decision::Kept,
            Decision::Kept,
            Decision::Counted(2),
            Decision::Kept,
            Decision::Kept,
            Decision::Kept,
            Decision::Counted(6),
        ];
        assert_eq!(fates, want);
    }

    #[test]
    fn matches_on_one_line_are_equivalent() {
        let mut tally = MatchLimiter::new(Some(LISTING));
        tally.note(&one(9, "comment"), 1);
        for at in 0..6 {
            let fate = tally.fate(&one(1, "secret"), 1..=1, (at * 10, at * 10 + 5), true);
            keep(&mut tally, &fate);
            assert_eq!(fate, if at < 3 { Decision::Kept } else { Decision::Counted(2) });
        }
        assert_eq!(tally.fate(&one(1, "secret"), 1..=1, (52, 60), true), Decision::Known);
    }

    #[test]
    fn total_number_of_matches_is_limited() {
        let mut tally = MatchLimiter::new(Some(MatchLimits { all: 3, ..LISTING }));
        for (number, secret) in ["a", "b", "c", "d"].into_iter().enumerate() {
            let at = number as u64;
            let fate = tally.fate(&one(1, secret), at..=at, (at * 10, at * 10 + 5), false);
            keep(&mut tally, &fate);
            assert_eq!(fate == Decision::Lost, number == 3);
        }
        let mut all = MatchLimiter::new(None);
        assert_eq!(all.fate(&one(1, "a"), 1..=1, (0, 1), false), Decision::Kept);
    }
}
