//! Finds the files of places: one walk over the home directory for all patterns.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirEntry, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::Scope;
use telleaks_platform::{canonicalize, is_foreign, labelled, string_from_bytes, user_id};

use super::Place;
use super::pattern::Pattern;
use crate::fault_injection;

/// Folders of packages, caches and objects, into which patterns that begin with `**/` do not look.
const SKIPPED: [&str; 16] = [
    "node_modules",
    ".git",
    ".cargo",
    ".rustup",
    ".cache",
    ".npm",
    ".pnpm-store",
    ".venv",
    "site-packages",
    "dist-packages",
    "__pycache__",
    "Caches",
    ".gradle",
    ".m2",
    ".nix-profile",
    "Steam",
];

/// Where paths of the system are looked for.
#[derive(Debug, Clone, Default)]
pub enum System {
    /// Not at all, because the home directory is not that of the user.
    #[default]
    None,
    /// Below this directory: `/`, or another one in tests.
    Below(PathBuf),
}

/// A file of a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Located {
    /// The path relative to the home directory with `/`, or the path in the system.
    pub label: String,
    /// The path to open.
    pub path: PathBuf,
    /// The index of the place.
    pub place: usize,
    /// The size in bytes.
    pub size: u64,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Survey {
    /// The files, sorted by label.
    pub files: Vec<Located>,
    /// Folders that could not be listed, with the reason.
    pub skipped: Vec<(String, String)>,
    /// Number of links that lead out of the home directory, or to nothing.
    pub links: u64,
}

/// A pattern of a place, and the next part of it that has to match.
type Position = (usize, usize);

/// A folder to list.
struct Folder {
    path: PathBuf,
    /// Its path in reports, with a `/` at its end; empty for the home directory.
    label: String,
    /// The positions of the patterns that may match in it.
    positions: Vec<Position>,
    /// Whether patterns that begin with `**` may match in it, too.
    roams: bool,
}

struct Walk<'a> {
    home: &'a Path,
    owner: &'a Metadata,
    patterns: Vec<(usize, Pattern)>,
    /// Positions at the start of patterns that begin with `**`, by the literal name of their second part.
    roaming: HashMap<String, Vec<Position>>,
    /// The same for second parts with wildcards.
    roaming_globs: Vec<Position>,
    found: Mutex<Survey>,
    /// Folders that were reached through a link.
    linked: Mutex<HashSet<PathBuf>>,
}

/// Finds the files of `places` in a home directory, and of paths of the system. Only files of the owner of `home` count.
///
/// # Errors
/// Returns an error if the home directory cannot be read or a pattern is invalid.
pub fn locate(home: &Path, places: &[Place], system: &System) -> io::Result<Survey> {
    let home = canonicalize(home)?;
    let owner = fs::metadata(&home)?;
    let mut patterns = Vec::new();
    for (index, place) in places.iter().enumerate() {
        for text in place.patterns() {
            patterns.push((index, Pattern::new(text, user_id()).map_err(io::Error::other)?));
        }
    }
    let walk = Walk::new(&home, &owner, patterns);
    let start = |is_absolute: bool| -> Vec<Position> {
        let indices = 0..walk.patterns.len();
        let all = indices.filter(|index| walk.patterns[*index].1.is_absolute == is_absolute);
        all.filter(|index| !walk.is_roaming(*index)).map(|index| (index, 0)).collect()
    };
    rayon::scope(|threads| {
        let own = Folder { path: home.clone(), label: String::new(), positions: start(false), roams: true };
        walk.list(threads, &own);
        if let System::Below(root) = system {
            let positions = start(true);
            walk.list(
                threads,
                &Folder { path: root.clone(), label: "/".to_owned(), positions, roams: false },
            );
        }
    });
    let mut survey = walk.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    survey.files.sort();
    let mut known = HashSet::new();
    survey.files.retain(|file| known.insert(file.path.clone()));
    survey.skipped.sort();
    Ok(survey)
}

impl<'a> Walk<'a> {
    fn new(home: &'a Path, owner: &'a Metadata, patterns: Vec<(usize, Pattern)>) -> Self {
        let mut walk = Self {
            home,
            owner,
            patterns,
            roaming: HashMap::new(),
            roaming_globs: Vec::new(),
            found: Mutex::default(),
            linked: Mutex::default(),
        };
        for (index, (_, pattern)) in walk.patterns.iter().enumerate() {
            match pattern.parts.as_slice() {
                [super::pattern::Part::Any, super::pattern::Part::Name(name), ..] => {
                    walk.roaming.entry(name.clone()).or_default().push((index, 0));
                }
                [super::pattern::Part::Any, ..] => walk.roaming_globs.push((index, 0)),
                _ => {}
            }
        }
        walk
    }

