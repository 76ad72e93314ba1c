//! Collects every name from which an object can be reached: refs, `HEAD` and similar files, reflogs, and those of
//! linked work trees.
//!
//! Reads git's files itself, without its configuration. A damaged ref affects only itself.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use telleaks_platform::path_bytes;

use super::layout::{Layout, MAX_TEXT_BYTES, read_text};
use crate::fault_injection;
use crate::finding::ReachedBy;
use crate::odb::ObjectId;

/// Maximum nesting of ref directories.
const MAX_DEPTH: usize = 64;
/// A larger `packed-refs` or reflog, in bytes, is not read.
const MAX_BYTES: u64 = 1 << 30;

/// A name that leads to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The full name: `refs/heads/main`, `HEAD`, `worktrees/x/HEAD`.
    pub name: String,
    /// The kind of name: refs, notes, stash or reflog.
    pub kind: ReachedBy,
    /// The object.
    pub id: ObjectId,
}

/// All names of a repository.
#[derive(Debug, Default)]
pub struct Refs {
    /// All names that lead to an object, refs first.
    pub tips: Vec<Tip>,
    /// Names of refs, including those that do not resolve, not escaped.
    pub names: Vec<Vec<u8>>,
    /// The commit that is checked out.
    pub head: Option<ObjectId>,
    /// Files that could not be read, with the reason.
    pub gaps: Vec<(String, String)>,
}

impl Refs {
    /// Reads all names of the repository.
    pub fn read(layout: &Layout) -> Self {
        let (mut refs, table) = Self::table(layout);
        // Called for its side effect: an unreadable directory is recorded in `gaps`.
        refs.entries(&layout.common_dir.join("worktrees"), b"worktrees");
        for (git_dir, prefix) in work_trees(layout) {
            refs.special(&git_dir, &prefix, &table);
            refs.logs(&git_dir.join("logs"), &prefix, layout);
        }
        refs
    }

    /// Reads the refs and `HEAD` of this work tree, without reflogs and other work trees.
    pub fn of_this_work_tree(layout: &Layout) -> Self {
        Self::table(layout).0
    }

    fn table(layout: &Layout) -> (Self, BTreeMap<Vec<u8>, Option<ObjectId>>) {
        let mut refs = Self::default();
        let mut table = BTreeMap::new();
        if layout.refs_readable {
            refs.packed(&layout.common_dir, &mut table);
            refs.loose(&layout.common_dir, &mut table);
        }
        for (name, id) in &table {
            let kind = kind_of(name);
            refs.names.push(name.clone());
            if let Some(id) = id {
                refs.tips.push(Tip { name: String::from_utf8_lossy(name).into_owned(), kind, id: *id });
            }
        }
        refs.head = head_of(&layout.git_dir, &table);
        (refs, table)
    }

    /// Returns whether the repository knows what a remote has: it has remote-tracking refs.
    pub fn has_remotes(&self) -> bool {
        self.tips.iter().any(|tip| is_remote(&tip.name))
    }

    /// Returns a test for names that others can see: remote-tracking refs, or in a repository without any, such as a
    /// bare one on a server, branches, tags and notes.
    pub fn public(&self) -> impl Fn(&Tip) -> bool {
        let remotes = self.has_remotes();
        move |tip| {
            let shared =
                matches!(tip.kind, ReachedBy::Refs | ReachedBy::Notes) && tip.name.starts_with("refs/");
            is_remote(&tip.name) || (shared && !remotes)
        }
    }

    /// Resolves the full name of a ref.
    pub fn get(&self, name: &str) -> Option<ObjectId> {
        self.tips.iter().find(|tip| tip.name == name).map(|tip| tip.id)
    }

