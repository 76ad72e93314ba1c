//! Findings about suppressions themselves: expired and unused ones. Does not decide which are reported or what
//! suppresses what.

use super::config_error::Mistake;
use super::lines::Lines;
use super::{Named, Suppressions, Used};
use crate::finding::{Excerpt, Finding, Location, Secret};
use crate::rules::Rule;

/// Maximum number of characters kept of a line: far more than are shown, so that no secret is cut before it is masked.
const MAX_KEPT_CHARS: usize = 4096;

/// Ids of telleaks' own rules about suppressions.
pub(super) const EXPIRED: &str = "telleaks-suppression-expired";
pub(super) const UNUSED: &str = "telleaks-suppression-unused";
pub(super) const ADDED: &str = "telleaks-suppression-added";

/// A remark about one line of a file.
#[derive(Clone, Copy)]
pub(super) struct Remark<'a> {
    /// The line, 1-based.
    pub(super) line: u64,
    /// A short, public description of the subject.
    pub(super) what: &'a str,
    /// Appended to the message of the rule, unless it is empty.
    pub(super) why: &'a str,
}

/// A file about which findings are made.
pub(super) struct SuppressionFile<'f> {
    name: &'f str,
    lines: Lines<'f>,
}

impl<'f> SuppressionFile<'f> {
    /// Indexes a file.
    pub(super) fn of<T>(file: &'f Named<T>) -> Self {
        Self { name: &file.name, lines: Lines::new(&file.text) }
    }

    /// Returns a finding of the rule `id` among `own`, or `None` if that rule is disabled.
    pub(super) fn about(&self, own: &[Rule], id: &str, remark: Remark<'_>) -> Option<Finding> {
        let Remark { line, what, why } = remark;
        let rule = own.iter().find(|rule| rule.id == id)?;
        let (location, text) = self.line_at(line);
        let message = if why.is_empty() { rule.message.clone() } else { format!("{}: {why}", rule.message) };
        let shown: String = text.chars().take(MAX_KEPT_CHARS).collect();
        let clipped_right = shown.len() < text.len();
        let excerpt = Excerpt { highlight: 0..shown.len(), text: shown, clipped_left: false, clipped_right };
        Some(Finding {
            message,
            confidence: rule.confidence,
            excerpt,
            ..Finding::new(id, rule.severity, Secret::public(what), location)
        })
    }

    /// Returns the location and the text of a line. The caller masks the text.
    fn line_at(&self, number: u64) -> (Location, &'f str) {
        let (start, line) = self.lines.get(number);
        let location = Location {
            path: self.name.to_owned(),
            start_line: number,
            start_column: 1,
            end_line: number,
            end_column: 1 + line.chars().count() as u64,
            byte_start: start as u64,
            byte_end: (start + line.len()) as u64,
        };
        (location, line)
    }
}

/// Returns a finding for each expired suppression.
pub fn expired(suppressions: &Suppressions, own: &[Rule]) -> Vec<Finding> {
    let today = suppressions.today;
    let mut out = Vec::new();
    if let Some(config) = &suppressions.config {
        let file = SuppressionFile::of(config);
        for allow in config.value.allow.iter().filter(|allow| allow.is_expired(today)) {
            let why = allow.expires.map(|day| format!("its last day was {day}")).unwrap_or_default();
            out.extend(file.about(
                own,
                EXPIRED,
                Remark { line: allow.line, what: &allow.summary(), why: &why },
            ));
        }
        for one in config.value.accept_unread.iter().filter(|one| one.is_expired(today)) {
            let why = one.expires.map(|day| format!("its last day was {day}")).unwrap_or_default();
            out.extend(file.about(own, EXPIRED, Remark { line: one.line, what: &one.summary(), why: &why }));
        }
    }
    for baseline in &suppressions.baselines {
        let file_lines = SuppressionFile::of(baseline);
        for entry in baseline.value.entries().iter().filter(|entry| entry.is_expired(today)) {
            let why = entry.expires.map(|day| format!("its last day was {day}")).unwrap_or_default();
            out.extend(file_lines.about(
                own,
                EXPIRED,
                Remark { line: entry.line, what: short(&entry.hash), why: &why },
            ));
        }
    }
    out
}

/// Returns a finding for each unexpired suppression that has suppressed nothing. `where_` describes what was not
/// scanned.
pub fn unused(suppressions: &Suppressions, used: &Used, own: &[Rule], where_: &str) -> Vec<Finding> {
    let today = suppressions.today;
    let mut out = Vec::new();
    if let Some(config) = &suppressions.config {
        let file = SuppressionFile::of(config);
        let unused = config.value.allow.iter().enumerate();
        for (_, allow) in unused.filter(|(at, one)| !used.allows.contains(at) && !one.is_expired(today)) {
            out.extend(file.about(
                own,
                UNUSED,
                Remark { line: allow.line, what: &allow.summary(), why: where_ },
            ));
        }
        let accepts = config.value.accept_unread.iter().enumerate();
        for (_, one) in accepts.filter(|(at, one)| !used.accepts.contains(at) && !one.is_expired(today)) {
            out.extend(file.about(own, UNUSED, Remark { line: one.line, what: &one.summary(), why: where_ }));
        }
    }
    for (file, baseline) in suppressions.baselines.iter().enumerate() {
        let file_lines = SuppressionFile::of(baseline);
        let unused = baseline.value.entries().iter().enumerate();
        for (_, entry) in
            unused.filter(|(at, one)| !used.entries.contains(&(file, *at)) && !one.is_expired(today))
        {
            out.extend(file_lines.about(
                own,
                UNUSED,
                Remark { line: entry.line, what: short(&entry.hash), why: where_ },
            ));
        }
    }
    out
}

/// Abbreviates a hash.
pub(super) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// Returns a finding of the rule `id` about a file that cannot be parsed.
pub(super) fn broken(own: &[Rule], id: &str, file: &Named<()>, mistake: &Mistake) -> Option<Finding> {
    let why = format!("it cannot be parsed: {}", mistake.message);
    SuppressionFile::of(file).about(own, id, Remark { line: mistake.line, what: "not understood", why: &why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn location_is_the_whole_line() {
        let file = Named { name: "f".into(), text: "a\r\nbä\nc".into(), value: () };
        let file_lines = SuppressionFile::of(&file);
        let (location, text) = file_lines.line_at(2);
        assert_eq!(text, "bä");
        assert_eq!((location.start_line, location.end_column), (2, 3));
        assert_eq!((location.byte_start, location.byte_end), (3, 6));
        assert_eq!(file_lines.line_at(9).1, "");
    }
}
