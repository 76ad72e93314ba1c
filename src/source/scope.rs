//! Decides which entries of a directory are in scope under git's rules. Examines names only, and opens no file except
//! `.gitignore` and those that identify a repository.

use std::ffi::OsStr;
use std::path::{Component, Path};
use std::sync::{Arc, OnceLock};

use ignore::gitignore::Gitignore;
use telleaks_platform::{Dir, open_beside, path_bytes};

use super::gitignore::{self, Decision, GITIGNORE, GITIGNORE_NAME, Rules};
use super::tracked_files::Repository;
use crate::git::IndexError;

/// A name that no real file has: a rule that ignores it ignores everything.
const ANY_NAME: &[u8] = b"telleaks-stands-for-any-name";

/// The ignore rules that apply in one directory. Paths are bytes relative to the outermost repository that contains the
/// scanned root, or to the root itself outside a repository.
#[derive(Clone, Default)]
pub(super) struct Scope {
    within: Option<Within>,
}

/// The innermost repository that contains a directory.
#[derive(Clone)]
struct Within {
    repository: Arc<Repository>,
    /// Start of the part of a path that is relative to the work tree, in bytes.
    base: usize,
    rules: Option<Arc<Rules>>,
    /// Whether the directory itself is ignored, and was entered for its tracked files.
    ignored: bool,
}

/// Whether a directory entry is scanned.
pub(super) enum Verdict {
    /// Read it, or list it.
    InScope,
    /// List it, but read only tracked files.
    OnlyTracked,
    /// Leave it out.
    Ignored,
}

impl Scope {
    /// Returns the scope of the root `dir` in the repository that contains it, and the path of `dir` in that
    /// repository, with a trailing `/`. `dir` must be absolute and without links.
    pub(super) fn around(dir: &Path) -> (Self, Vec<u8>) {
        // Git's rules do not apply inside its own directory.
        if dir.components().any(|part| part == Component::Normal(OsStr::new(".git"))) {
            return (Self::default(), Vec::new());
        }
        let outer = dir.ancestors().skip(1).find_map(|above| Some((above, Repository::at(above)?)));
        let Some((top, repository)) = outer else {
            return (Self::default(), Vec::new());
        };
        let inside = dir.strip_prefix(top).unwrap_or(dir);
        let mut hidden = false;
        let (mut scope, path) =
            descend(repository, top, inside, |scope, path, _| hidden |= scope.ignores(path, true));
        let anything = [&path[..], ANY_NAME].concat();
        // A user who names an ignored directory wants it scanned; the rules inside it still apply.
        if hidden || scope.ignores(&anything, false) {
            scope.forget_rules();
        }
        (scope, path)
    }

    /// Returns the scope inside the open directory `dir`. `path` is its path with a trailing `/`, `full_path` its path
    /// in the file system.
    pub(super) fn enter(mut self, dir: &Dir, path: &[u8], full_path: impl FnOnce() -> Box<Path>) -> Self {
        let has_git = dir.has(c".git");
        if let Some(repository) = has_git.then(|| Repository::at(&full_path())).flatten() {
            self = Self::at_top_of(repository, path.len());
        }
        if let Some(within) = self.within.as_mut().filter(|within| !within.ignored)
            && let Some(rules) = gitignore::read(dir.open_file(GITIGNORE_NAME))
        {
            within.rules = Some(Rules::stacked(rules, GITIGNORE, path.len(), within.rules.take()));
        }
        self
    }

    /// Returns whether the entry at `path` is in scope. `report` is called if the index cannot be read.
    pub(super) fn judge(&self, path: &[u8], is_dir: bool, report: impl FnOnce(usize, IndexError)) -> Verdict {
        let Some(within) = &self.within else { return Verdict::InScope };
        if !within.ignored && !self.ignores(path, is_dir) {
            return Verdict::InScope;
        }
        let Some(tracked) = within.repository.tracked(|error| report(within.base, error)) else {
            // Any of the ignored files could be a tracked one.
            return Verdict::InScope;
        };
        let path = &path[within.base..];
        match is_dir {
            true if tracked.has_submodule(path) => Verdict::InScope,
            true if tracked.has_beneath(path) => Verdict::OnlyTracked,
            false if tracked.has_file(path) => Verdict::InScope,
            _ => Verdict::Ignored,
        }
    }

    /// Returns the same scope for an ignored directory that is entered for its tracked files.
    pub(super) fn only_tracked(mut self) -> Self {
        if let Some(within) = &mut self.within {
            within.ignored = true;
        }
        self
    }

