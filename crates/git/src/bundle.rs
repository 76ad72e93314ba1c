//! Unpacks a git bundle into a bare repository, so that it can be read like any other. libgit2 indexes the pack; no
//! program is run, and no hook or user configuration takes part.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use git2::{Indexer, ObjectFormat};

use crate::fault_injection;

/// Maximum number of header lines; each is a ref or a prerequisite commit.
const MAX_HEADER_LINES: usize = 4_000_000;
/// Maximum length of a header line, in bytes.
const MAX_LINE_BYTES: u64 = 64 << 10;
/// Read buffer size for the pack, in bytes.
const CHUNK_BYTES: usize = 1 << 20;

/// Why a bundle cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// An I/O error, such as a full disk.
    #[error("the bundle cannot be unpacked: {0}")]
    Io(#[from] io::Error),
    /// The header is not that of a bundle.
    #[error("the header of the bundle is damaged")]
    Header,
    /// The bundle needs commits that it does not contain.
    #[error(
        "the bundle needs {0} commits that it does not contain; create one with the whole history: git bundle \
         create FILE --all"
    )]
    Partial(usize),
    /// The pack is damaged.
    #[error("the objects of the bundle cannot be read: {0}")]
    Pack(String),
}

/// Returns whether the file at `path` starts with the signature of a bundle (version 2 or 3).
pub fn is_bundle(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = fs::metadata(path).is_ok_and(|found| found.is_file())
        && fault_injection::open(path)
            .is_ok_and(|file| fault_injection::input(file).take(16).read_to_end(&mut head).is_ok());
    read && (head.starts_with(b"# v2 git bundle") || head.starts_with(b"# v3 git bundle"))
}

/// Unpacks the bundle at `path` into the empty directory `into`, which becomes a bare repository.
///
/// # Errors
/// Returns an error if the bundle is damaged or incomplete, or if the disk is full.
pub fn unpack_bundle(path: &Path, into: &Path) -> Result<(), BundleError> {
    let mut reader =
        BufReader::with_capacity(CHUNK_BYTES, fault_injection::input(fault_injection::open(path)?));
    let head = Header::read(&mut reader)?;
    if head.prerequisites > 0 {
        return Err(BundleError::Partial(head.prerequisites));
    }
    let pack = into.join("objects/pack");
    // Not `create_dir_all`: it would recreate `into` if that was removed because the run is ending.
    fs::create_dir(into.join("objects"))?;
    fs::create_dir(&pack)?;
    fs::create_dir(into.join("refs"))?;
    let format = if head.sha256 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    index(&mut reader, &pack, format)?;
    let version = if head.sha256 { "1\n[extensions]\n\tobjectformat = sha256" } else { "0" };
    fs::write(
        into.join("config"),
        format!("[core]\n\tbare = true\n\trepositoryformatversion = {version}\n"),
    )?;
    fs::write(into.join("HEAD"), head.head())?;
    fs::write(into.join("packed-refs"), head.packed_refs())?;
    Ok(())
}

fn index(pack: &mut dyn Read, folder: &Path, format: ObjectFormat) -> Result<(), BundleError> {
    let broken = |error: git2::Error| BundleError::Pack(error.message().to_owned());
    let mut indexer = Indexer::new_ext(None, folder, 0o600, false, format).map_err(broken)?;
    let mut piece = vec![0; CHUNK_BYTES];
    loop {
        match pack.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => {
                indexer.write_all(&piece[..count]).map_err(|error| BundleError::Pack(error.to_string()))?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    indexer.commit().map_err(broken)?;
    Ok(())
}

/// The header, before the pack.
#[derive(Debug, Default)]
struct Header {
    sha256: bool,
    prerequisites: usize,
    /// Ids in hex, and names as written.
    refs: Vec<(String, Vec<u8>)>,
}

impl Header {
    fn read(reader: &mut impl BufRead) -> Result<Self, BundleError> {
        let mut head = Self::default();
        let mut line = Vec::new();
        for number in 0..MAX_HEADER_LINES {
            line.clear();
            reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
            let Some(text) = line.strip_suffix(b"\n") else { return Err(BundleError::Header) };
            match text {
                b"" => return Ok(head),
                [b'#', ..] if number == 0 => {}
                [b'@', capability @ ..] => head.sha256 |= capability == b"object-format=sha256",
                [b'-', ..] => head.prerequisites += 1,
                _ => head.refs.push(parse_ref(text).ok_or(BundleError::Header)?),
            }
        }
        Err(BundleError::Header)
    }

    /// Returns the content of `HEAD`: the branch that the bundle's HEAD is at, if it is in the bundle, else its commit.
    fn head(&self) -> Vec<u8> {
        let commit = self.refs.iter().find(|(_, name)| name == b"HEAD").map(|(id, _)| id);
        let on = |(id, name): &&(String, Vec<u8>)| Some(id) == commit && name.starts_with(b"refs/heads/");
        match (self.refs.iter().find(on), commit) {
            (Some((_, name)), _) => [b"ref: ", name.as_slice(), b"\n"].concat(),
            (None, Some(id)) => format!("{id}\n").into_bytes(),
            (None, None) => b"ref: refs/heads/main\n".to_vec(),
        }
    }

    fn packed_refs(&self) -> Vec<u8> {
        let mut refs: Vec<_> = self.refs.iter().filter(|(_, name)| name.starts_with(b"refs/")).collect();
        refs.sort_by(|a, b| a.1.cmp(&b.1));
        let line = |(id, name): &(String, Vec<u8>)| [id.as_bytes(), b" ", name, b"\n"].concat();
        refs.into_iter().flat_map(line).collect()
    }
}

/// Splits a header line into the id and name of a ref.
fn parse_ref(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let end = line.iter().position(|&byte| byte == b' ')?;
    let id = std::str::from_utf8(&line[..end]).ok()?;
    let sound = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    sound.then(|| (id.to_owned(), line[end + 1..].to_vec()))
}
