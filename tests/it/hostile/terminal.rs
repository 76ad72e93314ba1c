//! On a pseudo-terminal, created with `script` of util-linux: content of untrusted authors has no effect on the
//! terminal, whatever the command.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{put, telleaks};
use crate::hostile::line;
use crate::hostile::repo::Repo;

/// Parts of names and lines.
const HOSTILE: [&str; 9] = [
    "a\u{1b}[2J\u{1b}]0;owned\u{7}b",
    "a\u{1b}[8m\u{1b}[2Kb",
    "a\u{202e}b\u{2066}c",
    "a\rowned: nothing here",
    "a\nowned: no leaks",
    "a\n::add-mask::owned",
    "a\n##[error]owned",
    "a\u{9b}2Jowned\u{85}x",
    "a\u{8}\u{8}\u{8}owned\u{7f}\u{200b}\u{2028}",
];

/// Returns everything that a command writes to a terminal, with line ends as in a file.
fn on_a_terminal(folder: &Path, home: &Path, arguments: &str) -> String {
    let program = telleaks().get_program().to_owned();
    let mut command = Command::new("script");
    command.args(["-qec", &format!("'{}' {arguments}", program.display()), "/dev/null"]);
    command.current_dir(folder).env("HOME", home).env("TERM", "xterm-256color").env_remove("NO_COLOR");
    let output = command.env("SHELL", "/bin/sh").stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).replace("\r\r\n", "\n").replace("\r\n", "\n")
}

/// Checks that the output contains no control sequences except colours.
fn inert(shown: &str, why: &str) {
    let colours = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert!(!shown.contains("\u{1b}[8m"), "{why}: {shown:?}");
    let plain = colours.replace_all(shown, "");
    let acts =
        |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2066}\u{200b}\u{2028}\u{fffd}".contains(c));
    let at = plain.find(acts);
    assert!(at.is_none(), "{why}: {:?}", plain.get(at.unwrap_or(0).saturating_sub(60)..));
    for line in plain.lines() {
        assert!(
            !line.starts_with("owned") && !line.starts_with("::") && !line.starts_with("##["),
            "{why}: {line}"
        );
    }
}

#[test]
fn output_is_inert_on_a_terminal() {
    let repo = Repo::new(&[]);
    repo.put("README", "A program.\n");
    repo.commit("Begin");
    for (number, part) in HOSTILE.iter().enumerate() {
        let text = line(&format!("terminal {number}")).1;
        repo.put(&format!("{part}.{number}.env"), format!("{part} {} {part}\n", text.trim_end()));
        repo.put(&format!("cut.{part}.{number}.gz"), b"\x1f\x8b\x08\0\0\0\0\0\0\x03cut");
    }
    repo.git(&["add", "-A"]);
    let home = repo.home.path();
    let staged = on_a_terminal(&repo.dir, home, "staged --color=always");
    assert!(staged.contains("telnyx-api-key") && staged.contains('\u{1b}'), "{staged}");
    inert(&staged, "staged");
    inert(&on_a_terminal(&repo.dir, home, "hook run"), "hook run");
    repo.next_day();
    repo.git(&["commit", "-qm", &HOSTILE.join("\n")]);
    for arguments in [
        "scan --color=always",
        "scan --verbose --show-secrets",
        "scan --format github",
        "scan --format markdown",
        "scan --format csv",
        "scan --format sarif",
        "scan --format html",
        "commits HEAD~1..HEAD --color=always",
        "audit --color=always",
        "audit --verbose",
        "audit --format json --report text=/dev/stdout",
        "fix",
    ] {
        let shown = on_a_terminal(&repo.dir, home, arguments);
        // The github format consists of workflow commands.
        let shown = if arguments.contains("github") {
            shown.replace("\n::error ", "\n").replace("\n::warning ", "\n").replace("\n::notice ", "\n")
        } else {
            shown
        };
        let shown = shown.strip_prefix("::error ").unwrap_or(&shown);
        assert!(shown.contains("owned"), "{arguments}: {shown}");
        inert(shown, arguments);
    }
}

#[test]
fn errors_are_inert_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for part in HOSTILE {
        put(at, &format!("rules/{part}.toml"), format!("{part} = 1\n"));
        put(at, &format!("{part}/telleaks.toml"), format!("\"{part}\" = 1\n[rules.\"{part}\"]\n"));
        let quoted = |text: &str| format!("'{}'", text.replace('\'', ""));
        for arguments in [
            format!("scan {}", quoted(&format!("none {part}"))),
            format!("scan --rules {}", quoted(&format!("rules/{part}.toml"))),
            format!("scan {}", quoted(part)),
            format!("audit {}", quoted(part)),
            format!("scan --rule {}", quoted(part)),
            format!("scan --exclude {}", quoted(&format!("[{part}"))),
            format!("scan --format {}", quoted(part)),
            format!("config check {}", quoted(part)),
            format!("respond {}", quoted(&format!("rules/{part}.toml"))),
        ] {
            let shown = on_a_terminal(at, at, &arguments);
            assert!(!shown.is_empty(), "{arguments}");
            inert(&shown, &arguments);
        }
    }
}
