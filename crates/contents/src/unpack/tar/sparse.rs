//! Sparse files: the map of their data, and a reader that leaves out long holes. Supports the formats of GNU tar:
//! its own (type `S`) and the three in pax headers (0.0, 0.1, 1.0).

use std::io::{self, ErrorKind, Read};

use tar::{GnuExtSparseHeader, GnuHeader, GnuSparseHeader};

use super::super::Budget;
use super::super::peek_reader::damaged;

/// Size of a block in bytes.
const BLOCK_BYTES: usize = 512;
/// Number of zeros that replace a hole that is left out.
const SHORTENED_HOLE_BYTES: u64 = 512;
/// Maximum number of data segments of a file.
const MAX_SEGMENTS: usize = 1 << 20;
/// Maximum length of a number in a map, in bytes.
const MAX_DIGITS: usize = 20;

/// A data segment: its offset in the file and its length, in bytes.
type Segment = (u64, u64);

/// The layout of the data of a sparse file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SparseMap {
    pieces: Vec<Segment>,
    /// Size of the file with its holes, in bytes.
    size: u64,
}

impl SparseMap {
    /// Parses the map in a GNU tar header and in the blocks that follow it.
    pub(super) fn of_gnu(header: &GnuHeader, more: &[u8]) -> io::Result<Self> {
        let mut map = Self { pieces: Vec::new(), size: header.real_size()? };
        map.add_all(&header.sparse)?;
        for block in more.chunks_exact(BLOCK_BYTES) {
            let mut extension = GnuExtSparseHeader::new();
            extension.as_mut_bytes().copy_from_slice(block);
            map.add_all(extension.sparse())?;
        }
        Ok(map)
    }

    fn add_all(&mut self, pieces: &[GnuSparseHeader]) -> io::Result<()> {
        for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
            self.pieces.push((piece.offset()?, piece.length()?));
        }
        Ok(())
    }

    /// Parses the map in a pax header of format 0.0 or 0.1.
    fn of_pax(words: &PaxSparse) -> Option<Self> {
        let numbers: Vec<u64> = match &words.map {
            Some(map) => map.split(',').map(|one| one.parse().ok()).collect::<Option<_>>()?,
            None => words.numbers.clone(),
        };
        let pieces = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        Some(Self { pieces, size: words.size? })
    }

    /// Parses the map before the data, of format 1.0. Consumes it from `data`, with its padding.
    fn before(data: &mut dyn Read, size: u64) -> io::Result<Self> {
        let mut taken = 0;
        let count = number(data, &mut taken)? as usize;
        if count > MAX_SEGMENTS {
            return Err(damaged("its list of holes is too long"));
        }
        let mut map = Self { pieces: Vec::new(), size };
        for _ in 0..count {
            map.pieces.push((number(data, &mut taken)?, number(data, &mut taken)?));
        }
        let padding = taken.next_multiple_of(BLOCK_BYTES) - taken;
        io::copy(&mut data.take(padding as u64), &mut io::sink())?;
        Ok(map)
    }
}

/// Reads a decimal number and the newline after it.
fn number(data: &mut dyn Read, taken: &mut usize) -> io::Result<u64> {
    let mut number = 0u64;
    for _ in 0..=MAX_DIGITS {
        let mut byte = [0];
        data.read_exact(&mut byte)?;
        *taken += 1;
        match byte[0] {
            b'\n' => return Ok(number),
            digit @ b'0'..=b'9' => number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')),
            _ => break,
        }
    }
    Err(damaged("its list of holes is damaged"))
}

/// The fields of a pax header that describe a sparse file.
#[derive(Debug, Default)]
pub(super) struct PaxSparse {
    /// The name of the file.
    pub(super) name: Option<Vec<u8>>,
    /// The map of format 0.1.
    map: Option<String>,
    /// Offsets and lengths of format 0.0, in order.
    numbers: Vec<u64>,
    size: Option<u64>,
    /// Whether the map is stored before the data.
    before: bool,
}

impl PaxSparse {
    /// Records one key and value of a pax header.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        let number = || std::str::from_utf8(value).ok()?.parse().ok();
        match key {
            b"GNU.sparse.name" => self.name = Some(value.to_vec()),
            b"GNU.sparse.map" => self.map = Some(String::from_utf8_lossy(value).into_owned()),
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" if self.numbers.len() < 2 * MAX_SEGMENTS => {
                self.numbers.extend(number());
            }
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.size = number(),
            b"GNU.sparse.major" => self.before = value == b"1",
            _ => {}
        }
    }

    /// Returns the map; `None` if it is not a sparse file. A map stored before the data is consumed from there.
    ///
    /// # Errors
    /// Returns an error if the map is damaged, or if the data cannot be read.
    pub(super) fn map(&self, data: &mut dyn Read) -> io::Result<Option<SparseMap>> {
        match self.size {
            Some(size) if self.before => SparseMap::before(data, size).map(Some),
            _ => Ok(SparseMap::of_pax(self).filter(|map| !map.pieces.is_empty())),
        }
    }
}

