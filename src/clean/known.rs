//! The secrets of a file, which are also masked where nothing but their own text shows that they are secrets.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::detect::Match;

/// Minimum length of a secret that is masked by its own text, in bytes.
const MIN_KNOWN_BYTES: usize = 12;
/// The mask of such a secret.
const MASK: &[u8] = b"REDACTED";
/// What fills a mask that has the length of the secret.
const FILLER: u8 = b'*';

/// Finds all secrets of a file in one pass.
pub(super) struct KnownSecrets {
    /// `None` if there are no secrets.
    searcher: Option<AhoCorasick>,
}

impl KnownSecrets {
    /// Creates a searcher for the secrets of these matches.
    pub(super) fn new(found: &[Match]) -> Self {
        Self::of(found.iter().map(|one| one.secret.expose().as_bytes()).collect())
    }

    fn of(mut secrets: Vec<&[u8]>) -> Self {
        secrets.retain(|secret| secret.len() >= MIN_KNOWN_BYTES);
        secrets.sort_unstable();
        secrets.dedup();
        // There are too many secrets only if they are larger than the memory; then each mask needs its own surroundings.
        let searcher = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&secrets).ok();
        Self { searcher: searcher.filter(|_| !secrets.is_empty()) }
    }

    /// Returns whether `bytes` contain one of the secrets.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.searcher.as_ref().is_some_and(|searcher| searcher.is_match(bytes))
    }

    /// Returns whether the length of one of the secrets is written before it in `bytes`, as in serialised values of PHP,
    /// bencode and netstrings: a mask must have the same length there.
    pub(super) fn has_lengths(&self, bytes: &[u8]) -> bool {
        let Some(searcher) = &self.searcher else { return false };
        searcher.find_iter(bytes).any(|found| {
            let before = &bytes[found.start().saturating_sub(24)..found.start()];
            let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"\\\"")).unwrap_or(before);
            let number = before.strip_suffix(b":").unwrap_or_default();
            let digits = number.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let text = std::str::from_utf8(&number[number.len() - digits..]).unwrap_or_default();
            text.parse() == Ok(found.len())
        })
    }

    /// Masks the secrets in `bytes` and returns their number.
    pub(super) fn mask(&self, bytes: Vec<u8>, same_length: bool) -> (Vec<u8>, u64) {
        let Some(searcher) = self.searcher.as_ref().filter(|searcher| searcher.is_match(&bytes)) else {
            return (bytes, 0);
        };
        let (mut out, mut count) = (Vec::with_capacity(bytes.len()), 0);
        searcher.replace_all_with_bytes(&bytes, &mut out, |found, _, out| {
            count += 1;
            let end = out.len() + found.len();
            out.extend_from_slice(MASK);
            if same_length {
                out.resize(end, FILLER);
            }
            true
        });
        (out, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(secret: &str) -> KnownSecrets {
        KnownSecrets::of(vec![secret.as_bytes()])
    }

    #[test]
    fn secrets_are_masked_everywhere() {
        let known = known("Rabbitholes2024x");
        let text = b"a Rabbitholes2024x, Rabbitholes2024x".to_vec();
        assert_eq!(known.mask(text.clone(), false), (b"a REDACTED, REDACTED".to_vec(), 2));
        assert_eq!(known.mask(text, true).0, b"a REDACTED********, REDACTED********");
        assert_eq!(KnownSecrets::new(&[]).mask(b"a".to_vec(), false), (b"a".to_vec(), 0));
    }

    #[test]
    fn written_lengths_are_seen() {
        let known = known("Rabbitholes2024x");
        for text in [r#"s:16:"Rabbitholes2024x";"#, "16:Rabbitholes2024x,", r#"s:16:\"Rabbitholes2024x\""#] {
            assert!(known.has_lengths(text.as_bytes()), "{text}");
        }
        for text in ["a:Rabbitholes2024x", "17:Rabbitholes2024x", r#""Rabbitholes2024x""#] {
            assert!(!known.has_lengths(text.as_bytes()), "{text}");
        }
    }
}
