//! One pack: its files, what its index says, and single objects of it by positioned reads. Decoding all of it is not
//! here.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::buffer::{Buffer, Inflater};
use super::delta;
use super::entry::{self, Body};
use super::error::ObjectError;
use super::file::{self, Bytes, PartReader};
use super::id::{HashFormat, Kind, ObjectId};
use super::index::Index;
use super::stream::Content;

/// Bytes of what is held to stream what is made from it.
const BASE: u64 = 128 << 20;
/// Longest row of deltas that is followed; git makes none longer than 4095.
const CHAIN: usize = 10_000;
/// Bytes of the header of a pack.
const HEADER: u64 = 12;

/// A pack whose index was read.
#[derive(Debug)]
pub(super) struct Pack {
    /// File name without directory and ending, for messages.
    pub(super) name: String,
    path: PathBuf,
    pub(super) index: Index,
    pub(super) format: HashFormat,
    /// Bytes of the pack file.
    pub(super) size: u64,
    /// Ascending positions in the index whose objects an earlier pack has too.
    pub(super) copies: Vec<u32>,
}

impl Pack {
    /// Reads the index at `index` of a pack beside it.
    ///
    /// # Errors
    ///
    /// What is wrong, for a person.
    pub(super) fn open(index: &Path, format: HashFormat) -> Result<Self, String> {
        let path = index.with_extension("pack");
        let size = std::fs::metadata(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "its index is there, but the pack itself is missing".to_owned(),
            _ => error.to_string(),
        })?;
        let bytes = file::read(index).map_err(|error| format!("its index: {error}"))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let index = Index::parse(bytes, format)?;
        if u32::try_from(index.count()).is_err() {
            return Err("its index is damaged".to_owned());
        }
        Ok(Self { name, path, index, format, size: size.len(), copies: Vec::new() })
    }

    /// Whether an earlier pack has the object at this position of the index.
    pub(super) fn is_copy(&self, position: u32) -> bool {
        !self.copies.is_empty() && self.copies.binary_search(&position).is_ok()
    }

    /// Reads the pack whole, or opens it if it is very large.
    ///
    /// # Errors
    ///
    /// That of the system.
    pub(super) fn load(&self, threads: usize) -> std::io::Result<Bytes> {
        Bytes::load(&self.path, threads)
    }

    /// Opens the pack for single reads.
    ///
    /// # Errors
    ///
    /// That of the system.
    pub(super) fn bytes(&self) -> std::io::Result<Bytes> {
        Bytes::open(&self.path)
    }

    /// Where the entries end: before the checksum.
    pub(super) fn end(&self, bytes: &Bytes) -> u64 {
        bytes.len().saturating_sub(self.format.id_len() as u64)
    }

    /// What is wrong with the pack as a whole, for a person. Its entries are read nevertheless.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub(super) fn check(&self, bytes: &Bytes) -> Result<(), String> {
        let fault = |error: ObjectError| error.to_string();
        let mut room = Vec::new();
        let head = bytes.get(0..HEADER, &mut room).map_err(fault)?;
        let version = head.get(..8);
        if version != Some(b"PACK\0\0\0\x02") && version != Some(b"PACK\0\0\0\x03") {
            return Err("it does not begin as a pack does".to_owned());
        }
        let count = head.get(8..12).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes);
        if count.map(|count| count as usize) != Some(self.index.count()) {
            return Err("its index names another number of objects than the pack has".to_owned());
        }
        let end = bytes.get(self.end(bytes)..bytes.len(), &mut room).map_err(fault)?;
        if end != self.index.pack_checksum() {
            return Err("it is cut off or damaged, or its index belongs to another pack".to_owned());
        }
        Ok(())
    }

    /// The object that begins at `offset`, whole.
    ///
    /// # Errors
    ///
    /// Every way in which it or one of its bases can be damaged, and `TooLarge` beyond `limit` bytes.
    pub(super) fn read(
        &self,
        bytes: &Bytes,
        offset: u64,
        limit: u64,
        outside: &dyn Fn(&ObjectId) -> Option<(Kind, Buffer)>,
    ) -> Result<(Kind, Buffer), ObjectError> {
        let mut inflater = Inflater::default();
        let mut deltas: Vec<Buffer> = Vec::new();
        let (mut held, most) = (0_u64, limit.max(1 << 20).saturating_mul(2));
        let mut place = offset;
        let (kind, mut content) = loop {
            let mut room = [0; entry::LONGEST];
            let header =
                entry::parse(bytes.head(place, &mut room)?, self.format).ok_or(ObjectError::Header)?;
            // A delta is larger than what it makes only if it is wasteful.
            if header.size > limit.max(1 << 20)
                || (matches!(header.body, Body::Whole(_)) && header.size > limit)
            {
                return Err(ObjectError::TooLarge(header.size));
            }
            // All deltas of the chain are held at once.
            held = held.saturating_add(header.size);
            if held > most {
                return Err(ObjectError::TooLargeToHold(held));
            }
            let start = place.saturating_add(header.len as u64);
            let data = self.data(bytes, &mut inflater, start, header.size)?;
            let base = match header.body {
                Body::Whole(kind) => break (kind, data),
                Body::Before(distance) => place.checked_sub(distance).ok_or(ObjectError::Base)?,
                Body::Named(id) => match self.index.find(&id).and_then(|at| self.index.offset(at)) {
                    Some(base) => base,
                    None => {
                        deltas.push(data);
                        break outside(&id).ok_or(ObjectError::Base)?;
                    }
                },
            };
            deltas.push(data);
            if deltas.len() > CHAIN {
                return Err(ObjectError::Base);
            }
            place = base;
        };
        while let Some(step) = deltas.pop() {
            let sizes = delta::sizes(step.content()).ok_or(ObjectError::Delta)?;
            if sizes.result > limit {
                return Err(ObjectError::TooLarge(sizes.result));
            }
            held = held.saturating_add(sizes.result);
            if held > most {
                return Err(ObjectError::TooLargeToHold(sizes.result));
            }
            held = held.saturating_sub((content.content().len() + step.content().len()) as u64);
            let mut result = Buffer::default();
            delta::apply(&content, step.content(), sizes, &mut result, None)?;
            content = result;
        }
        Ok((kind, content))
    }

    /// Hands the object that begins at `offset` to `take` as a stream, if it is larger than `least` bytes; false, if not.
    /// Of a delta, the object that it is made from is held.
    ///
    /// # Errors
    ///
    /// Every way in which it can be damaged, also after `take` was called; `TooLarge` where what has to be held is.
    pub(super) fn stream(
        &self,
        bytes: &Bytes,
        offset: u64,
        least: u64,
        take: &mut dyn FnMut(Kind, &mut dyn Read),
    ) -> Result<bool, ObjectError> {
        let mut room = [0; entry::LONGEST];
        let header = entry::parse(bytes.head(offset, &mut room)?, self.format).ok_or(ObjectError::Header)?;
        let start = offset.saturating_add(header.len as u64);
        let base = match header.body {
            Body::Whole(_) if header.size <= least => return Ok(false),
            Body::Whole(kind) => {
                let data = start..self.end(bytes).max(start);
                let mut content = Content::new(PartReader::new(bytes, data), header.size);
                take(kind, &mut content);
                return content.finish().map(|()| true);
            }
            Body::Before(distance) => offset.checked_sub(distance),
            Body::Named(id) => self.index.find(&id).and_then(|at| self.index.offset(at)),
        };
        // A base in another pack: for whoever reads it whole.
        let Some(base) = base else { return Ok(false) };
        if header.size > BASE {
            return Err(ObjectError::TooLargeToHold(header.size));
        }
        let delta = self.data(bytes, &mut Inflater::default(), start, header.size)?;
        let sizes = delta::sizes(delta.content()).ok_or(ObjectError::Delta)?;
        if sizes.result <= least {
            return Ok(false);
        }
        let (kind, base) = self.read(bytes, base, BASE, &|_| None)?;
        let mut content = delta::Made::new(&base, delta.content(), sizes)?;
        take(kind, &mut content);
        content.finish().map(|()| true)
    }

    /// Inflates the data that begins at `start` and whose end is not known to `size` bytes.
    fn data(
        &self,
        bytes: &Bytes,
        inflater: &mut Inflater,
        start: u64,
        size: u64,
    ) -> Result<Buffer, ObjectError> {
        let (mut out, mut room) = (Buffer::default(), Vec::new());
        // What zlib needs for data that does not compress; nearly always enough.
        let guess = size + size / 1000 + 64;
        let part = bytes.get(start..start.saturating_add(guess).min(self.end(bytes)), &mut room)?;
        match inflater.exact(part, size, &mut out) {
            Err(ObjectError::Stream | ObjectError::Size) if part.len() as u64 == guess => {}
            result => return result.map(|()| out),
        }
        let reader = PartReader::new(bytes, start..self.end(bytes));
        inflater.slowly(reader, size, &mut out)?;
        Ok(out)
    }
}
