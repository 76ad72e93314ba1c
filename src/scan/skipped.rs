//! Describes skipped members of containers: each once, with the reason.

use std::io::{self, ErrorKind};

use crate::finding::Skipped;
use crate::unpack;

/// Returns whether the record `last` already covers `one`. A single limit or truncation ends every enclosing container.
pub(super) fn repeats(last: &Skipped, one: &Skipped) -> bool {
    match last.path.strip_prefix(&one.path) {
        Some("") => last.reason.ends_with(&one.reason),
        inside => inside.is_some() && last.reason == one.reason,
    }
}

/// Returns the reason for the container at `at` if `error`, which ended it, is the limit that also ended the member in
/// `last`: the members after that one were not scanned.
pub(super) fn after_member(last: Option<&Skipped>, at: &str, error: &io::Error) -> Option<String> {
    let limit = error.get_ref().filter(|inner| unpack::is_limit(*inner))?.to_string();
    let inside = last.filter(|last| last.reason.ends_with(&limit))?.path.strip_prefix(at)?;
    let member = inside.trim_start_matches("!/");
    (!member.is_empty()).then(|| format!("not scanned after {member}: {limit}"))
}

/// Formats a container error for display.
pub(super) fn describe(error: &io::Error) -> String {
    if error.kind() == ErrorKind::UnexpectedEof {
        return "ends too early; the part before was scanned".to_owned();
    }
    match error.get_ref() {
        Some(inner) if unpack::is_limit(inner) => format!("only partly scanned: {inner}"),
        _ => format!("corrupt or mislabelled ({error}); scanned as far as it could be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_reason_is_listed_once() {
        let all = |path: &str, reason: &str, other: &str, again: &str| {
            repeats(&Skipped::new(path, reason), &Skipped::new(other, again))
        };
        assert!(all("a!/b", "cut", "a!/b", "cut") && all("a!/b", "cut", "a", "cut"));
        assert!(all("a!/b", "only partly scanned: a limit", "a!/b", "a limit"));
        assert!(!all("a!/b", "only partly scanned: a limit", "a", "a limit"));
        assert!(!all("a!/b", "cut", "a!/c", "cut") && !all("a", "cut", "a!/b", "cut"));
    }
}
