//! The steps for one leak: revoke, replace, remove from history, verify.

use super::PORTAL;
use super::leak::Leak;
use super::plan::counted;
use super::revoke::{ACCOUNT_CHECK, ACCOUNT_LIMIT, KEY_LINES, key_uses, procedure};
use crate::finding::{LivenessStatus, Step};
use crate::rules::Rule;

/// Commands that remove a secret from history, to copy in order.
const REWRITE_COMMANDS: [&str; 5] = [
    "telleaks audit . --show-secrets --report json=leaks.json",
    "telleaks respond leaks.json --filter-repo replacements.txt",
    "git filter-repo --replace-text replacements.txt --replace-message replacements.txt",
    "git push --force --all URL && git push --force --tags URL",
    "rm leaks.json replacements.txt",
];

impl Leak {
    /// Returns a copy without what distinguishes it from other leaks that need the same steps.
    pub(super) fn without_name(&self) -> Self {
        let named = self.key_id.as_ref().map(|_| "each of these keys".to_owned());
        Self {
            key_id: named,
            created: None,
            places: Vec::new(),
            replaceable: Vec::new(),
            editable: Vec::new(),
            unlisted: 0,
            ..self.clone()
        }
    }
}

/// Returns the steps for a value that is public by itself.
pub(super) fn public_steps(leak: &Leak, rules: &[Rule]) -> Vec<Step> {
    vec![step("Do this in each of the places.", [advice(leak, rules), leak.places.clone()].concat())]
}

/// Returns the steps for a secret.
pub(super) fn steps(leak: &Leak, rules: &[Rule]) -> Vec<Step> {
    let created = leak.created.as_deref().and_then(|time| time.get(..10));
    let made = created.map(|day| format!(", created {day}")).unwrap_or_default();
    let ends = [revoke(leak, rules, &made), replace(leak)];
    ends.into_iter().chain(history(leak)).chain([prove(leak)]).collect()
}

fn step(title: impl Into<String>, lines: Vec<String>) -> Step {
    Step { title: title.into(), lines, commands: Vec::new(), link: None }
}

/// Returns the liveness of the leak, if it was probed.
pub(super) fn status(leak: &Leak) -> Option<LivenessStatus> {
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
    Step { title, lines: lines.map(str::to_owned).collect(), commands: Vec::new(), link: Some(PORTAL) }
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
        commands: Vec::new(),
        link: procedure.link,
    }
}

/// Returns the advice of the rules that found the leak.
fn advice(leak: &Leak, rules: &[Rule]) -> Vec<String> {
    let found = leak.rules.iter().filter_map(|id| rules.iter().find(|rule| &rule.id == id));
    found.map(|rule| rule.fix.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn replace(leak: &Leak) -> Step {
    let mut lines = leak.replaceable.clone();
    if leak.unlisted > 0 {
        lines.push(format!("and {} more, which the report does not list", counted(leak.unlisted, "place")));
    }
    let title = if lines.is_empty() {
        "Load the new one from an environment variable or a secret store in every program that uses it."
    } else {
        "Load the new one from an environment variable or a secret store in each of these places."
    };
    step(title, lines)
}

/// Returns the step for the git history, or `None` if it is known that no commit contains the secret.
fn history(leak: &Leak) -> Option<Step> {
    let known = leak.history;
    let (title, first) = if known.pushed {
        ("Remove it from history: it was pushed.", None)
    } else if known.committed {
        (
            "Remove it from history before you push: a commit contains it, and no remote-tracking branch of this clone reaches that commit.",
            Some("If it was pushed elsewhere, force-push there as well."),
        )
    } else if known.open {
        (
            "If a commit that contains it was ever pushed, remove it from history.",
            Some(
                "telleaks audit shows which commits contain it and whether they are reachable from a remote-tracking branch.",
            ),
        )
    } else {
        return None;
    };
    let rewrite = [
        "In a fresh clone, with git filter-repo (URL is the address of the repository: filter-repo removes the remote).",
        "Then have everyone clone again, and ask the host to drop its caches and forks.",
        "This does not make the old secret safe again: everyone who had a copy of the repository has it.",
    ];
    let lines = first.into_iter().chain(rewrite).map(str::to_owned).collect();
    let commands = REWRITE_COMMANDS.map(str::to_owned).to_vec();
    Some(Step { commands, ..step(title, lines) })
}

fn prove(leak: &Leak) -> Step {
    let again = "Run the scan that made this report again: it should find nothing.".to_owned();
    if leak.key_id.is_none() {
        return step("Verify.", vec![again]);
    }
    let probe =
        "telleaks probe, with the old key on standard input, must say inactive and end with exit code 0."
            .to_owned();
    step("Verify.", vec![probe, again])
}