    /// Returns whether no git rules apply here, so that [`Scope::judge`] need not be called.
    pub(super) fn is_free(&self) -> bool {
        self.within.is_none()
    }

    fn at_top_of(repository: Repository, base: usize) -> Self {
        let mut rules =
            user_rules().map(|rules| Rules::stacked(rules.clone(), "git's core.excludesFile", base, None));
        if let Some(exclude) = gitignore::read(open_beside(&repository.common_dir().join("info/exclude"))) {
            rules = Some(Rules::stacked(exclude, ".git/info/exclude", base, rules));
        }
        Self { within: Some(Within { repository: Arc::new(repository), base, rules, ignored: false }) }
    }

    fn ignores(&self, path: &[u8], is_dir: bool) -> bool {
        let rules = self.within.as_ref().and_then(|within| within.rules.as_ref());
        rules.is_some_and(|rules| rules.ignore(path, is_dir))
    }

    /// Returns the rule that decides about a path, if one matches.
    fn decision(&self, path: &[u8], is_dir: bool) -> Option<Decision> {
        let rules = self.within.as_ref().and_then(|within| within.rules.as_ref());
        rules.and_then(|rules| rules.decision(path, is_dir))
    }

    fn read_rules(&mut self, dir: &Path, base: usize) {
        if let Some(within) = &mut self.within
            && let Ok(dir) = Dir::open(dir)
            && let Some(rules) = gitignore::read(dir.open_file(GITIGNORE_NAME))
        {
            within.rules = Some(Rules::stacked(rules, GITIGNORE, base, within.rules.take()));
        }
    }

    fn forget_rules(&mut self) {
        if let Some(within) = &mut self.within {
            within.rules = None;
        }
    }
}

/// Goes from `top`, the work tree of `repository`, along the relative path `inside`, and collects the rules of each
/// directory on the way. Calls `visit` with the scope around each part, its path without a trailing slash, and whether
/// it is the last part: for `a/b` with `a`, then with `a/b`. Returns the scope in which the last part is, and the whole
/// path with a trailing slash.
fn descend(
    repository: Repository,
    top: &Path,
    inside: &Path,
    mut visit: impl FnMut(&Scope, &[u8], bool),
) -> (Scope, Vec<u8>) {
    let mut scope = Scope::at_top_of(repository, 0);
    let (mut path, mut dir) = (Vec::new(), top.to_path_buf());
    let mut parts = inside.iter().peekable();
    while let Some(part) = parts.next() {
        scope.read_rules(&dir, path.len());
        path.extend_from_slice(path_bytes(part));
        visit(&scope, &path, parts.peek().is_none());
        path.push(b'/');
        dir.push(part);
    }
    (scope, path)
}

/// The rule that applies to a file.
pub(super) struct GitDecision {
    /// The rule that decides.
    pub(super) decision: Decision,
    /// The parent directory that is ignored as a whole, if it is not the file itself.
    pub(super) part: Option<String>,
    /// Whether git tracks the file; `None` if the index cannot be read.
    pub(super) tracked: Option<bool>,
}

/// Returns the rule of the innermost repository that applies to `file` (absolute and without links). `None` if the file
/// is not in a repository, or no rule matches it.
pub(super) fn git_decision(file: &Path) -> Option<GitDecision> {
    let (top, repository) =
        file.ancestors().skip(1).find_map(|above| Some((above, Repository::at(above)?)))?;
    let inside = file.strip_prefix(top).ok()?;
    let (mut hidden, mut decision) = (None, None);
    let (scope, mut path) = descend(repository, top, inside, |scope, path, is_last| {
        if hidden.is_some() {
            return;
        }
        decision = scope.decision(path, !is_last);
        if !is_last && decision.as_ref().is_some_and(|one| one.ignored) {
            hidden = Some(String::from_utf8_lossy(path).into_owned());
        }
    });
    // The slash after the name of the file.
    path.pop();
    let within = scope.within.as_ref()?;
    let tracked = within.repository.tracked(|_| {}).map(|tracked| tracked.has_file(&path));
    Some(GitDecision { decision: decision?, part: hidden, tracked })
}

/// Read once: the rules are the same for all repositories, and a process scans as one user.
fn user_rules() -> Option<&'static Gitignore> {
    static RULES: OnceLock<Option<Gitignore>> = OnceLock::new();
    RULES.get_or_init(gitignore::user_rules).as_ref()
}
