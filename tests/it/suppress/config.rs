//! `telleaks.toml`.

use crate::common::{code, put};
use crate::suppress::repo::{Repo, line};
use crate::suppress::{CONFIG, places, refused, report};

#[test]
fn configuration_is_used_and_command_line_overrides_it() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    let id = "telnyx-api-key";
    repo.put(CONFIG, format!("[rules.{id}]\nseverity = 'note'\n"));
    let (code, found, _) = report(&repo, &["scan"]);
    assert_eq!((code, &found["findings"][0]["severity"]), (0, &"note".into()));
    assert_eq!(report(&repo, &["scan", "--fail-on", "note"]).0, 1);
    repo.put(CONFIG, format!("fail-on = 'note'\n[rules.{id}]\nseverity = 'note'\n"));
    assert_eq!(report(&repo, &["scan"]).0, 1);
    assert_eq!(report(&repo, &["scan", "--fail-on", "warning"]).0, 0);
    // If the rule is off, a key with a secret's name is found by another rule.
    let loose = "telnyx-api-key-loose";
    repo.put(CONFIG, format!("[rules.{id}]\nenabled = false\n[rules.{loose}]\nenabled = false\n"));
    for command in ["scan", "audit"] {
        let (code, found, said) = report(&repo, &[command]);
        assert_eq!((code, places(&found, "findings").len()), (0, 0), "{command}");
        assert!(said.contains(&format!("telleaks.toml switches off 2 rules: {id}, {loose}")), "{said}");
    }
    assert_eq!(report(&repo, &["scan", "--rule", id]).0, 1);
    assert_eq!(report(&repo, &["scan", "--no-config"]).0, 1);
    assert_eq!(report(&repo, &["scan", "--exclude-rule", id]).0, 0);
    repo.put(CONFIG, "fail-on = 'active'\n");
    assert!(refused(&repo, &["scan"]).contains("needs --probe"));
}

#[test]
fn allow_hides_findings_that_match_all_conditions_and_counts_them() {
    let repo = Repo::with(&[("docs/a.md", &line(1)), ("src/a.md", &line(1)), ("docs/b.md", &line(2))]);
    repo.put(CONFIG, "[[allow]]\nreason = 'an example'\npaths = ['docs/']\nrules = ['telnyx-api-key']\n");
    let (code, found, _) = report(&repo, &["scan"]);
    assert_eq!((code, places(&found, "findings")), (1, vec!["telnyx-api-key src/a.md:1".to_owned()]));
    assert_eq!(places(&found, "suppressed"), ["telnyx-api-key docs/a.md:1", "telnyx-api-key docs/b.md:1"]);
    let why = &found["suppressed"][0]["suppression"];
    assert_eq!((&why["kind"], &why["by"]), (&"config".into(), &"telleaks.toml:1".into()), "{why}");
    let (_, found, _) = report(&repo, &["scan", "--no-suppressions"]);
    assert_eq!((places(&found, "findings").len(), places(&found, "suppressed").len()), (3, 0));
    // By hash, together with another hash that does not match.
    let sha = found["findings"][0]["secret_sha256"].as_str().unwrap().to_owned();
    repo.put(CONFIG, format!("[[allow]]\nreason = 'r'\nsha256 = ['{}']\n", sha.to_uppercase()));
    assert_eq!(places(&report(&repo, &["scan"]).1, "findings"), ["telnyx-api-key docs/b.md:1"]);
}

#[test]
fn paths_are_relative_to_the_root() {
    let repo = Repo::with(&[("docs/x/a.md", &line(1)), ("src/a.md", &line(1))]);
    repo.put(CONFIG, "[[allow]]\nreason = 'r'\npaths = ['docs/x/*.md']\n");
    let absolute = repo.dir().join("docs").to_string_lossy().into_owned();
    for args in [
        &["scan", "docs"][..],
        &["scan", "docs/x"],
        &["scan", "docs/x/a.md"],
        &["scan", "docs", "README.md"],
        &["scan", "./docs/../docs/x", "README.md"],
        &["scan", &absolute],
        &["scan", &absolute, "README.md"],
    ] {
        repo.put("README.md", "nothing");
        let (code, found, said) = report(&repo, args);
        assert_eq!((code, places(&found, "suppressed").len()), (0, 1), "{args:?} {found} {said}");
    }
    repo.add("docs/x/b.md", line(2));
    repo.add("src/b.md", line(2));
    let (_, found, _) = report(&repo, &["staged"]);
    assert_eq!(places(&found, "findings"), ["telnyx-api-key src/b.md:1"]);
    assert_eq!(places(&found, "suppressed"), ["telnyx-api-key docs/x/b.md:1"]);
}

#[test]
fn scanned_directory_is_the_root_without_a_repository() {
    let repo = Repo::new();
    let plain = repo.beside("plain");
    put(&plain, "a.txt", line(1));
    put(&plain, CONFIG, "[[allow]]\nreason = 'r'\npaths = ['a.txt']\n");
    let plain = plain.to_string_lossy().into_owned();
    assert_eq!(report(&repo, &["scan", &plain]).0, 0);
    // The root of standard input is the current directory.
    repo.put(CONFIG, "[rules.telnyx-api-key]\nseverity = 'note'\n");
    let input = repo.beside("input");
    std::fs::write(&input, line(1)).unwrap();
    let run = |args: &[&str]| {
        let file = std::fs::File::open(&input).unwrap();
        code(&repo.command(env!("CARGO_BIN_EXE_telleaks")).args(args).stdin(file).output().unwrap())
    };
    assert_eq!((run(&["scan", "-"]), run(&["scan", "-", "--no-config"])), (0, 1));
}

