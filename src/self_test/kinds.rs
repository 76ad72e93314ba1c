//! Samples of credentials that are not plain API keys, one or two for each rule, in typical files.

use std::io;

use data_encoding::{BASE64, BASE64URL_NOPAD};

use super::{BASE62, Keys};

/// A secret of the kind that a rule reports, in a file.
pub(super) struct Sample {
    /// The rule. The sample is not used if the program does not have this rule.
    pub(super) rule: &'static str,
    /// Where the secret is, for display.
    pub(super) place: &'static str,
    /// Generates the secret.
    pub(super) secret: fn(&mut Keys) -> io::Result<String>,
    /// Returns the content of the file.
    pub(super) content: fn(&str) -> String,
}

const HEX: &[u8; 16] = b"0123456789abcdef";
/// Expiry of planted tokens in seconds since 1970: in 2100.
const EXPIRY_SECONDS: u64 = 4_102_444_800;

/// All samples.
pub(super) const SAMPLES: [Sample; 26] = [
    sample("telnyx-s3-access-key", "a profile of AWS tools", Keys::next_key, |key| {
        format!("[telnyx]\naws_access_key_id = {key}\n")
    }),
    sample("telnyx-smtp-password", "an address of a mail server", Keys::next_key, |key| {
        format!("MAIL=smtp://apikey:{key}@smtp.telnyx.com:587\n")
    }),
    sample("telnyx-livekit-token", "a LiveKit token", Keys::next_key, |key| {
        let claims = format!("{{\"iss\":\"{key}\",\"sub\":\"caller\",\"video\":{{\"room\":\"r1\"}}}}");
        format!("token: {}\n", jwt("HS256", &claims, &[7; 32]))
    }),
    sample("telnyx-mcp-link", "an MCP install link", Keys::next_key, |key| {
        let config = format!("{{\"command\":\"npx\",\"env\":{{\"TELNYX_API_KEY\":\"{key}\"}}}}");
        let config = BASE64.encode(config.as_bytes());
        format!("https://cursor.com/en/install-mcp?name=telnyx-mcp&config={config}\n")
    }),
    sample(
        "telnyx-ai-gateway-key",
        "an environment file",
        |keys| keys.text("ltg_sk_", 43),
        |secret| format!("OPENAI_API_KEY={secret}\n"),
    ),
    sample(
        "telnyx-clawtalk-key",
        "an environment file",
        |keys| keys.digits("cc_live_", 40),
        |secret| format!("CLAWTALK_API_KEY={secret}\n"),
    ),
    sample(
        "telnyx-cloudfs-token",
        "an environment file",
        |keys| keys.digits("cloudfs_tok_", 32),
        |secret| format!("META_PASSWORD={secret}\n"),
    ),
    sample(
        "telnyx-cloudfs-dsn",
        "a connection string",
        |keys| keys.digits("cloudfs_tok_", 32),
        |secret| format!("postgres://fs_0a1b2c3d4e5f6071:{secret}@us-east-1.telnyxcloudfs.com:5432/fs\n"),
    ),
    sample(
        "telnyx-sip-credential",
        "JSON of the API",
        |keys| keys.digits("", 32),
        |secret| {
            let user = "gencredkX2mQ9vR4tL7wB1nZ8pHsD";
            format!("{{\"sip_username\": \"{user}\", \"sip_password\": \"{secret}\"}}\n")
        },
    ),
    sample(
        "telnyx-v1-token",
        "a command line",
        |keys| Ok(keys.text("", 21)? + "A"),
        |secret| format!("curl https://api.telnyx.com/x -H 'x-api-user: a@b.c' -H 'x-api-token: {secret}'\n"),
    ),
    sample(
        "telnyx-messaging-profile-secret",
        "an HTTP header",
        |keys| keys.text("", 24),
        |secret| format!("Host: api.telnyx.com\nX-Profile-Secret: {secret}\n"),
    ),
    sample("telnyx-webrtc-token", "a page", webrtc_token, |secret| format!("login_token: '{secret}'\n")),
    sample("telnyx-video-token", "an address", video_token, |secret| {
        format!("https://example.org/room?token={secret}\n")
    }),
    sample("telnyx-porting-token", "an address", porting_token, |secret| {
        format!("https://example.org/order?token={secret}\n")
    }),
    sample("telnyx-sip-password", "an environment file", sip_password, |secret| {
        format!(
            "TELNYX_SIP_USERNAME=userinfo63412\nTELNYX_SIP_PASSWORD={secret}\nTELNYX_DOMAIN=sip.telnyx.com\n"
        )
    }),
    sample("telnyx-sip-password", "a configuration of Asterisk", sip_password, |secret| {
        format!("[telnyx]\ntype=peer\nhost=sip.telnyx.com\nusername=userinfo63412\nsecret={secret}\n")
    }),
    sample("telnyx-sip-password", "a gateway of FreeSWITCH", sip_password, |secret| {
        format!(
            "<gateway name=\"telnyx\">\n  <param name=\"realm\" value=\"sip.telnyx.com\"/>\n  \
             <param name=\"username\" value=\"userinfo63412\"/>\n  \
             <param name=\"password\" value=\"{secret}\"/>\n</gateway>\n"
        )
    }),
    sample(
        "telnyx-oauth-client-secret",
        "an environment file",
        |keys| keys.text("", 43),
        |secret| format!("TELNYX_CLIENT_ID=abc123def456\nTELNYX_CLIENT_SECRET={secret}\n"),
    ),
    sample(
        "telnyx-ip-auth-token",
        "an HTTP header",
        |keys| keys.text("", 32),
        |secret| format!("X-Telnyx-Token: {secret}\n"),
    ),
    sample(
        "telnyx-v1-key-secret",
        "JSON of the V1 API",
        |keys| keys.text("", 24),
        |secret| {
            format!("{{\"backup_secret\": \"{secret}\", \"admin\": true, \"record_type\": \"api_key\"}}\n")
        },
    ),
    sample(
        "telnyx-agent-gateway-key",
        "a configuration",
        |keys| keys.text("sk-", 22),
        |secret| {
            format!(
                "{{\"agent_gateway\": {{\"gateway_url\": \"https://gateway.example.org\", \"key\": \"{secret}\"}}}}\n"
            )
        },
    ),
    sample(
        "telnyx-integration-secret",
        "a command line",
        |keys| keys.text("", 40),
        |secret| {
            format!(
                "curl -X POST https://api.telnyx.com/v2/integration_secrets \
                 -d '{{\"identifier\": \"crm\", \"type\": \"bearer\", \"token\": \"{secret}\"}}'\n"
            )
        },
    ),
    sample("telnyx-portal-link", "an address", uuid, |secret| {
        format!("https://portal.telnyx.com/?portal_redirect_token={secret}\n")
    }),
    sample("telnyx-storage-token", "a log", storage_token, |secret| {
        format!("telnyx_client_token={secret}\n")
    }),
    sample(
        "telnyx-dynamic-variables-key",
        "an environment file",
        |keys| keys.text("", 43),
        |secret| format!("TELNYX_ENCRYPTED_DYNAMIC_VARIABLES_KEY={secret}\n"),
    ),
    sample(
        "telnyx-named-secret",
        "an environment file",
        |keys| keys.text("", 32),
        |secret| format!("TELNYX_WEBHOOK_SECRET={secret}\n"),
    ),
];

