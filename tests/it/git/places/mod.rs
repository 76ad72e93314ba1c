//! One audit of a repository with a different key in every place that git has, compared with a table of the expected
//! findings. The refs from which a key is reachable are computed with git.

mod beside;
mod elsewhere;
mod history;
mod local;
mod names;

use serde_json::Value;
use std::path::PathBuf;

use crate::common::{both, code, lines, text};
use crate::git::repo::{DAY, Repo, key, masked};

/// A place with a key, and the expected finding.
pub(crate) struct Place {
    /// Name from which the key is made.
    name: String,
    path: String,
    /// Expected `reachability`; empty outside of the history.
    by: &'static str,
    /// Path in the repository, if there is one.
    in_git: Option<String>,
    commit: Option<String>,
    removed: Option<String>,
    /// Last commit that contains the key, where it is checked.
    last: Option<String>,
    in_head: bool,
    /// Refs from which the key is reachable; computed with git if `None`.
    refs: Option<Vec<String>>,
}

impl Place {
    /// A key in a file of a commit.
    fn file(name: &str, path: &str, commit: &str) -> Self {
        let path = path.to_owned();
        let (in_git, commit) = (Some(path.clone()), Some(commit.to_owned()));
        let name = name.to_owned();
        Self { name, path, by: "refs", in_git, commit, removed: None, last: None, in_head: false, refs: None }
    }

    /// A key in a file that git does not know.
    fn beside(name: &str, path: &str) -> Self {
        Self { by: "", in_git: None, commit: None, refs: Some(Vec::new()), ..Self::file(name, path, "") }
    }

    /// A key in an object that is not in any commit.
    fn loose(name: &str, path: &str, by: &'static str, refs: &[&str]) -> Self {
        Self { by, ..Self::beside(name, path) }.refs(refs)
    }

    /// A key in the text of a commit.
    fn message(name: &str, commit: &str) -> Self {
        let place = Self::file(name, &format!(".git/commit/{commit}"), commit);
        Self { in_git: None, by: "message", last: Some(commit.to_owned()), ..place }
    }

    fn by(self, by: &'static str) -> Self {
        Self { by, ..self }
    }

    fn removed(self, commit: &str, last: &str) -> Self {
        Self { removed: Some(commit.to_owned()), last: Some(last.to_owned()), ..self }
    }

    fn in_head(self) -> Self {
        Self { in_head: true, ..self }
    }

    fn refs(self, refs: &[&str]) -> Self {
        Self { refs: Some(refs.iter().map(|&name| name.to_owned()).collect()), ..self }
    }

    fn in_git(self, path: &str) -> Self {
        Self { in_git: Some(path.to_owned()), ..self }
    }

    /// Returns the differences between the finding and the expected one.
    fn wrong(&self, repo: &Repo, finding: &Value) -> Vec<String> {
        let git = &finding["git"];
        let id = |id: &Option<String>| id.as_deref().map_or(Value::Null, Value::from);
        let mut expected = vec![
            ("reached_by", Value::from(self.by)),
            ("path", id(&self.in_git)),
            ("commit", id(&self.commit)),
            ("removed_in", id(&self.removed)),
            ("in_head", Value::from(self.in_head)),
            ("refs", Value::from(self.refs.clone().unwrap_or_else(|| self.leading(repo)))),
        ];
        if self.by.is_empty() {
            expected = Vec::new();
            if !git.is_null() {
                return vec![format!("{}: git is {git}", self.name)];
            }
        }
        if let Some(commit) = &self.commit {
            expected.push(("first_seen", Value::from(date(repo, commit))));
        }
        if let Some(last) = &self.last {
            expected.push(("last_seen", Value::from(date(repo, last))));
        }
        if let (Some(commit), Some(removed)) = (&self.commit, &self.removed) {
            let days = (seconds(repo, removed) - seconds(repo, commit)) / DAY;
            // An orphan branch was never in the history of HEAD.
            let days = if self.name == "orphan-branch" { Value::Null } else { Value::from(days) };
            expected.push(("head_days", days));
        }
        let differs = expected.iter().filter(|(field, value)| git[field] != *value);
        differs
            .map(|(field, value)| format!("{}: {field} is {}, not {value}", self.name, git[field]))
            .collect()
    }

    /// Returns the refs from which git reaches the commit.
    fn leading(&self, repo: &Repo) -> Vec<String> {
        let commit = self.commit.as_deref().unwrap();
        let contains = format!("--contains={commit}");
        let mut refs: Vec<String> =
            repo.git(&["for-each-ref", &contains, "--format=%(refname)"]).lines().map(shown).collect();
        let is_in = |name: &str| {
            let mut command = repo.command(&["merge-base", "--is-ancestor", commit, name]);
            command.output().unwrap().status.success()
        };
        refs.extend(
            ["HEAD", "worktrees/linked/HEAD"].into_iter().filter(|name| is_in(name)).map(str::to_owned),
        );
        refs.sort();
        refs
    }
}

/// Returns the name of a ref as shown in reports.
fn shown(name: &str) -> String {
    let keys = ["branch-name", "tag-name"].map(key);
    keys.iter().fold(name.to_owned(), |name, key| name.replace(key, &masked(key)))
}

/// Returns the date of a commit or tag.
fn date(repo: &Repo, commit: &str) -> String {
    jiff::Timestamp::from_second(seconds(repo, commit)).unwrap().to_string()
}

fn seconds(repo: &Repo, commit: &str) -> i64 {
    let text = repo.git(&["cat-file", "-p", commit]);
    let made = |line: &&str| line.starts_with("committer ") || line.starts_with("tagger ");
    text.lines().find(made).unwrap().rsplit(' ').nth(1).unwrap().parse().unwrap()
}

