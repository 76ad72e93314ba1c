//! cpio in its ASCII formats ("newc" with and without checksums, and "odc") and its binary format in both byte orders.
//! Several archives may follow each other, the later ones compressed, as in the initial file system of Linux
//! (initramfs). Own parser and not the `cpio` crate, because the members are streamed and damage is tolerated.

use std::io::{self, Read};

use super::metadata::MetadataBuffer;
use super::peek_reader::{PeekReader, Section, damaged};
use super::{Budget, Sink};
use crate::input::{Content, Stream};

/// Length of the fixed part of a header in each format, in bytes.
const NEWC_HEADER_BYTES: usize = 110;
const ODC_HEADER_BYTES: usize = 76;
const BINARY_HEADER_BYTES: usize = 26;
/// Maximum length of a name, in bytes.
const MAX_NAME_BYTES: u64 = 64 << 10;
/// The name that ends an archive.
const TRAILER: &[u8] = b"TRAILER!!!";
/// Mask of the file type in a mode, and the type of regular files.
const FILE_TYPE_MASK: u64 = 0o170_000;
const REGULAR_FILE: u64 = 0o100_000;

/// The fields of a header.
struct Header {
    /// Length of the fixed part in bytes.
    length: usize,
    mode: u64,
    /// Length of the name in bytes, including the NUL.
    name: u64,
    /// Size of the content in bytes.
    size: u64,
    /// Name and content are padded to a multiple of this.
    multiple: u64,
}

impl Header {
    /// Parses the header at the start of `bytes`.
    fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes.get(..6)? {
            b"070701" | b"070702" => {
                let field = |index: usize| digits(bytes.get(6 + 8 * index..)?.get(..8)?, 16);
                bytes.get(..NEWC_HEADER_BYTES)?;
                let (mode, size, name) = (field(1)?, field(6)?, field(11)?);
                Some(Self { length: NEWC_HEADER_BYTES, mode, name, size, multiple: 4 })
            }
            b"070707" => {
                let field = |at: usize, length: usize| digits(bytes.get(at..at + length)?, 8);
                bytes.get(..ODC_HEADER_BYTES)?;
                let (mode, name, size) = (field(18, 6)?, field(59, 6)?, field(65, 11)?);
                Some(Self { length: ODC_HEADER_BYTES, mode, name, size, multiple: 1 })
            }
            [0xC7, 0x71, ..] => Self::binary(bytes, u16::from_le_bytes),
            [0x71, 0xC7, ..] => Self::binary(bytes, u16::from_be_bytes),
            _ => None,
        }
    }

    fn binary(bytes: &[u8], number: fn([u8; 2]) -> u16) -> Option<Self> {
        bytes.get(..BINARY_HEADER_BYTES)?;
        let word = |index: usize| Some(u64::from(number(*bytes.get(2 * index..)?.first_chunk()?)));
        // The upper half of a 32-bit number comes first in either byte order.
        let size = word(11)? << 16 | word(12)?;
        Some(Self { length: BINARY_HEADER_BYTES, mode: word(3)?, name: word(10)?, size, multiple: 2 })
    }

    /// Returns the length of header and name in bytes, with padding.
    fn padded_length(&self) -> u64 {
        (self.length as u64 + self.name).next_multiple_of(self.multiple)
    }
}

/// Returns whether `head` starts with a plausible header: a known file type, and a name that ends where the header
/// says, as far as `head` reaches.
pub(super) fn is_header(head: &[u8]) -> bool {
    let Some(header) = Header::parse(head) else { return false };
    let known = matches!(header.mode >> 12, 0 | 1 | 2 | 4 | 6 | 8 | 10 | 12);
    let Some(length) = usize::try_from(header.name).ok().filter(|length| (2..=4096).contains(length)) else {
        return false;
    };
    let name = &head[header.length..];
    let name = &name[..length.min(name.len())];
    let end = name.iter().position(|byte| *byte == 0);
    known && end.is_none_or(|end| end == length - 1) && (end.is_some() || name.len() < length)
}

/// Hands the members of cpio archives to `sink`, and their headers as metadata. Data after the last archive goes to the
/// sink as a member without a name.
///
/// # Errors
/// Returns an error if a header is damaged (the rest goes to the sink as metadata), if the archive ends early, or if a
/// limit is exceeded.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut reader = Reader { ahead: PeekReader::new(input, 0), metadata: MetadataBuffer::default() };
    let mut result = Ok(true);
    while matches!(result, Ok(true)) {
        result = reader.next(budget, sink);
    }
    reader.metadata.finish(sink);
    result.map(|_| ())
}

struct Reader<R> {
    ahead: PeekReader<R>,
    metadata: MetadataBuffer,
}

