//! The entries of a tree object, with modes normalised for comparison with the index.

/// One entry of a tree object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TreeEntry<'a> {
    /// The mode as git writes it today; see [`canonical`].
    pub(super) mode: u32,
    /// The name, without slashes.
    pub name: &'a [u8],
    /// Object id, 20 or 32 bytes.
    pub id: &'a [u8],
}

/// Mode of a directory.
pub(super) const DIRECTORY: u32 = 0o040_000;
/// Mode of a submodule.
pub(super) const SUBMODULE: u32 = 0o160_000;

impl TreeEntry<'_> {
    pub(super) fn is_directory(&self) -> bool {
        self.mode == DIRECTORY
    }

    pub(super) fn is_blob(&self) -> bool {
        self.mode != DIRECTORY && self.mode != SUBMODULE
    }
}

/// Iterates over the entries of a tree object in order. A `None` item reports damage and ends the iteration.
pub(super) fn entries(content: &[u8], id_len: usize) -> impl Iterator<Item = Option<TreeEntry<'_>>> {
    let mut rest = content;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((entry, after)) = entry(rest, id_len) else {
            rest = &[];
            return Some(None);
        };
        rest = after;
        Some(Some(entry))
    })
}

fn entry(content: &[u8], id_len: usize) -> Option<(TreeEntry<'_>, &[u8])> {
    let space = memchr::memchr(b' ', content)?;
    let mode = u32::from_str_radix(std::str::from_utf8(&content[..space]).ok()?, 8).ok()?;
    let content = &content[space + 1..];
    let end = memchr::memchr(0, content)?;
    let (id, rest) = content[end + 1..].split_at_checked(id_len)?;
    Some((TreeEntry { mode: canonical(mode), name: &content[..end], id }, rest))
}

/// Normalises a mode. Old trees contain others, such as 100664, which git treats as the same.
pub(super) fn canonical(mode: u32) -> u32 {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o100 != 0 => 0o100_755,
        0o100_000 => 0o100_644,
        kind @ (0o120_000 | DIRECTORY) => kind,
        // Git treats every other mode as a submodule.
        _ => SUBMODULE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_read_to_the_end_or_damage() {
        let content = b"100664 a\0aaaaaaaaaaaaaaaaaaaa40000 b\0bbbbbbbbbbbbbbbbbbbb";
        let read: Vec<_> = entries(content, 20).map(Option::unwrap).collect();
        assert_eq!(read[0], TreeEntry { mode: 0o100_644, name: b"a", id: &[b'a'; 20] });
        assert!(read[0].is_blob() && read[1].is_directory() && read.len() == 2);
        for cut in 1..content.len() {
            let last = entries(&content[..cut], 20).last().unwrap();
            assert_eq!(last.is_none(), cut != 29, "{cut}");
        }
        assert_eq!(entries(b"100648 a\0aaaaaaaaaaaaaaaaaaaa", 20).collect::<Vec<_>>(), [None]);
        assert_eq!(entries(b"", 20).count(), 0);
    }
}
