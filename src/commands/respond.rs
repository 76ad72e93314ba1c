//! `telleaks respond`: prints a plan for the findings of a report.

use anyhow::{Context, Result, ensure};

use super::{Console, Exit, is_closed_pipe};
use crate::cli::RespondArgs;
use crate::report::{read_file, write_file};
use crate::respond::{Leak, Replacements, leaks, plan_all, replacements, write_html, write_text};
use crate::rules;

pub(super) fn run(args: &RespondArgs, console: &mut Console<'_>) -> Result<Exit> {
    let rules = rules::builtin()?.all();
    let leaks = leaks(read_file(&args.report, &rules)?.findings.iter(), false);
    let needy: Vec<&Leak> = leaks.iter().filter(|leak| leak.needs_plan()).collect();
    let plans = plan_all(&needy, &rules);
    if let Some(path) = &args.filter_repo {
        let found = replacements(&leaks, &rules);
        ensure!(
            found.masked == 0,
            "--filter-repo needs the secrets, and the report masks {} of them; make it with --show-secrets",
            found.masked
        );
        write_file(path, |out| found.write(out))?;
        warn_about_file(&path.to_string_lossy(), &found, console);
    }
    if let Some(path) = &args.html {
        write_file(path, |out| write_html(&plans, out))?;
    }
    match write_text(&plans, console.out).and_then(|()| console.out.flush()) {
        Err(error) if is_closed_pipe(&error) => Ok(()),
        other => other.context("cannot write to standard output"),
    }?;
    Ok(Exit::Clean)
}

/// Prints what the user must know about the file with the secrets.
fn warn_about_file(path: &str, found: &Replacements<'_>, console: &mut Console<'_>) {
    console.warn(&format!(
        "{path} is sensitive: it holds {} secrets in clear, for git filter-repo --replace-text; delete it when you are done",
        found.count()
    ));
    console.warn(
        "it replaces them as plain text only: encoded forms (base64, escapes, archives) cannot be derived from a report and \
         stay in history; run telleaks audit on the result",
    );
    if found.unwritable > 0 {
        console.warn(&format!("{} secrets that contain a line end are not in it", found.unwritable));
    }
}
