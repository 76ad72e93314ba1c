//! The explanation of `telleaks explain` as data, for both the text and the JSON output.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::place::Place;
use crate::detect::{RejectReason, TracedAnchor};
use crate::finding::{AcceptedBy, Finding, Location, Severity, Skipped};
use crate::rules::Rule;
use crate::source::Reach;

/// An anchor is shown without a line number only if at least 1/`NEAR_DIVISOR` of the required characters follow it.
const NEAR_DIVISOR: usize = 4;

/// The whole explanation.
#[derive(Serialize)]
pub(super) struct Document {
    pub(super) tool: &'static str,
    pub(super) version: &'static str,
    pub(super) path: String,
    pub(super) line: Option<u64>,
    pub(super) scope: Scope,
    pub(super) bytes_scanned: u64,
    pub(super) unreadable: Vec<SkippedInput>,
    pub(super) switched_off: Vec<String>,
    pub(super) findings: Vec<ExplainedMatch>,
    pub(super) anchors: Vec<RejectedAnchor>,
    pub(super) more_anchors: usize,
}

/// Whether a scan of the directory would read the file.
#[derive(Serialize)]
pub(super) struct Scope {
    pub(super) read: bool,
    pub(super) reason: String,
}

/// An input that was skipped.
#[derive(Serialize)]
pub(super) struct SkippedInput {
    pub(super) path: String,
    pub(super) reason: String,
    /// The entry of the configuration that accepts it.
    pub(super) accepted: Option<String>,
}

/// A match and what happened to it.
#[derive(Serialize)]
pub(super) struct ExplainedMatch {
    pub(super) rule_id: String,
    pub(super) severity: &'static str,
    /// `reported`, `hidden` by a suppression, or `off` if its rule is disabled.
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    pub(super) secret: String,
    /// URL of the documentation of the rule, if it has one.
    pub(super) docs: Option<String>,
    pub(super) at: Position,
    /// End of the match, in bytes (exclusive).
    #[serde(skip)]
    end: u64,
}

/// An anchor that some rules rejected.
#[derive(Serialize)]
pub(super) struct RejectedAnchor {
    pub(super) at: Position,
    pub(super) anchor: String,
    pub(super) encoding: Vec<&'static str>,
    /// Whether another rule matched there.
    pub(super) found: bool,
    pub(super) refused: Vec<Rejection>,
}

/// Rules that rejected an anchor for the same reason.
#[derive(Serialize)]
pub(super) struct Rejection {
    pub(super) rules: Vec<String>,
    pub(super) reason: String,
}

/// One entry of the explanation, in position order.
pub(super) enum Item<'d> {
    Match(&'d ExplainedMatch),
    Anchor(&'d RejectedAnchor),
}

/// The rules that rejected an anchor at one position, by reason.
#[derive(Default)]
struct Rejections {
    anchor: String,
    refused: BTreeMap<String, Vec<String>>,
}

impl ExplainedMatch {
    /// Returns whether a position is inside this match, if it was reported or hidden as a leak. Notes do not count: the
    /// rejected anchors are still of interest.
    fn covers(&self, at: &Position) -> bool {
        self.status != "off"
            && self.severity != Severity::Note.as_str()
            && self.at.path == at.path
            && (self.at.byte..self.end).contains(&at.byte)
    }
}

/// A position in a file.
#[derive(Serialize, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) byte: u64,
}

impl Document {
    /// Creates an explanation without any results.
    pub(super) fn new(path: String, line: Option<u64>, reach: Reach) -> Self {
        Self {
            tool: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            path,
            line,
            scope: Scope { read: reach.read, reason: reach.reason },
            bytes_scanned: 0,
            unreadable: Vec::new(),
            switched_off: Vec::new(),
            findings: Vec::new(),
            anchors: Vec::new(),
            more_anchors: 0,
        }
    }

    /// Adds skipped inputs.
    pub(super) fn add_unseen(&mut self, unseen: Vec<Skipped>) {
        let unread = |one: Skipped| SkippedInput {
            accepted: one.accepted.as_ref().map(AcceptedBy::shown),
            path: one.path,
            reason: one.reason,
        };
        self.unreadable.extend(unseen.into_iter().map(unread));
    }

