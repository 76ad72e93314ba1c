//! Which paths count, and how paths of a scan are related to the root of the repository.

use anyhow::{Result, anyhow};

use crate::finding::Report;
use crate::suppress::{Globs, Paths};

/// Paths of a command that scans git data.
#[derive(Debug, Default)]
pub(super) struct PathScope {
    /// Paths that are left out.
    pub(super) exclude: Globs,
    /// Only these paths count; empty means all.
    pub(super) only: Globs,
}

impl PathScope {
    /// Builds the scope of the globs in `--exclude` and of the paths after `--`.
    pub(super) fn new(exclude: &[String], only: &[String]) -> Result<Self> {
        let globs = |words: &[String], what: &str| {
            Globs::new(words.to_vec()).map_err(|(at, why)| anyhow!("{what} {:?}: {why}", words.get(at)))
        };
        // A path is anchored at the root of the repository, as in git.
        let anchored = |path: &String| format!("/{}", path.trim_start_matches("./").trim_start_matches('/'));
        let only: Vec<String> = only.iter().map(anchored).collect();
        Ok(Self { exclude: globs(exclude, "--exclude")?, only: globs(&only, "path")? })
    }

    /// Drops the findings and skipped inputs that are not in this scope.
    pub(super) fn apply(&self, report: &mut Report) {
        if self.exclude.is_empty() && self.only.is_empty() {
            return;
        }
        let inside = |path: &str| !self.exclude.fits(path) && (self.only.is_empty() || self.only.fits(path));
        report.findings.retain(|one| one.is_about_suppression() || inside(&one.location.path));
        report.suppressed.retain(|one| inside(&one.location.path));
        report.unseen.retain(|one| inside(&one.path) || one.path.starts_with(".git"));
        report.accepted.retain(|one| inside(&one.path));
    }
}

/// Adds the paths from the root of the repository to the findings in files.
pub(super) fn set_repository_paths(report: &mut Report, paths: &Paths) {
    let is_file = |path: &str| path != "<stdin>" && path != ".git" && !path.starts_with(".git/");
    for finding in report.findings.iter_mut().chain(&mut report.suppressed) {
        let path = &finding.location.path;
        if is_file(path) {
            // Findings about suppressions have the path from the root already.
            let known = finding.is_about_suppression() && !path.contains('/');
            let at_root = if known { path.clone() } else { paths.from_root(path).into_owned() };
            finding.repository_path = Some(at_root);
        }
    }
    report.paths = paths.clone();
}
