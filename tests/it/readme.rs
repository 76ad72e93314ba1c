//! The documentation agrees with the program: every console example in README.md and in the pages of `docs/` is run, and
//! every option, rule, file and field named there exists.
//!
//! `TELLEAKS_UPDATE_README=1 cargo test --test it readme` writes the actual output into these files. Review the difference
//! before committing it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_telleaks");

/// The pages with console examples, in the order in which these are run, in one folder: some use the files of earlier
/// pages.
const PAGES: [&str; 13] = [
    "README.md",
    "docs/quick-start.md",
    "docs/commands.md",
    "docs/redact.md",
    "docs/machine.md",
    "docs/fix.md",
    "docs/agents.md",
    "docs/archives.md",
    "docs/git.md",
    "docs/reports.md",
    "docs/respond.md",
    "docs/suppression.md",
    "docs/custom-rules.md",
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap()
}

/// Runs a shell script in `folder` with this build as `telleaks` and without the user's settings.
fn shell(folder: &Path, script: &str) -> Output {
    let programs = Path::new(PROGRAM).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

fn telleaks(folder: &Path, arguments: &str) -> String {
    String::from_utf8(shell(folder, &format!("telleaks {arguments}")).stdout).unwrap()
}

/// Returns the fenced code blocks of one language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = Regex::new(&format!(r"(?s)```{language}\n(.*?)```")).unwrap();
    fence.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// Returns the example rule file.
fn example_rules() -> String {
    let mut files = blocks(&read("docs/custom-rules.md"), "toml");
    assert_eq!(files.len(), 1);
    files.remove(0)
}

fn folder_with_rules() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("acme.toml"), example_rules()).unwrap();
    folder
}

/// Runs the commands of an example in order in one shell. Returns the transcript: each command and its standard output.
fn replay(shown: &str, folder: &Path) -> String {
    let commands: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(shown.starts_with("$ "), "an example begins with a command: {shown}");
    let mut script = String::new();
    for (number, command) in commands.iter().enumerate() {
        script += &format!("{{ {command}\n}} > .out{number} 2> .err{number}\n");
    }
    shell(folder, &script);
    let mut real = String::new();
    for (number, command) in commands.iter().enumerate() {
        let take = |name: &str| {
            let path = folder.join(format!("{name}{number}"));
            let text = fs::read_to_string(&path).unwrap();
            fs::remove_file(path).unwrap();
            text
        };
        take(".err");
        real += &format!("$ {command}\n{}", take(".out"));
    }
    real
}

#[test]
fn examples_match_actual_output() {
    let folder = folder_with_rules();
    for page in PAGES {
        let text = read(page);
        let mut real = text.clone();
        let examples = blocks(&text, "console");
        assert!(!examples.is_empty(), "{page} has no example");
        for shown in &examples {
            let went = replay(shown, folder.path());
            if std::env::var_os("TELLEAKS_UPDATE_README").is_some() {
                real =
                    real.replacen(&format!("```console\n{shown}```"), &format!("```console\n{went}```"), 1);
            } else {
                assert_eq!(shown, &went, "{page} (left) and the program (right) differ");
            }
        }
        if real != text {
            fs::write(repository().join(page), real).unwrap();
        }
    }
}

#[test]
fn finding_in_documentation_is_real() {
    let page = read("docs/reports.md");
    let folder = folder_with_rules();
    replay(&blocks(&read("README.md"), "console")[0], folder.path());
    let shown: Value = serde_json::from_str(&blocks(&page, "json")[0]).unwrap();
    let report: Value = serde_json::from_str(&telleaks(folder.path(), "scan --format json example")).unwrap();
    let real = &report["findings"][0];
    for (field, value) in shown.as_object().unwrap() {
        assert_eq!(value, &real[field], "{field}");
    }
    let document = report.as_object().unwrap();
    for field in real.as_object().unwrap().keys().chain(document.keys()) {
        assert!(page.contains(&format!("`{field}`")), "docs/reports.md does not explain the field {field}");
    }
}

#[test]
fn refused_prompt_in_documentation_is_real() {
    let key = ["KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG"].join("_");
    let event = serde_json::json!({ "hook_event_name": "UserPromptSubmit", "prompt": key }).to_string();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("event.json"), event).unwrap();
    let answer: Value = serde_json::from_str(&telleaks(folder.path(), "agent hook < event.json")).unwrap();
    let shown = blocks(&read("docs/agents.md"), "text");
    let reason = format!("{}\n", answer["reason"].as_str().unwrap());
    assert!(shown.contains(&reason), "docs/agents.md does not show:\n{reason}");
}

/// The numbers that a reader of README.md can repeat with one command.
#[test]
fn numbers_in_readme_are_real() {
    let (readme, folder) = (read("README.md"), tempfile::tempdir().unwrap());
    let listed = telleaks(folder.path(), "rules list");
    let rules = listed.lines().filter(|line| line.starts_with("telnyx-")).count();
    assert!(readme.contains(&format!("each of its {rules} rules")), "there are {rules} rules");
    let tested = telleaks(folder.path(), "self-test");
    let planted = tested.lines().last().unwrap().split(' ').next().unwrap().to_owned();
    assert!(readme.contains(&format!("plants {planted} keys")), "{tested}");
}