    fn packed(&mut self, common_dir: &Path, table: &mut BTreeMap<Vec<u8>, Option<ObjectId>>) {
        let path = common_dir.join("packed-refs");
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.gaps.push((".git/packed-refs".to_owned(), error.to_string())),
        };
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            let reason = "not a regular file of less than 1 GiB; its refs are unknown".to_owned();
            return self.gaps.push((".git/packed-refs".to_owned(), reason));
        }
        let text = match fault_injection::read_file(&path) {
            Ok(text) => text,
            Err(error) => return self.gaps.push((".git/packed-refs".to_owned(), error.to_string())),
        };
        let mut damaged = 0;
        for line in text.split(|&byte| byte == b'\n').filter(|line| !line.starts_with(b"#")) {
            if let Some(space) = memchr::memchr(b' ', line)
                && let Some(id) = hex_id(&line[..space])
            {
                table.insert(line[space + 1..].to_vec(), Some(id));
            } else if !line.is_empty() && !line.starts_with(b"^") {
                damaged += 1;
            }
        }
        if damaged > 0 {
            let reason = format!("{damaged} malformed lines; some refs may be missing");
            self.gaps.push((".git/packed-refs".to_owned(), reason));
        }
    }

    /// Reads the loose refs; they take precedence over packed ones.
    fn loose(&mut self, common_dir: &Path, table: &mut BTreeMap<Vec<u8>, Option<ObjectId>>) {
        let mut symbolic = Vec::new();
        for (path, name) in self.files(&common_dir.join("refs"), b"refs") {
            let text = read_text(&path).unwrap_or_default();
            match text.strip_prefix(b"ref:") {
                Some(target) => symbolic.push((name, target.trim_ascii().to_vec())),
                None => {
                    let id = hex_id(text.trim_ascii());
                    if id.is_none() {
                        let shown = String::from_utf8_lossy(&name);
                        let reason = "not a valid ref; its target is unknown".to_owned();
                        self.gaps.push((format!(".git/{shown}"), reason));
                    }
                    table.insert(name, id);
                }
            }
        }
        for (name, target) in symbolic {
            let id = table.get(&target).copied().flatten();
            table.insert(name, id);
        }
    }

    /// Returns the regular files under `root` with their names, which start with `prefix`. Links are not followed.
    fn files(&mut self, root: &Path, prefix: &[u8]) -> Vec<(PathBuf, Vec<u8>)> {
        let mut out = Vec::new();
        let mut open = vec![(root.to_path_buf(), prefix.to_vec(), 0)];
        while let Some((dir, name, depth)) = open.pop() {
            for entry in self.entries(&dir, &name) {
                let below = [&name[..], b"/", path_bytes(&entry.file_name())].concat();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => {
                        open.push((entry.path(), below, depth + 1))
                    }
                    Ok(kind) if kind.is_dir() => {
                        let reason = "directories are nested too deeply; not read".to_owned();
                        self.gaps.push((String::from_utf8_lossy(&below).into_owned(), reason));
                    }
                    Ok(kind) if kind.is_file() => out.push((entry.path(), below)),
                    _ => {}
                }
            }
        }
        out.sort();
        out
    }

    /// Lists a directory. If that fails, records a gap under `name` and returns an empty list.
    fn entries(&mut self, dir: &Path, name: &[u8]) -> Vec<fs::DirEntry> {
        let list = fault_injection::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        list.unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                let shown = String::from_utf8_lossy(name);
                let path = format!(".git/{shown}");
                self.gaps
                    .push((path.trim_end_matches('/').to_owned(), format!("it cannot be listed: {error}")));
            }
            Vec::new()
        })
    }

    /// Reads `HEAD` and every file beside it whose name ends with `_HEAD` (`ORIG_HEAD`, `MERGE_HEAD`).
    fn special(&mut self, git_dir: &Path, prefix: &str, table: &BTreeMap<Vec<u8>, Option<ObjectId>>) {
        if let Some(id) = head_of(git_dir, table) {
            self.tips.push(Tip { name: format!("{prefix}HEAD"), kind: ReachedBy::Refs, id });
        }
        let shown = prefix.trim_end_matches('/').as_bytes();
        let mut files: Vec<_> = self.entries(git_dir, shown).iter().map(fs::DirEntry::path).collect();
        files.sort();
        for path in files {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if !name.ends_with("_HEAD") {
                continue;
            }
            let text = read_text(&path);
            // A large one is `FETCH_HEAD`; refs name the same commits.
            if text.is_none() && fs::metadata(&path).is_ok_and(|found| found.len() <= MAX_TEXT_BYTES) {
                let reason = "it cannot be read; its target is unknown".to_owned();
                self.gaps.push((format!(".git/{prefix}{name}"), reason));
            }
            let text = text.unwrap_or_default();
            for line in text.split(|&byte| byte == b'\n') {
                let word = line.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
                if let Some(id) = hex_id(word) {
                    self.tips.push(Tip { name: format!("{prefix}{name}"), kind: ReachedBy::Reflog, id });
                }
            }
        }
    }

    /// Adds both ids of each line of each reflog.
    fn logs(&mut self, logs: &Path, prefix: &str, layout: &Layout) {
        let digits = 2 * layout.format.id_len();
        for (path, name) in self.files(logs, b"logs") {
            let is_stash = name.ends_with(b"refs/stash");
            let kind = if is_stash { ReachedBy::Stash } else { ReachedBy::Reflog };
            let name = format!("{prefix}{}", String::from_utf8_lossy(&name));
            let small = fs::metadata(&path).is_ok_and(|found| found.len() <= MAX_BYTES);
            let Some(text) = fault_injection::read_file(&path).ok().filter(|_| small) else {
                self.gaps.push((format!(".git/{name}"), "this reflog cannot be read".to_owned()));
                continue;
            };
            let mut ids: Vec<ObjectId> = Vec::new();
            for line in text.split(|&byte| byte == b'\n') {
                let first = line.get(..digits).and_then(hex_id);
                let second = line.get(digits + 1..2 * digits + 1).and_then(hex_id);
                ids.extend(first.into_iter().chain(second).filter(|id| !id.is_zero()));
            }
            ids.sort_unstable();
            ids.dedup();
            self.tips.extend(ids.into_iter().map(|id| Tip { name: name.clone(), kind, id }));
        }
    }
}

/// Returns the git directories of all work trees of a repository, each with the prefix of its ref names.
pub fn work_trees(layout: &Layout) -> Vec<(PathBuf, String)> {
    let mut all = vec![(layout.common_dir.clone(), String::new())];
    let linked = fs::read_dir(layout.common_dir.join("worktrees"));
    let mut linked: Vec<_> = linked.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    linked.sort();
    for path in linked {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        all.push((path, format!("worktrees/{name}/")));
    }
    all
}

fn head_of(git_dir: &Path, table: &BTreeMap<Vec<u8>, Option<ObjectId>>) -> Option<ObjectId> {
    let text = read_text(&git_dir.join("HEAD"))?;
    match text.strip_prefix(b"ref:") {
        Some(name) => table.get(name.trim_ascii()).copied().flatten(),
        None => hex_id(text.trim_ascii()),
    }
}

/// Returns whether a ref is a remote-tracking one.
fn is_remote(name: &str) -> bool {
    name.starts_with("refs/remotes/")
}

fn kind_of(name: &[u8]) -> ReachedBy {
    if name.starts_with(b"refs/notes/") {
        ReachedBy::Notes
    } else if name == b"refs/stash" {
        ReachedBy::Stash
    } else {
        ReachedBy::Refs
    }
}

fn hex_id(text: &[u8]) -> Option<ObjectId> {
    ObjectId::from_hex(std::str::from_utf8(text).ok()?)
}
