//! The same report however the same objects are stored, named and read.

use crate::common::{both, code, lines, text};
use crate::git::repo::{Repo, line};

/// Creates a history with keys that were added, removed and kept, on branches, in messages and in tags.
fn build(options: &[&str]) -> Repo {
    let repo = Repo::new(options);
    let mut text = "line\n".repeat(300);
    for number in 0..12 {
        text.push_str(&format!("change {number}\n"));
        repo.put("src/long.txt", &text);
        repo.put("src/key.env", line(&format!("same-{}", number / 3)));
        repo.put(&format!("dir/{number}/a.env"), line("same-everywhere"));
        repo.commit("Go on");
    }
    repo.git(&["rm", "-q", "-r", "dir/1", "dir/2", "src/key.env"]);
    repo.commit("Take some out");
    let root = repo.git(&["rev-list", "--max-parents=0", "HEAD"]);
    let side = repo.stored(&[("side.env", &line("same-side"))], &[&root], &line("same-message"));
    repo.name("refs/heads/side", &side);
    repo.git(&["tag", "-a", "-m", &line("same-tag"), "v1", &side]);
    repo
}

fn report(repo: &Repo, args: &[&str]) -> Vec<u8> {
    let output = repo.audit(&[&["--no-worktree", "--format", "jsonl"], args].concat());
    assert_eq!((code(&output), output.stderr.as_slice()), (1, &b""[..]), "{}", both(&output));
    output.stdout
}

#[test]
fn same_report_for_every_storage() {
    let repo = build(&[]);
    let expected = report(&repo, &[]);
    assert!(lines(&expected).len() > 18);
    for threads in ["1", "2", "7"] {
        assert!(report(&repo, &["--threads", threads]) == expected, "{threads} threads");
    }
    repo.git(&["gc", "-q"]);
    assert!(report(&repo, &[]) == expected, "packed");
    for options in [
        &["--window=0"][..],
        &["--window=250", "--depth=250"],
        &["--depth=1"],
        &["--max-pack-size=1m", "--window=10"],
    ] {
        repo.git(&[&["repack", "-q", "-a", "-d", "-f"], options].concat());
        for threads in ["1", "2", "7"] {
            assert!(report(&repo, &["--threads", threads]) == expected, "{options:?} {threads}");
        }
    }
    repo.git(&["multi-pack-index", "write", "--bitmap"]);
    repo.git(&["commit-graph", "write", "--reachable"]);
    assert!(report(&repo, &[]) == expected, "with a multi-pack-index");
    repo.git(&["-c", "core.compression=0", "repack", "-q", "-a", "-d", "-F"]);
    assert!(report(&repo, &[]) == expected, "not compressed");
}

#[test]
fn same_report_in_every_kind_of_clone() {
    let repo = build(&[]);
    let mirror = repo.cloned(&["--mirror"]);
    let expected = report(&mirror, &[]);
    for options in [&["--mirror", "--shared"][..], &["--mirror", "--no-local"], &["--mirror", "--local"]] {
        let clone = Repo::nowhere();
        let (from, to) = (repo.dir.to_str().unwrap(), clone.dir.to_str().unwrap());
        repo.git(&[&["clone", "-q"], options, &[from, to]].concat());
        assert!(report(&clone, &[]) == expected, "{options:?}");
    }
    let bundle = repo.home.path().join("all.bundle");
    let bundle = bundle.to_str().unwrap();
    repo.git(&["bundle", "create", "-q", bundle, "--all"]);
    let clone = Repo::nowhere();
    repo.git(&["clone", "-q", "--mirror", bundle, clone.dir.to_str().unwrap()]);
    assert!(report(&clone, &[]) == expected, "from a bundle");
    let separate = Repo::nowhere();
    let git_dir = separate.home.path().join("git");
    let option = format!("--separate-git-dir={}", git_dir.display());
    repo.git(&["clone", "-q", &option, repo.dir.to_str().unwrap(), separate.dir.to_str().unwrap()]);
    assert_eq!(secrets(&report(&separate, &[])), secrets(&expected));
}

/// Returns path and secret of every finding, except in commit texts, whose paths contain commit ids.
fn secrets(report: &[u8]) -> Vec<(String, String)> {
    let found = lines(report);
    let both = found.iter().map(|one| (text(one, "/location/path"), text(one, "/secret_sha256")));
    let mut both: Vec<_> = both
        .map(|(path, secret)| {
            let path =
                path.rsplit_once('/').filter(|_| path.starts_with(".git/")).map_or(path, |(kind, _)| kind);
            (path.to_owned(), secret.to_owned())
        })
        .collect();
    both.sort();
    both
}

#[test]
fn sha256_repository() {
    let (short, long) = (build(&[]), build(&["--object-format=sha256"]));
    let (expected, found) = (report(&short, &[]), report(&long, &[]));
    assert_eq!(secrets(&found), secrets(&expected));
    assert_eq!(lines(&found)[0]["git"]["commit"].as_str().unwrap().len(), 64);
    long.git(&["gc", "-q"]);
    assert!(report(&long, &[]) == found, "packed");
    let dates = |report: &[u8]| -> Vec<String> {
        let mut dates: Vec<String> = lines(report)
            .iter()
            .map(|one| format!("{} {}", text(one, "/git/first_seen"), text(one, "/git/last_seen")))
            .collect();
        dates.sort();
        dates
    };
    assert_eq!(dates(&found), dates(&expected));
}