#[test]
fn documented_options_exist() {
    let here = repository();
    let option = Regex::new(r"(?:^|[^-\w])(--[a-z][a-z-]+)").unwrap();
    let options = |text: &str| -> BTreeSet<String> {
        option.captures_iter(text).map(|found| found[1].to_owned()).collect()
    };
    let mut scan = options(&telleaks(here, "scan --help"));
    for command in ["staged --help", "commits --help", "audit --help", "redact --help", "fix --help"] {
        scan.extend(options(&telleaks(here, command)));
    }
    let mut known = scan.clone();
    for command in [
        "--help",
        "rules --help",
        "rules list --help",
        "rules show --help",
        "rules test --help",
        "rules export --help",
        "merge --help",
        "lsp --help",
        "explain --help",
        "machine --help",
        "doctor --help",
        "probe --help",
        "respond --help",
        "config show --help",
        "config check --help",
        "baseline add --help",
        "baseline remove --help",
        "baseline list --help",
        "baseline prune --help",
        "hook install --help",
        "agent hook --help",
        "agent install --help",
        "man --help",
    ] {
        known.extend(options(&telleaks(here, command)));
    }
    // Lines that mention cargo or a git command contain options of those programs.
    let programs = [
        "cargo",
        "git fetch",
        "git -C",
        "(git ",
        "docker",
        "git cat-file",
        "git diff",
        "git filter-repo",
        "git push",
    ];
    let other = |line: &&str| programs.iter().any(|program| line.contains(program));
    let lines = |file: &str| -> String {
        read(file).lines().filter(|line| !other(line)).map(|line| format!("{line}\n")).collect()
    };
    let pages = PAGES.iter().chain(&["docs/ci.md", "docs/limits.md"]);
    let named = options(&pages.map(|page| lines(page)).collect::<String>());
    assert_eq!(named.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "unknown options");
    let expected: BTreeSet<String> =
        scan.into_iter().filter(|name| name != "--version" && name != "--help").collect();
    assert_eq!(expected.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "not explained");
}

#[test]
fn documented_rule_file_works() {
    let folder = folder_with_rules();
    let outcome = shell(folder.path(), "telleaks rules test acme.toml");
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stdout));
}

#[test]
fn documented_encodings_match_program() {
    let (readme, page) = (read("README.md"), read("docs/encodings.md"));
    let source = read("crates/detection/src/finding/encoding.rs");
    let name = Regex::new(r#"Self::\w+ => "([a-z0-9-]+)""#).unwrap();
    let names: Vec<String> = name.captures_iter(&source).map(|found| found[1].to_owned()).collect();
    for name in &names {
        assert!(page.contains(&format!("`{name}`")), "docs/encodings.md does not name the encoding {name}");
    }
    assert!(readme.contains(&format!("any of {} encodings", names.len())), "there are {}", names.len());
}

/// Returns the known names listed in the error for `rule`.
fn names_in_error(rule: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rule.toml"), rule).unwrap();
    let outcome = shell(folder.path(), "telleaks rules list --rules rule.toml");
    assert_eq!(outcome.status.code(), Some(2));
    let error = String::from_utf8(outcome.stderr).unwrap();
    let list = error.split("expected one of ").nth(1).unwrap().lines().next().unwrap();
    list.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_rule_field_and_check_is_documented() {
    let text = read("rules/README.md");
    let rule = example_rules();
    let unknown_field = rule.replace("[[rule]]", "[[rule]]\nno-such-field = 1");
    let unknown_check = rule.replace("['placeholder']", "['no-such-check']");
    let unknown_form = rule.replace("[[rule]]", "[[rule]]\nforms = 'no-such-form'");
    for rule in [unknown_field, unknown_check, unknown_form] {
        for name in names_in_error(&rule) {
            assert!(text.contains(&format!("`{name}`")), "rules/README.md does not explain {name}");
        }
    }
}

/// The links of all pages are checked in `book.rs`.
#[test]
fn files_named_in_contributing_exist() {
    let path = Regex::new(r"`(\.?(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:rs|md|toml|sh|py))`").unwrap();
    for found in path.captures_iter(&read("CONTRIBUTING.md")) {
        assert!(repository().join(&found[1]).exists(), "CONTRIBUTING.md names {}", &found[1]);
    }
}

#[test]
fn contributing_names_every_module() {
    let text = read("CONTRIBUTING.md");
    let module = Regex::new(r"(?m)^pub mod (\w+);").unwrap();
    for package in ["", "crates/detection/", "crates/contents/"] {
        let map = read(&format!("{package}src/lib.rs"));
        for found in module.captures_iter(&map) {
            let name = format!("`{package}src/{}", &found[1]);
            let names = [format!("{name}.rs`"), format!("{name}/`")];
            assert!(names.iter().any(|name| text.contains(name)), "CONTRIBUTING.md does not name {name}");
        }
    }
}
