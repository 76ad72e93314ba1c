//! Positions of the pages of a database: consecutive in its file, or in the frames of its write-ahead log or rollback
//! journal (https://sqlite.org/fileformat.html, sections 1.2, 3 and 4).

use std::collections::HashMap;
use std::io::{self, Read, SeekFrom};

use crate::input::ReadSeek;

/// First bytes of a database.
pub(in crate::unpack) const FILE: &[u8; 16] = b"SQLite format 3\0";
/// First bytes of a write-ahead log; the last bit is masked, it is the byte order of the checksums.
pub(in crate::unpack) const LOG: &[u8; 4] = b"\x37\x7F\x06\x82";
/// First bytes of a rollback journal.
pub(in crate::unpack) const JOURNAL: &[u8; 8] = b"\xD9\xD5\x05\xF9\x20\xA1\x63\xD7";

/// Length of the header of a database on its first page, in bytes.
pub(super) const HEADER: usize = 100;
/// Maximum number of pages that are read; further pages are scanned only as raw bytes.
const MOST: u64 = 1 << 26;
/// Maximum number of frames of a log that are indexed.
const MOST_FRAMES: u64 = 1 << 22;
/// Number of bytes that are read at a time if pages are read in order.
const RUN: usize = 256 << 10;

/// Text encoding of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// A frame of a log or a journal.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// Number of its page.
    page: u32,
    /// Index of the last frame of its transaction.
    end: u32,
}

#[derive(Debug)]
enum Places {
    File,
    Frames {
        /// Offset of the page of the first frame, and distance to the next one, in bytes.
        first: u64,
        step: u64,
        frames: Vec<Frame>,
        /// The frames of each page, in order.
        of_page: HashMap<u32, Vec<u32>>,
    },
}

/// The pages of a database. A slot is a position for a page: page number minus 1 in a file, frame index in a log or
/// journal.
pub(super) struct Store<'r> {
    source: Box<dyn ReadSeek + 'r>,
    places: Places,
    length: u64,
    /// Size of a page, in bytes.
    pub(super) size: usize,
    /// Number of used bytes of a page.
    pub(super) usable: usize,
    pub(super) encoding: Encoding,
    /// Number of pages in the database header.
    pub(super) told: u64,
    run: Vec<u8>,
    run_at: u64,
}

