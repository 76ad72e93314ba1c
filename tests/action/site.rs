//! A site that hosts a repository, a person who pushes to it, and the checkouts of its workflows.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};

use crate::common::both;
use crate::repo::{Repo, line};
use crate::runner::{REPOSITORY, Use};

/// The id that GitHub gives where there is no commit.
pub(crate) const ZERO: &str = "0000000000000000000000000000000000000000";

/// A hosted repository, and a clone of it in which somebody works.
pub(crate) struct Site {
    pub(crate) work: Repo,
    hosted: PathBuf,
}

impl Site {
    /// A hosted repository with a few clean commits on `main`.
    pub(crate) fn new() -> Self {
        let work = Repo::new();
        let hosted = work.beside("hosted.git");
        work.git(&["init", "-q", "--bare", "-b", "main", hosted.to_str().unwrap()]);
        // As GitHub: any commit that it has can be asked for.
        work.git(&["-C", hosted.to_str().unwrap(), "config", "uploadpack.allowAnySHA1InWant", "true"]);
        work.git(&["remote", "add", "origin", &format!("file://{}", hosted.display())]);
        let site = Self { work, hosted };
        for number in 0..5 {
            site.work.commit(&[("README.md", &format!("shop, version {number}\n"))]);
        }
        site.push("main");
        site
    }

    /// Pushes what HEAD is to a ref.
    pub(crate) fn push(&self, to: &str) {
        let to = if to.starts_with("refs/") { to.to_owned() } else { format!("refs/heads/{to}") };
        self.work.git(&["push", "-q", "-f", "origin", &format!("HEAD:{to}")]);
    }

    /// A commit with a leak; its id.
    pub(crate) fn leak(&self, number: usize) -> String {
        self.work.commit(&[("src/sms.env", &line(number))])
    }

    /// A commit without one; its id.
    pub(crate) fn tidy(&self, name: &str) -> String {
        self.work.commit(&[(name, "nothing to see\n")])
    }

    /// What actions/checkout makes of a commit: `depth` commits of it and nothing else, or with `None` all branches and tags.
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

    /// From now on the site answers nobody.
    pub(crate) fn goes_down(&self) {
        fs::rename(&self.hosted, self.work.beside("gone.git")).unwrap();
    }

    /// Lets the site forget what no ref leads to.
    pub(crate) fn forgets(&self) {
        let output: Output =
            self.work.try_git(&["-C", self.hosted.to_str().unwrap(), "gc", "-q", "--prune=now"]);
        assert!(output.status.success(), "{}", both(&output));
    }

    /// The action for a push of `branch`, in a checkout of so many commits.
    pub(crate) fn pushed(&self, branch: &str, (before, after): (&str, &str), depth: Option<u32>) -> Use {
        let reference = format!("refs/heads/{branch}");
        let folder = self.checkout(&reference, after, depth);
        let event = json!({ "before": before, "after": after, "deleted": false, "ref": reference });
        Use::new(&folder, ("push", event), (&reference, after))
    }

    /// The action for a pull request of HEAD against `main`, whose head lies in the repository `from`: in a checkout of the merge
    /// that GitHub makes. The head is known as a ref of the pull request only.
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

/// The event of a pull request.
pub(crate) fn pull_event((base, head): (&str, &str), from: &str) -> Value {
    json!({ "number": 7, "pull_request": {
        "number": 7,
        "base": { "sha": base, "ref": "main", "repo": { "full_name": REPOSITORY } },
        "head": { "sha": head, "ref": "topic", "repo": { "full_name": from } },
    } })
}
