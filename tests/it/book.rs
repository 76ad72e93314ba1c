//! The book in `docs/`: `SUMMARY.md` has every page, every link leads to a page and a heading, and each command has a page that
//! is generated from its options. `TELLEAKS_UPDATE_README=1 cargo test --test it book` writes the pages of the commands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory};
use regex::Regex;
use telleaks::cli::Cli;

/// Where a command is explained with examples.
const GUIDES: [(&str, &str, &str); 20] = [
    ("agent", "../agents.md", "coding agents"),
    ("audit", "../git.md#before-you-publish-a-repository", "before you publish a repository"),
    ("baseline", "../suppression.md#baselines", "baselines"),
    ("commits", "../git.md#before-a-merge-or-push", "before a merge or push"),
    ("completions", "../commands.md#completions-and-manual-pages", "completions and manual pages"),
    ("config", "../suppression.md#telleakstoml", "telleaks.toml"),
    ("doctor", "../commands.md#telleaks-doctor", "telleaks doctor"),
    ("explain", "../commands.md#telleaks-explain", "telleaks explain"),
    ("fix", "../fix.md", "replace hard-coded credentials"),
    ("hook", "../hooks.md", "Git hooks"),
    ("lsp", "../editors.md", "editors"),
    ("machine", "../machine.md", "the workstation"),
    ("mcp", "../agents.md#without-hooks", "agents without hooks"),
    ("merge", "../reports.md#merge-reports", "merge reports"),
    ("probe", "../respond.md#check-whether-a-key-is-active", "check whether a key is active"),
    ("redact", "../redact.md", "mask credentials"),
    ("respond", "../respond.md#plan-the-response", "plan the response"),
    ("rules", "../custom-rules.md", "list and write rules"),
    ("scan", "../commands.md#telleaks-scan", "telleaks scan"),
    ("staged", "../git.md#before-a-commit", "before a commit"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the Markdown files of `docs/`, as paths from the root of the repository.
fn pages() -> Vec<String> {
    let mut out = Vec::new();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                out.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    out.sort();
    out
}

/// Returns a page without its fenced blocks.
fn prose(page: &str) -> String {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let mut inside = false;
    let mut out = String::new();
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        if !inside && !fence {
            out.push_str(line);
            out.push('\n');
        }
    }
    assert!(!inside, "{page} has a block without an end");
    out
}

/// Returns the names of the headings and anchors of a page, as GitHub and mdBook form them.
fn anchors(page: &str) -> BTreeSet<String> {
    let text = prose(page);
    let id = Regex::new(r#"<a id="([^"]+)">"#).unwrap();
    let mut out: BTreeSet<String> = id.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    for heading in text.lines().filter(|line| line.starts_with('#')) {
        let name = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = name.chars().filter(|one| one.is_alphanumeric() || matches!(one, ' ' | '-' | '_'));
        out.insert(kept.map(|one| if one == ' ' { '-' } else { one }).collect());
    }
    out
}

/// Resolves `..` in a path with `/`.
fn resolved(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{target} leads out of the repository"),
            "." | "" => {}
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[test]
fn links_lead_to_a_page_and_a_heading() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let here = format!("{}/blob/main/", env!("CARGO_PKG_REPOSITORY"));
    let others = ["CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", "rules/README.md"];
    let (mut seen, mut wrong) = (0, Vec::new());
    for page in pages().into_iter().chain(others.map(str::to_owned)) {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for found in link.captures_iter(&prose(&page)) {
            let address = &found[1];
            let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
            let target = match path.strip_prefix(&here) {
                Some(inside) => inside.to_owned(),
                None if path.contains("://") || path.starts_with("mailto:") => continue,
                None if path.is_empty() => page.clone(),
                None => resolved(folder, path),
            };
            seen += 1;
            let leaves_book =
                page.starts_with("docs/") && !target.starts_with("docs/") && !path.contains("://");
            let exists = root().join(&target).exists();
            let known = || anchor.is_empty() || !target.ends_with(".md") || anchors(&target).contains(anchor);
            if leaves_book || !exists || !known() {
                wrong.push(format!("{page}: {address}"));
            }
        }
    }
    assert!(seen > 300, "{seen} links");
    assert!(
        wrong.is_empty(),
        "{} links lead nowhere, or out of the book:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn summary_has_every_page_once() {
    let link = Regex::new(r"\[([^]]+)\]\(([^)]+)\)").unwrap();
    let text = prose("docs/SUMMARY.md");
    let mut listed: BTreeMap<String, usize> = BTreeMap::new();
    for found in link.captures_iter(&text) {
        *listed.entry(format!("docs/{}", &found[2])).or_default() += 1;
    }
    let twice: Vec<&String> = listed.iter().filter(|(_, count)| **count > 1).map(|(page, _)| page).collect();
    assert!(twice.is_empty(), "docs/SUMMARY.md has twice: {twice:?}");
    let pages: BTreeSet<String> = pages().into_iter().filter(|page| page != "docs/SUMMARY.md").collect();
    let listed: BTreeSet<String> = listed.into_keys().collect();
    let missing: Vec<&String> = pages.symmetric_difference(&listed).collect();
    assert!(missing.is_empty(), "only in docs/ or only in docs/SUMMARY.md: {missing:?}");
}

/// Escapes text for a cell of a table; the parts between backticks stay as they are.
fn cell(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let escape = |(number, part): (usize, &str)| {
        if number % 2 == 0 { part.replace('<', "&lt;").replace('*', "\\*") } else { part.to_owned() }
    };
    text.split('`').enumerate().map(escape).collect::<Vec<_>>().join("`")
}

/// Returns how an argument is written, such as `-j`, `--threads <N>`.
fn written(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let values: String = names.iter().map(|name| format!(" <{name}>")).collect();
    let takes = if arg.get_action().takes_values() { values } else { String::new() };
    let Some(long) = arg.get_long() else { return format!("`{}`", takes.trim()).replace('|', "\\|") };
    let short = arg.get_short().map_or_else(String::new, |short| format!("`-{short}`, "));
    format!("{short}`--{long}{takes}`").replace('|', "\\|")
}

/// Returns the row of an argument.
fn row(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = cell(&help);
    if !text.is_empty() && !text.ends_with(['.', ')']) {
        text.push('.');
    }
    let names = |values: Vec<String>| {
        values.iter().map(|value| format!("`{}`", value.replace('|', "\\|"))).collect::<Vec<_>>().join(", ")
    };
    if arg.get_action().takes_values() {
        let values = arg.get_possible_values();
        let values = values.iter().filter(|value| !value.is_hide_set());
        let values = names(values.map(|value| value.get_name().to_owned()).collect());
        let defaults = arg.get_default_values().iter();
        let defaults = names(defaults.map(|value| value.to_string_lossy().into_owned()).collect());
        if !values.is_empty() && !arg.is_hide_possible_values_set() {
            write!(text, " Values: {values}.").unwrap();
        }
        if !defaults.is_empty() && !arg.is_hide_default_value_set() {
            write!(text, " Default: {defaults}.").unwrap();
        }
    }
    format!("| {} | {text} |\n", written(arg))
}

/// Appends the description, usage, options and examples of a command, and those of its subcommands.
fn describe(command: &Command, depth: usize, out: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    let marks = "#".repeat(depth);
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string);
    let about = about.unwrap_or_default().replace('<', "&lt;");
    let end = if about.contains('\n') || about.ends_with('.') { "" } else { "." };
    write!(out, "{marks} {name}\n\n{about}{end}\n").unwrap();
    if depth == 1 {
        let guide = GUIDES.iter().find(|(of, ..)| *of == command.get_name());
        if let Some((_, address, text)) = guide {
            write!(out, "\nGuide with examples: [{text}]({address}).\n").unwrap();
        }
    }
    let usage = command.clone().render_usage().to_string();
    write!(out, "\n```text\n{}\n```\n", usage.trim_start_matches("Usage: ")).unwrap();
    let mut groups: Vec<(String, String)> = Vec::new();
    for arg in command.get_arguments() {
        if arg.is_hide_set() || ["help", "version"].contains(&arg.get_id().as_str()) {
            continue;
        }
        let general = if arg.get_long().is_none() { "Arguments" } else { "Options" };
        let heading = arg.get_help_heading().unwrap_or(general).to_owned();
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, rows)) => rows.push_str(&row(arg)),
            None => groups.push((heading, row(arg))),
        }
    }
    for (heading, rows) in groups {
        let name = if heading == "Arguments" { "Argument" } else { "Option" };
        write!(out, "\n**{heading}**\n\n| {name} | Meaning |\n| --- | --- |\n{rows}").unwrap();
    }
    if let Some(examples) = command.get_after_help().map(ToString::to_string) {
        let lines = examples.lines().skip(1).map(|line| line.strip_prefix("  ").unwrap_or(line));
        let lines = lines.collect::<Vec<_>>().join("\n");
        write!(out, "\n**Examples**\n\n```sh\n{}\n```\n", lines.trim_end()).unwrap();
    }
    for inner in visible(command) {
        out.push('\n');
        describe(inner, depth + 1, out);
    }
}

/// Returns the subcommands that `--help` shows, without `help`.
fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|one| !one.is_hide_set() && one.get_name() != "help")
}

#[test]
fn each_command_has_a_current_page() {
    let mut program = Cli::command();
    program.build();
    let folder = root().join("docs/commands");
    let mut expected = BTreeSet::new();
    for command in visible(&program) {
        let mut page = String::new();
        describe(command, 1, &mut page);
        page.push_str("\n[Exit codes](../exit-codes.md) · [All commands](../commands.md)\n");
        let path = folder.join(format!("{}.md", command.get_name()));
        expected.insert(path.clone());
        if std::env::var_os("TELLEAKS_UPDATE_README").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &page).unwrap();
        }
        let real = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(real, page, "{}: run the tests with TELLEAKS_UPDATE_README=1", path.display());
    }
    let real: BTreeSet<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(real, expected, "pages of commands that do not exist");
    for (command, ..) in GUIDES {
        assert!(visible(&program).any(|one| one.get_name() == command), "GUIDES names {command}");
    }
}