/// The content of a sparse file. `data` contains its segments, concatenated.
pub(super) struct SparseReader<'s, 'l, R> {
    data: R,
    budget: &'s Budget<'l>,
    pieces: std::vec::IntoIter<Segment>,
    /// Size of the file with its holes, in bytes.
    size: u64,
    /// Offset in the file of the end of the current segment.
    at: u64,
    /// Bytes left of the current hole.
    hole: u64,
    /// Bytes left of the segment after it.
    piece: u64,
}

impl<'s, 'l, R: Read> SparseReader<'s, 'l, R> {
    pub(super) fn new(map: SparseMap, data: R, budget: &'s Budget<'l>) -> Self {
        Self { data, budget, pieces: map.pieces.into_iter(), size: map.size, at: 0, hole: 0, piece: 0 }
    }

    /// Advances to the next hole and segment. Returns false at the end.
    fn next(&mut self) -> bool {
        let next = self.pieces.next();
        let (offset, length) = next.unwrap_or((self.size, 0));
        let hole = offset.saturating_sub(self.at);
        // Zeros contain no secret. Short holes are kept so that offsets stay correct.
        self.hole = if self.budget.take_hole(hole) { hole } else { hole.min(SHORTENED_HOLE_BYTES) };
        self.piece = length;
        self.at = self.at.max(offset).saturating_add(length);
        next.is_some() || self.hole > 0
    }
}

impl<R: Read> Read for SparseReader<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.hole == 0 && self.piece == 0 {
            if !self.next() {
                return Ok(0);
            }
        }
        let most = |left: u64| usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if self.hole > 0 {
            let count = most(self.hole);
            buffer[..count].fill(0);
            self.hole -= count as u64;
            return Ok(count);
        }
        let count = most(self.piece);
        let count = self.data.read(&mut buffer[..count])?;
        if count == 0 && !buffer.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.piece -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;
    use crate::unpack::Limits;

    fn text(map: SparseMap, data: &[u8]) -> io::Result<Vec<u8>> {
        let (limits, total, mut out) = (Limits::default(), AtomicU64::new(0), Vec::new());
        let budget = Budget::new(&limits, &total);
        SparseReader::new(map, data, &budget).read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn long_holes_are_left_out() {
        let map = SparseMap { pieces: vec![(3, 2), (5, 1), (7, 2)], size: 10 };
        assert_eq!(text(map.clone(), b"abcde").unwrap(), b"\0\0\0abc\0de\0");
        assert_eq!(text(map, b"abc").unwrap_err().kind(), ErrorKind::UnexpectedEof);
        let map = SparseMap { pieces: vec![(1, 1), (60 << 30, 1)], size: 70 << 30 };
        let out = text(map, b"ab").unwrap();
        assert_eq!(out.len() as u64, 3 + 2 * SHORTENED_HOLE_BYTES);
        assert_eq!((out[1], out[2 + SHORTENED_HOLE_BYTES as usize]), (b'a', b'b'));
        // Overlapping segments are data all the same.
        let map = SparseMap { pieces: vec![(5, 2), (0, 3)], size: 2 };
        assert_eq!(text(map, b"abcde").unwrap(), b"\0\0\0\0\0abcde");
    }

    #[test]
    fn all_pax_formats_are_parsed() {
        let words = |pairs: &[(&str, &str)]| {
            let mut words = PaxSparse::default();
            pairs.iter().for_each(|(key, value)| {
                words.add(format!("GNU.sparse.{key}").as_bytes(), value.as_bytes());
            });
            words
        };
        let map = SparseMap { pieces: vec![(1, 2), (5, 1)], size: 9 };
        let old = [("size", "9"), ("offset", "1"), ("numbytes", "2"), ("offset", "5"), ("numbytes", "1")];
        assert_eq!(words(&old).map(&mut io::empty()).unwrap(), Some(map.clone()));
        let middle = [("size", "9"), ("map", "1,2,5,1")];
        assert_eq!(words(&middle).map(&mut io::empty()).unwrap(), Some(map.clone()));
        let new = words(&[("major", "1"), ("minor", "0"), ("name", "n"), ("realsize", "9")]);
        let mut data = b"2\n1\n2\n5\n1\n".to_vec();
        data.resize(BLOCK_BYTES, 0);
        data.extend_from_slice(b"abc");
        let mut data = &data[..];
        assert_eq!((new.map(&mut data).unwrap(), data), (Some(map), &b"abc"[..]));
        assert!(new.map(&mut &b"2\nx"[..]).is_err() && new.map(&mut &b"2\n1"[..]).is_err());
        assert_eq!(words(&[("name", "n")]).map(&mut io::empty()).unwrap(), None);
    }
}
