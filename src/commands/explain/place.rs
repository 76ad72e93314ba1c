//! The argument of `telleaks explain`: a file, optionally a member of an archive and a line.

use std::ffi::OsStr;
use std::path::PathBuf;

/// A file, member and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The file.
    pub(super) file: PathBuf,
    /// Path inside the file: empty or, as in reports, `!/member`.
    pub(super) member: String,
    /// 1-based; `None` means all lines.
    pub(super) line: Option<u64>,
}

impl Place {
    /// Parses FILE, FILE:LINE and FILE:LINE:COLUMN, each with an optional `!/MEMBER` after the file. If the whole
    /// argument is the name of an existing file, it means that file.
    pub(super) fn of(text: &OsStr) -> Self {
        let whole = || Self { file: text.into(), member: String::new(), line: None };
        let Some(written) = text.to_str().filter(|_| std::fs::symlink_metadata(text).is_err()) else {
            return whole();
        };
        let (path, line) = match numbered(written) {
            Some((rest, last)) => match numbered(rest).filter(|_| !exists(rest)) {
                Some((path, line)) => (path, Some(line)),
                None => (rest, Some(last)),
            },
            None => (written, None),
        };
        if exists(path) {
            return Self { file: path.into(), member: String::new(), line };
        }
        for (at, _) in path.match_indices("!/") {
            if exists(&path[..at]) {
                return Self { file: path[..at].into(), member: path[at..].to_owned(), line };
            }
        }
        Self { file: path.into(), member: String::new(), line }
    }
}

fn exists(path: &str) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// Splits a text at its last colon if a positive number follows.
fn numbered(text: &str) -> Option<(&str, u64)> {
    let (rest, number) = text.rsplit_once(':')?;
    let number = number.parse().ok().filter(|number| *number > 0)?;
    (!rest.is_empty()).then_some((rest, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_file_member_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for name in ["a.txt", "b:7", "c.zip"] {
            std::fs::write(path(name), "").unwrap();
        }
        let of = |name: &str| {
            let Place { file, member, line } = Place::of(OsStr::new(&path(name)));
            (file.file_name().unwrap().to_str().unwrap().to_owned(), member, line)
        };
        let at = |file: &str, member: &str, line| (file.to_owned(), member.to_owned(), line);
        assert_eq!(of("a.txt"), at("a.txt", "", None));
        assert_eq!(of("a.txt:12"), at("a.txt", "", Some(12)));
        assert_eq!(of("a.txt:12:5"), at("a.txt", "", Some(12)));
        assert_eq!(of("b:7"), at("b:7", "", None));
        assert_eq!(of("b:7:2"), at("b:7", "", Some(2)));
        assert_eq!(of("c.zip!/x/y.txt:3"), at("c.zip", "!/x/y.txt", Some(3)));
        assert_eq!(of("c.zip!/x.tar!/y"), at("c.zip", "!/x.tar!/y", None));
        assert_eq!(of("none.txt:3"), at("none.txt", "", Some(3)));
        assert_eq!(of("a.txt:0"), at("a.txt:0", "", None));
    }
}
