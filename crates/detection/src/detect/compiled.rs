//! Rules prepared for the search.

use regex::bytes::Regex;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::byte_set::Class;
use super::encoding::Anchor;
use super::named::Named;
use crate::rules::{Rule, pattern};

/// A rule with its patterns, which are compiled on first use: most scans need none.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The rule as loaded.
    pub(crate) rule: Rule,
    regex: OnceLock<Option<Regex>>,
    context: OnceLock<Option<Regex>>,
    named: OnceLock<Vec<Named>>,
}

impl Compiled {
    pub(crate) fn new(rule: Rule) -> Self {
        Self { rule, regex: OnceLock::new(), context: OnceLock::new(), named: OnceLock::new() }
    }

    /// Returns the rule's names, in their original order.
    pub(crate) fn named(&self) -> &[Named] {
        self.named.get_or_init(|| self.rule.assignments.iter().filter_map(Named::new).collect())
    }

    /// Returns the rule's pattern. It is never `None` for a rule that was checked on loading.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| pattern(&self.rule.regex).ok()).as_ref()
    }

    /// Returns whether the whole match of the pattern is the secret.
    pub(crate) fn is_all_secret(&self) -> bool {
        let inner = self.rule.regex.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        // A character class may contain a parenthesis; in this case the groups of the regex decide.
        inner.is_some_and(|inner| !inner.starts_with('?') && !inner.contains(['(', ')']))
    }

    /// Returns the pattern that must match near the secret, if the rule has one.
    pub(crate) fn context(&self) -> Option<&Regex> {
        let compile = || self.rule.context.as_deref().and_then(|text| pattern(text).ok());
        self.context.get_or_init(compile).as_ref()
    }
}

/// Returns the distinct anchors of `rules`, each with all runs that may follow it.
pub(crate) fn anchors(rules: &[Compiled]) -> Vec<Anchor> {
    let mut table = Table::default();
    for (index, compiled) in rules.iter().enumerate() {
        table.patterns(index, &compiled.rule);
        table.names(index, &compiled.rule);
    }
    let mut anchors: Vec<Anchor> = table.0.into_values().collect();
    join_families(&mut anchors, rules.len());
    anchors
}

/// Anchors by text.
#[derive(Default)]
struct Table(BTreeMap<Vec<u8>, Anchor>);

impl Table {
    fn anchor(&mut self, text: Vec<u8>, family: usize, rule: &Rule) -> &mut Anchor {
        let new = |text: &Vec<u8>| Anchor {
            text: text.clone(),
            forms: rule.forms,
            cut: false,
            names: false,
            family,
            runs: Vec::new(),
        };
        let anchor = self.0.entry(text).or_insert_with_key(new);
        anchor.forms = anchor.forms.max(rule.forms);
        anchor
    }

    /// Adds the anchors of a rule's pattern.
    fn patterns(&mut self, index: usize, rule: &Rule) {
        let shortest = rule.anchors.iter().map(String::len).min().unwrap_or_default();
        let whole =
            rule.run.as_ref().map_or_else(|| (Class::new(""), 0), |run| (Class::new(&run.set), run.min));
        for text in rule.pattern_anchors().iter().flat_map(|anchor| spellings(anchor, rule.ignore_case)) {
            // The characters of a longer anchor beyond the shortest one are part of its run.
            let run = (whole.0.clone(), whole.1.saturating_sub(text.len() - shortest));
            let anchor = self.anchor(text, index, rule);
            // An anchor that only names the secret is not part of it and is never split.
            anchor.cut |= !rule.public && (rule.run.is_some() || rule.context.is_none());
            match anchor.runs.iter_mut().find(|(class, min, _)| (class, *min) == (&run.0, run.1)) {
                // Two anchors of a rule can have a spelling in common.
                Some((_, _, rules)) if rules.contains(&index) => {}
                Some((_, _, rules)) => rules.push(index),
                None => anchor.runs.push((run.0, run.1, vec![index])),
            }
        }
    }

    /// Adds the anchors near which a rule's names are searched.
    fn names(&mut self, index: usize, rule: &Rule) {
        for text in rule.names_anchors().iter().flat_map(|anchor| spellings(anchor, rule.ignore_case)) {
            self.anchor(text, index, rule).names = true;
        }
    }
}

/// Puts anchors that share a rule, directly or through other anchors, into one family: the smallest index of their
/// rules.
fn join_families(anchors: &mut [Anchor], rules: usize) {
    let mut family: Vec<usize> = (0..rules).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for anchor in &*anchors {
            let least = rules_of(anchor).map(|&rule| family[rule]).min().unwrap_or_default();
            for &rule in rules_of(anchor) {
                changed |= family[rule] != least;
                family[rule] = least;
            }
        }
    }
    for anchor in anchors {
        if let Some(least) = rules_of(anchor).map(|&rule| family[rule]).min() {
            anchor.family = least;
        }
    }
}

