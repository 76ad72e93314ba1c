//! Finds the stems of names of secrets: the words, one of which occurs in the last word of every such name.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed::{Config, Searcher};

/// The stems. The name of a secret contains one of them in any case.
const STEMS: [&str; 5] = ["pass", "secret", "token", "key", "pw"];
/// Maximum number of bytes of a stem that the vector search compares; the rest is compared at each of its hits.
const MAX_START_BYTES: usize = 3;

/// An occurrence of a stem.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// Byte range in the text.
    pub(super) range: Range<usize>,
    /// The stem in lower case.
    pub(super) stem: &'static str,
}

/// Every spelling of the first bytes of a stem, each in lower or upper case. An automaton that ignores case reads every
/// byte of a text on its own; a search for the spellings compares 32 at a time.
static STARTS: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    let spellings =
        STEMS.iter().flat_map(|stem| spellings(&stem.as_bytes()[..stem.len().min(MAX_START_BYTES)]));
    Config::new().builder().extend(spellings).build()
});

/// Returns `word` with each of its letters in lower or upper case.
fn spellings(word: &[u8]) -> Vec<Vec<u8>> {
    word.iter().fold(vec![Vec::new()], |starts, letter| {
        let both = [letter.to_ascii_lowercase(), letter.to_ascii_uppercase()];
        starts.iter().flat_map(|start| both.map(|letter| [&start[..], &[letter]].concat())).collect()
    })
}

/// Returns the occurrences of stems in `text`, in order and without overlaps.
pub(super) fn occurrences(text: &[u8]) -> impl Iterator<Item = Occurrence> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = next_start(text, at)?;
            if let Some(stem) = stem_at(text, start) {
                at = start + stem.len();
                return Some(Occurrence { range: start..at, stem });
            }
            at = start + 1;
        }
    })
}

/// Returns the offset of the next possible stem from `at` on.
fn next_start(text: &[u8], at: usize) -> Option<usize> {
    match STARTS.as_ref() {
        Some(searcher) => searcher.find_in(text, (at..text.len()).into()).map(|found| found.start()),
        // Processors without vector instructions.
        None => (at..text.len()).find(|&start| stem_at(text, start).is_some()),
    }
}

fn stem_at(text: &[u8], start: usize) -> Option<&'static str> {
    let rest = &text[start..];
    STEMS
        .into_iter()
        .find(|stem| rest.get(..stem.len()).is_some_and(|word| word.eq_ignore_ascii_case(stem.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_in_any_case_and_after_parts_of_others() {
        let text = b"ToKey paSs tokeN pwd SECRE secreT Keypass keY pa";
        let found: Vec<_> = occurrences(text).map(|one| (one.range.start, one.stem)).collect();
        let expected = [
            (2, "key"),
            (6, "pass"),
            (11, "token"),
            (17, "pw"),
            (27, "secret"),
            (34, "key"),
            (37, "pass"),
            (42, "key"),
        ];
        assert_eq!(found, expected);
    }

    /// The vector search and the comparison at every offset agree on each spelling at each alignment.
    #[test]
    fn every_spelling_at_every_alignment() {
        for stem in STEMS {
            for spelling in spellings(stem.as_bytes()) {
                let padded = |before: usize| [&vec![b'.'; before][..], &spelling, b"....."].concat();
                for before in [0, 1, 15, 31, 32, 33] {
                    let found: Vec<_> = occurrences(&padded(before)).collect();
                    assert_eq!(found, [Occurrence { range: before..before + stem.len(), stem }]);
                }
            }
        }
    }
}
