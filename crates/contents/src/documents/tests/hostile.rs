//! Deliberately damaged documents: no panic, no hang.

use super::{base64_lines, gzip, limited, zlib};
use crate::documents::{Document, map_of, original, place_in_json, sniff};
use crate::unpack::Limits;

fn samples() -> Vec<(Document, Vec<u8>)> {
    let map = r#"{"version":3,"sources":["a.ts","b.ts"],"sourcesContent":["x\u00e4\n","y"],"mappings":"AAAA,CCAC;AADD,gBCEG",
        "sections":[{"offset":{"line":0,"column":1},"map":{"sources":["c"],"sourcesContent":["z"],"mappings":"AAAA"}}]}"#;
    let body = data_encoding::BASE64.encode(&gzip(b"x"));
    let har = format!(
        r#"{{"log":{{"entries":[{{"response":{{"headers":[{{"name":"content-encoding","value":"br"}}],"content":{{"text":"{body}","encoding":"base64"}}}}}}]}}}}"#
    );
    let mail = format!(
        "From a Fri Jul  8 12:08:34 2011\nFrom: a\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
         Content-Transfer-Encoding: base64\nContent-Disposition: a; filename*=utf-8''%41; filename=\"=?u?q?=41?=\"\n\n{}\n--b--\n\
         begin 644 a\n#86)C\n`\nend\n\nFrom x: y\n\nz\n",
        base64_lines(&gzip(b"x"))
    );
    let page = zlib(b"BT [(a\\061)-300<41>] TJ 1 0 0 1 0 5 Tm (b\\) Tj ET");
    let head = b"%PDF-1.4\n1 0 obj<</Filter[/FlateDecode]/Type/X>>stream\n".as_slice();
    let more =
        b"\nendstream 2 0 obj<</Filter[/LZWDecode/A85/AHx/RL]>>stream\n\x80\x0B\x60\x50\x22\x0C\nendstream";
    let pdf = [head, &page, more].concat();
    vec![
        (Document::SourceMap, map.as_bytes().to_vec()),
        (Document::Har, har.into_bytes()),
        (Document::Mail, mail.into_bytes()),
        (Document::Pdf, pdf),
    ]
}

fn all(document: Document, bytes: &[u8]) {
    sniff(bytes, "a.map");
    sniff(bytes, "");
    let (_, outcome) = limited(document, bytes, &Limits::default());
    outcome.unwrap();
    map_of(bytes);
    for (line, column) in [(1, 1), (1, 9), (2, 20)] {
        original(bytes, "abcdefghi", line, column);
    }
    for offset in (0..bytes.len()).step_by(17) {
        place_in_json(bytes, offset);
    }
}

#[test]
fn samples_are_detected() {
    for (document, bytes) in samples() {
        assert_eq!(sniff(&bytes, ""), Some(document));
        let (kept, _) = limited(document, &bytes, &Limits::default());
        assert!(!kept.members.is_empty(), "{document:?}");
    }
}

#[test]
fn mutated_bytes_do_not_panic() {
    for (document, bytes) in samples() {
        for at in 0..bytes.len() {
            for other in [bytes[at] ^ 0x01, bytes[at] ^ 0x80, b'"', b'\n', 0] {
                let mut damaged = bytes.clone();
                damaged[at] = other;
                all(document, &damaged);
            }
        }
    }
}

#[test]
fn truncated_documents_do_not_panic() {
    for (document, bytes) in samples() {
        for at in (0..bytes.len()).step_by(5) {
            all(document, &bytes[..at]);
            all(document, &bytes[at..]);
        }
        // Parse it as another kind of document, too.
        for other in [Document::SourceMap, Document::Har, Document::Mail, Document::Pdf, Document::Pgp] {
            all(other, &bytes);
        }
    }
}

#[test]
fn repetitive_input_is_fast() {
    let repeated = |word: &str| word.repeat((4 << 20) / word.len()).into_bytes();
    for word in [
        "[",
        "{\"a\":",
        "stream\n",
        "1 0 obj<<>>stream\nendstream",
        "1 0 obj<</Filter/FlateDecode>>stream\n",
        "/Encrypt ",
        "begin 644 a\n",
        "Content-Type: multipart/mixed; boundary=a\n\n--a\n",
        "//# sourceMappingURL=",
        "\"version\":3,\"version\"",
        "(\\",
        "<FEFF",
        "(\\376\\377",
        "Subject: =?a?q?b?= =?a?q?b?=\n\n",
        "-----BEGIN PGP MESSAGE-----\n",
        "\u{3}1",
        "a",
        " ",
    ] {
        for document in [Document::SourceMap, Document::Har, Document::Mail, Document::Pdf, Document::Pgp] {
            let bytes = repeated(word);
            let (_, outcome) = limited(document, &bytes, &Limits::default());
            assert!(outcome.is_ok() || document == Document::Pdf, "{word} {document:?}");
            sniff(&bytes, "a.map");
            map_of(&bytes);
            place_in_json(&bytes, bytes.len() - 1);
        }
    }
}
