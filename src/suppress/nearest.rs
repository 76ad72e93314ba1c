//! Suggestions for mistyped names, and whether a mistyped name can be shown.

/// Maximum length in bytes of a name that is shown: known names are rarely longer, credentials rarely shorter.
const MAX_NAME_BYTES: usize = 32;

/// Describes an unknown name with the nearest known one. A text that is not a plausible name (too long, or with unusual
/// characters) could be a misplaced secret and is not shown.
pub(super) fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(plain) {
        return format!("unknown {what}");
    }
    match nearest(name, &known) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
        None if known.len() <= 8 => format!("unknown {what} `{name}`; known are {}", known.join(", ")),
        None => format!("unknown {what} `{name}`"),
    }
}

/// Like [`unknown`], for a value: the value itself is never shown.
pub(super) fn unknown_value<'a>(key: &str, value: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let short = if value.len() > MAX_NAME_BYTES { "" } else { value };
    match nearest(short, &known) {
        Some(near) => format!("unknown value of `{key}`; did you mean `{near}`?"),
        None => format!("unknown value of `{key}`; known are {}", known.join(", ")),
    }
}

/// Returns the known name that was probably meant, if one is near enough.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let apart = |one: &str| strsim::osa_distance(&name.to_ascii_lowercase().replace('_', "-"), one);
    let best = known.iter().min_by_key(|one| apart(one))?;
    (apart(best) <= 1 + name.len() / 4).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typo_gets_suggestion_and_odd_name_is_not_shown() {
        let known = ["enabled", "severity"];
        assert_eq!(unknown("key", "severty", known), "unknown key `severty`; did you mean `severity`?");
        assert_eq!(unknown("key", "Severity_", known), "unknown key `Severity_`; did you mean `severity`?");
        assert_eq!(unknown("key", "enalbed", known), "unknown key `enalbed`; did you mean `enabled`?");
        assert_eq!(unknown("key", "colour", known), "unknown key `colour`; known are enabled, severity");
        assert_eq!(unknown("key", "a b", known), "unknown key");
        assert_eq!(unknown("key", &"a".repeat(58), known), "unknown key");
        assert_eq!(unknown_value("k", "Enabled", known), "unknown value of `k`; did you mean `enabled`?");
        assert_eq!(unknown_value("k", "x", known), "unknown value of `k`; known are enabled, severity");
    }
}
