//! The plans for leaks: one for all leaks with the same steps, and the short form at the end of a text report. Does not
//! write output.

use super::PORTAL;
use super::leak::{Leak, leaks};
use super::steps::{public_steps, status, steps};
use crate::finding::{LivenessStatus, Plan, Report, Severity, Step};
use crate::rules::Rule;

/// Maximum number of keys or locations in a short plan, and of locations of one leak in a plan for several.
const MAX_SHOWN: usize = 3;
/// Maximum number of leaks with a plan in a report; the steps for further leaks are the same.
const MAX_LEAKS: usize = 100;

/// Returns the plan for one leak. `rules` provide the advice for credentials without a procedure.
fn plan(leak: &Leak, rules: &[Rule]) -> Plan {
    let mut facts = vec![format!("{}, found by {}", leak.severity.as_str(), leak.rules.join(", "))];
    if let Some(liveness) = &leak.liveness {
        facts.push(format!("{} at {}: {}", liveness.status.as_str(), liveness.time(), liveness.detail));
    }
    Plan { title: title(leak), facts, steps: steps_of(leak, rules) }
}

fn steps_of(leak: &Leak, rules: &[Rule]) -> Vec<Step> {
    if leak.is_public(rules) { public_steps(leak, rules) } else { steps(leak, rules) }
}

/// Names a leak: by the id of the key or the masked secret, with the creation date.
fn title(leak: &Leak) -> String {
    format!("{}{}", leak.key_id.as_deref().unwrap_or(&leak.shown), created(leak))
}

/// Formats when a key was created: `, created 2025-08-19`, or nothing.
fn created(leak: &Leak) -> String {
    let day = leak.created.as_deref().and_then(|time| time.get(..10));
    day.map(|day| format!(", created {day}")).unwrap_or_default()
}

/// Returns the plans for `leaks`, in their order. Leaks that need the same steps have one plan, at the place of the first.
pub fn plan_all(leaks: &[&Leak], rules: &[Rule]) -> Vec<Plan> {
    let mut groups: Vec<(Vec<Step>, Vec<&Leak>)> = Vec::new();
    for leak in leaks {
        let steps = steps_of(&leak.without_name(), rules);
        match groups.iter_mut().find(|(known, _)| *known == steps) {
            Some((_, members)) => members.push(leak),
            None => groups.push((steps, vec![leak])),
        }
    }
    let planned = |(steps, members): (Vec<Step>, Vec<&Leak>)| match members[..] {
        [leak] => plan(leak, rules),
        _ => Plan {
            title: group_title(&members),
            facts: members.iter().map(|leak| fact(leak)).collect(),
            steps,
        },
    };
    groups.into_iter().map(planned).collect()
}

fn group_title(members: &[&Leak]) -> String {
    let keys = members.iter().all(|leak| leak.key_id.is_some());
    counted(members.len() as u64, if keys { "API key" } else { "credential" })
}

/// Describes one leak of several in one line.
fn fact(leak: &Leak) -> String {
    let alive = status(leak).map(|status| format!(", {}", status.as_str())).unwrap_or_default();
    let places = listed(&leak.places, leak.unlisted);
    format!("{} ({}{alive}): {places}", title(leak), leak.severity.as_str())
}

/// Returns the plans for the worst leaks of a report, and how many more leaks need one. Leaks with only notes need none.
pub fn plans(report: &Report, rules: &[Rule]) -> (Vec<Plan>, usize) {
    let all = leaks(report.findings.iter(), report.is_pushed);
    let needy: Vec<&Leak> = all.iter().filter(|leak| leak.needs_plan()).collect();
    let (first, rest) = needy.split_at(needy.len().min(MAX_LEAKS));
    (plan_all(first, rules), rest.len())
}

/// Returns the short plan for all findings, for the end of a text report. Notes and public names are left out; the
/// latter have their own help.
pub fn short(report: &Report) -> Vec<String> {
    let secret = report.findings.iter().filter(|finding| !finding.secret.is_public());
    let leaks: Vec<Leak> = leaks(secret, report.is_pushed);
    let leaks: Vec<Leak> = leaks.into_iter().filter(|leak| leak.severity > Severity::Note).collect();
    if leaks.is_empty() {
        return Vec::new();
    }
    let local = leaks.iter().all(|leak| !leak.history.pushed);
    let steps = match report.command {
        "staged" if local => before_commit(&leaks, report.is_unborn),
        "machine" => on_machine(&leaks),
        _ if report.is_before_push && local => before_push(&leaks),
        _ => after_leak(&leaks),
    };
    let head = "What to do now (full plan: telleaks respond REPORT.json):".to_owned();
    let steps = steps.iter().enumerate().map(|(at, step)| format!("{}. {step}.", at + 1));
    std::iter::once(head).chain(steps).collect()
}

/// Returns the steps for secrets that may be known to others: revoking comes first.
fn after_leak(leaks: &[Leak]) -> Vec<String> {
    let mut steps = revoke(leaks);
    steps.extend(replace(leaks));
    if leaks.iter().any(|leak| leak.history.pushed) {
        steps.push("Remove what leaked from history: it was pushed".to_owned());
    } else if leaks.iter().any(|leak| leak.history.open || leak.history.committed) {
        steps.push("If it was ever pushed, remove it from history as well".to_owned());
    }
    if leaks.iter().any(|leak| leak.key_id.is_some()) {
        steps.push("Verify: telleaks probe shows whether a key still works".to_owned());
    }
    steps
}

