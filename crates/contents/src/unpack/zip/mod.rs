//! zip, and all formats that are zip files under another name, with or without data before the archive. Reads the bytes
//! once and in order, from local header to local header: so it can stream inside any other archive, does not need the
//! directory, and overlapping members cannot multiply the work. The directory at the end is only compared with the
//! members found. Own parser and not the `zip` or `rc-zip` crate, which start from that directory: an archive inside
//! another has no random access, and a truncated one has no directory.

mod corrections;
mod directory;
mod header;
mod method;

use std::cell::Cell;
use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use flate2::{Crc, Decompress};
use memchr::memmem;

use self::corrections::{Correction, Corrections};
use self::directory::{Directory, Missing};
use self::header::{Central, Local};
use self::method::Span;
use super::metadata::MetadataBuffer;
use super::peek_reader::{PeekReader, damaged, u16_at, u32_at, u64_at};
use super::{Budget, Sink};
use crate::input::{Content, ReadSeek, Stream};

/// Reported when a member was not found.
const NOT_FOUND: &str = "listed in the directory, but not found at the given offset";
/// Reported when the size or the CRC-32 of a member does not match.
const CHECKSUM_MISMATCH: &str = "its checksum does not match; the data was scanned anyway";
/// Reported when the descriptor with the checksum of a member is missing.
const CHECKSUM_MISSING: &str = "the record with its checksum is damaged; the data was scanned anyway";

/// Hands the members of a zip archive to `sink`, and the data between them as metadata.
///
/// # Errors
/// Returns an error if there is no archive, if it ends early, or if a limit is exceeded.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut pass = Pass::new(budget, sink);
    if let Some(mut random) = input.random() {
        // A read error recurs in the pass over the input.
        pass.corrections = corrections::read(&mut *random).unwrap_or_default();
    }
    let done = pass.read_all(&mut PeekReader::new(&mut *input, 0));
    pass.metadata.finish(pass.sink);
    done?;
    pass.fetch(input.random())?;
    match (pass.directory.ended(), pass.directory.found_any()) {
        (true, _) => Ok(()),
        (false, true) => Err(damaged("it ends without its directory; it may be cut off")),
        (false, false) => Err(damaged("no zip archive was found in it")),
    }
}

/// Returns whether an input that ends with `tail` (at least the last 64 KiB of it) ends with a zip archive: there is an
/// end record whose comment extends exactly to the end.
// Distinguishes programs and scripts with an appended archive before anything of the archive is read.
pub(super) fn is_appended(tail: &[u8]) -> bool {
    let farthest = tail.len().saturating_sub(header::END_BYTES + usize::from(u16::MAX));
    let ends = |at: usize| {
        let comment = u16_at(&tail[farthest + at..], 20);
        comment.is_some_and(|length| farthest + at + header::END_BYTES + usize::from(length) == tail.len())
    };
    memmem::find_iter(&tail[farthest..], header::END_SIGNATURE).any(ends)
}

/// Returns whether `bytes`, at any offset of other data, start with the header of a member.
pub(super) fn is_believable(bytes: &[u8]) -> bool {
    Local::is_plausible(bytes) && method::is_known(u16_at(bytes, 8).unwrap_or(u16::MAX))
}

/// Returns whether `tail` contains an end record right after the directory that it describes.
pub(super) fn has_end(tail: &[u8]) -> bool {
    memmem::find_iter(tail, header::END_SIGNATURE).any(|at| {
        let size = u32_at(&tail[at..], 12).and_then(|size| usize::try_from(size).ok());
        let begin = size.filter(|size| *size > 0).and_then(|size| at.checked_sub(size));
        begin.is_some_and(|begin| tail[begin..].starts_with(header::CENTRAL_SIGNATURE))
    })
}

/// One pass over an archive.
struct Pass<'a, 'l> {
    budget: &'a Budget<'l>,
    sink: &'a mut dyn Sink,
    inflate: Decompress,
    metadata: MetadataBuffer,
    directory: Directory,
    /// The values of the directory that differ from local headers.
    corrections: Corrections,
    /// Offset of the directory according to the zip64 record before the end record.
    wide: Option<u64>,
    /// Whether bytes are read a second time, so that stored members count as expanded, too.
    second_read: bool,
}

impl<'a, 'l> Pass<'a, 'l> {
    fn new(budget: &'a Budget<'l>, sink: &'a mut dyn Sink) -> Self {
        Self {
            budget,
            sink,
            inflate: Decompress::new(false),
            metadata: MetadataBuffer::default(),
            directory: Directory::default(),
            corrections: Corrections::new(),
            wide: None,
            second_read: false,
        }
    }

