//! Paths named on the command line.

use std::os::unix::fs::symlink;

use super::*;

#[test]
fn labels_of_one_and_several_roots() {
    let dir = tree(&["one/app/.env", "two/b", "file"]);
    let [one, two, file] = ["one", "two", "file"].map(|name| dir.path().join(name));
    assert_eq!(visited(&options(&[&one])), ["app/.env"]);
    let both = visited(&options(&[&one, &two, &file]));
    let expected = [file, one.join("app/.env"), two.join("b")].map(|path| path.display().to_string());
    assert_eq!(both, expected);
}

#[test]
fn overlapping_roots_are_scanned_once() {
    let dir = tree(&["a", "sub/b", "sub/deep/c", "sub/deep/d", "linked"]);
    git(dir.path(), &["init", "-q"]);
    write(&dir.path().join(".gitignore"), "deep\n");
    let root = dir.path();
    symlink("sub/deep", root.join("link")).unwrap();
    symlink("linked", root.join("file-link")).unwrap();
    let named = [
        root.join("sub/deep/c"),
        root.into(),
        root.join("sub/deep"),
        root.join("link"),
        root.join("file-link"),
    ];
    let prefix = format!("{}/", root.display());
    let seen: Vec<String> = visited(&options(&named))
        .iter()
        .map(|label| label.strip_prefix(&prefix).unwrap().to_owned())
        .collect();
    assert_eq!(seen, [".gitignore", "a", "linked", "sub/b", "sub/deep/c", "sub/deep/d"]);
}

#[test]
fn missing_path_stops_the_scan() {
    let dir = tree(&["a"]);
    let missing = dir.path().join("missing");
    let error = try_scan(&options(&[dir.path(), &missing])).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: no such file or directory; check the spelling, paths are relative to the current directory",
            missing.display()
        )
    );
    let broken = Options { exclude: vec!["[".into()], ..options(&[dir.path()]) };
    assert!(matches!(try_scan(&broken), Err(SourceError::Glob { .. })));
}

#[test]
fn a_named_link_or_pipe_is_read() {
    let dir = tree(&["real/a"]);
    symlink("real", dir.path().join("dir")).unwrap();
    symlink("real/a", dir.path().join("file")).unwrap();
    assert_eq!(visited(&options(&[dir.path().join("dir")])), ["a"]);
    assert_eq!(scan(&options(&[dir.path().join("file")])).sizes, ["real/a".len()]);
    let pipe = dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, vec![b'x'; 100_000])
    });
    assert_eq!(scan(&options(&[&pipe])).sizes, [100_000]);
    writer.join().unwrap().unwrap();
}

#[test]
fn exclude_does_not_apply_to_named_paths() {
    let dir = tree(&["a.js", "lib/a.js", "lib/b.min.js", "dist/a.js", "sub/dist/a.js"]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    let exclude: Vec<String> = vec!["*.min.js".into(), "/dist".into()];
    let root = Options { exclude: exclude.clone(), ..options(&[dir.path()]) };
    assert_eq!(visited(&root), ["a.js", "lib/a.js", "sub/dist/a.js"]);
    let named = [dir.path().join("dist"), dir.path().join("lib/b.min.js")];
    assert_eq!(visited(&Options { exclude, ..options(&named) }).len(), 2);
}

#[test]
fn endless_stream_is_bounded() {
    let endless = Options { max_file_size: Some(1000), ..options(&["/dev/zero"]) };
    let seen = scan(&endless);
    assert_eq!(seen.sizes, [1000]);
    assert_eq!(seen.unseen, ["/dev/zero: larger than --max-file-size; only 1000 bytes were scanned"]);
}
