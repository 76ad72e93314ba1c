//! Findings of other scanners beside known ones: the same secret at the same path is the known finding, so that merging
//! removes the duplicate although places differ in their details.

use crate::finding::Finding;

/// Returns `new` as a copy of the known finding of the same rule, secret and path, with its own source and, if it is on
/// another line, its place. Findings in history and in files stay apart, as in [`super::merge`].
#[must_use]
pub fn align(new: Finding, known: &[Finding]) -> Finding {
    let digest = new.secret.sha256();
    let is_same = |one: &&Finding| {
        one.rule_id == new.rule_id
            && (one.location.path == new.location.path || one.path_at_root() == new.location.path)
            && (one.git.is_some() || new.git.is_none())
            && one.secret.sha256() == digest
    };
    let Some(same) = known.iter().find(is_same) else { return new };
    let mut out = Finding { sources: new.sources, ..same.clone() };
    if !out.secret.is_whole() {
        out.secret = new.secret;
    }
    let line = new.location.start_line;
    let is_listed =
        std::iter::once(&out.location).chain(&out.occurrences).any(|place| place.start_line == line);
    if !is_listed {
        out.occurrences.push(new.location);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Location, Secret, Severity};

    fn at(line: u64) -> Finding {
        let location = Location { start_line: line, end_line: line, ..Location::of_first_byte("a") };
        Finding::new("r", Severity::Error, Secret::new("secret"), location)
    }

    #[test]
    fn known_place_counts_and_another_line_is_added() {
        let known = [Finding { message: "known".into(), ..at(3) }];
        let same = align(at(3), &known);
        assert_eq!((same.message.as_str(), same.occurrences.len()), ("known", 0));
        assert_eq!(align(at(4), &known).occurrences.len(), 1);
        let other = Finding::new("r", Severity::Error, Secret::new("other"), Location::of_first_byte("a"));
        assert_eq!(align(other, &known).message, "");
    }
}
