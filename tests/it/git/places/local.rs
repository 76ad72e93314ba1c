//! Keys that exist only in this clone: stashes, reflogs, indexes, linked work trees, and unreachable objects.

use super::{Place, Plan};
use crate::git::repo::{Repo, line};

pub(super) fn build(plan: &mut Plan) {
    stashes(plan);
    reflogs(plan);
    unreachable(plan);
    replaced(plan);
    linked(plan);
    index(plan);
}

fn stashes(plan: &mut Plan) {
    let repo = &plan.repo;
    let stash = |repo: &Repo, options: &[&str]| {
        repo.next_day();
        repo.git(&[&["stash", "push", "-q"], options].concat());
        repo.git(&["rev-parse", "refs/stash"])
    };
    repo.put("README", line("old-stash"));
    let old = stash(repo, &[]);
    repo.put("README", line("stash-index"));
    repo.git(&["add", "README"]);
    repo.put("README", line("stash-tracked"));
    repo.put("new.env", line("stash-untracked"));
    let new = stash(repo, &["-u"]);
    let parent = |number: u32| repo.git(&["rev-parse", &format!("{new}^{number}")]);
    let (indexed, untracked) = (parent(2), parent(3));
    // Only reachable from the stash reflog.
    plan.expect(Place::file("old-stash", "README", &old).by("stash").refs(&[]));
    plan.expect(Place::file("stash-tracked", "README", &new).by("stash").refs(&["refs/stash"]));
    plan.expect(Place::file("stash-index", "README", &indexed).by("stash").refs(&["refs/stash"]));
    plan.expect(Place::file("stash-untracked", "new.env", &untracked).by("stash").refs(&["refs/stash"]));
}

fn reflogs(plan: &mut Plan) {
    let repo = &plan.repo;
    repo.put("reset.env", line("reflog-only"));
    let reset = repo.commit("Too early");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let said = format!("deploy with {}", line("reflog-text").trim());
    repo.git(&["update-ref", "--create-reflog", "-m", &said, "refs/heads/logged", "HEAD"]);
    let orig = repo.stored(&[("orig.env", &line("orig-head"))], &[&plan.root], "Original");
    repo.git(&["update-ref", "--no-deref", "ORIG_HEAD", &orig]);
    let fetched = repo.stored(&[("fetched.env", &line("fetch-head"))], &[&plan.root], "Fetched");
    repo.put(".git/FETCH_HEAD", format!("{fetched}\t\tbranch 'x' of https://example.org/x\n"));
    plan.expect(Place::file("reflog-only", "reset.env", &reset).by("reflog").refs(&[]));
    plan.expect(Place::loose("reflog-text", ".git/logs/refs/heads/logged", "reflog", &[]));
    plan.expect(Place::file("orig-head", "orig.env", &orig).by("reflog").refs(&[]));
    plan.expect(Place::file("fetch-head", "fetched.env", &fetched).by("reflog").refs(&[]));
}

fn unreachable(plan: &mut Plan) {
    let repo = &plan.repo;
    let commit = repo.stored(&[("lost.env", &line("lost-commit"))], &[&plan.root], "Lost");
    let blob = repo.blob(line("dangling-blob"));
    repo.tree(&[("tree.env", &line("dangling-tree"))]);
    let message = repo.stored(&[], &[&plan.root], &line("lost-message"));
    plan.expect(Place::file("lost-commit", "lost.env", &commit).by("unreachable").refs(&[]));
    plan.expect(Place::loose("dangling-blob", &format!(".git/blob/{blob}"), "unreachable", &[]));
    plan.expect(Place::loose("dangling-tree", "tree.env", "unreachable", &[]).in_git("tree.env"));
    plan.expect(Place::message("lost-message", &message).by("unreachable").refs(&[]));
}

/// Both objects of a replacement exist, but git shows only one of them.
fn replaced(plan: &mut Plan) {
    let (repo, root) = (&plan.repo, &plan.root);
    let hidden = repo.blob(line("replaced"));
    let commit = repo.stored(&[("hidden.env", &line("replaced"))], &[root], "Hidden");
    repo.name("refs/heads/hidden", &commit);
    let shown = repo.blob(line("replacement"));
    repo.git(&["replace", &hidden, &shown]);
    let by = format!("refs/replace/{hidden}");
    plan.expect(Place::file("replaced", "hidden.env", &commit).refs(&["refs/heads/hidden"]));
    plan.expect(Place::loose("replacement", &format!(".git/blob/{shown}"), "refs", &[&by]));
}

fn linked(plan: &mut Plan) {
    let (repo, root) = (&plan.repo, &plan.root);
    let own = repo.home.path().join("linked");
    repo.git(&["worktree", "add", "-q", "--detach", own.to_str().unwrap(), root]);
    let inner = Repo::at(own);
    inner.put("lost.env", line("linked-reflog"));
    let lost = inner.commit("Lost there");
    inner.git(&["reset", "-q", "--hard", root]);
    inner.put("head.env", line("linked-head"));
    let head = inner.commit("Detached");
    inner.put("staged.env", line("linked-index"));
    inner.git(&["add", "staged.env"]);
    std::fs::remove_file(inner.dir.join("staged.env")).unwrap();
    let branch = repo.home.path().join("second");
    repo.git(&["worktree", "add", "-q", "-b", "second", branch.to_str().unwrap(), root]);
    let inner = Repo::at(branch);
    inner.put("branch.env", line("linked-branch"));
    let on_branch = inner.commit("On a branch of its own");
    plan.expect(Place::file("linked-reflog", "lost.env", &lost).by("reflog").refs(&[]));
    plan.expect(Place::file("linked-head", "head.env", &head).refs(&["worktrees/linked/HEAD"]));
    plan.expect(Place::loose("linked-index", "staged.env", "index", &[]).in_git("staged.env"));
    let refs = ["refs/heads/second", "worktrees/second/HEAD"];
    plan.expect(Place::file("linked-branch", "branch.env", &on_branch).refs(&refs));
}

fn index(plan: &mut Plan) {
    let repo = &plan.repo;
    repo.put("staged/only.env", line("index-only"));
    repo.git(&["add", "staged"]);
    std::fs::remove_file(repo.dir.join("staged/only.env")).unwrap();
    // Added and then reset; the blob remains.
    repo.put("unstaged.env", line("added-and-reset"));
    repo.git(&["add", "unstaged.env"]);
    let blob = repo.git(&["rev-parse", ":unstaged.env"]);
    repo.git(&["rm", "-q", "--cached", "unstaged.env"]);
    std::fs::remove_file(repo.dir.join("unstaged.env")).unwrap();
    repo.put("untracked.env", line("untracked"));
    repo.put(".git/info/exclude", "ignored.env\n");
    repo.put("ignored.env", "clean\n");
    plan.expect(Place::loose("index-only", "staged/only.env", "index", &[]).in_git("staged/only.env"));
    plan.expect(Place::loose("added-and-reset", &format!(".git/blob/{blob}"), "unreachable", &[]));
    plan.expect(Place::beside("untracked", "untracked.env"));
}
