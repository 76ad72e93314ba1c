//! Keys in files of reachable commits.

use super::{Place, Plan};
use crate::common::random::Random;
use crate::git::repo::{key, line};
use data_encoding::BASE64;

pub(super) fn build(plan: &mut Plan) {
    came_and_went(plan);
    renamed(plan);
    forms(plan);
    merges(plan);
    octopus(plan);
    sides(plan);
}

fn came_and_went(plan: &mut Plan) {
    let repo = &plan.repo;
    repo.put("head.env", line("head-file"));
    repo.put("copy/a.env", line("twice"));
    repo.put("copy/b.env", line("twice"));
    repo.put("gone.env", line("removed-file"));
    repo.put("app.py", format!("a = 1\n{}b = 2\n", line("changed-line")));
    repo.put("again.env", line("re-added"));
    let added = repo.commit("Add settings");
    repo.put("other.txt", "more\n");
    let between = repo.commit("Something else");
    std::fs::remove_file(repo.dir.join("gone.env")).unwrap();
    std::fs::remove_file(repo.dir.join("again.env")).unwrap();
    repo.put("app.py", "a = 1\nkey = environ['KEY']\nb = 2\n");
    let removed = repo.commit("Take keys out");
    repo.put("again.env", line("re-added"));
    let again = repo.commit("Bring one back");
    std::fs::remove_file(repo.dir.join("again.env")).unwrap();
    let last = repo.commit("Take it out again");
    plan.expect(Place::file("head-file", "head.env", &added).in_head());
    plan.expect(Place::file("twice", "copy/a.env", &added).in_head());
    plan.expect(Place::file("twice", "copy/b.env", &added).in_head());
    plan.expect(Place::file("removed-file", "gone.env", &added).removed(&removed, &between));
    plan.expect(Place::file("changed-line", "app.py", &added).removed(&removed, &between));
    plan.expect(Place::file("re-added", "again.env", &added).removed(&last, &again));
}

fn renamed(plan: &mut Plan) {
    let repo = &plan.repo;
    repo.put("old/place.env", line("renamed"));
    let added = repo.commit("Add a file");
    repo.git(&["mv", "old", "new"]);
    let moved = repo.commit("Move it");
    plan.expect(Place::file("renamed", "old/place.env", &added).removed(&moved, &added));
    plan.expect(Place::file("renamed", "new/place.env", &moved).in_head());
}

fn forms(plan: &mut Plan) {
    let repo = &plan.repo;
    std::os::unix::fs::symlink(key("symlink"), repo.dir.join("link")).unwrap();
    let noise = Random::new("noise", 0).bytes(3000);
    repo.put("image.bin", [&noise, &b"\0\0"[..], key("binary").as_bytes(), b"\0", &noise].concat());
    repo.put("secret.yaml", format!("data: {}\n", BASE64.encode(line("base64").as_bytes())));
    let name = format!("names/{}.txt", key("file-name"));
    repo.put(&name, "clean\n");
    repo.put(&format!("dir-{}/a/b.txt", key("directory-name")), "clean\n");
    repo.put(".gitattributes", "* -diff\n*.bin filter=none\n");
    let added = repo.commit("Add forms");
    for (name, path) in [("symlink", "link"), ("binary", "image.bin"), ("base64", "secret.yaml")] {
        plan.expect(Place::file(name, path, &added).in_head());
    }
    let file = format!("names/{}.txt", super::masked(&key("file-name")));
    plan.expect(Place::file("file-name", &file, &added).in_head());
    let directory = format!("dir-{}", super::masked(&key("directory-name")));
    plan.expect(Place::file("directory-name", &directory, &added).in_head());
}

fn merges(plan: &mut Plan) {
    let repo = &plan.repo;
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.put("both.txt", "theirs\n");
    repo.commit("Their side");
    repo.git(&["checkout", "-q", "main"]);
    repo.put("both.txt", "ours\n");
    repo.commit("Our side");
    let mut merge = repo.command(&["merge", "-q", "--no-commit", "topic"]);
    assert!(!merge.output().unwrap().status.success(), "there is a conflict");
    repo.put("both.txt", line("conflict"));
    repo.put("evil.env", line("evil-merge"));
    let merged = repo.commit("Merge topic");
    repo.git(&["branch", "-q", "-D", "topic"]);
    plan.expect(Place::file("conflict", "both.txt", &merged).in_head());
    plan.expect(Place::file("evil-merge", "evil.env", &merged).in_head());
}

fn octopus(plan: &mut Plan) {
    let (repo, root) = (&plan.repo, &plan.root);
    let arm = repo.stored(&[("arm.env", &line("octopus-arm"))], &[root], "Arm");
    let other = repo.stored(&[("a.txt", "a")], &[root], "Other arm");
    let files = [("arm.env", &*line("octopus-arm")), ("a.txt", "a"), ("eight.env", &*line("octopus"))];
    let octopus = repo.stored(&files, &[root, &other, &arm], "Octopus");
    repo.name("refs/heads/octopus", &octopus);
    plan.expect(Place::file("octopus-arm", "arm.env", &arm));
    plan.expect(Place::file("octopus", "eight.env", &octopus));
}

/// Commits that are not ancestors of HEAD.
fn sides(plan: &mut Plan) {
    for (name, refs) in [
        ("other-branch", "refs/heads/other"),
        ("remote-tracking", "refs/remotes/origin/work"),
        ("lightweight-tag", "refs/tags/light"),
        ("custom-ref", "refs/pull/7/head"),
    ] {
        let commit = plan.repo.stored(&[("side.env", &line(name))], &[&plan.root], "On a side");
        plan.repo.name(refs, &commit);
        plan.expect(Place::file(name, "side.env", &commit).refs(&[refs]));
    }
    let repo = &plan.repo;
    let orphan = repo.stored(&[("page.html", &line("orphan-branch"))], &[], "Pages");
    repo.name("refs/heads/pages", &orphan);
    let url =
        format!("[submodule \"x\"]\n\tpath = x\n\turl = https://u:{}@example.org/x\n", key("gitmodules"));
    let modules = repo.stored(&[(".gitmodules", &url)], &[&orphan], "Add a submodule");
    repo.name("refs/heads/modules", &modules);
    plan.expect(Place::file("orphan-branch", "page.html", &orphan).removed(&modules, &orphan));
    plan.expect(Place::file("gitmodules", ".gitmodules", &modules));
}
