//! 7z through the `sevenz-rust2` crate, each block as a stream. The numbers in the header that the crate trusts are
//! checked first ([`preflight`]), and the memory a block needs is checked before it is opened.

mod deflate64;
mod preflight;

use std::cell::{Cell, RefCell};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use sevenz_rust2::{Archive, ArchiveEntry, Block, BlockDecoder, Error, Password};

use super::peek_reader::{damaged, truncated, u32_at, u64_at};
use super::small_reads::SmallReads;
use super::{Budget, Sink};
use crate::input::{Content, Stream};

/// Maximum size of an archive that is read without random access, in bytes.
const MAX_IN_MEMORY_BYTES: u64 = 64 << 20;
/// Maximum memory for the dictionaries of one block, in bytes.
const MAX_DICTIONARY_BYTES: u64 = 96 << 20;

/// Hands the members of a 7z archive to `sink`, and its header as metadata.
///
/// # Errors
/// Returns an error if the header is damaged or encrypted, if the archive does not fit in memory, or if a limit is
/// exceeded.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    if let Some(random) = input.random() {
        return open(random, budget, sink);
    }
    let mut bytes = Vec::new();
    input.take(MAX_IN_MEMORY_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_IN_MEMORY_BYTES {
        return Err(damaged("a 7z archive of more than 64 MiB can only be read as a file; extract it first"));
    }
    open(Cursor::new(bytes), budget, sink)
}

/// Size of the signature header in bytes, after which the packed streams begin.
pub(super) const SIGNATURE_HEADER_BYTES: usize = 32;

/// Returns the size in bytes of the archive that starts with `start`.
pub(super) fn size(start: &[u8]) -> u64 {
    let number = |at| u64_at(start, at).unwrap_or(0);
    (SIGNATURE_HEADER_BYTES as u64).saturating_add(number(12)).saturating_add(number(20))
}

/// Hands over the members of an archive that starts at offset `base` of `whole`.
///
/// # Errors
/// As for [`read`].
pub(super) fn read_at<R: Read + Seek>(
    whole: R,
    base: u64,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    open(OffsetReader { inner: whole, base }, budget, sink)
}

/// The part of a reader after offset `base`.
struct OffsetReader<R> {
    inner: R,
    base: u64,
}

impl<R: Read> Read for OffsetReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: Seek> Seek for OffsetReader<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let position = match position {
            SeekFrom::Start(at) => SeekFrom::Start(at.saturating_add(self.base).min(i64::MAX.unsigned_abs())),
            other => other,
        };
        Ok(self.inner.seek(position)?.saturating_sub(self.base))
    }
}

fn open<R: Read + Seek>(archive: R, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let count = Rc::new(Cell::new(0));
    let mut source = CountingSource { inner: archive, count: Rc::clone(&count) };
    let header = preflight::check(&mut source)?;
    if header.bytes.is_empty() {
        return Ok(());
    }
    sink.metadata(header.offset, &header.bytes);
    let password = Password::empty();
    let archive = Archive::read(&mut source, &password).map_err(|error| damaged(&reason(&error)))?;
    for index in 0..archive.blocks.len() {
        let members = BlockDecoder::new(1, index, &archive, &password, &mut source).entries().to_vec();
        if let Some(reason) = refusal(&archive.blocks[index]) {
            members.iter().for_each(|member| sink.unseen(&member.name, &reason));
            continue;
        }
        let mut block = BlockMembers { budget, sink: &mut *sink, count: &count, done: 0, stop: None };
        let result = match deflate64::read(&archive, index, &mut source, &mut block) {
            Ok(false) => BlockDecoder::new(1, index, &archive, &password, &mut source)
                .for_each_entries(&mut |member, content| block.next(member, content)),
            other => other,
        };
        let (done, stop) = (block.done, block.stop.take());
        if let Some(error) = stop {
            return Err(error);
        }
        if let Err(error) = result {
            members.iter().skip(done).for_each(|member| sink.unseen(&member.name, &reason(&error)));
        }
    }
    hand_over_empty(&archive, budget, sink)
}

/// Hands over the members without data, which are not in any block.
fn hand_over_empty(archive: &Archive, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    for (member, block) in archive.files.iter().zip(&archive.stream_map.file_block_index) {
        if block.is_none() && !member.is_directory && !member.is_anti_item {
            budget.entry()?;
            sink.member(&member.name, &mut Stream(io::empty()));
        }
    }
    Ok(())
}