    fn is_roaming(&self, index: usize) -> bool {
        matches!(self.patterns[index].1.parts.first(), Some(super::pattern::Part::Any))
    }

    fn list<'t>(&'t self, threads: &Scope<'t>, folder: &Folder) {
        let entries = match fault_injection::read_dir(&folder.path) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        for entry in entries {
            match entry {
                Ok(entry) => self.visit(threads, &entry, folder),
                Err(error) => return self.unreadable(folder, &error),
            }
        }
    }

    /// Adds a file that a pattern matches, and lists a folder in which one may match.
    fn visit<'t>(&'t self, threads: &Scope<'t>, entry: &DirEntry, folder: &Folder) {
        let file_name = entry.file_name();
        let name = file_name.to_string_lossy();
        let mut here: Vec<Position> = Vec::new();
        if folder.roams {
            here.extend(self.roaming.get(name.as_ref()).into_iter().flatten());
            here.extend(&self.roaming_globs);
        }
        here.extend(&folder.positions);
        let Ok(kind) = entry.file_type() else { return };
        let label = || format!("{}{}", folder.label, name_label(entry));
        let Some((path, found)) = self.target(entry, kind, &here) else { return };
        if found.is_file() {
            let fits = |(index, at): &&Position| self.patterns[*index].1.accepts(*at, &name);
            // The first place of the list.
            if let Some(place) = here.iter().filter(fits).map(|(index, _)| self.patterns[*index].0).min() {
                self.add(path, label(), place);
            }
            return;
        }
        let mut positions: Vec<Position> = Vec::new();
        for (index, at) in &here {
            self.patterns[*index].1.enter(*at, &name, |at| positions.push((*index, at)));
        }
        positions.retain(|(index, at)| *at > 0 || !self.is_roaming(*index));
        positions.sort_unstable();
        positions.dedup();
        let roams = folder.roams && !kind.is_symlink() && !SKIPPED.contains(&name.as_ref());
        if found.is_dir() && (roams || !positions.is_empty()) {
            let next = Folder { path, label: label() + "/", positions, roams };
            threads.spawn(move |threads| self.list(threads, &next));
        }
    }

    /// Returns the path and the type of an entry. A link counts as its target if that is in the home directory, and if a
    /// pattern names it; a folder is reached through links once.
    fn target(&self, entry: &DirEntry, kind: FileType, here: &[Position]) -> Option<(PathBuf, FileType)> {
        if !kind.is_symlink() {
            return Some((entry.path(), kind));
        }
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let wanted = here.iter().any(|(index, at)| {
            let pattern = &self.patterns[*index].1;
            let mut enters = false;
            if !self.is_roaming(*index) {
                pattern.enter(*at, &name, |_| enters = true);
            }
            enters || pattern.accepts(*at, &name)
        });
        if !wanted {
            return None;
        }
        let target = canonicalize(&entry.path()).ok().filter(|path| path.starts_with(self.home));
        let kind = target.as_ref().and_then(|path| Some(fs::symlink_metadata(path).ok()?.file_type()));
        let (Some(target), Some(kind)) = (target, kind) else {
            self.found.lock().unwrap_or_else(PoisonError::into_inner).links += 1;
            return None;
        };
        let mut linked = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
        (!kind.is_dir() || linked.insert(target.clone())).then_some((target, kind))
    }

    fn add(&self, path: PathBuf, label: String, place: usize) {
        let Ok(metadata) = fs::symlink_metadata(&path) else { return };
        // Files of other users are out of scope.
        if metadata.is_file() && !self.is_foreign(&metadata, &label) {
            let located = Located { label, path, place, size: metadata.len() };
            self.found.lock().unwrap_or_else(PoisonError::into_inner).files.push(located);
        }
    }

    /// Returns whether a file belongs to another user. A path of the system with the user's number in its name is the
    /// user's own, whoever has written it.
    fn is_foreign(&self, metadata: &Metadata, label: &str) -> bool {
        !label.starts_with('/') && is_foreign(metadata, self.owner)
    }

    fn unreadable(&self, folder: &Folder, error: &io::Error) {
        let metadata = fs::symlink_metadata(&folder.path);
        let is_other = metadata.is_ok_and(|metadata| is_foreign(&metadata, self.owner));
        if error.kind() == io::ErrorKind::NotFound || is_other {
            return;
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.skipped.push((folder.label.clone(), format!("this folder cannot be listed: {error}")));
    }
}

/// Returns the name of an entry for reports.
fn name_label(entry: &DirEntry) -> String {
    let name = entry.file_name();
    let bytes = labelled(Path::new(&name)).into_owned();
    match String::from_utf8(bytes) {
        Ok(name) => name,
        Err(error) => string_from_bytes(error.into_bytes()).to_string_lossy().into_owned(),
    }
}
