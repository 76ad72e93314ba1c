//! The plan for one leak, step by step, and the short form at the end of a text report. Does not write output.

use super::PORTAL;
use super::leak::{Leak, leaks};
use super::revoke::{ACCOUNT_CHECK, ACCOUNT_LIMIT, KEY_LINES, key_uses, procedure};
use crate::finding::{Finding, LivenessStatus, Severity};
use crate::finding::{Plan, Step};
use crate::rules::Rule;

/// Maximum number of locations in a short plan.
const MAX_SHOWN_PLACES: usize = 3;
/// Maximum number of keys in a short plan.
const MAX_SHOWN_KEYS: usize = 3;

/// Maximum number of plans in a report; the steps for further leaks are the same.
const MAX_PLANS: usize = 100;

/// Returns the plan for `leak`. `rules` provide the advice for credentials without a procedure.
pub fn plan(leak: &Leak, rules: &[Rule]) -> Plan {
    let created = leak.created.as_deref().and_then(|time| time.get(..10));
    let made = created.map(|day| format!(", created {day}")).unwrap_or_default();
    let mut facts = vec![format!("{}, found by {}", leak.severity.as_str(), leak.rules.join(", "))];
    if let Some(liveness) = &leak.liveness {
        facts.push(format!("{} at {}: {}", liveness.status.as_str(), liveness.time(), liveness.detail));
    }
    let steps = if leak.is_public(rules) {
        vec![step("Do this in each of the places.", [advice(leak, rules), leak.places.clone()].concat())]
    } else {
        let ends = [revoke(leak, rules, &made), replace(leak)];
        ends.into_iter().chain(history(leak)).chain([prove(leak)]).collect()
    };
    Plan { title: format!("{}{made}", leak.key_id.as_deref().unwrap_or(&leak.shown)), facts, steps }
}

/// Returns the plans for the worst leaks among `findings`, and how many more leaks need one. Leaks with only notes need
/// none.
pub fn plans(findings: &[Finding], rules: &[Rule]) -> (Vec<Plan>, usize) {
    let all = leaks(findings.iter());
    let mut needy = all.iter().filter(|leak| leak.needs_plan());
    let first = needy.by_ref().take(MAX_PLANS).map(|leak| plan(leak, rules)).collect();
    (first, needy.count())
}

fn step(title: impl Into<String>, lines: Vec<String>) -> Step {
    Step { title: title.into(), lines, link: None }
}

fn status(leak: &Leak) -> Option<LivenessStatus> {
    leak.liveness.as_ref().map(|liveness| liveness.status)
}

fn revoke(leak: &Leak, rules: &[Rule], made: &str) -> Step {
    match &leak.key_id {
        Some(id) => revoke_key(leak, &format!("{id}{made}")),
        None => revoke_other(leak, rules),
    }
}

/// Returns the first step for an API v2 key; `named` is its description.
fn revoke_key(leak: &Leak, named: &str) -> Step {
    let dead = status(leak).is_some_and(LivenessStatus::is_dead);
    let title = match status(leak) {
        Some(_) if dead => format!("Make sure that {named} is gone for good."),
        Some(status) if status.is_alive() => format!("Revoke {named} now: it works."),
        _ => format!("Revoke {named}."),
    };
    let disabled =
        "It was inactive when it was probed. A key that is only disabled can be enabled again: delete it.";
    let portal = "In the Telnyx portal, under API Keys, look for this id and delete the key; that takes effect at once. Make a new one there, with no more permissions than it needs.";
    let lines = dead.then_some(disabled).into_iter().chain([portal]).chain(KEY_LINES);
    let lines =
        lines.chain((!dead).then_some(ACCOUNT_LIMIT)).chain(key_uses(&leak.rules)).chain([ACCOUNT_CHECK]);
    Step { title, lines: lines.map(str::to_owned).collect(), link: Some(PORTAL) }
}

/// Returns the first step for any other credential: the procedure for its kind, or the advice of its rules.
fn revoke_other(leak: &Leak, rules: &[Rule]) -> Step {
    let Some(procedure) = procedure(&leak.rules) else {
        return step("End this credential.", advice(leak, rules));
    };
    let limit = procedure.limit.filter(|_| !status(leak).is_some_and(LivenessStatus::is_dead));
    let lines = procedure.lines.iter().copied().chain(limit).chain(procedure.check);
    Step {
        title: procedure.title.to_owned(),
        lines: lines.map(str::to_owned).collect(),
        link: procedure.link,
    }
}

