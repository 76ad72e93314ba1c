//! Files that a prompt includes by name: `@src/a.rs`, `@"a b.txt"`, `@file:a`, `#file:a`, with `#L10-20` for a range.

use std::sync::LazyLock;

use regex::Regex;

use super::parts::Lines;

/// Maximum number of files that are looked at in one prompt.
const MAX_FILES: usize = 100;

static MENTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[^\w@.])(?:@|#file:)(?:file:)?(?:"([^"\n]+)"|'([^'\n]+)'|([\w./~\\-][\w./~\\+@-]*))(?:#L?(\d+)(?:-L?(\d+))?)?"#)
        .ok()
});

/// Returns the files that a prompt names, with the lines of each.
pub(super) fn mentioned(prompt: &str) -> Vec<(String, Lines)> {
    let Some(regex) = MENTION.as_ref() else { return Vec::new() };
    let mut all = Vec::new();
    for found in regex.captures_iter(prompt).take(MAX_FILES) {
        let quoted = found.get(1).or_else(|| found.get(2)).map(|path| path.as_str());
        let path = match (quoted, found.get(3)) {
            (Some(path), _) => path,
            (None, Some(path)) => path.as_str().trim_end_matches('.'),
            (None, None) => continue,
        };
        let number = |group: usize| found.get(group).and_then(|digits| digits.as_str().parse::<u64>().ok());
        let lines = match (number(4), number(5)) {
            (Some(first), last) => Lines::Between(first.max(1), last.unwrap_or(first)),
            _ => Lines::All,
        };
        all.push((path.to_owned(), lines));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions() {
        let all = |prompt: &str| mentioned(prompt).into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        assert_eq!(all("see @.env, (@src/a.rs). @file:b and #file:c.ts"), [".env", "src/a.rs", "b", "c.ts"]);
        assert_eq!(all("look at @\"a b.txt\" and @docs/x.md."), ["a b.txt", "docs/x.md"]);
        assert_eq!(all("mail a@b.c or me@example.org, 50 @ 3, user.name@host"), Vec::<String>::new());
        assert_eq!(mentioned("@a.rs#L10-20")[0].1, Lines::Between(10, 20));
        assert_eq!(mentioned("@a.rs#7")[0].1, Lines::Between(7, 7));
    }
}
