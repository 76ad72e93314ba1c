//! Every kind of Telnyx credential, reported by the most specific rule.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::common::random::{BASE62, LOWER_HEX, Random};
use crate::common::text as field;
use crate::encodings::batch::{Batch, host};
use crate::encodings::text::Text;

/// Rule, and the text before and after an API v2 key that makes the rule match.
const USES: [(&str, &str, &str); 16] = [
    ("telnyx-api-key", "TELNYX_API_KEY=", "\n"),
    ("telnyx-s3-access-key", "[default]\naws_access_key_id = ", "\n"),
    ("telnyx-s3-access-key", "export AWS_ACCESS_KEY_ID=", "\n"),
    ("telnyx-s3-access-key", "{ accessKeyId: '", "', secretAccessKey: '' }\n"),
    ("telnyx-signed-url", "Credential=", "/20260101/us-east-1/s3/aws4_request, SignedHeaders=host\n"),
    ("telnyx-signed-url", "GET /b/o?X-Amz-Credential=", "%2F20260102%2Fus-central-1%2Fs3%2Faws4_request\n"),
    ("telnyx-signed-url", "url=X-Amz-Credential%3D", "%252F20260102%252Fus-east-1%252Fs3%252Faws4_request\n"),
    ("telnyx-smtp-password", "smtps://apikey:", "@smtp.telnyx.com:465\n"),
    ("telnyx-smtp-password", "auth: { user: 'apikey', pass: '", "' }\n"),
    ("telnyx-livekit-token", "{\"iss\":\"", "\",\"sub\":\"caller\"}\n"),
    ("telnyx-mcp-link", "vscode:mcp/install?%7B%22env%22%3A%7B%22TELNYX_API_KEY%22%3A%22", "%22%7D%7D\n"),
    ("telnyx-api-key", "{\"x-telnyx-api-key\":\"", "\"}\n"),
    ("telnyx-api-key", "https:?api_key=", "&x=1\n"),
    ("telnyx-api-key", "https:#access_token=", "\n"),
    ("telnyx-api-key", "cat /etc/keys/", ".json\n"),
    ("telnyx-api-key", "{\"name\": \"authorization\", \"value\": \"Bearer ", "\"}\n"),
];

#[test]
fn uses_of_an_api_key() {
    let mut batch = Batch::new();
    for (rule, before, after) in USES {
        for variant in 0..3 {
            let mut random = Random::new(before, variant);
            let key = random.key();
            let text = host(&mut random, Text::new(&key), (before, after), "# ");
            batch.leak(rule, Some(rule), &text, &key);
        }
    }
    for (rule, before, after, outside) in [
        ("telnyx-smtp-password", "\0apikey\0", "", "C: AUTH PLAIN "),
        (
            "telnyx-livekit-token",
            "{\"video\":{},\"iss\":\"",
            "\",\"exp\":4102444800}",
            "t='eyJhbGciOiJIUzI1NiJ9.",
        ),
        (
            "telnyx-mcp-link",
            "{\"env\":{\"TELNYX_API_KEY\":\"",
            "\"}}",
            "https://x.example/install-mcp?config=",
        ),
        ("telnyx-s3-access-key", "AWS_ACCESS_KEY_ID=", "\n", "data: "),
    ] {
        for variant in 0..3 {
            let mut random = Random::new(outside, variant);
            let key = random.key();
            let pad = " ".repeat(if before.starts_with('\0') { 0 } else { variant });
            let text = Text::new(&key).within(pad + before, after).base64url();
            batch.leak(rule, Some(rule), &host(&mut random, text, (outside, "\n"), "# "), &key);
        }
    }
    batch.check();
}

#[test]
fn keys_of_2019() {
    let mut batch = Batch::new();
    for variant in 0..4 {
        let mut random = Random::new("2019", variant);
        let mut leak = |name, random: &mut Random, write: &dyn Fn(Text) -> Text| {
            let key = random.old_key();
            batch.leak(name, Some("telnyx-api-key"), &write(Text::new(&key)), &key);
        };
        leak("plain", &mut random, &|key| key.within("require('telnyx')('", "');\n"));
        leak("base64", &mut random, &|key| {
            key.within(&"abc"[..variant % 3], "\n").base64().within("telnyx-api-key: ", "\n")
        });
        leak("hex", &mut random, &|key| {
            key.within("TELNYX_API_KEY=", "").hex(false, "").within("telnyx: ", "\n")
        });
        leak("concatenated", &mut random, &|key| {
            key.cut(&[9 + variant, 30, 41], "\" + \"").within("const telnyxKey = \"", "\";\n")
        });
        leak("utf-16", &mut random, &|key| key.within("TELNYX_API_KEY=", "\r\n").wide(2, true));
        leak("percent", &mut random, &|key| {
            key.each(|_, byte| if byte == b'_' { "%5F".into() } else { char::from(byte).to_string() })
                .within("telnyx_api_key=", "\n")
        });
    }
    batch.check();
}

