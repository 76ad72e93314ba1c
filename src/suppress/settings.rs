//! The settings of `telleaks.toml` that belong to options of the command line: what is excluded, rule files, limits, formats.
//! An option that is given takes precedence.

use std::path::{Component, Path};
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::allow::Globs;
use super::config::{Reader, Value};
use super::config_error::Mistake;
use super::nearest::{unknown, unknown_value};
use crate::finding::Severity;
use crate::report::Format;

/// Top-level keys of these settings.
pub(super) const KEYS: [&str; 6] = ["exclude", "format", "limits", "min-severity", "region", "rule-files"];
/// Keys of `[limits]`.
const LIMIT_KEYS: [&str; 7] = [
    "max-depth",
    "max-entries",
    "max-expanded",
    "max-expanded-total",
    "max-file-size",
    "max-ratio",
    "max-unpack-time",
];
/// Regions of Telnyx's API.
const REGIONS: [&str; 5] = ["us", "eu", "au", "ca", "me"];
/// Maximum number of rule files.
const MAX_RULE_FILES: usize = 100;
/// Highest nesting of archives that a configuration can ask for.
const MAX_DEPTH: u32 = 64;

/// Settings that options override.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Globs of paths that are not scanned, relative to the root, and the line.
    pub exclude: Option<(Globs, u64)>,
    /// Rule files relative to the root, each with its line.
    pub rule_files: Vec<(String, u64)>,
    /// The texts of the rule files, each with its name; filled in by the reader of the configuration.
    pub rule_texts: Vec<(String, String)>,
    /// The lowest severity that is reported, and the line.
    pub min_severity: Option<(Severity, u64)>,
    /// The format of the report on standard output.
    pub format: Option<Format>,
    /// The region in which keys are probed: one of `us`, `eu`, `au`, `ca`, `me`.
    pub region: Option<String>,
    /// Limits for reading.
    pub limits: LimitSettings,
}

/// Limits; `None` keeps the default. Sizes are in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitSettings {
    /// Maximum nesting of archives.
    pub max_depth: Option<u32>,
    /// Maximum size to which one file is expanded.
    pub max_expanded: Option<u64>,
    /// Maximum size to which all files together are expanded.
    pub max_expanded_total: Option<u64>,
    /// Maximum ratio of expansion.
    pub max_ratio: Option<u64>,
    /// Maximum number of members of one file.
    pub max_entries: Option<u64>,
    /// Maximum time for the content of one file.
    pub max_unpack_time: Option<Duration>,
    /// Maximum size of a file.
    pub max_file_size: Option<u64>,
}

impl Settings {
    /// Reads the value of one of [`KEYS`].
    pub(super) fn set(&mut self, reader: &Reader<'_>, key: &str, value: &Value<'_>) -> Result<(), Mistake> {
        let line = reader.line(&value.span());
        match key {
            "exclude" => {
                let words = reader.strings(value, "exclude")?.into_iter().map(|(word, _)| word).collect();
                let wrong = |(_, why)| reader.wrong(&value.span(), format!("`exclude`: {why}"));
                self.exclude = Some((Globs::new(words).map_err(wrong)?, line));
            }
            "rule-files" => self.rule_files = rule_files(reader, value)?,
            "min-severity" => self.min_severity = Some((severity(reader, value)?, line)),
            "format" => {
                let word = reader.string(value, "format")?;
                let format = word.parse::<Format>();
                self.format = Some(format.map_err(|error| reader.wrong(&value.span(), error.to_string()))?);
            }
            "region" => {
                let word = reader.string(value, "region")?;
                if !REGIONS.contains(&word.as_str()) {
                    return Err(reader.wrong(&value.span(), unknown_value("region", &word, REGIONS)));
                }
                self.region = Some(word);
            }
            _ => self.limits = limits(reader, value)?,
        }
        Ok(())
    }
}

fn severity(reader: &Reader<'_>, value: &Value<'_>) -> Result<Severity, Mistake> {
    let word = reader.string(value, "min-severity")?;
    let all = [Severity::Note, Severity::Warning, Severity::Error];
    let found = all.into_iter().find(|one| one.as_str() == word);
    let known = all.map(Severity::as_str);
    found.ok_or_else(|| reader.wrong(&value.span(), unknown_value("min-severity", &word, known)))
}

