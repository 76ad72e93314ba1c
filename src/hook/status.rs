//! Whether the hooks of a repository run telleaks: through a script of telleaks, or through a hook manager.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::existing;
use super::hooks_dir;
use super::script::{Author, program_of, runs_scan};
use super::{HookError, path_of};

/// The hooks that are looked at, and what each searches.
const HOOKS: [(&str, &str); 4] = [
    ("pre-commit", "commits"),
    ("pre-merge-commit", "merge commits"),
    ("commit-msg", "messages of commits"),
    ("pre-push", "pushes"),
];
/// Files in which hook managers name the programs that they run, and the word by which their hook file is known.
const MANAGERS: [(&str, &str, &str); 8] = [
    ("pre-commit", ".pre-commit-config.yaml", "pre-commit"),
    ("pre-commit", ".pre-commit-config.yml", "pre-commit"),
    ("prek", "prek.toml", "prek"),
    ("lefthook", "lefthook.yml", "lefthook"),
    ("lefthook", ".lefthook.yml", "lefthook"),
    ("lefthook", "lefthook.yaml", "lefthook"),
    ("lefthook", "lefthook.toml", "lefthook"),
    ("husky", ".husky/pre-commit", "husky"),
];
/// Maximum number of bytes that are read of a configuration of a hook manager.
const MAX_BYTES: u64 = 1 << 20;

/// The state of one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookStatus {
    /// The name of the hook file.
    pub name: &'static str,
    /// What it searches.
    pub searches: &'static str,
    /// Whether git runs it, and what it runs.
    pub state: HookState,
}

/// What git does at the moment of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookState {
    /// A script of telleaks runs this program.
    Telleaks(PathBuf),
    /// A hook manager runs telleaks: its name, and the file that says so.
    Manager(&'static str, &'static str),
    /// Another script, which names telleaks.
    Other(PathBuf),
    /// telleaks does not run, and why.
    Inactive(String),
}

impl HookState {
    /// Returns whether telleaks runs.
    pub fn is_active(&self) -> bool {
        !matches!(self, Self::Inactive(_))
    }
}

/// The hooks of a repository.
#[derive(Debug)]
pub struct RepositoryHooks {
    /// The directory of the hooks.
    pub dir: PathBuf,
    /// The hooks.
    pub hooks: Vec<HookStatus>,
    /// Linked work trees in which a relative `core.hooksPath` leads to a directory without the pre-commit hook.
    pub unguarded: Vec<PathBuf>,
}

/// Returns the state of the hooks of the repository at `repo`.
///
/// # Errors
/// Returns an error if the repository does not exist or git fails.
pub fn status(repo: &Path) -> Result<RepositoryHooks, HookError> {
    let (top, dir) = hooks_dir::used(repo)?;
    let hooks = HOOKS.map(|(name, searches)| HookStatus { name, searches, state: state(&top, &dir, name) });
    Ok(RepositoryHooks { hooks: hooks.to_vec(), unguarded: hooks_dir::unguarded(&top, "pre-commit"), dir })
}

fn state(top: &Path, dir: &Path, hook: &str) -> HookState {
    let path = path_of(dir, hook);
    let (author, text) = match existing(&path) {
        Err(error) => return HookState::Inactive(error.to_string()),
        Ok(None) => return HookState::Inactive(format!("{} does not exist", path.display())),
        Ok(Some(found)) => found,
    };
    if !telleaks_platform::is_executable(&path) {
        return HookState::Inactive(format!("{} is not executable, so git ignores it", path.display()));
    }
    if author != Author::Other && runs_scan(&text) {
        return HookState::Telleaks(program_of(&text).unwrap_or_default());
    }
    if author == Author::Telleaks {
        return forwarded(top, dir, hook);
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let managed = MANAGERS.iter().find(|(_, file, word)| {
        let by_manager = text.contains(word) || dir.ends_with(".husky/_");
        by_manager && names_telleaks(&top.join(file))
    });
    match managed {
        Some((manager, file, _)) => HookState::Manager(manager, file),
        None if text.contains("telleaks") => HookState::Other(path),
        None => HookState::Inactive(format!("{} does not run telleaks", path.display())),
    }
}

/// Returns the state of the repository's own hook, to which the script of telleaks in `dir` forwards.
fn forwarded(top: &Path, dir: &Path, hook: &str) -> HookState {
    match hooks_dir::own_of(top) {
        Ok(own) if own != dir => state(top, &own, hook),
        _ => HookState::Inactive(format!("{} calls itself", path_of(dir, hook).display())),
    }
}

/// Returns whether a file exists and contains the name of this program.
fn names_telleaks(file: &Path) -> bool {
    let small = fs::metadata(file).is_ok_and(|found| found.is_file() && found.len() <= MAX_BYTES);
    small && fs::read(file).is_ok_and(|text| memchr::memmem::find(&text, b"telleaks").is_some())
}
