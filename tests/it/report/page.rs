//! The HTML report: resources that a browser would load, scripts it would run, and escaping of names. `benches/html.sh`
//! checks the layout and the load time.

use sha2::{Digest, Sha256};
use telleaks::finding::{Commit, Finding, GitInfo, Liveness, LivenessStatus, ReachedBy, Severity};
use telleaks::report::{Format, Options, Plan, Report, Repository, Step, Summary};

use crate::report::platforms::hostile;
use crate::report::sample::{KEY_ID, finding, place, render, sample};

fn page(report: &Report) -> String {
    let options = Options { ended: "2026-03-01T00:00:00Z".parse().unwrap(), ..Options::default() };
    render(report, Format::Html, &options)
}

/// Returns the text between the first `from` and the next `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

#[test]
fn page_allows_only_its_own_style_and_script() {
    for report in [sample(), hostile(), Report::default()] {
        let page = page(&report);
        let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
        for (kind, tag) in [("style", "style"), ("script", "script")] {
            let text = between(&page, &format!("<{tag}>"), &format!("</{tag}>"));
            let digest = data_encoding::BASE64.encode(&Sha256::digest(text));
            assert!(policy.contains(&format!("{kind}-src 'sha256-{digest}'")), "{policy}");
            assert_eq!(page.matches(&format!("<{tag}")).count(), 1);
        }
        for loads in [" src=", "url(", "@import", "<link", "<img", "<iframe", " style=", " onclick="] {
            assert!(!page.contains(loads), "{loads}");
        }
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    }
}

#[test]
fn hostile_names_are_escaped_on_the_page() {
    let page = page(&hostile());
    assert!(
        !page.contains("<script>alert")
            && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;]]&gt;&amp;amp;")
    );
    assert!(page.contains(r"a\n::set-output name=x::y"));
}

#[test]
fn key_has_one_timeline_and_all_its_locations() {
    let commit = Commit {
        id: "0123456789abcdef".into(),
        author: "Ada <ada@example.org>".into(),
        date: "2026-01-05T10:00:00Z".into(),
        subject: "Send".into(),
    };
    let info = GitInfo {
        commit: Some(commit),
        first_seen: Some("2026-01-05T10:00:00Z".into()),
        last_seen: Some("2026-01-05T10:00:00Z".into()),
        removed_in: Some("fedcba9876543210".into()),
        exposure_days: Some(14),
        head_days: Some(14),
        refs: vec!["refs/remotes/origin/main".into()],
        ..GitInfo::bare(ReachedBy::Refs)
    };
    let old = Finding { git: Some(info), ..finding(KEY_ID, Severity::Error, place("old.js", 7)) };
    let mut stash = old.clone();
    stash.location = place("stash.js", 1);
    stash.git.as_mut().unwrap().reached_by = ReachedBy::Stash;
    let report = Report { findings: vec![old, stash], ..Report::default() };
    let made = page(&report);
    assert_eq!((made.matches("<section").count(), made.matches("<svg").count()), (1, 1));
    let reported = between(&made, "</svg><ol>", "</ol>");
    let days = "<li><b>2021-12-08</b> created</li><li><b>2026-01-05</b> committed</li>\
                <li><b>2026-01-19</b> removed, still in history</li><li><b>2026-03-01</b> now</li>";
    assert_eq!(reported, days);
    assert!(made.contains("data-reach=\"pushed\"") && made.contains("data-reach=\"local\""));
    assert!(
        made.contains("since</dt><dd>0123456789ab 2026-01-05 Ada &lt;ada@example.org&gt;: Send"),
        "{made}"
    );
    let open = Report { findings: vec![finding(KEY_ID, Severity::Error, place("a", 1))], ..report };
    assert!(page(&open).contains("<b>2026-03-01</b> still there"));
}

#[test]
fn page_shows_liveness_suppressions_plan_and_skipped() {
    let mut report = hostile();
    report.findings[3].liveness = Some(Liveness {
        status: LivenessStatus::Active,
        detail: "answered with a balance".into(),
        checked_at: "2026-02-01T00:00:00Z".parse().unwrap(),
    });
    let step = Step {
        title: "Revoke it.".into(),
        lines: vec!["Now.".into()],
        commands: vec!["rm x".into(), "rm y".into()],
        link: Some("https://portal.telnyx.com/"),
    };
    report.plans = vec![Plan { title: "KEY01".into(), facts: Vec::new(), steps: vec![step] }];
    report.unplanned = 2;
    let page = page(&report);
    for part in [
        "known to work</dt><dd>1</dd>",
        "data-alive=\"yes\"",
        "only keys that work",
        "<h2>Not read</h2>",
        "<h2>Suppressed</h2>",
        "<h2 id=\"plan\">What to do now</h2>",
        "<a href=\"#plan\">",
        "<pre>rm x\nrm y</pre>",
        "Do the same for 2 leaks more.",
        "href=\"https://portal.telnyx.com/\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn page_of_many_findings_is_limited() {
    let findings = (1..=10_001).map(|line| finding(KEY_ID, Severity::Note, place("a.js", line))).collect();
    let summary = Summary { files_scanned: 1, ..Summary::default() };
    let page = page(&Report { findings, summary, ..Report::default() });
    assert_eq!(page.matches("data-severity=").count(), 10_000);
    assert!(page.contains("1 more findings are in the json report."));
}

#[test]
fn page_names_what_was_scanned_and_shows_the_verdict_first() {
    let repository = Repository {
        uri: "https://github.com/acme/shop.git".into(),
        head: Some("0123456789abcdef".into()),
        branch: Some("main".into()),
    };
    let report = Report {
        findings: vec![finding(KEY_ID, Severity::Error, place("a.js", 1))],
        verdict: vec!["Do not publish yet.".into(), "1. Run git x --mailmap, then push.".into()],
        repository: Some(repository),
        command: "audit",
        ..Report::default()
    };
    let made = page(&report);
    let title = between(&made, "<title>", "</title>");
    assert!(
        title.starts_with("telleaks audit, acme/shop, branch main, commit 0123456789ab: 1 finding"),
        "{title}"
    );
    let verdict = between(&made, "<div class=\"verdict error\">", "</div>");
    assert!(verdict.contains("<ol><li>Run git x <code>--mailmap</code>, then push.</li></ol>"), "{verdict}");
    let at = |part: &str| made.find(part).unwrap();
    assert!(at("class=\"verdict") < at("class=\"tiles") && at("2026-03-01 00:00:00 UTC") < at("<h1>"));
    assert!(
        made.contains("errors (1)") && !made.contains(">notes"),
        "filters and tiles without findings are left out"
    );
    assert!(page(&Report::default()).contains("<h1>") && !page(&Report::default()).contains("class=\"tiles"));
}
