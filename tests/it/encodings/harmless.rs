//! Text that resembles a leak: published examples, placeholders, ids, parts of keys, data of all kinds.

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

use crate::common::random::{BASE62, Random, UPPER_HEX};
use crate::common::text as field;
use crate::encodings::batch::Batch;
use crate::encodings::text::Text;

/// The examples of Telnyx's API description and of the tests of other scanners, split here.
fn published() -> [String; 4] {
    [
        ["KEY01236170692E74656C6E", "79782E636F6D_YmlnIGlyb24gaXMgZGVhZA"].concat(),
        ["KEY017D98C041711C2B8B6F", "5A2E50702659_hwntpZaC4XD1OEQEaKWydG"].concat(),
        ["telnyx KEYAptrcGNPkrkfIifpxSr1PAf5", "ChNcx-APIMKz9_ImMMXli1w16QD97i5"].concat(),
        ["telnyx: KEYUAaoJbHzFtewME4Mj7-D3fHa", "ONWFO2msN7QsFK_lZgTpNY5D4HbAInl"].concat(),
    ]
}

#[test]
fn published_examples_are_silent_in_every_form() {
    let mut batch = Batch::new();
    add_published(&mut batch);
    assert_eq!(batch.run(), [serde_json::Value::Null; 0]);
}

#[test]
fn published_examples_are_notes_on_request() {
    let mut batch = Batch::new().with("--verbose");
    add_published(&mut batch);
    let findings = batch.run();
    assert!(findings.iter().all(|one| field(one, "/severity") == "note"), "{findings:?}");
    for form in ["plain", "base64", "hex", "escapes", "concatenated", "utf-16", "reversed"] {
        let reported = |one: &&serde_json::Value| field(one, "/location/path").starts_with(form);
        assert_eq!(findings.iter().filter(reported).count(), if form == "plain" { 4 } else { 2 }, "{form}");
    }
}

fn add_published(batch: &mut Batch) {
    for example in published() {
        batch.harmless("plain", format!("k = '{example}'\n"));
    }
    for example in &published()[..2] {
        let key = || Text::new(example);
        batch.harmless("base64", key().within("k=", "\n").base64().bytes);
        batch.harmless("hex", key().hex(false, "").bytes);
        batch.harmless("escapes", key().each(|_, byte| format!("\\u{byte:04x}")).bytes);
        batch.harmless("concatenated", key().cut(&[20, 40], "\" + \"").within("\"", "\"\n").bytes);
        batch.harmless("utf-16", key().within("k: ", "\r\n").wide(2, true).within(b"\xFF\xFE", "").bytes);
        batch.harmless("reversed", key().reversed().within("'", "'\n").bytes);
    }
}

#[test]
fn placeholders_are_silent() {
    let mut batch = Batch::new();
    let (x, hex) = ("X".repeat(22), "0123456789ABCDEF".repeat(2));
    let real = Random::new("placeholder", 0).key()[..35].to_owned();
    for (id, secret) in [
        (format!("KEY{}", "X".repeat(32)), x.clone()),
        (format!("KEY{}", "0".repeat(32)), "a".repeat(22)),
        (format!("KEY{}", "A".repeat(32)), "B".repeat(22)),
        (format!("KEY{hex}"), "yoursecretkeygoeshere0".to_owned()),
        (format!("KEY{hex}"), "YOUR_SECRET_KEY_HERE_X".to_owned()),
        (real.clone(), "abcdefghijklmnopqrstuv".to_owned()),
        (real.clone(), "0".repeat(22)),
        (real.clone(), x),
        (real, "REDACTEDREDACTEDREDACT".to_owned()),
    ] {
        batch.harmless("shape", format!("TELNYX_API_KEY={id}_{secret}\n"));
    }
    for value in
        ["KEY_your_telnyx_api_key_here", "KEYSUPERSECRET", "<your-key>", "${TELNYX_API_KEY}", "KEY...", ""]
    {
        batch.harmless("value", format!("TELNYX_API_KEY={value}\ntelnyx.api_key = \"{value}\"\n"));
    }
    batch.check();
}

