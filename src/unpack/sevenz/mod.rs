//! 7z through the `sevenz-rust2` crate, each block as a stream. What the crate would believe of a hostile header is
//! checked before ([`header`]), and how much memory a block needs before it is opened.

mod deflate64;
mod header;

use std::cell::{Cell, RefCell};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use sevenz_rust2::{Archive, ArchiveEntry, Block, BlockDecoder, Error, Password};

use super::ahead::{cut, damaged, u32_at, u64_at};
use super::pieces::Pieces;
use super::{Budget, Sink};
use crate::content::{Content, Stream};

/// The largest archive that is read where there is no random access, in bytes.
const IN_MEMORY: u64 = 64 << 20;
/// Memory that one block may need for its dictionaries, in bytes.
const DICTIONARIES: u64 = 96 << 20;

/// Hands the members of a 7z archive to `sink`, and its header.
///
/// # Errors
/// The header is damaged or encrypted, the archive is too large for memory, or a limit was reached.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    if let Some(random) = input.random() {
        return open(random, budget, sink);
    }
    let mut bytes = Vec::new();
    input.take(IN_MEMORY + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > IN_MEMORY {
        return Err(damaged(
            "a 7z archive of more than 64 MiB can only be read as a file; unpack what it lies in",
        ));
    }
    open(Cursor::new(bytes), budget, sink)
}

/// Bytes before the packed streams.
pub(super) const START: usize = 32;

/// Bytes of the archive that begins with `start`.
pub(super) fn size(start: &[u8]) -> u64 {
    let number = |at| u64_at(start, at).unwrap_or(0);
    (START as u64).saturating_add(number(12)).saturating_add(number(20))
}

/// Hands over the members of an archive that begins `base` bytes behind the beginning of `whole`.
///
/// # Errors
/// As for [`read`].
pub(super) fn read_at<R: Read + Seek>(
    whole: R,
    base: u64,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    open(Behind { inner: whole, base }, budget, sink)
}

/// What is behind an offset.
struct Behind<R> {
    inner: R,
    base: u64,
}

impl<R: Read> Read for Behind<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: Seek> Seek for Behind<R> {
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
    let mut source = Source { inner: archive, count: Rc::clone(&count) };
    let header = header::check(&mut source)?;
    if header.bytes.is_empty() {
        return Ok(());
    }
    sink.own(header.offset, &header.bytes);
    let password = Password::empty();
    let archive = Archive::read(&mut source, &password).map_err(|error| damaged(&reason(&error)))?;
    for index in 0..archive.blocks.len() {
        let members = BlockDecoder::new(1, index, &archive, &password, &mut source).entries().to_vec();
        if let Some(reason) = refused(&archive.blocks[index]) {
            members.iter().for_each(|member| sink.unseen(&member.name, &reason));
            continue;
        }
        let mut block = Members { budget, sink: &mut *sink, count: &count, done: 0, stop: None };
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
    empty(&archive, budget, sink)
}

/// Members without data are in no block.
fn empty(archive: &Archive, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    for (member, block) in archive.files.iter().zip(&archive.stream_map.file_block_index) {
        if block.is_none() && !member.is_directory && !member.is_anti_item {
            budget.entry()?;
            sink.member(&member.name, &mut Stream(io::empty()));
        }
    }
    Ok(())
}

/// The members of one block on their way to the sink.
struct Members<'m, 'l> {
    budget: &'m Budget<'l>,
    sink: &'m mut dyn Sink,
    count: &'m Rc<Cell<u64>>,
    /// Members that the sink has seen, or that were told.
    done: usize,
    /// A limit of the whole input was reached.
    stop: Option<io::Error>,
}

impl Members<'_, '_> {
    fn next(&mut self, member: &ArchiveEntry, content: &mut dyn Read) -> Result<bool, Error> {
        self.done += 1;
        if !member.has_stream {
            // Directories; files without data come later, all at once.
            return Ok(true);
        }
        if let Err(error) = self.budget.entry() {
            self.stop = Some(error);
            return Ok(false);
        }
        let failed = RefCell::new(None);
        let mut expanding = self.budget.expanding(Pieces::new(content), Rc::clone(self.count));
        let mut content = Stream(Guarded { inner: &mut expanding, left: member.size, failed: &failed });
        self.sink.member(&member.name, &mut content);
        let told = failed.borrow().is_some();
        // The rest of a block cannot be found without what comes before it.
        match io::copy(&mut content, &mut io::sink()) {
            Ok(_) => Ok(true),
            Err(error) => {
                if !told {
                    self.sink.unseen(&member.name, &error.to_string());
                }
                Err(Error::Other(format!("the block that it lies in could not be read: {error}").into()))
            }
        }
    }
}

/// The data of a member, which must not end before its size says.
struct Guarded<'g> {
    inner: &'g mut dyn Read,
    left: u64,
    /// The first error that was handed out. Later ones are the same, because the decoder cannot go on.
    failed: &'g RefCell<Option<String>>,
}

impl Read for Guarded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(reason) = &*self.failed.borrow() {
            return Err(damaged(reason));
        }
        let result = match self.inner.read(buffer) {
            Ok(0) if !buffer.is_empty() && self.left > 0 => Err(cut()),
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

/// The archive, with a count of what was read from it.
struct Source<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

impl<R: Seek> Seek for Source<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.inner.seek(position)
    }
}

/// Why a block is not opened, if so.
fn refused(block: &Block) -> Option<String> {
    let mut needed = 0u64;
    for (index, coder) in block.coders.iter().enumerate() {
        let properties = coder.properties();
        let size = block.get_unpack_size_at_index(index);
        let told = u64::from(u32_at(properties.get(1..).unwrap_or(&[]), 0).unwrap_or(0));
        needed = needed.saturating_add(match coder.encoder_method_id() {
            header::AES => return Some("is encrypted".to_owned()),
            // A dictionary grows no further than what was expanded.
            [3, 1, 1] => told.min(size),
            [0x21] => lzma2_dictionary(properties).min(size),
            // PPMd takes its memory at once.
            [3, 4, 1] => told,
            _ => 0,
        });
    }
    let mib = needed.div_ceil(1 << 20);
    (needed > DICTIONARIES).then(|| format!("needs {mib} MiB of memory to be read; at most 96 are given"))
}

/// Bytes of the dictionary: 2 or 3 times a power of two, as in xz.
fn lzma2_dictionary(properties: &[u8]) -> u64 {
    match properties.first() {
        Some(&bits @ 0..=40) => (2 | u64::from(bits & 1)) << (bits / 2 + 11),
        _ => 0,
    }
}

/// An error of the library, for a person.
fn reason(error: &Error) -> String {
    match error {
        Error::ChecksumVerificationFailed | Error::NextHeaderCrcMismatch => {
            "its checksum does not match".into()
        }
        Error::UnsupportedCompressionMethod(method) => {
            format!("is compressed by a method that is not known ({method})")
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
