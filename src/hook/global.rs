//! Hooks for all repositories of a user: a hooks directory owned by telleaks, set as `core.hooksPath`.
//!
//! With that setting git runs no hooks of the repositories. So the directory has a script for every hook that forwards
//! to the repository's own hook; guarding scripts also run telleaks.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::file::{Step, existing};
use super::script::{Chain, forwarding_script, guarding_script, runs_scan};
use super::{Hook, HookError, apply, hooks_dir, path_of};

/// The hooks for which the directory has scripts. Excluded are `push-to-checkout`, whose mere presence changes what a
/// push does, and `reference-transaction` and `post-index-change`, which run so often that every command would be
/// slower.
const HOOKS: [&str; 23] = [
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "sendemail-validate",
    "update",
];

/// Installs the guarding script for a hook and forwarding scripts for all others, and sets `core.hooksPath`.
pub(super) fn install(hook: Hook, dir: &Path, program: &OsStr) -> Result<Vec<String>, HookError> {
    let mut steps = Vec::new();
    for file in HOOKS {
        if hook.files().contains(&file) {
            steps.push(Step::replace(dir, file, guarding_script(file, program, Chain::Repository))?);
        } else if !is_guard(dir, file)? {
            steps.push(Step::replace(dir, file, forwarding_script(file))?);
        }
    }
    let mut said = apply(steps)?;
    said.retain(|line| hook.files().iter().any(|file| line.starts_with(&shown(dir, file))));
    if hooks_dir::set_for_user().is_none() {
        hooks_dir::set(dir)?;
        said.push(format!("core.hooksPath is {} for all repositories of this user", dir.display()));
    }
    Ok(said)
}

/// Removes a guarding script. If it was the last one, removes all scripts and the setting.
pub(super) fn remove(hook: Hook, dir: &Path) -> Result<Vec<String>, HookError> {
    let ours = hooks_dir::set_for_user().is_some_and(|set| set == dir);
    if !ours && !dir.exists() {
        return Ok(vec!["no hook of telleaks is installed for all repositories".to_owned()]);
    }
    let mut last = true;
    let mut steps = Vec::new();
    let mut mine = Vec::new();
    for file in HOOKS {
        if hook.files().contains(&file) {
            mine.push(file);
        } else {
            last &= !is_guard(dir, file)?;
        }
        steps.push(Step::remove(dir, file)?);
    }
    if !last {
        let steps: Result<Vec<Step>, _> =
            mine.iter().map(|file| Step::replace(dir, file, forwarding_script(file))).collect();
        apply(steps?)?;
        return Ok(mine
            .iter()
            .map(|file| format!("{} now only runs the hook of the repository", path_of(dir, file).display()))
            .collect());
    }
    // Unset first, so that git never uses a directory without hooks.
    if ours {
        hooks_dir::unset()?;
    }
    apply(steps)?;
    // Remaining files are not from telleaks.
    let _may_hold_more = fs::remove_dir(dir);
    Ok(vec![format!("{} is removed; git runs the hooks of each repository again", dir.display())])
}

fn is_guard(dir: &Path, file: &str) -> Result<bool, HookError> {
    Ok(existing(&path_of(dir, file))?.is_some_and(|(_, text)| runs_scan(&text)))
}

/// Returns the prefix of a status line about a file.
fn shown(dir: &Path, file: &str) -> String {
    format!("{} ", path_of(dir, file).display())
}
