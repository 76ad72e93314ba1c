//! `telleaks.toml`: enabled rules, their severities, what fails a run, and suppressions.
//!
//! Walks the tree of the TOML parser instead of using serde, so that every mistake has a line number and suggests the
//! intended name, and no content is quoted.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::accept::AcceptUnread;
use super::allow::{Allow, Globs};
use super::config_error::Mistake;
use super::fail_on::FailOn;
use super::lines::Lines;
use super::nearest::{unknown, unknown_value};
use super::settings::{self, Settings};
use crate::finding::Severity;
use crate::rules::{Rule, RuleSet};

/// Top-level keys.
const TOP_LEVEL_KEYS: [&str; 11] = [
    "accept-unread",
    "allow",
    "baseline",
    "exclude",
    "fail-on",
    "format",
    "limits",
    "min-severity",
    "region",
    "rule-files",
    "rules",
];
/// Keys of a rule.
const RULE_KEYS: [&str; 2] = ["enabled", "severity"];
/// Keys of an `[[allow]]` entry.
const ALLOW_KEYS: [&str; 5] = ["expires", "paths", "reason", "rules", "sha256"];
/// Maximum number of entries of each kind.
pub(super) const MAX_ENTRIES: usize = 10_000;
/// Maximum number of globs in all entries together: compiling one takes time and memory.
pub(super) const MAX_GLOBS: usize = 2_000;

/// A configuration.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The severity that fails a run, and its line.
    pub fail_on: Option<(FailOn, u64)>,
    /// The path of the baseline, relative to the directory of the configuration, and its line.
    pub baseline: Option<(String, u64)>,
    /// Changed rules, sorted by id.
    pub rules: Vec<RuleSetting>,
    /// `[[allow]]` entries, in the order of the file.
    pub allow: Vec<Allow>,
    /// `[[accept-unread]]` entries, in the order of the file.
    pub accept_unread: Vec<AcceptUnread>,
    /// What options of the command line override.
    pub settings: Settings,
}

/// Changes to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetting {
    /// The rule's id.
    pub id: String,
    /// Whether the rule is used.
    pub enabled: Option<bool>,
    /// The severity of its findings.
    pub severity: Option<Severity>,
    /// 1-based line in the file.
    pub line: u64,
}

impl Config {
    /// Parses a configuration. Rule ids are checked separately by [`Self::check`].
    ///
    /// # Errors
    /// Returns the first mistake.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = Lines::new(text);
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            Mistake::new(lines.number(at), error.message())
        })?;
        let reader = Reader { lines: &lines };
        let mut config = Self::default();
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "fail-on" => config.fail_on = Some((reader.fail_on(value)?, reader.line(&value.span()))),
                "baseline" => config.baseline = Some((reader.file(value)?, reader.line(&value.span()))),
                "rules" => config.rules = reader.rules(value)?,
                "allow" => config.allow = reader.allows(value)?,
                "accept-unread" => config.accept_unread = reader.accepts(value)?,
                known if settings::KEYS.contains(&known) => config.settings.set(&reader, known, value)?,
                other => return Err(reader.wrong(&key.span(), unknown("key", other, TOP_LEVEL_KEYS))),
            }
        }
        Ok(config)
    }

    /// Checks that all rules exist and that all formats are among `formats`.
    ///
    /// # Errors
    /// Returns a mistake for the first unknown name.
    pub fn check(&self, set: &RuleSet, formats: &[&str]) -> Result<(), Mistake> {
        self.accept_unread.iter().try_for_each(|one| one.check(formats))?;
        let known: BTreeSet<&String> = set.known.iter().collect();
        let of_rules = self.rules.iter().map(|rule| (&rule.id, rule.line));
        let of_allows = self.allow.iter().flat_map(|one| one.rules.iter().map(move |id| (id, one.line)));
        match of_rules.chain(of_allows).find(|(id, _)| !known.contains(*id)) {
            None => Ok(()),
            Some((id, line)) => {
                let near = unknown("rule", id, known.iter().map(|id| id.as_str()));
                Err(Mistake::new(line, format!("{near} (telleaks rules list shows all of them)")))
            }
        }
    }

    /// Applies the rule settings to `set`. Rules in `asked` are not disabled. Returns the ids of the disabled rules.
    pub fn apply(&self, set: &mut RuleSet, asked: &[String]) -> Vec<String> {
        let mut gone = Vec::new();
        for setting in &self.rules {
            let rules: [&mut Vec<Rule>; 2] = [&mut set.rules, &mut set.own];
            for rules in rules {
                if setting.enabled == Some(false) && !asked.contains(&setting.id) {
                    let before = rules.len();
                    rules.retain(|rule| rule.id != setting.id);
                    gone.extend((rules.len() < before).then(|| setting.id.clone()));
                }
                for rule in rules.iter_mut().filter(|rule| rule.id == setting.id) {
                    rule.severity = setting.severity.unwrap_or(rule.severity);
                }
            }
        }
        gone
    }
}

