//! zip, and everything that is one under another name, with or without something in front. Goes through the bytes
//! once and in order, from local header to local header: so it streams inside any other archive, needs no directory,
//! and members that overlap cannot multiply. The directory at the end is only compared with what was met.

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
use super::ahead::{Ahead, damaged, u16_at, u32_at, u64_at};
use super::own::Own;
use super::{Budget, Sink};
use crate::content::{Content, ReadSeek, Stream};

/// What is said of a member that could not be reached.
const LOST: &str = "named in the directory, but not found where it says";
/// What is said when the content was read and is not what was packed.
const CHECKSUM: &str = "its checksum does not match; what was read was searched";
/// What is said of a member that promises a checksum behind it and has none.
const UNCHECKED: &str = "the record behind it that tells its checksum is damaged; what was read was searched";

/// Hands the members of a zip archive to `sink`, and what lies between them.
///
/// # Errors
/// No archive is there, it ends early, or a limit was reached.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut walk = Walk::new(budget, sink);
    if let Some(mut random) = input.random() {
        // What cannot be read shows again on the way through.
        walk.corrections = corrections::read(&mut *random).unwrap_or_default();
    }
    let done = walk.through(&mut Ahead::new(&mut *input, 0));
    walk.own.finish(walk.sink);
    done?;
    walk.fetch(input.random())?;
    match (walk.directory.ended(), walk.directory.met_any()) {
        (true, _) => Ok(()),
        (false, true) => Err(damaged("it ends without its directory; it may be cut off")),
        (false, false) => Err(damaged("no zip archive was found in it")),
    }
}

/// Whether content that ends with `tail` (as much of it as is at hand, 64 KiB and more for sure) ends with a zip
/// archive: there is an end record whose comment reaches just to the end.
// Programs and scripts with an archive behind them are told by it, before anything of the archive is read.
pub(super) fn is_appended(tail: &[u8]) -> bool {
    let farthest = tail.len().saturating_sub(header::END_SIZE + usize::from(u16::MAX));
    let ends = |at: usize| {
        let comment = u16_at(&tail[farthest + at..], 20);
        comment.is_some_and(|length| farthest + at + header::END_SIZE + usize::from(length) == tail.len())
    };
    memmem::find_iter(&tail[farthest..], header::END).any(ends)
}

/// Whether `bytes`, which nothing led to, begin with the header of a member.
pub(super) fn is_believable(bytes: &[u8]) -> bool {
    Local::believable(bytes) && method::is_known(u16_at(bytes, 8).unwrap_or(u16::MAX))
}

/// Whether `tail` holds an end record right behind the directory of which it tells.
pub(super) fn has_end(tail: &[u8]) -> bool {
    memmem::find_iter(tail, header::END).any(|at| {
        let size = u32_at(&tail[at..], 12).and_then(|size| usize::try_from(size).ok());
        let begin = size.filter(|size| *size > 0).and_then(|size| at.checked_sub(size));
        begin.is_some_and(|begin| tail[begin..].starts_with(header::CENTRAL))
    })
}

/// One way through an archive.
struct Walk<'a, 'l> {
    budget: &'a Budget<'l>,
    sink: &'a mut dyn Sink,
    inflate: Decompress,
    own: Own,
    directory: Directory,
    /// What the directory says otherwise than the local headers.
    corrections: Corrections,
    /// Where the directory begins, by the zip64 record in front of its end.
    wide: Option<u64>,
    /// Bytes are read again, so that those of stored members count as expanded.
    again: bool,
}

impl<'a, 'l> Walk<'a, 'l> {
    fn new(budget: &'a Budget<'l>, sink: &'a mut dyn Sink) -> Self {
        Self {
            budget,
            sink,
            inflate: Decompress::new(false),
            own: Own::default(),
            directory: Directory::default(),
            corrections: Corrections::new(),
            wide: None,
            again: false,
        }
    }

    /// Reads all there is.
    fn through<R: Read>(&mut self, ahead: &mut Ahead<R>) -> io::Result<()> {
        // A header that follows what came before is one; any other has to look like one.
        let mut expected = true;
        loop {
            let ready = ahead.peek(header::LOCAL_SIZE + 64)?;
            if ready.is_empty() {
                return Ok(());
            }
            let local = ready.starts_with(header::LOCAL) && (expected || Local::believable(ready));
            expected = match () {
                () if local && self.local(ahead)? => true,
                () if ready_is(ahead, header::CENTRAL)? && self.central(ahead)? => false,
                () => {
                    self.end(ahead)?;
                    self.between(ahead)?;
                    false
                }
            };
        }
    }

