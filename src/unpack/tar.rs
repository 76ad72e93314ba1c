//! tar through the `tar` crate, read as a stream. Links, devices and `../` in names are nothing but names here.

use std::cell::RefCell;
use std::io::{self, Cursor, ErrorKind, Read};
use std::ops::Range;

use tar::Archive;

use super::kind::is_tar;
use super::{Budget, Sink, is_limit};
use crate::content::{Content, Stream};

/// Bytes in a block.
const BLOCK: usize = 512;
/// Bytes of what belongs to no member that are searched at a time.
const PIECE: usize = 1 << 20;
/// Bytes before the end of a member that are searched with its padding, if that is not empty: more than the longest secret in
/// its longest written form.
const BEFORE: u64 = 4 << 10;

/// Hands the members of a tar archive to `sink`; a damaged header costs what lies up to the next good one.
///
/// # Errors
/// The archive is damaged or ends early.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut first: Vec<u8> = Vec::new();
    loop {
        let ends = Ends::default();
        let mut archive =
            Archive::new(Watched { inner: Cursor::new(first).chain(&mut *input), at: 0, ends: &ends });
        let damage = members(&mut archive, &ends, budget, sink).err();
        ends.tell(sink);
        if budget.spent().is_some() {
            return damage.map_or(Ok(()), Err);
        }
        // Behind the end there may be another archive (`cat a.tar b.tar`), or something that is hidden there.
        let (header, read) = search(input, sink)?;
        match damage {
            Some(error) if read == 0 => return Err(cut(error)),
            Some(_) => sink.unseen(
                "",
                "a header is damaged; up to the next good one the bytes were searched as they are",
            ),
            None => {}
        }
        match header {
            Some(header) => first = header,
            None => return Ok(()),
        }
    }
}

/// An error at the end of the input: the archive was cut off there, whatever the crate calls it.
fn cut(error: io::Error) -> io::Error {
    if error.get_ref().is_some_and(|inner| is_limit(inner)) || error.kind() != ErrorKind::Other {
        return error;
    }
    ErrorKind::UnexpectedEof.into()
}

fn members<R: Read>(
    archive: &mut Archive<R>,
    ends: &Ends,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    for entry in archive.entries()? {
        let mut entry = entry?;
        ends.tell(sink);
        // Of a file with holes, the size is that with them.
        let holes = entry.header().entry_type().is_gnu_sparse();
        let stored = if holes { entry.header().entry_size()? } else { entry.size() };
        ends.expect(entry.raw_file_position(), stored);
        budget.entry()?;
        let name = super::name(&entry.path_bytes());
        let (size, at) = (entry.size(), entry.raw_header_position());
        if let Ok(Some(extensions)) = entry.pax_extensions() {
            let text: Vec<&[u8]> = extensions.flatten().map(|one| one.value_bytes()).collect();
            sink.own(at, &text.join(&b'\n'));
        }
        if let Some(link) = entry.link_name_bytes() {
            sink.own(at, &link);
        }
        let kind = entry.header().entry_type();
        let empty = kind.is_dir() || kind.is_symlink() || kind.is_hard_link();
        if size > 0 && !empty {
            let mut counted = Whole { inner: &mut entry, left: size };
            sink.member(&name, &mut Stream(&mut counted));
        }
    }
    Ok(())
}

/// The end of the member at hand with its padding, which belongs to nobody and should be empty. A size that lies could hide
/// there what it cuts off.
#[derive(Default)]
struct Ends(RefCell<End>);

#[derive(Default)]
struct End {
    /// Bytes of the archive that are kept.
    kept: Range<u64>,
    /// How many of them are the member's.
    own: usize,
    bytes: Vec<u8>,
}

impl Ends {
    /// The member of `size` bytes at `at` comes now.
    fn expect(&self, at: u64, size: u64) {
        let end = at.saturating_add(size);
        let from = end.saturating_sub(BEFORE.min(size));
        let kept = from..end.checked_next_multiple_of(BLOCK as u64).unwrap_or(end);
        *self.0.borrow_mut() = End { kept, own: (end - from) as usize, bytes: Vec::new() };
    }

    /// Keeps what of these bytes at `at` is wanted.
    fn pass(&self, at: u64, bytes: &[u8]) {
        let mut end = self.0.borrow_mut();
        let (from, to) = (end.kept.start.max(at), end.kept.end.min(at + bytes.len() as u64));
        if let Some(part) = from.checked_sub(at).zip(to.checked_sub(at)).filter(|_| from < to)
            && let Some(part) = bytes.get(part.0 as usize..part.1 as usize)
        {
            end.bytes.extend_from_slice(part);
        }
    }

    /// Hands over the end of the member that was, if its padding is not empty.
    fn tell(&self, sink: &mut dyn Sink) {
        let end = self.0.take();
        if end.bytes.get(end.own..).is_some_and(|padding| padding.iter().any(|byte| *byte != 0)) {
            sink.own(end.kept.start, &end.bytes);
        }
    }
}

/// An archive that is watched while it is read.
struct Watched<'e, R> {
    inner: R,
    at: u64,
    ends: &'e Ends,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.ends.pass(self.at, &buffer[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

/// A member that must have as many bytes as its header says.
struct Whole<'r> {
    inner: &'r mut dyn Read,
    left: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

/// Goes on to the next good header and gives its block, and how many bytes were read; what lies before it is searched.
fn search(input: &mut dyn Content, sink: &mut dyn Sink) -> io::Result<(Option<Vec<u8>>, u64)> {
    let mut skipped: Vec<u8> = Vec::new();
    let mut read = 0;
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        (&mut *input).take(BLOCK as u64).read_to_end(&mut block)?;
        read += block.len() as u64;
        let found = is_tar(&block);
        if !found && block.iter().any(|byte| *byte != 0) {
            skipped.extend_from_slice(&block);
        }
        let done = found || block.len() < BLOCK;
        if done || skipped.len() >= PIECE {
            sink.own(0, &skipped);
            skipped.drain(..skipped.len().saturating_sub(BLOCK * 8));
        }
        if done {
            return Ok((found.then_some(block), read));
        }
    }
}
