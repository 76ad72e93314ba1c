//! `docs/reliability.md` maps rows to tests: each row of the script has a test, and each test exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the rows of the script that generates the table.
fn rows() -> BTreeSet<String> {
    let row =
        Regex::new(r#"(?m)^(?:@?(?:row|switch|wide|setting|trap)|   )\s*\("([FGTP]\d+[a-z]*)", "#).unwrap();
    let mut rows = BTreeSet::new();
    for entry in fs::read_dir(root().join("benches/hostile")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "py") {
            let text = fs::read_to_string(path).unwrap();
            rows.extend(row.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
    assert!(rows.len() > 150, "{rows:?}");
    rows
}

/// Returns the lines of the map: rows, and tests as `file: name`.
fn map() -> Vec<(Vec<String>, Vec<String>)> {
    let page = fs::read_to_string(root().join("docs/reliability.md")).unwrap();
    let begin = page.find("| rows | tests |").unwrap();
    let lines = page[begin..].lines().skip(2).take_while(|line| line.starts_with('|'));
    let words = |cell: &str, end: &[char]| -> Vec<String> {
        cell.split(end)
            .map(|word| word.trim().trim_matches('`').to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    };
    let cells = lines.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        (words(cells[0], &[' ', ',']), words(cells[1], &[',']))
    });
    cells.collect()
}

#[test]
fn every_row_has_a_test() {
    let held: BTreeSet<String> = map().into_iter().flat_map(|(rows, _)| rows).collect();
    let rows = rows();
    let without: Vec<_> = rows.difference(&held).collect();
    let unknown: Vec<_> = held.difference(&rows).collect();
    assert!(without.is_empty() && unknown.is_empty(), "without a test: {without:?}; unknown: {unknown:?}");
}

#[test]
fn every_test_of_the_map_exists() {
    for (rows, tests) in map() {
        assert!(!tests.is_empty(), "{rows:?}");
        for test in tests {
            let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("{test}"));
            let path: PathBuf = root().join(file);
            let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
            let function = Regex::new(&format!(r"#\[test\]\s+(?:#\[[^\]]*\]\s+)*fn {name}\(")).unwrap();
            assert!(function.is_match(&text), "{test}");
        }
    }
}
