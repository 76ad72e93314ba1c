//! `telleaks machine`: finds keys in the places of a workstation where programs keep them, and masks them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::ColorChoice;
use jiff::Timestamp;
use serde::Serialize;

use super::cleaning::{Cleaning, Target, ensure_apart, print};
use super::pipeline::{
    Reporting, check_fail_on, choose, detector, finish, in_threads, limits, probe, progress,
};
use super::{Console, Exit, is_closed_pipe};
use crate::clean::{Manifest, Mode, database_of};
use crate::cli::{FailOn, ListFormat, MachineArgs, MachinePlaces};
use crate::finding::{Finding, MachinePlace, Report, Severity};
use crate::places::{self, Clean, Located, Place, Survey, System};
use crate::report::{Format, visible};
use crate::rules::RuleSet;
use crate::scan::{Collector, Scanner};
use crate::source::{self, NamedFile};
use crate::unpack::Limits;

/// The files of the chosen places in a home directory.
pub(super) struct Machine {
    /// What is written before a path to open it.
    prefix: String,
    places: Vec<Place>,
    survey: Survey,
}

pub(super) fn run(args: &MachineArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let fail_on = args.output.fail_on.unwrap_or(FailOn::DEFAULT);
    check_fail_on(fail_on, &args.probe)?;
    let machine = in_threads(args.threads, || Machine::locate(&args.at))??;
    if args.list {
        return list(&machine, args, console);
    }
    ensure!(
        !args.clean || list_format(args).is_some(),
        "--clean prints a list of changes: --format text or json"
    );
    let set = choose(&args.rules, None)?;
    let (mut report, notices) = machine.search(args, &set, console)?;
    if args.clean {
        return machine.clean(&report, args, &set, console);
    }
    probe(&mut report, &args.probe, None, console);
    let all = set.all();
    let reporting = Reporting { rules: &all, fail_on, args: &args.output, color };
    finish(report, &notices, &reporting, console)
}

/// Returns the format of lists; `None` if the chosen one has no lists.
fn list_format(args: &MachineArgs) -> Option<ListFormat> {
    match args.output.format() {
        Format::Text => Some(ListFormat::Text),
        Format::Json => Some(ListFormat::Json),
        _ => None,
    }
}

impl Machine {
    /// Finds the files of the chosen places.
    pub(super) fn locate(args: &MachinePlaces) -> Result<Self> {
        let own = || {
            std::env::var_os("HOME")
                .or_else(|| std::env::var_os("USERPROFILE"))
                .filter(|home| !home.is_empty())
        };
        let home = match &args.home {
            Some(home) => home.clone(),
            None => PathBuf::from(own().context("HOME is not set; name a home directory with --home")?),
        };
        let shown = home.display().to_string();
        ensure!(home.is_dir(), "{}: no such directory", visible(&shown));
        let places = chosen(&args.places)?;
        let system = match (&args.system_root, &args.home) {
            (Some(root), _) => System::Below(root.clone()),
            (None, Some(_)) => System::None,
            (None, None) => System::Below(PathBuf::from("/")),
        };
        let survey = places::locate(&home, &places, &system)
            .with_context(|| format!("cannot read {}", visible(&shown)))?;
        let prefix = match &args.home {
            Some(_) => format!("{}/", shown.trim_end_matches('/')),
            None => "~/".to_owned(),
        };
        Ok(Self { prefix, places, survey })
    }

    /// Searches the files and returns the report and the notices.
    pub(super) fn search(
        &self,
        args: &MachineArgs,
        set: &RuleSet,
        console: &Console<'_>,
    ) -> Result<(Report, Vec<String>)> {
        let detector = detector(set, args.output.verbose)?;
        let scanner = Scanner::new(&detector, limits(&args.inside, None)).listing();
        let collector = Collector::new(&scanner).with_progress(progress(&args.output, console));
        let options = source::Options {
            max_file_size: args.max_file_size,
            threads: args.threads,
            progress: collector.progress().clone(),
            ..source::Options::default()
        };
        // Large files first, so that no thread works alone on one at the end.
        let mut largest: Vec<&Located> = self.survey.files.iter().collect();
        largest.sort_by_key(|file| std::cmp::Reverse(file.size));
        let named = |file: &&Located| NamedFile { path: file.path.clone(), label: file.label.clone() };
        let files: Vec<NamedFile> = largest.iter().map(named).collect();
        source::run_files(&files, &options, &collector)?;
        for (label, reason) in &self.survey.skipped {
            collector.missed(label, reason);
        }
        let (mut report, notices) = collector.finish();
        report.command = "machine";
        report.may_be_empty = true;
        report.opened_from = scanner.masked(&self.prefix).into_owned();
        report.summary.links_not_followed += self.survey.links;
        let files = self.by_label(&scanner);
        for finding in &mut report.findings {
            finding.machine = file_of(&files, finding).map(|file| self.place_of(file, finding));
        }
        Ok((report, notices))
    }

