//! Identity of a finding that survives moved lines, re-encoding and squashed commits.

use sha2::{Digest, Sha256};

use super::{Secret, secret::hex};

/// Fingerprint from rule, path and decoded secret, never from a line number: 32 lower-case hex digits of
/// SHA-256 over the first two and the secret's own SHA-256 in hex, each with a NUL behind it so that no two triples
/// run together. A report that masks the secret has all three.
pub fn fingerprint(rule_id: &str, path: &str, secret: &Secret) -> String {
    let mut hash = Sha256::new();
    for part in [rule_id, path, &secret.sha256()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_counts_and_parts_do_not_run_together() {
        let one = fingerprint("rule", "path", &Secret::new("secret"));
        assert_eq!(one.len(), 32);
        assert_ne!(one, fingerprint("rul", "epath", &Secret::new("secret")));
        assert_ne!(one, fingerprint("rule", "path", &Secret::new("secreT")));
    }
}
