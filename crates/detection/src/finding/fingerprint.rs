//! The fingerprint of a finding, which survives moved lines, re-encoding and squashed commits.

use sha2::{Digest, Sha256};

use super::Secret;

/// Computes the fingerprint of a rule, path and decoded secret, without line numbers: 32 lower-case hex digits, the
/// first half of a SHA-256. It hashes the rule id, the path and the secret's SHA-256 in hex, each followed by a NUL so
/// that different triples cannot collide. A report that masks the secret contains all three.
pub fn fingerprint(rule_id: &str, path: &str, secret: &Secret) -> String {
    let mut hash = Sha256::new();
    for part in [rule_id, path, &secret.sha256()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_counts_and_parts_are_separated() {
        let one = fingerprint("rule", "path", &Secret::new("secret"));
        assert_eq!(one.len(), 32);
        assert_ne!(one, fingerprint("rul", "epath", &Secret::new("secret")));
        assert_ne!(one, fingerprint("rule", "path", &Secret::new("secreT")));
    }
}