    /// Reads everything.
    fn read_all<R: Read>(&mut self, ahead: &mut PeekReader<R>) -> io::Result<()> {
        // A header directly after another record is trusted; any other must look like one.
        let mut expected = true;
        loop {
            let ready = ahead.peek(header::LOCAL_BYTES + 64)?;
            if ready.is_empty() {
                return Ok(());
            }
            let local =
                ready.starts_with(header::LOCAL_SIGNATURE) && (expected || Local::is_plausible(ready));
            expected = match () {
                () if local && self.local(ahead)? => true,
                () if ready_is(ahead, header::CENTRAL_SIGNATURE)? && self.central(ahead)? => false,
                () => {
                    self.end(ahead)?;
                    self.between(ahead)?;
                    false
                }
            };
        }
    }

    /// Reads the member whose header starts here. Returns false if the header is incomplete.
    fn local<R: Read>(&mut self, ahead: &mut PeekReader<R>) -> io::Result<bool> {
        let at = ahead.offset();
        let Some(length) = Local::length(ahead.peek(header::LOCAL_BYTES)?) else { return Ok(false) };
        let ready = ahead.peek(length)?;
        let Some((bytes, mut local)) = ready.get(..length).zip(Local::parse(ready)) else { return Ok(false) };
        self.metadata.header(at, bytes, self.sink);
        ahead.advance(length);
        self.directory.record_header(at);
        self.budget.entry()?;
        let correction = self.corrections.get(&at).copied();
        if let Some(correction) = correction {
            local.correct(&correction);
        }
        self.member(&local, correction, ahead)?;
        Ok(true)
    }

    /// Reads the member that starts here. Its defects are reported and do not end the archive.
    fn member<R: Read>(
        &mut self,
        local: &Local,
        correction: Option<Correction>,
        ahead: &mut PeekReader<R>,
    ) -> io::Result<()> {
        let name = name(&local.name);
        if name.ends_with('/') && local.packed == Some(0) {
            return Ok(());
        }
        if local.encrypted() {
            self.sink.unseen(&name, "is encrypted");
            return skip_member(local, ahead);
        }
        if !method::is_known(local.method) {
            let method = local.method;
            self.sink.unseen(&name, &format!("uses an unsupported compression method ({method})"));
            return skip_member(local, ahead);
        }
        let count = Rc::new(Cell::new(0));
        let span = Span::new(ahead, local.packed, Rc::clone(&count));
        let read = match method::open(local, span, &mut self.inflate) {
            Ok(decoder) if local.method == 0 && !self.second_read => hand_over(&name, decoder, self.sink),
            Ok(decoder) => hand_over(&name, self.budget.expanding(decoder, Rc::clone(&count)), self.sink),
            Err(error) => {
                self.sink.unseen(&name, &error.to_string());
                None
            }
        };
        let Some(read) = read else { return Ok(()) };
        let stated = self.descriptor(local, ahead, count.get(), read.size)?.or(local.crc);
        let right = local.size.is_none_or(|size| size == read.size) && stated == Some(read.crc);
        let confirmed =
            correction.is_some_and(|one| (one.sizes.crc, one.sizes.size) == (read.crc, read.size));
        match stated {
            _ if right || confirmed => {}
            None => self.sink.unseen(&name, CHECKSUM_MISSING),
            Some(_) => self.sink.unseen(&name, CHECKSUM_MISMATCH),
        }
        Ok(())
    }

    /// Consumes the descriptor after a member with these sizes (packed and unpacked). Returns its checksum; `None` if
    /// there is no descriptor.
    fn descriptor<R: Read>(
        &mut self,
        local: &Local,
        ahead: &mut PeekReader<R>,
        packed: u64,
        size: u64,
    ) -> io::Result<Option<u32>> {
        if !local.descriptor_follows() {
            return Ok(None);
        }
        let at = ahead.offset();
        let ready = ahead.peek(24)?;
        let Some((length, crc)) = header::descriptor(ready, packed, size) else { return Ok(None) };
        self.metadata.header(at, ready.get(..length).unwrap_or(&[]), self.sink);
        ahead.advance(length);
        Ok(Some(crc))
    }

    /// Reads the directory entry that starts here. Returns false if it is incomplete.
    fn central<R: Read>(&mut self, ahead: &mut PeekReader<R>) -> io::Result<bool> {
        let at = ahead.offset();
        let Some(length) = Central::length(ahead.peek(header::CENTRAL_BYTES)?) else { return Ok(false) };
        let ready = ahead.peek(length)?;
        let Some((bytes, entry)) = ready.get(..length).zip(Central::parse(ready)) else { return Ok(false) };
        self.metadata.add(at, bytes, self.sink);
        self.directory.entry(at, entry);
        ahead.advance(length);
        Ok(true)
    }

