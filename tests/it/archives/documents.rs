//! Bundles with source maps, and documents: hidden text is found and reported with the location a user looks for.

use data_encoding::BASE64;
use serde_json::json;

use crate::archives::{log, make, place, places};
use crate::common::random::Random;
use crate::common::{both, code, lines, put, scan, text};

/// Returns a bundle of one line and a source map that maps each of its lines to the third line of `src/api.ts`.
fn bundle(key: &str) -> (String, String) {
    let source = format!("// api\n\nconst key='{key}';\n");
    let map = json!({
        "version": 3, "file": "app.min.js", "sources": ["webpack:///./src/api.ts"], "sourcesContent": [source],
        "names": [], "mappings": "AAEA",
    });
    (format!("const key='{key}';"), map.to_string())
}

/// Returns the `original` of each finding with its path.
fn originals(folder: &std::path::Path) -> Vec<(String, serde_json::Value)> {
    let output = scan(folder, &["--format", "jsonl"]);
    assert_eq!((code(&output), output.stderr.len()), (1, 0), "{}", both(&output));
    let found = lines(&output.stdout);
    found.iter().map(|one| (text(one, "/location/path").to_owned(), one["original"].clone())).collect()
}

#[test]
fn bundle_maps_to_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let (beside, inline, packed) =
        (Random::new("map", 0).key(), Random::new("map", 1).key(), Random::new("map", 2).key());
    let (code_of, map) = bundle(&beside);
    put(folder.path(), "dist/app.min.js", format!("{code_of}\n//# sourceMappingURL=app.min.js.map\n"));
    put(folder.path(), "dist/app.min.js.map", map);
    let (code_of, map) = bundle(&inline);
    let url = format!("data:application/json;charset=utf-8;base64,{}", BASE64.encode(map.as_bytes()));
    put(folder.path(), "inline.js", format!("{code_of}\n//# sourceMappingURL={url}\n"));
    let (code_of, map) = bundle(&packed);
    let code_of = format!("{code_of}\n//# sourceMappingURL=i.js.map\n");
    let files = [("package/dist/i.js", code_of.as_bytes()), ("package/dist/i.js.map", map.as_bytes())];
    put(folder.path(), "pkg.tgz", make::gzip(&make::tar(&files)));
    let original = json!({"path": "src/api.ts", "line": 3, "column": 12});
    let expected = [
        ("dist/app.min.js", original.clone()),
        ("dist/app.min.js.map!/src/api.ts", json!(null)),
        ("inline.js", original.clone()),
        ("pkg.tgz!/package/dist/i.js", original),
        ("pkg.tgz!/package/dist/i.js.map!/src/api.ts", json!(null)),
    ];
    assert_eq!(originals(folder.path()), expected.map(|(path, original)| (path.to_owned(), original)));
    let reported = both(&scan(folder.path(), &["dist"]));
    assert!(reported.contains("--> src/api.ts:3:12 (in dist/app.min.js:1:12)"), "{reported}");
}

#[test]
fn source_map_stays_in_its_directory() {
    let folder = tempfile::tempdir().unwrap();
    let (code_of, map) = bundle(&Random::new("out", 0).key());
    put(folder.path(), "secret.map", map);
    std::os::unix::fs::symlink("../secret.map", folder.path().join("linked.map")).unwrap();
    for address in ["../secret.map", "/etc/passwd", "linked.map", "http://example.org/x.map", ".."] {
        put(folder.path(), "dist/app.js", format!("{code_of}\n//# sourceMappingURL={address}\n"));
        std::fs::remove_file(folder.path().join("dist/linked.map")).ok();
        std::os::unix::fs::symlink("../secret.map", folder.path().join("dist/linked.map")).unwrap();
        let output = scan(folder.path(), &["dist", "--format", "jsonl"]);
        let found = lines(&output.stdout);
        assert!(found.len() == 1 && found[0]["original"].is_null(), "{address}: {}", both(&output));
    }
}

