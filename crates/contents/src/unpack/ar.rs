//! ar: static libraries, and Debian packages, whose members are archives themselves. Supports the long names of GNU
//! (`//`) and BSD (`#1/`), and thin archives, which contain no members. Own parser and not the `ar` crate,
//! because the names go to the search and damage is tolerated.

use std::io::{self, Read};

use super::metadata::MetadataBuffer;
use super::peek_reader::{PeekReader, Section, damaged};
use super::{Budget, Sink};
use crate::input::{Content, Stream};

/// Length of the magic number of a regular and of a thin archive, in bytes.
const MAGIC_BYTES: usize = 8;
const THIN_MAGIC: &[u8] = b"!<thin>\n";
/// Length of a member header in bytes.
const HEADER_BYTES: usize = 60;
/// Maximum size of the table of long names that is kept, in bytes. Names after it are displayed as their offset.
const MAX_TABLE_BYTES: u64 = 4 << 20;
/// Maximum length of a BSD name, which follows the header, in bytes.
const MAX_NAME_BYTES: u64 = 64 << 10;

/// Hands the members of an ar archive to `sink`, and its headers and tables as metadata.
///
/// # Errors
/// Returns an error if a header is damaged (the rest goes to the sink as metadata), if the archive ends early, or if a
/// limit is exceeded.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut ahead = PeekReader::new(input, 0);
    let thin = ahead.peek_exactly(MAGIC_BYTES)? == THIN_MAGIC;
    ahead.advance(MAGIC_BYTES);
    let mut reader = Reader { ahead, metadata: MetadataBuffer::default(), names: Vec::new(), thin };
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
    /// The table of long names.
    names: Vec<u8>,
    thin: bool,
}

impl<R: Read> Reader<R> {
    /// Reads one member. Returns false at the end.
    fn next(&mut self, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<bool> {
        let at = self.ahead.offset();
        let ready = self.ahead.peek(HEADER_BYTES)?;
        if ready.iter().all(|byte| *byte == b'\n' || *byte == 0) && ready.len() < HEADER_BYTES {
            return Ok(false);
        }
        let header = ready.first_chunk::<HEADER_BYTES>().copied();
        let Some((name, mut size)) = header.as_ref().and_then(parse) else {
            self.metadata.rest(&mut self.ahead, sink)?;
            return Err(damaged(&format!("the header at byte {at} is damaged")));
        };
        self.metadata.header(at, header.as_ref().map_or(&[], |header| header), sink);
        self.ahead.advance(HEADER_BYTES);
        let padded = size & 1;
        match name {
            b"//" => self.table(size, sink)?,
            b"/" | b"/SYM64/" => self.metadata.part(&mut self.ahead, size, sink)?,
            _ => {
                let name = self.name(name, &mut size, sink)?;
                budget.entry()?;
                if self.thin {
                    sink.unseen(&name, "not in the thin archive, which only references it");
                    return Ok(true);
                }
                let mut part = Section::new(&mut self.ahead, size);
                sink.member(&name, &mut Stream(&mut part));
                part.finish()?;
            }
        }
        // The padding byte may be missing at the very end.
        if padded == 1 && !self.ahead.ready()?.is_empty() {
            self.ahead.advance(1);
        }
        Ok(true)
    }

    fn table(&mut self, size: u64, sink: &mut dyn Sink) -> io::Result<()> {
        let at = self.ahead.offset();
        let kept = size.min(MAX_TABLE_BYTES);
        self.names.clear();
        Section::new(&mut self.ahead, kept).read_to_end(&mut self.names)?;
        self.metadata.add(at, &self.names, sink);
        self.metadata.part(&mut self.ahead, size - kept, sink)
    }

    /// Returns the name of a member for display. Subtracts a name stored before the data from `size`.
    fn name(&mut self, name: &[u8], size: &mut u64, sink: &mut dyn Sink) -> io::Result<String> {
        if let Some(length) = name.strip_prefix(b"#1/").and_then(decimal) {
            if length > MAX_NAME_BYTES || length > *size {
                return Err(damaged("a member name is longer than 64 KiB"));
            }
            *size -= length;
            let at = self.ahead.offset();
            let mut bytes = Vec::new();
            Section::new(&mut self.ahead, length).read_to_end(&mut bytes)?;
            self.metadata.header(at, &bytes, sink);
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            return Ok(super::name(&bytes[..end]));
        }
        let at = name.strip_prefix(b"/").and_then(decimal).and_then(|at| usize::try_from(at).ok());
        let long = at.and_then(|at| self.names.get(at..)).filter(|names| !names.is_empty());
        let whole = match long {
            Some(names) => names.split(|byte| *byte == b'\n').next().unwrap_or(names),
            None => name,
        };
        let whole = &whole[..whole.len().min(64 << 10)];
        Ok(super::name(whole.strip_suffix(b"/").filter(|name| !name.is_empty()).unwrap_or(whole)))
    }
}

/// Returns the name and the size in a header.
fn parse(header: &[u8; HEADER_BYTES]) -> Option<(&[u8], u64)> {
    let size = decimal(&header[48..58]).filter(|_| header.ends_with(b"`\n"))?;
    Some((header[..16].trim_ascii_end(), size))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits.trim_ascii_end()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all_ways, recorded};
    use crate::unpack::Kind;

    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let mut out =
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, content.len()).into_bytes();
        out.extend_from_slice(content);
        out.extend_from_slice(&b"\n"[..content.len() % 2]);
        out
    }

    fn sample() -> Vec<u8> {
        let long = b"a-name-longer-than-sixteen.txt/\nanother-long-name-of-a-member.o/\n";
        [
            b"!<arch>\n".to_vec(),
            member("/", b"symbols"),
            member("//", long),
            member("debian-binary", b"2.0\n"),
            member("short.o/", b"one"),
            member("/0", b"two"),
            member("/32", b""),
            member("#1/8", b"bsd.txt\0four"),
        ]
        .concat()
    }

    #[test]
    fn all_name_formats_are_parsed() {
        let record = all_ways(Kind::Ar, &sample());
        let expected = [
            ("debian-binary", "2.0\n"),
            ("short.o", "one"),
            ("a-name-longer-than-sixteen.txt", "two"),
            ("another-long-name-of-a-member.o", ""),
            ("bsd.txt", "four"),
        ];
        assert_eq!(record.texts(), expected);
        assert!(record.own_text().contains("symbols"));
        assert_eq!(record.error, None);
    }

    #[test]
    fn thin_archives_have_no_members() {
        let thin = [b"!<thin>\n".to_vec(), member("//", b"x.o/\n\n"), member("/0", b"")].concat();
        let record = recorded(Kind::Ar, &thin);
        assert_eq!(
            record.unseen,
            [("x.o".to_owned(), "not in the thin archive, which only references it".to_owned())]
        );
    }

    #[test]
    fn rest_after_damaged_header_is_metadata() {
        let mut bytes = sample();
        bytes.extend_from_slice(&[b'x'; 70]);
        let record = recorded(Kind::Ar, &bytes);
        assert!(record.own_text().contains("xxxxxxxxx"));
        assert!(record.error.is_some_and(|error| error.contains("header")));
    }
}
