//! A baseline survives refactoring: exactly the old findings remain hidden.

use data_encoding::{BASE64, HEXLOWER};

use crate::suppress::repo::{Repo, key, line};
use crate::suppress::{BASELINE, places, report};

/// Returns the complete output of a run, without the last lines of an audit.
fn shown(repo: &Repo, command: &str) -> Vec<String> {
    places(&report(repo, &[command]).1, "findings")
}

#[test]
fn moved_and_rewritten_findings_stay_hidden_and_new_ones_do_not() {
    let repo = Repo::with(&[("src/a.py", &line(1)), ("src/b.py", &line(2)), ("c/d.env", &line(3))]);
    repo.commit(&[("e.js", &format!("const key = \"{}\"\n", key(4))), ("f.txt", &line(5))]);
    assert_eq!(report(&repo, &["audit", "--write-baseline", BASELINE]).0, 0);
    repo.commit(&[]);
    let before = std::fs::read_to_string(repo.dir().join(BASELINE)).unwrap();

    // One commit each, then all of them squashed.
    let start = repo.id("HEAD");
    repo.git(&["mv", "src/a.py", "moved.py"]);
    repo.commit(&[("moved.py", &format!("# a comment\n\n{}", line(1)))]);
    repo.git(&["mv", "src/b.py", "c/renamed.py"]);
    repo.commit(&[("c/renamed.py", &format!("if True:\n        {}", line(2)))]);
    repo.commit(&[("c/d.env", &format!("TELNYX_API_KEY={}\n", BASE64.encode(key(3).as_bytes())))]);
    repo.commit(&[("e.js", &format!("const key = '{}' +\n  '{}'\n", &key(4)[..20], &key(4)[20..]))]);
    repo.commit(&[("f.txt", &format!("{}\n", HEXLOWER.encode(key(5).as_bytes())))]);
    for command in ["scan", "audit"] {
        assert_eq!(shown(&repo, command), Vec::<String>::new(), "{command}");
    }
    repo.git(&["reset", "-q", "--soft", &start]);
    repo.git(&["commit", "-q", "-m", "squashed"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    for command in ["scan", "audit"] {
        assert_eq!(shown(&repo, command), Vec::<String>::new(), "{command}");
    }
    let hidden = places(&report(&repo, &["scan"]).1, "suppressed");
    assert_eq!(hidden.len(), 5, "{hidden:?}");

    // A new key at an old location, encoded or not, is not hidden.
    repo.commit(&[("moved.py", &line(6)), ("c/d.env", &format!("K={}\n", BASE64.encode(key(7).as_bytes())))]);
    let found = shown(&repo, "scan");
    let found: Vec<&String> = found.iter().filter(|place| !place.starts_with("unused")).collect();
    assert_eq!(found, ["telnyx-api-key c/d.env:1", "telnyx-api-key moved.py:1"]);
    let found = shown(&repo, "audit");
    assert_eq!(found, ["telnyx-api-key c/d.env:1", "telnyx-api-key moved.py:1"]);
    assert_eq!(std::fs::read_to_string(repo.dir().join(BASELINE)).unwrap(), before);
}

#[test]
fn refactored_forms_match_the_same_rule() {
    let key = key(1);
    let forms = [
        format!("KEY={key}\n"),
        format!("Authorization: Bearer {key}\n"),
        format!("curl -H 'Authorization: Bearer {key}' https://api.telnyx.com/v2/balance\n"),
        format!("{{\"api_key\": \"{key}\"}}\n"),
        format!("data:\n  key: {}\n", BASE64.encode(key.as_bytes())),
        format!("{}\n", BASE64.encode(format!("Authorization: Bearer {key}").as_bytes())),
        format!("{}\n", HEXLOWER.encode(key.as_bytes())),
        format!("https://example.org/?key={}\n", key.replace('_', "%5F")),
        format!("https://example.org/?telnyx_key={key}&x=1\n"),
    ];
    for (number, text) in forms.iter().enumerate() {
        let repo = Repo::with(&[("a.txt", &forms[0])]);
        report(&repo, &["scan", "--write-baseline", BASELINE]);
        repo.put("a.txt", text);
        assert_eq!(shown(&repo, "scan"), Vec::<String>::new(), "form {number}: {text}");
    }
}
