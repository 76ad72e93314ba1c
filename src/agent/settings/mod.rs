//! The settings in which clients list their hooks: where they are, and how the hook of telleaks is added and removed.
//!
//! Comments, order and hooks of other programs stay. A file is replaced as a whole or not at all.

mod file;
mod json;
mod toml;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use telleaks_platform::canonicalize;

use super::clients::Client;

pub use file::SettingsError;

/// The settings of a client.
#[derive(Debug)]
pub struct Settings {
    /// The folder of the user's settings.
    pub user: Folder,
    /// The file in that folder. `*` matches each existing file.
    pub user_file: &'static str,
    /// The file in a project.
    pub project_file: &'static str,
    /// Whether other clients read these files, too, so that events are recognised by their fields.
    pub is_shared: bool,
    /// How hooks are listed.
    pub format: Format,
    /// Settings that switch all hooks off.
    pub off: &'static [Switch],
    /// What else the user has to know or do.
    pub note: &'static str,
}

/// A folder in the home directory.
#[derive(Debug)]
pub struct Folder {
    /// The environment variable that names another folder; may be empty.
    pub variable: &'static str,
    /// Its path in the home directory.
    pub home: &'static str,
}

/// A setting that switches hooks off.
#[derive(Debug)]
pub struct Switch {
    /// The file: in the user's folder, or with `./` in the project.
    pub file: &'static str,
    /// The names that lead to it, joined by dots.
    pub key: &'static str,
    /// The value that switches hooks off.
    pub value: bool,
}

/// How hooks are listed.
#[derive(Debug)]
pub enum Format {
    /// In JSON, perhaps with comments.
    Json(Listing),
    /// In TOML, as tables `[[hooks]]` of these types.
    Toml(&'static [&'static str]),
    /// As a file of this text, in which `PROGRAM` is replaced by the path of telleaks as a JSON string.
    Own(&'static str),
}

/// How hooks are listed in JSON: `{"hooks": {EVENT: [HOOK]}}`.
#[derive(Debug)]
pub struct Listing {
    /// Whether the document has `"version": 1`.
    pub has_version: bool,
    /// Whether hooks are in groups: `{"matcher": MATCHER, "hooks": [HOOK]}`.
    pub has_groups: bool,
    /// The events, each with its matcher, or an empty text if it has none.
    pub events: &'static [(&'static str, &'static str)],
    /// Fields of a hook besides its command, as JSON.
    pub fields: &'static [(&'static str, &'static str)],
}

/// Whose settings are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    /// Those of the user, for all projects.
    User,
    /// Those of the project in the current directory.
    Project,
}

/// Where settings are looked for.
#[derive(Debug, Clone)]
pub struct Places {
    /// The home directory.
    pub home: PathBuf,
    /// The project.
    pub project: PathBuf,
    /// Whose settings.
    pub scope: Scope,
}

impl Places {
    /// Returns the folder of the user's settings of a client.
    fn folder(&self, client: &Client) -> PathBuf {
        let Folder { variable, home } = &client.settings.user;
        let set = std::env::var_os(variable).filter(|_| !variable.is_empty()).filter(|path| !path.is_empty());
        set.map_or_else(|| self.home.join(home), PathBuf::from)
    }

    /// Returns whether the user has used a client: its folder exists.
    pub fn has(&self, client: &Client) -> bool {
        match self.scope {
            Scope::User => self.folder(client).is_dir(),
            Scope::Project => {
                let first = Path::new(client.settings.project_file).components().next();
                first.is_some_and(|folder| self.project.join(folder).is_dir())
            }
        }
    }

    /// Returns the files in which the hooks of a client are listed. With `*` in the name, they exist.
    pub fn files(&self, client: &Client) -> Vec<PathBuf> {
        let path = match self.scope {
            Scope::User => self.folder(client).join(client.settings.user_file),
            Scope::Project => self.project.join(client.settings.project_file),
        };
        if !path.ends_with("*.json") {
            return vec![path];
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut all: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
        all.sort();
        all
    }

    /// Returns the target of a project's settings file that is outside the project because a link leads there.
    pub fn target_outside(&self, file: &Path) -> Option<PathBuf> {
        let project = canonicalize(&self.project).ok()?;
        let target = file.ancestors().find_map(|path| canonicalize(path).ok())?;
        // A link to nothing has no canonical path; writing to it would create its target.
        let is_dangling = std::fs::symlink_metadata(file).is_ok() && !file.exists();
        let is_outside = self.scope == Scope::Project && (is_dangling || !target.starts_with(project));
        is_outside.then_some(target)
    }

    /// Returns the settings that switch the hooks of a client off now, for display.
    pub fn switched_off(&self, client: &Client) -> Vec<String> {
        let is_on = |switch: &&Switch| {
            let path = match switch.file.strip_prefix("./") {
                Some(file) => self.project.join(file),
                None => self.folder(client).join(switch.file),
            };
            let text = file::read(&path).ok().flatten().unwrap_or_default();
            let value = match path.extension().is_some_and(|ending| ending == "toml") {
                true => toml::flag(&text, switch.key),
                false => json::flag(&text, switch.key),
            };
            value == Some(switch.value)
        };
        let off = client.settings.off.iter().filter(is_on);
        off.map(|switch| format!("{} in {} is {}", switch.key, switch.file, switch.value)).collect()
    }
}

/// Returns the command that a client runs as its hook.
pub fn command(client: &Client, program: &Path) -> String {
    let path = program.to_string_lossy();
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte));
    let path = if is_plain { path.into_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) };
    match client.settings.is_shared {
        true => format!("{path} agent hook"),
        false => format!("{path} agent hook --client {}", client.name),
    }
}

