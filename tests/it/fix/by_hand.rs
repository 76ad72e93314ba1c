//! Findings that need a manual edit, with the reason and the suggested line; and the names of variables.

use std::fs;

use crate::common::random::{BASE62, LOWER_HEX, Random};
use crate::common::{code, put, telleaks};

/// File name, content with `@@` for the key, a part of the reason, and a part of the suggested line.
const CASES: [(&str, &str, &str, &str); 41] = [
    ("a.py", "assert key == \"@@\"\n", "test", ""),
    ("b.py", "match k:\n    case \"@@\":\n        pass\n", "pattern", "os.environ[\"TELNYX_API_KEY\"]"),
    ("a.js", "expect(key).toBe('@@');\n", "test", ""),
    ("b.js", "tag`@@`;\n", "tag", "process.env.TELNYX_API_KEY"),
    ("a.ts", "type K = { a: string } | \"@@\";\n", "type", "process.env"),
    ("b.ts", "enum K {\n  a = '@@',\n}\n", "enum", "process.env"),
    ("a.java", "class A { @Value(\"Bearer @@\") String k; }", "annotation", "\"Bearer \" + System.getenv("),
    (
        "b.java",
        "class A { static final String K = \"@@\"; { switch (x) { case K: } } }",
        "is used",
        "K = System",
    ),
    (
        "c.java",
        "class A { String s = \"\"\"\n  {\"a\": \"@@\"}\n  \"\"\"; }",
        "multi-line string",
        ".formatted(System.getenv",
    ),
    ("a.kt", "const val K = \"@@\"\n\n@Value(K)\nclass A\n", "is used", "val K = System"),
    ("a.go", "package a\n\nconst K = \"@@\"\nconst L = \"x\" + K\n", "is used", "var K = os.Getenv"),
    ("b.go", "package a\n\nfunc f() {\n\tconst k = \"@@\"\n}\n", "not used", "var k"),
    ("a.cs", "[Key(\"@@\")]\nclass A {}\n", "annotation", "System.Environment"),
    ("b.cs", "class A { void F(string k = \"@@\") {} }\n", "default", "k ??= System.Environment"),
    ("a.php", "<?php class A { const KEY = '@@'; }\n", "constant", "public static function KEY()"),
    ("b.php", "<?php\nfunction f($k = '@@') {}\n", "default", "$k ??= getenv('TELNYX_API_KEY');"),
    ("c.php", "<?php class A { private static $k = '@@'; }\n", "property", "self::$k = getenv("),
    ("d.php", "<?php function f() { static $k = '@@'; }\n", "static variable", "$k ??= getenv("),
    ("e.php", "<?php class A extends B { private $k = '@@'; }\n", "property", "$this->k = getenv("),
    ("f.php", "<?php\n$x = <<<EOT\nkey @@\nEOT;\n", "multi-line string", "{$telnyx} in the text"),
    ("a.swift", "enum A: String {\n  case key = \"@@\"\n}\n", "case", "static let key = ProcessInfo"),
    ("a.rs", "const K: &str = \"Bearer @@\";\n", "constant", "static K: std::sync::LazyLock<String> ="),
    ("b.rs", "fn f() { Client::new(\"@@\") }\n", "borrowed", "std::env::var(\"TELNYX_API_KEY\")"),
    ("c.rs", "fn f() { send(b\"@@\") }\n", "borrowed", ".as_bytes()"),
    ("a.rb", "x = %w[@@ b]\n", "kind of string", "ENV.fetch"),
    ("a.sh", "cat <<'E' > x\nkey=@@ $a\nE\n", "here-document", "key=${TELNYX_API_KEY:?} $a"),
    ("a.yaml", "kind: Secret\nkey: @@\n", "Kubernetes", ""),
    ("b.yaml", "data:\n  a.json: |\n    {\"k\": \"@@\"}\n", "text within", ""),
    ("action.yml", "runs:\n  steps:\n    - run: echo @@\n", "action", "echo ${{ inputs.telnyx-api-key }}"),
    ("Dockerfile", "FROM a\nRUN curl -u @@: x\n", "mount", "RUN --mount=type=secret,id=TELNYX_API_KEY,env="),
    ("v.tfvars", "key = \"@@\"\n", "values of variables", "export TF_VAR_key"),
    (".env", "TELNYX_API_KEY=@@\n", "version control", "git rm --cached --ignore-unmatch .env"),
    ("a.json", "{\"k\": \"@@\"}\n", "nothing replaces", "export TELNYX_API_KEY"),
    ("a.toml", "k = \"@@\"\n", "cannot read", "export TELNYX_API_KEY"),
    (
        ".codex/config.toml",
        "[mcp_servers.telnyx]\ncommand = \"npx\"\nenv = { \"TELNYX_API_KEY\" = \"@@\" }\n",
        "by name",
        "env_vars = [\"TELNYX_API_KEY\"]",
    ),
    (
        ".codex/config.toml",
        "[mcp_servers.telnyx.http_headers]\nAuthorization = \"Bearer @@\"\n",
        "by name",
        "bearer_token_env_var = \"TELNYX_API_KEY\"",
    ),
    (
        ".codex/config.toml",
        "[mcp_servers.telnyx]\nhttp_headers = { \"x-telnyx-api-key\" = \"@@\" }\n",
        "by name",
        "env_http_headers = { \"x-telnyx-api-key\"",
    ),
    (
        ".vibe/config.toml",
        "[[mcp_servers]]\nname = \"telnyx\"\nheaders = { \"Authorization\" = \"Bearer @@\" }\n",
        "by name",
        "api_key_env = \"TELNYX_API_KEY\"",
    ),
    ("a.html", "<script>const k = '@@';</script>\n", "browser", ""),
    ("key.txt", "@@\n", "nothing else", ""),
    ("a.c", "char *k = \"@@\";\n", "no look-up", ""),
];

