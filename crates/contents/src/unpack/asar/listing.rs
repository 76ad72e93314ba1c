//! The header of an asar archive: JSON with the offsets and sizes of the files. Parsed as a stream, and only the needed
//! fields are kept, up to a limit.

use std::fmt;
use std::io::Read;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// Maximum total length of the paths, in bytes.
const MAX_PATH_BYTES: usize = 32 << 20;
/// Maximum number of files.
const MAX_FILES: usize = 1 << 20;

/// A file in an archive.
#[derive(Debug)]
pub(super) struct File {
    /// Offset of its first byte after the header.
    pub(super) offset: u64,
    /// Its size in bytes.
    pub(super) size: u64,
    path: Range<usize>,
}

/// The files listed in a header that are stored in the archive.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The files, ordered by offset.
    pub(super) files: Vec<File>,
    /// Their paths, concatenated.
    paths: String,
    /// The path of the current node.
    at: String,
}

impl Listing {
    /// Parses a header. Returns an error message next to the files that were listed before the error.
    pub(super) fn read(json: impl Read) -> (Self, Option<String>) {
        let mut listing = Self::default();
        let mut json = serde_json::Deserializer::from_reader(json);
        let result = Node(&mut listing).deserialize(&mut json);
        listing.files.sort_by_key(|file| (file.offset, file.size));
        (listing, result.err().map(|error| format!("its header is damaged: {error}")))
    }

    /// Returns the path of a file.
    pub(super) fn path(&self, file: &File) -> &str {
        self.paths.get(file.path.clone()).unwrap_or_default()
    }

    fn push(&mut self, offset: u64, size: u64) -> bool {
        let start = self.paths.len();
        if self.files.len() == MAX_FILES || start + self.at.len() > MAX_PATH_BYTES {
            return false;
        }
        self.paths.push_str(&self.at);
        self.files.push(File { offset, size, path: start..self.paths.len() });
        true
    }
}

/// A file or a directory.
struct Node<'l>(&'l mut Listing);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a file or a directory")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut size, mut offset, mut elsewhere) = (None, None, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "files" => map.next_value_seed(Children(&mut *self.0))?,
                "size" => size = map.next_value::<Number>()?.0,
                "offset" => offset = map.next_value::<Number>()?.0,
                // Stored next to the archive, where it is an ordinary file.
                "unpacked" => elsewhere = map.next_value::<bool>()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match (offset, size) {
            (Some(offset), Some(size)) if !elsewhere && !self.0.push(offset, size) => {
                Err(A::Error::custom("it lists too many files"))
            }
            _ => Ok(()),
        }
    }
}

/// The entries of a directory, by name.
struct Children<'l>(&'l mut Listing);

impl<'de> DeserializeSeed<'de> for Children<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Children<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the files of a directory")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let before = self.0.at.len();
        while let Some(name) = map.next_key::<String>()? {
            if before > 0 {
                self.0.at.push('/');
            }
            self.0.at.push_str(&name);
            map.next_value_seed(Node(&mut *self.0))?;
            self.0.at.truncate(before);
        }
        Ok(())
    }
}

/// A number, or a string that contains one: offsets are strings, because JavaScript numbers are exact only up to 2^53.
struct Number(Option<u64>);

impl<'de> serde::Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number of bytes")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
        Ok(Number(Some(number)))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Number, E> {
        Err(E::custom("a number of bytes is negative"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
        Ok(Number(text.parse().ok()))
    }
}
