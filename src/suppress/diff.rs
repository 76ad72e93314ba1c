//! Finds what a change adds to the configuration and the baseline. Both sides are compared as sets of settings and
//! entries, so that a moved line is not an addition. An author must not be able to introduce a secret together with its
//! suppression.

use super::meta_findings::{ADDED, Remark, SuppressionFile, broken, short};
use super::{AcceptUnread, Baseline, Config, FailOn, Mistake, Named, Settings};
use crate::finding::{Finding, Severity};
use crate::rules::{Rule, RuleSet};

/// Maximum number of additions to one file that are reported individually; the rest is only counted.
const MAX_REPORTED_LINES: usize = 50;

/// The suppressions of one side of a change.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// The configuration, if it is valid.
    pub config: Option<Named<Config>>,
    /// The baseline, if it is valid.
    pub baseline: Option<Named<Baseline>>,
    /// Files with errors, and the first mistake of each.
    pub broken: Vec<(Named<()>, Mistake)>,
}

/// An added line: its number, what it is about, and its effect.
type Addition = (u64, String, String);

/// Returns a finding for everything in `tip` but not in `base` that suppresses more than before. `set` are the rules
/// without any configuration.
pub fn added(base: &Side, tip: &Side, set: &RuleSet, own: &[Rule]) -> Vec<Finding> {
    let mut out = Vec::new();
    if let Some(config) = &tip.config {
        let nothing = Config::default();
        let before = base.config.as_ref().map_or(&nothing, |config| &config.value);
        let mut additions = settings(before, &config.value, set);
        additions.extend(allows(before, &config.value));
        additions.extend(accepts(before, &config.value));
        additions.extend(overridable(&before.settings, &config.value.settings));
        out.extend(findings_for(own, config, additions));
    }
    if let Some(baseline) = &tip.baseline {
        let nothing = Baseline::default();
        let before = base.baseline.as_ref().map_or(&nothing, |baseline| &baseline.value);
        out.extend(findings_for(own, baseline, entries(before, &baseline.value)));
    }
    let known = |file: &Named<()>| base.broken.iter().any(|(other, _)| other.text == file.text);
    for (file, mistake) in tip.broken.iter().filter(|(file, _)| !known(file)) {
        out.extend(broken(own, ADDED, file, mistake));
    }
    out
}

/// Returns the findings for additions to one file.
fn findings_for<T>(own: &[Rule], file: &Named<T>, mut additions: Vec<Addition>) -> Vec<Finding> {
    additions.sort();
    let rest = additions.len().saturating_sub(MAX_REPORTED_LINES + 1);
    additions.truncate(MAX_REPORTED_LINES + 1);
    if let Some(last) = additions.last_mut().filter(|_| rest > 0) {
        last.2 = format!("{}, and {rest} more lines below add something, too", last.2);
    }
    let lines = SuppressionFile::of(file);
    let finding = |(line, what, why): &Addition| lines.about(own, ADDED, Remark { line: *line, what, why });
    additions.iter().filter_map(finding).collect()
}

/// Returns rules that are disabled or have a lower severity, and a laxer `fail-on`.
fn settings(before: &Config, after: &Config, set: &RuleSet) -> Vec<Addition> {
    let mut out = Vec::new();
    let level = |config: &Config| config.fail_on.map_or(FailOn::DEFAULT, |(level, _)| level);
    if let Some((now, line)) = after.fail_on.filter(|(now, _)| *now > level(before)) {
        let why = format!("fail-on goes from {} to {}", level(before).as_str(), now.as_str());
        out.push((line, "fail-on".to_owned(), why));
    }
    for setting in &after.rules {
        let old = before.rules.iter().find(|old| old.id == setting.id);
        let was_on = old.is_none_or(|old| old.enabled != Some(false));
        if setting.enabled == Some(false) && was_on {
            let why = format!("the rule {} is switched off", setting.id);
            out.push((setting.line, format!("rule {}", setting.id), why));
        }
        let default = set.all().into_iter().find(|rule| rule.id == setting.id).map(|rule| rule.severity);
        let of = |setting: Option<Severity>| setting.or(default);
        let (was, now) = (of(old.and_then(|old| old.severity)), of(setting.severity));
        if let (Some(was), Some(now)) = (was, now)
            && now < was
        {
            let why = format!("the rule {} goes from {} to {}", setting.id, was.as_str(), now.as_str());
            out.push((setting.line, format!("severity of {}", setting.id), why));
        }
    }
    out.extend(removed_settings(before, after, set));
    out
}

/// Returns raised severities, and a stricter `fail-on`, that were removed. They no longer have a line, so line 1 is
/// reported.
fn removed_settings(before: &Config, after: &Config, set: &RuleSet) -> Vec<Addition> {
    let mut out = Vec::new();
    if before.fail_on.is_some_and(|(level, _)| level < FailOn::DEFAULT) && after.fail_on.is_none() {
        out.push((1, "fail-on".to_owned(), "fail-on is removed and was stricter".to_owned()));
    }
    for old in &before.rules {
        let default = set.all().into_iter().find(|rule| rule.id == old.id).map(|rule| rule.severity);
        let gone = !after.rules.iter().any(|one| one.id == old.id);
        if gone && old.severity.is_some_and(|was| default.is_some_and(|now| now < was)) {
            let why = format!("the higher severity of the rule {} is removed", old.id);
            out.push((1, format!("severity of {}", old.id), why));
        }
    }
    out
}

