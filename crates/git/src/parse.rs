//! Parses commits, tags and trees from raw bytes. Does not open files or objects. Lines that git would not write are
//! skipped rather than guessed at.

use jiff::Timestamp;

use crate::odb::{HashFormat, ObjectId};

/// Mode of a directory in a tree.
const DIRECTORY: &[u8] = b"40000";
/// Mode of a submodule in a tree.
const SUBMODULE: &[u8] = b"160000";

/// The header fields of a commit that the commit graph needs.
#[derive(Debug, Clone)]
pub struct CommitHead {
    /// The root tree.
    pub tree: ObjectId,
    /// The parents, in order.
    pub parents: Vec<ObjectId>,
    /// Committer date, seconds since 1970.
    pub time: i64,
}

impl CommitHead {
    /// Parses the header of a commit. Returns `None` if it has no tree.
    pub fn read(content: &[u8]) -> Option<Self> {
        let mut head = Self { tree: id_after(content, b"tree ")?, parents: Vec::new(), time: 0 };
        for line in header(content) {
            if let Some(parent) = id_after(line, b"parent ") {
                head.parents.push(parent);
            } else if let Some(person) = line.strip_prefix(b"committer ") {
                head.time = seconds(person);
                break;
            }
        }
        Some(head)
    }
}

/// Author and subject of a commit, as written.
#[derive(Debug, Clone, Default)]
pub struct CommitText {
    /// `Name <address>`.
    pub author: String,
    /// Author date, seconds since 1970.
    pub time: i64,
    /// First line of the message.
    pub subject: String,
}

impl CommitText {
    /// Parses the author and subject of a commit, or the tagger and subject of a tag.
    pub fn read(content: &[u8]) -> Self {
        let mut text = Self::default();
        for line in header(content) {
            if let Some(person) = line.strip_prefix(b"author ").or_else(|| line.strip_prefix(b"tagger ")) {
                let name = memchr::memrchr(b'>', person).map_or(person, |end| &person[..=end]);
                text.author = String::from_utf8_lossy(name).into_owned();
                text.time = seconds(person);
            }
        }
        let message = memchr::memmem::find(content, b"\n\n").map_or(&[][..], |at| &content[at + 2..]);
        let subject = message.trim_ascii_start().split(|&byte| byte == b'\n').next().unwrap_or_default();
        text.subject = String::from_utf8_lossy(subject).into_owned();
        text
    }
}

/// Returns the object that a tag points to.
pub fn tag_target(content: &[u8]) -> Option<ObjectId> {
    id_after(content, b"object ")
}

/// Formats seconds since 1970 as RFC 3339 in UTC. Dates out of range become 1970-01-01.
pub fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

fn header(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty())
}

fn id_after(line: &[u8], label: &[u8]) -> Option<ObjectId> {
    let rest = line.strip_prefix(label)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    ObjectId::from_hex(std::str::from_utf8(&rest[..digits]).ok()?)
}

/// Returns the date from `Name <address> seconds zone`.
fn seconds(person: &[u8]) -> i64 {
    let after = memchr::memrchr(b'>', person).map_or(person, |end| &person[end + 1..]);
    let mut words = after.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.next().and_then(|word| std::str::from_utf8(word).ok()?.parse().ok()).unwrap_or(0)
}

/// The kind of a tree entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file or a symbolic link.
    Blob,
    /// A directory.
    Tree,
    /// A commit of another repository.
    Submodule,
}

/// An entry of a tree.
#[derive(Debug, Clone, Copy)]
pub struct TreeEntry<'a> {
    pub kind: EntryKind,
    /// The name, without a path.
    pub name: &'a [u8],
    /// The raw id.
    pub id: &'a [u8],
    /// Offset of the next entry in the tree.
    pub end: usize,
}

