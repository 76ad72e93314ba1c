//! The built-in rules: the texts in `rules/`, which the program embeds. Their model and their checks are in
//! [`telleaks_detection::rules`].

pub use telleaks_detection::rules::*;

/// Name and text of every rule file in `rules/`. The list is explicit, because including a whole directory would not
/// notice new files; a test compares it with the directory.
const FILES: [(&str, &str); 8] = [
    ("ai.toml", include_str!("../rules/ai.toml")),
    ("api-key.toml", include_str!("../rules/api-key.toml")),
    ("mail.toml", include_str!("../rules/mail.toml")),
    ("practice.toml", include_str!("../rules/practice.toml")),
    ("storage.toml", include_str!("../rules/storage.toml")),
    ("tokens.toml", include_str!("../rules/tokens.toml")),
    ("v1.toml", include_str!("../rules/v1.toml")),
    ("voice.toml", include_str!("../rules/voice.toml")),
];
/// Digests of published examples.
const PUBLISHED: &str = include_str!("../rules/published.toml");
/// The rules that report suppressions.
const SUPPRESSIONS: (&str, &str) = ("suppressions.toml", include_str!("../rules/suppressions.toml"));

/// Returns the built-in rules, ordered by id.
///
/// # Errors
/// Returns an error if a built-in rule is invalid, which a test of this program would find first.
pub fn builtin() -> Result<RuleSet, RuleError> {
    RuleSet::from_texts(&RuleTexts { files: &FILES, published: PUBLISHED, suppressions: SUPPRESSIONS })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn list_of_files_matches_the_directory() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| {
                name.ends_with(".toml") && !["published.toml", SUPPRESSIONS.0].contains(&name.as_str())
            })
            .collect();
        names.sort();
        assert_eq!(FILES.map(|(name, _)| name.to_owned()).to_vec(), names);
    }
}