/// Reads values and reports mistakes with their line numbers.
pub(super) struct Reader<'t> {
    lines: &'t Lines<'t>,
}

pub(super) type Value<'t> = Spanned<DeValue<'t>>;

impl Reader<'_> {
    pub(super) fn line(&self, span: &Range<usize>) -> u64 {
        self.lines.number(span.start)
    }

    pub(super) fn wrong(&self, span: &Range<usize>, message: impl Into<String>) -> Mistake {
        Mistake::new(self.line(span), message)
    }

    pub(super) fn string(&self, value: &Value<'_>, what: &str) -> Result<String, Mistake> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.wrong(&value.span(), format!("`{what}` is a text between quotation marks"))),
        }
    }

    pub(super) fn strings(&self, value: &Value<'_>, what: &str) -> Result<Vec<(String, u64)>, Mistake> {
        let wrong = |value: &Value<'_>| {
            self.wrong(&value.span(), format!("`{what}` is a list of texts: {what} = [\"…\"]"))
        };
        let DeValue::Array(list) = value.get_ref() else { return Err(wrong(value)) };
        if list.is_empty() || list.len() > MAX_ENTRIES {
            return Err(
                self.wrong(&value.span(), format!("`{what}` has between 1 and {MAX_ENTRIES} entries"))
            );
        }
        list.iter()
            .map(|one| match one.get_ref() {
                DeValue::String(text) => Ok((text.to_string(), self.line(&one.span()))),
                _ => Err(wrong(one)),
            })
            .collect()
    }

    fn fail_on(&self, value: &Value<'_>) -> Result<FailOn, Mistake> {
        let word = self.string(value, "fail-on")?;
        let known = FailOn::ALL.map(FailOn::as_str);
        let found = FailOn::ALL.into_iter().find(|one| one.as_str() == word);
        found.ok_or_else(|| self.wrong(&value.span(), unknown_value("fail-on", &word, known)))
    }

    fn file(&self, value: &Value<'_>) -> Result<String, Mistake> {
        let name = self.string(value, "baseline")?;
        if name.is_empty() || name.contains('\0') {
            return Err(self.wrong(&value.span(), "`baseline` is the name of a file"));
        }
        Ok(name)
    }

    fn rules(&self, value: &Value<'_>) -> Result<Vec<RuleSetting>, Mistake> {
        let DeValue::Table(table) = value.get_ref() else {
            return Err(self.wrong(&value.span(), "`rules` is a table for each rule: [rules.telnyx-api-key]"));
        };
        let mut out = Vec::new();
        for (key, value) in table {
            let DeValue::Table(settings) = value.get_ref() else {
                let message = "a rule has a table of its own with `enabled` and `severity`";
                return Err(self.wrong(&key.span(), message));
            };
            let mut setting = RuleSetting {
                id: key.get_ref().to_string(),
                enabled: None,
                severity: None,
                line: self.line(&key.span()),
            };
            for (key, value) in settings {
                match key.get_ref().as_ref() {
                    "enabled" => setting.enabled = Some(self.switch(value)?),
                    "severity" => setting.severity = Some(self.severity(value)?),
                    other => return Err(self.wrong(&key.span(), unknown("key", other, RULE_KEYS))),
                }
            }
            out.push(setting);
        }
        out.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(out)
    }

    fn switch(&self, value: &Value<'_>) -> Result<bool, Mistake> {
        match value.get_ref() {
            DeValue::Boolean(on) => Ok(*on),
            _ => Err(self.wrong(&value.span(), "`enabled` is true or false, without quotation marks")),
        }
    }

    fn severity(&self, value: &Value<'_>) -> Result<Severity, Mistake> {
        let word = self.string(value, "severity")?;
        let all = [Severity::Error, Severity::Warning, Severity::Note];
        let found = all.into_iter().find(|one| one.as_str() == word);
        let known = all.map(Severity::as_str);
        found.ok_or_else(|| self.wrong(&value.span(), unknown_value("severity", &word, known)))
    }

    fn allows(&self, value: &Value<'_>) -> Result<Vec<Allow>, Mistake> {
        let wrong = |span| self.wrong(&span, "`allow` is a list of tables, each under a line [[allow]]");
        let DeValue::Array(list) = value.get_ref() else { return Err(wrong(value.span())) };
        if list.len() > MAX_ENTRIES {
            return Err(self.wrong(&value.span(), format!("more than {MAX_ENTRIES} tables [[allow]]")));
        }
        let mut globs = 0;
        let mut out = Vec::with_capacity(list.len());
        for one in list {
            let DeValue::Table(table) = one.get_ref() else { return Err(wrong(one.span())) };
            globs +=
                table.get("paths").and_then(|value| value.get_ref().as_array()).map_or(0, |list| list.len());
            if globs > MAX_GLOBS {
                return Err(self.wrong(&one.span(), format!("more than {MAX_GLOBS} globs in one file")));
            }
            out.push(self.allow(table, &one.span())?);
        }
        Ok(out)
    }

    fn allow(&self, table: &DeTable<'_>, span: &Range<usize>) -> Result<Allow, Mistake> {
        let line = self.line(span);
        let (mut reason, mut rules, mut sha256, mut expires) = (None, Vec::new(), Vec::new(), None);
        let mut paths = Globs::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "reason" => reason = Some(self.string(value, "reason")?),
                "rules" => rules = self.strings(value, "rules")?.into_iter().map(|(id, _)| id).collect(),
                "paths" => paths = self.globs(value)?,
                "sha256" => sha256 = self.hashes(value)?,
                "expires" => expires = Some(self.date(value)?),
                other => return Err(self.wrong(&key.span(), unknown("key", other, ALLOW_KEYS))),
            }
        }
        let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) else {
            return Err(Mistake::new(line, "[[allow]] needs a `reason`: why is this not a leak?"));
        };
        if rules.is_empty() && paths.is_empty() && sha256.is_empty() {
            let message =
                "[[allow]] needs one of `rules`, `paths`, `sha256`; without them it would allow everything";
            return Err(Mistake::new(line, message));
        }
        Ok(Allow { reason, rules, paths, sha256, expires, line })
    }

    pub(super) fn globs(&self, value: &Value<'_>) -> Result<Globs, Mistake> {
        let (words, lines): (Vec<String>, Vec<u64>) = self.strings(value, "paths")?.into_iter().unzip();
        Globs::new(words)
            .map_err(|(at, why)| Mistake::new(lines.get(at).copied().unwrap_or(1), format!("`paths`: {why}")))
    }

    fn hashes(&self, value: &Value<'_>) -> Result<Vec<String>, Mistake> {
        let list = self.strings(value, "sha256")?.into_iter();
        list.map(|(word, line)| {
            let message = "`sha256` takes the 64 hexadecimal digits of `secret_sha256` in a report";
            if is_sha256(&word) { Ok(word.to_ascii_lowercase()) } else { Err(Mistake::new(line, message)) }
        })
        .collect()
    }

    pub(super) fn date(&self, value: &Value<'_>) -> Result<Date, Mistake> {
        let message = "`expires` is a day between quotation marks: \"2027-01-31\"";
        let DeValue::String(word) = value.get_ref() else { return Err(self.wrong(&value.span(), message)) };
        day(word).ok_or_else(|| self.wrong(&value.span(), message))
    }
}

