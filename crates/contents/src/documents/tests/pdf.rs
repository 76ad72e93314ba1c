//! PDF.

use super::{gzip, of, zlib};

fn object(number: u32, dictionary: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("{number} 0 obj\n<< {dictionary} /Length 1 >>\nstream\r\n");
    [head.as_bytes(), data, b"\nendstream\nendobj\n"].concat()
}

fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    [b"%PDF-1.7\n%\xE2\xE3\n".as_slice(), &objects.concat(), b"trailer << /Root 1 0 R >>\n%%EOF"].concat()
}

#[test]
fn streams_are_inflated() {
    let text = b"what stands in an object stream";
    let mut hex = data_encoding::HEXUPPER.encode(&zlib(text)).into_bytes();
    hex.push(b'>');
    let bytes = pdf(&[
        object(4, "/Type /ObjStm /Filter /FlateDecode", &zlib(text)),
        object(5, "/Filter[/ASCIIHexDecode/FlateDecode]", &hex),
        object(6, "/Subtype /Image /Filter /FlateDecode", &zlib(text)),
        object(7, "/Length1 20 /Filter /FlateDecode", &zlib(text)),
        object(8, "/Filter /DCTDecode", text),
        object(9, "/Type /EmbeddedFile", &gzip(text)),
        object(10, "/Type /Metadata", b"plain text"),
        object(11, "/Filter /FlateDecode", &zlib(text)[..12]),
        object(12, "/Filter /Fl", &zlib(text)),
        object(13, "/Filter /New", text),
    ]);
    let kept = of(&bytes, "");
    assert_eq!(kept.names(), ["object 4", "object 5", "object 9", "object 11", "object 12"]);
    for name in ["object 4", "object 5", "object 12"] {
        assert_eq!(kept.text(name).as_bytes(), text, "{name}");
    }
    let embedded = &kept.members[2].1;
    assert!(embedded.starts_with(&gzip(text)), "{embedded:?}");
    assert!(kept.unseen[0].starts_with("object 11: "), "{:?}", kept.unseen);
    assert_eq!(kept.unseen[1], "object 13: uses an unsupported filter");
}

#[test]
fn split_text_is_joined() {
    let page = br"BT /F1 12 Tf 72 700 Td [(KEY)-20(0\061)3(<9A)-300(next)] TJ 0 -14 Td (second \(line\)) Tj
        <4B4559> Tj 10 0 Td ( go\
es on) Tj T* (last) Tj ET % (comment) Tj";
    let plain = b"BT (one line) Tj ET";
    let bytes = pdf(&[
        object(1, "/Filter /FlateDecode", &zlib(page)),
        object(2, "/Filter /FlateDecode", &zlib(plain)),
        object(3, "", page),
    ]);
    let kept = of(&bytes, "");
    assert_eq!(kept.names(), ["object 1", "object 1 text", "object 2", "object 3 text"]);
    let text = "KEY01<9A next\nsecond (line)KEY goes on\nlast";
    assert_eq!(kept.text("object 1 text"), text);
    assert_eq!(kept.text("object 3 text"), text);
}

#[test]
fn encrypted_documents_are_reported() {
    let mut bytes = pdf(&[object(1, "/Filter /FlateDecode", b"secret")]);
    bytes.extend(b"trailer << /Encrypt 12 0 R >>");
    let kept = of(&bytes, "");
    assert_eq!(kept.unseen, [": the PDF is encrypted"]);
}

#[test]
fn strings_in_utf_16_are_decoded() {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let hex = |text: &str| data_encoding::HEXUPPER.encode(&[b"\xFE\xFF".to_vec(), wide(text)].concat());
    let literal =
        [b"/Author (\xFE\xFF".as_slice(), &wide("KEY(2")[..7], b"\\", &wide("KEY(2")[7..], b") "].concat();
    let octal = b"/Keywords (\\376\\377\\000K\\000\\105) /Title (plain)";
    let info =
        [format!("1 0 obj << /Title <{}> ", hex("KEY01")).as_bytes(), &literal, octal, b">>\n"].concat();
    let inner = format!("2 0 << /Contents <{}> >>", hex("é note").to_ascii_lowercase());
    let bytes = pdf(&[info, object(4, "/Type /ObjStm /Filter /FlateDecode", &zlib(inner.as_bytes()))]);
    let kept = of(&bytes, "");
    assert_eq!(kept.names(), ["strings", "object 4", "object 4 strings"]);
    assert_eq!(kept.text("strings"), "KEY01\nKEY(2\nKE\n");
    assert_eq!(kept.text("object 4 strings"), "é note\n");
}