/// Returns the steps for secrets in the places of a workstation.
fn on_machine(leaks: &[Leak]) -> Vec<String> {
    let mut steps = revoke(leaks);
    steps.push("Mask the copies: telleaks machine --clean (--dry-run shows what it would change)".to_owned());
    steps.push("Give the programs that need one a new key".to_owned());
    steps
}

/// Returns the steps for secrets that are only staged: nothing has left this machine yet.
fn before_commit(leaks: &[Leak], is_unborn: bool) -> Vec<String> {
    let files = files(&replaceable(leaks));
    let plain = self::files(&leaks.iter().flat_map(|leak| leak.editable.clone()).collect::<Vec<_>>());
    let (edited, other): (Vec<String>, Vec<String>) =
        files.iter().cloned().partition(|file| plain.contains(file));
    let mut steps = Vec::new();
    if !edited.is_empty() {
        steps.push(format!("Take it out: telleaks fix --write {}, or edit by hand", words(&edited)));
    }
    if !other.is_empty() {
        let why = "telleaks fix edits neither archives nor encoded text";
        steps.push(format!("Take it out of {}, or leave the file out: {why}", words(&other)));
    }
    if files.is_empty() {
        steps.push("Take it out of the message or the name, and commit again".to_owned());
    } else {
        // Before the first commit there is nothing to restore from.
        let unstage = if is_unborn { "git rm --cached" } else { "git restore --staged" };
        let words = words(&files);
        steps.push(format!(
            "Stage and commit again: git add {words} (or leave the file out: {unstage} {words})"
        ));
    }
    steps.push(if_shared(leaks));
    steps
}

/// Returns the steps for secrets in commits that no server has yet.
fn before_push(leaks: &[Leak]) -> Vec<String> {
    let out = "Take it out of the commits: git commit --amend, or git rebase -i BASE; then push again";
    std::iter::once(out.to_owned()).chain(replace(leaks)).chain([if_shared(leaks)]).collect()
}

/// Returns the step that replaces the secrets in files, if they are in any.
fn replace(leaks: &[Leak]) -> Option<String> {
    let places = replaceable(leaks);
    let unlisted = leaks.iter().filter(|leak| leak.history.open).map(|leak| leak.unlisted).sum();
    let listed = listed(&places, unlisted);
    (!places.is_empty())
        .then(|| format!("Read the replacement from the environment or a secret store: {listed}"))
}

/// Returns the step that revokes secrets which probably nobody else knows.
fn if_shared(leaks: &[Leak]) -> String {
    let revoke = revoke(leaks).join("; ");
    let lower =
        revoke.chars().next().map(|first| first.to_lowercase().to_string() + &revoke[first.len_utf8()..]);
    format!("If it was ever shared, {}", lower.unwrap_or_default())
}

/// Returns the steps that revoke keys and other credentials.
fn revoke(leaks: &[Leak]) -> Vec<String> {
    let keys: Vec<String> = leaks.iter().filter(|leak| leak.key_id.is_some()).map(named).collect();
    let others = leaks.len() - keys.len();
    let mut steps = Vec::new();
    if !keys.is_empty() {
        steps.push(format!("Revoke {} at {PORTAL}", listed(&keys, 0)));
    }
    if others > 0 {
        steps.push(format!(
            "End {} as the help above says",
            counted(others as u64, if keys.is_empty() { "credential" } else { "other credential" })
        ));
    }
    steps
}

fn replaceable(leaks: &[Leak]) -> Vec<String> {
    leaks.iter().flat_map(|leak| leak.replaceable.iter().cloned()).collect()
}

/// Returns the files of locations, without duplicates; of a member of an archive, the archive.
fn files(places: &[String]) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for place in places {
        let path = place.rsplit_once(':').map_or(place.as_str(), |(path, _)| path);
        let file = path.split_once("!/").map_or(path, |(archive, _)| archive);
        if !files.iter().any(|known| known == file) {
            files.push(file.to_owned());
        }
    }
    files
}

/// Formats the first files as words for a shell.
fn words(files: &[String]) -> String {
    let first: Vec<String> = files.iter().take(MAX_SHOWN).map(|file| quoted(file)).collect();
    format!("{}{}", first.join(" "), if files.len() > MAX_SHOWN { ", and the other files" } else { "" })
}

/// Quotes a path for a shell, if it needs that.
fn quoted(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@%".contains(&byte);
    if path.bytes().all(plain) && !path.starts_with('-') {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

/// Describes a key by its id, and by its liveness if known.
fn named(leak: &Leak) -> String {
    let id = leak.key_id.as_deref().unwrap_or_default();
    match status(leak) {
        Some(status) if LivenessStatus::is_alive(status) => format!("{id} ({})", status.as_str()),
        _ => id.to_owned(),
    }
}

/// Formats the first names, and how many more there are; `unlisted` ones have no name.
fn listed(names: &[String], unlisted: u64) -> String {
    let shown = MAX_SHOWN.min(names.len());
    let first = names[..shown].join(", ");
    match (names.len() - shown) as u64 + unlisted {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Formats a count with a noun: `1 place`, `3 places`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_special_characters_are_quoted() {
        assert_eq!(quoted("src/a-b.py"), "src/a-b.py");
        assert_eq!(quoted("a b's"), "'a b'\\''s'");
        assert_eq!(quoted("-x"), "'-x'");
    }
}