    /// Returns the files by their labels, as findings have them: with masks over credentials in names.
    fn by_label(&self, scanner: &Scanner<'_>) -> BTreeMap<String, &Located> {
        let labels = self.survey.files.iter().map(|file| (scanner.masked(&file.label).into_owned(), file));
        labels.collect()
    }

    fn place_of(&self, file: &Located, finding: &Finding) -> MachinePlace {
        let place = &self.places[file.place];
        let is_whole = !finding.location.path.contains("!/");
        let bytes = finding.location.byte_start..finding.location.byte_end;
        let changed = fs::metadata(&file.path).and_then(|metadata| metadata.modified()).ok();
        let changed = changed.and_then(|time| Timestamp::try_from(time).ok()).map(|time| time.to_string());
        MachinePlace {
            id: place.id.clone(),
            what: place.what.clone(),
            program: place.program.clone(),
            recorded: if is_whole { places::recorded(&file.path, bytes) } else { None },
            changed: changed.and_then(|time| Some(time.get(..10)?.to_owned())),
        }
    }

    /// Masks the files with findings and prints what changed.
    fn clean(
        &self,
        report: &Report,
        args: &MachineArgs,
        set: &RuleSet,
        console: &mut Console<'_>,
    ) -> Result<Exit> {
        let mode = if args.dry_run { Mode::DryRun } else { Mode::Write };
        let is_kept = |file: &&Located| args.keep_stores && self.places[file.place].store;
        let (kept, files): (Vec<&Located>, Vec<&Located>) =
            files_with_findings(self, report, set)?.into_iter().partition(is_kept);
        let targets: Vec<Target> = files.iter().map(|file| target(self, file)).collect();
        ensure_apart(args.manifest.as_deref(), &targets)?;
        let manifest = Cleaning { set, limits: limits(&args.inside, None), mode }.run(&targets)?;
        let format = list_format(args).unwrap_or(ListFormat::Text);
        print(&manifest, mode, format, args.manifest.as_deref(), console)?;
        if !args.output.quiet {
            remarks(self, &manifest, mode, console);
            if !kept.is_empty() {
                console.warn(&format!(
                    "{} files from which programs read their keys are left alone",
                    kept.len()
                ));
            }
        }
        for one in &report.unseen {
            console.warn(&format!("{}{}: {}", self.prefix, one.path, one.reason));
        }
        let is_left = !manifest.not_changed.is_empty() || manifest.changed.iter().any(|one| one.left > 0);
        let is_open = is_left || !kept.is_empty() || (mode == Mode::DryRun && !manifest.changed.is_empty());
        Ok(match (is_open && !args.output.exit_zero, report.unseen.is_empty()) {
            (true, _) => Exit::Match,
            (false, true) => Exit::Clean,
            (false, false) => Exit::Incomplete,
        })
    }

    /// Returns the number of places that have files here, of all chosen places, and of files.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let here: BTreeSet<usize> = self.survey.files.iter().map(|file| file.place).collect();
        (here.len(), self.places.len(), self.survey.files.len())
    }
}

/// Returns the file of a finding, which may be in a member of it.
fn file_of<'f>(files: &BTreeMap<String, &'f Located>, finding: &Finding) -> Option<&'f Located> {
    let path = finding.location.path.as_str();
    let ends = path.match_indices("!/").map(|(at, _)| at).chain([path.len()]);
    ends.filter_map(|end| files.get(&path[..end])).next().copied()
}

