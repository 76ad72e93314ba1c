//! The key by which the same secret is recognised in several inputs.

use super::Secret;

/// A secret of one rule. Ordered by rule, then by digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretKey {
    /// Index of the rule in the detector.
    pub rule: usize,
    /// SHA-256 of the secret.
    pub digest: [u8; 32],
}

impl SecretKey {
    /// Creates the key of a whole secret that the rule with index `rule` found.
    pub fn new(rule: usize, secret: &Secret) -> Self {
        Self { rule, digest: secret.digest() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_the_rule_and_the_text() {
        let key = |rule, text: &str| SecretKey::new(rule, &Secret::new(text));
        assert_eq!(key(1, "a"), key(1, "a"));
        assert!(key(1, "a") != key(1, "b") && key(1, "a") != key(2, "a"));
        assert!(key(1, "a").max(key(1, "b")) < key(2, "a"), "the rule decides first");
    }
}
