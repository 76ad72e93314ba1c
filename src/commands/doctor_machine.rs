//! The part of `telleaks doctor` about the workstation: places that are here, keys in them, hooks of coding agents.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Parser;

use super::Console;
use super::machine::Machine;
use super::pipeline::{choose, probe};
use crate::agent::CLIENTS;
use crate::agent::settings::{Places, Scope, installed};
use crate::cli::{Cli, Command, DoctorArgs, MachineArgs};
use crate::finding::{Finding, Report, Severity};

/// One line of the result, and whether it is in order.
type Line = (bool, String);

/// Describes the workstation.
pub(super) fn lines(args: &DoctorArgs, console: &mut Console<'_>) -> Result<Vec<Line>> {
    let machine = Machine::locate(&args.at)?;
    let (here, all, files) = machine.counts();
    let mut lines = vec![(true, format!("places: {here} of {all} are here, with {files} files"))];
    let options = options(args)?;
    let (mut report, _) = machine.search(&options, &choose(&options.rules, None)?, console)?;
    probe(&mut report, &args.probe, None, console);
    lines.extend(keys(&report, args.probe.probe));
    lines.extend(agents(args));
    Ok(lines)
}

/// Returns the options of a search without a report.
fn options(args: &DoctorArgs) -> Result<MachineArgs> {
    let cli = Cli::try_parse_from(["telleaks", "machine", "--quiet"])
        .context("the options of a search are invalid")?;
    let Command::Machine(mut options) = cli.command else { bail!("the options of a search are invalid") };
    options.at = args.at.clone();
    Ok(*options)
}

/// Describes the keys that were found, and which are alive if that was asked.
fn keys(report: &Report, asked: bool) -> Vec<Line> {
    let is_secret = |one: &&Finding| {
        let is_alive = one.liveness.as_ref().is_some_and(|liveness| liveness.status.is_alive());
        !one.secret.is_public() && (one.severity >= Severity::Warning || is_alive || one.liveness.is_some())
    };
    let found: Vec<&Finding> = report.findings.iter().filter(is_secret).collect();
    let secrets: BTreeSet<String> = found.iter().map(|one| one.secret.sha256()).collect();
    let paths: BTreeSet<&str> = found.iter().map(|one| one.location.path.as_str()).collect();
    let unread = match report.unseen.len() {
        0 => String::new(),
        count => format!("; {count} files could not be read"),
    };
    let mut lines = vec![match secrets.len() {
        0 => (unread.is_empty(), format!("keys: none in these places{unread}")),
        count => (
            false,
            format!(
                "keys: {count} in {} files{unread}; telleaks machine shows them, --clean masks them",
                paths.len()
            ),
        ),
    }];
    if !secrets.is_empty() {
        let alive =
            |one: &&&Finding| one.liveness.as_ref().is_some_and(|liveness| liveness.status.is_alive());
        let alive: BTreeSet<String> = found.iter().filter(alive).map(|one| one.secret.sha256()).collect();
        lines.push(match (asked, alive.len()) {
            (false, _) => (true, "alive: not asked; --probe asks Telnyx".to_owned()),
            (true, 0) => (true, format!("alive: none of {} is known to be", secrets.len())),
            (true, count) => (false, format!("alive: {count} of {}; revoke them first", secrets.len())),
        });
    }
    lines
}

/// Describes the hooks of the coding agents that are in use here.
fn agents(args: &DoctorArgs) -> Vec<Line> {
    let own = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let Some(home) = args.at.home.clone().or(own) else { return Vec::new() };
    let places = Places { project: home.clone(), home, scope: Scope::User };
    let mut lines = Vec::new();
    for client in CLIENTS.into_iter().filter(|client| places.has(client)) {
        let files = places.files(client);
        let active =
            files.iter().filter(|file| installed(client, file).is_ok_and(|commands| !commands.is_empty()));
        let name = client.title;
        lines.push(match (active.count(), files.is_empty() || places.switched_off(client).is_empty()) {
            (0, _) => (false, format!("{name}: no hook of telleaks; telleaks agent install adds it")),
            (_, false) => {
                (false, format!("{name}: its hooks are switched off; telleaks agent doctor shows where"))
            }
            (_, true) => (true, format!("{name}: has the hook of telleaks; telleaks agent doctor proves it")),
        });
    }
    lines
}
