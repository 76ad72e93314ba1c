//! `telleaks agent install` and `remove`: the settings of clients.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::agent::settings::{Places, Scope, install as install_in, remove as remove_from};
use crate::agent::{CLIENTS, Client};
use crate::cli::AgentPlace;
use crate::commands::{Console, Exit};
use crate::report::visible;

/// Returns where settings are looked for.
pub(super) fn places(place: &AgentPlace) -> Result<Places> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).context("HOME is not set")?;
    let project = std::env::current_dir().context("the current folder does not exist")?;
    let scope = if place.project { Scope::Project } else { Scope::User };
    Ok(Places { home: PathBuf::from(home), project, scope })
}

/// Returns the client that was named, or all that have a folder of settings.
pub(super) fn clients(place: &AgentPlace, places: &Places) -> Vec<&'static Client> {
    match place.client {
        Some(client) => vec![client],
        None => CLIENTS.into_iter().filter(|client| places.has(client)).collect(),
    }
}

/// Returns the absolute path under which this program is called: links stay, since they outlive an update.
pub(super) fn program() -> Result<PathBuf> {
    let real = std::env::current_exe().context("cannot determine the path of the telleaks executable")?;
    let name = real.file_name().context("this program has no name")?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_this = |path: &PathBuf| std::fs::canonicalize(path).is_ok_and(|found| found == real);
    let linked = std::env::split_paths(&path).map(|folder| folder.join(name)).find(is_this);
    Ok(linked.filter(|path| path.is_absolute()).unwrap_or(real))
}

pub(super) fn install(place: &AgentPlace, console: &mut Console<'_>) -> Result<Exit> {
    let (places, program) = (places(place)?, program()?);
    let change = |client: &'static Client, file: &Path| Ok(install_in(client, file, &program)?);
    change_all(place, &places, &change, console)?;
    let notes = clients(place, &places).into_iter().map(|client| client.settings.note);
    notes.filter(|note| !note.is_empty()).for_each(|note| console.warn(note));
    if places.scope == Scope::Project {
        console.warn(
            "the path of this program is part of the project's settings: others need it at the same path",
        );
    }
    Ok(Exit::Clean)
}

pub(super) fn remove(place: &AgentPlace, console: &mut Console<'_>) -> Result<Exit> {
    let places = places(place)?;
    let change = |client: &'static Client, file: &Path| Ok(remove_from(client, file)?);
    change_all(place, &places, &change, console)?;
    Ok(Exit::Clean)
}

/// Changes one settings file of a client.
type Change<'c> = dyn Fn(&'static Client, &Path) -> Result<&'static str> + 'c;

/// Changes the settings of all chosen clients and prints a line for each file.
fn change_all(
    place: &AgentPlace,
    places: &Places,
    change: &Change<'_>,
    console: &mut Console<'_>,
) -> Result<()> {
    let clients = clients(place, places);
    ensure!(
        !clients.is_empty(),
        "no client has a folder of settings here; name one with --client ({})",
        CLIENTS.map(|client| client.name).join(", ")
    );
    let mut changed: Vec<PathBuf> = Vec::new();
    for client in clients {
        let files = places.files(client);
        if files.is_empty() {
            let folder = client.settings.user_file.trim_end_matches("/*.json");
            console.warn(&format!("{}: there is no file in its folder {folder} to change", client.title));
        }
        for file in files {
            // Copilot CLI and VS Code read the same file.
            if changed.contains(&file) {
                continue;
            }
            if let Some(target) = places.target_outside(&file) {
                bail!(
                    "{}: a link leads out of the project, to {}; change it there, or remove the link",
                    file.display(),
                    target.display()
                );
            }
            let what = change(client, &file)?;
            writeln!(console.out, "{}: {} {what}", client.title, visible(&file.to_string_lossy()))?;
            changed.push(file);
        }
    }
    console.out.flush()?;
    Ok(())
}
