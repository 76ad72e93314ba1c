//! Magic numbers of archives: those with a parser here, and those that are only detected. Dispatches on the first byte,
//! because every file is checked.

use super::Kind;

/// Returns the archive format of input that starts with `head`.
pub(super) fn archive(head: &[u8]) -> Option<Kind> {
    let starts = |mark: &[u8]| head.starts_with(mark);
    let kind = match head.first()? {
        b'P' if is_zip(head) => Kind::Zip,
        b'C' if starts(b"Cr24") && head.get(5..8) == Some(&[0; 3]) => Kind::Zip,
        b'7' if starts(b"7z\xBC\xAF\x27\x1C") => Kind::SevenZip,
        b'!' if starts(b"!<arch>\n") || starts(b"!<thin>\n") => Kind::Ar,
        b'0' | 0x71 | 0xC7 if super::cpio::is_header(head) => Kind::Cpio,
        0xED if starts(b"\xED\xAB\xEE\xDB") => Kind::Rpm,
        4 if super::asar::is_header(head) => Kind::Asar,
        _ => return super::foreign::sniff(head).map(Kind::Foreign),
    };
    Some(kind)
}

/// Accepts a first member, an empty archive, and the marker of an archive that was once split.
fn is_zip(head: &[u8]) -> bool {
    let bare = head.strip_prefix(b"PK00").or_else(|| head.strip_prefix(b"PK\x07\x08")).unwrap_or(head);
    bare.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") && head.len() >= 22
}

#[cfg(test)]
mod tests {
    use super::{Kind, archive};

    #[test]
    fn formats_are_detected() {
        let squashfs = [b"hsqs".as_slice(), &[1; 24], &[4, 0]].concat();
        let lha = [b"\x21\x33-lh5-".as_slice(), &[7; 13], &[0, 9]].concat();
        let foreign = [
            b"Rar!\x1A\x07\x00 ".as_slice(),
            b"Rar!\x1A\x07\x01\x00",
            b"MSCF\0\0\0\0",
            b"\x1F\x9D\x90a\x02",
            &squashfs,
            &lha,
        ];
        for head in foreign {
            assert!(matches!(archive(head), Some(Kind::Foreign(_))), "{head:?}");
        }
        assert_eq!(archive(b"7z\xBC\xAF\x27\x1C\0\x04"), Some(Kind::SevenZip));
        assert_eq!(archive(b"Cr24\x03\0\0\0"), Some(Kind::Zip));
        assert_eq!(archive(b"PK00PK\x03\x04"), Some(Kind::Zip));
    }

    #[test]
    fn text_is_not_detected_as_archive() {
        let texts = [
            "PK is short",
            "0707010 is a number",
            "Rar! he said",
            "MSCF",
            "a -lh5- option",
            "!<arch>",
            "7z",
            "hsqs",
        ];
        for text in texts {
            assert_eq!(archive(text.as_bytes()), None, "{text}");
        }
        assert_eq!(archive(b""), None);
    }
}
