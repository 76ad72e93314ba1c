//! Audits submodules, which are separate repositories, together with the repository that contains them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::files::listed;
use super::{Ahead, Audit, AuditError, Cache, Options};
use crate::git::odb::Store;
use crate::git::{Index, Layout, git_dir_at, is_git_dir, submodules_of_tree};

/// Maximum nesting of submodules.
const MAX_DEPTH: usize = 16;
/// Maximum number of components in the name of a submodule: `modules/a/b/c` is one submodule.
const MAX_NAME_COMPONENTS: usize = 16;

/// Audits every submodule in `paths` that is present and reports those that are not.
pub(super) fn audit(
    outer: &Audit<'_>,
    paths: Vec<Vec<u8>>,
    options: &Options,
    cache: &mut Cache,
) -> Result<(), AuditError> {
    let depth = outer.depth;
    let mut modules = modules(outer);
    for path in paths {
        let text = String::from_utf8_lossy(&path).into_owned();
        match git_dir(outer, &text, &modules) {
            Some(git_dir) if !is_inside(&git_dir, outer) => {
                outer.missed(&text, "this submodule is outside the repository; audit it separately");
            }
            Some(_) if depth >= MAX_DEPTH => outer.missed(&text, "submodules are nested too deeply"),
            Some(git_dir) => {
                modules.retain(|_, module| *module != git_dir);
                one(outer, &format!("{text}/"), git_dir, options, cache)?;
            }
            None => outer.missed(
                &text,
                "this submodule is missing and was not scanned; fetch it with: git submodule update --init",
            ),
        }
    }
    // Submodules of other branches, or removed ones.
    for (name, git_dir) in modules {
        if depth < MAX_DEPTH {
            one(outer, &format!(".git/modules/{name}/"), git_dir, options, cache)?;
        }
    }
    Ok(())
}

fn one(
    outer: &Audit<'_>,
    prefix: &str,
    git_dir: PathBuf,
    options: &Options,
    cache: &mut Cache,
) -> Result<(), AuditError> {
    let work_tree = outer.layout.work_tree.as_ref().map(|root| root.join(prefix));
    let layout = Layout::of(git_dir, work_tree.filter(|path| path.is_dir()));
    let prefix = format!("{}{prefix}", outer.prefix);
    let inner = Audit { layout: &layout, prefix, depth: outer.depth + 1, ..*outer };
    let submodules = inner.repository(Ahead::none(), options, cache)?;
    audit(&inner, submodules, options, cache)
}

/// Returns the paths of submodules, from the index, or from HEAD if there is no index.
pub(super) fn paths(outer: &Audit<'_>, store: &Store) -> Vec<Vec<u8>> {
    let layout = outer.layout;
    let mut paths: Vec<Vec<u8>> =
        match Index::open(&layout.git_dir.join("index"), &layout.git_dir, layout.object_format()) {
            Ok(index) if !index.entries.is_empty() => {
                let submodules = index.entries.iter().filter(|entry| entry.is_submodule());
                submodules.map(|entry| index.path(entry).to_vec()).collect()
            }
            _ => submodules_of_tree(store, layout),
        };
    paths.sort();
    paths.dedup();
    paths
}

/// Returns the git directory of the submodule at `path`.
fn git_dir(outer: &Audit<'_>, path: &str, modules: &BTreeMap<String, PathBuf>) -> Option<PathBuf> {
    let checked_out =
        outer.layout.work_tree.as_ref().and_then(|root| git_dir_at(&root.join(path).join(".git")));
    checked_out.or_else(|| modules.get(path).cloned())
}

/// Returns whether a submodule is inside the repository. Others are not read, because a hostile repository could have
/// unrelated files read as its own.
fn is_inside(git_dir: &Path, outer: &Audit<'_>) -> bool {
    let root = outer.layout.work_tree.as_deref().and_then(|root| telleaks_platform::canonicalize(root).ok());
    git_dir.starts_with(&outer.layout.common_dir) || root.is_some_and(|root| git_dir.starts_with(root))
}

/// Returns the repositories under `.git/modules`, by name.
fn modules(outer: &Audit<'_>) -> BTreeMap<String, PathBuf> {
    let root = &outer.layout.common_dir.join("modules");
    let mut out = BTreeMap::new();
    let mut open = vec![(root.clone(), 0)];
    while let Some((dir, depth)) = open.pop() {
        for path in listed(outer, &dir) {
            if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
                continue;
            }
            if is_git_dir(&path) {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                if let Ok(real) = telleaks_platform::canonicalize(&path) {
                    out.insert(name, real);
                }
            } else if depth < MAX_NAME_COMPONENTS {
                open.push((path, depth + 1));
            }
        }
    }
    out
}
