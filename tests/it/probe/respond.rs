//! Response plans: order of the steps, locations, additional files, and hostile reports.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::common::random::Random;
use crate::common::{both, code, put};
use crate::probe::program;

fn respond(folder: &Path, args: &[&str]) -> Output {
    program().current_dir(folder).arg("respond").args(args).output().unwrap()
}

/// Scans `in` below `folder` and writes `report.json`.
fn report(folder: &Path, args: &[&str]) {
    let scan = program().current_dir(folder).args(["scan", "in", "--format", "json"]).args(args).output();
    put(folder, "report.json", scan.unwrap().stdout);
}

#[test]
fn plan_goes_from_revocation_to_verification() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("plan", 0).key();
    put(folder.path(), "in/a.env", format!("A={key}\n"));
    put(folder.path(), "in/b/c.js", format!("\n\nx('{key}')\n"));
    report(folder.path(), &[]);
    let output = respond(folder.path(), &["report.json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    let order = [
        &format!("{}, created 20", &key[..35]),
        "  1. Revoke ",
        "https://portal.telnyx.com/#/app/api-keys",
        "  2. Load the new one",
        "     - a.env:1",
        "     - b/c.js:3",
        "  3. If a commit that contains it was ever pushed",
        "  4. Verify.",
        "telleaks probe",
    ];
    let mut from = 0;
    for part in order {
        let at = said[from..].find(part);
        from += at.unwrap_or_else(|| panic!("{part} is missing or too early in\n{said}"));
    }
    assert_eq!(said.matches("  1. ").count(), 1, "{said}");
    assert!(!said.contains(&key[36..]));
}

/// Returns a report in telleaks' format with one finding of these fields.
fn made(fields: Value) -> String {
    let mut finding = json!({
        "rule_id": "telnyx-api-key", "severity": "error", "secret": "KEY…", "secret_sha256": "00",
        "key_id": "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "key_created": "2025-08-19T06:24:14.938Z",
        "location": {"path": "a.env", "start_line": 1}, "occurrences": [], "occurrence_count": 0,
        "git": null, "liveness": null,
    });
    for (name, value) in fields.as_object().unwrap() {
        finding[name] = value.clone();
    }
    json!({"tool": "telleaks", "findings": [finding]}).to_string()
}

#[test]
fn history_is_rewritten_only_if_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    for (git, expected, not) in [
        (
            json!({"commit": "ab", "refs": ["refs/heads/main", "refs/remotes/origin/main"]}),
            "history: it was pushed",
            "before you push",
        ),
        (json!({"commit": "ab", "refs": ["refs/heads/main"]}), "before you push", "history: it was pushed"),
        (json!({"commit": null, "refs": []}), "Verify", "filter-repo"),
        (Value::Null, "If a commit that contains it was ever pushed", "history: it was pushed"),
    ] {
        put(folder.path(), "r.json", made(json!({ "git": git })));
        let said = both(&respond(folder.path(), &["r.json"]));
        assert!(said.contains(expected) && !said.contains(not), "{said}");
    }
}

#[test]
fn liveness_changes_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    for (status, severity, expected) in [
        ("active", "error", "now: it works"),
        ("inactive", "note", "is gone for good"),
        ("unknown", "error", "  1. Revoke KEY"),
    ] {
        let liveness = json!({"status": status, "detail": "d", "checked_at": "2026-01-01T00:00:00Z"});
        put(folder.path(), "r.json", made(json!({"severity": severity, "liveness": liveness})));
        let said = both(&respond(folder.path(), &["r.json"]));
        assert!(
            said.contains(expected) && said.contains(&format!("{status} at 2026-01-01T00:00:00Z: d")),
            "{said}"
        );
    }
    put(folder.path(), "r.json", made(json!({"severity": "note"})));
    assert!(both(&respond(folder.path(), &["r.json"])).starts_with("Nothing to do"));
}

