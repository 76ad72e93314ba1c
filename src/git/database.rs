//! Single objects, on demand: for the few that a commit or a push is about, where reading whole packs would be waste.
//!
//! It asks libgit2's object database by its directories and does not open the repository, whose configuration could
//! refuse (a partial clone, another owner) or lead elsewhere.

use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;

use git2::{ObjectFormat, Odb, Oid};

use super::layout::Layout;
use super::parse::{CommitHead, tag_target};
use crate::objects::{HashFormat, Kind, ObjectId, Store};

/// How long a chain of tags that point to tags may be.
const LONGEST: usize = 32;
/// Objects of more bytes are not held in memory if there is another way to read them.
const LARGE: usize = 32 << 20;

/// The objects of a repository.
pub struct Database {
    odb: Odb<'static>,
    format: ObjectFormat,
    directories: Directories,
    /// The same objects for whoever wants a stream, which libgit2 does not give of packs.
    store: OnceLock<Store>,
}

/// Where the objects are, and how they are named.
struct Directories {
    own: PathBuf,
    extra: Vec<PathBuf>,
    format: HashFormat,
}

/// An object could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("object {id}: {reason}")]
pub struct ReadError {
    /// Its id.
    pub id: String,
    /// What libgit2 says.
    pub reason: String,
}

impl Database {
    /// The objects of the repository at `layout`, with those that git named in the environment: in the hooks of a push
    /// they lie in quarantine.
    ///
    /// # Errors
    /// The directory of the objects cannot be used.
    pub fn open(layout: &Layout) -> Result<Self, ReadError> {
        // Hashing every object again would take longer than all else, and git itself does not do it.
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
            // libgit2 takes text only; a path that is none is not one that git itself would print.
            odb.add_disk_alternate(&path.to_string_lossy()).map_err(broken)?;
        }
        Ok(Self { odb, format, directories, store: OnceLock::new() })
    }

    /// For what is asked of libgit2 itself.
    pub fn odb(&self) -> &Odb<'static> {
        &self.odb
    }

    /// How libgit2 calls an object.
    pub fn oid(&self, id: &ObjectId) -> Option<Oid> {
        Oid::from_bytes(id.as_bytes()).ok()
    }

    /// Whether an object is here.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.oid(id).is_some_and(|oid| self.odb.exists(oid))
    }

    /// Reads an object whole.
    ///
    /// # Errors
    /// It is not here, or damaged.
    pub fn read(&self, id: &ObjectId) -> Result<(Kind, Vec<u8>), ReadError> {
        let error = |reason: String| ReadError { id: id.to_string(), reason };
        let oid = self.oid(id).ok_or_else(|| error("not an id".to_owned()))?;
        let object = self.odb.read(oid).map_err(|failed| match failed.code() {
            git2::ErrorCode::NotFound => error(
                "is not here; fetch it: in a shallow clone with git fetch --unshallow, in a partial clone with git \
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

    /// Hands an object to `take` as a stream if it is too large to be held. False, and nothing was handed over: it is not
    /// large, or not here; [`Self::read`] reads it, or says why not.
    ///
    /// # Errors
    /// It is damaged; `take` may have had a part of it.
    pub fn stream(&self, id: &ObjectId, take: &mut dyn FnMut(&mut dyn Read)) -> Result<bool, ReadError> {
        let size = self.oid(id).and_then(|oid| self.odb.read_header(oid).ok()).map_or(0, |(size, _)| size);
        if size <= LARGE {
            return Ok(false);
        }
        let Directories { own, extra, format } = &self.directories;
        let store = self.store.get_or_init(|| Store::open(own, extra, *format));
        let streamed = store.stream(id, &mut |_, content| take(content));
        streamed.map_err(|error| ReadError { id: id.to_string(), reason: error.to_string() })
    }

    /// The content of an object, if it can be had.
    pub fn read_quietly(&self, oid: &Oid) -> Option<Vec<u8>> {
        self.odb.read(*oid).ok().map(|object| object.data().to_vec())
    }

    /// Reads a commit's header, through tags that point to it; with the id of the commit.
    ///
    /// # Errors
    /// It is not here, or no commit.
    pub fn commit(&self, id: &ObjectId) -> Result<(ObjectId, CommitHead), ReadError> {
        let mut id = *id;
        for _ in 0..LONGEST {
            let (kind, content) = self.read(&id)?;
            match kind {
                Kind::Commit => {
                    let head = CommitHead::read(&content);
                    let error = || ReadError { id: id.to_string(), reason: "is damaged".to_owned() };
                    return Ok((id, head.ok_or_else(error)?));
                }
                Kind::Tag => match tag_target(&content) {
                    Some(target) => id = target,
                    None => break,
                },
                _ => break,
            }
        }
        Err(ReadError { id: id.to_string(), reason: "is no commit".to_owned() })
    }

    /// The only object whose id begins with these hex digits.
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
