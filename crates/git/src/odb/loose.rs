//! Loose objects: one file each, a zlib stream of "kind size\0" and the content. Format: gitformat-loose(5) and
//! gitrepository-layout(5).

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use telleaks_platform::path_bytes;

use super::buffer::{Buffer, Inflater};
use super::error::ObjectError;
use super::id::{HashFormat, Kind, ObjectId};
use super::pack_data;
use super::stream::ObjectStream;
use crate::fault_injection;

/// Bytes that are inflated to read the header.
const PREFIX_BYTES: usize = 512;
/// Maximum length of a header: `commit `, 20 digits and a NUL, rounded up.
const MAX_HEADER_BYTES: usize = 32;
/// Larger compressed files, in bytes, are not read whole before the object's size is known.
const MAX_EAGER_BYTES: u64 = 1 << 20;

/// Start of the name of a loose object that is still being written.
pub(super) const TEMPORARY: &str = "tmp_obj_";

/// What [`list`] found.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The objects, in unspecified order.
    pub(super) objects: Vec<Loose>,
    /// Files that git was writing.
    pub(super) temporary: Vec<PathBuf>,
}

/// A loose object and its location.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loose {
    pub(super) id: ObjectId,
    /// The number of its object directory.
    pub(super) directory: u32,
}

/// Adds the loose objects of an object directory to `out`.
///
/// # Errors
///
/// Returns an error for each subdirectory that could not be read, with its name. The others are listed all the same.
pub(super) fn list(
    objects: &Path,
    directory: u32,
    format: HashFormat,
    out: &mut Listing,
) -> Result<(), Vec<String>> {
    let mut errors = Vec::new();
    for first in 0..=255_u8 {
        let prefix = format!("{first:02x}");
        let entries = match fault_injection::read_dir(&objects.join(&prefix)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                errors.push(format!("the loose objects in {prefix}: {error}"));
                continue;
            }
        };
        for entry in entries {
            match entry {
                Ok(entry) if path_bytes(&entry.file_name()).starts_with(TEMPORARY.as_bytes()) => {
                    out.temporary.push(entry.path());
                }
                Ok(entry) => {
                    let name = entry.file_name();
                    let id = name.to_str().and_then(|rest| ObjectId::from_hex(&format!("{prefix}{rest}")));
                    let id = id.filter(|id| id.as_bytes().len() == format.id_len());
                    out.objects.extend(id.map(|id| Loose { id, directory }));
                }
                Err(error) => errors.push(format!("the loose objects in {prefix}: {error}")),
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Returns the file of a loose object.
pub(super) fn path(objects: &Path, id: &ObjectId) -> PathBuf {
    let hex = id.to_string();
    let (first, rest) = hex.split_at(2);
    objects.join(first).join(rest)
}

/// Parses a header and returns kind, size and header length. Returns `None` if it is invalid.
fn header(bytes: &[u8]) -> Option<(Kind, u64, usize)> {
    let end = bytes.iter().take(MAX_HEADER_BYTES).position(|byte| *byte == 0)?;
    let text = bytes.get(..end)?;
    let space = text.iter().position(|byte| *byte == b' ')?;
    let kind = Kind::from_word(text.get(..space)?)?;
    let digits = text.get(space + 1..)?;
    if digits.is_empty() || (digits.len() > 1 && digits[0] == b'0') {
        return None;
    }
    let digit = |size: u64, byte: &u8| {
        let value = byte.checked_sub(b'0').filter(|value| *value < 10)?;
        size.checked_mul(10)?.checked_add(u64::from(value))
    };
    let size = digits.iter().try_fold(0, digit)?;
    Some((kind, size, end + 1))
}

/// A loose object whose header was read.
pub(super) struct OpenLoose {
    file: fs::File,
    /// The compressed file, or its start if it is large.
    bytes: Vec<u8>,
    file_len: u64,
    pub(super) kind: Kind,
    /// The declared size in bytes; untrusted.
    pub(super) size: u64,
    header: usize,
}

/// Opens a loose object and reads its header.
///
/// # Errors
///
/// Returns `System`, `Stream`, `Header` or `Memory`.
pub(super) fn open(path: &Path, inflater: &mut Inflater) -> Result<OpenLoose, ObjectError> {
    let file = pack_data::open(path)?;
    let file_len = file.metadata()?.len();
    let mut bytes = Vec::new();
    fault_injection::input(&file).take(MAX_EAGER_BYTES).read_to_end(&mut bytes)?;
    let mut head = Buffer::default();
    inflater.prefix(&bytes, PREFIX_BYTES, &mut head)?;
    let (kind, size, header) = header(head.content()).ok_or(ObjectError::Header)?;
    Ok(OpenLoose { file, bytes, file_len, kind, size, header })
}

impl OpenLoose {
    /// Reads the whole content.
    ///
    /// # Errors
    ///
    /// Returns `TooLarge` if it exceeds `limit` bytes, `Memory`, or the error for the kind of damage.
    pub(super) fn read(
        mut self,
        limit: u64,
        inflater: &mut Inflater,
    ) -> Result<(Kind, Vec<u8>), ObjectError> {
        if self.size > limit {
            return Err(ObjectError::TooLarge(self.size));
        }
        if self.file_len > MAX_EAGER_BYTES {
            fault_injection::input(&self.file).read_to_end(&mut self.bytes)?;
        }
        let mut out = Buffer::default();
        inflater.whole(&self.bytes, self.size.saturating_add(self.header as u64), &mut out)?;
        let mut content = out.into_vec();
        content.drain(..self.header);
        Ok((self.kind, content))
    }

    /// Returns a stream of the content.
    ///
    /// # Errors
    ///
    /// Returns `System` or `Stream`.
    pub(super) fn stream(self) -> Result<ObjectStream<impl Read>, ObjectError> {
        let input = io::Cursor::new(self.bytes).chain(fault_injection::input(self.file));
        let content = ObjectStream::new(input, self.size);
        content.skip(self.header as u64).map_err(|_| ObjectError::Stream)
    }
}