/// Hands the members of one block to the sink.
struct BlockMembers<'m, 'l> {
    budget: &'m Budget<'l>,
    sink: &'m mut dyn Sink,
    count: &'m Rc<Cell<u64>>,
    /// Number of members that were handed over or reported.
    done: usize,
    /// Set when a limit of the whole input was exceeded.
    stop: Option<io::Error>,
}

impl BlockMembers<'_, '_> {
    fn next(&mut self, member: &ArchiveEntry, content: &mut dyn Read) -> Result<bool, Error> {
        self.done += 1;
        if !member.has_stream {
            // A directory; files without data follow at the end.
            return Ok(true);
        }
        if let Err(error) = self.budget.entry() {
            self.stop = Some(error);
            return Ok(false);
        }
        let failed = RefCell::new(None);
        let mut expanding = self.budget.expanding(SmallReads::new(content), Rc::clone(self.count));
        let mut content = Stream(SizedReader { inner: &mut expanding, left: member.size, failed: &failed });
        self.sink.member(&member.name, &mut content);
        let reported = failed.borrow().is_some();
        // The rest of a block can only be found by decoding everything before it.
        match io::copy(&mut content, &mut io::sink()) {
            Ok(_) => Ok(true),
            Err(error) => {
                if !reported {
                    self.sink.unseen(&member.name, &error.to_string());
                }
                Err(Error::Other(format!("its block could not be read: {error}").into()))
            }
        }
    }
}

/// The data of a member; ending before the declared size is an error.
struct SizedReader<'g> {
    inner: &'g mut dyn Read,
    left: u64,
    /// The first error that was returned. It is repeated, because the decoder cannot continue.
    failed: &'g RefCell<Option<String>>,
}

impl Read for SizedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(reason) = &*self.failed.borrow() {
            return Err(damaged(reason));
        }
        let result = match self.inner.read(buffer) {
            Ok(0) if !buffer.is_empty() && self.left > 0 => Err(truncated()),
            Err(error) if error.get_ref().is_some_and(|inner| inner.is::<Error>()) => {
                Err(damaged(&text(&error)))
            }
            other => other,
        };
        match &result {
            Ok(count) => self.left = self.left.saturating_sub(*count as u64),
            Err(error) => *self.failed.borrow_mut() = Some(error.to_string()),
        }
        result
    }
}

/// The archive, with a count of the bytes read from it.
struct CountingSource<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for CountingSource<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

impl<R: Seek> Seek for CountingSource<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.inner.seek(position)
    }
}

/// Returns why a block is not opened; `None` if it may be.
fn refusal(block: &Block) -> Option<String> {
    let mut needed = 0u64;
    for (index, coder) in block.coders.iter().enumerate() {
        let properties = coder.properties();
        let size = block.get_unpack_size_at_index(index);
        let declared = u64::from(u32_at(properties.get(1..).unwrap_or(&[]), 0).unwrap_or(0));
        needed = needed.saturating_add(match coder.encoder_method_id() {
            preflight::AES => return Some("is encrypted".to_owned()),
            // A dictionary never grows larger than the unpacked data.
            [3, 1, 1] => declared.min(size),
            [0x21] => lzma2_dictionary(properties).min(size),
            // PPMd allocates all of its memory at once.
            [3, 4, 1] => declared,
            _ => 0,
        });
    }
    let mib = needed.div_ceil(1 << 20);
    (needed > MAX_DICTIONARY_BYTES)
        .then(|| format!("needs {mib} MiB of memory to be decoded; the limit is 96 MiB"))
}

/// Returns the dictionary size in bytes: 2 or 3 times a power of two, as in xz.
fn lzma2_dictionary(properties: &[u8]) -> u64 {
    match properties.first() {
        Some(&bits @ 0..=40) => (2 | u64::from(bits & 1)) << (bits / 2 + 11),
        _ => 0,
    }
}

/// Formats an error of the library for display.
fn reason(error: &Error) -> String {
    match error {
        Error::ChecksumVerificationFailed | Error::NextHeaderCrcMismatch => {
            "its checksum does not match".into()
        }
        Error::UnsupportedCompressionMethod(method) => {
            format!("uses an unsupported compression method ({method})")
        }
        Error::PasswordRequired | Error::MaybeBadPassword(_) => "is encrypted".into(),
        Error::Io(error, _) => text(error),
        Error::Other(text) | Error::Unsupported(text) => text.to_string(),
        _ => "its header is damaged".into(),
    }
}

fn text(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => reason(error),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
