//! `telleaks completions` and `telleaks man` agree with `--help`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use regex::Regex;

const PROGRAM: &str = env!("CARGO_BIN_EXE_telleaks");
const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

fn telleaks(args: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the completions that bash offers after these words.
fn offered(words: &[&str]) -> Vec<String> {
    let script = r#"
        source <("$0" completions bash) || exit
        COMP_WORDS=(telleaks "$@") COMP_CWORD=$#
        _telleaks telleaks "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash").args(["-c", script, PROGRAM]).args(words).output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    assert_eq!(offered(&["comm"]), ["commits"]);
    assert_eq!(offered(&["baseline", "pr"]), ["prune"]);
    assert_eq!(offered(&["scan", "--max-f"]), ["--max-file-size"]);
    assert_eq!(offered(&["scan", "--format", "sar"]), ["sarif"]);
    assert_eq!(offered(&["scan", "--probe-t"]), [""; 1], "hidden options stay hidden");
    assert_eq!(offered(&["commits", "--w"]), ["--write-baseline"]);
}

#[test]
fn every_shell_completes_the_options_of_help() {
    let option = Regex::new(r"(?m)^\s+(?:-\w, )?--([a-z-]+)").unwrap();
    for shell in SHELLS {
        let script = telleaks(&["completions", shell]);
        for command in ["scan", "commits", "probe"] {
            let help = telleaks(&[command, "--help"]);
            for found in option.captures_iter(&help) {
                assert!(script.contains(&found[1]), "{shell} does not know --{} of {command}", &found[1]);
            }
        }
        assert!(!script.contains("probe-timeout") && !script.contains("NONE"), "{shell}");
    }
}

#[test]
fn every_command_has_a_page() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("share/man1");
    assert_eq!(telleaks(&["man", "--dir", folder.to_str().unwrap()]), "");
    let names: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let help = telleaks(&["--help"]);
    let command = Regex::new(r"(?m)^  ([a-z]+)  +[A-Z]").unwrap();
    let commands: Vec<&str> =
        command.captures_iter(&help).map(|found| found.get(1).unwrap().as_str()).collect();
    assert!(commands.len() > 12);
    for command in commands.iter().filter(|command| **command != "help") {
        assert!(names.contains(&format!("telleaks-{command}.1")), "{command}");
    }
    assert!(names.contains("telleaks-baseline-add.1"));
    assert_eq!(fs::read_to_string(folder.join("telleaks.1")).unwrap(), telleaks(&["man"]));
    for name in &names {
        assert!(!fs::read_to_string(folder.join(name)).unwrap().contains(r"probe\-timeout"), "{name}");
        without_warnings(&folder.join(name));
    }
}

/// If groff is installed, checks that it formats the page without warnings.
fn without_warnings(page: &Path) {
    let groff = Command::new("groff").args(["-man", "-Tutf8", "-ww"]).arg(page).stdin(Stdio::null()).output();
    let Ok(Output { status, stderr, .. }) = groff else { return };
    assert!(
        status.success() && stderr.is_empty(),
        "{}: {}",
        page.display(),
        String::from_utf8_lossy(&stderr)
    );
}

#[test]
fn directory_that_cannot_be_created() {
    let output = Command::new(PROGRAM).args(["man", "--dir", "/dev/null/man"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("/dev/null/man: the manual pages cannot be written")
    );
}
