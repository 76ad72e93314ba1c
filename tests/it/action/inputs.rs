//! The inputs of the action: each works as described, and invalid values are refused.

use std::fs;

use serde_json::json;

use crate::action::repo::line;
use crate::action::runner::Use;
use crate::action::site::{Site, ZERO};
use crate::common::put;

/// A manually triggered run of the action in a checkout of `main`.
fn on_demand(site: &Site, depth: Option<u32>) -> Use {
    let id = site.work.id("HEAD");
    site.push("main");
    let folder = site.checkout("refs/heads/main", &id, depth);
    Use::new(&folder, ("workflow_dispatch", json!({})), ("refs/heads/main", &id))
}

#[test]
fn base_and_head_override_event() {
    let site = Site::new();
    let first = site.leak(1);
    site.work.git(&["tag", "v1"]);
    site.work.git(&["push", "-q", "origin", "v1"]);
    site.push("old");
    site.tidy("a");
    site.tidy("b");
    for depth in [None, Some(1)] {
        for base in ["v1", "old", &first] {
            on_demand(&site, depth).with("base", base).run().clean();
        }
        on_demand(&site, depth).with("base", &site.work.id("v1~1")).run().found(1);
        on_demand(&site, depth).with("base", "v1").with("head", "v1").run().clean();
    }
    on_demand(&site, None).with("base", "no-such").run().refused("no no-such");
    on_demand(&site, None).with("base", "--all").run().refused("looks like an option");
    on_demand(&site, None).with("mode", "commits").run().refused("input base");
}

#[test]
fn scan_reports_paths_relative_to_root() {
    let site = Site::new();
    site.work.commit(&[("src/a b.env", &line(1)), ("lib/c.env", &line(2))]);
    let scan = |paths: &str| on_demand(&site, Some(1)).with("mode", "scan").with("paths", paths).run();
    scan(".").found(2);
    for paths in ["src", "src/a b.env", "\nsrc/a b.env\r\n"] {
        let outcome = scan(paths);
        outcome.found(1);
        assert!(outcome.log.contains("file=src/a b.env,line=1"), "{}", outcome.log);
    }
    scan("src\nlib\n").found(2);
    scan("no-such").refused("no-such");
    scan("README.md").clean();
    on_demand(&site, None).with("paths", "src\nlib").run().refused("mode: scan");
}

#[test]
fn baseline_and_fail_on() {
    let site = Site::new();
    site.work.commit(&[
        ("a.env", &line(1)),
        ("ci/accept.toml", "[[allow]]\nreason = 'revoked'\npaths = ['a.env']\n"),
    ]);
    let scan = || on_demand(&site, Some(1)).with("mode", "scan");
    scan().with("config", "ci/accept.toml").run().clean();
    scan().with("config", "no.toml").run().refused("no.toml");
    scan().with("fail-on", "nonsense").run().refused("nonsense");
    scan().with("fail-on", "active").run().refused("--probe");
    scan().with("args", "--exclude a.env\n --no-ignore").run().clean();
    let zero = scan().with("args", "--exit-zero").run();
    assert_eq!((zero.code, zero.outputs["findings"].as_str()), (0, "1"));
    scan().with("args", "--no-such-option").run().refused("--no-such-option");
    scan().with("args", "-- b").run().refused("args");
    scan().with("args", "--exclude 'a.env' --exclude \"no such/**\"").run().clean();
    scan().with("args", "--exclude 'a.env").run().refused("a quote is not closed");
    scan().with("exclude", "a.env\n").run().clean();
    let soft = scan().with("soft-fail", "true").run();
    assert_eq!((soft.code, soft.outputs["exit-code"].as_str()), (0, "1"));
    scan().with("min-severity", "nonsense").run().refused("nonsense");
    scan().with("working-directory", "ci").run().clean();
    scan().with("working-directory", "no-such").run().refused("working-directory");
}

#[test]
fn invalid_values_are_refused() {
    let site = Site::new();
    for (name, value) in [("mode", "all"), ("probe", "yes"), ("annotations", ""), ("summary", "TRUE")] {
        on_demand(&site, None).with(name, value).run().refused(name);
    }
}

#[test]
fn reports_can_be_disabled_and_moved() {
    let site = Site::new();
    site.leak(1);
    let outcome = on_demand(&site, None).with("annotations", "false").with("summary", "false").run();
    assert_eq!(outcome.code, 1);
    assert_eq!(outcome.summary, "");
    assert!(outcome.annotations("error").is_empty() && outcome.log.contains("error[telnyx-api-key]"));
    assert!(!outcome.uploads);
    let outcome = on_demand(&site, None).with("sarif-file", "out.sarif").with("upload-sarif", "true").run();
    assert_eq!(outcome.outputs["sarif-file"], "out.sarif");
    assert!(outcome.uploads && outcome.sarif.is_some());
    // A run that fails before the report uploads nothing, not even a committed file of that name.
    site.work.commit(&[("out.sarif", "{}")]);
    let outcome = on_demand(&site, None)
        .with("sarif-file", "out.sarif")
        .with("upload-sarif", "true")
        .with("fail-on", "nonsense")
        .run();
    assert!(!outcome.uploads);
}

#[test]
fn active_keys_are_counted() {
    let site = Site::new();
    site.leak(1);
    let outcome = on_demand(&site, None)
        .with("probe", "true")
        // Nothing listens on this port.
        .with("args", "--probe-url http://127.0.0.1:9")
        .run();
    outcome.found(1);
    assert_eq!(outcome.outputs["active"], "0");
    // The status is unknown, so the key is neither a leak nor clean.
    let unknown = on_demand(&site, None).with("probe", "true").with("fail-on", "active");
    let unknown = unknown.with("args", "--probe-url http://127.0.0.1:9").run();
    assert_eq!((unknown.code, unknown.outputs["incomplete"].as_str()), (3, "true"), "{}", unknown.log);
    // The count is taken from the report as telleaks writes it, one field per line.
    let report =
        fs::read_dir(outcome.temp.path()).unwrap().map(|entry| entry.unwrap().path().join("telleaks.json"));
    let report =
        report.filter(|path| path.exists()).map(|path| fs::read_to_string(path).unwrap()).next().unwrap();
    assert!(report.contains("\n        \"status\": \"unknown\",\n"), "{report}");
}

#[test]
fn empty_directory_is_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "src/.gitkeep", "");
    fs::remove_file(folder.path().join("src/.gitkeep")).unwrap();
    let event = ("schedule", json!({}));
    let used =
        Use::new(folder.path(), event, ("refs/heads/main", ZERO)).with("mode", "scan").with("paths", "src");
    used.run().incomplete();
}

#[test]
fn push_to_trusted_branch_may_accept() {
    let site = Site::new();
    let before = site.work.id("HEAD");
    let accepts = "[[allow]]\nreason = 'revoked'\npaths = ['a.env']\n";
    let after = site.work.commit(&[("a.env", &line(1)), ("telleaks.toml", accepts)]);
    site.push("main");
    let pushed = || site.pushed("main", (&before, &after), None);
    assert_eq!(pushed().run().outputs["findings"], "2");
    pushed().with("args", "--trust-suppressions").run().clean();
}
