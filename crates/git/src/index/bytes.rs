//! A cursor over bytes that may end too early. Numbers are big-endian, as everywhere in git's files.

use super::IndexError;

/// A bounds-checked reader of `bytes`.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Returns the bytes that have not been read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// Reads `count` bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], IndexError> {
        let (taken, _) = self.rest().split_at_checked(count).ok_or(IndexError::Damaged("it is truncated"))?;
        self.at += count;
        Ok(taken)
    }

    /// Reads up to the next `stop` byte. The stop byte is consumed but not returned.
    pub(super) fn until(&mut self, stop: u8) -> Result<&'a [u8], IndexError> {
        let length = memchr::memchr(stop, self.rest()).ok_or(IndexError::Damaged("it is truncated"))?;
        let taken = &self.rest()[..length];
        self.at += length + 1;
        Ok(taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, IndexError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, IndexError> {
        let mut bytes = [0; 2];
        bytes.copy_from_slice(self.take(2)?);
        Ok(u16::from_be_bytes(bytes))
    }

    pub(super) fn u32(&mut self) -> Result<u32, IndexError> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(u32::from_be_bytes(bytes))
    }

    pub(super) fn u64(&mut self) -> Result<u64, IndexError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(u64::from_be_bytes(bytes))
    }
}
