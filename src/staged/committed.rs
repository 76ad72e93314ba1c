//! Leaves out the findings in files of the work tree whose secret the last commit has in the same file.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::StagedSearchError;
use crate::finding::Finding;
use crate::git::odb::ObjectId;
use crate::git::{Database, Layout, Pointer, Refs, Trees};
use crate::input::{Regular, Stream};
use crate::scan::{Collector, Scanner};

/// The rule and the digest of a secret.
type SecretKey = (String, String);

/// Drops the findings of `collector` whose secret the last commit has at the same path. The paths of the findings are
/// relative to the root of the work tree.
///
/// # Errors
/// Returns an error if the object database cannot be opened.
pub fn retain_uncommitted(
    layout: &Layout,
    inspector: &Scanner<'_>,
    collector: &Collector<'_>,
) -> Result<(), StagedSearchError> {
    let database = Database::open(layout)?;
    let head = Refs::of_this_work_tree(layout).head.and_then(|head| database.commit(&head).ok());
    let Some((_, head)) = head else { return Ok(()) };
    let trees = Trees::new(&database, layout.format);
    let mut committed = Committed { layout, database: &database, inspector, trees, known: HashMap::new() };
    collector.retain(|finding| !committed.holds(&head.tree, finding));
    Ok(())
}

/// The secrets of the last commit, by path.
struct Committed<'a> {
    layout: &'a Layout,
    database: &'a Database,
    inspector: &'a Scanner<'a>,
    trees: Trees<'a>,
    known: HashMap<String, HashSet<SecretKey>>,
}

impl Committed<'_> {
    /// Returns whether the file of a finding has the same secret in `tree`.
    fn holds(&mut self, tree: &ObjectId, finding: &Finding) -> bool {
        // The path of a member of an archive starts with that of the archive.
        let path = &finding.location.path;
        let ends = [path.len()].into_iter().chain(path.match_indices("!/").map(|(at, _)| at));
        let paths = ends.map(|end| &path[..end]);
        let mut files = paths.filter_map(|path| Some((path, self.trees.blob_at(tree, path.as_bytes())?)));
        let Some((path, blob)) = files.next() else { return false };
        if !self.known.contains_key(path) {
            let secrets = self.secrets_of(&blob);
            self.known.insert(path.to_owned(), secrets);
        }
        let key = (finding.rule_id.clone(), finding.secret.sha256());
        self.known.get(path).is_some_and(|known| known.contains(&key))
    }

    /// Returns the secrets of a blob, or of the git-lfs file that it names.
    fn secrets_of(&self, blob: &ObjectId) -> HashSet<SecretKey> {
        let mut found = Vec::new();
        let search = &mut |content: &mut dyn Read| {
            found = self.inspector.scan(&String::new, &mut Stream(content)).found;
        };
        if !self.database.stream(blob, search).unwrap_or(true) {
            let content = self.database.read(blob).map(|(_, content)| content).unwrap_or_default();
            let large = Pointer::read(&content).and_then(|pointer| pointer.open(self.layout));
            found = match large {
                Some(file) => self.inspector.scan(&String::new, &mut Regular::new(file)).found,
                None => self.inspector.scan_bytes("", &content).found,
            };
        }
        let findings = self.inspector.grouped("", found).into_iter();
        findings.map(|finding| (finding.rule_id, finding.secret.sha256())).collect()
    }
}
