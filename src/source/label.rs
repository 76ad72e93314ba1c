//! The name of an input as reports show it. Made only when somebody asks: most files hold nothing to report.

use std::ffi::CStr;
use std::fmt;

use super::place::Place;

/// The path of an input relative to the scanned root, with `/`; write it out with `to_string()`.
///
/// Bytes that are not UTF-8 stand as `\xNN`. A backslash of the name itself stays as it is, and so do control
/// characters: whoever prints a label has to make it harmless.
#[derive(Debug)]
pub struct Label<'a>(Parts<'a>);

#[derive(Debug)]
enum Parts<'a> {
    /// A whole path, as it was named.
    Whole(&'a [u8]),
    /// A file in a directory beneath a root.
    Within { root: &'a [u8], place: &'a Place, name: &'a CStr },
}

impl<'a> Label<'a> {
    /// The label of an input that was named itself.
    pub(super) fn whole(path: &'a [u8]) -> Self {
        Self(Parts::Whole(path))
    }

    /// The label of `name` in the directory `place`; `root` goes in front of both.
    pub(super) fn within(root: &'a [u8], place: &'a Place, name: &'a CStr) -> Self {
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
    fn bytes_that_are_not_utf_8_are_shown_and_all_else_stays() {
        assert_eq!(Label::whole(b"a\xff\xfe/\xc3\xa9\\b\n\x1b[1m").to_string(), "a\\xFF\\xFE/é\\b\n\x1b[1m");
    }
}
