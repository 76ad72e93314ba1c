//! A server that hosts a repository, a user who pushes to it, and the checkouts of its workflows.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};

use crate::action::repo::{Repo, line};
use crate::action::runner::{REPOSITORY, Use};
use crate::common::both;

/// The id that GitHub uses for a missing commit.
pub(crate) const ZERO: &str = "0000000000000000000000000000000000000000";

/// A hosted repository and a working clone of it.
pub(crate) struct Site {
    pub(crate) work: Repo,
    hosted: PathBuf,
}

impl Site {
    /// Creates a hosted repository with a few clean commits on `main`.
    pub(crate) fn new() -> Self {
        let work = Repo::new();
        let hosted = work.beside("hosted.git");
        work.git(&["init", "-q", "--bare", "-b", "main", hosted.to_str().unwrap()]);
        // As on GitHub, any existing commit can be requested.
        work.git(&["-C", hosted.to_str().unwrap(), "config", "uploadpack.allowAnySHA1InWant", "true"]);
        work.git(&["remote", "add", "origin", &format!("file://{}", hosted.display())]);
        let site = Self { work, hosted };
        for number in 0..5 {
            site.work.commit(&[("README.md", &format!("shop, version {number}\n"))]);
        }
        site.push("main");
        site
    }

    /// Pushes HEAD to a ref.
    pub(crate) fn push(&self, to: &str) {
        let to = if to.starts_with("refs/") { to.to_owned() } else { format!("refs/heads/{to}") };
        self.work.git(&["push", "-q", "-f", "origin", &format!("HEAD:{to}")]);
    }

    /// Commits a leak and returns the commit id.
    pub(crate) fn leak(&self, number: usize) -> String {
        self.work.commit(&[("src/sms.env", &line(number))])
    }

    /// Commits a clean file and returns the commit id.
    pub(crate) fn tidy(&self, name: &str) -> String {
        self.work.commit(&[(name, "nothing to see\n")])
    }

    /// Checks out a commit as actions/checkout does: only `depth` commits, or all branches and tags if it is `None`.
    pub(crate) fn checkout(&self, reference: &str, id: &str, depth: Option<u32>) -> PathBuf {
        let folder = self.work.beside("runner/shop");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let here = folder.to_str().unwrap();
        let git = |args: &[&str]| self.work.git(&[&["-C", here], args].concat());
        git(&["init", "-q", "-b", "main"]);
        git(&["remote", "add", "origin", &format!("file://{}", self.hosted.display())]);
        let local = reference
            .replace("refs/heads/", "refs/remotes/origin/")
            .replace("refs/pull/", "refs/remotes/pull/");
        let wanted = format!("+{id}:{local}");
        match depth {
            Some(depth) => git(&["fetch", "-q", "--no-tags", &format!("--depth={depth}"), "origin", &wanted]),
            None => {
                git(&["fetch", "-q", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
                git(&["fetch", "-q", "--no-tags", "origin", &wanted])
            }
        };
        git(&["checkout", "-q", "--detach", id]);
        folder
    }

    /// Makes the server unreachable.
    pub(crate) fn goes_down(&self) {
        fs::rename(&self.hosted, self.work.beside("gone.git")).unwrap();
    }

    /// Removes unreachable objects from the server.
    pub(crate) fn forgets(&self) {
        let output: Output =
            self.work.try_git(&["-C", self.hosted.to_str().unwrap(), "gc", "-q", "--prune=now"]);
        assert!(output.status.success(), "{}", both(&output));
    }

    /// Returns the action for a push of `branch`, in a checkout with `depth` commits.
    pub(crate) fn pushed(&self, branch: &str, (before, after): (&str, &str), depth: Option<u32>) -> Use {
        let reference = format!("refs/heads/{branch}");
        let folder = self.checkout(&reference, after, depth);
        let event = json!({ "before": before, "after": after, "deleted": false, "ref": reference });
        Use::new(&folder, ("push", event), (&reference, after))
    }

    /// Returns the action for a pull request of HEAD in the repository `from` against `main`, in a checkout of the
    /// merge commit that GitHub creates. The head is only reachable through the ref of the pull request.
    pub(crate) fn pull(&self, from: &str, depth: Option<u32>) -> Use {
        let (base, head) = (self.work.id("refs/remotes/origin/main"), self.work.id("HEAD"));
        self.push("refs/pull/7/head");
        self.work.git(&["checkout", "-q", "--detach", &base]);
        self.work.git(&["merge", "-q", "--no-ff", "-m", "merge", &head]);
        let merge = self.work.id("HEAD");
        self.push("refs/pull/7/merge");
        let folder = self.checkout("refs/pull/7/merge", &merge, depth);
        Use::new(&folder, ("pull_request", pull_event((&base, &head), from)), ("refs/pull/7/merge", &merge))
    }
}

/// Returns the event of a pull request.
pub(crate) fn pull_event((base, head): (&str, &str), from: &str) -> Value {
    json!({ "number": 7, "pull_request": {
        "number": 7,
        "base": { "sha": base, "ref": "main", "repo": { "full_name": REPOSITORY } },
        "head": { "sha": head, "ref": "topic", "repo": { "full_name": from } },
    } })
}
