//! Suppressions in the scanning commands: reads them before the scan, applies them after it, and reports those that are
//! invalid or unused.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use super::Console;
use super::config_files::{baseline, baselines, config, error_in, given_baseline, name_of, named_config};
use super::config_root::Root;
use super::path_scope::{PathScope, set_repository_paths};
use super::pipeline::{check_fail_on, choose, limits};
use crate::cli::{FailOn, LookArgs, MinSeverity, OutputArgs, ProjectArgs, SuppressArgs};
use crate::finding::Report;
use crate::finding::{Finding, Severity};
use crate::probe::Region;
use crate::rules::{self, Rule, RuleSet};
use crate::scan::{InlinePolicy, Scanner};
use crate::suppress::{self, Baseline, Config, LimitSettings, Named, Paths, Side, Suppressions};
use crate::unpack::Limits;

/// Maximum number of characters shown of a line about a suppression.
const MAX_SHOWN_CHARS: usize = 160;

/// Everything that is loaded before a scan.
pub(super) struct ScanSetup {
    /// The selected rules, as changed by the configuration.
    pub(super) set: RuleSet,
    /// All rules, for reports.
    pub(super) all: Vec<Rule>,
    /// The severity from which findings fail the run.
    pub(super) fail_on: FailOn,
    /// The suppressions.
    pub(super) hidden: Suppressions,
    /// Mapping from paths of the scan to paths relative to the root.
    pub(super) paths: Paths,
    /// Findings about suppressions that the scanned change adds.
    pub(super) added: Vec<Finding>,
    /// Notices for stderr.
    pub(super) notices: Vec<String>,
    /// The limits for unpacking archives.
    pub(super) limits: Limits,
    /// The output options, with the defaults of the configuration.
    pub(super) output: OutputArgs,
    /// Findings and skipped inputs at other paths are left out: those of options of commands that scan git data.
    pub(super) scope: PathScope,
    /// Whether the scanned files are in a repository, or in the root that the user named.
    pub(super) in_repository: bool,
}

impl ScanSetup {
    /// Returns the limits that the configuration sets.
    pub(super) fn limits_set(&self) -> LimitSettings {
        self.hidden.config.as_ref().map(|config| config.value.settings.limits).unwrap_or_default()
    }

    /// Returns the globs that the configuration excludes, relative to the root.
    pub(super) fn excluded(&self) -> Vec<String> {
        let settings = self.hidden.config.as_ref().and_then(|config| config.value.settings.exclude.as_ref());
        settings.map(|(globs, _)| globs.words().to_vec()).unwrap_or_default()
    }

    /// Returns how suppression comments are treated: `otherwise`, unless `--no-suppressions` is set.
    pub(super) fn inline(&self, args: &SuppressArgs, otherwise: InlinePolicy) -> InlinePolicy {
        if args.no_suppressions { InlinePolicy::Off } else { otherwise }
    }
}

/// Loads rules, configuration and baseline for a scan at `root`.
pub(super) fn prepare(look: &LookArgs, root: &Root<'_>) -> Result<ScanSetup> {
    let known = with_files(&look.rules.files)?;
    let config = config(&look.suppress.config, root, &known)?;
    let baselines = baselines(&look.suppress, root, config.as_ref())?;
    setup_from(look, config, baselines)
}

/// Returns the built-in rules and those of `files`.
pub(super) fn with_files(files: &[std::path::PathBuf]) -> Result<RuleSet> {
    let mut set = rules::builtin()?;
    for file in files {
        rules::extend(&mut set, file)?;
    }
    Ok(set)
}

/// Combines the options with the loaded configuration and baselines.
pub(super) fn setup_from(
    look: &LookArgs,
    config: Option<Named<Config>>,
    baselines: Vec<Named<Baseline>>,
) -> Result<ScanSetup> {
    let value = config.as_ref().map(|config| &config.value);
    let mut set = choose(&look.rules, value)?;
    let limits = limits(&look.inside, value);
    let output = output(&look.output, value);
    let (mut notices, mut level) = (Vec::new(), None);
    if let Some(Named { name, value, .. }) = &config {
        let gone = value.apply(&mut set, &look.rules.only);
        if !gone.is_empty() {
            let rules = if gone.len() == 1 { "rule" } else { "rules" };
            notices.push(format!("{name} switches off {} {rules}: {}", gone.len(), gone.join(", ")));
        }
        level = value.fail_on.map(|(level, _)| level);
    }
    let fail_on = look.output.fail_on.or(level).unwrap_or(FailOn::DEFAULT);
    check_fail_on(fail_on, &look.probe)?;
    let mut hidden = Suppressions { config, baselines, today: suppress::today() };
    if look.suppress.no_suppressions {
        hidden.baselines.clear();
        if let Some(config) = &mut hidden.config {
            config.value.allow.clear();
            config.value.accept_unread.clear();
        }
    }
    let all = set.all();
    let (paths, added, scope) = (Paths::default(), Vec::new(), PathScope::default());
    Ok(ScanSetup {
        set,
        all,
        fail_on,
        hidden,
        paths,
        added,
        notices,
        limits,
        output,
        scope,
        in_repository: true,
    })
}