/// Returns the advice of the rules that found the leak.
fn advice(leak: &Leak, rules: &[Rule]) -> Vec<String> {
    let found = leak.rules.iter().filter_map(|id| rules.iter().find(|rule| &rule.id == id));
    found.map(|rule| rule.fix.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn replace(leak: &Leak) -> Step {
    let mut lines = leak.places.clone();
    if leak.unlisted > 0 {
        lines.push(format!("and {} more, which the report does not list", counted(leak.unlisted, "place")));
    }
    step("Let each of these places read the new one from an environment variable or a secret store.", lines)
}

/// Returns the step for the git history, or `None` if it is known that no commit contains the secret.
fn history(leak: &Leak) -> Option<Step> {
    let rewrite = [
        "In a fresh clone: git filter-repo --replace-text FILE, with the file that telleaks respond --filter-repo FILE writes from a report that was made with --show-secrets; --replace-message for messages.",
        "Then force-push every branch and tag, have everyone clone again, and ask the host to drop its caches and forks.",
        "This does not make the old secret safe again: everyone who had a copy of the repository has it.",
    ];
    let rewrite = rewrite.map(str::to_owned);
    let told = leak.history;
    if told.pushed {
        return Some(step(
            "Remove it from history: it is reachable from a remote-tracking branch, so it was pushed.",
            rewrite.to_vec(),
        ));
    }
    if told.committed {
        let lines =
            [vec!["If it was pushed elsewhere, force-push there as well.".to_owned()], rewrite.to_vec()]
                .concat();
        return Some(step(
            "Remove it from history before you push: a commit contains it, and no remote-tracking branch of this clone reaches that commit.",
            lines,
        ));
    }
    if !told.open {
        return None;
    }
    let lines = [
        vec![
            "telleaks audit shows which commits contain it and whether they are reachable from a remote-tracking branch."
                .to_owned(),
        ],
        rewrite.to_vec(),
    ]
    .concat();
    Some(step("If a commit that contains it was ever pushed, remove it from history.", lines))
}

fn prove(leak: &Leak) -> Step {
    let again = "Run the scan that made this report again: it should find nothing.".to_owned();
    if leak.key_id.is_none() {
        return step("Prove it.", vec![again]);
    }
    let probe =
        "telleaks probe, with the old key on standard input, must say inactive and end with exit code 0."
            .to_owned();
    step("Prove it.", vec![probe, again])
}

/// Returns the short plan for all findings, for the end of a text report. Notes and public names are left out; the
/// latter have their own help.
pub fn short(findings: &[Finding]) -> Vec<String> {
    let secret = findings.iter().filter(|finding| !finding.secret.is_public());
    let leaks: Vec<Leak> = leaks(secret).into_iter().filter(|leak| leak.severity > Severity::Note).collect();
    if leaks.is_empty() {
        return Vec::new();
    }
    let keys: Vec<String> = leaks.iter().filter(|leak| leak.key_id.is_some()).map(named).collect();
    let others = leaks.len() - keys.len();
    let mut steps = Vec::new();
    if !keys.is_empty() {
        steps.push(format!("Revoke {} at {PORTAL}", listed(&keys, MAX_SHOWN_KEYS)));
    }
    if others > 0 {
        steps.push(format!(
            "End {} as the help above says",
            counted(others as u64, if keys.is_empty() { "credential" } else { "other credential" })
        ));
    }
    let places: Vec<String> = leaks.iter().flat_map(|leak| leak.places.iter().cloned()).collect();
    steps.push(format!(
        "Read the replacement from the environment or a secret store: {}",
        listed(&places, MAX_SHOWN_PLACES)
    ));
    if leaks.iter().any(|leak| leak.history.pushed) {
        steps.push("Remove what leaked from history: it was pushed".to_owned());
    } else if leaks.iter().any(|leak| leak.history.open || leak.history.committed) {
        steps.push("If it was ever pushed, remove it from history as well".to_owned());
    }
    if !keys.is_empty() {
        steps.push("Prove it: telleaks probe says whether a key still works".to_owned());
    }
    let head = "What to do now, in this order (details: telleaks respond on a json report):".to_owned();
    let steps = steps.iter().enumerate().map(|(at, step)| format!("{}. {step}.", at + 1));
    std::iter::once(head).chain(steps).collect()
}

/// Describes a key by its id, and by its liveness if known.
fn named(leak: &Leak) -> String {
    let id = leak.key_id.as_deref().unwrap_or_default();
    match status(leak) {
        Some(status) if status.is_alive() => format!("{id} ({})", status.as_str()),
        _ => id.to_owned(),
    }
}

/// Formats the first `shown` names, and how many more there are.
fn listed(names: &[String], shown: usize) -> String {
    let shown = shown.min(names.len());
    let first = names[..shown].join(", ");
    match names.len() - shown {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Formats a count with a noun: `1 place`, `3 places`.
fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
