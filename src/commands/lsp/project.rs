//! The rules and suppressions of the projects whose files are open, and scans with them.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Result;

use super::super::config_files::named_config;
use super::super::config_root::{Root, parent};
use super::super::pipeline::{detector, limits};
use super::super::suppression_setup::{of_project, with_files};
use crate::cli::{ConfigArgs, InsideArgs, ProjectArgs};
use crate::detect::{Detector, Match};
use crate::finding::{Report, Severity};
use crate::rules::{Rule, RuleSet};
use crate::scan::{Collector, InlinePolicy, Scanner};
use crate::suppress::{self, BASELINE_NAME, CONFIG_NAME, Paths, SecretAt, Suppressions, Used};
use crate::unpack::Limits;

/// When a file was changed, and its size; `None` if there is none.
type Stamp = Option<(SystemTime, u64)>;

/// The rules and suppressions of a project.
pub(super) struct Project {
    detector: Detector,
    set: RuleSet,
    pub(super) hidden: Suppressions,
    limits: Limits,
    least: Severity,
    /// The root of the project.
    pub(super) root: PathBuf,
    /// The baseline, which may not exist.
    pub(super) baseline: PathBuf,
    /// The files that decide about rules and suppressions.
    files: Vec<(PathBuf, Stamp)>,
    /// Why the configuration, the baseline or the rules do not count.
    pub(super) problem: Option<String>,
}

impl Project {
    /// Loads the project of a folder. If its configuration, its baseline or a rule file is invalid, the built-in rules
    /// count and nothing is suppressed.
    fn load(args: &ProjectArgs, root: &Path) -> Result<Self> {
        Self::try_load(args, root).or_else(|error| {
            let config = ConfigArgs { no_config: true, ..ConfigArgs::default() };
            let mut plain = Self::try_load(&ProjectArgs { config, ..ProjectArgs::default() }, root)?;
            let why = plain.masked(&format!("{error:#}"));
            plain.problem = Some(format!(
                "{why}; until this is corrected, the built-in rules count and nothing is suppressed"
            ));
            plain.files = stamped(watched(args, root, None));
            Ok(plain)
        })
    }

    fn try_load(args: &ProjectArgs, root: &Path) -> Result<Self> {
        let folder = Root::TempFolder(root.to_owned());
        let known = with_files(&args.rules.files)?;
        let (set, hidden) = of_project(args, &folder, &known)?;
        let config = hidden.config.as_ref().map(|config| &config.value);
        let files = watched(args, root, Some(&hidden));
        let baseline = files.iter().find(|(_, is_baseline)| *is_baseline).map(|(path, _)| path.clone());
        Ok(Self {
            detector: detector(&set, false)?,
            limits: limits(&InsideArgs::default(), config),
            least: config.and_then(|config| Some(config.settings.min_severity?.0)).unwrap_or(Severity::Note),
            set,
            root: root.to_owned(),
            baseline: baseline.unwrap_or_else(|| root.join(BASELINE_NAME)),
            files: stamped(files),
            problem: None,
            hidden,
        })
    }

    /// Returns whether a file that decides about rules or suppressions has changed.
    pub(super) fn is_stale(&self) -> bool {
        self.files.iter().any(|(path, known)| stamp(path) != *known)
    }

    /// Returns a rule by its id.
    pub(super) fn rule(&self, id: &str) -> Option<&Rule> {
        self.set.rules.iter().chain(&self.set.own).find(|rule| rule.id == id)
    }