/// Returns the output options, with the defaults of the configuration.
fn output(args: &OutputArgs, config: Option<&Config>) -> OutputArgs {
    let mut output = args.clone();
    if let Some(settings) = config.map(|config| &config.settings) {
        output.format = output.format.or(settings.format);
        let least = settings.min_severity.map(|(severity, _)| match severity {
            Severity::Note => MinSeverity::Note,
            Severity::Warning => MinSeverity::Warning,
            Severity::Error => MinSeverity::Error,
        });
        output.min_severity = output.min_severity.or(least);
    }
    output
}

/// What was scanned. Decides which suppressions can be reported as unused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    /// Only some of the files that suppressions may refer to.
    Part,
    /// All current files.
    Files,
    /// All files and the whole history.
    Everything,
}

impl Coverage {
    /// Returns `Part` if only some of the rules are used.
    pub(super) fn with(self, look: &LookArgs) -> Self {
        if look.rules.only.is_empty() && look.rules.without.is_empty() { self } else { Self::Part }
    }
}

/// What a scan was made with, and what it covered.
pub(super) struct Scanned<'a> {
    /// The scanner, which masks secrets in texts of suppressions.
    pub(super) inspector: &'a Scanner<'a>,
    /// What was scanned.
    pub(super) coverage: Coverage,
}