/// A command that [`command`] wrote.
#[derive(Debug)]
pub struct Hook {
    /// The absolute path of the program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<&'static str>,
}

impl Hook {
    /// Parses the command of a client's hook. Returns `None` for a command that [`command`] does not write: what a
    /// settings file holds beyond that must not be run.
    pub fn parse(client: &Client, written: &str) -> Option<Self> {
        let arguments = match client.settings.is_shared {
            true => vec!["agent", "hook"],
            false => vec!["agent", "hook", "--client", client.name],
        };
        let path = written.strip_suffix(&format!(" {}", arguments.join(" ")))?;
        let quoted = path.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let program =
            PathBuf::from(quoted.map_or_else(|| path.to_owned(), |path| path.replace(r"'\''", "'")));
        let is_ours = program.is_absolute() && command(client, &program) == written;
        is_ours.then_some(Self { program, arguments })
    }
}

/// Returns whether a command is a hook of telleaks.
fn is_own(command: &str) -> bool {
    command.contains("telleaks") && command.contains(" agent hook")
}

/// Adds the hook of telleaks to a file. `program` is its absolute path. Returns what was done.
///
/// # Errors
/// Returns an error if the file cannot be read, understood or written; it is unchanged then.
pub fn install(client: &Client, file: &Path, program: &Path) -> Result<&'static str, SettingsError> {
    let old = file::read(file)?;
    let text = old.clone().unwrap_or_default();
    let command = command(client, program);
    let failed = |why: String| SettingsError::new(file, why);
    let new = match &client.settings.format {
        Format::Json(listing) => json::added(&text, listing, &command).map_err(failed)?,
        Format::Toml(types) => toml::added(&text, types, &command).map_err(failed)?,
        Format::Own(_) if old.as_ref().is_some_and(|old| !old.contains("telleaks agent install")) => {
            return Err(failed("not written by telleaks: move it away, and try again".to_owned()));
        }
        Format::Own(template) => template.replace("PROGRAM", &json_string(&program.to_string_lossy())),
    };
    if old.as_ref() == Some(&new) {
        return Ok("has the hook already");
    }
    file::write(file, &new)?;
    Ok(if old.is_some() { "has the hook now" } else { "is new, with the hook" })
}

/// Removes the hook of telleaks from a file. Returns what was done.
///
/// # Errors
/// As for [`install`].
pub fn remove(client: &Client, file: &Path) -> Result<&'static str, SettingsError> {
    let Some(old) = file::read(file)? else { return Ok("does not exist") };
    let failed = |why: String| SettingsError::new(file, why);
    let new = match &client.settings.format {
        Format::Json(_) => json::removed(&old).map_err(failed)?,
        Format::Toml(_) => toml::removed(&old).map_err(failed)?,
        Format::Own(_) if old.contains("telleaks agent install") => String::new(),
        Format::Own(_) => old.clone(),
    };
    if new == old {
        return Ok("has no hook of telleaks");
    }
    let is_own_file = file.file_stem().is_some_and(|stem| stem == "telleaks");
    if new.trim().is_empty() || (is_own_file && json::is_bare(&new)) {
        file::delete(file)?;
        return Ok("is removed");
    }
    file::write(file, &new)?;
    Ok("has no hook of telleaks any more")
}

/// Returns the commands of telleaks in a file, each with its event; an own file has one without an event.
///
/// # Errors
/// Returns an error if the file cannot be read or understood.
pub fn installed(client: &Client, file: &Path) -> Result<Vec<(String, String)>, SettingsError> {
    let Some(text) = file::read(file)? else { return Ok(Vec::new()) };
    let failed = |why: String| SettingsError::new(file, why);
    match &client.settings.format {
        Format::Json(_) => json::commands(&text).map_err(failed),
        Format::Toml(_) => toml::commands(&text).map_err(failed),
        Format::Own(template) => {
            let Some((before, after)) = template.split_once("PROGRAM") else { return Ok(Vec::new()) };
            let path = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            let path = path.and_then(|path| serde_json::from_str::<String>(path).ok());
            Ok(path.map(|path| (String::new(), command(client, Path::new(&path)))).into_iter().collect())
        }
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
