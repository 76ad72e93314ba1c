//! The commit range of each event: a leak in the range is found, and a range without one passes.

use serde_json::json;

use crate::action::repo::{Repo, key, line};
use crate::action::runner::{REPOSITORY, Use};
use crate::action::site::{Site, ZERO, pull_event};
use crate::common::put;

const FORK: &str = "mallory/shop";

#[test]
fn push_is_scanned_from_previous_head() {
    let site = Site::new();
    let old = site.leak(1);
    let new = site.tidy("a");
    site.push("main");
    site.pushed("main", (&old, &new), None).run().clean();
    let leak = site.leak(2);
    let gone = site.work.commit(&[("src/sms.env", "taken out again\n")]);
    site.push("main");
    site.pushed("main", (&new, &gone), None).run().found(1);
    let outcome = site.pushed("main", (&new, &leak), None).run();
    outcome.found(1);
    assert!(outcome.annotations("error")[0].contains("file=src/sms.env,line=1,"), "{}", outcome.log);
    assert!(!outcome.log.contains(&key(2)) && !outcome.summary.contains(&key(2)));
}

#[test]
fn first_push_of_branch_is_scanned_from_default_branch() {
    let site = Site::new();
    site.leak(1);
    site.push("main");
    site.work.git(&["checkout", "-q", "-b", "topic"]);
    let clean = site.tidy("a");
    site.push("topic");
    for depth in [None, Some(1)] {
        site.pushed("topic", (ZERO, &clean), depth).run().clean();
    }
    let leak = site.leak(2);
    site.push("topic");
    for depth in [None, Some(1)] {
        site.pushed("topic", (ZERO, &leak), depth).run().found(1);
    }
}

#[test]
fn first_push_of_default_branch_is_scanned_whole() {
    let site = Site::new();
    let clean = site.work.id("HEAD");
    site.pushed("main", (ZERO, &clean), Some(1)).run().clean();
    site.leak(1);
    let after = site.tidy("a");
    site.push("main");
    site.pushed("main", (ZERO, &after), Some(1)).run().found(1);
}

#[test]
fn forced_push_is_scanned_with_or_without_old_commits() {
    for forgotten in [false, true] {
        for depth in [None, Some(1)] {
            let site = Site::new();
            let start = site.work.id("HEAD");
            site.work.git(&["checkout", "-q", "-b", "topic"]);
            let before = site.tidy("old");
            site.push("topic");
            site.work.git(&["reset", "-q", "--hard", &start]);
            let after = site.tidy("new");
            site.push("topic");
            if forgotten {
                site.forgets();
            }
            site.pushed("topic", (&before, &after), depth).run().clean();
            let leak = site.leak(1);
            site.push("topic");
            site.pushed("topic", (&before, &leak), depth).run().found(1);
        }
    }
}

#[test]
fn tag_is_scanned_with_its_message() {
    for depth in [None, Some(1)] {
        let site = Site::new();
        for (number, message) in ["release".to_owned(), line(9)].iter().enumerate() {
            let name = format!("refs/tags/v{number}");
            site.work.git(&["tag", "-a", "-m", message, &format!("v{number}")]);
            site.work.git(&["push", "-q", "origin", &name]);
            let (tag, commit) = (site.work.id(&name), site.work.id("HEAD"));
            // actions/checkout fetches the commit under the tag's name.
            let folder = site.checkout(&name, &commit, depth);
            let event = json!({ "before": ZERO, "after": tag, "deleted": false, "ref": name });
            let outcome = Use::new(&folder, ("push", event), (&name, &commit)).run();
            if number == 0 { outcome.clean() } else { outcome.found(1) }
        }
    }
}

#[test]
fn deletion_scans_nothing() {
    let site = Site::new();
    let id = site.leak(1);
    site.push("main");
    let folder = site.checkout("refs/heads/main", &id, None);
    let event = json!({ "before": id, "after": ZERO, "deleted": true, "ref": "refs/heads/topic" });
    let outcome = Use::new(&folder, ("push", event), ("refs/heads/main", &id)).run();
    outcome.clean();
    assert!(outcome.log.contains("nothing to search"));
}

#[test]
fn pull_request_is_scanned_from_its_base() {
    for from in [REPOSITORY, FORK] {
        for depth in [None, Some(1)] {
            let site = Site::new();
            site.leak(1);
            site.push("main");
            site.work.git(&["checkout", "-q", "--detach", "HEAD~3"]);
            let start = site.tidy("topic");
            site.pull(from, depth).run().clean();
            site.work.git(&["checkout", "-q", "--detach", &start]);
            site.work.commit(&[("lib/new.env", &line(2))]);
            let outcome = site.pull(from, depth).run();
            outcome.found(1);
            assert!(outcome.annotations("error")[0].contains("file=lib/new.env"), "{}", outcome.log);
        }
    }
}

#[test]
fn long_pull_request_scans_every_commit() {
    let site = Site::new();
    // The first of 500 commits adds the leak, and the second removes it.
    site.leak(1);
    site.work.commit(&[("src/sms.env", "taken out\n")]);
    let mut stream = String::new();
    for number in 0..498 {
        let from = if number == 0 { format!("from {}\n", site.work.id("HEAD")) } else { String::new() };
        let content = format!("{number}\n");
        stream += &format!(
            "commit refs/heads/long\ncommitter A <a@example.com> {} +0000\ndata 1\nx\n{from}M 644 inline count\ndata {}\n{content}",
            1_700_100_000 + number,
            content.len(),
        );
    }
    site.work.git_on(&["fast-import", "--quiet"], stream);
    site.work.git(&["checkout", "-q", "long"]);
    assert_eq!(site.work.git(&["rev-list", "--count", "refs/remotes/origin/main..HEAD"]), "500");
    for depth in [None, Some(1)] {
        site.work.git(&["checkout", "-q", "long"]);
        site.pull(FORK, depth).run().found(1);
    }
}

