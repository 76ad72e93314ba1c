//! Ranges in random histories with random clocks: exactly the commits of the range are scanned.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::common::random::Random;
use crate::hook_runs::repo::Repo;

const COMMITS: usize = 80;

/// Returns a history in the format of `git fast-import`, in which each commit `cN` adds a key in the file `fN`.
fn history(random: &mut Random) -> String {
    let mut out = String::new();
    for number in 1..=COMMITS {
        let date = 1_000_000_000 + random.between(0, 100_000_000);
        let head =
            format!("commit refs/heads/c{number}\nmark :{number}\ncommitter a <a@example.com> {date} +0000");
        writeln!(out, "{head}\ndata 1\nx").unwrap();
        if number > 1 && !random.chance(3) {
            let mut parent = || random.between(number.saturating_sub(8).max(1), number);
            let (first, second) = (parent(), parent());
            writeln!(out, "from :{first}").unwrap();
            if first != second && random.chance(40) {
                writeln!(out, "merge :{second}").unwrap();
            }
        }
        let key = random.key();
        writeln!(out, "M 100644 inline f{number}\ndata {}\n{key}\n", key.len()).unwrap();
    }
    out
}

/// Returns the files added by the commits of these histories. Each history is listed separately, because with wrong
/// clocks `git rev-list` itself includes commits that it should exclude.
fn files(repo: &Repo, tips: &[&str]) -> BTreeSet<String> {
    let log = ["log", "--format=", "--name-only", "--diff-merges=dense-combined", "--root"];
    let text = repo.git(&[&log, tips].concat());
    text.lines().filter(|line| !line.is_empty()).map(|name| format!("{name}:1:1")).collect()
}

#[test]
fn ranges_exclude_whole_histories() {
    for seed in 0..3 {
        let random = &mut Random::new("history", seed);
        let repo = Repo::new();
        repo.git_on(&["fast-import", "--quiet"], history(random));
        for _ in 0..8 {
            let mut name = || format!("c{}", random.between(1, COMMITS + 1));
            let (a, b, c) = (name(), name(), name());
            let [of_a, of_b] = [&a, &b].map(|tip| files(&repo, &[tip]));
            let (range, expected): (Vec<String>, BTreeSet<String>) = match seed {
                0 => (vec![format!("{a}..{b}")], &of_b - &of_a),
                1 => (vec![format!("{a}...{b}")], &of_a ^ &of_b),
                _ => (vec![b, format!("^{a}"), format!("{c}..{a}")], &(&of_b - &of_a) - &files(&repo, &[&c])),
            };
            let range: Vec<&str> = range.iter().map(String::as_str).collect();
            let places = repo.places(&[&["commits"], &range[..]].concat());
            assert_eq!(BTreeSet::from_iter(places), expected, "{range:?} of history {seed}");
        }
    }
}
