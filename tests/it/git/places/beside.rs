//! Keys in files of the git directory that are not objects.

use super::{Place, Plan};
use crate::git::repo::{key, line};

/// Files that users and programs write there.
const FILES: [&str; 12] = [
    "hooks/pre-push",
    "COMMIT_EDITMSG",
    "MERGE_MSG",
    "SQUASH_MSG",
    "description",
    "info/attributes",
    "rr-cache/5c1d/preimage",
    "rebase-apply/0001",
    "rebase-merge/message",
    "rebase-merge/git-rebase-todo",
    "worktrees/linked/COMMIT_EDITMSG",
    "modules/lib/sub/COMMIT_EDITMSG",
];

pub(super) fn build(plan: &mut Plan) {
    let repo = &plan.repo;
    let url = format!("https://user:{}@example.org/x.git", key("remote-url"));
    repo.git(&["remote", "add", "leak", &url]);
    for name in FILES {
        repo.put(&format!(".git/{name}"), line(name));
    }
    plan.expect(Place::beside("remote-url", ".git/config"));
    for name in FILES {
        let path = format!(".git/{name}");
        let path = path.replace(".git/modules/lib/sub/", "lib/sub/.git/");
        plan.places.push(Place::beside(name, &path));
    }
}
