//! The edits in a SARIF report are the edits made by `telleaks fix`.

use serde_json::Value;
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{number, put, scan, telleaks, text};

/// Files with one key each, written as `@`.
const FILES: [(&str, &str); 8] = [
    ("a.py", "#!/usr/bin/env python3\nimport telnyx\n\ntelnyx.api_key = \"@\"\n"),
    ("a.go", "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tkey := \"@\"\n\tfmt.Println(key)\n}\n"),
    ("a.js", "const größe = 1; const telnyx = require('telnyx')('@');\r\n"),
    ("a.sh", "#!/bin/sh\nKEY='@'\ncurl -H \"Authorization: Bearer $KEY\" x\n"),
    ("a.yml", "telnyx:\n  api_key: \"@\"\n"),
    ("main.tf", "resource \"x\" \"y\" {\n  api_key = \"@\"\n}\n"),
    (".env", "TELNYX_API_KEY=@\n"),
    ("a.txt", "the key is @ as you know\n"),
];

/// Applies the edits of one SARIF fix to the content.
fn applied(content: &str, fix: &Value) -> String {
    let mut out = content.to_owned();
    let replacements = fix["artifactChanges"][0]["replacements"].as_array().unwrap();
    for one in replacements.iter().rev() {
        let start = number(one, "/deletedRegion/byteOffset") as usize;
        let end = start + number(one, "/deletedRegion/byteLength") as usize;
        out.replace_range(start..end, text(one, "/insertedContent/text"));
    }
    out
}

#[test]
fn sarif_contains_the_edits_of_fix() {
    let mut edited = 0;
    for (at, (name, template)) in FILES.iter().enumerate() {
        let folder = TempDir::new().unwrap();
        let content = template.replace('@', &Random::new("sarif fixes", at).key());
        put(folder.path(), name, &content);
        let output = scan(folder.path(), &[".", "--format", "sarif"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let fixes = &report["runs"][0]["results"][0]["fixes"];
        let by_sarif = if fixes.is_null() { content.clone() } else { applied(&content, &fixes[0]) };
        telleaks().current_dir(folder.path()).args(["fix", "--write", "."]).output().unwrap();
        let by_fix = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(by_sarif, by_fix, "{name}");
        edited += usize::from(by_fix != content);
    }
    assert_eq!(edited, 7);
}
