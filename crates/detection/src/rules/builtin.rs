//! The rules of telleaks, read from `rules/` of the repository, for the unit tests.

use std::fs;
use std::path::Path;

use super::{RuleError, RuleSet, RuleTexts};

/// Returns the built-in rules of telleaks.
pub(crate) fn builtin() -> Result<RuleSet, RuleError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut texts: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect();
    let mut take = |name: &str| {
        let at = texts.iter().position(|(other, _)| other == name).unwrap();
        texts.remove(at).1
    };
    let (published, suppressions) = (take("published.toml"), take("suppressions.toml"));
    let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (&name[..], &text[..])).collect();
    RuleSet::from_texts(&RuleTexts {
        files: &files,
        published: &published,
        suppressions: ("suppressions.toml", &suppressions),
    })
}