/// Returns whether a text is a SHA-256 in hex.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Parses a day of the form `YYYY-MM-DD`.
pub fn day(text: &str) -> Option<Date> {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    text.parse().ok().filter(|_| shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line() {
        let text = "fail-on = 'error'\nbaseline = 'b.jsonl'\n[rules.telnyx-v1-token]\nenabled = false\n\
                    [[allow]]\nreason = 'r'\nrules = ['telnyx-api-key']\n\n[[allow]]\nreason = 's'\n\
                    paths = [\n 'docs/'\n]\nexpires = '2027-01-31'\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.fail_on, Some((FailOn::Error, 1)));
        assert_eq!(config.baseline, Some(("b.jsonl".to_owned(), 2)));
        assert_eq!((config.rules[0].line, config.rules[0].enabled), (3, Some(false)));
        assert_eq!(config.allow.iter().map(|one| one.line).collect::<Vec<_>>(), [5, 9]);
        assert!(config.allow[1].fits("any", "thing", "docs/a") && !config.allow[1].fits("any", "thing", "a"));
        assert!(config.allow[1].is_expired("2027-02-01".parse().unwrap()));
        assert!(!config.allow[1].is_expired("2027-01-31".parse().unwrap()));
        assert!(config.check(&crate::rules::builtin().unwrap(), &["rar"]).is_ok());
    }

    #[test]
    fn mistakes_have_line_and_hint_and_quote_nothing() {
        let secret = "hunter2hunter2";
        for (text, line, word) in [
            ("fail-no = 'error'", 1, "`fail-no`; did you mean `fail-on`?"),
            ("\nfail-on = 'hunter2hunter2'", 2, "unknown value of `fail-on`"),
            ("[rules.x]\nseverty = 'note'", 2, "did you mean `severity`?"),
            ("[rules.x]\nenabled = 'no'", 2, "without quotation marks"),
            ("[rules.x]\nseverity = 'bad'", 2, "known are error, warning, note"),
            ("rules = 1", 1, "is a table"),
            ("[[allow]]\nrules = ['a']", 1, "needs a `reason`"),
            ("[[allow]]\nreason = ' '\nrules = ['a']", 1, "needs a `reason`"),
            ("\n[[allow]]\nreason = 'r'", 2, "would allow everything"),
            ("[[allow]]\nreason = 'r'\npaths = ['a',\n'!hunter2hunter2']", 4, "`!`"),
            ("[[allow]]\nreason = 'r'\npaths = []", 3, "between 1 and"),
            ("[[allow]]\nreason = 'r'\nsha256 = ['hunter2hunter2']", 3, "64 hexadecimal"),
            ("[[allow]]\nreason = 'r'\nrules = ['a']\nexpires = 2027-01-31", 4, "quotation marks"),
            ("[[allow]]\nreason = 'r'\nrules = ['a']\nexpires = '2027-02-31'", 4, "quotation marks"),
            ("[allow]\nreason = 'r'", 1, "[[allow]]"),
            ("[[accept-unread]]\nformats = ['rar']", 1, "needs a `reason`"),
            ("\n[[accept-unread]]\nreason = 'r'", 2, "would accept everything"),
            ("[[accept-unread]]\nreason = 'r'\npath = ['a']", 3, "did you mean `paths`?"),
            ("[[accept-unread]]\nreason = 'r'\npaths = ['**']", 3, "every path"),
            ("[accept-unread]\nreason = 'r'", 1, "[[accept-unread]]"),
            ("a = 'hunter2hunter2", 1, ""),
            ("x = hunter2hunter2", 1, ""),
            ("baseline = ''", 1, "name of a file"),
        ] {
            let mistake = Config::parse(text).unwrap_err();
            assert_eq!(mistake.line, line, "{text}: {mistake}");
            assert!(mistake.message.contains(word), "{text}: {mistake}");
            assert!(!mistake.message.contains(secret), "{text}: {mistake}");
        }
        let config = Config::parse("[rules.telnyx-api-kye]\nenabled = true").unwrap();
        let mistake = config.check(&crate::rules::builtin().unwrap(), &["rar"]).unwrap_err();
        assert!(mistake.message.contains("did you mean `telnyx-api-key`?"), "{mistake}");
        let config = Config::parse("\n[[accept-unread]]\nreason = 'r'\nformats = ['rra']").unwrap();
        let mistake = config.check(&crate::rules::builtin().unwrap(), &["cab", "rar"]).unwrap_err();
        assert_eq!(mistake.line, 2);
        assert!(mistake.message.contains("unknown value of `formats`"), "{mistake}");
    }

    #[test]
    fn deep_nesting_is_a_mistake() {
        for (open, close) in [("[", "]"), ("{a=", "}")] {
            let text = format!("a = {}1{}", open.repeat(100_000), close.repeat(100_000));
            assert!(Config::parse(&text).is_err());
        }
        assert!(Config::parse(&format!("[{}a]", "a.".repeat(100_000))).is_err());
        assert!(Config::parse("\0\0\0").is_err());
    }
}