#[test]
fn ids_and_parts_of_keys() {
    let mut batch = Batch::new();
    for variant in 0..3 {
        let mut random = Random::new("parts", variant);
        let key = random.key();
        let id = &key[..35];
        for length in [6, 10, 20, 35, 36, 40, 50, 55, 57] {
            batch.harmless("part", format!("k='{}'\nj={}...\n", &key[..length], &key[..length]));
        }
        for mask in
            ["_...", "_…", "_**********************", "_hw…yG", "_<redacted>", "_[REDACTED]", "_••••••"]
        {
            batch.harmless("masked", format!("{id}{mask}\n"));
        }
        batch.harmless("table", format!("| {id} | name |\n").repeat(30));
        batch.harmless("base64", Text::new(id).within("revoked: ", " ok").base64().bytes);
        batch.harmless("hex", Text::new(id).hex(false, "").bytes);
        batch.harmless("lower", key.to_ascii_lowercase());
        batch.harmless(
            "another-vendor",
            format!("KEY-{}\nAKEY01-{}\n", random.chars(UPPER_HEX, 36), random.chars(BASE62, 20)),
        );
    }
    batch.check();
}

#[test]
fn code_without_secrets() {
    let mut batch = Batch::new();
    batch.harmless(
        "references",
        "new Telnyx({ apiKey: process.env[\"TELNYX_API_KEY\"] });\ntelnyx.api_key = os.environ['TELNYX_API_KEY']\n\
         apiKey: ${{ secrets.TELNYX_API_KEY }}\nKEY=${TELNYX_API_KEY:?}\nkey = var.telnyx_api_key\n",
    );
    batch.harmless(
        "constants",
        "#define KEY01 1\nenum { KEY00, KEY01, KEY02 };\nKEY_01 = KEY01ABCDEF\nKEYBOARD01, KEY01_KEY01_KEY01\n\
         #define KEY_MANAGEMENT_SERVICE_CLIENT_CONNECTION_TIMEOUT_SECONDS_X 5\nEVP_PKEY_decrypt_init_ex_PKEY01\n",
    );
    batch.harmless(
        "gencred",
        "def gencred(user):\n    return gencredentials(user)\nlogin = 'gencred' + suffix\n",
    );
    let login = Random::new("login", 0).chars(BASE62, 22);
    batch.harmless("login-alone", format!("login: gencred{login}\npassword: ${{SIP_PASSWORD}}\n"));
    batch.harmless(
        "prefixes",
        "OPENAI_API_KEY=ltg_sk_...\nltg_sk_<your token>\ncc_live_xxxx\ncloudfs_tok_<hex>\n",
    );
    let arrays: Vec<String> = (0..99).map(|number| format!("\"KEY{number:02}\"")).collect();
    batch.harmless(
        "array",
        format!("const a = [{}];\n[75,69,89,48,49]\n0x4b, 0x45, 0x59, 0x30\n", arrays.join(", ")),
    );
    batch.harmless(
        "minified",
        "var eNo=1,eJy=2,eJw=eNo+eJy,H4sI='H4sI',H4sIAAAA=0;x.eNoT(t),e.eJwrapper=1;\n".repeat(500),
    );
    let key = BASE64.encode(&Random::new("public", 0).bytes(32));
    batch.harmless("public-key", format!("TELNYX_PUBLIC_KEY={key}\nNEXT_PUBLIC_TELNYX_PUBLIC_KEY={key}\n"));
    batch.check();
}

#[test]
fn data_of_all_kinds() {
    let mut batch = Batch::new();
    let mut random = Random::new("data", 0);
    let noise = random.bytes(200_000);
    batch.harmless("bytes", &noise);
    batch.harmless("base62", random.chars(BASE62, 200_000));
    batch.harmless("base64", BASE64.encode(&noise));
    batch.harmless("base64-wrapped", Text { bytes: noise.clone(), at: 0 }.base64().wrapped(76, "\n").bytes);
    batch.harmless("hex", HEXLOWER.encode(&noise) + &HEXUPPER.encode(&noise));
    batch.harmless("zeros", vec![0; 400_000]);
    batch.harmless("compressed", Text { bytes: noise, at: 0 }.gzip().base64().bytes);
    let text = Text { bytes: random.filler(300_000, true), at: 0 };
    batch.harmless("compressed-text", text.clone().zlib(9).base64().bytes);
    batch.harmless("text-in-base64", text.base64().bytes);
    batch.harmless("anchors", "KEY01".repeat(20_000));
    batch.harmless(
        "anchors-in-base64",
        "S0VZMDE".repeat(10_000) + &"H4sI".repeat(5_000) + &"eJy".repeat(5_000),
    );
    batch.check();
}
