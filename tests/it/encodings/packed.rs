//! Keys in base64, nested base64, and compressed data in base64.

use crate::common::random::Random;
use crate::encodings::batch::{Batch, around, behind, host};
use crate::encodings::text::Text;

/// Puts `text` on its own line.
fn data(random: &mut Random, text: Text) -> Text {
    host(random, text, ("data: \"", "\"\n"), "# ")
}

#[test]
fn base64_at_every_alignment() {
    let mut batch = Batch::new();
    batch.shape("base64", 12, |random, variant, key| {
        let before = random.between(0, 60) * 3 + variant % 3;
        let text = behind(random, key, before).base64();
        data(random, text)
    });
    batch.shape("base64url", 12, |random, variant, key| {
        let before = random.between(0, 60) * 3 + variant % 3;
        let text = behind(random, key, before).within("", " ??>>~~").base64url();
        host(random, text, ("t=", "\n"), "# ")
    });
    batch.shape("basic-auth", 4, |random, variant, key| {
        let text = key.within(&b"a@b.example:xx"[variant..], "").base64();
        host(random, text, ("Authorization: Basic ", "\r\n"), "# ")
    });
    batch.shape("data-uri", 3, |random, _, key| {
        let text = around(random, key).base64();
        host(random, text, ("<script src=\"data:text/javascript;base64,", "\"></script>\n"), "")
    });
    batch.shape("powershell", 4, |random, variant, key| {
        let script = key.within(["", "$k='", "irm x -H 'Bearer "][variant % 3], "'").wide(2, true).base64();
        host(random, script, ("powershell.exe -EncodedCommand ", "\n"), "# ")
    });
    batch.shape("alone", 3, |_, variant, key| key.within(&"abc"[..variant], "").base64());
    batch.check();
}

#[test]
fn base64_in_wrapped_lines() {
    let mut batch = Batch::new();
    for (name, width, end) in [
        ("64-lf", 64, "\n"),
        ("76-lf", 76, "\n"),
        ("64-crlf", 64, "\r\n"),
        ("76-crlf", 76, "\r\n"),
        ("64-indented", 64, "\n      "),
        ("76-tab", 76, "\n\t\t"),
        ("64-json", 64, "\\n"),
        ("76-json", 76, "\\n"),
        ("76-json-crlf", 76, "\\r\\n"),
        ("51", 51, "\n"),
    ] {
        batch.shape(name, 8, |random, variant, key| {
            // In the first half of the variants, a line ends within the encoded `KEY01`.
            let before = if variant < 4 {
                width / 4 * 3 * random.between(1, 9) - variant % 4 - 1
            } else {
                variant * 37
            };
            let text = behind(random, key, before).base64().wrapped(width, end);
            let (open, close) = if end.starts_with('\\') { ("{\"pem\": \"", "\"}\n") } else { (end, "\n") };
            host(random, text, (&format!("x: |{open}"), close), "# ")
        });
    }
    batch.check();
}

#[test]
fn base64_twice() {
    let mut batch = Batch::new();
    batch.shape("twice", 9, |random, variant, key| {
        let before = random.between(0, 30) * 3 + variant % 3;
        let inner = behind(random, key, before).base64();
        let outside = random.between(1, 30) * 3 + variant / 3;
        let text = inner.within(random.words(outside), "\n").base64();
        data(random, text)
    });
    batch.shape("url-twice", 4, |random, _, key| {
        let text = around(random, key).base64url().within("x: ", "\n").base64url();
        data(random, text)
    });
    batch.shape("outer-wrapped", 5, |random, _, key| {
        let text = around(random, key).base64().base64().wrapped(76, "\n");
        host(random, text, ("\n", "\n"), "# ")
    });
    batch.shape("inner-wrapped", 5, |random, variant, key| {
        let text = behind(random, key, variant * 61).base64().wrapped(76, "\n").within("", "\n").base64();
        data(random, text)
    });
    batch.shape("in-a-query", 4, |random, _, key| {
        let text = around(random, key).within("~>?~>?", "~>?~>?").base64().percent(false);
        host(random, text, ("GET /x?state=", "&z=1\n"), "# ")
    });
    batch.shape("php-slashes", 4, |random, _, key| {
        let slashes = |byte| if byte == b'/' { "\\/".to_owned() } else { char::from(byte).to_string() };
        let text = key.within("??????", "????").base64();
        assert!(text.bytes.contains(&b'/'));
        let text = text.each(|_, byte| slashes(byte));
        host(random, text, ("{\"a\":\"", "\"}\n"), "# ")
    });
    batch.check();
}

