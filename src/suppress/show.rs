//! Formats the effective configuration as TOML.

use std::collections::BTreeMap;

use serde::Serialize;

use super::config::Config;
use super::fail_on::FailOn;
use super::settings::LimitSettings;
use crate::report::Format;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    fail_on: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exclude: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rule_files: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_severity: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rules: BTreeMap<&'a str, Setting>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allow: Vec<Allowed<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accept_unread: Vec<Accepted<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct Setting {
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
}

#[derive(Serialize)]
struct Allowed<'a> {
    reason: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    rules: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    paths: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    sha256: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

#[derive(Serialize)]
struct Accepted<'a> {
    reason: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    formats: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    paths: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// Returns the configuration as TOML, including defaults.
///
/// # Errors
/// Returns the serializer's error, which cannot occur for a parsed configuration.
pub fn effective(config: &Config) -> Result<String, toml::ser::Error> {
    let rules = config.rules.iter().map(|rule| {
        let severity = rule.severity.map(|severity| severity.as_str());
        (rule.id.as_str(), Setting { enabled: rule.enabled, severity })
    });
    let allow = config.allow.iter().map(|one| Allowed {
        reason: &one.reason,
        rules: &one.rules,
        paths: one.paths.words(),
        sha256: &one.sha256,
        expires: one.expires.map(|day| day.to_string()),
    });
    let accept_unread = config.accept_unread.iter().map(|one| Accepted {
        reason: &one.reason,
        formats: &one.formats,
        paths: one.paths.words(),
        expires: one.expires.map(|day| day.to_string()),
    });
    let settings = &config.settings;
    toml::to_string_pretty(&Document {
        fail_on: config.fail_on.map_or(FailOn::DEFAULT, |(level, _)| level).as_str(),
        baseline: config.baseline.as_ref().map(|(name, _)| name.as_str()),
        rules: rules.collect(),
        allow: allow.collect(),
        accept_unread: accept_unread.collect(),
        exclude: settings.exclude.as_ref().map(|(globs, _)| globs.words()),
        rule_files: settings.rule_files.iter().map(|(name, _)| name.as_str()).collect(),
        min_severity: settings.min_severity.map(|(severity, _)| severity.as_str()),
        format: settings.format.map(Format::as_str),
        region: settings.region.as_deref(),
        limits: limits(&settings.limits),
    })
}

/// Returns the limits that are set, by name.
fn limits(limits: &LimitSettings) -> BTreeMap<&'static str, u64> {
    let named = [
        ("max-depth", limits.max_depth.map(u64::from)),
        ("max-entries", limits.max_entries),
        ("max-expanded", limits.max_expanded),
        ("max-expanded-total", limits.max_expanded_total),
        ("max-file-size", limits.max_file_size),
        ("max-ratio", limits.max_ratio),
        ("max-unpack-time", limits.max_unpack_time.map(|time| time.as_secs())),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_configuration_parses_to_the_same() {
        let text = "baseline='b'\n[rules.telnyx-v1-token]\nenabled=false\nseverity='note'\n\
                    [[allow]]\nreason='it\\s \"fine\"\\n'\npaths=['a','b/']\nexpires='2030-01-01'\n\
                    [[accept-unread]]\nreason='r'\nformats=['rar']\n[limits]\nmax-depth=2\nmax-expanded='1K'\n";
        let shown = effective(&Config::parse(text).unwrap()).unwrap();
        assert!(shown.starts_with("fail-on = \"warning\"\n"), "{shown}");
        assert_eq!(effective(&Config::parse(&shown).unwrap()).unwrap(), shown);
    }
}
