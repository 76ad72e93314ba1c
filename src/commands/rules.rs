//! `telleaks rules`: lists rules, prints one, exports them, or runs their examples.

use anyhow::{Context, Result};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;

use super::{Console, Exit, is_closed_pipe};
use crate::cli::RulesCommand;
use crate::detect::{Detector, Match, Scratch};
use crate::export::export;
use crate::finding::OWN_PREFIX;
use crate::rules::{self, Rule, RuleError, RuleSet};

/// A rule file with one rule, for serialization.
#[derive(Serialize)]
struct File<'a> {
    rule: [&'a Rule; 1],
}

pub(super) fn run(command: &RulesCommand, console: &mut Console<'_>) -> Result<Exit> {
    let outcome = match command {
        RulesCommand::List { files } => list(&load(files)?, console.out).map(|()| Exit::Clean),
        RulesCommand::Show { id, files } => {
            let set = load(files)?;
            let rule = set
                .all()
                .into_iter()
                .find(|rule| &rule.id == id)
                .ok_or_else(|| RuleError::Unknown(id.clone()))?;
            let file = File { rule: [&rule] };
            let text = toml::to_string_pretty(&file).context("the rule cannot be written as TOML")?;
            write!(console.out, "{text}").map(|()| Exit::Clean)
        }
        RulesCommand::Export { target, files } => {
            let text = export(&load(files)?.rules, *target);
            console.out.write_all(text.as_bytes()).map(|()| Exit::Clean)
        }
        RulesCommand::Test { files } => test(&load(files)?, console.out)?,
    };
    match outcome.and_then(|exit| console.out.flush().map(|()| exit)) {
        Err(error) if is_closed_pipe(&error) => Ok(Exit::Clean),
        other => other.context("cannot write to standard output"),
    }
}

fn load(files: &[PathBuf]) -> Result<RuleSet> {
    let mut set = rules::builtin()?;
    for file in files {
        rules::extend(&mut set, file)?;
    }
    Ok(set)
}

fn list(set: &RuleSet, out: &mut dyn Write) -> io::Result<()> {
    let (own, credentials): (Vec<Rule>, Vec<Rule>) =
        set.all().into_iter().partition(|rule| rule.id.starts_with(OWN_PREFIX));
    table(&credentials, out)?;
    if !own.is_empty() {
        writeln!(out, "\nAbout suppressions:")?;
    }
    table(&own, out)
}

/// Writes one line for each rule.
fn table(rules: &[Rule], out: &mut dyn Write) -> io::Result<()> {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    for rule in rules {
        writeln!(
            out,
            "{:width$}  {:7}  {:6}  {}",
            rule.id,
            rule.severity.as_str(),
            rule.confidence.as_str(),
            rule.name
        )?;
    }
    Ok(())
}

/// Runs every example of every rule and reports the examples that fail.
fn test(set: &RuleSet, out: &mut dyn Write) -> Result<io::Result<Exit>> {
    let rules = set.rules.clone();
    let detector = Detector::new(set.clone(), false).context("the rules have too many anchors")?;
    let mut wrong = Vec::new();
    let mut count = 0;
    for rule in &rules {
        for (number, text) in rule.examples.iter().enumerate() {
            let ids = ids(&detector, text);
            if ids != [rule.id.as_str()] {
                wrong.push(format!(
                    "{}: example {} matches {}, not its own rule once",
                    rule.id,
                    number + 1,
                    listed(&ids)
                ));
            }
        }
        for (number, text) in rule.non_examples.iter().enumerate() {
            if ids(&detector, text).contains(&rule.id) {
                wrong.push(format!("{}: non-example {} matches", rule.id, number + 1));
            }
        }
        count += rule.examples.len() + rule.non_examples.len();
    }
    Ok(write_results(&rules, count, &wrong, out))
}

fn write_results(rules: &[Rule], count: usize, wrong: &[String], out: &mut dyn Write) -> io::Result<Exit> {
    for line in wrong {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{} rules, {count} examples, {} wrong", rules.len(), wrong.len())?;
    Ok(if wrong.is_empty() { Exit::Clean } else { Exit::Match })
}

/// Returns the ids of the rules that match an example after its `{}` cut marks are removed.
fn ids(detector: &Detector, text: &str) -> Vec<String> {
    let whole = text.replace("{}", "");
    let found: Vec<Match> = detector.scan_reader(&mut whole.as_bytes(), &mut Scratch::default()).found;
    let names: Vec<&Rule> = detector.rules().collect();
    found.iter().map(|one| names[one.rule].id.clone()).collect()
}

fn listed(ids: &[String]) -> String {
    if ids.is_empty() { "nothing".to_owned() } else { ids.join(" and ") }
}