/// Returns the plan for a report with one finding of `rule` without a key id.
fn plan_for(folder: &Path, rule: &str) -> String {
    put(folder, "r.json", made(json!({"rule_id": rule, "key_id": null, "key_created": null})));
    let output = respond(folder, &["r.json"]);
    assert_eq!(code(&output), 0, "{rule}: {}", both(&output));
    both(&output)
}

#[test]
fn other_credentials_and_names() {
    let folder = tempfile::tempdir().unwrap();
    for (rule, expected, not) in [
        ("telnyx-sip-credential", "DELETE /v2/telephony_credentials/{id}", "portal.telnyx.com"),
        ("telnyx-sip-credential", "daily_spend_limit on the outbound voice profile", "spend_limits with"),
        ("telnyx-cloudfs-token", "rotate-meta-token", "telleaks probe"),
        ("telnyx-cloudfs-dsn", "rotate-meta-token", "spend"),
        ("telnyx-ai-gateway-key", "with the headers Idempotency-Key and If-Match", "End this credential"),
        ("telnyx-ai-gateway-key", "POST /v2/spend_limits with amount 0", "daily_spend_limit"),
        ("telnyx-messaging-profile-secret", "regenerate_secret", "outbound voice"),
        ("telnyx-messaging-profile-secret", "daily_spend_limit_enabled and daily_spend_limit", "GET"),
        ("telnyx-webrtc-token", "24 hours", "POST"),
        ("telnyx-video-token", "claim exp", "24 hours"),
        ("telnyx-porting-token", "claim exp", "24 hours"),
        ("telnyx-v1-token", "revoke the V1 token", "backup_secret"),
        ("telnyx-clawtalk-key", "ClawTalk account", "End this credential"),
        ("telnyx-api-key-loose", "https://portal.telnyx.com/#/app/api-keys", "End this credential"),
        ("telnyx-public-env-name", "in each of the places", "filter-repo"),
        ("telleaks-suppression-added", "in each of the places", "End this credential"),
        ("no-such-rule", "End this credential", "portal.telnyx.com"),
    ] {
        let said = plan_for(folder.path(), rule);
        assert!(said.contains(expected) && !said.contains(not), "{rule}: {said}");
    }
}

#[test]
fn credentials_recognized_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (rule, expected) in [
        ("telnyx-sip-password", "PATCH the credential connection with a new password"),
        ("telnyx-sip-password", "daily_spend_limit on the outbound voice profile"),
        ("telnyx-oauth-client-secret", "DELETE /v2/oauth_clients/{id}"),
        ("telnyx-oauth-client-secret", "POST /v2/spend_limits with amount 0"),
        ("telnyx-ip-auth-token", "ip_authentication_token on the connection"),
        ("telnyx-v1-key-secret", "secret and backup_secret"),
        ("telnyx-agent-gateway-key", "POST /v2/agent_gateways/{id}/keys"),
        ("telnyx-integration-secret", "revoke it at that service"),
        ("telnyx-portal-link", "GET /v2/audit_events"),
        ("telnyx-storage-token", "expires by itself"),
        ("telnyx-dynamic-variables-key", "32 random bytes"),
        ("telnyx-named-secret", "where the name is used"),
    ] {
        let said = plan_for(folder.path(), rule);
        assert!(said.contains(expected) && !said.contains("End this credential"), "{rule}: {said}");
        assert!(said.contains("  2. Load the new one") && said.contains("Verify."), "{said}");
    }
}

#[test]
fn loss_is_limited_only_while_a_key_is_active() {
    let folder = tempfile::tempdir().unwrap();
    for (status, limited) in [("active", true), ("unknown", true), ("inactive", false)] {
        let liveness = json!({"status": status, "detail": "d", "checked_at": "2026-01-01T00:00:00Z"});
        put(folder.path(), "r.json", made(json!({ "liveness": liveness })));
        let said = both(&respond(folder.path(), &["r.json"]));
        let order = ["delete the key", "DELETE /v2/api_keys/{id}", "A trial account has one key only"];
        assert!(order.windows(2).all(|two| said.find(two[0]) < said.find(two[1])), "{said}");
        assert_eq!(said.contains("POST /v2/spend_limits with amount 0"), limited, "{said}");
    }
    put(folder.path(), "r.json", made(json!({"rule_id": "telnyx-signed-url"})));
    assert!(both(&respond(folder.path(), &["r.json"])).contains("Telnyx's own presign call"));
}

