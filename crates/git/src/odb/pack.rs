//! One pack: its files, its index, and single objects by positioned reads. Does not decode whole packs.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::buffer::{Buffer, Inflater};
use super::delta;
use super::error::ObjectError;
use super::id::{HashFormat, Kind, ObjectId};
use super::index::Index;
use super::pack_data::{self, Bytes, RangeReader};
use super::pack_entry::{self, EntryKind};
use super::stream::ObjectStream;

/// Maximum size, in bytes, of a delta or base that is held in memory to stream the result of the delta.
const MAX_BASE_BYTES: u64 = 128 << 20;
/// Maximum length of a delta chain; git writes none longer than 4095.
const MAX_CHAIN: usize = 10_000;
/// Length of a pack's header in bytes.
const HEADER_BYTES: u64 = 12;

/// A pack whose index was read.
#[derive(Debug)]
pub(super) struct Pack {
    /// File name without directory and extension, for messages.
    pub(super) name: String,
    path: PathBuf,
    pub(super) index: Index,
    pub(super) format: HashFormat,
    /// Size of the pack file in bytes.
    pub(super) size: u64,
    /// Positions in the index whose objects an earlier pack contains as well, ascending.
    pub(super) copies: Vec<u32>,
}

/// Bytes of one delta chain that are in memory at once.
struct HeldBytes {
    now: u64,
    most: u64,
}

impl HeldBytes {
    /// Adds `count` bytes. Returns whether the limit is kept.
    fn add(&mut self, count: u64) -> bool {
        self.now = self.now.saturating_add(count);
        self.now <= self.most
    }

    fn free(&mut self, count: usize) {
        self.now = self.now.saturating_sub(count as u64);
    }
}

/// An object as a pack stores it: the base, and the deltas that lead to the object, the last of them first.
struct DeltaChain {
    kind: Kind,
    base: Buffer,
    deltas: Vec<Buffer>,
    held: HeldBytes,
}

impl DeltaChain {
    /// Applies the deltas one by one. `limit` is the maximum size of a result, in bytes.
    fn apply(self, limit: u64) -> Result<(Kind, Buffer), ObjectError> {
        let Self { kind, base: mut content, mut deltas, mut held } = self;
        while let Some(step) = deltas.pop() {
            let sizes = delta::sizes(step.content()).ok_or(ObjectError::Delta)?;
            if sizes.result > limit {
                return Err(ObjectError::TooLarge(sizes.result));
            }
            if !held.add(sizes.result) {
                return Err(ObjectError::TooLargeToHold(sizes.result));
            }
            held.free(content.content().len() + step.content().len());
            let mut result = Buffer::default();
            delta::apply(&content, step.content(), sizes, &mut result, None)?;
            content = result;
        }
        Ok((kind, content))
    }
}

