//! tar through the `tar` crate, read as a stream. Link targets, devices and `../` in names are treated as text.

mod source;
mod sparse;

use std::io::{self, Cursor, ErrorKind, Read};

use tar::{Archive, Entry};

use self::source::{BLOCK_BYTES, DirectReader, Source};
use self::sparse::{PaxSparse, SparseMap, SparseReader};
use super::format::is_tar;
use super::peek_reader::damaged;
use super::{Budget, Sink, is_limit};
use crate::input::{Content, Stream};

/// Maximum bytes of metadata handed over at a time.
const MAX_CHUNK_BYTES: usize = 1 << 20;

/// Hands the members of a tar archive to `sink`. After a damaged header, continues at the next valid one.
///
/// # Errors
/// Returns an error if the archive is damaged or ends early.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut first: Vec<u8> = Vec::new();
    loop {
        let source = Source::new(Cursor::new(first).chain(&mut *input));
        let damage = members(&source, budget, sink).err();
        source.ends.hand_over(sink);
        drop(source);
        if budget.spent().is_some() {
            return damage.map_or(Ok(()), Err);
        }
        // After the end there may be another archive (`cat a.tar b.tar`), or hidden data.
        let (header, read) = search(input, sink)?;
        match damage {
            Some(error) if read == 0 => return Err(cut(error)),
            Some(_) => sink.unseen(
                "",
                "a header is damaged; the bytes up to the next valid one were scanned as plain data",
            ),
            None => {}
        }
        match header {
            Some(header) => first = header,
            None => return Ok(()),
        }
    }
}

/// Converts an error at the end of the input: the archive was truncated there, whatever the crate reports.
fn cut(error: io::Error) -> io::Error {
    if error.get_ref().is_some_and(|inner| is_limit(inner)) || error.kind() != ErrorKind::Other {
        return error;
    }
    ErrorKind::UnexpectedEof.into()
}

fn members<R: Read>(source: &Source<R>, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut archive = Archive::new(source);
    for entry in archive.entries()? {
        let mut entry = entry?;
        source.ends.hand_over(sink);
        // For a sparse file, `size` includes the holes.
        let holes = entry.header().entry_type().is_gnu_sparse();
        let stored = if holes { entry.header().entry_size()? } else { entry.size() };
        source.ends.expect(source.at(), stored);
        budget.entry()?;
        let at = entry.raw_header_position();
        let mut words = PaxSparse::default();
        if let Ok(Some(extensions)) = entry.pax_extensions() {
            let mut text: Vec<&[u8]> = Vec::new();
            for one in extensions.flatten() {
                words.add(one.key_bytes(), one.value_bytes());
                text.push(one.value_bytes());
            }
            sink.metadata(at, &text.join(&b'\n'));
        }
        if let Some(link) = entry.link_name_bytes() {
            sink.metadata(at, &link);
        }
        let name = super::name(words.name.as_deref().unwrap_or(&entry.path_bytes()));
        let kind = entry.header().entry_type();
        let empty = kind.is_dir() || kind.is_symlink() || kind.is_hard_link();
        if empty || entry.size() == 0 {
            // No member is handed over, so its name is.
            sink.metadata(at, name.as_bytes());
        }
        if holes {
            with_holes(&entry, &name, source, budget, sink);
        } else if entry.size() > 0 && !empty {
            let mut whole = SizedReader { left: entry.size(), inner: &mut entry };
            match words.map(&mut whole) {
                Ok(Some(map)) => sink.member(&name, &mut Stream(SparseReader::new(map, whole, budget))),
                Ok(None) => sink.member(&name, &mut Stream(whole)),
                Err(error) => {
                    sink.unseen(&name, &format!("{error}; the rest of it was scanned as plain data"));
                    sink.member(&name, &mut Stream(whole));
                }
            }
        }
        source.drop_headers();
    }
    Ok(())
}

/// Hands over a sparse file in the GNU tar format.
fn with_holes<R: Read, E: Read>(
    entry: &Entry<'_, E>,
    name: &str,
    source: &Source<R>,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) {
    let after = entry.raw_header_position() + BLOCK_BYTES as u64;
    let headers = source.headers_from(after).ok_or_else(|| damaged("its list of holes is too long"));
    let map = headers.and_then(|more| {
        let header = entry.header().as_gnu();
        header.map_or_else(|| Ok(SparseMap::default()), |header| SparseMap::of_gnu(header, &more))
    });
    match map {
        Ok(map) => sink.member(name, &mut Stream(SparseReader::new(map, DirectReader(source), budget))),
        Err(error) => sink.unseen(name, &error.to_string()),
    }
}

/// A member; ending before the declared size is an error.
struct SizedReader<'r> {
    inner: &'r mut dyn Read,
    left: u64,
}

impl Read for SizedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

/// Searches the next valid header. Returns its block, and the number of bytes read. The bytes before it are handed over
/// as metadata.
fn search(input: &mut dyn Content, sink: &mut dyn Sink) -> io::Result<(Option<Vec<u8>>, u64)> {
    let mut skipped: Vec<u8> = Vec::new();
    let mut read = 0;
    loop {
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        (&mut *input).take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
        read += block.len() as u64;
        let found = is_tar(&block);
        if !found && block.iter().any(|byte| *byte != 0) {
            skipped.extend_from_slice(&block);
        }
        let done = found || block.len() < BLOCK_BYTES;
        if done || skipped.len() >= MAX_CHUNK_BYTES {
            sink.metadata(0, &skipped);
            skipped.drain(..skipped.len().saturating_sub(BLOCK_BYTES * 8));
        }
        if done {
            return Ok((found.then_some(block), read));
        }
    }
}
