//! git's setting `safe.directory`: repositories of other users that this user trusts. As for git, it counts in the system's
//! and the user's configuration and on the command line (the environment), never in a repository.

use std::env::var_os;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel};

/// The setting.
const SETTING: &str = "safe.directory";
/// Maximum number of settings that the environment can name.
const MAX_SETTINGS: usize = 10_000;

/// Returns whether the user trusts the repository whose work tree, or git directory if it is bare, is `directory`, an
/// absolute path without links.
pub(super) fn is_safe(directory: &Path) -> bool {
    let mut values = from_files();
    values.extend(from_environment());
    fits(&values, directory)
}

/// Returns whether the last values since an empty one contain a directory.
fn fits(values: &[String], directory: &Path) -> bool {
    let reset = values.iter().rposition(String::is_empty).map_or(0, |at| at + 1);
    values[reset..].iter().any(|value| trusts(value, directory))
}

fn trusts(value: &str, directory: &Path) -> bool {
    if value == "*" {
        return true;
    }
    let expanded = match value.strip_prefix("~/") {
        Some(rest) => var_os("HOME").map(|home| Path::new(&home).join(rest)),
        None => Some(PathBuf::from(value)),
    };
    let Some(path) = expanded else { return false };
    // `/srv/*` means everything below /srv.
    let (path, below) = match path.to_str().and_then(|text| text.strip_suffix("/*")) {
        Some(folder) => (PathBuf::from(folder), true),
        None => (path, false),
    };
    let path = telleaks_platform::canonicalize(&path).unwrap_or(path);
    if below { directory != path && directory.starts_with(&path) } else { directory == path }
}

/// Returns the values in the configuration files of the system and the user, in git's order. Includes are followed, as
/// git does.
fn from_files() -> Vec<String> {
    let set = |name: &str| var_os(name).filter(|value| !value.is_empty());
    let no_system = set("GIT_CONFIG_NOSYSTEM").is_some_and(|value| value != "0" && value != "false");
    let system = set("GIT_CONFIG_SYSTEM").map(PathBuf::from).or_else(|| Config::find_system().ok());
    let xdg = set("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = set("HOME").map(PathBuf::from);
    let xdg = xdg.or_else(|| Some(home.as_ref()?.join(".config"))).map(|dir| dir.join("git/config"));
    let files = [
        system.filter(|_| !no_system),
        xdg.filter(|_| set("GIT_CONFIG_GLOBAL").is_none()),
        set("GIT_CONFIG_GLOBAL").map(PathBuf::from).or_else(|| Some(home?.join(".gitconfig"))),
    ];
    files.into_iter().flatten().flat_map(|file| of_file(&file).unwrap_or_default()).collect()
}

fn of_file(file: &Path) -> Result<Vec<String>, git2::Error> {
    if !file.is_file() {
        return Ok(Vec::new());
    }
    let mut config = Config::new()?;
    config.add_file(file, ConfigLevel::Global, false)?;
    let mut values = Vec::new();
    config.multivar(SETTING, None)?.for_each(|entry| {
        values.push(entry.value().map(str::to_owned).unwrap_or_default());
    })?;
    Ok(values)
}

/// Returns the values of the command line: `git -c`, which git passes on in `GIT_CONFIG_PARAMETERS`, and
/// `GIT_CONFIG_KEY_N`.
fn from_environment() -> Vec<String> {
    let text = |name: &str| var_os(name).map(|value| value.to_string_lossy().into_owned());
    let count = text("GIT_CONFIG_COUNT").and_then(|count| count.parse::<usize>().ok()).unwrap_or_default();
    let numbered = (0..count.min(MAX_SETTINGS)).filter_map(|number| {
        let key = text(&format!("GIT_CONFIG_KEY_{number}"))?;
        let value = text(&format!("GIT_CONFIG_VALUE_{number}"))?;
        key.eq_ignore_ascii_case(SETTING).then_some(value)
    });
    let mut values: Vec<String> = numbered.collect();
    values.extend(parameters(&text("GIT_CONFIG_PARAMETERS").unwrap_or_default()));
    values
}

/// Parses `'safe.directory'='/a' 'x.y=z'`.
fn parameters(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for word in text.split_ascii_whitespace() {
        let word = word.replace('\'', "");
        if let Some((key, value)) = word.split_once('=')
            && key.eq_ignore_ascii_case(SETTING)
        {
            out.push(value.to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_matched_as_git_does() {
        let of = |values: &[&str], path: &str| {
            fits(&values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>(), Path::new(path))
        };
        assert!(of(&["*"], "/a") && of(&["/b", "/a"], "/a") && of(&["/srv/*"], "/srv/a/b"));
        assert!(!of(&["/b"], "/a") && !of(&["/srv/*"], "/srv") && !of(&["/a"], "/a/b") && !of(&[], "/a"));
        assert!(!of(&["*", ""], "/a") && of(&["*", "", "/a"], "/a"));
    }

    #[test]
    fn parameters_of_the_command_line() {
        assert_eq!(parameters("'safe.directory'='/a' 'x.y=z' 'Safe.Directory=*'"), ["/a", "*"]);
    }
}
