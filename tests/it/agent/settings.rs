//! `telleaks agent install`, `remove` and `doctor` in a home directory of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use super::said;
use crate::common::{code, put, telleaks};

const PROGRAM: &str = env!("CARGO_BIN_EXE_telleaks");

/// Returns a home directory with settings of every client, as their users have them.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (file, text) in [
        (
            ".claude/settings.json",
            "{\n  \"permissions\": {\"allow\": [\"Bash(ls:*)\"]},\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"./mine.sh\"}]}\n    ]\n  }\n}\n",
        ),
        (
            ".cursor/hooks.json",
            "{\n  \"version\": 1,\n  \"hooks\": {\n    \"stop\": [{ \"command\": \"./mine.sh\" }]\n  }\n}\n",
        ),
        (".codex/hooks.json", "{}\n"),
        (".codex/config.toml", "model = \"x\"\n"),
        (".copilot/settings.json", "{}\n"),
        (".gemini/settings.json", "{\n  // the theme\n  \"ui\": { \"theme\": \"dark\" },\n}\n"),
        (".kiro/agents/mine.json", "{\n  \"name\": \"mine\",\n  \"tools\": [\"*\"]\n}\n"),
        (
            ".vibe/hooks.toml",
            "# mine\n[[hooks]]\nname = \"mine\"\ntype = \"post_agent\"\ncommand = \"./mine.sh\" # stays\n",
        ),
        (".config/opencode/opencode.json", "{}\n"),
    ] {
        put(home.path(), file, text);
    }
    fs::create_dir(home.path().join("project")).unwrap();
    home
}

fn agent(home: &Path, args: &[&str]) -> Output {
    let mut command = telleaks();
    for name in ["CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "VIBE_HOME", "OPENCODE_CONFIG_DIR"] {
        command.env_remove(name);
    }
    command.env("HOME", home).current_dir(home.join("project")).arg("agent").args(args).output().unwrap()
}

/// Returns all files with their content.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap());
        }
    }
    all
}

#[test]
fn installation_is_idempotent_and_leaves_no_trace() {
    let home = home();
    let before = files(home.path());
    assert_eq!(code(&agent(home.path(), &["install"])), 0);
    let installed = files(home.path());
    assert_eq!(code(&agent(home.path(), &["install"])), 0);
    assert_eq!(files(home.path()), installed);
    for (path, text) in &before {
        let lines = text
            .lines()
            .filter(|line| line.contains("mine") || line.contains("//") || line.contains("allow"));
        lines.for_each(|line| {
            assert!(installed[path].contains(line.trim().trim_end_matches(',')), "{path}: {line}")
        });
    }
    let mine: Value =
        serde_json::from_str(&installed[&format!("{}/.claude/settings.json", home.path().display())])
            .unwrap();
    assert_eq!(mine["hooks"]["PreToolUse"][1]["matcher"], "*");
    let command = mine["hooks"]["UserPromptSubmit"][0]["hooks"][0]["command"].as_str().unwrap();
    assert!(command.starts_with('/') && command.ends_with("telleaks agent hook"), "{command}");
    assert_eq!(code(&agent(home.path(), &["remove"])), 0);
    assert_eq!(files(home.path()), before);
}

#[test]
fn doctor_proves_the_hooks() {
    let home = home();
    assert_eq!(code(&agent(home.path(), &["doctor"])), 1);
    agent(home.path(), &["install"]);
    let output = agent(home.path(), &["doctor"]);
    let text = said(&output);
    assert_eq!((code(&output), text.matches("refuses a made-up key").count()), (0, 9), "{text}");
    put(home.path(), ".codex/config.toml", "[features]\nhooks = false\n");
    let output = agent(home.path(), &["doctor", "--client", "codex"]);
    assert!(
        code(&output) == 1 && said(&output).contains("switched off: features.hooks"),
        "{}",
        said(&output)
    );
    let path = home.path().join(".cursor/hooks.json");
    for (program, problem) in [("/no/telleaks", "cannot be run"), ("/bin/true #telleaks", "was not run")] {
        fs::write(&path, fs::read_to_string(&path).unwrap().replace(PROGRAM, program)).unwrap();
        let output = agent(home.path(), &["doctor", "--client", "cursor"]);
        assert!(code(&output) == 1 && said(&output).contains(problem), "{program}: {}", said(&output));
        agent(home.path(), &["install", "--client", "cursor"]);
    }
}