    /// Records the end of a directory, if it is here. Consumes nothing.
    fn end<R: Read>(&mut self, ahead: &mut PeekReader<R>) -> io::Result<()> {
        let ready = ahead.peek(header::ZIP64_END_BYTES)?;
        if ready.starts_with(header::ZIP64_END_SIGNATURE) {
            self.wide = u64_at(ready, 48);
        }
        if ready.starts_with(header::END_SIGNATURE) && ready.len() >= header::END_BYTES {
            let stated = u32_at(ready, 16).filter(|offset| *offset != u32::MAX).map(u64::from);
            let count = u16_at(ready, 10).filter(|count| *count != u16::MAX).map(u64::from);
            self.directory.end(stated.or(self.wide.take()), count);
        }
        Ok(())
    }

    /// Consumes at least one byte and everything up to the next possible signature, as metadata.
    fn between<R: Read>(&mut self, ahead: &mut PeekReader<R>) -> io::Result<()> {
        let at = ahead.offset();
        let ready = ahead.ready()?;
        let mark = memmem::find(ready.get(1..).unwrap_or(&[]), b"PK").map(|found| found + 1);
        // A signature may start with the last buffered byte.
        let count = mark.unwrap_or(ready.len() - usize::from(ready.len() > 1 && ready.ends_with(b"P")));
        self.metadata.add(at, &ready[..count], self.sink);
        ahead.advance(count);
        Ok(())
    }

    /// Reads the members that the directory lists and the pass did not find, if there is random access; otherwise
    /// reports them.
    fn fetch(&mut self, random: Option<Box<dyn ReadSeek + '_>>) -> io::Result<()> {
        let (missing, more) = self.directory.missing();
        if more > 0 {
            self.sink.unseen("", &format!("{more} more members are {NOT_FOUND}"));
        }
        if self.directory.is_short() {
            self.sink.unseen(
                "",
                "entries of its directory are damaged; members listed only there were not scanned",
            );
        }
        let Some(mut random) = random else {
            missing.iter().for_each(|missing| self.sink.unseen(&name(&missing.name), NOT_FOUND));
            return Ok(());
        };
        self.second_read = true;
        let size = random.seek(SeekFrom::End(0))?;
        missing.iter().try_for_each(|missing| {
            if missing.offset < size {
                return self.fetch_one(missing, &mut *random);
            }
            // In an earlier volume of a split archive, for example.
            self.sink.unseen(&name(&missing.name), NOT_FOUND);
            Ok(())
        })
    }

    fn fetch_one(&mut self, missing: &Missing, random: &mut dyn ReadSeek) -> io::Result<()> {
        random.seek(SeekFrom::Start(missing.offset))?;
        let mut ahead = PeekReader::new(random, missing.offset);
        let there = ready_is(&mut ahead, header::LOCAL_SIGNATURE)?;
        if !(there && self.local(&mut ahead)?) {
            self.sink.unseen(&name(&missing.name), NOT_FOUND);
        }
        self.metadata.finish(self.sink);
        Ok(())
    }
}

/// Skips a member that cannot be read. One of unknown size ends at the next signature.
fn skip_member<R: Read>(local: &Local, ahead: &mut PeekReader<R>) -> io::Result<()> {
    ahead.skip(local.packed.unwrap_or(0))
}

fn ready_is<R: Read>(ahead: &mut PeekReader<R>, mark: &[u8; 4]) -> io::Result<bool> {
    Ok(ahead.peek(mark.len())?.starts_with(mark))
}

/// The properties of a member that was read.
struct MemberDigest {
    crc: u32,
    /// Uncompressed size in bytes.
    size: u64,
}

/// Hands a member to the sink and reads the rest of it. Returns `None` if it could not be read to its end, which is
/// reported.
fn hand_over(name: &str, decoder: impl Read, sink: &mut dyn Sink) -> Option<MemberDigest> {
    let mut content = Stream(ChecksumReader { inner: decoder, crc: Crc::new(), size: 0, state: State::Open });
    sink.member(name, &mut content);
    let mut checked = content.0;
    let mut buffer = match checked.state {
        State::Open => vec![0; 64 << 10],
        _ => Vec::new(),
    };
    while checked.state == State::Open {
        if let Err(error) = checked.read(&mut buffer) {
            sink.unseen(name, &error.to_string());
        }
    }
    (checked.state == State::Ended).then(|| MemberDigest { crc: checked.crc.sum(), size: checked.size })
}

#[derive(PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Failed,
}

/// Computes the checksum of the bytes read, and records how reading ended.
struct ChecksumReader<R> {
    inner: R,
    crc: Crc,
    size: u64,
    state: State,
}

impl<R: Read> Read for ChecksumReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(0) if !buffer.is_empty() => {
                self.state = State::Ended;
                Ok(0)
            }
            Ok(count) => {
                self.crc.update(&buffer[..count]);
                self.size += count as u64;
                Ok(count)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    self.state = State::Failed;
                }
                Err(error)
            }
        }
    }
}

/// Formats a name with `/` separators, whatever the writer used.
fn name(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(name) => name.replace('\\', "/"),
        // A backslash may be half a character in an old encoding.
        Err(_) => super::name(bytes),
    }
}

#[cfg(test)]
mod tests;