#[test]
fn unsafe_edits_are_reported_and_not_made() {
    for (number, (name, text, why, write)) in CASES.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let key = Random::new("hand", number).key();
        let before = text.replace("@@", &key);
        put(folder.path(), name, &before);
        let output = telleaks().current_dir(folder.path()).args(["fix", "--write", "."]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), before, "{name}: {said}");
        assert_eq!(code(&output), 1, "{name}: {said}");
        assert!(said.contains(&format!("by hand: {name}:")) && said.contains(why), "{name}: {said}");
        let written = said.split_once("; write: ").map_or("", |(_, written)| written);
        assert!(written.contains(write) && written.is_empty() == write.is_empty(), "{name}: {said}");
        assert!(!said.contains(&key[36..]), "{said}");
    }
}

#[test]
fn several_secrets_get_distinct_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("several", 0);
    let (one, two, three) = (random.key(), random.key(), random.key());
    let text = format!("a = \"{one}\"\nb = \"{two}\"\nc = \"{one}\"\nvoice_key = \"x {three}\"\n");
    let fixed = |names: &[&str]| {
        put(folder.path(), "a.py", &text);
        let output = telleaks()
            .current_dir(folder.path())
            .args(["fix", "--write"])
            .args(names)
            .arg(".")
            .output()
            .unwrap();
        assert_eq!(code(&output), 0);
        fs::read_to_string(folder.path().join("a.py")).unwrap()
    };
    let want = |first: &str, second: &str, third: &str| {
        format!(
            "import os\na = os.environ[\"{first}\"]\nb = os.environ[\"{second}\"]\nc = os.environ[\"{first}\"]\n\
             voice_key = f\"x {{os.environ['{third}']}}\"\n"
        )
    };
    assert_eq!(fixed(&[]), want("TELNYX_API_KEY", "TELNYX_API_KEY_2", "TELNYX_VOICE_KEY"));
    assert_eq!(fixed(&["--names", "ONE,,THREE"]), want("ONE", "TELNYX_API_KEY", "THREE"));
    let output = telleaks().current_dir(folder.path()).args(["fix", "--names", "1A", "."]).output().unwrap();
    assert_eq!(code(&output), 2);
}

#[test]
fn two_keys_in_one_string_are_replaced_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("string", 0);
    let key = random.key();
    put(folder.path(), "a.sh", format!("run 'a={key} b={key}'\n"));
    let output = telleaks().current_dir(folder.path()).args(["fix", "--write", "."]).output().unwrap();
    assert_eq!(code(&output), 0);
    let after = fs::read_to_string(folder.path().join("a.sh")).unwrap();
    assert_eq!(after, "run \"a=${TELNYX_API_KEY:?} b=${TELNYX_API_KEY:?}\"\n");
}

#[test]
fn sip_password_has_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("sip", 0);
    let (user, password) = (random.chars(BASE62, 22), random.chars(LOWER_HEX, 32));
    let text = format!("new TelnyxRTC({{ login: 'gencred{user}', password: '{password}' }});\n");
    put(folder.path(), "a.js", text);
    let output = telleaks().current_dir(folder.path()).args(["fix", "."]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("password: process.env.TELNYX_SIP_PASSWORD }"), "{said}");
    assert!(said.contains("hint: a.js: ") && said.contains("login_token"), "{said}");
}

#[test]
fn multibyte_characters_are_handled() {
    for text in [
        "k = é\"@@\"\n",
        "k = \"@@\"é\n",
        "“@@”\n",
        "k='@@'“\n",
        "é(\"@@\")😀\n",
        "\"é\\\"@@\"",
        "'é",
        "\\é'@@'",
    ] {
        for name in [
            "a.py",
            "a.js",
            "a.ts",
            "a.rb",
            "a.php",
            "A.java",
            "a.go",
            "a.cs",
            "a.rs",
            "a.sh",
            "a.yaml",
            "Dockerfile",
            "a.tf",
            "a.kt",
            "a.jsx",
            "a.swift",
            "a.dart",
            "a.ps1",
            "a.bat",
            "func.toml",
            ".mcp.json",
            "a.md",
            "a.vue",
        ] {
            let folder = tempfile::tempdir().unwrap();
            put(folder.path(), name, text.replace("@@", &Random::new(text, 0).key()));
            let output = telleaks().current_dir(folder.path()).args(["fix", "."]).output().unwrap();
            assert!(code(&output) <= 1 && output.stderr.is_empty(), "{name}: {text}");
        }
    }
}
