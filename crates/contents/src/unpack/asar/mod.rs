//! asar, the archive format of Electron: lengths written by Chromium's Pickle, a header in JSON, and the concatenated
//! files. Files marked as unpacked in the header are stored in a directory next to the archive, as ordinary files.
//! Own parser and not the `asar` crate, because the files are streamed and damage is tolerated.

mod listing;

use std::io::{self, Read};

use self::listing::{File, Listing};
use super::metadata::MetadataBuffer;
use super::peek_reader::{PeekReader, Section, damaged, u32_at};
use super::{Budget, Sink};
use crate::input::{Content, Stream};

/// Bytes before the JSON.
const INTRO_BYTES: usize = 16;
/// Maximum length of the header, in bytes.
const MAX_HEADER_BYTES: u32 = 64 << 20;

/// The lengths in the first 16 bytes.
struct Intro {
    /// Length of the JSON in bytes.
    json: u32,
    /// Offset of the first file.
    data: u64,
}

impl Intro {
    /// Parses the lengths. They are redundant, and must agree up to the padding.
    fn parse(head: &[u8]) -> Option<Self> {
        let [four, outer, inner, json] = [0, 4, 8, 12].map(|at| u32_at(head, at));
        let (outer, inner, json) = (outer?, inner?, json?);
        let fits = four? == 4
            && outer.checked_sub(4) == Some(inner)
            && inner
                .checked_sub(4)
                .and_then(|room| room.checked_sub(json))
                .is_some_and(|padding| padding < 4);
        fits.then_some(Self { json, data: 8 + u64::from(outer) })
    }
}

/// Returns whether `head` starts with the lengths of an archive and with JSON.
pub(super) fn is_header(head: &[u8]) -> bool {
    head.get(INTRO_BYTES) == Some(&b'{') && Intro::parse(head).is_some()
}

/// Hands the files of an asar archive to `sink`, and its header as metadata.
///
/// # Errors
/// Returns an error if the header is damaged or too long, if the archive ends early, or if a limit is exceeded.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let (mut ahead, mut metadata) = (PeekReader::new(input, 0), MetadataBuffer::default());
    let result = read_files(&mut ahead, &mut metadata, budget, sink);
    metadata.finish(sink);
    result
}

fn read_files<R: Read>(
    ahead: &mut PeekReader<R>,
    metadata: &mut MetadataBuffer,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let intro =
        Intro::parse(ahead.peek_exactly(INTRO_BYTES)?).ok_or_else(|| damaged("its header is damaged"))?;
    if intro.json > MAX_HEADER_BYTES {
        metadata.rest(ahead, sink)?;
        return Err(damaged("its header is longer than 64 MiB"));
    }
    ahead.advance(INTRO_BYTES);
    let mut json =
        HeaderTee { at: ahead.offset(), part: Section::new(ahead, intro.json.into()), metadata, sink };
    let (listing, error) = Listing::read(io::BufReader::new(&mut json));
    // The bytes that the parser left, so that the sink gets the whole header.
    io::copy(&mut json, &mut io::sink())?;
    // The padding of the header.
    metadata.part(ahead, intro.data.saturating_sub(ahead.offset()), sink)?;
    let mut unowned = 0;
    for file in &listing.files {
        unowned += file_at(file, (intro.data, listing.path(file)), ahead, metadata, budget, sink)?;
    }
    let end = ahead.offset();
    metadata.rest(ahead, sink)?;
    unowned += ahead.offset() - end;
    match error {
        Some(error) => Err(damaged(&error)),
        // They may be the rest of a file whose size was changed; a secret split between both would not be found.
        None if unowned > 0 => Err(damaged(&format!("{unowned} bytes of it belong to no file"))),
        None => Ok(()),
    }
}

