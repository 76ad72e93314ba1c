//! Archives and nested archives: the path of every member, names that resemble paths, and the depth limit.

use crate::archives::{log, make, place, places};
use crate::common::random::Random;
use crate::common::{both, code, put, scan};

#[test]
fn members_have_their_own_paths_and_lines() {
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<String> = (0..4).map(|number| Random::new("member", number).key()).collect();
    let long = format!("package/{}/i.js", "deep/".repeat(40));
    let logged = log(&keys[1]);
    let files = [
        ("package/package.json", &b"{}"[..]),
        ("package/dist/i.js", &format!("\n\nx('{}')\n", keys[0]).into_bytes()[..]),
        (&long, logged.as_bytes()),
    ];
    put(folder.path(), "pkg-1.0.0.tgz", make::gzip(&make::tar(&files)));
    put(folder.path(), "pkg.tar", make::tar(&files[1..2]));
    put(folder.path(), "pkg.tar.zst", make::zstd(&make::tar(&files[1..2])));
    put(
        folder.path(),
        "site.zip",
        make::zip(&[("a/readme.txt", b"hello\n"), ("a/app.js", log(&keys[2]).as_bytes())]),
    );
    let expected = [
        place("pkg-1.0.0.tgz!/package/dist/i.js", 3),
        place(&format!("pkg-1.0.0.tgz!/{long}"), 31),
        place("pkg.tar!/package/dist/i.js", 3),
        place("pkg.tar.zst!/package/dist/i.js", 3),
        place("site.zip!/a/app.js", 31),
    ];
    let mut found = places(folder.path(), &[]);
    found.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn nested_archives() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("nest", 0).key();
    let inner = make::zip(&[("app.env", log(&key).as_bytes())]);
    let middle = make::tar(&[("lib/inner.jar", &inner), ("log.gz", &make::gzip(log(&key).as_bytes()))]);
    put(folder.path(), "outer.zip", make::zip(&[("middle.tar.xz", &make::xz(&middle))]));
    let found = places(folder.path(), &[]);
    let inside = "outer.zip!/middle.tar.xz!/";
    assert_eq!(
        found,
        [place(&format!("{inside}lib/inner.jar!/app.env"), 31), place(&format!("{inside}log.gz"), 31)]
    );
}

#[test]
fn member_names_are_data() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("names", 0).key();
    let content = log(&key);
    let names = ["../../etc/passwd", "/etc/shadow", "a\n\u{1b}[31mred", "twice", "twice", "C:\\x"];
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, content.as_bytes())).collect();
    put(folder.path(), "names.tar", make::tar(&files));
    let output = scan(folder.path(), &[]);
    assert_eq!(code(&output), 1);
    let said = both(&output);
    assert!(!said.contains('\u{1b}') && said.contains("names.tar!/../../etc/passwd"), "{said}");
    let found: Vec<String> = places(folder.path(), &[]).into_iter().map(|(path, _)| path).collect();
    let expected = ["../../etc/passwd", "C:\\x", "a\n\u{1b}[31mred", "etc/shadow", "twice"];
    let mut expected = expected.map(|name| format!("names.tar!/{name}"));
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written");
}

#[test]
fn key_in_member_name_is_masked() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("masked", 0).key();
    put(folder.path(), "a.tar", make::tar(&[(&format!("{key}.txt"), log(&key).as_bytes())]));
    for format in ["text", "json", "jsonl", "sarif"] {
        let output = scan(folder.path(), &["--format", format]);
        assert_eq!(code(&output), 1);
        assert!(!both(&output).contains(&key[36..]), "{}", both(&output));
    }
}

#[test]
fn containers_beyond_depth_limit_are_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("depth", 0).key();
    let nest = |levels: usize| {
        (0..levels).fold(log(&key).into_bytes(), |inner, _| make::gzip(&make::tar(&[("in", &inner)])))
    };
    put(folder.path(), "eight.tgz", nest(8));
    assert_eq!(places(folder.path(), &[]), [place(&format!("eight.tgz{}", "!/in".repeat(8)), 31)]);
    std::fs::remove_file(folder.path().join("eight.tgz")).unwrap();
    put(folder.path(), "nine.tgz", nest(9));
    let output = scan(folder.path(), &[]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(both(&output).contains("--max-depth"), "{}", both(&output));
    let found = places(folder.path(), &["--max-depth", "9"]);
    assert_eq!(found.len(), 1);
    let none = scan(folder.path(), &["--max-depth", "0"]);
    assert_eq!(code(&none), 3, "{}", both(&none));
}