#[test]
fn leak_added_by_merge_commit_is_found() {
    let site = Site::new();
    let evil = |leak: bool| {
        site.work.git(&["checkout", "-q", "--detach", "refs/remotes/origin/main"]);
        let left = site.tidy("left");
        site.work.git(&["checkout", "-q", "--detach", "refs/remotes/origin/main"]);
        site.tidy("right");
        site.work.git(&["merge", "-q", "--no-commit", "--no-ff", &left]);
        if leak {
            site.work.add("evil.env", line(3));
        }
        site.work.git(&["commit", "-q", "--no-verify", "-m", "merge"]);
    };
    for depth in [None, Some(1)] {
        evil(false);
        site.pull(REPOSITORY, depth).run().clean();
        evil(true);
        site.pull(REPOSITORY, depth).run().found(1);
    }
}

#[test]
fn merge_group_is_scanned_from_its_base() {
    for depth in [None, Some(1)] {
        let site = Site::new();
        let base = site.work.id("HEAD");
        for leaks in [false, true] {
            let head = if leaks { site.leak(1) } else { site.tidy("a") };
            let name = "refs/heads/gh-readonly-queue/main/pr-7";
            site.push(name);
            let folder = site.checkout(name, &head, depth);
            let event = json!({ "action": "checks_requested", "merge_group": { "base_sha": base, "head_sha": head } });
            let outcome = Use::new(&folder, ("merge_group", event), (name, &head)).run();
            if leaks { outcome.found(1) } else { outcome.clean() }
        }
    }
}

/// `pull_request_target` with the head checked out, as in workflows that accept this risk.
fn target(site: &Site, depth: Option<u32>) -> Use {
    let (base, head) = (site.work.id("refs/remotes/origin/main"), site.work.id("HEAD"));
    site.push("refs/pull/7/head");
    let folder = site.checkout("refs/pull/7/head", &head, depth);
    Use::new(&folder, ("pull_request_target", pull_event((&base, &head), FORK)), ("refs/heads/main", &base))
}

#[test]
fn head_that_is_not_checked_out_is_scanned() {
    for depth in [None, Some(1)] {
        for leaks in [false, true] {
            let site = Site::new();
            let base = site.work.id("HEAD");
            let head = if leaks { site.leak(1) } else { site.tidy("a") };
            site.push("refs/pull/7/head");
            let folder = site.checkout("refs/heads/main", &base, depth);
            let event = ("pull_request_target", pull_event((&base, &head), FORK));
            let outcome = Use::new(&folder, event, ("refs/heads/main", &base)).run();
            if leaks {
                outcome.found(1)
            } else {
                outcome.clean()
            }
            assert!(!folder.join("src/sms.env").exists());
        }
    }
}

const ACCEPTS: &str = "[[allow]]\nreason = 'trust me'\nrules = ['telnyx-*']\n";

#[test]
fn fork_pull_request_cannot_accept_its_own_leak() {
    for depth in [None, Some(1)] {
        let site = Site::new();
        site.tidy("a");
        target(&site, depth).run().clean();
        let accepts = ACCEPTS.replace("telnyx-*", "telnyx-api-key");
        site.work.commit(&[("telleaks.toml", &accepts), ("other.toml", &accepts), ("src/sms.env", &line(4))]);
        for mode in ["auto", "scan", "audit"] {
            let outcome = target(&site, depth).with("mode", mode).run();
            assert_eq!(outcome.code, 1, "{mode}: {}", outcome.log);
            assert_eq!(outcome.annotations("error").len(), 1, "{mode}: {}", outcome.log);
        }
        target(&site, depth).with("config", "other.toml").run().refused("has no file other.toml");
    }
}

#[test]
fn configuration_of_base_is_used() {
    let site = Site::new();
    let accepts = "[[allow]]\nreason = 'revoked'\npaths = ['src/']\n";
    site.work.commit(&[("ci/telleaks.toml", accepts)]);
    site.push("main");
    site.work.commit(&[("src/sms.env", &line(4)), ("ci/telleaks.toml", "what is this")]);
    let with = || target(&site, None).with("config", "ci/telleaks.toml");
    with().run().clean();
    target(&site, None).run().found(1);
    site.work.commit(&[("lib/sms.env", &line(5))]);
    with().run().found(1);
}

#[test]
fn other_events_audit_whole_repository() {
    for name in ["schedule", "workflow_dispatch", "release", "repository_dispatch"] {
        let site = Site::new();
        let clean = site.work.id("HEAD");
        let started = |id: &str, depth| {
            let folder = site.checkout("refs/heads/main", id, depth);
            Use::new(&folder, (name, json!({})), ("refs/heads/main", id))
        };
        started(&clean, None).run().clean();
        // An old leak on another branch.
        site.leak(6);
        let after = site.work.commit(&[("src/sms.env", "taken out\n")]);
        site.push("topic");
        for depth in [None, Some(1)] {
            let outcome = started(&clean, depth).run();
            outcome.found(1);
            assert!(outcome.summary.contains("removed in"), "{}", outcome.summary);
        }
        site.push("main");
        started(&after, Some(1)).run().found(1);
    }
}

#[test]
fn event_outside_of_repository_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a", "b\n");
    let used = || Use::new(folder.path(), ("schedule", json!({})), ("refs/heads/main", ZERO));
    used().run().refused("actions/checkout");
    used().with("mode", "scan").run().clean();
    let bare = Repo::new();
    Use::new(bare.dir(), ("push", json!({ "after": ZERO })), ("refs/heads/main", ZERO))
        .run()
        .refused("no commit to search");
}
