//! `telleaks commits`: what a range of commits adds.

use std::io::Read;

use anyhow::{Context, Result, ensure};
use clap::ColorChoice;

use super::shared::{choose, detector, finish, in_threads, limits, named, probe, ready, repository};
use super::{Console, Exit};
use crate::cli::CommitsArgs;
use crate::collect::{Collector, Inline, Inspector};
use crate::commits::{self, Input};

/// Git gives a hook a line for each ref; more than this is no push.
const MAX_INPUT_BYTES: u64 = 256 << 20;
use crate::report::Format;

pub(super) fn run(args: &CommitsArgs, color: ColorChoice, console: &mut Console<'_>) -> Result<Exit> {
    let layout = repository(&args.repo, args.any_owner)?;
    let input = if args.stdin {
        Input::Push { lines: read_lines()?, remote: args.remote.clone() }
    } else {
        Input::Words(args.words.iter().chain(&args.range).cloned().collect())
    };
    ready(&args.look.output, &args.look.probe)?;
    let set = choose(&args.look.rules)?;
    let all = set.all();
    let detector = detector(&set, args.look.output.verbose)?;
    let inspector = Inspector::new(&detector, limits(&args.look.inside))
        .with_comments(Inline::Told, &set)
        .for_code_scanning(args.look.output.writes(Format::Sarif));
    let collector = Collector::new(&inspector);
    let searched = in_threads(args.threads, || commits::run(&layout, &input, &inspector, &collector))?;
    if layout.refs_readable {
        searched?;
    } else {
        searched.context(
            "the refs are stored as a reftable, which telleaks does not read: name commits by their ids",
        )?;
    }
    let (mut report, notices) = collector.finish();
    report.may_be_empty = true;
    report.command = "commits";
    report.repository = named(&layout, &inspector);
    probe(&mut report, &args.look.probe, console);
    finish((report, notices), &all, (&args.look.output, color), console)
}

/// What git gives the hook. A name of a ref need not be UTF-8.
fn read_lines() -> Result<String> {
    let mut text = Vec::new();
    let read = std::io::stdin().take(MAX_INPUT_BYTES + 1).read_to_end(&mut text);
    read.context("standard input cannot be read; --stdin takes the lines that git gives a hook")?;
    ensure!(text.len() as u64 <= MAX_INPUT_BYTES, "standard input is longer than the lines of a push can be");
    Ok(String::from_utf8_lossy(&text).into_owned())
}
