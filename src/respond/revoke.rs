//! How each kind of credential is revoked, as data: the first step of a plan. Sends nothing.
//!
//! The calls, fields and limits are those of Telnyx's documentation and OpenAPI description; docs/rules.md names the
//! page for each rule.

use super::PORTAL;

/// How to revoke one kind of credential.
pub(super) struct Procedure {
    /// Rules that report this kind.
    rules: &'static [&'static str],
    /// Title of the step.
    pub(super) title: &'static str,
    /// What to do, in order.
    pub(super) lines: &'static [&'static str],
    /// How to limit the damage while the credential works.
    pub(super) limit: Option<&'static str>,
    /// What to check afterwards.
    pub(super) check: Option<&'static str>,
    /// Where to do it.
    pub(super) link: Option<&'static str>,
}

/// Instructions for an API v2 key, after the line with the location of the key.
pub(super) const KEY_LINES: [&str; 2] = [
    "By API: DELETE /v2/api_keys/{id}. Telnyx's OpenAPI description does not list this call, so check in the portal that the key is gone.",
    "Where something must not stop, make the new key first and do step 2 before you delete the old one, but do not wait longer than that. A trial account has one key only: there, delete the old key first.",
];
/// How to limit the damage while a credential of the whole account is still in use.
pub(super) const ACCOUNT_LIMIT: &str = "As long as the old one works, limit what it can cost: POST /v2/spend_limits with amount 0, and a daily_spend_limit on messaging profiles and outbound voice profiles. These limits hold for your own use too: lift them afterwards.";
/// What to check after a leak of a credential of the whole account.
pub(super) const ACCOUNT_CHECK: &str = "Then review account activity for anything that you did not do: audit events of the account (GET /v2/audit_events), calls, messages, orders, and credentials that the key could read or make (SIP connections, messaging profiles, other API keys).";

const CALL_LIMIT: &str = "As long as the old one works, limit what calls can cost: set a daily_spend_limit on the outbound voice profile. It holds for your own calls too: lift it afterwards.";
const CALL_CHECK: &str = "Then look for calls that you did not make, and for changes in the audit events of the account (GET /v2/audit_events).";
const MESSAGE_LIMIT: &str = "As long as the old one works, limit what messages can cost: PATCH /v2/messaging_profiles/{id} with daily_spend_limit_enabled and daily_spend_limit. The limit holds for your own messages too: lift it afterwards.";
const INFERENCE_LIMIT: &str = "As long as the old one works, limit what it can cost: POST /v2/spend_limits with amount 0 for inference. The limit holds for your own use too: lift it afterwards.";
const EVENT_CHECK: &str =
    "Then look for changes that you did not make in the audit events of the account (GET /v2/audit_events).";
const SHORT_LIVED: &str = "Make such tokens on a server, for one session, and keep them out of logs.";

/// Additional instructions for an API v2 key found in a particular use, by rule.
const KEY_USES: [(&str, &str); 5] = [
    (
        "telnyx-livekit-token",
        "Every LiveKit token that was made with this key contains it: each participant who received one has the key.",
    ),
    ("telnyx-mcp-link", "Share install links without the env block."),
    (
        "telnyx-s3-access-key",
        "Telnyx storage takes the access key id as the whole credential: keep it secret, and give every storage client the new one.",
    ),
    (
        "telnyx-signed-url",
        "Sign URLs with Telnyx's own presign call: URLs that AWS tools sign contain the whole key.",
    ),
    ("telnyx-smtp-password", "Give every sender of mail through smtp.telnyx.com the new key."),
];