impl Pack {
    /// Reads the index file `index` of the pack beside it.
    ///
    /// # Errors
    ///
    /// Returns the reason for display.
    pub(super) fn open(index: &Path, format: HashFormat) -> Result<Self, String> {
        let path = index.with_extension("pack");
        let size = std::fs::metadata(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "its index exists, but the pack itself is missing".to_owned(),
            _ => error.to_string(),
        })?;
        let bytes = pack_data::read(index).map_err(|error| format!("its index: {error}"))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let index = Index::parse(bytes, format)?;
        if u32::try_from(index.count()).is_err() {
            return Err("its index is damaged".to_owned());
        }
        Ok(Self { name, path, index, format, size: size.len(), copies: Vec::new() })
    }

    /// Creates a pack without an index, whose objects are at these offsets.
    pub(super) fn without_index(path: &Path, format: HashFormat, offsets: &[u64], size: u64) -> Option<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let index = Index::of_offsets(offsets, format)?;
        Some(Self { name, path: path.to_owned(), index, format, size, copies: Vec::new() })
    }

    /// Returns whether an earlier pack contains the object at this position of the index.
    pub(super) fn is_copy(&self, position: u32) -> bool {
        !self.copies.is_empty() && self.copies.binary_search(&position).is_ok()
    }

    /// Reads the whole pack, or opens it if it is very large.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub(super) fn load(&self, threads: usize) -> std::io::Result<Bytes> {
        Bytes::load(&self.path, threads)
    }

    /// Opens the pack for single reads.
    ///
    /// # Errors
    ///
    /// Returns the I/O error.
    pub(super) fn bytes(&self) -> std::io::Result<Bytes> {
        Bytes::open(&self.path)
    }

    /// Returns the end of the entries, which is the offset of the trailing checksum.
    pub(super) fn end(&self, bytes: &Bytes) -> u64 {
        bytes.len().saturating_sub(self.format.id_len() as u64)
    }

    /// Checks the header and checksum of the pack. Its entries are read even if the check fails.
    ///
    /// # Errors
    ///
    /// Returns the first failure, for display.
    pub(super) fn check(&self, bytes: &Bytes) -> Result<(), String> {
        let fault = |error: ObjectError| error.to_string();
        let mut room = Vec::new();
        let head = bytes.get(0..HEADER_BYTES, &mut room).map_err(fault)?;
        let version = head.get(..8);
        if version != Some(b"PACK\0\0\0\x02") && version != Some(b"PACK\0\0\0\x03") {
            return Err("it does not start with the signature of a pack".to_owned());
        }
        let count = head.get(8..12).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes);
        if count.map(|count| count as usize) != Some(self.index.count()) {
            return Err("its index has a different number of objects than the pack".to_owned());
        }
        let end = bytes.get(self.end(bytes)..bytes.len(), &mut room).map_err(fault)?;
        if end != self.index.pack_checksum() {
            return Err("it is truncated or damaged, or its index belongs to another pack".to_owned());
        }
        Ok(())
    }

    /// Reads the whole object at `offset`.
    ///
    /// # Errors
    ///
    /// Returns the error for the damage of the object or one of its bases, `TooLarge` if it is larger than `limit`
    /// bytes, or `TooLargeToHold` if its delta chain is.
    pub(super) fn read(
        &self,
        bytes: &Bytes,
        offset: u64,
        limit: u64,
        outside: &dyn Fn(&ObjectId) -> Option<(Kind, Buffer)>,
    ) -> Result<(Kind, Buffer), ObjectError> {
        self.resolve_chain(bytes, offset, limit, outside)?.apply(limit)
    }

    /// Reads the object at `offset` and, if it is a delta, its bases, down to the first that is not.
    fn resolve_chain(
        &self,
        bytes: &Bytes,
        offset: u64,
        limit: u64,
        outside: &dyn Fn(&ObjectId) -> Option<(Kind, Buffer)>,
    ) -> Result<DeltaChain, ObjectError> {
        let mut inflater = Inflater::default();
        let mut deltas: Vec<Buffer> = Vec::new();
        let mut held = HeldBytes { now: 0, most: limit.max(1 << 20).saturating_mul(2) };
        let mut place = offset;
        loop {
            let mut room = [0; pack_entry::MAX_HEADER_BYTES];
            let header =
                pack_entry::parse(bytes.head(place, &mut room)?, self.format).ok_or(ObjectError::Header)?;
            // A delta is larger than its result only if it is wasteful.
            if header.size > limit.max(1 << 20)
                || (matches!(header.kind, EntryKind::Base(_)) && header.size > limit)
            {
                return Err(ObjectError::TooLarge(header.size));
            }
            // All deltas of the chain are held at once.
            if !held.add(header.size) {
                return Err(ObjectError::TooLargeToHold(held.now));
            }
            let start = place.saturating_add(header.len as u64);
            let data = self.data(bytes, &mut inflater, start, header.size)?;
            let base = match header.kind {
                EntryKind::Base(kind) => return Ok(DeltaChain { kind, base: data, deltas, held }),
                EntryKind::OffsetDelta(distance) => place.checked_sub(distance).ok_or(ObjectError::Base)?,
                EntryKind::RefDelta(id) => match self.index.find(&id).and_then(|at| self.index.offset(at)) {
                    Some(base) => base,
                    None => {
                        deltas.push(data);
                        let (kind, base) = outside(&id).ok_or(ObjectError::Base)?;
                        return Ok(DeltaChain { kind, base, deltas, held });
                    }
                },
            };
            deltas.push(data);
            if deltas.len() > MAX_CHAIN {
                return Err(ObjectError::Base);
            }
            place = base;
        }
    }

    /// Streams the object at `offset` to `take` if it is larger than `least` bytes; otherwise returns false. For a
    /// delta, the base is held in memory.
    ///
    /// # Errors
    ///
    /// Returns an error if the object is damaged, possibly after `take` was called, or `TooLargeToHold` or `TooLarge`
    /// if its delta or base is too large to hold.
    pub(super) fn stream(
        &self,
        bytes: &Bytes,
        offset: u64,
        least: u64,
        take: &mut dyn FnMut(Kind, &mut dyn Read),
    ) -> Result<bool, ObjectError> {
        let mut room = [0; pack_entry::MAX_HEADER_BYTES];
        let header =
            pack_entry::parse(bytes.head(offset, &mut room)?, self.format).ok_or(ObjectError::Header)?;
        let start = offset.saturating_add(header.len as u64);
        let base = match header.kind {
            EntryKind::Base(_) if header.size <= least => return Ok(false),
            EntryKind::Base(kind) => {
                let data = start..self.end(bytes).max(start);
                let mut content = ObjectStream::new(RangeReader::new(bytes, data), header.size);
                take(kind, &mut content);
                return content.finish().map(|()| true);
            }
            EntryKind::OffsetDelta(distance) => offset.checked_sub(distance),
            EntryKind::RefDelta(id) => self.index.find(&id).and_then(|at| self.index.offset(at)),
        };
        // The base is in another pack: the caller must read the object whole.
        let Some(base) = base else { return Ok(false) };
        if header.size > MAX_BASE_BYTES {
            return Err(ObjectError::TooLargeToHold(header.size));
        }
        let delta = self.data(bytes, &mut Inflater::default(), start, header.size)?;
        let sizes = delta::sizes(delta.content()).ok_or(ObjectError::Delta)?;
        if sizes.result <= least {
            return Ok(false);
        }
        let (kind, base) = self.read(bytes, base, MAX_BASE_BYTES, &|_| None)?;
        let mut content = delta::DeltaReader::new(&base, delta.content(), sizes)?;
        take(kind, &mut content);
        content.finish().map(|()| true)
    }

    /// Inflates the data at `start`, whose compressed size is not known, to `size` bytes.
    fn data(
        &self,
        bytes: &Bytes,
        inflater: &mut Inflater,
        start: u64,
        size: u64,
    ) -> Result<Buffer, ObjectError> {
        let (mut out, mut room) = (Buffer::default(), Vec::new());
        // The compressed size of incompressible data, which nearly always suffices.
        let guess = size + size / 1000 + 64;
        let part = bytes.get(start..start.saturating_add(guess).min(self.end(bytes)), &mut room)?;
        match inflater.exact(part, size, &mut out) {
            Err(ObjectError::Stream | ObjectError::Size) if part.len() as u64 == guess => {}
            result => return result.map(|()| out),
        }
        let reader = RangeReader::new(bytes, start..self.end(bytes));
        inflater.read_from(reader, size, &mut out)?;
        Ok(out)
    }
}
