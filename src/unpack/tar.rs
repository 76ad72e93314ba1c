//! tar through the `tar` crate, read as a stream. Links, devices and `../` in names are nothing but names here.

use std::io::{self, Cursor, ErrorKind, Read};

use tar::Archive;

use super::kind::is_tar;
use super::{Budget, Sink, is_limit};
use crate::content::{Content, Stream};

/// Bytes in a block.
const BLOCK: usize = 512;
/// Bytes of what belongs to no member that are searched at a time.
const PIECE: usize = 1 << 20;

/// Hands the members of a tar archive to `sink`; a damaged header costs what lies up to the next good one.
///
/// # Errors
/// The archive is damaged or ends early.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut first: Vec<u8> = Vec::new();
    loop {
        let mut archive = Archive::new(Cursor::new(first).chain(&mut *input));
        let damage = members(&mut archive, budget, sink).err();
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

fn members<R: Read>(archive: &mut Archive<R>, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    for entry in archive.entries()? {
        let mut entry = entry?;
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
