//! Only secrets on lines, and in names, that the commit adds are reported.

use crate::hook_runs::repo::{Repo, key, line};

type Make = fn(&Repo);

/// Creates a repository whose first commit has a key on the second line of `old`.
fn repo() -> Repo {
    Repo::with(&[("old", &format!("one\n{}three\n", line(1))), ("clean", "one\ntwo\n")])
}

/// Name, change to [`repo`], expected findings, and expected findings for whole files.
const CASES: &[(&str, Make, &[&str], &[&str])] = &[
    ("another line", |repo| repo.add("old", format!("one\n{}three\nfour\n", line(1))), &[], &["old:2:16"]),
    (
        "the line itself",
        |repo| repo.add("old", format!("one\n {}three\n", line(1))),
        &["old:2:17"],
        &["old:2:17"],
    ),
    (
        "the line moved",
        |repo| repo.add("old", format!("one\nthree\n{}", line(1))),
        &["old:3:16"],
        &["old:3:16"],
    ),
    ("lines before it", |repo| repo.add("old", format!("zero\none\n{}three\n", line(1))), &[], &["old:3:16"]),
    (
        "the same key once more",
        |repo| repo.add("old", format!("one\n{}three\n{}", line(1), line(1))),
        &["old:4:16"],
        &["old:2:16"],
    ),
    (
        "another key beside it",
        |repo| repo.add("old", format!("one\n{}three\n{}", line(1), line(2))),
        &["old:4:16"],
        &["old:2:16", "old:4:16"],
    ),
    ("the line went", |repo| repo.add("old", "one\nthree\n"), &[], &[]),
    (
        "other line ends",
        |repo| repo.add("old", format!("one\r\n{}\r\nthree\r\n", line(1).trim_end())),
        &["old:2:16"],
        &["old:2:16"],
    ),
    ("mode", |repo| drop(repo.git(&["update-index", "--chmod=+x", "old"])), &[], &[]),
    ("renamed", |repo| drop(repo.git(&["mv", "old", "new"])), &[], &["new:2:16"]),
    ("copied", |repo| repo.add("copy", format!("one\n{}three\n", line(1))), &[], &["copy:2:16"]),
    (
        "renamed and changed",
        |repo| {
            repo.git(&["mv", "old", "new"]);
            repo.add("new", format!("one\n{}", line(1)));
        },
        &["new:2:16"],
        &["new:2:16"],
    ),
    (
        "binary",
        |repo| repo.add("clean", [b"\0\x01\n", line(2).as_bytes()].concat()),
        &["clean:2:16"],
        &["clean:2:16"],
    ),
    (
        "UTF-16",
        |repo| {
            let wide = format!("\u{feff}one\n{}", line(2));
            repo.add("clean", wide.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        },
        &["clean:2:16"],
        &["clean:2:16"],
    ),
    (
        "a symbolic link",
        |repo| {
            std::os::unix::fs::symlink(key(2), repo.dir().join("link")).unwrap();
            repo.git(&["add", "link"]);
        },
        &["link:1:1"],
        &["link:1:1"],
    ),
    (
        "a file in place of a symbolic link",
        |repo| {
            std::os::unix::fs::symlink("old", repo.dir().join("link")).unwrap();
            repo.commit(&[]);
            std::fs::remove_file(repo.dir().join("link")).unwrap();
            repo.add("link", line(2));
        },
        &["link:1:16"],
        &["link:1:16"],
    ),
    (
        "intent to add",
        |repo| {
            repo.put("later", line(2));
            repo.git(&["add", "-N", "later"]);
        },
        &[],
        &[],
    ),
    (
        "an ignored file that was added by force",
        |repo| {
            repo.put(".gitignore", "*.env\n");
            repo.add("x.env", line(2));
        },
        &["x.env:1:16"],
        &["x.env:1:16"],
    ),
];

#[test]
fn reported_lines() {
    for (name, make, reported, of_whole_files) in CASES {
        let repo = repo();
        make(&repo);
        assert_eq!(repo.places(&["staged"]), *reported, "{name}");
        assert_eq!(repo.places(&["staged", "--whole-files"]), *of_whole_files, "{name}, whole files");
        repo.guard();
        assert_eq!(repo.attempt(&["commit", "--allow-empty", "-m", "x"]), *reported, "{name}, in the hook");
    }
}

#[test]
fn name_with_key_is_masked() {
    for name in [key(3), format!("{}/file", key(3)), format!("dir/{}.txt", key(3))] {
        let repo = repo();
        repo.add(&name, "harmless\n");
        let output = repo.run(&["staged", "--format", "jsonl"]);
        let said = crate::common::both(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(!said.contains(&key(3)) && said.contains(&key(3)[..35]), "{said}");
        repo.commit(&[]);
        repo.put(&name, "changed\n");
        repo.git(&["add", "-A"]);
        assert_eq!(repo.places(&["staged"]), [""; 0], "a name that was there before");
    }
}