/// Reads the names of rule files, which must stay below the root.
fn rule_files(reader: &Reader<'_>, value: &Value<'_>) -> Result<Vec<(String, u64)>, Mistake> {
    let files = reader.strings(value, "rule-files")?;
    if files.len() > MAX_RULE_FILES {
        return Err(reader.wrong(&value.span(), format!("more than {MAX_RULE_FILES} rule files")));
    }
    let inside = |name: &str| {
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        name.ends_with(".toml") && !name.contains('\0') && Path::new(name).components().all(plain)
    };
    match files.iter().find(|(name, _)| !inside(name)) {
        None => Ok(files),
        Some((_, line)) => Err(Mistake::new(
            *line,
            "`rule-files` takes names of .toml files below the folder of this file, with `/` and without `..`",
        )),
    }
}

fn limits(reader: &Reader<'_>, value: &Value<'_>) -> Result<LimitSettings, Mistake> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err(reader.wrong(&value.span(), "`limits` is a table: [limits]"));
    };
    let mut out = LimitSettings::default();
    for (key, value) in table as &DeTable<'_> {
        let name = key.get_ref().as_ref();
        let whole =
            || number(value).ok_or_else(|| reader.wrong(&value.span(), format!("`{name}` is a number")));
        let bytes = || {
            let wrong = || format!("`{name}` is a number of bytes, or a text such as \"64M\"");
            size_of(value).ok_or_else(|| reader.wrong(&value.span(), wrong()))
        };
        match name {
            "max-depth" => {
                let depth = u32::try_from(whole()?).ok().filter(|depth| *depth <= MAX_DEPTH);
                let wrong = || reader.wrong(&value.span(), format!("`max-depth` is at most {MAX_DEPTH}"));
                out.max_depth = Some(depth.ok_or_else(wrong)?);
            }
            "max-entries" => out.max_entries = Some(whole()?),
            "max-ratio" => out.max_ratio = Some(whole()?),
            "max-unpack-time" => out.max_unpack_time = Some(Duration::from_secs(whole()?)),
            "max-expanded" => out.max_expanded = Some(bytes()?),
            "max-expanded-total" => out.max_expanded_total = Some(bytes()?),
            "max-file-size" => out.max_file_size = Some(bytes()?),
            other => return Err(reader.wrong(&key.span(), unknown("key", other, LIMIT_KEYS))),
        }
    }
    Ok(out)
}

fn number(value: &Value<'_>) -> Option<u64> {
    let DeValue::Integer(number) = value.get_ref() else { return None };
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn size_of(value: &Value<'_>) -> Option<u64> {
    match value.get_ref() {
        DeValue::String(text) => size(text),
        _ => number(value),
    }
}

/// Parses a size: a number of bytes, or a number with `K`, `M` or `G` (powers of 1024).
pub fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn settings_are_read() {
        let text = "exclude = ['vendor/']\nrule-files = ['.telleaks/acme.toml']\nmin-severity = 'warning'\n\
                    format = 'sarif'\nregion = 'eu'\n[limits]\nmax-depth = 3\nmax-expanded = '64M'\nmax-unpack-time = 9";
        let settings = Config::parse(text).unwrap().settings;
        let (globs, line) = settings.exclude.unwrap();
        assert_eq!((globs.words(), line), (&["vendor/".to_owned()][..], 1));
        assert_eq!(settings.rule_files, [(".telleaks/acme.toml".to_owned(), 2)]);
        assert_eq!(settings.min_severity, Some((Severity::Warning, 3)));
        assert_eq!((settings.format, settings.region.as_deref()), (Some(Format::Sarif), Some("eu")));
        assert_eq!((settings.limits.max_depth, settings.limits.max_expanded), (Some(3), Some(64 << 20)));
        assert_eq!(settings.limits.max_unpack_time, Some(Duration::from_secs(9)));
    }

    #[test]
    fn mistakes_are_reported() {
        for (text, word) in [
            ("rule-files = ['../x.toml']", "without `..`"),
            ("rule-files = ['/x.toml']", "below the folder"),
            ("[limits]\nmax-dept = 1", "did you mean `max-depth`?"),
            ("[limits]\nmax-depth = 1000", "at most 64"),
            ("[limits]\nmax-expanded = 'x'", "64M"),
            ("min-severity = 'high'", "known are note, warning, error"),
            ("format = 'xml'", "the formats are"),
            ("region = 'xx'", "known are us"),
            ("exclude = ['!x']", "exclude"),
        ] {
            let mistake = Config::parse(text).unwrap_err().to_string();
            assert!(mistake.contains(word), "{text}: {mistake}");
        }
    }
}
