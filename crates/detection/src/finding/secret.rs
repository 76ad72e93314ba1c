//! The only type that holds a secret.

use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::OnceLock;
use zeroize::Zeroizing;

use super::KeyId;

/// A decoded secret. It is zeroed when dropped, does not implement `Display`, and its `Debug` is masked, so that the
/// value can reach an output only through [`Secret::expose`].
#[derive(Clone)]
pub struct Secret {
    text: Zeroizing<String>,
    public: bool,
    /// SHA-256 of the whole secret in hex, if `text` is only the masked form from a report.
    reported: Option<String>,
    /// SHA-256 of `text`, computed at most once.
    digest: OnceLock<[u8; 32]>,
}

impl Secret {
    /// Creates a secret from its decoded text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: Zeroizing::new(text.into()), public: false, reported: None, digest: OnceLock::new() }
    }

    /// Creates a value that is harmless by itself (a key's id, the name of a variable) and is never masked.
    pub fn public(text: impl Into<String>) -> Self {
        Self { public: true, ..Self::new(text) }
    }

    /// Creates a secret from a report: the text that it shows, whole or masked, and the SHA-256 (lower-case hex).
    pub fn reported(shown: impl Into<String>, sha256: &str) -> Self {
        let whole = Self::new(shown);
        if whole.sha256() == sha256 { whole } else { Self { reported: Some(sha256.to_owned()), ..whole } }
    }

    /// Returns whether the whole secret is known, and not only its masked form.
    pub fn is_whole(&self) -> bool {
        self.reported.is_none()
    }

    /// Returns whether the value is harmless by itself.
    pub fn is_public(&self) -> bool {
        self.public
    }

    /// Returns the secret in clear, or as much of it as is known. For checks, and for reports only with
    /// `--show-secrets`.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns the SHA-256 of the whole secret, lower-case hex. It allows reports to be joined without the secret.
    pub fn sha256(&self) -> String {
        self.reported.clone().unwrap_or_else(|| data_encoding::HEXLOWER.encode(&self.digest()))
    }

    /// Returns the SHA-256 of the text.
    pub(crate) fn digest(&self) -> [u8; 32] {
        *self.digest.get_or_init(|| Sha256::digest(self.text.as_bytes()).into())
    }

    /// Returns the masked form for reports. An API v2 key keeps its id, which the Telnyx portal shows as well, and two
    /// characters at either end of its secret part. Anything else keeps the first four and last two characters, or
    /// nothing if it is shorter than 16 characters.
    pub fn masked(&self) -> String {
        let text = self.expose();
        if self.public || !self.is_whole() {
            return text.to_owned();
        }
        if let Some(id) = KeyId::of_key(text)
            && text.len() >= id.as_str().len() + 16
        {
            let tail: Vec<char> = text.chars().skip(id.as_str().len() + 1).collect();
            return format!("{}_{}…{}", id.as_str(), take(&tail, 0, 2), take(&tail, tail.len() - 2, 2));
        }
        let chars: Vec<char> = text.chars().collect();
        if chars.len() < 16 {
            return "…".to_owned();
        }
        format!("{}…{}", take(&chars, 0, 4), take(&chars, chars.len() - 2, 2))
    }
}

/// The same text with the same digest; whether the digest was computed does not count.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.public, &self.reported) == (&other.text, other.public, &other.reported)
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.masked())
    }
}

fn take(chars: &[char], from: usize, count: usize) -> String {
    chars.iter().skip(from).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_values_are_public() {
        assert!(Secret::public("a name").is_public() && !Secret::new("a name").is_public());
        assert!(!Secret::reported("a…e", "").is_public());
    }

    #[test]
    fn masked_key_keeps_its_id() {
        let secret = Secret::new(["KEY017D98C041711C2B8B6F5A2E50702659", "_AbcdEFGHijklMNOPqrstUV"].concat());
        assert_eq!(secret.masked(), "KEY017D98C041711C2B8B6F5A2E50702659_Ab…UV");
        assert_eq!(format!("{secret:?}"), "Secret(KEY017D98C041711C2B8B6F5A2E50702659_Ab…UV)");
    }

    #[test]
    fn other_secrets_are_mostly_masked() {
        assert_eq!(Secret::new("a92dbcfb60184a8c").masked(), "a92d…8c");
        assert_eq!(Secret::new("hunter2").masked(), "…");
        // A key whose secret part is too short to show four characters of it.
        let short = ["KEY017D98C041711C2B8B6F5A2E50702659", "_AbcdEFGH"].concat();
        assert_eq!(Secret::new(short).masked(), "KEY0…GH");
    }

    #[test]
    fn reported_secret_keeps_its_masked_form() {
        let secret = Secret::new("a92dbcfb60184a8c");
        let masked = Secret::reported(secret.masked(), &secret.sha256());
        assert!(!masked.is_whole());
        assert_eq!((masked.masked(), masked.sha256()), (secret.masked(), secret.sha256()));
        let whole = Secret::reported(secret.expose(), &secret.sha256());
        assert!(whole.is_whole());
        assert_eq!(whole, secret);
    }

    #[test]
    fn sha256_of_the_whole_text() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Secret::new("").sha256(), empty);
    }
}