/// Procedures for all kinds other than API v2 keys with an id. The first match applies.
const PROCEDURES: [Procedure; 19] = [
    Procedure {
        rules: &[
            "telnyx-api-key",
            "telnyx-api-key-loose",
            "telnyx-livekit-token",
            "telnyx-mcp-link",
            "telnyx-s3-access-key",
            "telnyx-signed-url",
            "telnyx-smtp-password",
        ],
        title: "If this is an API key of your account, revoke it.",
        lines: &[
            "In the Telnyx portal, under API Keys, delete the key; that takes effect at once. Make a new one there, with no more permissions than it needs.",
            "A trial account has one key only: there, delete the old key before you make the new one.",
        ],
        limit: Some(ACCOUNT_LIMIT),
        check: Some(ACCOUNT_CHECK),
        link: Some(PORTAL),
    },
    Procedure {
        rules: &["telnyx-sip-credential"],
        title: "Delete this telephony credential.",
        lines: &[
            "Make a new telephony credential, and delete the old one: DELETE /v2/telephony_credentials/{id}.",
            "Give browsers login tokens that a server makes, not this password.",
        ],
        limit: Some(CALL_LIMIT),
        check: Some(CALL_CHECK),
        link: None,
    },
    Procedure {
        rules: &["telnyx-sip-password"],
        title: "Change the password of this SIP connection.",
        lines: &[
            "In the Telnyx portal, set a new password on the credential connection; by API, PATCH the credential connection with a new password, and a new user_name if the name leaked with it.",
            "Give every phone, PBX and trunk of the connection the new password.",
        ],
        limit: Some(CALL_LIMIT),
        check: Some(CALL_CHECK),
        link: None,
    },
    Procedure {
        rules: &["telnyx-webrtc-token"],
        title: "Let this token expire, or end it now.",
        lines: &[
            "It expires by itself, 24 hours after it was made.",
            "To end it now, delete the telephony credential in its claim sub: DELETE /v2/telephony_credentials/{id}.",
            SHORT_LIVED,
        ],
        limit: Some(CALL_LIMIT),
        check: Some(CALL_CHECK),
        link: None,
    },
    Procedure {
        rules: &["telnyx-ip-auth-token"],
        title: "Replace this IP authentication token.",
        lines: &[
            "Set a new ip_authentication_token on the connection, and send it in the header X-Telnyx-Token.",
            "The token works only together with the right source address: check which addresses the connection accepts.",
        ],
        limit: Some(CALL_LIMIT),
        check: Some(CALL_CHECK),
        link: None,
    },
    Procedure {
        rules: &["telnyx-messaging-profile-secret"],
        title: "Regenerate the secret of this messaging profile.",
        lines: &["POST /v2/messaging_profiles/{id}/actions/regenerate_secret makes a new secret."],
        limit: Some(MESSAGE_LIMIT),
        check: Some("Then look for messages that you did not send."),
        link: None,
    },
    Procedure {
        rules: &["telnyx-v1-token"],
        title: "Revoke this V1 API token.",
        lines: &["In the Telnyx portal, revoke the V1 token, and move to an API v2 key."],
        limit: Some(ACCOUNT_LIMIT),
        check: Some(ACCOUNT_CHECK),
        link: None,
    },
    Procedure {
        rules: &["telnyx-v1-key-secret"],
        title: "Revoke this V1 API key.",
        lines: &[
            "In the Telnyx portal, revoke the V1 API key, and move to an API v2 key.",
            "The key has two secrets, secret and backup_secret: treat both as leaked.",
        ],
        limit: Some(ACCOUNT_LIMIT),
        check: Some(ACCOUNT_CHECK),
        link: None,
    },
    Procedure {
        rules: &["telnyx-oauth-client-secret"],
        title: "Delete this OAuth client.",
        lines: &["Make a new OAuth client, and delete the old one: DELETE /v2/oauth_clients/{id}."],
        limit: Some(ACCOUNT_LIMIT),
        check: Some(ACCOUNT_CHECK),
        link: None,
    },
    Procedure {
        rules: &["telnyx-ai-gateway-key"],
        title: "Delete this token key of the AI gateway.",
        lines: &[
            "Make a new token key, and delete the old one: DELETE /v2/llm_token_gateway/token_keys/{id}, with the headers Idempotency-Key and If-Match (the ETag of the token key).",
            "This call needs an API key of the account: keys of the gateway are not accepted there.",
        ],
        limit: Some(INFERENCE_LIMIT),
        check: None,
        link: None,
    },
    Procedure {
        rules: &["telnyx-agent-gateway-key"],
        title: "Revoke this key of an agent gateway.",
        lines: &[
            "Block or revoke the key among the keys of its agent gateway; that takes effect within a minute.",
            "Make a new one: POST /v2/agent_gateways/{id}/keys, with expires_in so that it ends by itself.",
        ],
        limit: None,
        check: None,
        link: None,
    },
    Procedure {
        rules: &["telnyx-integration-secret"],
        title: "Revoke this credential at the service that it opens.",
        lines: &[
            "The value is a credential of another service, which Telnyx stores as an integration secret: revoke it at that service, and create a new one there.",
            "Then store the new value in the integration secret of the same name.",
        ],
        limit: None,
        check: Some("Then look for use of the old credential at that service."),
        link: None,
    },
    Procedure {
        rules: &["telnyx-dynamic-variables-key"],
        title: "Replace this encryption key.",
        lines: &[
            "Make a new key of 32 random bytes, store it as an integration secret, and encrypt the dynamic variables with it.",
            "Treat every value that was encrypted with the old key as leaked, and revoke the credentials among them.",
        ],
        limit: None,
        check: None,
        link: None,
    },
    Procedure {
        rules: &["telnyx-cloudfs-token", "telnyx-cloudfs-dsn"],
        title: "Rotate the meta token of this CloudFS file system.",
        lines: &["POST /v2/storage/cloudfs/{id}/actions/rotate-meta-token makes a new token."],
        limit: None,
        check: None,
        link: None,
    },
    Procedure {
        rules: &["telnyx-storage-token"],
        title: "Let this storage token expire.",
        lines: &[
            "It is short-lived and expires by itself; no call that ends it earlier is known.",
            SHORT_LIVED,
        ],
        limit: None,
        check: None,
        link: None,
    },
    Procedure {
        rules: &["telnyx-video-token", "telnyx-porting-token"],
        title: "Let this token expire.",
        lines: &[
            "It expires by itself, at the time in its claim exp; no call that ends it earlier is known.",
            SHORT_LIVED,
        ],
        limit: None,
        check: None,
        link: None,
    },
    Procedure {
        rules: &["telnyx-portal-link"],
        title: "Check what this portal link was used for.",
        lines: &[
            "The link logs its holder in to the Telnyx portal without a password. No call that ends it is known.",
            "Delete API keys that you did not make, and treat the credentials that the portal shows as leaked if somebody else used the link.",
        ],
        limit: None,
        check: Some(EVENT_CHECK),
        link: None,
    },
    Procedure {
        rules: &["telnyx-clawtalk-key"],
        title: "Revoke this ClawTalk key.",
        lines: &["Revoke the key in the ClawTalk account, and create a new one there."],
        limit: None,
        check: None,
        link: None,
    },
    Procedure {
        rules: &["telnyx-named-secret"],
        title: "Find out what this secret opens, and revoke it there.",
        lines: &[
            "Its name says Telnyx, and its value does not say which product it belongs to: look it up where the name is used.",
            "Revoke it there, and create a new one.",
        ],
        limit: None,
        check: Some(EVENT_CHECK),
        link: None,
    },
];

