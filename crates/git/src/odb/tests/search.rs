//! A scan of only the changed ranges finds everything that a full scan finds.

use super::*;

const NEEDLE: &[u8] = b"NEEDLE-42";

/// Creates a file in many versions, stored as long delta chains. Some versions contain the needle, some half of it, and
/// some gain it by a deletion.
fn planted() -> Repo {
    let repo = Repo::new(HashFormat::Sha1);
    let mut random = Random(11);
    let mut lines: Vec<String> = (0..400).map(|_| random.line()).collect();
    let mut stream = String::new();
    for version in 0..300 {
        let at = random.below(lines.len());
        lines[at] = random.line();
        let mut text = lines.clone();
        match version % 37 {
            5 => text.insert(random.below(text.len()), "a NEEDLE-42 is here".to_owned()),
            6 => text.insert(200, "NEE-cut-DLE-42".to_owned()),
            7 => text.insert(200, "NEEDLE-42".to_owned()),
            9 => text[0] = "NEEDLE-42".to_owned(),
            11 => *text.last_mut().unwrap() = "NEEDLE-42".to_owned(),
            _ => {}
        }
        let text = text.join("\n");
        stream +=
            &format!("commit refs/heads/main\ncommitter A <a@example.org> {version} +0000\ndata 1\nm\n");
        stream += &format!("M 644 inline story.txt\ndata {}\n{text}\n", text.len());
    }
    repo.git_with(&["fast-import", "--quiet"], stream.as_bytes());
    repo
}

fn check(repo: &Repo, deltas: bool) {
    let store = repo.store();
    let whole = repo.cat_file();
    let expected: Vec<_> = whole
        .iter()
        .filter(|(_, (_, content))| memchr::memmem::find(content, NEEDLE).is_some())
        .map(|(id, _)| *id)
        .collect();
    assert!(expected.len() > 20);
    for threads in [1, 4] {
        let search = Everything::searching(NEEDLE);
        store.scan(threads, &search);
        let bytes: usize = whole.values().map(|(_, content)| content.len()).sum();
        let asked = *search.asked.lock().unwrap();
        assert!(!deltas || asked < bytes as u64 / 2, "{asked} of {bytes}: it looks at the changes only");
        assert!(search.into_objects().into_keys().eq(expected.iter().copied()));
    }
}

#[test]
fn needles_in_long_delta_chains() {
    let repo = planted();
    for (depth, window) in [("250", "50"), ("10", "5"), ("0", "1")] {
        let (depth_option, window) = (format!("--depth={depth}"), format!("--window={window}"));
        repo.git(&["repack", "-adfq", &depth_option, &window]);
        check(&repo, depth != "0");
    }
}

#[test]
fn known_objects_are_skipped_but_not_their_descendants() {
    let repo = planted();
    repo.git(&["repack", "-adfq", "--depth=250", "--window=50"]);
    let all = Everything::searching(NEEDLE);
    repo.store().scan(2, &all);
    let all: Vec<ObjectId> = all.into_objects().into_keys().collect();
    let (known, new): (Vec<_>, Vec<_>) = all.iter().enumerate().partition(|(number, _)| number % 2 == 0);
    let known = known.into_iter().map(|(_, id)| *id).collect();
    let search = Everything { known, ..Everything::searching(NEEDLE) };
    repo.store().scan(2, &search);
    assert!(search.into_objects().keys().eq(new.into_iter().map(|(_, id)| id)));
}
