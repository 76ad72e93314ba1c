//! Table of the formats that are detected and not supported; a new format is one row. Such files are reported as
//! skipped, and their raw bytes are scanned.

use flate2::Crc;
use memchr::memchr;

use super::Foreign;
use super::peek_reader::{u16_at, u32_at};

/// A format with its magic number and a further check.
struct Format {
    what: Foreign,
    mark: &'static [u8],
    is: fn(&[u8]) -> bool,
}

const fn format(
    name: &'static str,
    title: &'static str,
    mark: &'static [u8],
    is: fn(&[u8]) -> bool,
) -> Format {
    Format { what: Foreign { name, title }, mark, is }
}

/// The check of formats whose magic number is sufficient.
fn always(_: &[u8]) -> bool {
    true
}

/// All formats, sorted by name. An empty magic number means that the format has none at its start.
static FORMATS: [Format; 29] = [
    format("ace", "an ACE archive", b"", |head| head.get(7..14) == Some(b"**ACE**")),
    format("alz", "an ALZ archive", b"ALZ\x01", always),
    format("arc", "a FreeArc archive", b"ArC\x01", always),
    format("arj", "an ARJ archive", b"\x60\xEA", is_arj),
    format("cab", "a cabinet (CAB)", b"MSCF\0\0\0\0", always),
    format("compress", "a file of compress (.Z)", b"\x1F\x9D", is_compress),
    format("egg", "an EGG archive", b"EGGA", is_binary),
    format("erofs", "an EROFS image", b"", |head| head.get(1024..1028) == Some(b"\xE2\xE1\xF5\xE0")),
    format("grzip", "a GRZip file", b"GRZipII\0", always),
    format("journal", "a journal of systemd with lz4", b"LPKSHHRH", |head| flag(head, 12, 2)),
    format("lha", "an LHA archive", b"", is_lha),
    format("lrzip", "an lrzip file", b"LRZI", is_binary),
    format("lzfse", "an LZFSE file", b"bvx", |head| {
        matches!(head.get(3), Some(b'1' | b'2' | b'n')) && is_binary(head)
    }),
    format("lzop", "an lzop file", b"\x89LZO\0\r\n\x1A\n", always),
    format("orc", "an ORC file", b"ORC", is_binary),
    format("parquet", "a Parquet file", b"PAR1", is_binary),
    format("pbzx", "a pbzx file", b"pbzx", is_binary),
    format("pst", "a mail store of Outlook (PST)", b"!BDN", is_binary),
    format("qcow2", "a qcow2 disk image", b"QFI\xFB", always),
    format("rar", RAR.title, b"Rar!\x1A\x07", |head| matches!(head.get(6..), Some([0, ..] | [1, 0, ..]))),
    format("rzip", "an rzip file", b"RZIP", is_binary),
    format("squashfs", "a squashfs image", b"hsqs", |head| head.get(28..30) == Some(&[4, 0])),
    format("stuffit", "a StuffIt archive", b"SIT!", is_binary),
    format("swf", "a Flash file that is compressed with LZMA", b"ZWS", is_binary),
    format("ubifs", "a UBIFS image", b"\x31\x18\x10\x06", always),
    format("wim", "a Windows image (WIM)", b"MSWIM\0\0\0", always),
    format("xar", "a xar archive (a macOS package)", b"xar!\x00\x1C", always),
    format("zoo", "a ZOO archive", b"ZOO ", |head| head.get(20..24) == Some(b"\xDC\xA7\xC4\xFD")),
    format("zpaq", "a zpaq archive", b"7kSt\xA0", always),
];

/// RAR, which also occurs after a program.
pub(super) const RAR: Foreign = Foreign { name: "rar", title: "a RAR archive" };

/// Returns the unsupported format of content that starts with `head`, if any.
pub(super) fn sniff(head: &[u8]) -> Option<Foreign> {
    let first = head.first()?;
    let begins = |mark: &[u8]| mark.first().is_none_or(|byte| byte == first && head.starts_with(mark));
    let found = FORMATS.iter().find(|format| begins(format.mark) && (format.is)(head));
    found.map(|format| format.what)
}

/// Returns all unsupported formats, sorted by name.
pub(super) fn all() -> impl Iterator<Item = Foreign> {
    FORMATS.iter().map(|format| format.what)
}

/// Returns the names of all unsupported formats, sorted.
pub fn foreign_names() -> Vec<&'static str> {
    all().map(|what| what.name).collect()
}

/// Returns whether the first bytes are binary data.
fn is_binary(head: &[u8]) -> bool {
    memchr(0, &head[..head.len().min(64)]).is_some()
}

fn flag(head: &[u8], at: usize, bit: u32) -> bool {
    u32_at(head, at).is_some_and(|flags| flags & bit != 0)
}

/// The third byte holds the maximum code width, 9 to 16 bits, and one flag; the first code is always a byte value.
fn is_compress(head: &[u8]) -> bool {
    let [0x1F, 0x9D, flags, _, code, ..] = head else { return false };
    flags & 0x60 == 0 && (9..=16).contains(&(flags & 0x1F)) && code & 1 == 0
}

/// A method such as `-lh5-` is at offset 2, and the header level is at offset 20.
fn is_lha(head: &[u8]) -> bool {
    let Some([b'-', b'l', kind, method, b'-']) = head.get(2..7) else { return false };
    let known = *kind == b'h' && matches!(method, b'0'..=b'7' | b'd')
        || *kind == b'z' && matches!(method, b's' | b'4' | b'5');
    known && head.get(20).is_some_and(|level| *level <= 3)
}

/// The size of the first header follows the magic number, and its checksum follows the header.
fn is_arj(head: &[u8]) -> bool {
    let Some(size) = u16_at(head, 2).map(usize::from).filter(|size| (30..=2600).contains(size)) else {
        return false;
    };
    let mut crc = Crc::new();
    crc.update(head.get(4..4 + size).unwrap_or_default());
    u32_at(head, 4 + size) == Some(crc.sum())
}