/// A repository and the places with keys in it.
pub(crate) struct Plan {
    /// The repository.
    pub(crate) repo: Repo,
    /// First commit, which does not contain a key.
    pub(crate) root: String,
    places: Vec<Place>,
    /// Places in other repositories that the audit also reads, with the paths of those repositories.
    elsewhere: Vec<(Place, PathBuf)>,
}

impl Plan {
    /// Creates a repository with a key in every place.
    pub(crate) fn new() -> Self {
        let repo = Repo::new(&[]);
        repo.put("README", "A program.\n");
        let root = repo.commit("Begin");
        let mut plan = Self { repo, root, places: Vec::new(), elsewhere: Vec::new() };
        history::build(&mut plan);
        names::build(&mut plan);
        local::build(&mut plan);
        elsewhere::build(&mut plan);
        beside::build(&mut plan);
        plan
    }

    fn expect(&mut self, place: Place) {
        self.places.push(place);
    }

    /// Checks that the findings and the table have the same entries.
    fn check(&self, findings: &[Value]) {
        let mut wrong = Vec::new();
        let others = self.elsewhere.iter().map(|(place, dir)| (place, Repo::at(dir.clone())));
        let others: Vec<_> = others.collect();
        let here = self.places.iter().map(|place| (place, &self.repo));
        let all: Vec<(&Place, &Repo)> =
            here.chain(others.iter().map(|(place, repo)| (*place, repo))).collect();
        for (place, repo) in &all {
            let key = key(&place.name);
            let is_it =
                |one: &&Value| text(one, "/secret") == key && text(one, "/location/path") == place.path;
            match findings.iter().filter(is_it).collect::<Vec<_>>()[..] {
                [finding] => wrong.extend(place.wrong(repo, finding)),
                ref other => {
                    wrong.push(format!("{}: {} findings at {}", place.name, other.len(), place.path))
                }
            }
        }
        for finding in findings {
            let (secret, path) = (text(finding, "/secret"), text(finding, "/location/path"));
            let mut places = all.iter().map(|(place, _)| place);
            if !places.any(|place| place.path == path && key(&place.name) == secret) {
                let mut places = all.iter().map(|(place, _)| place);
                let same = places.find(|place| key(&place.name) == secret);
                let name = same.map_or("unknown", |place| &place.name);
                wrong.push(format!("not in the table: {name} at {path}: {}", finding["git"]));
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn every_place_is_found_with_its_history() {
    let plan = Plan::new();
    let repo = &plan.repo;
    let audited = |args: &[&str]| {
        let output = repo.audit(&[&["--format", "jsonl", "--show-secrets"], args].concat());
        assert_eq!((code(&output), output.stderr.as_slice()), (1, &b""[..]), "{}", both(&output));
        output.stdout
    };
    let first = audited(&[]);
    plan.check(&lines(&first));
    assert!(plan.places.len() > 60);
    same(&audited(&["--threads", "1"]), &first, "one thread");
    // The same objects in other storage: unreachable objects in the same pack, then in a pack of their own. There is no
    // info/refs, which would be one more file with names.
    repo.git(&["repack", "-q", "-n", "-adk"]);
    same(&audited(&[]), &first, "packed");
    repo.git(&["repack", "-q", "-n", "-ad", "--cruft", "--cruft-expiration=never"]);
    same(&audited(&["--threads", "7"]), &first, "with a cruft pack");
    repo.git(&["pack-refs", "--all"]);
    same(&audited(&[]), &first, "with packed refs");
    let cache = repo.home.path().join("cache");
    for why in ["without a cache yet", "with a cache", "with a cache again"] {
        same(&audited(&["--cache", cache.to_str().unwrap()]), &first, why);
    }
    for format in ["text", "json", "jsonl", "sarif"] {
        let shown = both(&repo.audit(&["--format", format, "--verbose"]));
        let whole = plan.places.iter().find(|place| shown.contains(&key(&place.name)));
        assert!(whole.is_none(), "{format} shows {}", whole.unwrap().name);
    }
    from_the_linked_work_tree(&plan);
}

/// Checks that two reports have the same lines and shows the different ones.
fn same(one: &[u8], other: &[u8], why: &str) {
    let text = |report: &[u8]| -> Vec<String> { lines(report).iter().map(Value::to_string).collect() };
    let (one, other) = (text(one), text(other));
    let only: Vec<&String> = one.iter().filter(|line| !other.contains(line)).collect();
    let gone: Vec<&String> = other.iter().filter(|line| !one.contains(line)).collect();
    assert!(only.is_empty() && gone.is_empty(), "{why}: new: {only:#?} gone: {gone:#?}");
    assert!(one == other, "{why}: another order");
}

/// The same repository with a different HEAD.
fn from_the_linked_work_tree(plan: &Plan) {
    let linked = plan.repo.home.path().join("linked");
    let output = crate::git::repo::audit(&linked, &["--format", "jsonl", "--show-secrets"]);
    let found = lines(&output.stdout);
    for place in plan.places.iter().filter(|place| !place.by.is_empty()) {
        let key = key(&place.name);
        assert!(found.iter().any(|one| text(one, "/secret") == key), "{}", place.name);
        let heads = found.iter().filter(|one| text(one, "/secret") == key && one["git"]["in_head"] == true);
        let expected = place.name == "linked-head";
        assert_eq!(heads.count() > 0, expected, "{} in HEAD", place.name);
    }
}