#[test]
fn expired_and_unused_allows_are_reported() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    repo.commit(&[(
        CONFIG,
        "[[allow]]\nreason = 'old'\nexpires = '2020-01-31'\nrules = ['telnyx-api-key']\n\n\
         [[allow]]\nreason = 'gone'\npaths = ['no/such']\n",
    )]);
    let all = ["telnyx-api-key a.txt:1", "expired telleaks.toml:1", "unused telleaks.toml:6"];
    for command in ["scan", "audit"] {
        let (code, found, _) = report(&repo, &[command]);
        assert_eq!((code, places(&found, "findings")), (1, all.map(str::to_owned).to_vec()), "{command}");
        let message = found["findings"][1]["message"].as_str().unwrap();
        assert!(message.contains("2020-01-31"), "{message}");
    }
    // Unused entries are not reported if only a part of the tree or some rules are scanned.
    for args in [&["scan", "a.txt"][..], &["scan", "--rule", "telnyx-api-key"], &["scan", "--exclude", "x"]] {
        let found = places(&report(&repo, args).1, "findings");
        assert!(!found.iter().any(|place| place.starts_with("unused")), "{args:?} {found:?}");
    }
    repo.put(
        CONFIG,
        "[rules.telleaks-suppression-unused]\nenabled = false\n[[allow]]\nreason = 'r'\npaths = ['x']\n",
    );
    assert_eq!(places(&report(&repo, &["scan"]).1, "findings").len(), 1);
}

#[test]
fn configuration_errors_stop_the_scan_with_a_suggestion() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    for (text, words) in [
        (
            "[rules.telnyx-api-key]\nseverty = 'note'\n",
            "telleaks.toml:2: unknown key `severty`; did you mean `severity`?",
        ),
        (
            "[rules.telnyx-apikey]\n",
            "telleaks.toml:1: unknown rule `telnyx-apikey`; did you mean `telnyx-api-key`?",
        ),
        ("fail_on = 'note'\n", "unknown key `fail_on`; did you mean `fail-on`?"),
        ("[[allow]]\nreason = 'r'\n", "telleaks.toml:1: [[allow]] needs one of"),
        ("baseline = 'no.jsonl'\n", "telleaks.toml:1: the baseline no.jsonl does not exist"),
        ("fail-on = ", "telleaks.toml:1: "),
    ] {
        repo.put(CONFIG, text);
        for command in ["scan", "staged", "audit"] {
            let said = refused(&repo, &[command]);
            assert!(said.contains(words), "{command}: {said}");
        }
        assert!(refused(&repo, &["config", "check"]).contains(words));
    }
    repo.put("other.toml", "fail-on = 'note'\n");
    assert_eq!(report(&repo, &["scan", "--config", "other.toml"]).0, 1);
    assert!(refused(&repo, &["scan", "--config", "missing.toml"]).contains("missing.toml"));
}

#[test]
fn configuration_is_shown_and_checked() {
    let repo = Repo::with(&[("sub/a.txt", "x")]);
    let shown = |args: &[&str]| {
        let output = repo.run(&[&["config"], args].concat());
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(
        shown(&["show"])
            .ends_with("telleaks.toml does not exist; these are the defaults\nfail-on = \"warning\"\n")
    );
    repo.put(CONFIG, "baseline = 'b.jsonl'\n[rules.telnyx-v1-token]\nseverity = 'note'\n");
    let text = shown(&["show", "sub"]);
    assert!(
        text.starts_with("# from /") && text.contains("[rules.telnyx-v1-token]\nseverity = \"note\""),
        "{text}"
    );
    assert!(refused(&repo, &["config", "check"]).contains("b.jsonl does not exist"));
    assert_eq!(code(&repo.run(&["scan", "--write-baseline", "b.jsonl"])), 0);
    assert!(shown(&["check"]).contains("telleaks.toml: ok\nb.jsonl: ok, 0 entries\n"));
}

#[test]
fn fix_skips_accepted_findings() {
    let text = |number| format!("api_key = \"{}\"\n", crate::suppress::repo::key(number));
    let repo = Repo::with(&[("docs/a.py", &text(1)), ("src/a.py", &text(1))]);
    repo.put(CONFIG, "[[allow]]\nreason = 'r'\npaths = ['docs/']\n");
    repo.run(&["fix", "--write"]);
    let read = |name: &str| std::fs::read_to_string(repo.dir().join(name)).unwrap();
    assert_eq!(read("docs/a.py"), text(1));
    assert!(read("src/a.py").contains("environ"));
}

#[test]
fn hook_in_linked_work_tree_reads_its_files() {
    let repo = Repo::with(&[(CONFIG, "[[allow]]\nreason = 'r'\npaths = ['docs/']\n")]);
    repo.guard();
    repo.git(&["worktree", "add", "-q", "../linked", "-b", "linked"]);
    let linked = repo.beside("linked");
    let commit = |name: &str, number| {
        put(&linked, name, line(number));
        let at = linked.to_string_lossy().into_owned();
        repo.git(&["-C", &at, "add", name]);
        repo.try_git(&["-C", &at, "commit", "-q", "-m", "a commit"]).status.success()
    };
    assert!(commit("docs/a.md", 1));
    assert!(!commit("src/a.md", 2));
}
