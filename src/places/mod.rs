//! The places of a workstation where keys stay: the list in `places/`, which the program embeds, and a walk that finds the
//! files of these places. Reads no file of a place.

mod pattern;
mod since;
mod walk;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use since::recorded;
pub use walk::{Located, Survey, System, locate};

/// Name and text of every file in `places/`. A test compares the list with the directory.
const FILES: [(&str, &str); 10] = [
    ("agents.toml", include_str!("../../places/agents.toml")),
    ("browsers.toml", include_str!("../../places/browsers.toml")),
    ("cloud.toml", include_str!("../../places/cloud.toml")),
    ("editors.toml", include_str!("../../places/editors.toml")),
    ("http.toml", include_str!("../../places/http.toml")),
    ("projects.toml", include_str!("../../places/projects.toml")),
    ("shells.toml", include_str!("../../places/shells.toml")),
    ("system.toml", include_str!("../../places/system.toml")),
    ("telnyx.toml", include_str!("../../places/telnyx.toml")),
    ("transcripts.toml", include_str!("../../places/transcripts.toml")),
];

/// A place: files of one kind that one program writes or reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The name for `--place`; it never changes.
    pub id: String,
    /// What is in the files.
    pub what: String,
    /// The program that writes or reads them.
    pub program: String,
    /// How they are cleaned.
    pub clean: Clean,
    /// Whether the program reads its key from here.
    pub store: bool,
    /// What to do by hand.
    pub steps: String,
    /// Patterns of paths by the system where they occur. All are looked for on every system, since a home directory may
    /// come from another one.
    pub paths: BTreeMap<OperatingSystem, Vec<String>>,
    /// The name of the file of the list without its ending.
    #[serde(skip)]
    pub group: String,
}

/// How the files of a place are cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clean {
    /// Credentials are masked in them.
    Mask,
    /// By hand: the format cannot be changed safely.
    Manual,
}

/// An operating system on which a path occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperatingSystem {
    /// Several systems.
    Any,
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    place: Vec<Place>,
}

/// The list in `places/` is invalid, which a test of this program would find first.
#[derive(Debug, thiserror::Error)]
#[error("places/{name}: {source}")]
pub struct ListError {
    name: &'static str,
    source: toml::de::Error,
}

/// Returns all places, in the order of the files and of the entries in them.
///
/// # Errors
/// Returns an error if the embedded list is invalid.
pub fn builtin() -> Result<Vec<Place>, ListError> {
    let mut all = Vec::new();
    for (name, text) in FILES {
        let list: List = toml::from_str(text).map_err(|source| ListError { name, source })?;
        let group = name.trim_end_matches(".toml").to_owned();
        all.extend(list.place.into_iter().map(|place| Place { group: group.clone(), ..place }));
    }
    Ok(all)
}

impl Place {
    /// Returns whether a word names this place: its id, its group, or its program.
    pub fn is_named(&self, word: &str) -> bool {
        let mut programs = self.program.split(", ");
        self.id == word || self.group == word || programs.any(|program| program.eq_ignore_ascii_case(word))
    }

    /// Returns its patterns.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.paths.values().flatten().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn list_of_files_matches_the_directory() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("places");
        let names =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
        names.sort();
        assert_eq!(FILES.map(|(name, _)| name.to_owned()).to_vec(), names);
    }

    #[test]
    fn every_place_has_all_fields() {
        let places = builtin().unwrap();
        let ids: BTreeSet<&str> = places.iter().map(|place| place.id.as_str()).collect();
        assert_eq!(ids.len(), places.len(), "ids are unique");
        assert!(places.len() >= 80, "{}", places.len());
        for place in &places {
            let id = &place.id;
            assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{id}");
            for text in [&place.what, &place.program, &place.steps] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{id}: {text}");
            }
            assert!(place.patterns().count() > 0, "{id}");
            for pattern in place.patterns() {
                assert!(pattern::Pattern::new(pattern, None).is_ok(), "{id}: {pattern}");
                assert!(!pattern.contains('\\') && !pattern.ends_with('/'), "{id}: {pattern}");
            }
        }
    }
}
