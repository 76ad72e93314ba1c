//! Maps the path of a finding to a path relative to the root, which is what suppressions name.

use std::borrow::Cow;

/// Mapping from paths of a run to paths relative to the root.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// Path prefixes of this run and what they are relative to the root; both without a trailing `/`.
    known: Vec<(String, String)>,
}

impl Paths {
    /// Creates a mapping from labels of scanned paths and their paths relative to the root. If it is empty, all paths
    /// are already relative to the root.
    pub fn new(mut known: Vec<(String, String)>) -> Self {
        // Longest first, since one may contain another.
        known.sort_by_key(|(label, _)| std::cmp::Reverse(label.len()));
        Self { known }
    }

    /// Returns whether every path is relative to the root already.
    pub fn is_identity(&self) -> bool {
        self.known.iter().all(|(label, root)| label == root)
    }

    /// Returns the path relative to the root.
    pub fn from_root<'p>(&self, path: &'p str) -> Cow<'p, str> {
        for (label, root) in &self.known {
            let rest = if label.is_empty() { Some(path) } else { path.strip_prefix(label.as_str()) };
            match rest {
                Some(rest) if label.is_empty() && root.is_empty() => return Cow::Borrowed(rest),
                Some(rest) if label.is_empty() => return Cow::Owned(format!("{root}/{rest}")),
                Some(rest) if root.is_empty() && rest.starts_with('/') => return Cow::Borrowed(&rest[1..]),
                Some(rest) if rest.is_empty() || rest.starts_with('/') || rest.starts_with("!/") => {
                    return Cow::Owned(format!("{root}{rest}"));
                }
                _ => {}
            }
        }
        Cow::Borrowed(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_mapped_to_root() {
        let known = |pairs: &[(&str, &str)]| {
            Paths::new(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
        };
        assert_eq!(known(&[]).from_root("a/b"), "a/b");
        assert_eq!(known(&[("", "")]).from_root("a/b"), "a/b");
        assert_eq!(known(&[("", "src")]).from_root("a/b"), "src/a/b");
        let several = known(&[("..", ""), ("../docs/x", "docs/x"), ("a.zip", "src/a.zip")]);
        assert_eq!(several.from_root("../b"), "b");
        assert_eq!(several.from_root("../docs/x/y"), "docs/x/y");
        assert_eq!(several.from_root("a.zip!/b"), "src/a.zip!/b");
        assert_eq!(several.from_root("a.zip"), "src/a.zip");
        assert_eq!(several.from_root("a.zipper"), "a.zipper");
        assert_eq!(several.from_root("<stdin>"), "<stdin>");
    }
}
