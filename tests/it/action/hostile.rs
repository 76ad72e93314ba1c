//! Users who control only names and contents cannot run code, set outputs, send commands to the runner or hide a leak.

use serde_json::json;

use crate::action::repo::line;
use crate::action::runner::{Outcome, Use};
use crate::action::site::{Site, ZERO};

/// Checks that no file was created and that all commands to the runner are annotations of telleaks.
#[track_caller]
fn nothing_happened(site: &Site, outcome: &Outcome) {
    for folder in ["runner/shop", "repo", "runner"] {
        assert!(!site.work.beside(folder).join("pwned").exists());
    }
    for line in outcome.log.lines().map(str::trim_start) {
        let command = line.starts_with("::");
        let ours =
            ["error ", "warning ", "notice "].iter().any(|kind| line.starts_with(&format!("::{kind}")));
        assert!(!command || ours && line.contains("title=telleaks"), "{line}");
    }
}

#[test]
fn branch_names_are_data() {
    for name in [
        "$(touch${IFS}pwned)",
        "`touch${IFS}pwned`",
        "a;touch${IFS}pwned",
        "a'b\"c&touch${IFS}pwned",
        "${{github.token}}",
    ] {
        let site = Site::new();
        site.work.git(&["checkout", "-q", "-b", "topic"]);
        let leak = site.leak(1);
        site.push(name);
        for depth in [None, Some(1)] {
            let outcome = site.pushed(name, (ZERO, &leak), depth).run();
            outcome.found(1);
            nothing_happened(&site, &outcome);
            let base = site.work.id("HEAD~1");
            let folder = site.checkout("refs/heads/main", &base, depth);
            let used = Use::new(&folder, ("push", json!({})), ("refs/heads/main", &base));
            let outcome = used.with("head", name).with("base", "main").run();
            outcome.found(1);
            nothing_happened(&site, &outcome);
        }
    }
}

#[test]
fn default_branch_may_have_any_name() {
    let site = Site::new();
    let leak = site.leak(1);
    site.push("topic");
    for name in ["$(touch pwned)", "--upload-pack=touch pwned", "a:b", "+x", "../x", "a\nb"] {
        let folder = site.checkout("refs/heads/topic", &leak, None);
        let event = json!({ "before": ZERO, "after": leak, "deleted": false });
        let outcome =
            Use::new(&folder, ("push", event), ("refs/heads/topic", &leak)).default_branch(name).run();
        outcome.found(1);
        nothing_happened(&site, &outcome);
    }
}

#[test]
fn file_names_and_messages_do_not_reach_the_runner() {
    let site = Site::new();
    let before = site.work.id("HEAD");
    let names = [
        "a\n::set-output name=findings::0\n.env",
        "b\r\n::add-mask::x.env",
        "::stop-commands::x",
        "c,line=9::d%0A::error::e.env",
    ];
    let content = line(1);
    let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, content.as_str())).collect();
    site.work.commit(&files);
    let message = format!("::error::gone\n::set-env name=PATH::x\n{}", line(2));
    site.work.git(&["commit", "-q", "--allow-empty", "-m", &message]);
    let after = site.work.id("HEAD");
    site.push("main");
    let outcome = site.pushed("main", (&before, &after), None).run();
    outcome.found(5);
    nothing_happened(&site, &outcome);
    let scan = site.pushed("main", (&before, &after), None).with("mode", "scan").run();
    scan.found(4);
    nothing_happened(&site, &scan);
    // The text report shows foreign lines while the runner ignores commands.
    let text = site.pushed("main", (&before, &after), None).with("annotations", "false").run();
    let mut commands = text.log.lines().filter(|line| line.starts_with("::"));
    let token = commands.next().unwrap().strip_prefix("::stop-commands::").unwrap();
    assert_eq!(commands.collect::<Vec<_>>(), [format!("::{token}::")]);
}

#[test]
fn inputs_are_data() {
    let site = Site::new();
    let before = site.work.id("HEAD");
    let after = site.leak(1);
    site.push("main");
    let evil = "$(touch pwned) `touch pwned`; touch pwned\nexit-code=0\n::set-output name=findings::0";
    for name in [
        "mode",
        "paths",
        "config",
        "baseline",
        "fail-on",
        "base",
        "head",
        "sarif-file",
        "probe",
        "annotations",
    ] {
        let outcome = site.pushed("main", (&before, &after), None).with(name, evil).run();
        assert!([1, 2].contains(&outcome.code), "{name}: {}", outcome.log);
        assert_eq!(outcome.outputs["exit-code"], outcome.code.to_string());
        nothing_happened(&site, &outcome);
    }
    for args in ["$(touch pwned)", "* ?", "`touch pwned`", "--config\t$HOME", "; touch pwned"] {
        let outcome = site.pushed("main", (&before, &after), None).with("args", args).run();
        assert_ne!(outcome.code, 0, "{args}");
        nothing_happened(&site, &outcome);
    }
    let outcome =
        site.pushed("main", (&before, &after), None).with("version", evil).without("TELLEAKS_BINARY").run();
    outcome.refused("version: one line");
    nothing_happened(&site, &outcome);
}

#[test]
fn invalid_commit_ids_are_refused() {
    let site = Site::new();
    let id = site.work.id("HEAD");
    for after in ["", "HEAD", "--all", "main", &id[..20], &id.to_uppercase()] {
        let folder = site.checkout("refs/heads/main", &id, None);
        let event = json!({ "before": ZERO, "after": after, "deleted": false });
        Use::new(&folder, ("push", event), ("refs/heads/main", &id)).run().refused("no commit to search");
    }
}

#[test]
fn hooks_and_helpers_of_checkout_are_not_run() {
    let site = Site::new();
    let after = site.leak(1);
    site.push("topic");
    // The default branch is fetched as a ref, which would trigger the hook.
    let used = site.pushed("topic", (ZERO, &after), Some(1));
    let folder = site.work.beside("runner/shop");
    let config =
        |key: &str, value: &str| site.work.git(&["-C", folder.to_str().unwrap(), "config", key, value]);
    config("core.fsmonitor", "touch pwned; false");
    config("core.hooksPath", "hooks");
    crate::common::put(
        &folder,
        "hooks/reference-transaction",
        "#!/bin/sh\ntouch \"$GITHUB_WORKSPACE/pwned\"\n",
    );
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder.join("hooks/reference-transaction"), PermissionsExt::from_mode(0o755))
        .unwrap();
    let outcome = used.run();
    outcome.found(1);
    nothing_happened(&site, &outcome);
}
