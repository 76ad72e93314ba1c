//! The words of the documentation, the rules and `--help`: those of the glossary in CONTRIBUTING.md, and none of a private language.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use regex::Regex;
use telleaks::cli::Cli;

use crate::architecture::PRIVATE_WORDS;

/// Phrases for which the field has another word: "is not a", "false positive", "in clear text".
const PHRASES: &str =
    r"(?i)\bis no [a-z]|\bfalse alarms?\b|\bmade anew\b|\bin clear\b(?: [^t]|[^ ]|$)|\bmade-up\b";
/// Pages that quote descriptions of tests and code. Their texts are generated.
const QUOTES: [&str; 2] = ["docs/mutants.md", "docs/reliability.md"];

fn markdown(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            markdown(&path, out);
        } else if path.extension().is_some_and(|end| end == "md") {
            out.push(path);
        }
    }
}

/// Returns the help of a command and its subcommands, each with its name.
fn helps(command: &mut Command, out: &mut Vec<(String, String)>) {
    let name = command.get_bin_name().unwrap_or_default().to_owned();
    out.push((format!("{name} --help"), command.render_long_help().to_string()));
    for inner in command.get_subcommands_mut().filter(|one| one.get_name() != "help") {
        helps(inner, out);
    }
}

#[test]
fn documentation_and_help_use_the_terms_of_the_field() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files =
        ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name)).to_vec();
    files.extend(fs::read_dir(root.join("rules")).unwrap().map(|entry| entry.unwrap().path()));
    markdown(&root.join("docs"), &mut files);
    let mut texts = Vec::new();
    for path in files {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if !QUOTES.contains(&name.as_str()) {
            texts.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    let mut program = Cli::command();
    program.build();
    helps(&mut program, &mut texts);
    assert!(texts.len() > 100, "{} texts", texts.len());
    let words = Regex::new(&format!("{PRIVATE_WORDS}|{PHRASES}")).unwrap();
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| words.is_match(line)) {
            wrong.push(format!("{name}:{}: {}", number + 1, line.trim()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} lines with words that the glossary has better ones for:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