/// Returns the places that the words name; all without words.
fn chosen(words: &[String]) -> Result<Vec<Place>> {
    let mut all = places::builtin()?;
    for word in words {
        if !all.iter().any(|place| place.is_named(word)) {
            let groups: BTreeSet<&str> = all.iter().map(|place| place.group.as_str()).collect();
            let groups = groups.into_iter().collect::<Vec<_>>().join(", ");
            bail!(
                "--place {}: no such place; telleaks machine --list shows them; groups: {groups}",
                visible(word)
            );
        }
    }
    if !words.is_empty() {
        all.retain(|place| words.iter().any(|word| place.is_named(word)));
    }
    Ok(all)
}

/// A place in the list, as json.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    group: &'a str,
    what: &'a str,
    program: &'a str,
    store: bool,
    clean: &'static str,
    steps: &'a str,
    paths: Vec<&'a str>,
    files: usize,
}

/// Prints the places.
fn list(machine: &Machine, args: &MachineArgs, console: &mut Console<'_>) -> Result<Exit> {
    let format = list_format(args).context("--list prints text or json: --format text or json")?;
    let all = machine.places.iter().enumerate().map(|(index, place)| Listed {
        id: &place.id,
        group: &place.group,
        what: &place.what,
        program: &place.program,
        store: place.store,
        clean: if place.clean == Clean::Mask { "mask" } else { "manual" },
        steps: &place.steps,
        paths: place.patterns().collect(),
        files: machine.survey.files.iter().filter(|file| file.place == index).count(),
    });
    let all: Vec<Listed<'_>> = all.collect();
    let text = match format {
        ListFormat::Json => serde_json::to_string_pretty(&all)? + "\n",
        ListFormat::Text => {
            let line = |one: &Listed<'_>| {
                let files = if one.files == 0 { "-".to_owned() } else { one.files.to_string() };
                format!("{files:>6}  {:26} {}: {}\n", one.id, one.program, one.what)
            };
            let (here, places, files) = machine.counts();
            let lines: String = all.iter().map(line).collect();
            format!(" files  place\n{lines}{here} of {places} places are here, with {files} files.\n")
        }
    };
    match console.out.write_all(text.as_bytes()).and_then(|()| console.out.flush()) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("cannot write to standard output"),
        _ => Ok(Exit::Clean),
    }
}

/// Returns the files that have a secret, each once; of a database and its logs the database.
fn files_with_findings<'m>(machine: &'m Machine, report: &Report, set: &RuleSet) -> Result<Vec<&'m Located>> {
    let detector = detector(set, false)?;
    let files = machine.by_label(&Scanner::new(&detector, Limits::default()));
    let by_path: BTreeMap<&Path, &Located> =
        machine.survey.files.iter().map(|file| (file.path.as_path(), file)).collect();
    let secret = |one: &&Finding| one.severity >= Severity::Warning && !one.secret.is_public();
    let found = report.findings.iter().filter(secret).filter_map(|finding| file_of(&files, finding));
    let whole = |file: &'m Located| match database_of(&file.path) {
        Some(main) => by_path.get(main.as_path()).copied().unwrap_or(file),
        None => file,
    };
    let all: BTreeSet<&Located> = found.map(whole).collect();
    Ok(all.into_iter().collect())
}

fn target(machine: &Machine, file: &Located) -> Target {
    let place = &machine.places[file.place];
    let shown = if file.label.starts_with('/') {
        file.label.clone()
    } else {
        format!("{}{}", machine.prefix, file.label)
    };
    Target { path: file.path.clone(), shown, place: Some(place.id.clone()), steps: Some(place.steps.clone()) }
}

/// Says which programs need a new key.
fn remarks(machine: &Machine, manifest: &Manifest, mode: Mode, console: &mut Console<'_>) {
    let changed: BTreeSet<&str> = manifest.changed.iter().filter_map(|one| one.place.as_deref()).collect();
    let stores = machine.places.iter().filter(|place| place.store && changed.contains(place.id.as_str()));
    let names: Vec<&str> = stores.map(|place| place.program.as_str()).collect();
    if !names.is_empty() && mode == Mode::Write {
        console.warn(&format!(
            "these programs read their keys from masked files and need new ones: {}",
            names.join(", ")
        ));
    }
    if !manifest.changed.is_empty() {
        console.warn("revoke each key: a masked copy does not make it safe (telleaks respond plans that)");
    }
}