/// Applies suppressions, probes keys, writes a baseline (both if requested), and adds the findings about suppressions
/// themselves.
pub(super) fn apply_suppressions(
    report: &mut Report,
    prepared: &mut ScanSetup,
    look: &LookArgs,
    scanned: &Scanned<'_>,
    console: &mut Console<'_>,
) -> Result<()> {
    let Scanned { inspector, coverage } = *scanned;
    prepared.scope.apply(report);
    let mut used = suppress::apply(report, &prepared.hidden, &prepared.paths);
    let region = prepared.hidden.config.as_ref().and_then(|config| config.value.settings.region.as_deref());
    let region = region.and_then(|name| Region::from_str(name, true).ok());
    super::pipeline::probe(report, &look.probe, region, console);
    if let Some(path) = &look.suppress.write_baseline {
        write_baseline(report, prepared, &look.suppress, path, console)?;
        used = suppress::apply(report, &prepared.hidden, &prepared.paths);
    }
    suppress::accept(report, &prepared.hidden, &prepared.paths, &mut used);
    if !look.suppress.accept_active {
        suppress::revive(report);
    }
    let own = &prepared.set.own;
    let mut told = std::mem::take(&mut prepared.added);
    told.extend(suppress::expired(&prepared.hidden, own));
    if coverage != Coverage::Part && report.unseen.is_empty() {
        let history = "history was not searched; telleaks audit does that";
        let hint = if coverage == Coverage::Files { history } else { "" };
        told.extend(suppress::unused(&prepared.hidden, &used, own, hint));
    }
    report.findings.extend(told.into_iter().map(|finding| masked(finding, inspector)));
    if prepared.in_repository {
        set_repository_paths(report, &prepared.paths);
    }
    for one in report.suppressed.iter_mut().filter_map(|finding| finding.suppression.as_mut()) {
        one.by = inspector.masked(&one.by).into_owned();
        one.reason = one.reason.as_deref().map(|reason| inspector.masked(reason).into_owned());
    }
    for one in report.accepted.iter_mut().filter_map(|unseen| unseen.accepted.as_mut()) {
        one.by = inspector.masked(&one.by).into_owned();
        one.reason = inspector.masked(&one.reason).into_owned();
    }
    if !report.findings.is_sorted_by(|a, b| a.order() <= b.order()) {
        report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    Ok(())
}

/// Masks secrets in a finding about a suppression: a line of a file can contain anything.
fn masked(mut finding: Finding, inspector: &Scanner<'_>) -> Finding {
    let mask = |text: &str| inspector.masked(text).into_owned();
    finding.message = mask(&finding.message);
    finding.secret = crate::finding::Secret::public(mask(finding.secret.expose()));
    // Cut after masking: half of a secret would not be recognized.
    let text = mask(&finding.excerpt.text);
    finding.excerpt.text = text.chars().take(MAX_SHOWN_CHARS).collect();
    finding.excerpt.clipped_right |= finding.excerpt.text.len() < text.len();
    finding.excerpt.highlight = 0..finding.excerpt.text.len();
    finding.location.path = mask(&finding.location.path);
    finding
}

/// Adds the findings of a run to a baseline, without active keys unless `--accept-active` is set.
fn write_baseline(
    report: &Report,
    prepared: &mut ScanSetup,
    args: &SuppressArgs,
    path: &Path,
    console: &mut Console<'_>,
) -> Result<()> {
    let name = name_of(path);
    let place = prepared.hidden.baselines.iter().position(|baseline| baseline.name == name);
    let mut file = match place {
        Some(place) => prepared.hidden.baselines.remove(place),
        None => {
            let value = Baseline::new().context("cannot generate a random salt")?;
            Named { name: name.clone(), text: String::new(), value }
        }
    };
    let least = if prepared.fail_on == FailOn::Note { Severity::Note } else { Severity::Warning };
    let alive = |finding: &Finding| finding.liveness.as_ref().is_some_and(|one| one.status.is_alive());
    let accepted = report.findings.iter().filter(|one| {
        one.severity >= least && !one.is_about_suppression() && (args.accept_active || !alive(one))
    });
    let secrets: Vec<(&str, String)> =
        accepted.map(|finding| (finding.rule_id.as_str(), finding.secret.sha256())).collect();
    let secrets = secrets.iter().map(|(rule, sha256)| (*rule, sha256.as_str()));
    let details = suppress::EntryDetails { reason: args.baseline_reason.clone(), ..Default::default() };
    let count = suppress::write_findings(&mut file.value, secrets, &details);
    let text = file.value.to_text();
    suppress::write(path, &text)?;
    file.value = Baseline::parse(&text).map_err(error_in(&name))?;
    let entries = file.value.entries().len();
    console.warn(&format!("{name}: {} added, {entries} in all", counted(count)));
    prepared.hidden.baselines.push(Named { text, ..file });
    Ok(())
}

/// Formats a count: `1 entry`, `2 entries`.
pub(super) fn counted(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// Combines the suppressions for a range: those of its base apply, and those that it adds are reported. `base` is the
/// side before the range, `tips` are its ends.
pub(super) fn range_setup(look: &LookArgs, base: Side, tips: &[Side], known: &RuleSet) -> Result<ScanSetup> {
    let args = &look.suppress;
    let unread = Root::Other(Box::new(|_, _| Ok(None)));
    let named = named_config(&args.config).is_some();
    let config_given = named || args.config.no_config;
    let config = if config_given { config(&args.config, &unread, known)? } else { base.config.clone() };
    let of_base = base.baseline.clone().filter(|_| !args.config.no_config);
    let given = args.baseline.is_some() || args.write_baseline.is_some();
    let of_config = config.as_ref().filter(|one| named && one.value.baseline.is_some());
    let baselines = match (given, of_config) {
        (true, _) => baselines(args, &unread, None)?,
        (false, Some(config)) => baseline(&args.config, &unread, Some(config))?.into_iter().collect(),
        (false, None) => of_base.into_iter().collect(),
    };
    let mut prepared = setup_from(look, config, baselines)?;
    for (file, mistake) in base.broken.iter().filter(|_| !config_given) {
        let text = format!("{}:{mistake}; this file of the base is ignored", file.name);
        prepared.notices.push(text);
    }
    for tip in tips.iter().filter(|_| !args.config.no_config) {
        let mut tip = tip.clone();
        tip.config = tip.config.filter(|_| !config_given);
        tip.baseline = tip.baseline.filter(|_| !given);
        for finding in suppress::added(&base, &tip, known, &prepared.set.own) {
            let same =
                |one: &Finding| one.fingerprint() == finding.fingerprint() && one.order() == finding.order();
            if !prepared.added.iter().any(same) {
                prepared.added.push(finding);
            }
        }
    }
    Ok(prepared)
}

/// Returns the only tip. Fails if there are several, since none of them can then be trusted as a whole.
pub(super) fn single_tip(mut tips: Vec<Side>) -> Result<Side> {
    ensure!(
        tips.len() == 1,
        "--trust-suppressions needs a range with one end; this one has {}: name one commit, as in A..B",
        tips.len()
    );
    tips.pop().context("the range has no end")
}

/// Returns the rules and the suppressions that apply to a project. `known` are the built-in rules and those of `args`.
pub(super) fn of_project(
    args: &ProjectArgs,
    root: &Root<'_>,
    known: &RuleSet,
) -> Result<(RuleSet, Suppressions)> {
    let config = config(&args.config, root, known)?;
    let baselines = match &args.baseline {
        Some(file) => vec![given_baseline(file)?],
        None => baseline(&args.config, root, config.as_ref())?.into_iter().collect(),
    };
    let value = config.as_ref().map(|config| &config.value);
    let mut set = choose(&args.rules, value)?;
    if let Some(value) = value {
        value.apply(&mut set, &args.rules.only);
    }
    Ok((set, Suppressions { config, baselines, today: suppress::today() }))
}
