//! Findings about suppressions themselves: those that have expired, those that hide nothing. Which are asked for, and what
//! hides what, is known elsewhere.

use super::mistake::Mistake;
use super::{Named, Suppressions, Used};
use crate::finding::{Excerpt, Finding, Location, Secret};
use crate::rules::Rule;

/// Characters of a line that are shown.
const SHOWN: usize = 160;

/// Rules of telleaks' own.
pub(super) const EXPIRED: &str = "telleaks-suppression-expired";
pub(super) const UNUSED: &str = "telleaks-suppression-unused";
pub(super) const ADDED: &str = "telleaks-suppression-added";

/// A finding of one of the rules `own` about a line of a file; none if that rule is switched off. `what` says in a few
/// words what it is about and is no secret; `why` is added to the rule's sentence.
pub(super) fn about<T>(
    own: &[Rule],
    id: &str,
    file: &Named<T>,
    (line, what, why): (u64, &str, &str),
) -> Option<Finding> {
    let rule = own.iter().find(|rule| rule.id == id)?;
    let (location, text) = line_at(&file.name, &file.text, line);
    let message = if why.is_empty() { rule.message.clone() } else { format!("{}: {why}", rule.message) };
    let shown: String = text.chars().take(SHOWN).collect();
    let clipped_right = shown.len() < text.len();
    let excerpt = Excerpt { highlight: 0..shown.len(), text: shown, clipped_left: false, clipped_right };
    Some(Finding {
        message,
        confidence: rule.confidence,
        excerpt,
        ..Finding::new(id, rule.severity, Secret::public(what), location)
    })
}

/// The place and the text of a line. What is shown of it is up to the caller.
fn line_at<'t>(path: &str, text: &'t str, number: u64) -> (Location, &'t str) {
    let mut start = 0;
    let mut lines = text.split_inclusive('\n');
    for _ in 1..number {
        start += lines.next().map_or(0, str::len);
    }
    let line = lines.next().unwrap_or_default().trim_end_matches(['\n', '\r']);
    let location = Location {
        path: path.to_owned(),
        start_line: number,
        start_column: 1,
        end_line: number,
        end_column: 1 + line.chars().count() as u64,
        byte_start: start as u64,
        byte_end: (start + line.len()) as u64,
    };
    (location, line)
}

/// A finding for each suppression that has expired.
pub fn expired(suppressions: &Suppressions, own: &[Rule]) -> Vec<Finding> {
    let today = suppressions.today;
    let mut out = Vec::new();
    if let Some(config) = &suppressions.config {
        for allow in config.value.allow.iter().filter(|allow| allow.is_expired(today)) {
            let why = allow.expires.map(|day| format!("its last day was {day}")).unwrap_or_default();
            out.extend(about(own, EXPIRED, config, (allow.line, &allow.summary(), &why)));
        }
    }
    for baseline in &suppressions.baselines {
        for entry in baseline.value.entries().iter().filter(|entry| entry.is_expired(today)) {
            let why = entry.expires.map(|day| format!("its last day was {day}")).unwrap_or_default();
            out.extend(about(own, EXPIRED, baseline, (entry.line, short(&entry.hash), &why)));
        }
    }
    out
}

/// A finding for each suppression that counts and has hidden nothing. `where_` says what was searched.
pub fn unused(suppressions: &Suppressions, used: &Used, own: &[Rule], where_: &str) -> Vec<Finding> {
    let today = suppressions.today;
    let mut out = Vec::new();
    if let Some(config) = &suppressions.config {
        let unused = config.value.allow.iter().enumerate();
        for (_, allow) in unused.filter(|(at, one)| !used.allows.contains(at) && !one.is_expired(today)) {
            out.extend(about(own, UNUSED, config, (allow.line, &allow.summary(), where_)));
        }
    }
    for (file, baseline) in suppressions.baselines.iter().enumerate() {
        let unused = baseline.value.entries().iter().enumerate();
        for (_, entry) in
            unused.filter(|(at, one)| !used.entries.contains(&(file, *at)) && !one.is_expired(today))
        {
            out.extend(about(own, UNUSED, baseline, (entry.line, short(&entry.hash), where_)));
        }
    }
    out
}

/// The beginning of a hash, which is enough to name it.
pub(super) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// A finding about a file that is not understood, for the rule `id`.
pub(super) fn broken(own: &[Rule], id: &str, file: &Named<()>, mistake: &Mistake) -> Option<Finding> {
    about(
        own,
        id,
        file,
        (mistake.line, "not understood", &format!("it is not understood: {}", mistake.message)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_whole_line() {
        let (location, text) = line_at("f", "a\r\nbä\nc", 2);
        assert_eq!(text, "bä");
        assert_eq!((location.start_line, location.end_column), (2, 3));
        assert_eq!((location.byte_start, location.byte_end), (3, 6));
        assert_eq!(line_at("f", "a\n", 9).1, "");
    }
}