/// Rule, function that creates a secret of it, and the surrounding text with `<>` for the secret.
type Make = fn(&mut Random) -> String;
const OTHERS: [(&str, Make, &str); 14] = [
    ("telnyx-ai-gateway-key", |r| format!("ltg_sk_{}", r.chars(BASE62, 43)), "OPENAI_API_KEY=<>\n"),
    ("telnyx-clawtalk-key", |r| format!("cc_live_{}", r.chars(LOWER_HEX, 40)), "CLAWTALK_API_KEY=<>\n"),
    ("telnyx-cloudfs-token", |r| format!("cloudfs_tok_{}", r.chars(LOWER_HEX, 32)), "META_PASSWORD=<>\n"),
    (
        "telnyx-sip-credential",
        sip,
        "{\"sip_username\": \"gencredkX2mQ9vR4tL7wB1nZ8pHsD\", \"sip_password\": \"<>\"}\n",
    ),
    (
        "telnyx-sip-credential",
        sip,
        "{\"sip_password\":\"<>\",\"sip_username\":\"gencredkX2mQ9vR4tL7wB1nZ8pHsD\"}\n",
    ),
    ("telnyx-sip-credential", sip, "username: gencredkX2mQ9vR4tL7wB1nZ8pHsD\npassword: <>\n"),
    ("telnyx-sip-credential", sip, "PASS=<>\nUSER=gencredkX2mQ9vR4tL7wB1nZ8pHsD\n"),
    ("telnyx-sip-credential", sip, "sip:gencredkX2mQ9vR4tL7wB1nZ8pHsD:<>@sip.telnyx.com:5060\n"),
    ("telnyx-v1-token", v1, "curl https://api.telnyx.com/x -H 'x-api-user: a@b.c' -H 'x-api-token: <>'\n"),
    ("telnyx-v1-token", v1, "telnyx: {\"api_token\": \"<>\"}\n"),
    ("telnyx-messaging-profile-secret", |r| r.chars(BASE62, 20) + "aB3d", "telnyx X-Profile-Secret: <>\n"),
    (
        "telnyx-messaging-profile-secret",
        |r| r.chars(BASE62, 28) + "aB3d",
        "messaging_profile: {\"v1_secret\": \"<>\"}\n",
    ),
    ("telnyx-api-key-loose", |r| format!("KEYq7{}", r.chars(BASE62, 53)), "TELNYX_API_KEY=<>\n"),
    ("telnyx-public-env-name", |_| "VITE_TEL\u{4e}YX_API_KEY".into(), "const key = import.meta.env.<>;\n"),
];

fn sip(random: &mut Random) -> String {
    random.chars(LOWER_HEX, 32)
}

fn v1(random: &mut Random) -> String {
    random.chars(BASE62, 18) + "x7BA"
}

#[test]
fn other_credentials() {
    let mut batch = Batch::new();
    for (rule, make, around) in OTHERS {
        for variant in 0..3 {
            let mut random = Random::new(around, variant);
            let secret = make(&mut random);
            let (before, after) = around.split_once("<>").unwrap();
            let text = Text::new(&secret).within(before, after);
            batch.leak(rule, Some(rule), &text, &secret);
        }
    }
    let mut random = Random::new("dsn", 0);
    let token = format!("cloudfs_tok_{}", random.chars(LOWER_HEX, 32));
    let (user, server) = (format!("fs_{}", random.chars(LOWER_HEX, 16)), "us-east-1.telnyxcloudfs.com:5432");
    let text =
        Text::new(&token).within(format!("juicefs mount postgres://{user}:"), format!("@{server}/{user}\n"));
    batch.leak("telnyx-cloudfs-dsn", Some("telnyx-cloudfs-dsn"), &text, &token);
    batch.check();
}

fn token(random: &mut Random, claims: &Value) -> String {
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"HS512","typ":"JWT"}"#);
    let payload = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
    format!("{header}.{payload}.{}", BASE64URL_NOPAD.encode(&random.bytes(64)))
}

/// Returns the three tokens that state their purpose, with the given expiry time.
fn tokens(random: &mut Random, expires: u64) -> [(&'static str, String); 3] {
    let webrtc =
        json!({ "aud": "telnyx_telephony", "exp": expires, "iss": "telnyx_telephony", "typ": "access" });
    let video = json!({ "exp": expires, "grants": [{}], "iss": "telnyx_access_token", "typ": "refresh" });
    let porting = json!({ "exp": expires, "permissions": ["porting_order.document.read"] });
    [
        ("telnyx-webrtc-token", token(random, &webrtc)),
        ("telnyx-video-token", token(random, &video)),
        ("telnyx-porting-token", token(random, &porting)),
    ]
}

#[test]
fn unexpired_web_tokens() {
    let mut batch = Batch::new();
    // The year 2100.
    for (rule, token) in tokens(&mut Random::new("tokens", 0), 4_102_444_800) {
        batch.leak(rule, Some(rule), &Text::new(&token).within("token: '", "'\n"), &token);
    }
    let other = json!({ "iss": "https://auth.example", "sub": "telnyx", "exp": 4_102_444_800_u64 });
    batch.harmless("other-token", token(&mut Random::new("other", 0), &other));
    for one in batch.run() {
        assert_eq!(field(&one, "/severity"), "warning", "{one}");
    }
    batch.check();
}

#[test]
fn notes() {
    let mut batch = Batch::new();
    let mut random = Random::new("notes", 0);
    let mut expected = Vec::new();
    for (rule, token) in tokens(&mut random, 1_650_000_000) {
        batch.harmless(rule, format!("token: '{token}'\n"));
        expected.push((rule, token));
    }
    let id = random.key()[..35].to_owned();
    batch.harmless("id", format!("No key found matching the ID '{id}' with the provided secret.\n"));
    expected.push(("telnyx-api-key-id", id));
    let findings = batch.run();
    for (rule, secret) in expected {
        let found = findings.iter().find(|one| field(one, "/secret") == secret);
        let found = found.unwrap_or_else(|| panic!("{rule} finds nothing"));
        assert_eq!((field(found, "/rule_id"), field(found, "/severity")), (rule, "note"), "{found}");
    }
    batch.check();
}
