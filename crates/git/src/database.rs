//! Reads single objects on demand. For a commit or a push, reading whole packs would be wasteful.
//!
//! Uses libgit2's object database by its directories and does not open the repository, because libgit2 could refuse it
//! (a partial clone, another owner) and its configuration could point elsewhere.

use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;

use git2::{ObjectFormat, Odb, Oid};

use super::layout::Layout;
use super::parse::{CommitHead, tag_target};
use crate::odb::{HashFormat, Kind, ObjectId, Store};

/// Maximum length of a chain of tags that point to tags.
const MAX_TAG_CHAIN: usize = 32;
/// Larger objects, in bytes, are streamed instead of being held in memory.
const MAX_BUFFERED_BYTES: usize = 32 << 20;

/// The objects of a repository.
pub struct Database {
    odb: Odb<'static>,
    format: ObjectFormat,
    directories: Directories,
    /// The same objects through our own reader, opened on first use: libgit2 cannot stream packed objects.
    store: OnceLock<Store>,
}

/// The object directories and the hash format.
struct Directories {
    own: PathBuf,
    extra: Vec<PathBuf>,
    format: HashFormat,
}

/// An object could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("object {id}: {reason}")]
pub struct ReadError {
    /// The id of the object.
    pub id: String,
    /// The reason, from libgit2 or this module.
    pub reason: String,
}

impl Database {
    /// Opens the object database of the repository at `layout`, including the directories that git names in the
    /// environment: in the hooks of a push the new objects are in quarantine there.
    ///
    /// # Errors
    /// Returns an error if an object directory cannot be used.
    pub fn open(layout: &Layout) -> Result<Self, ReadError> {
        // Hashing every object again would take longer than everything else, and git itself does not do it.
        git2::opts::strict_hash_verification(false);
        let format = layout.object_format();
        let broken =
            |error: git2::Error| ReadError { id: "database".to_owned(), reason: error.message().to_owned() };
        let odb = Odb::new_ext(format).map_err(broken)?;
        let directories = Directories {
            own: layout.objects(),
            extra: Layout::objects_from_environment(),
            format: layout.format,
        };
        for path in directories.extra.iter().chain([&directories.own]) {
            // libgit2 takes UTF-8 paths only.
            odb.add_disk_alternate(&path.to_string_lossy()).map_err(broken)?;
        }
        Ok(Self { odb, format, directories, store: OnceLock::new() })
    }

    /// Returns the libgit2 object database.
    pub fn odb(&self) -> &Odb<'static> {
        &self.odb
    }

    /// Converts an id to libgit2's type.
    pub fn oid(&self, id: &ObjectId) -> Option<Oid> {
        Oid::from_bytes(id.as_bytes()).ok()
    }

    /// Returns whether an object exists.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.oid(id).is_some_and(|oid| self.odb.exists(oid))
    }

    /// Reads a whole object.
    ///
    /// # Errors
    /// Returns an error if it is missing or damaged.
    pub fn read(&self, id: &ObjectId) -> Result<(Kind, Vec<u8>), ReadError> {
        let error = |reason: String| ReadError { id: id.to_string(), reason };
        let oid = self.oid(id).ok_or_else(|| error("not an id".to_owned()))?;
        let object = self.odb.read(oid).map_err(|failed| match failed.code() {
            git2::ErrorCode::NotFound => error(
                "missing; fetch it: in a shallow clone with git fetch --unshallow, in a partial clone with git \
                 fetch --refetch --no-filter"
                    .to_owned(),
            ),
            _ => error(failed.message().to_owned()),
        })?;
        let kind = match object.kind() {
            git2::ObjectType::Commit => Kind::Commit,
            git2::ObjectType::Tree => Kind::Tree,
            git2::ObjectType::Tag => Kind::Tag,
            _ => Kind::Blob,
        };
        Ok((kind, object.data().to_vec()))
    }

    /// Streams an object to `take` if it is too large to hold in memory. Returns false without calling `take` if the
    /// object is small or missing; [`Self::read`] then reads it or reports why it cannot.
    ///
    /// # Errors
    /// Returns an error if the object is damaged; `take` may have received part of it.
    pub fn stream(&self, id: &ObjectId, take: &mut dyn FnMut(&mut dyn Read)) -> Result<bool, ReadError> {
        let size = self.oid(id).and_then(|oid| self.odb.read_header(oid).ok()).map_or(0, |(size, _)| size);
        if size <= MAX_BUFFERED_BYTES {
            return Ok(false);
        }
        let Directories { own, extra, format } = &self.directories;
        let store = self.store.get_or_init(|| Store::open(own, extra, *format));
        let streamed = store.stream(id, &mut |_, content| take(content));
        streamed.map_err(|error| ReadError { id: id.to_string(), reason: error.to_string() })
    }

    /// Returns the content of an object, or `None` on any error.
    pub fn read_quietly(&self, oid: &Oid) -> Option<Vec<u8>> {
        self.odb.read(*oid).ok().map(|object| object.data().to_vec())
    }

    /// Reads the header of a commit and returns it with the id of the commit. Tags are followed.
    ///
    /// # Errors
    /// Returns an error if the object is missing, damaged, or not a commit.
    pub fn commit(&self, id: &ObjectId) -> Result<(ObjectId, CommitHead), ReadError> {
        let mut id = *id;
        for _ in 0..MAX_TAG_CHAIN {
            let (kind, content) = self.read(&id)?;
            match kind {
                Kind::Commit => {
                    let head = CommitHead::read(&content);
                    let error = || ReadError { id: id.to_string(), reason: "damaged commit".to_owned() };
                    return Ok((id, head.ok_or_else(error)?));
                }
                Kind::Tag => match tag_target(&content) {
                    Some(target) => id = target,
                    None => break,
                },
                _ => break,
            }
        }
        Err(ReadError { id: id.to_string(), reason: "not a commit".to_owned() })
    }

    /// Returns the only object whose id starts with these hex digits.
    pub fn by_prefix(&self, digits: &str) -> Option<ObjectId> {
        let whole = match self.format {
            ObjectFormat::Sha1 => 40,
            ObjectFormat::Sha256 => 64,
        };
        if digits.len() < 4 || digits.len() > whole || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let padded = format!("{digits:0<whole$}");
        let short = Oid::from_str_ext(&padded, self.format).ok()?;
        let found = self.odb.exists_prefix(short, digits.len()).ok()?;
        ObjectId::from_bytes(found.as_bytes())
    }
}