    /// Adds a finding at each of its locations that `place` selects.
    pub(super) fn add_finding(&mut self, finding: &Finding, status: &'static str, place: &Place) {
        let suppression = finding.suppression.as_ref();
        let reason = suppression.map_or_else(
            || finding.message.clone(),
            |one| {
                let why = one.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
                format!("hidden by {}: {}{why}", one.kind.as_str(), one.by)
            },
        );
        for location in std::iter::once(&finding.location).chain(&finding.occurrences) {
            if selects(place, location) {
                self.findings.push(ExplainedMatch {
                    rule_id: finding.rule_id.clone(),
                    severity: finding.severity.as_str(),
                    status,
                    reason: Some(reason.clone()),
                    secret: finding.secret.masked(),
                    docs: None,
                    at: Position {
                        path: location.path.clone(),
                        line: location.start_line,
                        column: location.start_column,
                        byte: location.byte_start,
                    },
                    end: location.byte_end,
                });
            }
        }
    }

    /// Adds to each finding the documentation URL of its rule from `rules`.
    pub(super) fn add_docs(&mut self, rules: &[Rule]) {
        for told in &mut self.findings {
            let rule = rules.iter().find(|rule| rule.id == told.rule_id);
            told.docs = rule.map(|rule| rule.docs.clone());
        }
    }

    /// Adds rejected anchors at the positions that `place` selects. `rules` are those of the detector.
    pub(super) fn add_anchors(&mut self, traced: Vec<TracedAnchor>, rules: &[&Rule], place: &Place) {
        let mut places: BTreeMap<(Position, Vec<&'static str>), Rejections> = BTreeMap::new();
        let mut unlikely: BTreeSet<(String, u64)> = BTreeSet::new();
        for one in traced {
            let here = one.path == place.member || place.member.is_empty();
            if !here || place.line.is_some_and(|line| line != one.line) {
                continue;
            }
            if place.line.is_none() && is_unlikely(&one.refusal) {
                unlikely.insert((one.path, one.byte));
                continue;
            }
            let path = format!("{}{}", self.path, one.path);
            let at = Position { path, line: one.line, column: one.column, byte: one.byte };
            let encoding = one.encoding.iter().map(|layer| layer.as_str()).collect();
            let reason = super::words::of(&one.refusal, rules, one.rule);
            let here = places.entry((at, encoding)).or_default();
            here.refused.entry(reason).or_default().push(rules[one.rule].id.clone());
            // If one anchor is a prefix of the other, show the longer one.
            if one.anchor.len() > here.anchor.len() {
                here.anchor = one.anchor;
            }
        }
        // A text is counted once, however many rules rejected it.
        for (at, _) in places.keys() {
            unlikely.remove(&(at.path[self.path.len()..].to_owned(), at.byte));
        }
        self.more_anchors += unlikely.len();
        let anchors = places.into_iter().map(|((at, encoding), here)| {
            let refused = here.refused.into_iter().map(|(reason, rules)| Rejection { rules, reason });
            let found = self.findings.iter().any(|told| told.covers(&at));
            RejectedAnchor { at, anchor: here.anchor, encoding, found, refused: refused.collect() }
        });
        let anchors: Vec<RejectedAnchor> = anchors.collect();
        self.anchors.extend(anchors);
    }

    /// Returns findings and anchors, sorted by position. Anchors where a rule matched are left out, since the finding
    /// describes them.
    pub(super) fn in_order(&self) -> Vec<Item<'_>> {
        let findings = self.findings.iter().map(|told| (&told.at, Item::Match(told)));
        let anchors = self.anchors.iter().filter(|one| !one.found);
        let anchors = anchors.map(|one| (&one.at, Item::Anchor(one)));
        let mut all: Vec<_> = findings.chain(anchors).collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, one)| one).collect()
    }

    /// Sorts the findings by position.
    pub(super) fn sort(&mut self) {
        self.findings.sort_by(|a, b| (&a.at, &a.rule_id).cmp(&(&b.at, &b.rule_id)));
    }
}

/// Returns whether `place` selects this location of a finding.
fn selects(place: &Place, location: &Location) -> bool {
    location.path.ends_with(&place.member)
        && place.line.is_none_or(|line| (location.start_line..=location.end_line).contains(&line))
}

/// Returns whether so few characters follow an anchor that it is probably not a credential.
fn is_unlikely(refusal: &RejectReason) -> bool {
    matches!(refusal, RejectReason::Short { follow, needed } if follow * NEAR_DIVISOR < *needed)
}
