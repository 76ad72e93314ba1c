//! Reads the part of a file that a tool shows to the model.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use regex::bytes::RegexBuilder;
use telleaks_platform::open_no_wait;

use crate::agent::Lines;
use crate::fault_injection;

/// Maximum number of bytes that are read of a file.
pub(super) const MAX_BYTES: u64 = 256 << 20;
/// Maximum size of a compiled pattern in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// Lines of a file.
pub(super) struct Slice {
    /// Their bytes.
    pub(super) bytes: Vec<u8>,
    /// The number of the first one, from 1.
    pub(super) first: u64,
}

/// Returns the path of a file as the client means it: relative to its directory, with `~` for the home directory.
pub(super) fn resolved(path: &Path, cwd: &Path) -> PathBuf {
    let home = path.strip_prefix("~").ok().zip(std::env::var_os("HOME"));
    match home {
        Some((rest, home)) => PathBuf::from(home).join(rest),
        None => cwd.join(path),
    }
}

/// Opens a regular file; `None` if there is none at this path, or it cannot be opened: the tool cannot read it either.
pub(super) fn open(path: &Path) -> Option<(File, u64)> {
    // Opening a pipe would block.
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let file = open_no_wait(path).and_then(fault_injection::opened).ok()?;
    let found = file.metadata().ok().filter(fs::Metadata::is_file)?;
    Some((file, found.len()))
}

/// Returns the selected lines of a file; `None` if all of it is to be scanned.
///
/// # Errors
/// Returns the I/O error.
pub(super) fn slice(file: &File, size: u64, lines: &Lines) -> std::io::Result<Option<Slice>> {
    let slice = match lines {
        Lines::All => return Ok(None),
        Lines::Between(first, last) => between(file, *first, *last)?,
        Lines::Last(count) => last(file, size, *count)?,
        Lines::Matching(pattern) => {
            let regex = RegexBuilder::new(pattern).size_limit(MAX_PATTERN).case_insensitive(true).build();
            let Ok(regex) = regex else { return Ok(None) };
            let mut bytes = Vec::new();
            let mut each = |line: &[u8]| {
                if regex.is_match(line) {
                    bytes.extend_from_slice(line);
                }
                true
            };
            for_lines(file, &mut each)?;
            Slice { bytes, first: 1 }
        }
    };
    Ok(Some(slice))
}

fn between(file: &File, first: u64, last: u64) -> std::io::Result<Slice> {
    let (mut bytes, mut number) = (Vec::new(), 0);
    let mut each = |line: &[u8]| {
        number += 1;
        if number >= first && number <= last {
            bytes.extend_from_slice(line);
        }
        number < last
    };
    for_lines(file, &mut each)?;
    Ok(Slice { bytes, first })
}

fn last(mut file: &File, size: u64, count: u64) -> std::io::Result<Slice> {
    file.seek(SeekFrom::Start(size.saturating_sub(MAX_BYTES)))?;
    let (mut kept, mut total) = (VecDeque::new(), 0u64);
    let mut each = |line: &[u8]| {
        total += 1;
        kept.push_back(line.to_vec());
        if kept.len() as u64 > count {
            kept.pop_front();
        }
        true
    };
    for_lines(file, &mut each)?;
    let first = 1 + total - kept.len() as u64;
    Ok(Slice { bytes: kept.into_iter().flatten().collect(), first })
}

/// Calls `each` with the lines of at most [`MAX_BYTES`], with their ends, until it returns false.
fn for_lines(file: &File, each: &mut dyn FnMut(&[u8]) -> bool) -> std::io::Result<()> {
    let mut reader = BufReader::new(fault_injection::input(file).take(MAX_BYTES));
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 || !each(&line) {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &str, lines: &Lines) -> (String, u64) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        fs::write(&path, content).unwrap();
        let (file, size) = open(&path).unwrap();
        let slice = slice(&file, size, lines).unwrap().unwrap();
        (String::from_utf8(slice.bytes).unwrap(), slice.first)
    }

    #[test]
    fn selected_lines() {
        let text = "1\n2\n3\n4\n5";
        assert_eq!(of(text, &Lines::Between(2, 3)), ("2\n3\n".to_owned(), 2));
        assert_eq!(of(text, &Lines::Between(4, u64::MAX)), ("4\n5".to_owned(), 4));
        assert_eq!(of(text, &Lines::Between(9, 10)), (String::new(), 9));
        assert_eq!(of(text, &Lines::Last(2)), ("4\n5".to_owned(), 4));
        assert_eq!(of(text, &Lines::Last(9)), (text.to_owned(), 1));
        assert_eq!(of("ab\nc\nAd\n", &Lines::Matching("^a".to_owned())), ("ab\nAd\n".to_owned(), 1));
    }

    #[test]
    fn only_regular_files_are_opened() {
        let home = tempfile::tempdir().unwrap();
        assert!(std::process::Command::new("mkfifo").arg(home.path().join("p")).status().unwrap().success());
        for name in ["p", ".", "no", "/dev/zero"] {
            assert!(open(&home.path().join(name)).is_none(), "{name}");
        }
        assert_eq!(resolved(Path::new("a"), Path::new("/x")), Path::new("/x/a"));
        assert_eq!(resolved(Path::new("/a"), Path::new("/x")), Path::new("/a"));
    }
}
