//! What something is, told by its first bytes; by its name only where a format has no mark of its own.

/// A kind of container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// gzip (RFC 1952), any number of members.
    Gzip,
    /// zlib (RFC 1950).
    Zlib,
    /// bzip2, any number of streams.
    Bzip2,
    /// xz, any number of streams.
    Xz,
    /// LZMA alone, the forerunner of xz.
    Lzma,
    /// lzip.
    Lzip,
    /// Zstandard (RFC 8878), any number of frames.
    Zstd,
    /// lz4 frames.
    Lz4,
    /// brotli (RFC 7932), known by its name only.
    Brotli,
    /// tar: ustar, pax, GNU, v7.
    Tar,
    /// zip and everything that is one under another name.
    Zip,
    /// 7z.
    SevenZip,
    /// Unix ar, with Debian packages.
    Ar,
    /// cpio: the "new" ASCII form, with and without checksums, and the old one.
    Cpio,
    /// A package of rpm.
    Rpm,
    /// An archive of Electron.
    Asar,
    /// A container that is known and not looked into; how a person calls it.
    Foreign(&'static str),
}

/// Bytes in a block of tar.
const BLOCK: usize = 512;

/// What content that begins with `head` is, if it is a container. `name` is its name, as far as known.
pub fn sniff(head: &[u8], name: &str) -> Option<Kind> {
    by_mark(head).or_else(|| is_tar(head).then_some(Kind::Tar)).or_else(|| {
        let brotli = name.len() > 3 && name[name.len() - 3..].eq_ignore_ascii_case(".br");
        brotli.then_some(Kind::Brotli)
    })
}

fn by_mark(head: &[u8]) -> Option<Kind> {
    let starts = |mark: &[u8]| head.starts_with(mark);
    Some(match head.first()? {
        0x1F if starts(b"\x1F\x8B\x08") => Kind::Gzip,
        _ => return super::marks::archive(head),
    })
}

/// Whether `head` begins with a header of tar whose checksum is right.
pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else { return false };
    let digits = block[148..156].iter().skip_while(|&&byte| byte == b' ');
    let digits: Vec<u8> = digits.copied().take_while(|byte| (b'0'..=b'7').contains(byte)).collect();
    if digits.is_empty() || block[0] == 0 && &block[257..262] != b"ustar" {
        return false;
    }
    let told = digits.iter().fold(0u64, |sum, digit| sum * 8 + u64::from(digit - b'0'));
    let sum = |byte: &u8| u64::from(*byte);
    let real: u64 = block[..148].iter().chain(&block[156..]).map(sum).sum::<u64>() + 8 * u64::from(b' ');
    real == told
}