/// Puts the key in the middle of fewer than `most` lines of text.
fn page(random: &mut Random, key: Text, most: usize) -> Text {
    let (before, behind) = (random.between(0, most), random.between(0, most));
    let (head, tail) = (random.lines(before, ""), random.lines(behind, ""));
    around(random, key).within(head, format!("\n{tail}"))
}

/// Number of lines that is too small for a damaged stream to be reported.
const MAX_LINES: usize = 30;

#[test]
fn compressed_in_base64() {
    let mut batch = Batch::new();
    batch.shape("gzip", 5, |random, _, key| {
        let text = page(random, key, MAX_LINES).gzip().base64();
        data(random, text)
    });
    for level in [1, 6, 9] {
        batch.shape(&format!("zlib-{level}"), 4, |random, _, key| {
            let text = page(random, key, MAX_LINES).zlib(level).base64();
            data(random, text)
        });
    }
    batch.shape("gzip-url", 3, |random, _, key| {
        let text = page(random, key, MAX_LINES).gzip().base64url();
        host(random, text, ("s=", "\n"), "# ")
    });
    batch.shape("gzip-wrapped", 4, |random, variant, key| {
        let end = ["\n", "\r\n", "\n    ", "\n  "][variant];
        let text = page(random, key, MAX_LINES).gzip().base64().wrapped(76, end);
        host(random, text, (&format!("x: |{end}"), "\n"), "# ")
    });
    batch.shape("helm-release", 3, |random, _, key| {
        let text = page(random, key, MAX_LINES).gzip().base64().base64();
        host(random, text, ("data:\n  release: ", "\ntype: helm.sh/release.v1\n"), "# ")
    });
    batch.shape("base64-in-gzip", 3, |random, _, key| {
        let inner = around(random, key).base64().within("#cloud-config\ncontent: ", "\n");
        let text = inner.gzip().base64();
        data(random, text)
    });
    batch.check();
}

#[test]
fn text_after_compressed_data_is_scanned() {
    let mut batch = Batch::new();
    for (name, end) in [("one-line", ""), ("wrapped", "\n"), ("indented", "\n  ")] {
        for behind in ["\n", "\nnext line\n", "\n  next: line\n", "\n\n"] {
            batch.shape(name, 4, |random, _, key| {
                let text = page(random, key, 300).gzip().base64();
                let text = if end.is_empty() { text } else { text.wrapped(76, end) };
                host(random, text, (&format!("x: |{end}"), behind), "# ")
            });
        }
    }
    batch.check();
}

#[test]
fn in_the_middle_of_large_base64() {
    let mut batch = Batch::new();
    for (name, end) in [("one-line", ""), ("wrapped", "\n")] {
        batch.shape(name, 3, |random, _, key| {
            let before = 110_000 + random.between(0, 999);
            let (head, tail) = (random.filler(before, true), random.filler(110_000, true));
            let text = key.within([&head[..], b"\nk="].concat(), [b"\n", &tail[..]].concat()).base64();
            let text = if end.is_empty() { text } else { text.wrapped(76, end) };
            host(random, text, ("d=\n", "\n"), "# ")
        });
    }
    batch.shape("compressed", 2, |random, _, key| {
        // Random letters are nearly incompressible, so the base64 is longer than a chunk.
        let noise = random.chars(crate::common::random::BASE62, 500_000);
        let text = key.within(noise.clone() + "\n", "\n").gzip().base64();
        assert!(text.bytes.len() > 400_000);
        data(random, text)
    });
    batch.check();
}
