//! What is not certain is left to a person, who is told where and why.

use std::fs;

use crate::common::random::Random;
use crate::common::{code, put, telleaks};

/// A file's name, its content with `@@` for the key, and a part of what is said.
const CASES: [(&str, &str, &str); 36] = [
    ("a.py", "k = f\"Bearer @@\"\n", "only a part"),
    ("b.py", "\"\"\"@@\"\"\"\n", "several lines"),
    ("c.py", "# @@\n", "comment"),
    ("d.py", "d = {\"@@\": 1}\n", "not certain"),
    ("e.py", "assert key == \"@@\"\n", "test"),
    ("f.py", "k = (\"@@\"\n     \"x\")\n", ""),
    ("g.py", "k = os.environ.get(\"TELNYX_API_KEY\", \"@@\")\n", "fallback"),
    ("h.py", "k = b\"@@\"\n", "not certain"),
    ("i.py", "k = \"@@\" + x\n", "not certain"),
    ("j.py", "k = \"@@\".strip()\n", "not certain"),
    ("k.py", "k = \"@@\" % 1\n", "not certain"),
    ("a.js", "const k = process.env.K || '@@';\n", "not certain"),
    ("b.js", "const k = '@@'\n  + x;\n", "not certain"),
    ("c.jsx", "const a = <Widget apiKey=\"@@\" />;\n", "not certain"),
    ("d.js", "tag`@@`;\n", "not certain"),
    ("e.ts", "type K = { a: string } | \"@@\";\n", "not certain"),
    ("f.js", "expect(key).toBe('@@');\n", "test"),
    ("A.java", "@Value(\"@@\") String k;\n", "constant"),
    ("a.kt", "const val K = \"@@\"\n", "constant"),
    ("a.go", "package a\n\nconst (\n\tK = \"@@\"\n)\n", "constant"),
    ("a.cs", "const string K = \"@@\";\n", "constant"),
    ("b.cs", "void F(string k = \"@@\") {}\n", "constant"),
    ("c.cs", "[Key(\"@@\")]\nclass A {}\n", "constant"),
    ("a.php", "<?php class A { private $k = '@@'; }\n", "constant"),
    ("b.php", "<?php\nfunction f($k = '@@') {}\n", "constant"),
    ("a.rs", "const K: &str = \"@@\";\n", "borrowed"),
    ("a.sh", "cat <<'EOF' > x\nkey=@@\nEOF\n", "here-document"),
    ("b.sh", "echo '$x @@'\n", "single quotes"),
    ("c.sh", "# @@\n", "comment"),
    ("a.yaml", "kind: Secret\nkey: @@\n", "Kubernetes"),
    ("b.yaml", "run: |\n  key: @@\n", "text within"),
    ("Dockerfile", "RUN curl -u @@: x\n", "--mount"),
    ("v.tf", "variable \"k\" {\n  default = \"@@\"\n}\n", "default"),
    (".env", "TELNYX_API_KEY=@@\n", ".gitignore"),
    ("a.json", "{\"k\": \"@@\"}\n", "no look-up"),
    ("a.rb", "puts \"#{x} @@\"\n", "only a part"),
];

#[test]
fn what_is_not_certain_stays_and_is_told() {
    for (number, (name, text, why)) in CASES.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let key = Random::new("hand", number).key();
        let before = text.replace("@@", &key);
        put(folder.path(), name, &before);
        let output = telleaks().current_dir(folder.path()).args(["fix", "--write", "."]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), before, "{name}: {said}");
        assert_eq!(code(&output), 1, "{name}: {said}");
        assert!(said.contains(&format!("by hand: {name}:")) && said.contains(why), "{name}: {said}");
        assert!(!said.contains(&key[36..]), "{said}");
    }
}

#[test]
fn a_second_key_does_not_take_the_name_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("two", 0);
    let (one, two) = (random.key(), random.key());
    put(folder.path(), "a.py", format!("a = \"{one}\"\nb = \"{two}\"\nc = \"{one}\"\n"));
    let output = telleaks().current_dir(folder.path()).args(["fix", "--write", "."]).output().unwrap();
    let after = fs::read_to_string(folder.path().join("a.py")).unwrap();
    assert_eq!(code(&output), 1);
    let look_up = "os.environ[\"TELNYX_API_KEY\"]";
    assert_eq!(after, format!("import os\na = {look_up}\nb = \"{two}\"\nc = {look_up}\n"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("another credential"));
}

#[test]
fn two_keys_in_one_string_take_two_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("string", 0);
    let key = random.key();
    put(folder.path(), "a.sh", format!("run 'a={key} b={key}'\n"));
    let fix = || code(&telleaks().current_dir(folder.path()).args(["fix", "--write", "."]).output().unwrap());
    assert_eq!((fix(), fix(), fix()), (1, 0, 0));
    let after = fs::read_to_string(folder.path().join("a.sh")).unwrap();
    assert_eq!(after, "run \"a=${TELNYX_API_KEY:?} b=${TELNYX_API_KEY:?}\"\n");
}

#[test]
fn letters_of_many_bytes_do_no_harm() {
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
        ] {
            let folder = tempfile::tempdir().unwrap();
            put(folder.path(), name, text.replace("@@", &Random::new(text, 0).key()));
            let output = telleaks().current_dir(folder.path()).args(["fix", "."]).output().unwrap();
            assert!(code(&output) <= 1 && output.stderr.is_empty(), "{name}: {text}");
        }
    }
}