#[test]
fn page_is_complete_and_escapes_text() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "<img src=x onerror=alert(1)>\"'&\u{1b}[2J\u{202e}\n::error::x";
    let fields = json!({
        "location": {"path": hostile, "start_line": 1}, "rule_id": hostile, "key_id": hostile, "secret": hostile,
        "liveness": {"status": "active", "detail": hostile, "checked_at": "2026-01-01T00:00:00Z"},
    });
    put(folder.path(), "r.json", made(fields));
    let output = respond(folder.path(), &["r.json", "--html", "plan.html"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let page = fs::read_to_string(folder.path().join("plan.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert!(page.contains("width=device-width") && page.contains("default-src 'none'"));
    assert!(!page.contains("<img") && !page.contains("<script") && !page.contains(['\u{1b}', '\u{202e}']));
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"), "{page}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        !said.contains(['\u{1b}', '\u{202e}']) && !said.lines().any(|line| line.starts_with("::")),
        "{said}"
    );
}

#[test]
fn filter_repo_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("filter", 0);
    let (one, other) = (random.key(), random.key());
    put(folder.path(), "in/a.env", format!("A={one}\nB={other}\n"));
    put(
        folder.path(),
        "in/b.env",
        format!("A={one}\nno key matches the ID {}\n", random.key().get(..35).unwrap()),
    );
    report(folder.path(), &[]);
    let output = respond(folder.path(), &["report.json", "--filter-repo", "out.txt"]);
    assert_eq!(code(&output), 2);
    assert!(both(&output).contains("--show-secrets") && !folder.path().join("out.txt").exists());

    report(folder.path(), &["--show-secrets"]);
    let output = respond(folder.path(), &["report.json", "--filter-repo", "out.txt", "--html", "plan.html"]);
    let said = both(&output);
    assert_eq!(code(&output), 0, "{said}");
    assert!(said.contains("out.txt is sensitive") && said.contains("encoded forms"), "{said}");
    let path = folder.path().join("out.txt");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    let mut expected = [one.as_str(), &other].map(|key| format!("literal:{key}==>***REMOVED***"));
    expected.sort();
    assert_eq!(lines, expected);
    let page = fs::read_to_string(folder.path().join("plan.html")).unwrap();
    for key in [&one, &other] {
        assert!(!said.contains(&key[36..]) && !page.contains(&key[36..]), "{said}");
    }
}

#[test]
fn invalid_report_is_an_error_and_is_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("quoted", 0).key();
    let deep = "[".repeat(100_000);
    for content in [
        "",
        "{",
        "null",
        &key,
        &deep,
        "{\"tool\":\"telleaks\"}",
        &format!("{{\"tool\":\"{key}\",\"findings\":[]}}"),
        &made(json!({"severity": key})),
    ] {
        put(folder.path(), "r.json", content);
        let output = respond(folder.path(), &["r.json"]);
        assert_eq!(code(&output), 2, "{content:.80}");
        assert!(!both(&output).contains(&key[36..]), "{}", both(&output));
    }
    assert_eq!(code(&respond(folder.path(), &["no-such.json"])), 2);
}

#[test]
fn text_reports_end_with_short_plan() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("short", 0).key();
    put(folder.path(), "in/a.env", format!("A={key}\n"));
    put(folder.path(), "clean/a.env", "A=\n");
    let run = |what: &str| both(&program().current_dir(folder.path()).args(["scan", what]).output().unwrap());
    let said = run("in");
    let tail = said.split("What to do now").nth(1).unwrap();
    assert!(
        tail.contains(&format!("1. Revoke {} at https://portal.telnyx.com/#/app/api-keys.", &key[..35])),
        "{said}"
    );
    assert!(tail.contains("a.env:1") && tail.contains("Verify"), "{said}");
    assert!(!run("clean").contains("What to do now"));
}
