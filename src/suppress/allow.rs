//! An `[[allow]]` entry of the configuration: suppresses findings.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::civil::Date;

/// Maximum length of a glob in characters: compiling a glob takes memory.
const MAX_GLOB_CHARS: usize = 1000;

/// Suppresses findings that match all of its conditions.
#[derive(Debug, Clone)]
pub struct Allow {
    /// Why they are suppressed.
    pub reason: String,
    /// Rule ids; empty means all.
    pub rules: Vec<String>,
    /// The paths; empty means all.
    pub paths: Globs,
    /// SHA-256 of the secrets in lower-case hex; empty means all.
    pub sha256: Vec<String>,
    /// The last day on which the entry applies.
    pub expires: Option<Date>,
    /// 1-based line in the file.
    pub line: u64,
}

impl Allow {
    /// Returns whether the entry matches a secret (by its SHA-256) of a rule at a path relative to the root.
    pub fn fits(&self, rule: &str, sha256: &str, path: &str) -> bool {
        (self.rules.is_empty() || self.rules.iter().any(|id| id == rule))
            && (self.sha256.is_empty() || self.sha256.iter().any(|one| one == sha256))
            && (self.paths.is_empty() || self.paths.fits(path))
    }

    /// Returns whether the entry has expired.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    /// Returns whether this entry suppresses everything that `other` suppresses. Compares globs textually only.
    pub fn covers(&self, other: &Self) -> bool {
        within(&self.rules, &other.rules)
            && within(&self.sha256, &other.sha256)
            && within(self.paths.words(), other.paths.words())
            && lasts(self.expires, other.expires)
    }

    /// Returns a short description of what the entry suppresses.
    pub fn summary(&self) -> String {
        let some = |name: &str, words: &[String]| {
            let more = if words.len() > 1 { format!(" and {} more", words.len() - 1) } else { String::new() };
            words.first().map(|first| format!("{name} {first}{more}"))
        };
        let short: Vec<String> =
            self.sha256.iter().map(|sha| sha.get(..12).unwrap_or(sha).to_owned()).collect();
        let parts = [some("rule", &self.rules), some("path", self.paths.words()), some("sha256", &short)];
        format!("allow {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// Returns whether `mine` includes all of `theirs`. An empty list means everything.
pub(super) fn within(mine: &[String], theirs: &[String]) -> bool {
    mine.is_empty() || (!theirs.is_empty() && theirs.iter().all(|one| mine.contains(one)))
}

/// Returns whether an entry with the last day `mine` applies at least as long as one with `theirs`. `None` means
/// without end.
pub(super) fn lasts(mine: Option<Date>, theirs: Option<Date>) -> bool {
    match (mine, theirs) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(mine), Some(theirs)) => mine >= theirs,
    }
}

/// Path patterns in the syntax of `.gitignore`: a pattern with a slash before its end is relative to the root, any
/// other matches at any depth. A directory matches everything in it, an archive its members.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    words: Vec<String>,
    set: GlobSet,
}

impl Globs {
    /// Compiles globs.
    ///
    /// # Errors
    /// Returns the index of the first invalid glob, and the reason.
    pub fn new(words: Vec<String>) -> Result<Self, (usize, String)> {
        let mut set = GlobSetBuilder::new();
        for (number, word) in words.iter().enumerate() {
            for glob in expanded(word).map_err(|why| (number, why))? {
                let built = GlobBuilder::new(&glob).literal_separator(true).backslash_escape(true).build();
                // The error of globset quotes the glob.
                let built = built.map_err(|error| (number, format!("not a glob: {}", error.kind())))?;
                set.add(built);
            }
        }
        let set = set.build().map_err(|error| (0, format!("not a glob: {}", error.kind())))?;
        Ok(Self { words, set })
    }

    /// Returns the globs as they were written.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Returns whether there are no globs.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns whether a glob matches a path relative to the root.
    pub fn fits(&self, path: &str) -> bool {
        self.set.is_match(path)
    }
}