const fn sample(
    rule: &'static str,
    place: &'static str,
    secret: fn(&mut Keys) -> io::Result<String>,
    content: fn(&str) -> String,
) -> Sample {
    Sample { rule, place, secret, content }
}

impl Keys {
    /// Returns `prefix` and `count` letters and digits, at least one of each class.
    fn text(&mut self, prefix: &str, count: usize) -> io::Result<String> {
        Ok(format!("{prefix}q7R{}", self.chars(BASE62, count - 3)?))
    }

    /// Returns `prefix` and `count` lower-case hex digits.
    fn digits(&mut self, prefix: &str, count: usize) -> io::Result<String> {
        Ok(format!("{prefix}{}", self.chars(HEX, count)?))
    }
}

/// Returns a SIP password as the portal generates them: 12 characters, including punctuation.
fn sip_password(keys: &mut Keys) -> io::Result<String> {
    Ok(format!("{}.{}-q7R", keys.chars(BASE62, 4)?, keys.chars(BASE62, 3)?))
}

/// Returns a version 7 UUID.
fn uuid(keys: &mut Keys) -> io::Result<String> {
    let digits = keys.chars(HEX, 26)?;
    Ok(format!(
        "0198{}-{}-7{}-8{}-{}",
        &digits[..4],
        &digits[4..8],
        &digits[8..11],
        &digits[11..14],
        &digits[14..]
    ))
}

fn webrtc_token(keys: &mut Keys) -> io::Result<String> {
    let claims = "\"aud\":\"telnyx_telephony\",\"iss\":\"telnyx_telephony\",\"typ\":\"access\"";
    token(keys, "HS512", claims)
}

fn video_token(keys: &mut Keys) -> io::Result<String> {
    let claims = "\"aud\":\"telnyx_access_token\",\"iss\":\"telnyx_access_token\",\"typ\":\"access\"";
    token(keys, "Ed25519", claims)
}

fn porting_token(keys: &mut Keys) -> io::Result<String> {
    token(keys, "HS256", "\"permissions\":[\"porting_order.document.read\"]")
}

fn storage_token(keys: &mut Keys) -> io::Result<String> {
    let claims = "\"aud\":\"telnyx_client_token\",\"iss\":\"telnyx_client_token\",\"typ\":\"access\"";
    token(keys, "HS512", claims)
}

/// Returns a JSON web token with these claims, an expiry and a signature of random bytes.
fn token(keys: &mut Keys, algorithm: &str, claims: &str) -> io::Result<String> {
    let signature = keys.chars(BASE62, 64)?;
    Ok(jwt(algorithm, &format!("{{{claims},\"exp\":{EXPIRY_SECONDS}}}"), signature.as_bytes()))
}

fn jwt(algorithm: &str, claims: &str, signature: &[u8]) -> String {
    let header = format!("{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}");
    [header.as_bytes(), claims.as_bytes(), signature].map(|part| BASE64URL_NOPAD.encode(part)).join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_contain_distinct_secrets() {
        let mut keys = Keys::default();
        for Sample { rule, secret, content, .. } in &SAMPLES {
            let (one, other) = (secret(&mut keys).unwrap(), secret(&mut keys).unwrap());
            assert_ne!(one, other, "{rule}");
            let hidden = ["telnyx-livekit-token", "telnyx-mcp-link"].contains(rule);
            assert_eq!(content(&one).contains(&one), !hidden, "{rule}");
        }
        assert_eq!(sip_password(&mut keys).unwrap().len(), 12);
        assert_eq!(uuid(&mut keys).unwrap().len(), 36);
    }
}