    /// Returns a scanner. It is made for each scan, because it counts what it expands.
    pub(super) fn scanner(&self) -> Scanner<'_> {
        Scanner::new(&self.detector, self.limits.clone()).with_comments(InlinePolicy::Honor, &self.set)
    }

    /// Returns a text with every secret in it masked.
    pub(super) fn masked(&self, text: &str) -> String {
        self.scanner().masked(text).into_owned()
    }

    /// Returns the path of a file as suppressions name it, with secrets masked.
    pub(super) fn label(&self, path: &Path) -> String {
        let real = telleaks_platform::canonicalize(path).ok();
        let below = [Some(path), real.as_deref()]
            .into_iter()
            .flatten()
            .find_map(|one| one.strip_prefix(&self.root).ok());
        let label = below.unwrap_or(path).to_string_lossy().replace('\\', "/");
        self.masked(&label)
    }

    /// Scans the content of a file as a scan of its folder does.
    pub(super) fn scan(&self, label: &str, content: &[u8]) -> Report {
        let scanner = self.scanner();
        let collector = Collector::new(&scanner);
        let size = Some(content.len() as u64);
        // Memory has no I/O errors.
        let _never = collector.search(&|| label.to_owned(), size, &mut Cursor::new(content));
        self.suppressed(collector.finish().0)
    }

    /// Applies the suppressions and the lowest severity to a report.
    pub(super) fn suppressed(&self, mut report: Report) -> Report {
        let _used = suppress::apply(&mut report, &self.hidden, &Paths::default());
        report.findings.retain(|finding| finding.severity >= self.least);
        report
    }

    /// Returns the matches in the content of a file that no suppression hides.
    pub(super) fn matches(&self, label: &str, content: &[u8]) -> Vec<Match> {
        let mut found = self.scanner().scan_bytes(label, content).found;
        let rules: Vec<&Rule> = self.detector.rules().collect();
        found.retain(|one| {
            let secret = SecretAt { rule: &rules[one.rule].id, sha256: &one.secret.sha256(), path: label };
            one.ignored.is_none() && suppress::hides(&self.hidden, secret, &mut Used::default()).is_none()
        });
        found
    }

    /// Returns the ids of the rules of matches, by index.
    pub(super) fn rule_ids(&self) -> Vec<String> {
        self.detector.rules().map(|rule| rule.id.clone()).collect()
    }
}

/// Returns the files that decide about rules and suppressions, and whether each is the baseline.
fn watched(args: &ProjectArgs, root: &Path, hidden: Option<&Suppressions>) -> Vec<(PathBuf, bool)> {
    let config = named_config(&args.config);
    let beside = config.as_deref().map_or_else(|| root.to_owned(), parent);
    let value = hidden.and_then(|hidden| hidden.config.as_ref()).map(|config| &config.value);
    let named = value.and_then(|value| value.baseline.as_ref()).map(|(name, _)| beside.join(name));
    let baseline = args.baseline.clone().or(named).unwrap_or_else(|| root.join(BASELINE_NAME));
    let rules =
        value.into_iter().flat_map(|value| &value.settings.rule_files).map(|(file, _)| beside.join(file));
    let all = std::iter::once(config.unwrap_or_else(|| root.join(CONFIG_NAME)));
    let all = all.chain(rules).chain(args.rules.files.iter().cloned()).map(|path| (path, false));
    all.chain([(baseline, true)]).collect()
}

fn stamped(files: Vec<(PathBuf, bool)>) -> Vec<(PathBuf, Stamp)> {
    files.into_iter().map(|(path, _)| (stamp(&path), path)).map(|(stamp, path)| (path, stamp)).collect()
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// The projects of the session, by root.
pub(super) struct Projects {
    args: ProjectArgs,
    by_root: HashMap<PathBuf, Arc<Project>>,
    roots: HashMap<PathBuf, PathBuf>,
    /// Problems that the user has not been shown yet.
    problems: Vec<String>,
}

impl Projects {
    pub(super) fn new(args: ProjectArgs) -> Self {
        Self { args, by_root: HashMap::new(), roots: HashMap::new(), problems: Vec::new() }
    }

    /// Returns the project of a folder.
    pub(super) fn of(&mut self, folder: &Path) -> Result<Arc<Project>> {
        let root = match self.roots.get(folder) {
            Some(root) => root.clone(),
            None => {
                let root = Root::containing(folder).folder().unwrap_or(folder).to_owned();
                self.roots.insert(folder.to_owned(), root.clone());
                root
            }
        };
        match self.by_root.get(&root) {
            Some(project) => Ok(Arc::clone(project)),
            None => self.reload(&root),
        }
    }

    fn reload(&mut self, root: &Path) -> Result<Arc<Project>> {
        let project = Arc::new(Project::load(&self.args, root)?);
        self.problems.extend(project.problem.clone());
        self.by_root.insert(root.to_owned(), Arc::clone(&project));
        Ok(project)
    }

    /// Loads the projects again whose files have changed. Returns whether there are any.
    pub(super) fn refresh(&mut self) -> Result<bool> {
        let stale =
            self.by_root.iter().filter(|(_, project)| project.is_stale()).map(|(root, _)| root.clone());
        let stale: Vec<PathBuf> = stale.collect();
        for root in &stale {
            self.reload(root)?;
        }
        Ok(!stale.is_empty())
    }

    /// Returns the problems that the user has not been shown yet.
    pub(super) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }
}
