//! Commands that make git skip its hooks.

use std::path::{Path, PathBuf};

use super::split::{Simple, commands};

/// Options of git before its command whose value is the next word.
const VALUES: [&str; 6] = ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env"];
/// Short options of `git commit` that take the rest of their word, or the next word, as a value.
const COMMIT_VALUES: &str = "mFCct";
/// Short options of `git commit` that take only the rest of their word as a value.
const COMMIT_ATTACHED: &str = "uS";
/// Shortest unambiguous form of `--no-verify`.
const SHORTEST: usize = "--no-veri".len();

/// A command that makes git skip its hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bypass {
    /// The directory in which git runs.
    pub dir: PathBuf,
    /// How: the option, for display.
    pub how: String,
    /// The hooks that are skipped.
    pub hooks: &'static [&'static str],
}

/// Returns the commands of a shell text that make git skip its hooks. Directories are relative to `cwd`.
pub fn bypasses(text: &str, cwd: &Path) -> Vec<Bypass> {
    if !text.contains("git") {
        return Vec::new();
    }
    let mut dir = cwd.to_owned();
    let mut all = Vec::new();
    for one in commands(text) {
        match one.program() {
            "cd" => dir = dir.join(one.words.get(1).map(String::as_str).unwrap_or_default()),
            "git" => all.extend(bypass(&one, &dir)),
            _ => {}
        }
    }
    all
}

/// Returns how one git command skips hooks.
fn bypass(one: &Simple, dir: &Path) -> Option<Bypass> {
    let mut dir = dir.to_owned();
    let mut how = one.variables.iter().find_map(|variable| variable_bypass(variable));
    let mut words = one.words[1..].iter();
    let command = loop {
        let word = words.next()?;
        match word.as_str() {
            option if VALUES.contains(&option) => {
                let value = words.next()?;
                match option {
                    "-C" => dir = dir.join(value),
                    "-c" | "--config-env" if is_hooks_path(value) => {
                        how = Some(format!("{option} core.hooksPath"))
                    }
                    _ => {}
                }
            }
            option if option.starts_with("--config-env=") && is_hooks_path(&option[13..]) => {
                how = Some("--config-env core.hooksPath".to_owned());
            }
            option if option.starts_with('-') => {}
            command => break command,
        }
    };
    let (hooks, option): (&[&str], _) = match command {
        "commit" => (&["pre-commit", "commit-msg"], commit_option(words.as_slice())),
        "merge" | "pull" => (&["pre-merge-commit", "commit-msg"], long_option(words.as_slice())),
        "push" => (&["pre-push"], long_option(words.as_slice())),
        _ => return None,
    };
    Some(Bypass { dir, how: option.or(how)?, hooks })
}

fn is_hooks_path(setting: &str) -> bool {
    setting.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("core.hooksPath"))
}

/// Returns the variable that keeps a hook manager or git from running hooks.
fn variable_bypass(variable: &str) -> Option<String> {
    let (name, value) = variable.split_once('=')?;
    let skips = match name {
        "HUSKY" | "LEFTHOOK" => matches!(value, "0" | "false"),
        "SKIP" | "LEFTHOOK_EXCLUDE" => value.split(',').any(|hook| hook.trim().starts_with("telleaks")),
        "HUSKY_SKIP_HOOKS" => !value.is_empty(),
        _ if name.starts_with("GIT_CONFIG_KEY_") => is_hooks_path(value),
        "GIT_CONFIG_PARAMETERS" => value.to_ascii_lowercase().contains("core.hookspath"),
        _ => false,
    };
    skips.then(|| name.to_owned())
}

/// Returns `--no-verify`, if it or an unambiguous start of it is the last word about verification.
fn long_option(words: &[String]) -> Option<String> {
    let mut skips = false;
    for word in words.iter().take_while(|word| *word != "--") {
        match word.as_str() {
            "--verify" => skips = false,
            option if option.len() >= SHORTEST && "--no-verify".starts_with(option) => skips = true,
            _ => {}
        }
    }
    skips.then(|| "--no-verify".to_owned())
}

/// Returns `--no-verify` or `-n` among the options of `git commit`, also combined with others (`-nm text`).
fn commit_option(words: &[String]) -> Option<String> {
    let mut left = words.iter().take_while(|word| *word != "--");
    let mut found = None;
    while let Some(word) = left.next() {
        if let Some(option) = word.strip_prefix("--") {
            let takes_next =
                ["message", "file", "author", "date", "template", "reuse-message", "reedit-message", "fixup"];
            if takes_next.contains(&option) {
                left.next();
            } else if let Some(long) = long_option(std::slice::from_ref(word)) {
                found = Some(long);
            } else if option == "verify" {
                found = None;
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-') else { continue };
        for (at, letter) in letters.char_indices() {
            if letter == 'n' {
                found = Some("-n".to_owned());
            } else if COMMIT_VALUES.contains(letter) {
                if at + 1 == letters.len() {
                    left.next();
                }
                break;
            } else if COMMIT_ATTACHED.contains(letter) {
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(text: &str) -> Vec<String> {
        bypasses(text, Path::new("/r")).into_iter().map(|one| one.how).collect()
    }

    #[test]
    fn commands_that_skip_hooks() {
        for text in [
            "git commit --no-verify -m x",
            "git commit -n",
            "git commit -nm x",
            "git commit -anm 'x y'",
            "git -C x commit -nm x",
            "git commit --no-verif -m x",
            "cd a && git add . && git commit -am x -n",
            "bash -c \"git commit -n\"",
            "X=$(git commit -n)",
            "sudo -u me /usr/bin/git commit --no-verify",
            "git -c core.hooksPath=/dev/null commit -m x",
            "git -c CORE.hookspath= commit -m x",
            "HUSKY=0 git commit -m x",
            "SKIP=lint,telleaks git commit -m x",
            "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/x git commit",
            "git push --no-verify origin main",
            "git merge --no-verify b",
            "git commit --verify --no-verify",
        ] {
            assert_eq!(how(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn commands_that_run_hooks() {
        for text in [
            "git commit -m '-n'",
            "git commit -m -n",
            "git commit -mn",
            "git commit -am --no-verify",
            "git commit --message -n",
            "git commit -- -n",
            "git commit -uno -m x",
            "git commit -Snn -m x",
            "git log -n 5",
            "git push -n",
            "git merge -n b",
            "git commit --no-verify --verify",
            "git commit --no-edit",
            "git -c user.name=n commit -m x",
            "echo git commit -n",
            "git commit -m \"$(cat <<'E'\nuse git commit -n\nE\n)\"",
            "grep -n 'git commit --no-verify' README.md",
            "HUSKY=1 git commit",
        ] {
            assert_eq!(how(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn directory_of_git() {
        let dir = |text: &str| bypasses(text, Path::new("/r")).remove(0).dir;
        assert_eq!(dir("git -C x -C y commit -n"), Path::new("/r/x/y"));
        assert_eq!(dir("cd a; git commit -n"), Path::new("/r/a"));
        assert_eq!(dir("cd /b; git commit -n"), Path::new("/b"));
    }
}