fn allows(before: &Config, after: &Config) -> Vec<Addition> {
    let new = after.allow.iter().filter(|one| !before.allow.iter().any(|old| old.covers(one)));
    new.map(|one| (one.line, one.summary(), "a new allow".to_owned())).collect()
}

fn accepts(before: &Config, after: &Config) -> Vec<Addition> {
    let known = |one: &AcceptUnread| before.accept_unread.iter().any(|old| old.covers(one));
    let new = after.accept_unread.iter().filter(|one| !known(one));
    let why = "it accepts unread content that was not accepted before";
    new.map(|one| (one.line, one.summary(), why.to_owned())).collect()
}

/// Returns new globs in `exclude`, and a higher `min-severity`.
fn overridable(before: &Settings, after: &Settings) -> Vec<Addition> {
    let mut out = Vec::new();
    if let Some((globs, line)) = &after.exclude {
        let old = before.exclude.as_ref().map_or(&[][..], |(globs, _)| globs.words());
        let new: Vec<&str> =
            globs.words().iter().filter(|word| !old.contains(word)).map(String::as_str).collect();
        if !new.is_empty() {
            out.push((*line, "exclude".to_owned(), format!("exclude gains {}", new.join(", "))));
        }
    }
    if let Some((now, line)) = after.min_severity
        && before.min_severity.is_none_or(|(was, _)| was < now)
    {
        let why = format!("min-severity goes to {}", now.as_str());
        out.push((line, "min-severity".to_owned(), why));
    }
    out
}

fn entries(before: &Baseline, after: &Baseline) -> Vec<Addition> {
    let new = after.entries().iter().filter(|one| !before.covers(one));
    new.map(|one| {
        let why = format!("a new entry for the rule {}", one.rule);
        (one.line, short(&one.hash).to_owned(), why)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::builtin;

    fn side(config: &str) -> Side {
        let value = Config::parse(config).unwrap();
        let config = Named { name: "telleaks.toml".into(), text: config.into(), value };
        Side { config: Some(config), ..Side::default() }
    }

    fn said(base: &Side, tip: &Side) -> Vec<String> {
        let set = builtin().unwrap();
        let found = added(base, tip, &set, &set.own);
        found
            .iter()
            .map(|one| format!("{}: {}", one.location.start_line, one.message.rsplit(": ").next().unwrap()))
            .collect()
    }

    #[test]
    fn only_wider_suppression_is_reported() {
        let allow = "[[allow]]\nreason='r'\nrules=['telnyx-api-key','telnyx-v1-token']\n";
        let moved = "[[allow]]\nrules=['telnyx-v1-token']\nexpires='2030-01-01'\nreason='another'\n";
        let wider = "[[allow]]\nreason='r'\nrules=['telnyx-api-key','telnyx-v1-token','telnyx-mcp-link']\n";
        assert!(said(&side(allow), &side(moved)).is_empty());
        assert!(said(&side(allow), &side("")).is_empty());
        assert_eq!(said(&side(allow), &side(wider)), ["1: a new allow"]);
        assert_eq!(said(&Side::default(), &side(allow)).len(), 1);
        let strict = "fail-on='note'\n[rules.telnyx-api-key-id]\nseverity='error'\n";
        let lax = "[rules.telnyx-v1-token]\nenabled=false\n[rules.telnyx-api-key]\nseverity='note'\n";
        assert_eq!(
            said(&side(strict), &side(&format!("fail-on='error'\n{lax}"))),
            [
                "1: fail-on goes from note to error",
                "1: the higher severity of the rule telnyx-api-key-id is removed",
                "2: the rule telnyx-v1-token is switched off",
                "4: the rule telnyx-api-key goes from error to note",
            ]
        );
        assert_eq!(said(&side(lax), &side(strict)), Vec::<String>::new());
        assert_eq!(said(&side(strict), &side("")).len(), 2);
    }

    #[test]
    fn wider_accept_unread_is_reported() {
        let rar = "[[accept-unread]]\nreason='r'\nformats=['rar']\n";
        let wider = "[[accept-unread]]\nreason='r'\nformats=['rar','cab']\n";
        let why = "1: it accepts unread content that was not accepted before";
        assert_eq!(said(&side(rar), &side(wider)), [why]);
        assert_eq!(said(&Side::default(), &side(rar)), [why]);
        assert!(said(&side(wider), &side(rar)).is_empty() && said(&side(rar), &side("")).is_empty());
    }

    #[test]
    fn broken_file_is_reported_once_and_excess_lines_counted() {
        let file = Named { name: "telleaks.toml".into(), text: "x".into(), value: () };
        let broken = Side { broken: vec![(file, Mistake::new(1, "m"))], ..Side::default() };
        assert_eq!(said(&Side::default(), &broken), ["1: m"]);
        assert!(said(&broken, &broken).is_empty());
        let many = "[[allow]]\nreason='r'\nrules=['telnyx-api-key']\n".repeat(100);
        let told = said(&Side::default(), &side(&many));
        assert_eq!(told.len(), MAX_REPORTED_LINES + 1);
        assert!(told.last().unwrap().contains("and 49 more lines"), "{told:?}");
    }
}