#[test]
fn location_in_document_has_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("within", 0).key();
    let notebook = json!({"cells": [
        {"cell_type": "markdown", "source": ["# Title\n"]},
        {"cell_type": "code", "source": ["import telnyx\n", format!("telnyx.api_key = '{key}'\n")], "outputs": []},
    ], "nbformat": 4});
    put(folder.path(), "a.ipynb", serde_json::to_string_pretty(&notebook).unwrap());
    let state = json!({"version": 4, "resources": [{"instances": [{"attributes": {"api_key": key}}]}]});
    put(folder.path(), "b.tfstate", state.to_string());
    let output = scan(folder.path(), &["--format", "jsonl"]);
    let found = lines(&output.stdout);
    let within: Vec<&str> = found.iter().map(|one| text(one, "/location/within")).collect();
    assert_eq!(within.len(), 2, "{}", both(&output));
    assert!(within[0].starts_with("cell 2 (code)"), "{within:?}");
    assert_eq!(within[1], "resources[0].instances[0].attributes.api_key");
}

#[test]
fn hidden_text_in_documents_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<String> = (0..3).map(|number| Random::new("hidden", number).key()).collect();
    let attachment = BASE64.encode(&make::zip(&[("app.env", log(&keys[0]).as_bytes())]));
    let wrapped: Vec<&str> =
        attachment.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let mail = format!(
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: logs\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--x\r\n\
         Content-Type: application/zip; name=\"logs.zip\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--x--\r\n",
        wrapped.join("\r\n")
    );
    put(folder.path(), "a.eml", mail);
    let body = BASE64.encode(&make::brotli(log(&keys[1]).as_bytes()));
    let har = json!({"log": {"version": "1.2", "entries": [{"request": {}, "response": {
        "headers": [{"name": "content-encoding", "value": "br"}], "content": {"text": body, "encoding": "base64"},
    }}]}});
    put(folder.path(), "b.har", har.to_string());
    let stream = make::zlib(format!("BT /F1 12 Tf (key: {}) Tj ET", keys[2]).as_bytes());
    let pdf = [
        b"%PDF-1.4\n1 0 obj\n<< /Length 9 /Filter /FlateDecode >>\nstream\n".to_vec(),
        stream,
        b"\nendstream\nendobj\ntrailer << >>\n%%EOF\n".to_vec(),
    ];
    put(folder.path(), "c.pdf", pdf.concat());
    let found = places(folder.path(), &[]);
    let expected = [
        place("a.eml!/logs.zip!/app.env", 31),
        place("b.har!/entry 1 response", 31),
        place("c.pdf!/object 1", 1),
    ];
    assert_eq!(found, expected);
}

#[test]
fn key_in_mail_and_attachment_is_reported_at_both() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("both", 0).key();
    let attachment = BASE64.encode(&make::zip(&[("app.env", log(&key).as_bytes())]));
    let mail = format!(
        "From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n\
         --x\nContent-Type: text/plain\n\nkey {key}\n--x\nContent-Type: application/zip; name=a.zip\n\
         Content-Transfer-Encoding: base64\n\n{attachment}\n--x--\n"
    );
    put(folder.path(), "a.eml", mail);
    assert_eq!(places(folder.path(), &[]), [place("a.eml", 10), place("a.eml!/a.zip!/app.env", 31)]);
}

#[test]
fn second_pass_has_a_depth_limit() {
    let folder = tempfile::tempdir().unwrap();
    let (code_of, _) = bundle(&Random::new("floor", 0).key());
    // The first member of that name is deeply nested; the second one, with the key, must be resolved nevertheless.
    let deep = (0..2000).fold(b"x".to_vec(), |inner, _| make::gzip(&inner));
    let files = [("i.js", &deep[..]), ("i.js", code_of.as_bytes())];
    put(folder.path(), "a.tar", make::tar(&files));
    let output = scan(folder.path(), &["--format", "jsonl"]);
    let found = lines(&output.stdout);
    assert_eq!(code(&output), 1, "{}", both(&output));
    assert_eq!((found.len(), text(&found[0], "/location/path")), (1, "a.tar!/i.js"));
    assert!(both(&output).contains("--max-depth"), "{}", both(&output));
}
