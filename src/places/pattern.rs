//! Patterns of paths, matched name by name while directories are listed.

use globset::{GlobBuilder, GlobMatcher};

/// One part of a pattern.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// `**`: any number of folders, or, at the end, everything below.
    Any,
    /// A name without wildcards.
    Name(String),
    /// A name with wildcards.
    Glob(GlobMatcher),
}

impl Part {
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Name(own) => own == name,
            Self::Glob(glob) => glob.is_match(name),
        }
    }
}

/// A pattern. A position in it is the index of the part that the next name has to match.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) parts: Vec<Part>,
    /// Whether it is a path of the system, and not of the home directory.
    pub(super) is_absolute: bool,
}

impl Pattern {
    /// Parses a pattern; `uid` is the number of the user for `{uid}`.
    ///
    /// # Errors
    /// Returns an error if a wildcard is invalid.
    pub(super) fn new(text: &str, uid: Option<u32>) -> Result<Self, globset::Error> {
        let text = text.replace("{uid}", &uid.map_or_else(|| "*".to_owned(), |uid| uid.to_string()));
        let part = |part: &str| {
            Ok(match part {
                "**" => Part::Any,
                part if part.contains(['*', '?', '[']) => {
                    Part::Glob(GlobBuilder::new(part).build()?.compile_matcher())
                }
                part => Part::Name(part.to_owned()),
            })
        };
        let is_absolute = text.starts_with('/');
        let parts = text.trim_start_matches('/').split('/').map(part).collect::<Result<_, _>>()?;
        Ok(Self { parts, is_absolute })
    }

    /// Returns whether it matches a file with this name at this position.
    pub(super) fn accepts(&self, at: usize, name: &str) -> bool {
        let rest = &self.parts[at..];
        match rest {
            [Part::Any] => true,
            [Part::Any, part] => part.matches(name),
            [part] => part.matches(name),
            _ => false,
        }
    }

    /// Adds the positions after a folder with this name to `out`.
    pub(super) fn enter(&self, at: usize, name: &str, mut out: impl FnMut(usize)) {
        match &self.parts[at..] {
            [Part::Any] => out(at),
            [Part::Any, next, rest @ ..] => {
                out(at);
                if next.matches(name) && !rest.is_empty() {
                    out(at + 2);
                }
            }
            [part, _, ..] if part.matches(name) => out(at + 1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Matches a whole path.
    fn matches(pattern: &str, path: &str) -> bool {
        let pattern = Pattern::new(pattern, Some(7)).unwrap();
        let names: Vec<&str> = path.split('/').collect();
        let (file, folders) = names.split_last().unwrap();
        let mut at = vec![0];
        for folder in folders {
            let mut next = Vec::new();
            at.iter().for_each(|at| pattern.enter(*at, folder, |at| next.push(at)));
            at = next;
        }
        at.iter().any(|at| pattern.accepts(*at, file))
    }

    #[test]
    fn names_and_wildcards() {
        for (pattern, path, expected) in [
            (".bash_history", ".bash_history", true),
            (".bash_history", "a/.bash_history", false),
            ("**/.env", ".env", true),
            ("**/.env", "a/b/.env", true),
            ("**/.env", "a/.env/b", false),
            ("a/**", "a/b/c", true),
            ("a/**", "a/b", true),
            ("a/**", "b/a", false),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/b/c", false),
            ("a/**/c.json", "a/c.json", true),
            ("a/**/c.json", "a/x/y/c.json", true),
            ("**/.idea/x/**", "p/.idea/x/1/2", true),
            ("**/.*.sw[a-p]", "d/.notes.txt.swp", true),
            ("**/.*.sw[a-p]", "d/.notes.txt.swz", false),
            ("user-{uid}*.journal", "user-7.journal", true),
            ("user-{uid}*.journal", "user-8.journal", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
