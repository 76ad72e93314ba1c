//! Histories that `git log` does not show completely: attributes, settings, merges, names, large and deep content.

use std::fs;

use crate::common::telleaks;
use crate::hostile::audited;
use crate::hostile::bounded::run;
use crate::hostile::line;
use crate::hostile::repo::Repo;

/// Creates a repository with a first commit.
fn begun() -> Repo {
    let repo = Repo::new(&[]);
    repo.put("README", "A program.\n");
    repo.commit("Begin");
    repo
}

/// Adds a file in one commit and removes it in the next.
fn past(repo: &Repo, name: &str, content: impl AsRef<[u8]>) {
    repo.put(name, content);
    repo.commit("Add it");
    fs::remove_file(repo.dir.join(name)).unwrap();
    repo.commit("Take it out");
}

#[test]
fn attributes_and_settings_hide_nothing() {
    let (key, text) = line("settings");
    let rows: [(&str, &[(&str, &str)]); 12] = [
        ("*.txt -diff\n", &[]),
        ("* binary\n", &[]),
        ("* -text -diff export-ignore\n", &[]),
        ("* filter=lfs diff=lfs\n", &[]),
        ("", &[("color.ui", "always")]),
        ("", &[("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("diff.renames", "copies")]),
        (
            "",
            &[
                ("log.diffMerges", "off"),
                ("format.pretty", "oneline"),
                ("diff.context", "0"),
                ("log.follow", "true"),
            ],
        ),
        ("", &[("diff.orderFile", "/nowhere"), ("core.attributesFile", "/nowhere")]),
        ("", &[("core.bigFileThreshold", "1"), ("core.quotePath", "true")]),
        ("", &[("transfer.hideRefs", "refs/heads"), ("log.excludeDecoration", "*")]),
        (
            "",
            &[("core.commitGraph", "true"), ("core.multiPackIndex", "true"), ("gc.writeCommitGraph", "true")],
        ),
        (
            "",
            &[
                ("i18n.logOutputEncoding", "UTF-16"),
                ("diff.ignoreSubmodules", "all"),
                ("status.showUntrackedFiles", "no"),
            ],
        ),
    ];
    for (attributes, settings) in rows {
        let repo = begun();
        repo.put(".gitattributes", attributes);
        past(&repo, "a.txt", &text);
        for (name, value) in settings {
            repo.git(&["config", "--file", ".git/config", name, value]);
        }
        let outcome = audited(&repo.dir);
        assert_eq!(outcome.code, Some(1), "{attributes} {settings:?}: {}", outcome.said);
        outcome.found(&[&key]);
    }
}

#[test]
fn files_that_git_calls_binary_are_read() {
    let (key, text) = line("binary");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let filler = "text text ".repeat(1 << 20);
    for content in [
        [b"\xff\xfe", &wide[..]].concat(),
        format!("a\0b\n{text}").into_bytes(),
        // A line of 20 MB.
        format!("{filler}{} {filler}", text.trim_end()).into_bytes(),
    ] {
        let repo = begun();
        past(&repo, "a.txt", content);
        audited(&repo.dir).found(&[&key]);
    }
}

#[test]
fn commits_hidden_by_a_graft_are_read() {
    let repo = begun();
    let (key, text) = line("graft");
    past(&repo, "a.env", text);
    let (last, first) = (repo.git(&["rev-parse", "HEAD"]), repo.git(&["rev-parse", "HEAD~2"]));
    repo.put(".git/info/grafts", format!("{last} {first}\n"));
    audited(&repo.dir).found(&[&key]);
}

#[test]
fn replaced_commits_are_read() {
    let repo = begun();
    let (key, text) = line("replaced");
    past(&repo, "a.env", text);
    let other = repo.stored(&[("README", "A program.\n")], &[&repo.git(&["rev-parse", "HEAD~2"])], "Other");
    repo.git(&["replace", "HEAD~1", &other]);
    audited(&repo.dir).found(&[&key]);
}

#[test]
fn crossing_merges_with_own_content() {
    let repo = begun();
    let (key, text) = line("crossing");
    let root = repo.git(&["rev-parse", "HEAD"]);
    let side = |name: &str| repo.stored(&[("README", "A program.\n"), (name, "x\n")], &[&root], name);
    let (one, two) = (side("a.txt"), side("b.txt"));
    let both = [("README", "A program.\n"), ("a.txt", "x\n"), ("b.txt", "x\n")];
    let first = repo.stored(&[&both[..], &[("evil.env", text.as_str())]].concat(), &[&one, &two], "Merge");
    let second = repo.stored(&both, &[&two, &one], "Merge");
    repo.name("refs/heads/main", &repo.stored(&both, &[&first, &second], "Merge"));
    repo.name("refs/pull/1/head", &first);
    repo.git(&["reset", "-q", "--hard"]);
    audited(&repo.dir).found(&[&key]);
}

#[test]
fn names_of_files_and_refs_are_data() {
    let repo = begun();
    let names = [
        "a b",
        "-n",
        "--output=x",
        "a\tb",
        "a\nb",
        "a\"b",
        "a\\b",
        "é.env",
        "$(touch x)",
        ":(glob)a",
        "\u{1b}[2Ja",
        "a\r",
    ];
    let keys = names.map(|name| {
        let (key, line) = line(name);
        repo.put(name, line);
        key
    });
    repo.commit("Add them");
    names.iter().for_each(|name| fs::remove_file(repo.dir.join(name)).unwrap());
    let last = repo.commit("Take them out");
    for name in ["--output=PWNED", "$(touch x)", "a;b"] {
        repo.put(&format!(".git/refs/heads/{name}"), format!("{last}\n"));
    }
    let keys: Vec<&String> = keys.iter().collect();
    audited(&repo.dir).found_with(&keys, 1);
    assert!(!repo.dir.join("PWNED").exists() && !repo.dir.join("x").exists());
}

#[test]
fn dangling_heads_and_links() {
    let (key, text) = line("head");
    for head in ["ref: refs/heads/none\n", "garbage\n", "", "ref: HEAD\n", "ref: ../../../etc/passwd\n"] {
        let repo = begun();
        past(&repo, "a.env", &text);
        repo.put(".git/HEAD", head);
        let outcome = audited(&repo.dir);
        // A HEAD that git does not accept either may be rejected with an error.
        assert!(outcome.code != Some(0), "{head}: {}", outcome.said);
        if outcome.code == Some(1) {
            outcome.found_with(&[&key], 1);
        } else {
            assert!(!outcome.said.is_empty(), "{head}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    crate::common::put(folder.path(), ".git", "gitdir: /nowhere/at/all\n");
    crate::common::put(folder.path(), "a.env", &text);
    audited(folder.path()).reported(2, &["not in a git repository"]);
    // The files of the directory can be scanned nevertheless.
    assert_eq!(crate::hostile::scanned(folder.path(), &[]).code, Some(1));
}

#[test]
fn git_program_is_not_needed() {
    let repo = begun();
    let (key, text) = line("no git");
    past(&repo, "a.env", text);
    let mut command = telleaks();
    command.env("PATH", "/nonexistent").args(["audit", "--format", "jsonl", "--show-secrets"]).arg(&repo.dir);
    run(command).found(&[&key]);
}

/// Creates a history of `count` commits of one file; the eighth adds the line and the ninth removes it.
fn long(repo: &Repo, count: usize, line: &str) {
    let stream: String = (0..count)
        .map(|number| {
            let content = if number == 7 { line.to_owned() } else { format!("{number}\n") };
            let time = 1_600_000_000 + number;
            let size = content.len();
            format!(
                "commit refs/heads/main\ncommitter A <a@example.org> {time} +0000\ndata 2\nc\n\
                 M 100644 inline a.txt\ndata {size}\n{content}\n"
            )
        })
        .collect();
    repo.feed(&["fast-import", "--quiet"], stream.as_bytes());
    repo.git(&["reset", "-q", "--hard"]);
}

#[test]
fn twenty_thousand_commits() {
    let repo = Repo::new(&[]);
    let (key, text) = line("long");
    long(&repo, 20_000, &text);
    audited(&repo.dir).found(&[&key]);
}

/// Larger than `core.bigFileThreshold`, so git does not diff it. The script of the table reads 600 MB in a release
/// build.
#[test]
fn text_of_130_megabytes_in_history() {
    let repo = begun();
    let (key, text) = line("large");
    let mut content = crate::common::random::Random::new("large", 1).filler(130 << 20, true);
    content.extend(b"\n");
    content.extend(text.as_bytes());
    past(&repo, "a.log", content);
    for pack in [false, true] {
        if pack {
            repo.git(&["gc", "-q"]);
        }
        let outcome = audited(&repo.dir);
        outcome.found(&[&key]);
        assert!(outcome.peak < 100 << 10, "{} KiB", outcome.peak);
    }
}