/// The settings of a project come from others: nothing that they name is run.
#[test]
fn doctor_runs_nothing_of_a_project() {
    let home = home();
    agent(home.path(), &["install", "--project", "--client", "cursor"]);
    let path = home.path().join("project/.cursor/hooks.json");
    let settings = fs::read_to_string(&path).unwrap();
    let proof = home.path().join("proof");
    let script = home.path().join("telleaks");
    fs::write(&script, format!("#!/bin/sh\ntouch {}\n", proof.display())).unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let touch = format!("touch {}; # telleaks", proof.display());
    for (program, problem) in
        [(script.to_str().unwrap(), "does not name this program"), (&touch, "is not what telleaks agent")]
    {
        fs::write(&path, settings.replace(PROGRAM, program)).unwrap();
        let output = agent(home.path(), &["doctor", "--client", "cursor"]);
        assert!(code(&output) == 1 && said(&output).contains(problem), "{program}: {}", said(&output));
        assert!(!proof.exists(), "{program}");
    }
}

#[test]
fn links_that_leave_a_project_are_not_written_through() {
    let home = home();
    let outside = home.path().join("outside.json");
    fs::write(&outside, "{}\n").unwrap();
    fs::create_dir_all(home.path().join("project/.gemini")).unwrap();
    let link = home.path().join("project/.gemini/settings.json");
    for target in [outside.clone(), home.path().join("new.json")] {
        let _first = fs::remove_file(&link);
        std::os::unix::fs::symlink(&target, &link).unwrap();
        for action in ["install", "remove"] {
            let output = agent(home.path(), &[action, "--project", "--client", "gemini"]);
            assert!(code(&output) == 2 && said(&output).contains("out of the project"), "{}", said(&output));
        }
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "{}\n");
    assert!(!home.path().join("new.json").exists());
}

#[test]
fn project_settings() {
    let home = home();
    let output = agent(home.path(), &["install", "--project"]);
    assert!(code(&output) == 2 && said(&output).contains("--client"), "{}", said(&output));
    for client in ["claude-code", "cursor", "codex", "vscode", "copilot-cli", "gemini", "vibe", "opencode"] {
        assert_eq!(code(&agent(home.path(), &["install", "--project", "--client", client])), 0, "{client}");
    }
    let names: Vec<String> = files(&home.path().join("project")).into_keys().collect();
    assert_eq!(names.len(), 7, "{names:?}");
    let output = agent(home.path(), &["doctor", "--project"]);
    assert_eq!(
        (code(&output), said(&output).matches("refuses a made-up key").count()),
        (0, 8),
        "{}",
        said(&output)
    );
    agent(home.path(), &["remove", "--project"]);
    assert!(!files(&home.path().join("project")).values().any(|text| text.contains("telleaks")));
}

#[test]
fn damaged_settings_are_kept_and_not_quoted() {
    let home = home();
    let secret = "s3cr3t-value";
    let text = format!("{{\n  \"env\": {{\"A\": \"{secret}\"}},\n  broken {secret}\n}}\n");
    put(home.path(), ".claude/settings.json", &text);
    let output = agent(home.path(), &["install", "--client", "claude-code"]);
    assert!(code(&output) == 2 && said(&output).contains("line 3"), "{}", said(&output));
    assert!(!said(&output).contains(secret));
    assert_eq!(fs::read_to_string(home.path().join(".claude/settings.json")).unwrap(), text);
}

#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = home();
    let (real, link) = (home.path().join("dotfiles.json"), home.path().join(".claude/settings.json"));
    fs::write(&real, "{}\n").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(&link).unwrap();
    symlink(&real, &link).unwrap();
    agent(home.path(), &["install", "--client", "claude-code"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("agent hook"));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}
