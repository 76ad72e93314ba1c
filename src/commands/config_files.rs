//! Reads the configuration, its rule files and the baseline: those that the user named, those at the root, or those of one
//! side of a range.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::config_root::{Root, parent};
use crate::cli::{ConfigArgs, SuppressArgs};
use crate::report::visible;
use crate::rules::{self, RuleSet};
use crate::suppress::{
    self, BASELINE_NAME, Baseline, CONFIG_NAME, Config, MAX_BASELINE, MAX_CONFIG, Mistake, Named, Side,
};
use crate::unpack::foreign_names;

/// Environment variable that names a configuration.
const CONFIG_VARIABLE: &str = "TELLEAKS_CONFIG";

/// Converts a mistake in the file `name` to an error.
pub(super) fn error_in(name: &str) -> impl Fn(Mistake) -> anyhow::Error {
    move |mistake| anyhow!("{}:{mistake}", visible(name))
}

/// Reads a rule file of the configuration by its name.
type ReadRules<'r> = dyn Fn(&str) -> Result<Option<String>> + 'r;

/// Parses and checks the text of a configuration, and reads its rule files.
pub(super) fn read_config(
    name: String,
    text: String,
    known: &RuleSet,
    read: &ReadRules<'_>,
) -> Result<Named<Config>, Mistake> {
    let mut value = Config::parse(&text)?;
    let mut known = known.clone();
    for (file, line) in value.settings.rule_files.clone() {
        let wrong = |why: String| Mistake { line, message: why };
        let rules = read(&file).map_err(|error| wrong(format!("{error:#}")))?;
        let rules = rules.ok_or_else(|| wrong(format!("the rule file {} does not exist", visible(&file))))?;
        let path = Path::new(&file);
        rules::extend_from_text(&mut known, path, &rules).map_err(|error| wrong(error.to_string()))?;
        value.settings.rule_texts.push((file, rules));
    }
    value.check(&known, &foreign_names())?;
    Ok(Named { name, text, value })
}

/// Parses the text of a baseline.
pub(super) fn read_baseline(name: String, text: String) -> Result<Named<Baseline>, Mistake> {
    let value = Baseline::parse(&text)?;
    Ok(Named { name, text, value })
}

/// Returns the name of a file as the user gave it.
pub(super) fn name_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Returns the configuration that the user named, with an option or in the environment.
pub(super) fn named_config(args: &ConfigArgs) -> Option<PathBuf> {
    let from_environment =
        || std::env::var_os(CONFIG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    args.config.clone().or_else(from_environment).filter(|_| !args.no_config)
}

/// Reads the configuration that was named, or the one at the root.
pub(super) fn config(args: &ConfigArgs, root: &Root<'_>, known: &RuleSet) -> Result<Option<Named<Config>>> {
    if let Some(path) = named_config(args) {
        let name = name_of(&path);
        let text = suppress::read_given(&path, MAX_CONFIG)?;
        let beside = |file: &str| Ok(Some(suppress::read_given(&parent(&path).join(file), MAX_CONFIG)?));
        return read_config(name.clone(), text, known, &beside).map(Some).map_err(error_in(&name));
    }
    if args.no_config {
        return Ok(None);
    }
    let Some(text) = root.read(CONFIG_NAME, MAX_CONFIG)? else { return Ok(None) };
    let below = |file: &str| root.read(file, MAX_CONFIG);
    let config = read_config(CONFIG_NAME.to_owned(), text, known, &below);
    config.map(Some).map_err(error_in(CONFIG_NAME))
}

/// Reads the baselines that were named; otherwise the default one.
pub(super) fn baselines(
    args: &SuppressArgs,
    root: &Root<'_>,
    config: Option<&Named<Config>>,
) -> Result<Vec<Named<Baseline>>> {
    let written = args.write_baseline.as_deref().filter(|path| path.exists());
    let given: Vec<&Path> = args.baseline.as_deref().into_iter().chain(written).collect();
    if !given.is_empty() || args.write_baseline.is_some() {
        return given.into_iter().map(given_baseline).collect();
    }
    Ok(baseline(&args.config, root, config)?.into_iter().collect())
}

/// Reads a baseline named by the user.
pub(super) fn given_baseline(path: &Path) -> Result<Named<Baseline>> {
    let text = suppress::read_given(path, MAX_BASELINE)?;
    read_baseline(name_of(path), text).map_err(error_in(&name_of(path)))
}

/// Reads the baseline that the configuration names, or the one at the root.
pub(super) fn baseline(
    args: &ConfigArgs,
    root: &Root<'_>,
    config: Option<&Named<Config>>,
) -> Result<Option<Named<Baseline>>> {
    if args.no_config {
        return Ok(None);
    }
    let named =
        config.and_then(|config| config.value.baseline.as_ref().map(|(name, line)| (config, name, *line)));
    if let (Some(file), Some((_, name, _))) = (named_config(args), named) {
        return given_baseline(&parent(&file).join(name)).map(Some);
    }
    let name = named.map_or(BASELINE_NAME, |(_, name, _)| name);
    match (root.read(name, MAX_BASELINE)?, named) {
        (Some(text), _) => read_baseline(name.to_owned(), text).map(Some).map_err(error_in(name)),
        (None, None) => Ok(None),
        (None, Some((config, name, line))) => Err(anyhow!(
            "{}:{line}: the baseline {} does not exist; --write-baseline creates it",
            visible(&config.name),
            visible(name)
        )),
    }
}

/// Reads the suppressions of one side of a change. Files with errors do not apply and are recorded in `broken`.
pub(super) fn side(root: &Root<'_>, known: &RuleSet) -> Side {
    let mut side = Side::default();
    let mut broken = |name: &str, text: String, mistake: Mistake| {
        side.broken.push((Named { name: name.to_owned(), text, value: () }, mistake));
    };
    let mut name = BASELINE_NAME.to_owned();
    match root.read(CONFIG_NAME, MAX_CONFIG) {
        Ok(None) => {}
        Ok(Some(text)) => match read_config(CONFIG_NAME.to_owned(), text.clone(), known, &|file| {
            root.read(file, MAX_CONFIG)
        }) {
            Ok(config) => {
                name = config.value.baseline.as_ref().map_or(name, |(name, _)| name.clone());
                side.config = Some(config);
            }
            Err(mistake) => broken(CONFIG_NAME, text, mistake),
        },
        Err(error) => broken(CONFIG_NAME, String::new(), Mistake { line: 1, message: error.to_string() }),
    }
    match root.read(&name, MAX_BASELINE) {
        Ok(None) => {}
        Ok(Some(text)) => match read_baseline(name.clone(), text.clone()) {
            Ok(baseline) => side.baseline = Some(baseline),
            Err(mistake) => broken(&name, text, mistake),
        },
        Err(error) => broken(&name, String::new(), Mistake { line: 1, message: error.to_string() }),
    }
    side
}
