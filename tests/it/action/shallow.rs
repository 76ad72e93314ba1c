//! Checkouts that lack commits, from a server that does not provide more: the existing commits are scanned, and no run
//! passes.

use serde_json::json;

use crate::action::repo::line;
use crate::action::runner::{REPOSITORY, Use};
use crate::action::site::{Site, ZERO, pull_event};

#[test]
fn push_is_incomplete() {
    let site = Site::new();
    let before = site.work.id("HEAD");
    let clean = site.tidy("a");
    site.push("main");
    let pushed = site.pushed("main", (&before, &clean), Some(1));
    site.goes_down();
    pushed.run().incomplete();
}

#[test]
fn existing_commits_are_scanned() {
    let site = Site::new();
    let before = site.work.id("HEAD");
    let leak = site.leak(1);
    site.push("main");
    let pushed = site.pushed("main", (&before, &leak), Some(1));
    site.goes_down();
    let outcome = pushed.run();
    outcome.found(1);
    assert_eq!(outcome.outputs["incomplete"], "true");
}

#[test]
fn complete_range_needs_no_deepening() {
    let site = Site::new();
    let before = site.work.id("HEAD");
    let clean = site.tidy("a");
    site.push("main");
    let pushed = site.pushed("main", (&before, &clean), Some(2));
    site.goes_down();
    pushed.run().clean();
}

#[test]
fn pull_request_is_incomplete() {
    for leaks in [false, true] {
        let site = Site::new();
        if leaks {
            site.leak(1)
        } else {
            site.tidy("a")
        };
        let pull = site.pull(REPOSITORY, Some(1));
        site.goes_down();
        let outcome = pull.run();
        if leaks {
            outcome.found(1)
        } else {
            outcome.incomplete()
        }
        assert_eq!(outcome.outputs["incomplete"], "true");
    }
}

#[test]
fn missing_head_is_never_clean() {
    let site = Site::new();
    let base = site.work.id("HEAD");
    let head = site.leak(1);
    // The base is fully checked out, as for pull_request_target, and the head cannot be fetched.
    let folder = site.checkout("refs/heads/main", &base, None);
    site.goes_down();
    let event = ("pull_request_target", pull_event((&base, &head), REPOSITORY));
    Use::new(&folder, event, ("refs/heads/main", &base)).run().incomplete();
}

#[test]
fn audit_is_incomplete() {
    let site = Site::new();
    let id = site.work.id("HEAD");
    let folder = site.checkout("refs/heads/main", &id, Some(1));
    site.goes_down();
    Use::new(&folder, ("schedule", json!({})), ("refs/heads/main", &id)).run().incomplete();
}

#[test]
fn history_below_shallow_checkout_is_not_reported_again() {
    let site = Site::new();
    site.work.commit(&[("old.env", &line(1))]);
    let before = site.tidy("a");
    let after = site.tidy("b");
    site.push("main");
    site.pushed("main", (&before, &after), Some(1)).run().clean();
    // The first push deepens the clone up to the default branch.
    site.work.git(&["checkout", "-q", "-b", "topic", "HEAD~2"]);
    let tip = site.tidy("c");
    site.push("topic");
    site.pushed("topic", (ZERO, &tip), Some(1)).run().clean();
}