/// Reads the file, unless its start was already passed. Returns the number of bytes before it that belong to no file.
#[expect(clippy::too_many_arguments, reason = "the parts of a reader that borrows its header")]
fn file_at<R: Read>(
    file: &File,
    (data, path): (u64, &str),
    ahead: &mut PeekReader<R>,
    metadata: &mut MetadataBuffer,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<u64> {
    budget.entry()?;
    let gap = data.checked_add(file.offset).and_then(|begin| begin.checked_sub(ahead.offset()));
    match gap {
        _ if file.size == 0 => sink.member(path, &mut Stream(io::empty())),
        Some(gap) => {
            metadata.part(ahead, gap, sink)?;
            let mut part = Section::new(ahead, file.size);
            sink.member(path, &mut Stream(&mut part));
            part.finish()?;
            return Ok(gap);
        }
        None => sink.unseen(path, "overlaps another file of the archive, or is outside of it"),
    }
    Ok(0)
}

/// The header on its way to the parser, copied to the sink as metadata.
struct HeaderTee<'s, R> {
    at: u64,
    part: Section<'s, R>,
    metadata: &'s mut MetadataBuffer,
    sink: &'s mut dyn Sink,
}

impl<R: Read> Read for HeaderTee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.part.read(buffer)?;
        self.metadata.add(self.at, &buffer[..count], self.sink);
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all_ways, recorded};
    use crate::unpack::Kind;

    fn archive(json: &str, data: &[u8]) -> Vec<u8> {
        let length = json.len() as u32;
        let inner = 4 + length.next_multiple_of(4);
        let mut out: Vec<u8> = [4, inner + 4, inner, length].into_iter().flat_map(u32::to_le_bytes).collect();
        out.extend_from_slice(json.as_bytes());
        out.resize(8 + inner as usize + 4, 0);
        out.extend_from_slice(data);
        out
    }

    #[test]
    fn files_are_read_in_offset_order() {
        let json = r#"{"files":{"a":{"files":{"late.js":{"size":4,"offset":"5","integrity":{"hash":"x"}},
            "empty":{"offset":"0","size":0}}},"first.js":{"size":5,"offset":"0","executable":true},
            "out.node":{"size":9,"unpacked":true},"link":{"link":"first.js"}}}"#;
        let record = all_ways(Kind::Asar, &archive(json, b"firstlate"));
        assert_eq!(record.texts(), [("a/empty", ""), ("first.js", "first"), ("a/late.js", "late")]);
        assert!(record.own_text().contains("out.node"));
        assert_eq!((record.unseen, record.error), (vec![], None));
    }

    #[test]
    fn gaps_are_reported_and_scanned() {
        for (first, second, left) in [(4, 5, "1 bytes"), (5, 5, "2 bytes"), (3, 4, "2 bytes")] {
            let json = format!(
                r#"{{"files":{{"a":{{"size":{first},"offset":"0"}},"b":{{"size":2,"offset":"{second}"}}}}}}"#
            );
            let data = &b"firstup--"[..if first == 5 { 9 } else { 7 }];
            let record = recorded(Kind::Asar, &archive(&json, data));
            assert!(record.error.as_ref().is_some_and(|error| error.contains(left)), "{:?}", record.error);
        }
    }

    #[test]
    fn overlapping_files_are_reported() {
        let json = r#"{"files":{"a":{"size":4,"offset":"0"},"b":{"size":4,"offset":"2"},"c":{"size":1,"offset":"18446744073709551615"}}}"#;
        let record = recorded(Kind::Asar, &archive(json, b"abcdef"));
        assert_eq!(record.texts(), [("a", "abcd")]);
        let names: Vec<_> = record.unseen.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["b", "c"]);
    }

    #[test]
    fn deep_and_broken_headers_are_errors() {
        let deep = r#"{"files":{"d":"#.repeat(2000);
        for json in [deep.as_str(), "{", r#"{"files":{"a":{"size":-1,"offset":"0"}}}"#, r#"{"files":7}"#] {
            let record = recorded(Kind::Asar, &archive(json, b"content behind"));
            assert!(record.error.is_some_and(|error| error.contains("header")), "{json:.40}");
        }
    }
}
