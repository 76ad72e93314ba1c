//! Names that were mistyped: which one was meant, and whether the typed one can be shown.

/// Longest name that is shown: hardly a name that is known is longer, hardly a credential is shorter.
const LONGEST: usize = 32;

/// An unknown name as a sentence shows it, with the nearest of the known ones. A name that is none (long, or with
/// other characters than a name has) could be a secret in the wrong place and is not shown.
pub(super) fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > LONGEST || !name.bytes().all(plain) {
        return format!("unknown {what}");
    }
    match nearest(name, &known) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
        None if known.len() <= 8 => format!("unknown {what} `{name}`; known are {}", known.join(", ")),
        None => format!("unknown {what} `{name}`"),
    }
}

/// As [`unknown`] for a value: what stands in a file is not shown.
pub(super) fn unknown_value<'a>(key: &str, value: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let short = if value.len() > LONGEST { "" } else { value };
    match nearest(short, &known) {
        Some(near) => format!("unknown value of `{key}`; did you mean `{near}`?"),
        None => format!("unknown value of `{key}`; known are {}", known.join(", ")),
    }
}

/// The known name that is near enough to have been meant.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let apart = |one: &str| distance(&name.to_ascii_lowercase().replace('_', "-"), one);
    let best = known.iter().min_by_key(|one| apart(one))?;
    (apart(best) <= 1 + name.len() / 4).then_some(best)
}

/// How many characters have to be put in, taken out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_told_what_was_meant_and_a_strange_one_is_not_shown() {
        let known = ["enabled", "severity"];
        assert_eq!(unknown("key", "severty", known), "unknown key `severty`; did you mean `severity`?");
        assert_eq!(unknown("key", "Severity_", known), "unknown key `Severity_`; did you mean `severity`?");
        assert_eq!(unknown("key", "enalbed", known), "unknown key `enalbed`; did you mean `enabled`?");
        assert_eq!(unknown("key", "colour", known), "unknown key `colour`; known are enabled, severity");
        assert_eq!(unknown("key", "a b", known), "unknown key");
        assert_eq!(unknown("key", &"a".repeat(58), known), "unknown key");
        assert_eq!(unknown_value("k", "Enabled", known), "unknown value of `k`; did you mean `enabled`?");
        assert_eq!(unknown_value("k", "x", known), "unknown value of `k`; known are enabled, severity");
        assert_eq!((distance("", "abc"), distance("ab", "ba"), distance("abc", "abc")), (3, 1, 0));
    }
}
