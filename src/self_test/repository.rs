//! A repository with keys in locations that only git knows. Created with libgit2: no program is started, and the user's
//! git configuration is not used.

use std::io;
use std::path::Path;

use git2::{Oid, Repository, Signature, Time};

use super::{Keys, Plant};
use crate::finding::Secret;

/// Time of all commits in seconds since 1970.
const COMMIT_SECONDS: i64 = 1_767_600_000;

/// Creates a repository in the empty directory `at`, with a key in each kind of location in its history.
///
/// # Errors
/// Returns the I/O error if the directory cannot be written.
pub fn plant_history(at: &Path, keys: &mut Keys) -> io::Result<Vec<Plant>> {
    let mut history = History { repository: Repository::init(at).map_err(other)?, plants: Vec::new() };
    history.plant(keys).map_err(|error| match error {
        Failure::Git(error) => other(error),
        Failure::Io(error) => error,
    })?;
    Ok(history.plants)
}

fn other(error: git2::Error) -> io::Error {
    io::Error::other(error.message().to_owned())
}

enum Failure {
    Git(git2::Error),
    Io(io::Error),
}

impl From<git2::Error> for Failure {
    fn from(error: git2::Error) -> Self {
        Self::Git(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

struct History {
    repository: Repository,
    plants: Vec<Plant>,
}

impl History {
    fn plant(&mut self, keys: &mut Keys) -> Result<(), Failure> {
        let mut next = |plants: &mut Vec<Plant>, name: &str| -> io::Result<String> {
            let key = keys.next_key()?;
            plants.push(Plant { name: name.to_owned(), secret: Secret::new(key.clone()) });
            Ok(key)
        };
        let key = next(&mut self.plants, "in a file that a later commit deletes")?;
        let first = self.commit("refs/heads/main", "one", &[("a.env", &key)], &[])?;
        let key = next(&mut self.plants, "in the message of a commit")?;
        let second =
            self.commit("refs/heads/main", &format!("use {key}"), &[("a.txt", "nothing")], &[first])?;
        let key = next(&mut self.plants, "on a branch that was not merged")?;
        self.commit("refs/heads/side", "side", &[("side.env", &key)], &[second])?;
        let key = next(&mut self.plants, "in a merge, and in neither of its parents")?;
        let other = self.commit("refs/heads/topic", "topic", &[("b.txt", "nothing")], &[first])?;
        let merge = self.commit("refs/heads/main", "merge", &[("merged.env", &key)], &[second, other])?;
        let key = next(&mut self.plants, "in the message of a tag")?;
        let commit = self.repository.find_object(merge, None)?;
        self.repository.tag("v1", &commit, &signature()?, &format!("release with {key}"), true)?;
        drop(commit);
        let key = next(&mut self.plants, "in a note")?;
        let (who, note) = (signature()?, format!("the key is {key}"));
        self.repository.note(&who, &who, None, merge, &note, true)?;
        let key = next(&mut self.plants, "in an object that nothing leads to")?;
        self.repository.blob(format!("K={key}\n").as_bytes())?;
        let key = next(&mut self.plants, "in the address of a remote")?;
        self.repository.remote("origin", &format!("https://user:{key}@example.org/r.git"))?;
        let key = next(&mut self.plants, "in the name of a branch")?;
        self.repository.reference(&format!("refs/heads/fix-{key}"), first, true, "branch")?;
        let key = next(&mut self.plants, "staged")?;
        let blob = self.repository.blob(format!("K={key}\n").as_bytes())?;
        self.stage("staged.env", blob)
    }

    /// Commits exactly these files and updates `branch`.
    fn commit(
        &self,
        branch: &str,
        message: &str,
        files: &[(&str, &str)],
        parents: &[Oid],
    ) -> Result<Oid, Failure> {
        let mut tree = self.repository.treebuilder(None)?;
        for (name, content) in files {
            let blob = self.repository.blob(format!("{content}\n").as_bytes())?;
            tree.insert(name, blob, 0o100_644)?;
        }
        let tree = self.repository.find_tree(tree.write()?)?;
        let parents = parents
            .iter()
            .map(|id| self.repository.find_commit(*id))
            .collect::<Result<Vec<_>, git2::Error>>()?;
        let parents: Vec<_> = parents.iter().collect();
        let who = signature()?;
        let commit = self.repository.commit(None, &who, &who, message, &tree, &parents)?;
        self.repository.reference(branch, commit, true, "commit")?;
        Ok(commit)
    }

    fn stage(&self, path: &str, blob: Oid) -> Result<(), Failure> {
        let mut index = self.repository.index()?;
        let zero = git2::IndexTime::new(0, 0);
        index.add(&git2::IndexEntry {
            ctime: zero,
            mtime: zero,
            dev: 0,
            ino: 0,
            mode: 0o100_644,
            uid: 0,
            gid: 0,
            file_size: 0,
            id: blob,
            flags: 0,
            flags_extended: 0,
            path: path.as_bytes().to_vec(),
        })?;
        Ok(index.write()?)
    }
}

fn signature() -> Result<Signature<'static>, git2::Error> {
    Signature::new("self-test", "self-test@example.org", &Time::new(COMMIT_SECONDS, 0))
}
