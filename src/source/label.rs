//! The name of an input in reports. Formatted only on demand: most files have nothing to report.

use std::ffi::CStr;
use std::fmt;

use super::dir_path::DirPath;

/// The path of an input relative to the scanned root, with `/` separators; format it with `to_string()`.
///
/// Bytes that are not UTF-8 are written as `\xNN`. Backslashes and control characters of the name are kept: code that
/// prints a label must sanitize it.
#[derive(Debug)]
pub struct Label<'a>(Parts<'a>);

#[derive(Debug)]
enum Parts<'a> {
    /// A whole path, as given by the user.
    Whole(&'a [u8]),
    /// A file in a directory under a root.
    Within { root: &'a [u8], place: &'a DirPath, name: &'a CStr },
}

impl<'a> Label<'a> {
    /// Creates the label of an input that the user named.
    pub(super) fn whole(path: &'a [u8]) -> Self {
        Self(Parts::Whole(path))
    }

    /// Creates the label of `name` in the directory `place`, with the prefix `root`.
    pub(super) fn within(root: &'a [u8], place: &'a DirPath, name: &'a CStr) -> Self {
        Self(Parts::Within { root, place, name })
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Parts::Whole(path) => write_escaped(path, f),
            Parts::Within { root, place, name } => {
                let mut path = root.to_vec();
                place.append_to(&mut path);
                path.extend_from_slice(name.to_bytes());
                write_escaped(&path, f)
            }
        }
    }
}

fn write_escaped(path: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for chunk in path.utf8_chunks() {
        f.write_str(chunk.valid())?;
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02X}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_utf8_is_escaped() {
        assert_eq!(Label::whole(b"a\xff\xfe/\xc3\xa9\\b\n\x1b[1m").to_string(), "a\\xFF\\xFE/é\\b\n\x1b[1m");
    }
}