    /// Reads the member whose header begins here. False if there is no whole header.
    fn local<R: Read>(&mut self, ahead: &mut Ahead<R>) -> io::Result<bool> {
        let at = ahead.offset();
        let Some(length) = Local::length(ahead.peek(header::LOCAL_SIZE)?) else { return Ok(false) };
        let ready = ahead.peek(length)?;
        let Some((bytes, mut local)) = ready.get(..length).zip(Local::parse(ready)) else { return Ok(false) };
        self.own.header(at, bytes, self.sink);
        ahead.advance(length);
        self.directory.meet(at);
        self.budget.entry()?;
        let correction = self.corrections.get(&at).copied();
        if let Some(correction) = correction {
            local.correct(&correction);
        }
        self.member(&local, correction, ahead)?;
        Ok(true)
    }

    /// Reads the member that begins here. What is wrong with it is its own matter.
    fn member<R: Read>(
        &mut self,
        local: &Local,
        correction: Option<Correction>,
        ahead: &mut Ahead<R>,
    ) -> io::Result<()> {
        let name = name(&local.name);
        if name.ends_with('/') && local.packed == Some(0) {
            return Ok(());
        }
        if local.encrypted() {
            self.sink.unseen(&name, "is encrypted");
            return leap(local, ahead);
        }
        if !method::is_known(local.method) {
            let method = local.method;
            self.sink.unseen(&name, &format!("is compressed by a method that is not known ({method})"));
            return leap(local, ahead);
        }
        let count = Rc::new(Cell::new(0));
        let span = Span::new(ahead, local.packed, Rc::clone(&count));
        let read = match method::open(local, span, &mut self.inflate) {
            Ok(decoder) if local.method == 0 && !self.again => hand_over(&name, decoder, self.sink),
            Ok(decoder) => hand_over(&name, self.budget.expanding(decoder, Rc::clone(&count)), self.sink),
            Err(error) => {
                self.sink.unseen(&name, &error.to_string());
                None
            }
        };
        let Some(read) = read else { return Ok(()) };
        let told = self.descriptor(local, ahead, (count.get(), read.size))?.or(local.crc);
        let right = local.size.is_none_or(|size| size == read.size) && told == Some(read.crc);
        let confirmed =
            correction.is_some_and(|one| (one.sizes.crc, one.sizes.size) == (read.crc, read.size));
        match told {
            _ if right || confirmed => {}
            None => self.sink.unseen(&name, UNCHECKED),
            Some(_) => self.sink.unseen(&name, CHECKSUM),
        }
        Ok(())
    }

    /// Takes the descriptor behind a member with these sizes (packed and expanded); its checksum, if it is there.
    fn descriptor<R: Read>(
        &mut self,
        local: &Local,
        ahead: &mut Ahead<R>,
        (packed, size): (u64, u64),
    ) -> io::Result<Option<u32>> {
        if !local.descriptor_follows() {
            return Ok(None);
        }
        let at = ahead.offset();
        let ready = ahead.peek(24)?;
        let Some((length, crc)) = header::descriptor(ready, packed, size) else { return Ok(None) };
        self.own.header(at, ready.get(..length).unwrap_or(&[]), self.sink);
        ahead.advance(length);
        Ok(Some(crc))
    }

    /// Reads the entry of a directory that begins here. False if it is no whole one.
    fn central<R: Read>(&mut self, ahead: &mut Ahead<R>) -> io::Result<bool> {
        let at = ahead.offset();
        let Some(length) = Central::length(ahead.peek(header::CENTRAL_SIZE)?) else { return Ok(false) };
        let ready = ahead.peek(length)?;
        let Some((bytes, entry)) = ready.get(..length).zip(Central::parse(ready)) else { return Ok(false) };
        self.own.add(at, bytes, self.sink);
        self.directory.entry(at, entry);
        ahead.advance(length);
        Ok(true)
    }

