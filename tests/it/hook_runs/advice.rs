//! What a blocked commit or push says: the steps that get it through without the secret.

use crate::archives::make::zip;
use crate::common::both;
use crate::hook_runs::repo::{Repo, line};

#[test]
fn staged_archive_is_taken_out_by_hand() {
    let repo = Repo::with(&[("x", "x\n")]);
    repo.add("backup/a.zip", zip(&[("k.env", line(1).as_bytes())]));
    let text = both(&repo.run(&["staged"]));
    assert!(text.contains("Take it out of backup/a.zip, or leave the file out: "), "{text}");
    assert!(text.contains("git restore --staged backup/a.zip"), "{text}");
    assert!(!text.contains("fix --write") && !text.contains("the message"), "{text}");
    repo.add("k.py", format!("K = '{}'\n", line(2).trim()));
    repo.add("c.txt", data_encoding::BASE64.encode(line(3).as_bytes()));
    let text = both(&repo.run(&["staged"]));
    assert!(text.contains("telleaks fix --write k.py, or edit by hand"), "{text}");
    assert!(text.contains("Take it out of backup/a.zip c.txt, or"), "{text}");
    assert!(text.contains("git add backup/a.zip c.txt k.py "), "{text}");
}
