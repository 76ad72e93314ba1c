//! Discovers the parts of an object database: its directories and their alternates, packs and loose objects. Reads pack
//! indexes, but not objects. Layout: gitrepository-layout(5).

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use telleaks_platform::{canonicalize, path_from_bytes};

use super::id::HashFormat;
use super::leftovers::{self, Leftovers};
use super::loose::{self, Listing, Loose};
use super::pack::Pack;
use super::pack_data;
use crate::fault_injection;

/// Maximum depth of alternates, the same as git's.
const MAX_ALTERNATES_DEPTH: usize = 5;
/// Maximum size of an alternates file, in bytes.
const MAX_ALTERNATES_BYTES: u64 = 1 << 20;

/// The parts of an object database.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// Object directories.
    pub(super) directories: Vec<PathBuf>,
    /// Sorted by size, largest first.
    pub(super) packs: Vec<Pack>,
    /// Sorted by name, without duplicates.
    pub(super) loose: Vec<Loose>,
    /// What an interrupted git left.
    pub(super) leftovers: Leftovers,
    /// Problems, for display.
    pub(super) problems: Vec<String>,
}

/// Lists an object directory, the `extra` ones, and all their alternates.
pub(super) fn all(objects: &Path, extra: &[PathBuf], format: HashFormat) -> Inventory {
    let mut found = Inventory::default();
    let mut known = HashSet::new();
    found.directory(objects, MAX_ALTERNATES_DEPTH, &mut known);
    for directory in extra {
        found.directory(directory, MAX_ALTERNATES_DEPTH, &mut known);
    }
    let mut listing = Listing::default();
    for (number, directory) in (0..).zip(found.directories.clone()) {
        if let Err(errors) = loose::list(&directory, number, format, &mut listing) {
            found.problems.extend(errors);
        }
        found.packs(&directory.join("pack"), format);
        found.leftovers.add_top(&directory);
    }
    found.loose = listing.objects;
    found.leftovers.objects.extend(listing.temporary);
    found.leftovers.sort();
    found.loose.sort_by_key(|loose| loose.id);
    found.loose.dedup_by_key(|loose| loose.id);
    found.packs.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.name.cmp(&b.name)));
    mark_copies(&mut found.packs);
    found
}

impl Inventory {
    /// Adds an object directory and its alternates, each once.
    fn directory(&mut self, path: &Path, depth: usize, known: &mut HashSet<PathBuf>) {
        let real = match canonicalize(path) {
            Ok(real) => real,
            Err(error) => {
                self.problems.push(format!("an object directory could not be opened: {error}"));
                return;
            }
        };
        if !known.insert(real.clone()) {
            return;
        }
        self.directories.push(real.clone());
        let list = real.join("info").join("alternates");
        let lines = match fs::metadata(&list) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => Err(error),
            Ok(meta) if meta.len() > MAX_ALTERNATES_BYTES => Err(io::Error::other("it is too long")),
            Ok(_) => pack_data::read(&list),
        };
        match lines {
            Ok(_) if depth == 0 => {
                self.problems.push("info/alternates: nested too deeply".to_owned());
            }
            Ok(lines) => {
                for line in
                    lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && line[0] != b'#')
                {
                    let line = unquote(line);
                    self.directory(&real.join(path_from_bytes(&line)), depth - 1, known);
                }
            }
            Err(error) => self.problems.push(format!("info/alternates: {error}")),
        }
    }

    /// Adds the packs of a directory.
    fn packs(&mut self, directory: &Path, format: HashFormat) {
        let entries =
            match fault_injection::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                Err(error) => {
                    self.problems.push(format!("the packs: {error}"));
                    return;
                }
            };
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.sort();
        for path in &paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ending = path.extension().unwrap_or_default();
            // Git uses every index whatever its name; a pack that is still being written may not have one yet.
            let is_pack = ending == "pack" || name.starts_with(leftovers::TEMPORARY_PACK);
            let unfinished = name.starts_with('.') || name.starts_with("tmp_");
            let has_index = || paths.binary_search(&path.with_extension("idx")).is_ok();
            if ending == "idx" {
                match Pack::open(path, format) {
                    Ok(pack) => self.packs.push(pack),
                    Err(error) => self.problems.push(format!("{name}: {error}")),
                }
            } else if is_pack && unfinished && !has_index() {
                self.leftovers.packs.push(path.clone());
            } else if ending == "pack" && !has_index() {
                self.problems.push(format!("{name}: it has no index; `git index-pack` creates one"));
            }
        }
    }
}

/// Removes git's quoting from a path: if it starts with a quotation mark, it has C escapes.
fn unquote(line: &[u8]) -> Vec<u8> {
    let Some(inner) = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")) else {
        return line.to_vec();
    };
    let mut out = Vec::new();
    let mut rest = inner.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(high @ b'0'..=b'3') => {
                let digits = [Some(high), rest.next(), rest.next()];
                let value = digits.into_iter().flatten().fold(0, |sum, digit| sum << 3 | (digit & 7));
                out.push(value);
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// One name in the index of a pack.
struct PackedName {
    /// The first eight bytes of the name.
    prefix: u64,
    /// Index of the pack.
    pack: u32,
    /// Position in the index of the pack.
    position: u32,
}

impl PackedName {
    /// Returns the whole name.
    fn whole<'p>(&self, packs: &'p [Pack]) -> &'p [u8] {
        packs.get(self.pack as usize).map_or(&[], |pack| pack.index.name(self.position as usize))
    }
}

/// Marks in each pack the objects that an earlier pack contains, or that it contains twice.
fn mark_copies(packs: &mut [Pack]) {
    // An object that one pack contains twice is only read twice.
    if packs.len() < 2 {
        return;
    }
    // Those of each pack are already sorted, which the stable sort exploits.
    let mut names: Vec<PackedName> = Vec::new();
    for (number, pack) in (0..).zip(&*packs) {
        names.extend((0..pack.index.count() as u32).map(|position| {
            let name = pack.index.name(position as usize);
            let prefix = name.first_chunk::<8>().map_or(0, |first| u64::from_be_bytes(*first));
            PackedName { prefix, pack: number, position }
        }));
    }
    names.sort_by_key(|name| name.prefix);
    let mut copies: Vec<Vec<u32>> = vec![Vec::new(); packs.len()];
    for same in names.chunk_by(|a, b| a.prefix == b.prefix).filter(|same| same.len() > 1) {
        for (at, name) in same.iter().enumerate() {
            if same[..at].iter().any(|earlier| earlier.whole(packs) == name.whole(packs)) {
                copies[name.pack as usize].push(name.position);
            }
        }
    }
    for (pack, mut copies) in packs.iter_mut().zip(copies) {
        copies.sort_unstable();
        pack.copies = copies;
    }
}