fn rules_of(anchor: &Anchor) -> impl Iterator<Item = &usize> {
    anchor.runs.iter().flat_map(|(_, _, rules)| rules)
}

/// Returns the spellings of an anchor: as written or, if the case is ignored, also in lower case and with an upper-case
/// letter after each separator, as in HTTP headers.
fn spellings(anchor: &str, ignore_case: bool) -> Vec<Vec<u8>> {
    if !ignore_case {
        return vec![anchor.as_bytes().to_vec()];
    }
    let mut capital = true;
    let title = anchor.chars().map(|letter| {
        let now = if capital { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        capital = !letter.is_ascii_alphanumeric();
        now
    });
    let title: String = title.collect();
    let mut all = vec![anchor.to_owned(), anchor.to_ascii_lowercase(), title];
    all.sort();
    all.dedup();
    all.into_iter().map(String::into_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_insensitive_anchor_has_three_spellings() {
        let text = |all: Vec<Vec<u8>>| {
            all.into_iter().map(|one| String::from_utf8(one).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(text(spellings("X-telnyx_key2a", false)), ["X-telnyx_key2a"]);
        assert_eq!(
            text(spellings("X-telnyx_key2a", true)),
            ["X-Telnyx_Key2a", "X-telnyx_key2a", "x-telnyx_key2a"]
        );
        assert_eq!(text(spellings("token", true)), ["Token", "token"]);
    }

    #[test]
    fn anchors_keep_the_run_of_each_rule() {
        let rules: Vec<Compiled> =
            crate::rules::builtin().unwrap().rules.into_iter().map(Compiled::new).collect();
        let mut count = 0;
        for anchor in anchors(&rules) {
            for (at, (class, min, of)) in anchor.runs.iter().enumerate() {
                assert!(anchor.runs[..at].iter().all(|(other, least, _)| (other, least) != (class, min)));
                for &index in of {
                    let rule = &rules[index].rule;
                    let shortest = rule.anchors.iter().map(String::len).min().unwrap();
                    let (set, whole) = rule.run.as_ref().map_or(("", 0), |run| (&run.set, run.min));
                    assert_eq!(class, &Class::new(set), "{}", rule.id);
                    assert_eq!(*min, whole.saturating_sub(anchor.text.len() - shortest), "{}", rule.id);
                    count += 1;
                }
            }
        }
        let spelled = |one: &Compiled| {
            let of = |anchor: &String| spellings(anchor, one.rule.ignore_case);
            one.rule.pattern_anchors().iter().flat_map(of).collect::<std::collections::HashSet<_>>().len()
        };
        assert_eq!(count, rules.iter().map(spelled).sum::<usize>());
    }

    #[test]
    fn rules_share_runs_only_if_equal() {
        let all = crate::rules::builtin().unwrap().rules;
        let one = all.into_iter().find(|rule| rule.id == "telnyx-api-key").unwrap();
        let mut longer = one.clone();
        longer.run.as_mut().unwrap().min += 1;
        let rules: Vec<Compiled> = [one.clone(), longer, one].into_iter().map(Compiled::new).collect();
        for anchor in anchors(&rules) {
            let members: Vec<&[usize]> = anchor.runs.iter().map(|run| run.2.as_slice()).collect();
            assert_eq!(members, [&[0, 2][..], &[1]]);
            assert_eq!(anchor.runs[0].1 + 1, anchor.runs[1].1);
        }
    }

    #[test]
    fn anchors_linked_by_rules_share_a_family() {
        let rules: Vec<Compiled> =
            crate::rules::builtin().unwrap().rules.into_iter().map(Compiled::new).collect();
        let mut all = anchors(&rules);
        all.retain(|anchor| !anchor.runs.is_empty());
        let share =
            |one: &Anchor, other: &Anchor| rules_of(one).any(|rule| rules_of(other).any(|of| of == rule));
        for (at, one) in all.iter().enumerate() {
            let mut linked = vec![at];
            let mut next = 0;
            while let Some(&known) = linked.get(next) {
                next += 1;
                let more = (0..all.len()).filter(|&other| share(&all[known], &all[other]));
                let more: Vec<usize> = more.filter(|other| !linked.contains(other)).collect();
                linked.extend(more);
            }
            for (index, other) in all.iter().enumerate() {
                assert_eq!(one.family == other.family, linked.contains(&index), "{one:?} {other:?}");
            }
        }
    }
}
