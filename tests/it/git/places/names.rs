//! Keys in messages, in names of people and refs, in notes, and in tags.

use super::{Place, Plan};
use crate::git::repo::{Repo, key, line, masked};

pub(super) fn build(plan: &mut Plan) {
    tags(plan);
    messages(plan);
    people(plan);
    headers(plan);
    notes(plan);
    refs(plan);
}

fn tags(plan: &mut Plan) {
    let (repo, root) = (&plan.repo, &plan.root);
    let target = repo.stored(&[("side.env", &line("tag-target"))], &[root], "Release");
    repo.git(&["tag", "-a", "-m", "Version 1", "v1", &target]);
    repo.git(&["tag", "-a", "-m", &format!("Version 2\n\n{}", line("tag-message")), "v2", root]);
    let message = repo.git(&["rev-parse", "v2"]);
    repo.git(&["tag", "-a", "-m", &line("nested-tag"), "inner", root]);
    let inner = repo.git(&["rev-parse", "inner"]);
    repo.git(&["tag", "-a", "-m", "Outer", "outer", "inner"]);
    repo.git(&["tag", "-d", "inner"]);
    let blob = repo.blob(line("tagged-blob"));
    repo.git(&["tag", "blob", &blob]);
    let tree = repo.tree(&[("tree.env", &line("tagged-tree"))]);
    repo.git(&["tag", "-a", "-m", "A tree", "tree", &tree]);
    plan.expect(Place::file("tag-target", "side.env", &target).refs(&["refs/tags/v1"]));
    plan.expect(tag("tag-message", &message, "refs/tags/v2"));
    plan.expect(tag("nested-tag", &inner, "refs/tags/outer"));
    plan.expect(Place::loose("tagged-blob", &format!(".git/blob/{blob}"), "refs", &["refs/tags/blob"]));
    plan.expect(Place::loose("tagged-tree", "tree.env", "refs", &["refs/tags/tree"]).in_git("tree.env"));
}

fn tag(name: &str, id: &str, refs: &str) -> Place {
    Place { path: format!(".git/tag/{id}"), ..Place::message(name, id) }.refs(&[refs])
}

fn messages(plan: &mut Plan) {
    for (name, message) in
        [("subject", line("subject")), ("body", format!("Fix it\n\nUse this:\n{}", line("body")))]
    {
        let commit = plan.repo.stored(&[], &[&plan.root], &message);
        plan.repo.name(&format!("refs/heads/said/{name}"), &commit);
        plan.expect(Place::message(name, &commit));
    }
}

fn people(plan: &mut Plan) {
    for (name, variable) in [
        ("author-name", "GIT_AUTHOR_NAME"),
        ("author-mail", "GIT_AUTHOR_EMAIL"),
        ("committer-name", "GIT_COMMITTER_NAME"),
        ("committer-mail", "GIT_COMMITTER_EMAIL"),
    ] {
        let tree = format!("{}^{{tree}}", plan.root);
        let mut command = plan.repo.command(&["commit-tree", "-p", &plan.root, "-m", "By a person", &tree]);
        command.env(variable, key(name));
        let commit = Repo::run(command, b"");
        plan.repo.name(&format!("refs/heads/by/{name}"), &commit);
        plan.expect(Place::message(name, &commit));
    }
}

/// Commit headers that only some programs write.
fn headers(plan: &mut Plan) {
    let repo = &plan.repo;
    let tree = repo.git(&["rev-parse", &format!("{}^{{tree}}", plan.root)]);
    for (name, header) in [
        ("signature", format!("gpgsig -----BEGIN-----\n {}\n -----END-----", key("signature"))),
        (
            "merge-tag",
            format!("mergetag object {}\n type commit\n tag x\n \n {}", plan.root, key("merge-tag")),
        ),
    ] {
        let person = "P <p@example.org> 1709294400 +0000";
        let text = format!(
            "tree {tree}\nparent {}\nauthor {person}\ncommitter {person}\n{header}\n\nSigned\n",
            plan.root
        );
        let commit = repo.feed(&["hash-object", "-t", "commit", "-w", "--stdin"], text.as_bytes());
        repo.name(&format!("refs/heads/with/{name}"), &commit);
        plan.places.push(Place::message(name, &commit));
    }
}

fn notes(plan: &mut Plan) {
    let (repo, root) = (&plan.repo, &plan.root);
    repo.next_day();
    repo.git(&["notes", "add", "-m", &line("note"), root]);
    let commit = repo.git(&["rev-parse", "refs/notes/commits"]);
    plan.expect(Place::file("note", root, &commit).by("notes"));
}

fn refs(plan: &mut Plan) {
    for (name, kind) in [("branch-name", "heads"), ("tag-name", "tags")] {
        let key = key(name);
        plan.repo.name(&format!("refs/{kind}/x/{key}"), &plan.root);
        let shown = format!("refs/{kind}/x/{}", masked(&key));
        plan.places.push(Place::loose(name, &format!(".git/{shown}"), "ref-name", &[&shown]));
    }
}