    /// Notes the end of a directory, if it lies here. Takes nothing.
    fn end<R: Read>(&mut self, ahead: &mut Ahead<R>) -> io::Result<()> {
        let ready = ahead.peek(header::WIDE_END_SIZE)?;
        if ready.starts_with(header::WIDE_END) {
            self.wide = u64_at(ready, 48);
        }
        if ready.starts_with(header::END) && ready.len() >= header::END_SIZE {
            let told = u32_at(ready, 16).filter(|offset| *offset != u32::MAX).map(u64::from);
            let count = u16_at(ready, 10).filter(|count| *count != u16::MAX).map(u64::from);
            self.directory.end(told.or(self.wide.take()), count);
        }
        Ok(())
    }

    /// Takes what belongs to no member, up to the next thing that may be a mark, and at least one byte.
    fn between<R: Read>(&mut self, ahead: &mut Ahead<R>) -> io::Result<()> {
        let at = ahead.offset();
        let ready = ahead.ready()?;
        let mark = memmem::find(ready.get(1..).unwrap_or(&[]), b"PK").map(|found| found + 1);
        // A mark may begin with the last byte that is ready.
        let count = mark.unwrap_or(ready.len() - usize::from(ready.len() > 1 && ready.ends_with(b"P")));
        self.own.add(at, &ready[..count], self.sink);
        ahead.advance(count);
        Ok(())
    }

    /// Reads what the directory names and the way did not meet, where there is random access; names it elsewhere.
    fn fetch(&mut self, random: Option<Box<dyn ReadSeek + '_>>) -> io::Result<()> {
        let (missing, more) = self.directory.missing();
        if more > 0 {
            self.sink.unseen("", &format!("{more} more members are {LOST}"));
        }
        if self.directory.is_short() {
            self.sink.unseen(
                "",
                "entries of its directory are damaged; members that only they name were not read",
            );
        }
        let Some(mut random) = random else {
            missing.iter().for_each(|missing| self.sink.unseen(&name(&missing.name), LOST));
            return Ok(());
        };
        self.again = true;
        let size = random.seek(SeekFrom::End(0))?;
        missing.iter().try_for_each(|missing| {
            if missing.offset < size {
                return self.fetch_one(missing, &mut *random);
            }
            // In an earlier volume of an archive that was split, as a rule.
            self.sink.unseen(&name(&missing.name), LOST);
            Ok(())
        })
    }

    fn fetch_one(&mut self, missing: &Missing, random: &mut dyn ReadSeek) -> io::Result<()> {
        random.seek(SeekFrom::Start(missing.offset))?;
        let mut ahead = Ahead::new(random, missing.offset);
        let there = ready_is(&mut ahead, header::LOCAL)?;
        if !(there && self.local(&mut ahead)?) {
            self.sink.unseen(&name(&missing.name), LOST);
        }
        self.own.finish(self.sink);
        Ok(())
    }
}

/// Goes behind a member that cannot be read. One of unknown size ends where the next mark is found.
fn leap<R: Read>(local: &Local, ahead: &mut Ahead<R>) -> io::Result<()> {
    ahead.skip(local.packed.unwrap_or(0))
}

fn ready_is<R: Read>(ahead: &mut Ahead<R>, mark: &[u8; 4]) -> io::Result<bool> {
    Ok(ahead.peek(mark.len())?.starts_with(mark))
}

/// What a member turned out to be.
struct Seen {
    crc: u32,
    /// Expanded bytes.
    size: u64,
}

/// Gives a member to the sink and reads the rest of it; `None` if it could not be read to its end, which then was
/// told.
fn hand_over(name: &str, decoder: impl Read, sink: &mut dyn Sink) -> Option<Seen> {
    let mut content = Stream(Checked { inner: decoder, crc: Crc::new(), size: 0, state: State::Open });
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
    (checked.state == State::Ended).then(|| Seen { crc: checked.crc.sum(), size: checked.size })
}

#[derive(PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Failed,
}

/// Keeps the checksum of what is read, and how reading ended.
struct Checked<R> {
    inner: R,
    crc: Crc,
    size: u64,
    state: State,
}

impl<R: Read> Read for Checked<R> {
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

/// A name with `/` between its parts, whatever the writer put there.
fn name(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(name) => name.replace('\\', "/"),
        // A backslash may be half a character in an old encoding.
        Err(_) => super::name(bytes),
    }
}

#[cfg(test)]
mod tests;
