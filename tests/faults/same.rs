//! Short and interrupted reads: not an error, and no finding is lost.

use std::path::Path;

use crate::common::random::Random;
use crate::common::{both, put, text};
use crate::repo::{Repo, line};
use crate::{fed, make, run};

/// Returns the fault settings for one seed.
fn orders(seed: usize) -> String {
    format!("short={seed},interrupted={}", seed + 1)
}

/// Checks that output and exit code are the same for every seed as without faults.
fn same(seeds: usize, folder: &Path, args: &[&str]) -> Vec<u8> {
    let expected = run("", folder, args);
    for seed in 0..seeds {
        let output = run(&orders(seed), folder, args);
        let equal = (output.status, &output.stdout, &output.stderr)
            == (expected.status, &expected.stdout, &expected.stderr);
        assert!(equal, "seed {seed}, {args:?}: {}\nexpected: {}", both(&output), both(&expected));
    }
    expected.stdout
}

/// Returns a log with the key of a name far from its start.
fn log(name: &str) -> Vec<u8> {
    let mut random = Random::new(name, 1);
    [random.filler(9_000, true), line(name).into_bytes(), random.filler(70_000, true)].concat()
}

/// Creates files and containers of every kind, each with its own key. Returns their number.
fn tree(folder: &Path) -> usize {
    let script = [b"#!/bin/sh\nexit 0\n".to_vec(), make::zip(&[("in.sh", &log("program"))])].concat();
    let map = serde_json::json!({"version": 3, "sources": ["a.js"], "sourcesContent": [line("map")], "mappings": "AAAA"});
    let mail = format!(
        "From: a@example.org\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{}\n",
        data_encoding::BASE64.encode(line("mail").as_bytes())
    );
    let wide: Vec<u8> =
        String::from_utf8(log("wide")).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("plain.log", log("plain")),
        ("wide.txt", wide),
        ("bundle.js", format!("x({:?});\n//# sourceMappingURL=bundle.js.map\n", line("js")).into_bytes()),
        ("bundle.js.map", map.to_string().into_bytes()),
        ("a.eml", mail.into_bytes()),
        ("a.gz", make::gzip(&log("gzip"))),
        ("a.bz2", make::bzip2(&log("bzip2"))),
        ("a.xz", make::xz(&log("xz"))),
        ("a.lzma", make::lzma(&log("lzma"))),
        ("a.zst", make::zstd(&log("zstd"))),
        ("a.lz4", make::lz4(&log("lz4"))),
        ("a.br", make::brotli(&log("brotli"))),
        ("a.tgz", make::gzip(&make::tar(&[("one", &log("tar 1")), ("two", &log("tar 2"))]))),
        ("a.zip", make::zip(&[("b.zip", &make::zip(&[("c.xz", &make::xz(&log("zip")))]))])),
        ("a.sh", script),
    ];
    for (name, content) in &files {
        put(folder, name, content);
    }
    files.len() + 1
}

#[test]
fn files_and_their_members() {
    let folder = tempfile::tempdir().unwrap();
    let keys = tree(folder.path());
    let out = same(8, folder.path(), &["scan", "--format", "json", "--threads", "2", "--show-secrets"]);
    let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let secrets: std::collections::BTreeSet<&str> =
        report["findings"].as_array().unwrap().iter().map(|one| text(one, "/secret")).collect();
    assert!(secrets.len() >= keys && report["summary"]["complete"] == true, "{}", secrets.len());
}

#[test]
fn huge_file_read_by_several_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("huge", 0);
    let mut content = random.filler(50 << 20, true);
    for _ in 0..40 {
        let at = random.between(0, content.len() - 100);
        content[at..][..58].copy_from_slice(random.key().as_bytes());
    }
    put(folder.path(), "huge.log", content);
    let args = ["scan", "huge.log", "--format", "jsonl", "--show-secrets", "--threads", "2"];
    let out = same(2, folder.path(), &args);
    assert!(out.iter().filter(|&&byte| byte == b'\n').count() >= 35);
}

#[test]
fn standard_input() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("text", log("stdin")),
        ("gzip", make::gzip(&log("stdin"))),
        ("zip", make::zip(&[("a", &log("stdin"))])),
    ] {
        for args in [&["scan", "-", "--format", "json"][..], &["redact"]] {
            let expected = fed("", folder.path(), args, &content);
            for seed in 0..4 {
                let output = fed(&orders(seed), folder.path(), args, &content);
                assert!(output == expected, "{name} {args:?} {seed}: {}", both(&output));
            }
        }
    }
}

#[test]
fn redacted_log() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "plain.log", [log("one"), log("two")].concat());
    let out = same(8, folder.path(), &["redact", "plain.log"]);
    assert_eq!(String::from_utf8(out).unwrap().matches('…').count(), 2);
}

/// Creates a repository with a key in every place.
fn repository() -> Repo {
    let repo = Repo::new(&[]);
    repo.put("a.env", log("first"));
    repo.commit("one");
    for number in 0..4 {
        repo.put("b.log", [log("delta"), format!("{number}\n").into_bytes()].concat());
        repo.commit("more");
    }
    repo.git(&["tag", "-a", "-m", &line("tag"), "v1"]);
    repo.git(&["pack-refs", "--all"]);
    repo.git(&["gc", "-q"]);
    repo.put("loose.gz", make::gzip(&log("loose")));
    repo.commit(&line("message"));
    repo.git(&["checkout", "-q", "-b", &format!("name-{}", crate::repo::key("ref"))]);
    repo.put("staged.env", log("staged"));
    repo.git(&["add", "-A"]);
    repo.put("worktree.env", log("worktree"));
    repo
}

#[test]
fn repositories() {
    let repo = repository();
    for (seeds, args) in
        [(6, &["audit"][..]), (3, &["staged"]), (3, &["commits", "HEAD"]), (2, &["fix", "."])]
    {
        let format = if args[0] == "fix" { &[][..] } else { &["--format", "json"] };
        let out = same(seeds, &repo.dir, &[args, format].concat());
        assert!(!out.is_empty());
    }
    let report: serde_json::Value =
        serde_json::from_slice(&run("", &repo.dir, &["audit", "--format", "json"]).stdout).unwrap();
    let mut secrets: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|one| text(one, "/secret_sha256")).collect();
    secrets.sort_unstable();
    secrets.dedup();
    assert_eq!((secrets.len(), &report["summary"]["complete"]), (8, &true.into()), "{report}");
}

#[test]
fn bundles_and_large_loose_objects() {
    let repo = Repo::new(&[]);
    // Larger than one read, and nearly incompressible.
    let mut random = Random::new("large", 0);
    let noise: Vec<u8> = random.bytes(3 << 20);
    repo.put("large.bin", [noise, line("large").into_bytes()].concat());
    repo.commit("large");
    repo.git(&["bundle", "create", "-q", "../all.bundle", "--all"]);
    let bundle = repo.home.path().join("all.bundle").display().to_string();
    for args in [&["audit", "--format", "json"][..], &["audit", &bundle, "--format", "json"]] {
        let out = same(2, &repo.dir, args);
        assert!(String::from_utf8(out).unwrap().contains("\"complete\": true"));
    }
}
