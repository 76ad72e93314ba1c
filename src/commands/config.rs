//! `telleaks config`: shows the effective configuration, or checks one.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::config_files::{baseline, config};
use super::config_root::Root;
use super::suppression_setup::with_files;
use super::{Console, Exit, is_closed_pipe};
use crate::cli::{ConfigArgs, ConfigCommand};
use crate::report::visible;
use crate::suppress::{CONFIG_NAME, Config, effective};

pub(super) fn run(command: &ConfigCommand, console: &mut Console<'_>) -> Result<Exit> {
    let text = match command {
        ConfigCommand::Show { path, config, files } => show(path, config.as_ref(), files)?,
        ConfigCommand::Check { file, files } => check(file.as_ref(), files)?,
    };
    match console.out.write_all(text.as_bytes()).and_then(|()| console.out.flush()) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("cannot write to standard output"),
        _ => Ok(Exit::Clean),
    }
}

/// Returns the path at which a configuration was looked for.
fn place(args: &ConfigArgs, root: &Root<'_>) -> PathBuf {
    let at_root = || root.folder().unwrap_or(Path::new(".")).join(CONFIG_NAME);
    args.config.clone().unwrap_or_else(at_root)
}

fn show(path: &Path, file: Option<&PathBuf>, files: &[PathBuf]) -> Result<String> {
    let args = ConfigArgs { config: file.cloned(), no_config: false };
    let root = Root::containing(path);
    let found = config(&args, &root, &with_files(files)?)?;
    let place = place(&args, &root);
    let place = visible(&place.to_string_lossy()).into_owned();
    let head = match &found {
        Some(_) => format!("# from {place}\n"),
        None => format!("# {place} does not exist; these are the defaults\n"),
    };
    let value = found.map_or_else(Config::default, |config| config.value);
    Ok(format!("{head}{}", effective(&value).context("the configuration cannot be written as TOML")?))
}

fn check(file: Option<&PathBuf>, files: &[PathBuf]) -> Result<String> {
    let args = ConfigArgs { config: file.cloned(), no_config: false };
    let root = Root::containing(Path::new("."));
    let found = config(&args, &root, &with_files(files)?)?;
    let place = place(&args, &root);
    let place = visible(&place.to_string_lossy()).into_owned();
    if found.is_none() {
        bail!("{place}: does not exist; name a file");
    }
    // A baseline at the root belongs only to the configuration at the root.
    let named = found.as_ref().is_some_and(|config| config.value.baseline.is_some());
    let beside = if named || file.is_none() { baseline(&args, &root, found.as_ref())? } else { None };
    let mut text = format!("{place}: ok\n");
    if let Some(baseline) = beside {
        text.push_str(&format!(
            "{}: ok, {} entries\n",
            visible(&baseline.name),
            baseline.value.entries().len()
        ));
    }
    Ok(text)
}
