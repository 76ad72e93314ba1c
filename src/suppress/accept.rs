//! An `[[accept-unread]]` entry of the configuration: accepts inputs that are skipped.

use std::ops::Range;

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::allow::{Globs, lasts, within};
use super::config::{MAX_ENTRIES, MAX_GLOBS, Reader, Value};
use super::config_error::Mistake;
use super::nearest::{unknown, unknown_value};
use crate::finding::Skipped;

/// Keys of an entry.
const KEYS: [&str; 4] = ["expires", "formats", "paths", "reason"];

/// Accepts skipped inputs that match all of its conditions.
#[derive(Debug, Clone)]
pub struct AcceptUnread {
    /// Why they are accepted.
    pub reason: String,
    /// Names of unsupported formats; empty means that any reason for skipping is accepted.
    pub formats: Vec<String>,
    /// The accepted paths; empty means all.
    pub paths: Globs,
    /// The last day on which the entry applies.
    pub expires: Option<Date>,
    /// 1-based line in the file.
    pub line: u64,
}

impl AcceptUnread {
    /// Returns whether the entry matches a skipped input at a path relative to the root.
    pub fn fits(&self, unseen: &Skipped, path: &str) -> bool {
        let of_format = |format: &String| self.formats.contains(format);
        (self.formats.is_empty() || unseen.format.as_ref().is_some_and(of_format))
            && (self.paths.is_empty() || self.paths.fits(path))
    }

    /// Returns whether the entry has expired.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    /// Returns whether this entry accepts everything that `other` accepts. Compares globs textually only.
    pub fn covers(&self, other: &Self) -> bool {
        within(&self.formats, &other.formats)
            && within(self.paths.words(), other.paths.words())
            && lasts(self.expires, other.expires)
    }

    /// Returns a short description of what the entry accepts.
    pub fn summary(&self) -> String {
        let parts = [("format", &self.formats[..]), ("path", self.paths.words())];
        let parts = parts.iter().filter_map(|(name, words)| {
            let more = if words.len() > 1 { format!(" and {} more", words.len() - 1) } else { String::new() };
            words.first().map(|first| format!("{name} {first}{more}"))
        });
        format!("accept-unread {}", parts.collect::<Vec<_>>().join(", "))
    }

    /// Checks that the named formats are among `known`.
    ///
    /// # Errors
    /// Returns a mistake for the first unknown format.
    pub(super) fn check(&self, known: &[&str]) -> Result<(), Mistake> {
        match self.formats.iter().find(|format| !known.contains(&format.as_str())) {
            None => Ok(()),
            Some(format) => {
                Err(Mistake::new(self.line, unknown_value("formats", format, known.iter().copied())))
            }
        }
    }
}

impl Reader<'_> {
    /// Parses all entries.
    pub(super) fn accepts(&self, value: &Value<'_>) -> Result<Vec<AcceptUnread>, Mistake> {
        let wrong = |span| {
            self.wrong(&span, "`accept-unread` is a list of tables, each under a line [[accept-unread]]")
        };
        let DeValue::Array(list) = value.get_ref() else { return Err(wrong(value.span())) };
        if list.len() > MAX_ENTRIES {
            return Err(
                self.wrong(&value.span(), format!("more than {MAX_ENTRIES} tables [[accept-unread]]"))
            );
        }
        let mut globs = 0;
        let mut out = Vec::with_capacity(list.len());
        for one in list {
            let DeValue::Table(table) = one.get_ref() else { return Err(wrong(one.span())) };
            let entry = self.accept(table, &one.span())?;
            globs += entry.paths.words().len();
            if globs > MAX_GLOBS {
                return Err(self.wrong(&one.span(), format!("more than {MAX_GLOBS} globs in one file")));
            }
            out.push(entry);
        }
        Ok(out)
    }

    fn accept(&self, table: &DeTable<'_>, span: &Range<usize>) -> Result<AcceptUnread, Mistake> {
        let line = self.line(span);
        let (mut reason, mut formats, mut paths, mut expires) = (None, Vec::new(), Globs::default(), None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "reason" => reason = Some(self.string(value, "reason")?),
                "formats" => {
                    formats = self.strings(value, "formats")?.into_iter().map(|(name, _)| name).collect();
                }
                "paths" => paths = self.globs(value)?,
                "expires" => expires = Some(self.date(value)?),
                other => return Err(self.wrong(&key.span(), unknown("key", other, KEYS))),
            }
        }
        let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) else {
            return Err(Mistake::new(line, "[[accept-unread]] needs a `reason`: why may this stay unread?"));
        };
        if formats.is_empty() && paths.is_empty() {
            let message =
                "[[accept-unread]] needs `paths` or `formats`; without them it would accept everything";
            return Err(Mistake::new(line, message));
        }
        Ok(AcceptUnread { reason, formats, paths, expires, line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> AcceptUnread {
        let text = format!("[[accept-unread]]\nreason = 'r'\n{text}");
        crate::suppress::Config::parse(&text).unwrap().accept_unread.remove(0)
    }

    #[test]
    fn entry_matches_all_conditions() {
        let of = |format: Option<&str>| Skipped { format: format.map(str::to_owned), ..Skipped::new("", "") };
        let both = entry("paths = ['vendor/']\nformats = ['rar', 'cab']");
        assert!(both.fits(&of(Some("cab")), "vendor/x/y.cab"));
        assert!(!both.fits(&of(Some("xar")), "vendor/x") && !both.fits(&of(Some("rar")), "x.rar"));
        assert!(!both.fits(&of(None), "vendor/x"));
        assert!(entry("formats = ['rar']").fits(&of(Some("rar")), "anywhere"));
        let paths = entry("paths = ['a.zip']");
        assert!(paths.fits(&of(None), "a.zip!/b") && paths.fits(&of(None), "x/a.zip"));
    }

    #[test]
    fn wider_or_longer_entry_covers_other() {
        let (one, two) = (entry("formats = ['rar']"), entry("formats = ['rar', 'cab']"));
        assert!(two.covers(&one) && !one.covers(&two));
        let short = entry("formats = ['rar']\nexpires = '2027-01-31'");
        assert!(one.covers(&short) && !short.covers(&one));
        assert!(!entry("paths = ['a']").covers(&one) && !one.covers(&entry("paths = ['a']")));
        assert_eq!(two.summary(), "accept-unread format rar and 1 more");
        assert!(short.is_expired("2027-02-01".parse().unwrap()));
        assert!(!short.is_expired("2027-01-31".parse().unwrap()));
    }
}
