//! `telleaks doctor`: whether the hooks of a repository run telleaks, which program they run, and whether it finds what it
//! should.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{Console, Exit, doctor_machine, is_closed_pipe, self_test};
use crate::cli::{DoctorArgs, ListFormat, SelfTestArgs};
use crate::fault_injection::VERSION;
use crate::hook::{self, HookState};
use crate::report::visible;

/// One line of the result, and whether it is in order.
type Line = (bool, String);

pub(super) fn run(args: &DoctorArgs, console: &mut Console<'_>) -> Result<Exit> {
    let mut lines = hooks(&args.repo);
    let own = std::env::current_exe().context("cannot determine the path of this program")?;
    lines.push((true, format!("this program is {}, version {VERSION}", own.display())));
    lines.push(self_tested(console));
    let is_wanted = args.at.home.is_some() || !args.at.places.is_empty() || args.probe.probe;
    if args.machine || is_wanted {
        lines.extend(doctor_machine::lines(args, console)?);
    }
    let sound = lines.iter().all(|(ok, _)| *ok);
    let text: String = lines.iter().map(|(ok, line)| format!("{}: {}\n", sign(*ok), visible(line))).collect();
    match console.out.write_all(text.as_bytes()).and_then(|()| console.out.flush()) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("cannot write to standard output"),
        _ if sound => Ok(Exit::Clean),
        _ => Ok(Exit::Match),
    }
}

fn sign(ok: bool) -> &'static str {
    if ok { "ok" } else { "not in order" }
}

/// Describes the hooks of a repository. Only a missing pre-commit hook is out of order; the others are a choice.
fn hooks(repo: &Path) -> Vec<Line> {
    let status = match hook::status(repo) {
        Ok(status) => status,
        Err(error) => return vec![(false, format!("hooks: {error}"))],
    };
    let mut lines = Vec::new();
    for one in &status.hooks {
        let (name, searches) = (one.name, one.searches);
        match &one.state {
            HookState::Telleaks(program) => lines.push(called(name, searches, program)),
            HookState::Manager(manager, file) => {
                lines.push((true, format!("{name}: {manager} runs telleaks, as {file} says")));
            }
            HookState::Other(path) => {
                lines.push((true, format!("{name}: {} names telleaks", path.display())));
            }
            HookState::Inactive(why) if name == "pre-commit" => {
                let husky = status.dir.ends_with(".husky/_");
                let advice = match husky {
                    true => "add the line telleaks staged to .husky/pre-commit",
                    false => "telleaks hook install installs it",
                };
                lines.push((false, format!("{name}: commits are not searched: {why}; {advice}")));
            }
            HookState::Inactive(_) => {
                lines.push((true, format!("{name}: not installed, so {searches} are not searched")));
            }
        }
    }
    for tree in &status.unguarded {
        let why = "core.hooksPath is relative, and its directory here has no hook of telleaks";
        let line = format!("work tree {}: {why}; run telleaks hook install in it", tree.display());
        lines.push((false, line));
    }
    lines
}

/// Describes a hook of telleaks with the version of the program that it runs.
fn called(name: &str, searches: &str, program: &Path) -> Line {
    let shown = program.display();
    let asked = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    match asked {
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            (true, format!("{name}: searches {searches} with {shown} ({version})"))
        }
        _ => (false, format!("{name}: {shown} cannot be run; telleaks hook install writes the hook again")),
    }
}

/// Runs the self-test without its output.
fn self_tested(console: &Console<'_>) -> Line {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = SelfTestArgs { config: None, rules: Vec::new(), format: ListFormat::Text };
    let mut quiet = Console {
        out: &mut out,
        err: &mut err,
        out_is_terminal: false,
        err_is_terminal: false,
        clock: console.clock,
    };
    match self_test::run(&args, &mut quiet) {
        Ok(Exit::Clean) => (true, "self-test: every planted key is found".to_owned()),
        Ok(_) => {
            (false, "self-test: a planted key is missed or hidden; telleaks self-test shows which".to_owned())
        }
        Err(error) => (false, format!("self-test: {error:#}")),
    }
}
