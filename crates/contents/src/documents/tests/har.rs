//! HAR.

use data_encoding::BASE64;

use super::{gzip, of, zlib};
use crate::documents::{Document, sniff};

/// Encodes `text` as brotli does without compression: a window of 16 bits, and one uncompressed meta-block.
fn brotli(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len() - 1).unwrap();
    // WBITS 16 is one bit 0; ISLAST 0; MNIBBLES 4 is two bits 0; 16 bits of length; ISUNCOMPRESSED 1; then bytes.
    let bits = u32::from(length) << 4 | 1 << 20;
    let mut out = bits.to_le_bytes()[..3].to_vec();
    out.extend_from_slice(text);
    out.push(3);
    out
}

fn entry(encoding: &str, body: &[u8]) -> String {
    format!(
        r#"{{"startedDateTime":"x","request":{{"headers":[{{"name":"a","value":"b"}}],"postData":{{"mimeType":"m","text":"plain"}}}},
        "response":{{"content":{{"size":3,"text":"{}","encoding":"base64"}},"headers":[{{"name":"Content-Encoding","value":"{encoding}"}}]}}}}"#,
        BASE64.encode(body)
    )
}

fn har(entries: &[String]) -> String {
    format!(
        "\u{FEFF}{{ \"log\" : {{\"version\":\"1.2\",\"creator\":{{}},\"entries\":[{}],\"pages\":[]}}}}",
        entries.join(",\n")
    )
}

#[test]
fn encoded_bodies_are_handed_over() {
    let text = b"what the answer says, many times. what the answer says, many times.";
    let raw = zlib(text)[2..].to_vec();
    let har = har(&[
        entry("", b"plain text"),
        entry("gzip", &gzip(text)),
        entry("br", &brotli(text)),
        entry("deflate", &zlib(text)),
        entry("deflate", &raw),
        // The header is wrong: the browser has decompressed the body.
        entry("br", b"plain text that was decompressed"),
        entry("deflate", b"plain text that was decompressed"),
    ]);
    assert_eq!(sniff(har.as_bytes(), ""), Some(Document::Har));
    let kept = of(har.as_bytes(), "");
    let names = ["entry 2 response", "entry 3 response", "entry 4 response", "entry 5 response"];
    assert_eq!(kept.names(), names);
    assert_eq!(kept.members[0].1, gzip(text));
    // These are detected from their bytes.
    assert_eq!(kept.members[2].1, zlib(text));
    for name in [names[1], names[3]] {
        assert_eq!(kept.text(name).as_bytes(), text, "{name}");
    }
    assert!(kept.unseen.is_empty(), "{:?}", kept.unseen);
}

#[test]
fn request_bodies_are_handed_over() {
    let body = BASE64.encode(&gzip(b"x"));
    let har = format!(
        r#"{{"log":{{"entries":[{{"request":{{"postData":{{"encoding":"base64","text":"{body}"}}}},"response":null}}]}}}}"#
    );
    assert_eq!(of(har.as_bytes(), "").names(), ["entry 1 request"]);
}

#[test]
fn truncated_recording_is_reported() {
    let whole = har(&[entry("", &gzip(b"x")), entry("", &gzip(b"y"))]);
    let kept = of(&whole.as_bytes()[..whole.len() - 60], "a.har");
    assert_eq!(kept.names(), ["entry 1 response"]);
    assert_eq!(kept.unseen, [": not valid HAR from entry 2 on; the rest was scanned as plain text"]);
}
