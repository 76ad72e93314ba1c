//! Magic numbers of archives: those with a parser here, and those that are only detected. Dispatches on the first byte,
//! because every file is checked.

use super::{Foreign, Kind};

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
        _ => return foreign(head).map(Kind::Foreign),
    };
    Some(kind)
}

/// Accepts a first member, an empty archive, and the marker of an archive that was once split.
fn is_zip(head: &[u8]) -> bool {
    let bare = head.strip_prefix(b"PK00").or_else(|| head.strip_prefix(b"PK\x07\x08")).unwrap_or(head);
    bare.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") && head.len() >= 22
}

const RAR: Foreign = Foreign { name: "rar", title: "a RAR archive" };
const CAB: Foreign = Foreign { name: "cab", title: "a cabinet (CAB)" };
const WIM: Foreign = Foreign { name: "wim", title: "a Windows image (WIM)" };
const COMPRESS: Foreign = Foreign { name: "compress", title: "a file of compress (.Z)" };
const SQUASHFS: Foreign = Foreign { name: "squashfs", title: "a squashfs image" };
const XAR: Foreign = Foreign { name: "xar", title: "a xar archive (a macOS package)" };
const ACE: Foreign = Foreign { name: "ace", title: "an ACE archive" };
const LHA: Foreign = Foreign { name: "lha", title: "an LHA archive" };

/// All formats that are detected and not supported, sorted by name.
pub const FOREIGN: [Foreign; 8] = [ACE, CAB, COMPRESS, LHA, RAR, SQUASHFS, WIM, XAR];

fn foreign(head: &[u8]) -> Option<Foreign> {
    let starts = |mark: &[u8]| head.starts_with(mark);
    Some(match head.first()? {
        b'R' if starts(b"Rar!\x1A\x07\x00") || starts(b"Rar!\x1A\x07\x01\x00") => RAR,
        b'M' if starts(b"MSCF\0\0\0\0") => CAB,
        b'M' if starts(b"MSWIM\0\0\0") => WIM,
        0x1F if is_compress(head) => COMPRESS,
        b'h' if starts(b"hsqs") && head.get(28..30) == Some(&[4, 0]) => SQUASHFS,
        b'x' if starts(b"xar!\x00\x1C") => XAR,
        _ if head.get(7..14) == Some(b"**ACE**") => ACE,
        _ if is_lha(head) => LHA,
        _ => return None,
    })
}

/// The third byte contains the maximum code width, 9 to 16 bits, and a flag; the first code is always a literal byte.
fn is_compress(head: &[u8]) -> bool {
    let [0x1F, 0x9D, flags, _, code, ..] = head else { return false };
    flags & 0x60 == 0 && (9..=16).contains(&(flags & 0x1F)) && code & 1 == 0
}

/// Accepts `-lh5-` and related methods after two bytes, and a valid header level at its offset.
fn is_lha(head: &[u8]) -> bool {
    let Some([b'-', b'l', kind, method, b'-']) = head.get(2..7) else { return false };
    let known = *kind == b'h' && matches!(method, b'0'..=b'7' | b'd')
        || *kind == b'z' && matches!(method, b's' | b'4' | b'5');
    known && head.get(20).is_some_and(|level| *level <= 2)
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