/// Expands one `.gitignore` pattern to globs that match whole paths.
fn expanded(word: &str) -> Result<Vec<String>, String> {
    let is_folder = word.ends_with('/') || word.ends_with("/**");
    let plain = word.strip_suffix("/**").unwrap_or(word).trim_end_matches('/');
    let anchored = word.trim_end_matches('/').contains('/');
    let plain = plain.trim_start_matches('/');
    if plain.is_empty() || word.len() > MAX_GLOB_CHARS {
        return Err(format!("a glob has between 1 and {MAX_GLOB_CHARS} characters"));
    }
    if matches!(plain, "*" | "**" | "**/*") {
        return Err(
            "this glob matches every path; leave `paths` out to allow something everywhere".to_owned()
        );
    }
    if plain.starts_with('!') {
        return Err("globs with `!` are not supported; write what is allowed".to_owned());
    }
    if plain.contains('\0') {
        return Err("a path cannot contain NUL".to_owned());
    }
    let plain = if anchored { plain.to_owned() } else { format!("**/{plain}") };
    let below = format!("{plain}/**");
    Ok(if is_folder { vec![below] } else { vec![format!("{plain}!/**"), below, plain] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(glob: &str, path: &str) -> bool {
        Globs::new(vec![glob.to_owned()]).unwrap().fits(path)
    }

    fn allow(rules: &[&str], paths: &[&str], sha256: &[&str]) -> Allow {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let paths = Globs::new(owned(paths)).unwrap();
        Allow {
            reason: "why".into(),
            rules: owned(rules),
            paths,
            sha256: owned(sha256),
            expires: None,
            line: 1,
        }
    }

    #[test]
    fn entry_matches_all_conditions() {
        let all = allow(&["r", "s"], &["docs/"], &["a", "b"]);
        assert!(all.fits("r", "a", "docs/x") && all.fits("s", "b", "docs/x"));
        assert!(
            !all.fits("q", "a", "docs/x") && !all.fits("r", "c", "docs/x") && !all.fits("r", "a", "src/x")
        );
        let some = allow(&["r"], &[], &[]);
        assert!(some.fits("r", "any", "any") && !some.fits("s", "any", "any"));
        let some = allow(&[], &[], &["a"]);
        assert!(some.fits("any", "a", "any") && !some.fits("any", "b", "any"));
    }

    #[test]
    fn longer_entry_covers_shorter() {
        let until = |day: &str| Some(day.parse::<Date>().unwrap());
        let allow = |expires| Allow { expires, ..allow(&["r"], &[], &[]) };
        for (mine, theirs, yes) in [
            (None, None, true),
            (None, until("2026-01-01"), true),
            (until("2026-01-01"), None, false),
            (until("2026-01-02"), until("2026-01-01"), true),
            (until("2026-01-01"), until("2026-01-01"), true),
            (until("2026-01-01"), until("2026-01-02"), false),
        ] {
            assert_eq!(allow(mine).covers(&allow(theirs)), yes, "{mine:?} {theirs:?}");
        }
        assert!(!allow(until("2026-01-01")).is_expired("2026-01-01".parse().unwrap()));
        assert!(allow(until("2026-01-01")).is_expired("2026-01-02".parse().unwrap()));
    }

    #[test]
    fn summary_is_short() {
        let long = "0123456789abcdef";
        let text = allow(&["r"], &["docs/", "a"], &[long]).summary();
        assert_eq!(text, "allow rule r, path docs/ and 1 more, sha256 0123456789ab");
    }

    #[test]
    fn longest_glob_is_accepted() {
        let longest = "a".repeat(MAX_GLOB_CHARS);
        assert!(fits(&longest, &longest));
    }

    #[test]
    fn globs_match_as_in_gitignore() {
        for (glob, path, yes) in [
            ("*.md", "a/b/c.md", true),
            ("*.md", "c.md", true),
            ("*.md", "c.mdx", false),
            ("/c.md", "c.md", true),
            ("/c.md", "a/c.md", false),
            ("docs/*.md", "docs/a.md", true),
            ("docs/*.md", "docs/a/b.md", false),
            ("docs/*.md", "x/docs/a.md", false),
            ("docs/**/a.md", "docs/x/y/a.md", true),
            ("vendor/", "vendor/a/b", true),
            ("vendor/", "x/vendor/a", true),
            ("vendor/", "vendor", false),
            ("vendor", "vendor/a.zip!/x", true),
            ("src/vendor/**", "src/vendor/a", true),
            ("vendor/**", "vendor/a/b", true),
            ("vendor/**", "x/vendor/a", false),
            ("*.zip", "a.zip!/b/c", true),
            ("a.zip!/b/*", "a.zip!/b/c", true),
            ("a.zip!/b/*", "a.zip!/c", false),
            ("[ab].txt", "b.txt", true),
        ] {
            assert_eq!(fits(glob, path), yes, "{glob} {path}");
        }
        for bad in ["", "/", "!a", "**", "*", "**/*", "/**", "a\0b", "[", "{a", &"a".repeat(1001)] {
            let error = Globs::new(vec![bad.to_owned()]).unwrap_err();
            assert!(
                error.0 == 0 && (bad.len() < 2 || !error.1.contains(&format!("`{bad}`"))),
                "{bad}: {error:?}"
            );
        }
    }
}