/// Iterates over the entries of a tree, up to the first damaged one.
pub fn entries(content: &[u8], format: HashFormat) -> impl Iterator<Item = TreeEntry<'_>> {
    let width = match format {
        HashFormat::Sha1 => 20,
        HashFormat::Sha256 => 32,
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = content.get(at..)?;
        let space = match rest.first_chunk() {
            Some(eight) => first_zero(u64::from_le_bytes(*eight) ^ (ONES * u64::from(b' ')))?,
            None => rest.iter().position(|&byte| byte == b' ')?,
        };
        let nul = space + first_nul(&rest[space..])?;
        let id = rest.get(nul + 1..nul + 1 + width)?;
        let kind = match &rest[..space] {
            // Some old trees write a leading zero.
            DIRECTORY | b"040000" => EntryKind::Tree,
            SUBMODULE => EntryKind::Submodule,
            _ => EntryKind::Blob,
        };
        at += nul + 1 + width;
        Some(TreeEntry { kind, name: &rest[space + 1..nul], id, end: at })
    })
}

/// 0x01 in each byte.
const ONES: u64 = u64::MAX / 255;

/// Returns the index of the lowest zero byte.
#[inline(always)]
fn first_zero(eight: u64) -> Option<usize> {
    // Bits above that byte may be set as well, but none below it.
    let zeros = eight.wrapping_sub(ONES) & !eight & (ONES << 7);
    (zeros != 0).then(|| (zeros.trailing_zeros() / 8) as usize)
}

/// Returns the offset of the first NUL. Inlined, because names are so short that a call would cost more than the
/// search.
#[inline(always)]
fn first_nul(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(eight) = bytes.get(at..)?.first_chunk() {
        if let Some(zero) = first_zero(u64::from_le_bytes(*eight)) {
            return Some(at + zero);
        }
        at += 8;
    }
    bytes.get(at..)?.iter().position(|&byte| byte == 0).map(|rest| at + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
        parent 1111111111111111111111111111111111111111\n\
        author A <B> C <a@b> 1700000000 +0100\ncommitter D <d@e> 1700000060 -0700\n\
        gpgsig x\n  y\n\nSubject\n\nBody\n";

    #[test]
    fn a_commit() {
        let head = CommitHead::read(COMMIT).unwrap();
        assert_eq!(head.tree.to_string(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        assert_eq!((head.parents.len(), head.time), (1, 1_700_000_060));
        let text = CommitText::read(COMMIT);
        assert_eq!((text.author.as_str(), text.subject.as_str()), ("A <B> C <a@b>", "Subject"));
        assert_eq!(rfc3339(text.time), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn first_nul_for_names_of_every_length() {
        for length in 0..40 {
            for after in 0..20 {
                let bytes = [&vec![0x80; length][..], &[0], &vec![1; after], &[0]].concat();
                assert_eq!(first_nul(&bytes), Some(length));
            }
            assert_eq!(first_nul(&vec![1; length]), None);
        }
    }

    #[test]
    fn unusual_modes_and_names_parse() {
        for (mode, kind) in [("100644", EntryKind::Blob), ("40000", EntryKind::Tree), ("7", EntryKind::Blob)]
        {
            // A name that starts with a space, and one with spaces at the end of a file's mode.
            for name in [" a", " ", "a b c d"] {
                let tree = [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[7; 20]].concat();
                let all: Vec<_> = entries(&tree, HashFormat::Sha1).collect();
                assert_eq!((all.len(), all[0].kind, all[0].name), (1, kind, name.as_bytes()));
            }
        }
    }

    #[test]
    fn damaged_entry_ends_the_tree() {
        let mut tree = b"100644 a\0".to_vec();
        tree.extend([7; 20]);
        tree.extend(b"40000 b\0");
        tree.extend([8; 19]);
        let names: Vec<_> = entries(&tree, HashFormat::Sha1).map(|entry| entry.name.to_vec()).collect();
        assert_eq!(names, [b"a".to_vec()]);
    }

    #[test]
    fn old_directory_mode_parses() {
        let mut tree = b"040000 a\0".to_vec();
        tree.extend([7; 20]);
        let kinds: Vec<_> = entries(&tree, HashFormat::Sha1).map(|entry| entry.kind).collect();
        assert_eq!(kinds, [EntryKind::Tree]);
    }
}