impl<R: Read> Reader<R> {
    /// Reads one member. Returns false at the end.
    fn next(&mut self, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<bool> {
        let at = self.ahead.offset();
        let ready = self.ahead.peek(NEWC_HEADER_BYTES)?;
        if ready.is_empty() {
            return Err(damaged("it ends without a trailer, as if cut off"));
        }
        let Some(header) = Header::parse(ready).filter(|header| (1..=MAX_NAME_BYTES).contains(&header.name))
        else {
            self.metadata.rest(&mut self.ahead, sink)?;
            return Err(damaged(&format!("the header at byte {at} is damaged")));
        };
        let whole = usize::try_from(header.padded_length()).unwrap_or(usize::MAX);
        let bytes = self.ahead.peek_exactly(whole)?;
        let name = &bytes[header.length..];
        let name = &name[..name.iter().position(|byte| *byte == 0).unwrap_or(name.len())];
        let (title, last) = (super::name(name), name == TRAILER);
        self.metadata.header(at, bytes, sink);
        self.ahead.advance(whole);
        if last {
            self.ahead.skip(header.size)?;
            return self.after_trailer(budget, sink);
        }
        self.content(&header, &title, budget, sink)?;
        Ok(true)
    }

    fn content(
        &mut self,
        header: &Header,
        name: &str,
        budget: &Budget<'_>,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        budget.entry()?;
        if header.mode & FILE_TYPE_MASK == REGULAR_FILE {
            let mut part = Section::new(&mut self.ahead, header.size);
            sink.member(name, &mut Stream(&mut part));
            part.finish()?;
        } else {
            // At most the target of a link.
            self.metadata.part(&mut self.ahead, header.size, sink)?;
        }
        let padding = header.size.next_multiple_of(header.multiple) - header.size;
        let there = self.ahead.peek(4)?.len() as u64;
        self.ahead.skip(padding.min(there))
    }

    /// Continues after a trailer: zeros, then another archive, or other data. Returns false when all is done.
    fn after_trailer(&mut self, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<bool> {
        loop {
            let ready = self.ahead.ready()?;
            if ready.is_empty() {
                return Ok(false);
            }
            let zeros = ready.iter().take_while(|byte| **byte == 0).count();
            if zeros == 0 {
                break;
            }
            self.ahead.advance(zeros);
        }
        if is_header(self.ahead.peek(NEWC_HEADER_BYTES + 4096)?) {
            return Ok(true);
        }
        budget.entry()?;
        sink.member("", &mut Stream(&mut self.ahead));
        Ok(false)
    }
}

fn digits(bytes: &[u8], radix: u32) -> Option<u64> {
    let valid = bytes.iter().all(|byte| char::from(*byte).is_digit(radix));
    u64::from_str_radix(std::str::from_utf8(bytes).ok().filter(|_| valid)?, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all_ways, recorded};
    use super::is_header;
    use crate::unpack::Kind;

    fn newc(name: &str, mode: u32, content: &[u8]) -> Vec<u8> {
        let fields = [1, mode, 0, 0, 1, 0, content.len() as u32, 0, 0, 0, 0, name.len() as u32 + 1, 0];
        let mut out = b"070701".to_vec();
        fields.iter().for_each(|field| out.extend_from_slice(format!("{field:08X}").as_bytes()));
        out.extend_from_slice(name.as_bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    fn odc(name: &str, content: &[u8]) -> Vec<u8> {
        let (length, size) = (name.len() + 1, content.len());
        let mut out = format!("070707{:06o}{:06o}{:06o}", 0, 1, 0o100_644).into_bytes();
        out.extend_from_slice(format!("{:06o}{:06o}{:06o}{:06o}{:011o}", 0, 0, 1, 0, 0).as_bytes());
        out.extend_from_slice(format!("{length:06o}{size:011o}{name}\0").as_bytes());
        out.extend_from_slice(content);
        out
    }

    fn binary(name: &str, content: &[u8], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let (length, size) = (name.len() as u16 + 1, content.len() as u16);
        let words = [0o070_707, 0, 1, 0o100_644, 0, 0, 1, 0, 0, 0, length, 0, size];
        let mut out: Vec<u8> = words.into_iter().flat_map(bytes).collect();
        out.extend_from_slice(name.as_bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(2), 0);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(2), 0);
        out
    }

    fn sample() -> Vec<u8> {
        let archive = [
            newc("a", 0o040_755, b""),
            newc("a/one.txt", 0o100_644, b"first"),
            newc("link", 0o120_777, b"a/one.txt"),
            newc("a/two", 0o100_644, b""),
            newc("TRAILER!!!", 0, b""),
        ];
        archive.concat()
    }

    #[test]
    fn all_formats_and_concatenated_archives() {
        let more = [odc("old", b"third"), odc("TRAILER!!!", b"")].concat();
        let little = [binary("le", b"abc", u16::to_le_bytes), binary("TRAILER!!!", b"", u16::to_le_bytes)];
        let big = [binary("be", b"defg", u16::to_be_bytes), binary("TRAILER!!!", b"", u16::to_be_bytes)];
        let parts =
            [sample(), vec![0; 512], more, little.concat(), big.concat(), vec![0; 8], b"rest".to_vec()];
        let record = all_ways(Kind::Cpio, &parts.concat());
        let expected = [
            ("a/one.txt", "first"),
            ("a/two", ""),
            ("old", "third"),
            ("le", "abc"),
            ("be", "defg"),
            ("", "rest"),
        ];
        assert_eq!(record.texts(), expected);
        assert_eq!(record.error, None);
    }

    #[test]
    fn headers_are_detected_and_numbers_are_not() {
        for head in
            [sample(), odc("x", b""), binary("y", b"", u16::to_le_bytes), binary("y", b"", u16::to_be_bytes)]
        {
            assert!(is_header(&head));
        }
        assert!(!is_header(b"070701 is a number"));
        assert!(!is_header(&[b"070701".as_slice(), &[b'0'; 200]].concat()));
        assert!(!is_header(&[0xC7, 0x71].repeat(40)));
    }

    #[test]
    fn missing_trailer_is_reported() {
        let record = recorded(Kind::Cpio, &newc("one", 0o100_600, b"text"));
        assert_eq!(record.texts(), [("one", "text")]);
        assert!(record.error.is_some_and(|error| error.contains("trailer")));
    }
}
