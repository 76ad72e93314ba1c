//! Places for display: paths that open, one line for each place in `concise`, counts of places that are not listed.

use crate::common::random::Random;
use crate::common::{both, code, put, scan, telleaks};

#[test]
fn printed_paths_open_from_the_directory_of_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("opened", 0).key();
    put(folder.path(), "services/sms/src/a.js", format!("const A = '{key}';\nconst B = '{key}';\n"));
    let run = |args: &[&str]| both(&scan(folder.path(), args));
    for argument in ["services/sms", "./services/sms/"] {
        let concise = run(&[argument, "-f", "concise"]);
        for line in [1, 2] {
            let place = format!("services/sms/src/a.js:{line}:12: ");
            assert_eq!(concise.matches(&place).count(), 1, "{concise}");
        }
        let text = run(&[argument]);
        assert!(text.contains("--> services/sms/src/a.js:1:12\n"), "{text}");
        assert!(text.contains("1 other place: services/sms/src/a.js:2\n"), "{text}");
        assert!(text.contains("store: services/sms/src/a.js:1, services/sms/src/a.js:2."), "{text}");
        let json = run(&[argument, "-f", "json"]);
        assert!(json.contains("\"path\": \"src/a.js\""), "{json}");
    }
    assert!(run(&[".", "-f", "concise"]).starts_with("services/sms/src/a.js:1:12: "));
    let explained =
        telleaks().current_dir(folder.path()).args(["explain", "services/sms/src/a.js:2"]).output();
    assert!(both(&explained.unwrap()).contains("telnyx-api-key"));
}

#[test]
fn skipped_input_has_the_path_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a/large.txt", "x".repeat(1000));
    let text = both(&scan(folder.path(), &["a", "--max-file-size", "500"]));
    assert!(text.contains("not read: a/large.txt: "), "{text}");
}

#[test]
fn places_beyond_the_listed_ones_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("counted", 0).key();
    put(folder.path(), "a.env", format!("A={key}\n").repeat(150));
    let text = both(&scan(folder.path(), &[]));
    assert!(text.contains("also at 149 other places: "), "{text}");
    assert!(text.contains("a.env:1, a.env:2, a.env:3 and 147 more"), "{text}");
}

#[test]
fn merged_places_start_at_the_root_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let git =
        |words: &[&str]| std::process::Command::new("git").current_dir(folder.path()).args(words).output();
    assert!(git(&["init", "-q"]).unwrap().status.success());
    for (number, name) in ["one", "two"].into_iter().enumerate() {
        let key = Random::new("merged places", number).key();
        put(folder.path(), &format!("{name}/a.env"), format!("A={key}\nB={key}\n"));
        let report = scan(folder.path(), &[name, "-f", "json"]).stdout;
        put(folder.path(), &format!("{name}.json"), report);
    }
    let merge = telleaks()
        .current_dir(folder.path())
        .args(["merge", "one.json", "two.json", "-f", "concise"])
        .output();
    let text = both(&merge.unwrap());
    for place in ["one/a.env:1:3: ", "one/a.env:2:3: ", "two/a.env:1:3: ", "two/a.env:2:3: "] {
        assert_eq!(text.matches(place).count(), 1, "{place} {text}");
    }
}

#[test]
fn root_contains_what_is_scanned() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a/x.txt", "x\n");
    put(folder.path(), "b/y.txt", "y\n");
    for (args, said) in [
        (&["b", "--root", "a"][..], "--root a: b is not in it"),
        (&["a", "--root", "nope"], "--root nope: it does not exist\n"),
        (&["a/x.txt", "b/y.txt", "--root", "a"], "--root a: b/y.txt is not in it"),
    ] {
        let output = scan(folder.path(), args);
        assert!(code(&output) == 2 && both(&output).contains(said), "{args:?}: {}", both(&output));
    }
    assert_eq!(code(&scan(folder.path(), &["a/x.txt", "--root", "a"])), 0);
}
