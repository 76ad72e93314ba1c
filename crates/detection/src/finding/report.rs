//! The result of a scan: what every report format writes. Does not know any format.

use super::{Finding, Paths, Plan, Severity, Skipped};

/// The result of a scan, with fields in the order in which they are reported.
#[derive(Debug, Default, Clone)]
pub struct Report {
    /// Findings in report order: path, byte offset, rule.
    pub findings: Vec<Finding>,
    /// Suppressed findings in report order; each names its suppression.
    pub suppressed: Vec<Finding>,
    /// Skipped inputs: in scope and not completely read, sorted by path.
    pub unseen: Vec<Skipped>,
    /// Skipped inputs that the configuration accepts; each names the entry.
    pub accepted: Vec<Skipped>,
    /// Counts for the summary.
    pub summary: Summary,
    /// The command that made the report; empty means `scan`.
    pub command: &'static str,
    /// The repository that was scanned.
    pub repository: Option<Repository>,
    /// Whether a server is known to have the commits that were scanned, as in a CI job.
    pub is_pushed: bool,
    /// Whether the commits that were scanned are about to be pushed, as in a hook of a push.
    pub is_before_push: bool,
    /// Whether the repository has no commit yet.
    pub is_unborn: bool,
    /// Whether a scan without any input is complete, as for a commit that adds no content.
    pub may_be_empty: bool,
    /// The verdict of an audit, one string per line.
    pub verdict: Vec<String>,
    /// What to do next, one string per line (`text` only).
    pub plan: Vec<String>,
    /// Response plans for the leaks, worst first (`markdown` and `html`).
    pub plans: Vec<Plan>,
    /// Number of leaks for which `plans` has no entry.
    pub unplanned: usize,
    /// Mapping from paths as they were scanned to paths from the root of the repository.
    pub paths: Paths,
    /// What a reader writes before a path to open it: the only scanned directory, with a trailing `/`; else empty.
    pub opened_from: String,
}

/// A repository as reports identify it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its web address: absolute, without credentials.
    pub uri: String,
    /// The commit that is checked out.
    pub head: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

/// Counts of one scan. Contains no times, so that a report is byte-identical on every run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Number of files (or streams) whose content was scanned.
    pub files_scanned: u64,
    /// Number of those files that are in a git directory.
    pub git_files_scanned: u64,
    /// Number of git objects (commits, trees, blobs, tags) that were scanned or known to be clean.
    pub objects_scanned: u64,
    /// Number of bytes scanned, before any decoding.
    pub bytes_scanned: u64,
    /// Number of symbolic links in scope that were not followed.
    pub links_not_followed: u64,
    /// Number of tracked files (or whole directories) that a sparse checkout leaves out of the work tree.
    pub not_checked_out: u64,
}

impl Summary {
    /// Returns true if anything was in scope.
    pub fn anything(&self) -> bool {
        self.files_scanned + self.objects_scanned > 0
    }
}

impl Report {
    /// Returns whether some path differs from that at the root of the repository.
    pub fn has_other_paths(&self) -> bool {
        let differs = |finding: &Finding| finding.path_at_root() != finding.location.path;
        !self.paths.is_identity() || self.findings.iter().chain(&self.suppressed).any(differs)
    }

    /// Returns the report with all paths from the root of the repository, as a host of repositories needs them.
    pub fn at_root(&self) -> Self {
        let mut report = self.clone();
        for finding in report.findings.iter_mut().chain(&mut report.suppressed) {
            for place in &mut finding.occurrences {
                place.path = match &finding.repository_path {
                    Some(path) if place.path == finding.location.path => path.clone(),
                    _ => self.paths.from_root(&place.path).into_owned(),
                };
            }
            if let Some(path) = &finding.repository_path {
                finding.location.path.clone_from(path);
            }
            for edit in &mut finding.edits {
                edit.at.path.clone_from(&finding.location.path);
            }
        }
        for one in report.unseen.iter_mut().chain(&mut report.accepted) {
            one.path = self.paths.from_root(&one.path).into_owned();
        }
        report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
        report
    }

    /// Returns the report with all paths as a shell in the directory of the call opens them, for display.
    pub fn as_opened(&self) -> Self {
        let mut report = self.clone();
        let prefix = std::mem::take(&mut report.opened_from);
        for finding in report.findings.iter_mut().chain(&mut report.suppressed) {
            for place in std::iter::once(&mut finding.location).chain(&mut finding.occurrences) {
                insert_before(&mut place.path, &prefix);
            }
        }
        for one in report.unseen.iter_mut().chain(&mut report.accepted) {
            insert_before(&mut one.path, &prefix);
        }
        report
    }

    /// Returns true if there was something in scope and nothing was skipped, except for skipped inputs that the
    /// configuration accepts. Only such a report can be clean.
    pub fn complete(&self) -> bool {
        self.unseen.is_empty() && (self.may_be_empty || self.summary.anything())
    }

    /// Returns the number of findings of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Writes `prefix` before a path, unless that is absolute.
fn insert_before(path: &mut String, prefix: &str) {
    if !path.starts_with('/') {
        path.insert_str(0, prefix);
    }
}