/// Returns the procedure for a credential that these rules report.
pub(super) fn procedure(rules: &[String]) -> Option<&'static Procedure> {
    PROCEDURES.iter().find(|one| one.rules.iter().any(|id| rules.iter().any(|rule| rule == id)))
}

/// Returns instructions for the uses in which these rules found an API v2 key.
pub(super) fn key_uses(rules: &[String]) -> impl Iterator<Item = &'static str> {
    KEY_USES.iter().filter(|(id, _)| rules.iter().any(|rule| rule == id)).map(|(_, line)| *line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// All rules of all procedures.
    fn covered() -> Vec<&'static str> {
        PROCEDURES.iter().flat_map(|one| one.rules).copied().collect()
    }

    #[test]
    fn every_secret_rule_has_one_procedure() {
        let covered = covered();
        let distinct: BTreeSet<&str> = covered.iter().copied().collect();
        assert_eq!(covered.len(), distinct.len());
        for rule in crate::rules::builtin().unwrap().rules.iter().filter(|rule| !rule.public) {
            assert!(distinct.contains(rule.id.as_str()), "{} has no procedure", rule.id);
        }
    }

    #[test]
    fn more_certain_kind_takes_precedence() {
        let of = |ids: &[&str]| {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            procedure(&ids).map(|one| one.title)
        };
        assert_eq!(of(&["telnyx-named-secret", "telnyx-sip-password"]), of(&["telnyx-sip-password"]));
        assert_eq!(of(&["telnyx-sip-credential", "telnyx-sip-password"]), of(&["telnyx-sip-credential"]));
        assert_eq!(of(&["acme-token"]), None);
    }

    #[test]
    fn key_uses_are_key_rules() {
        let keys = PROCEDURES[0].rules;
        assert!(KEY_USES.iter().all(|(id, _)| keys.contains(id)));
        let both = ["telnyx-signed-url".to_owned(), "telnyx-api-key".to_owned()];
        assert_eq!(key_uses(&both).count(), 1);
    }
}