impl<'r> Store<'r> {
    /// Reads the header and the headers of all frames. Returns `None` if the page size is invalid.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub(super) fn open(mut source: Box<dyn ReadSeek + 'r>) -> io::Result<Option<Self>> {
        let length = source.seek(SeekFrom::End(0))?;
        let head = bytes_at(&mut *source, 0, HEADER)?;
        let (size, places) = if head.starts_with(FILE) {
            (number(&head, 16, 2), Places::File)
        } else if head.starts_with(JOURNAL) {
            let (sector, size) = (number(&head, 20, 4), number(&head, 24, 4));
            (size, frames(sector.saturating_add(4), size.saturating_add(8)))
        } else {
            let size = number(&head, 8, 4);
            (size, frames(32 + 24, size.saturating_add(24)))
        };
        // The largest page size does not fit into its two bytes and is stored as 1.
        let size = if size == 1 { 1 << 16 } else { size };
        if !size.is_power_of_two() || !(512..=1 << 16).contains(&size) {
            return Ok(None);
        }
        let size = size as usize;
        let mut store = Self {
            source,
            places,
            length,
            size,
            usable: size,
            encoding: Encoding::Utf8,
            told: 0,
            run: Vec::new(),
            run_at: 0,
        };
        store.read_frames()?;
        store.read_header()?;
        Ok(Some(store))
    }

    /// Reads the page numbers of the frames and the ends of the transactions.
    fn read_frames(&mut self) -> io::Result<()> {
        let Places::Frames { first, step, .. } = self.places else { return Ok(()) };
        // A frame header has 24 bytes in a log; in a journal it is only the page number.
        let header = if step == self.size as u64 + 24 { 24 } else { 4 };
        let count = (self.length.saturating_sub(first - header) / step).min(MOST_FRAMES) as u32;
        let (mut all, mut of_page): (Vec<Frame>, HashMap<u32, Vec<u32>>) = Default::default();
        let mut begun = 0;
        for index in 0..count {
            let at = first - header + u64::from(index) * step;
            let bytes = bytes_at(&mut *self.source, at, header as usize)?;
            let page = number(&bytes, 0, 4) as u32;
            all.push(Frame { page, end: count - 1 });
            of_page.entry(page).or_default().push(index);
            if header == 24 && number(&bytes, 4, 4) != 0 {
                all[begun..].iter_mut().for_each(|frame| frame.end = index);
                begun = all.len();
            }
        }
        if let Places::Frames { frames, of_page: map, .. } = &mut self.places {
            (*frames, *map) = (all, of_page);
        }
        Ok(())
    }

    /// Reads the properties of the database from its first page.
    fn read_header(&mut self) -> io::Result<()> {
        let Some(slot) = self.latest(1) else { return Ok(()) };
        let mut page = Vec::new();
        self.read(slot, &mut page)?;
        if page.starts_with(FILE) {
            self.usable = self.size.saturating_sub(usize::from(page[20])).max(480);
            self.told = number(&page, 28, 4);
            self.encoding = match number(&page, 56, 4) {
                2 => Encoding::Utf16Le,
                3 => Encoding::Utf16Be,
                _ => Encoding::Utf8,
            };
        }
        Ok(())
    }

    /// Returns the number of slots.
    pub(super) fn slots(&self) -> u32 {
        match &self.places {
            Places::File => self.length.div_ceil(self.size as u64).min(MOST) as u32,
            Places::Frames { frames, .. } => frames.len() as u32,
        }
    }

    /// Returns whether there are more pages than the limit.
    pub(super) fn is_too_large(&self) -> bool {
        match self.places {
            Places::File => self.length / self.size as u64 > MOST,
            Places::Frames { step, .. } => self.length / step > MOST_FRAMES,
        }
    }

    /// Returns whether the pages are in a database file.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.places, Places::File)
    }

    /// Returns the number of the page in a slot.
    pub(super) fn number(&self, slot: u32) -> u32 {
        match &self.places {
            Places::File => slot + 1,
            Places::Frames { frames, .. } => frames.get(slot as usize).map_or(0, |frame| frame.page),
        }
    }

    /// Returns the slot of a page as seen from the page in slot `from`: the newest version up to the end of the same
    /// transaction.
    pub(super) fn find(&self, page: u32, from: u32) -> Option<u32> {
        match &self.places {
            Places::File => page.checked_sub(1).filter(|slot| *slot < self.slots()),
            Places::Frames { frames, of_page, .. } => {
                let end = frames.get(from as usize)?.end;
                let all = of_page.get(&page)?;
                all[..all.partition_point(|slot| *slot <= end)].last().copied()
            }
        }
    }

    /// Returns the newest slot of a page.
    pub(super) fn latest(&self, page: u32) -> Option<u32> {
        self.find(page, self.slots().saturating_sub(1))
    }

    fn offset(&self, slot: u32) -> u64 {
        match self.places {
            Places::File => u64::from(slot) * self.size as u64,
            Places::Frames { first, step, .. } => first + u64::from(slot) * step,
        }
    }

    /// Reads the page in a slot. Missing bytes are zero.
    ///
    /// # Errors
    /// Returns an error if the page cannot be read.
    pub(super) fn read(&mut self, slot: u32, page: &mut Vec<u8>) -> io::Result<()> {
        let at = self.offset(slot);
        page.clear();
        self.source.seek(SeekFrom::Start(at))?;
        (&mut self.source).take(self.size as u64).read_to_end(page)?;
        page.resize(self.size, 0);
        Ok(())
    }

    /// Reads the page in a slot, with read-ahead for sequential access.
    ///
    /// # Errors
    /// Returns an error if the page cannot be read.
    pub(super) fn read_next(&mut self, slot: u32, page: &mut Vec<u8>) -> io::Result<()> {
        let at = self.offset(slot);
        let end = at + self.size as u64;
        if at < self.run_at || end > self.run_at + self.run.len() as u64 {
            self.run.clear();
            self.run_at = at;
            self.source.seek(SeekFrom::Start(at))?;
            (&mut self.source).take(RUN.max(self.size) as u64).read_to_end(&mut self.run)?;
        }
        let start = (at - self.run_at) as usize;
        page.clear();
        page.extend_from_slice(
            self.run.get(start..).unwrap_or_default().get(..self.size).unwrap_or_default(),
        );
        if page.is_empty() {
            page.extend_from_slice(self.run.get(start..).unwrap_or_default());
        }
        page.resize(self.size, 0);
        Ok(())
    }
}

fn frames(first: u64, step: u64) -> Places {
    Places::Frames { first, step, frames: Vec::new(), of_page: HashMap::new() }
}

fn bytes_at(source: &mut dyn ReadSeek, at: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(count);
    source.seek(SeekFrom::Start(at))?;
    source.take(count as u64).read_to_end(&mut out)?;
    Ok(out)
}

/// Reads the big-endian number of `count` bytes at `at`; 0 if `bytes` are too short.
pub(super) fn number(bytes: &[u8], at: usize, count: usize) -> u64 {
    let bytes = bytes.get(at..at.saturating_add(count)).unwrap_or_default();
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
