//! The summary of an audit: what would be published, what is only in this clone, and the steps to take, in order.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Report;
use crate::finding::{Finding, GitInfo, ReachedBy, Severity};

/// Who can see a secret when the repository is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// Reachable from a remote-tracking branch: it was pushed or fetched.
    Remote,
    /// Published by a push or with the whole repository.
    Published,
    /// Stays in this clone unless the directory itself is copied.
    Local,
}

/// Returns the lines of the summary. `bare` means that the refs are those that a server would show. Counts secrets, not
/// locations, and ignores notes.
pub fn verdict(report: &Report, bare: bool) -> Vec<String> {
    let counts = |finding: &&Finding| finding.severity > Severity::Note && !finding.is_about_suppression();
    let counted: Vec<&Finding> = report.findings.iter().filter(counts).collect();
    let mut lines = Vec::new();
    if !report.complete() {
        lines.push(incomplete(report).to_owned());
    }
    let mut secrets: BTreeMap<String, Reach> = BTreeMap::new();
    for finding in &counted {
        let reach = reach_of(finding, bare);
        secrets
            .entry(finding.secret.sha256())
            .and_modify(|worst| *worst = reach.min(*worst))
            .or_insert(reach);
    }
    let count = |wanted: Reach| secrets.values().filter(|reach| **reach == wanted).count();
    let (remote, published, local) = (count(Reach::Remote), count(Reach::Published), count(Reach::Local));
    if secrets.is_empty() {
        if report.complete() {
            let hidden = match (report.suppressed.is_empty(), report.accepted.is_empty()) {
                (true, true) => "",
                (false, true) => ", apart from suppressed ones,",
                (true, false) => " in the scanned input",
                (false, false) => " in the scanned input, apart from suppressed ones,",
            };
            lines.push(format!("No known secrets{hidden} would be published with this repository."));
        }
        return lines;
    }
    if remote + published == 0 {
        lines.push(format!(
            "Publishing this repository would expose no known secrets, but do not copy this clone: {} only in it.",
            are(local, "secret")
        ));
        lines.extend(steps(&counted, bare));
        return lines;
    }
    let already = match remote {
        0 => String::new(),
        count => format!(" ({count} already reachable from a remote-tracking branch)"),
    };
    let here = match local {
        0 => String::new(),
        count => format!("; {} only in this clone", are(count, "secret")),
    };
    lines.push(format!(
        "Do not publish yet: publishing would expose {}{already}{here}.",
        count_secrets(remote + published),
    ));
    lines.extend(steps(&counted, bare));
    lines
}

/// Returns what to do about skipped inputs: some can be read after a command or with an option, a damaged archive in
/// history cannot.
fn incomplete(report: &Report) -> &'static str {
    const REMEDIES: [&str; 4] = ["git ", "--", "ermission denied", "audit it separately"];
    let helps = |reason: &str| REMEDIES.iter().any(|remedy| reason.contains(remedy));
    if report.unseen.is_empty() || report.unseen.iter().any(|one| helps(&one.reason)) {
        "Not everything could be read: this audit is incomplete. Follow the notices above, then run it again."
    } else {
        "Not everything could be read: this audit is incomplete, and no option can change that. Accept what may stay \
         unread, with an [[accept-unread]] entry in telleaks.toml."
    }
}

/// Returns the numbered steps to take.
fn steps(findings: &[&Finding], bare: bool) -> Vec<String> {
    let any = |test: &dyn Fn(&GitInfo) -> bool| {
        findings.iter().any(|finding| finding.git.as_ref().is_some_and(test))
    };
    let is = |kind: ReachedBy| any(&|git| git.reached_by == kind);
    let mut steps = Vec::new();
    let keys: BTreeSet<&str> =
        findings.iter().filter_map(|finding| Some(finding.key.as_ref()?.as_str())).collect();
    let others = findings.iter().any(|finding| finding.key.is_none());
    let keys = match keys.len() {
        0 => "Revoke or replace every credential above".to_owned(),
        count => {
            let plural = if count == 1 { "" } else { "s" };
            let others = if others { ", and replace every other credential above" } else { "" };
            format!("Revoke {count} API key{plural} in the Telnyx portal{others}")
        }
    };
    steps.push(format!("{keys}; removing it from history does not make it safe again."));
    let only_here = |finding: &&&Finding| finding.git.is_none();
    if findings.iter().any(|finding| only_here(&finding)) || any(&|git| git.in_head) || is(ReachedBy::Index) {
        steps.push(
            "Remove them from the files and settings of this directory, and read them from the environment."
                .to_owned(),
        );
    }
    if findings.iter().any(|finding| reach_of(finding, bare) < Reach::Local && finding.git.is_some()) {
        steps.push(
            "Rewrite history in a fresh clone (git filter-repo --replace-text for files, --replace-message for \
             messages, --mailmap for authors; rename refs), then force-push every branch and tag."
                .to_owned(),
        );
    }
    if is(ReachedBy::Stash) {
        steps.push("Drop the stash entries (git stash drop).".to_owned());
    }
    if is(ReachedBy::Reflog) || is(ReachedBy::Unreachable) || is(ReachedBy::Stash) {
        steps.push(
            "Delete unreachable objects: git reflog expire --expire=now --all && git gc --prune=now."
                .to_owned(),
        );
    }
    steps.push("Run telleaks audit again, on a fresh clone of what you publish.".to_owned());
    steps.iter().zip(1..).map(|(step, number)| format!("{number}. {step}")).collect()
}

fn reach_of(finding: &Finding, bare: bool) -> Reach {
    let Some(git) = &finding.git else { return Reach::Local };
    match git.reached_by {
        ReachedBy::Refs | ReachedBy::Message | ReachedBy::RefName | ReachedBy::Notes => {
            let remote = git.refs.iter().any(|name| name.starts_with("refs/remotes/"));
            match (git.refs.is_empty(), remote || bare) {
                (true, _) => Reach::Local,
                (false, true) => Reach::Remote,
                (false, false) => Reach::Published,
            }
        }
        ReachedBy::Index | ReachedBy::Stash | ReachedBy::Reflog | ReachedBy::Unreachable => Reach::Local,
    }
}

fn count_secrets(count: usize) -> String {
    if count == 1 { "1 secret".to_owned() } else { format!("{count} secrets") }
}

/// Formats a count with its verb: `1 secret is`, `2 secrets are`.
fn are(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun} is") } else { format!("{count} {noun}s are") }
}
