//! How one credential is revoked, in short: for editors.

use super::PORTAL;
use super::revoke::{KEY_LINES, key_uses, procedure};

/// How a credential is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// One sentence.
    pub title: String,
    /// What to do, in order.
    pub lines: Vec<&'static str>,
    /// Where to do it.
    pub link: Option<&'static str>,
}

/// Returns how a credential that `rule` reports is revoked; `key_id` is the id of an API v2 key. `None` for what is no
/// credential, and for rules of users.
pub fn revocation(rule: &str, key_id: Option<&str>) -> Option<Revocation> {
    let rules = [rule.to_owned()];
    let procedure = procedure(&rules)?;
    Some(match key_id {
        Some(id) => Revocation {
            title: format!("Revoke {id}."),
            lines: procedure
                .lines
                .iter()
                .take(1)
                .chain(&KEY_LINES)
                .copied()
                .chain(key_uses(&rules))
                .collect(),
            link: Some(PORTAL),
        },
        None => Revocation {
            title: procedure.title.to_owned(),
            lines: procedure.lines.to_vec(),
            link: procedure.link,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_named_and_unknown_rule_has_none() {
        let key = revocation("telnyx-smtp-password", Some("KEY1")).unwrap();
        assert_eq!((key.title.as_str(), key.lines.len(), key.link), ("Revoke KEY1.", 4, Some(PORTAL)));
        assert!(revocation("telnyx-sip-password", None).unwrap().title.contains("password"));
        assert_eq!(revocation("acme", None), None);
    }
}
