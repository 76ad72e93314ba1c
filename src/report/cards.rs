//! Groups findings into cards: one for each secret and rule, with all its locations.

use std::collections::{HashMap, HashSet};

use crate::finding::{Finding, GitInfo, Location, ReachedBy};

use super::phrases::short;

/// The findings of one secret by one rule.
pub(super) struct Card<'r> {
    /// The finding of the highest severity; of several the first, if possible outside the files of the git directory.
    pub(super) head: &'r Finding,
    /// The other findings, in report order.
    pub(super) others: Vec<&'r Finding>,
}

/// Groups `findings`, in the order of the first finding of each card. Findings about suppressions stay single.
pub(super) fn cards<'r>(findings: &[&'r Finding]) -> Vec<Card<'r>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut known: HashMap<(String, &str), usize> = HashMap::new();
    for &finding in findings {
        if finding.is_about_suppression() {
            groups.push(vec![finding]);
            continue;
        }
        // On a workstation, all places of a key are one card, whichever rules find them.
        let rule = if finding.machine.is_some() { "" } else { finding.rule_id.as_str() };
        let group = *known.entry((finding.secret.sha256(), rule)).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(members) => members.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups.into_iter().filter_map(Card::of).collect()
}

impl<'r> Card<'r> {
    /// Builds a card; `None` without findings.
    fn of(findings: Vec<&'r Finding>) -> Option<Self> {
        let worst = findings.iter().map(|finding| finding.severity).max()?;
        let first = |chosen: &dyn Fn(&Finding) -> bool| {
            findings.iter().position(|finding| finding.severity == worst && chosen(finding))
        };
        let at = first(&|finding| !is_git_file(finding)).or_else(|| first(&|_| true))?;
        let mut others = findings;
        let head = others.remove(at);
        Some(Self { head, others })
    }

    /// Returns the locations other than that of the head, each with how it is reachable: of the other findings, then
    /// those that the findings list.
    pub(super) fn places(&self) -> Vec<(&'r Location, String)> {
        let mut out: Vec<(&Location, String)> =
            self.others.iter().map(|one| (&one.location, remark(one))).collect();
        let mut known: HashSet<&Location> = out.iter().map(|(place, _)| *place).collect();
        known.insert(&self.head.location);
        for place in std::iter::once(&self.head).chain(&self.others).flat_map(|one| &one.occurrences) {
            if known.insert(place) {
                out.push((place, String::new()));
            }
        }
        out
    }

    /// Returns the number of locations other than that of the head, including those that are not listed.
    pub(super) fn other_count(&self) -> u64 {
        let counted = std::iter::once(&self.head).chain(&self.others).map(|one| one.occurrence_count()).max();
        counted.unwrap_or_default().max(self.places().len() as u64)
    }
}

/// Returns whether a finding is in a file of the git directory that is not an object, such as a draft of a message.
fn is_git_file(finding: &Finding) -> bool {
    finding.git.is_none() && finding.location.path.split('/').any(|part| part == ".git")
}

/// Formats how the location of a finding is reachable, or its place on the workstation.
fn remark(finding: &Finding) -> String {
    let place = finding.machine.as_ref().map(crate::finding::MachinePlace::shown);
    place.or_else(|| finding.git.as_ref().map(reach)).unwrap_or_default()
}

/// Formats how a location is reachable, in a few words.
fn reach(info: &GitInfo) -> String {
    match info.reached_by {
        ReachedBy::Index => "staged".to_owned(),
        ReachedBy::Stash => "stash".to_owned(),
        ReachedBy::Reflog => "reflog".to_owned(),
        ReachedBy::Unreachable => "no ref".to_owned(),
        _ if info.in_head => "in HEAD".to_owned(),
        _ => match (&info.removed_in, info.refs.first()) {
            (Some(removed), _) => format!("removed in {}", short(removed)),
            (None, Some(name)) => name.clone(),
            (None, None) => String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Secret, Severity};

    fn finding(path: &str, secret: &str, severity: Severity) -> Finding {
        let location = Location { path: path.to_owned(), start_line: 1, ..Location::default() };
        Finding::new("r", severity, Secret::new(secret), location)
    }

    #[test]
    fn one_secret_is_one_card_with_the_worst_finding_first() {
        let all = [
            finding("a", "one", Severity::Warning),
            finding("b", "two", Severity::Error),
            finding("c", "one", Severity::Error),
        ];
        let all: Vec<&Finding> = all.iter().collect();
        let made = cards(&all);
        let named: Vec<(&str, usize, u64)> = made
            .iter()
            .map(|card| (card.head.location.path.as_str(), card.others.len(), card.other_count()))
            .collect();
        assert_eq!(named, [("c", 1, 1), ("b", 0, 0)]);
        assert_eq!(made[0].places()[0].0.path, "a");
    }
}
