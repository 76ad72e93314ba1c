//! Paths as bytes: WTF-8, which is UTF-8 that may hold lone surrogates as three bytes each.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf, Prefix};

/// Longer paths keep their `\\?\`: without it, the system does not open them (`MAX_PATH`, less the name of a file).
const MAX_PLAIN_CHARS: usize = 240;

/// Returns the bytes of a path: as they are on Unix, WTF-8 (UTF-8 with lone surrogates) on Windows.
pub fn path_bytes(path: &(impl AsRef<OsStr> + ?Sized)) -> &[u8] {
    path.as_ref().as_encoded_bytes()
}

/// Returns the bytes of a path for labels and for git: as [`path_bytes`], with `/` for `\`.
pub fn labelled(path: &Path) -> Cow<'_, [u8]> {
    let bytes = path_bytes(path);
    if !bytes.contains(&b'\\') {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(bytes.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect())
}

/// Returns the path of these bytes, the inverse of [`path_bytes`]. Bytes that are not WTF-8 become U+FFFD.
pub fn path_from_bytes(bytes: &[u8]) -> Cow<'_, Path> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(Path::new(text)),
        Err(_) => Cow::Owned(PathBuf::from(OsString::from_wide(&units(bytes)))),
    }
}

/// Like [`path_from_bytes`], for any text of the system, such as the output of a program.
pub fn string_from_bytes(bytes: Vec<u8>) -> OsString {
    path_from_bytes(&bytes).into_owned().into_os_string()
}

/// Decodes WTF-8 into the 16-bit units of Windows.
fn units(bytes: &[u8]) -> Vec<u16> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, ..] = *rest {
        // A lone surrogate, U+D800 to U+DFFF.
        if let [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] = *rest {
            out.push(0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F));
            rest = &rest[3..];
            continue;
        }
        let length = match first {
            0..0x80 => 1,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        match rest.get(..length).and_then(|part| str::from_utf8(part).ok()) {
            Some(text) => {
                out.extend(text.encode_utf16());
                rest = &rest[length..];
            }
            None => {
                out.push(0xFFFD);
                rest = &rest[1..];
            }
        }
    }
    out
}

/// Returns the absolute path without links. It has no `\\?\` in front unless it has to: programs and git do not know it.
///
/// # Errors
///
/// Returns the I/O error, also if `path` does not exist.
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    let real = std::fs::canonicalize(path)?;
    Ok(plain(&real).unwrap_or(real))
}

/// Returns a path without `\\?\`; `None` if it would mean something else or nothing without it.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut parts = path.components();
    let Some(Component::Prefix(prefix)) = parts.next() else { return None };
    let Prefix::VerbatimDisk(letter) = prefix.kind() else { return None };
    let text = path.to_str().filter(|text| text.len() <= MAX_PLAIN_CHARS)?;
    let plain = |part: Component<'_>| match part {
        Component::Normal(name) => {
            let name = name.to_str().unwrap_or_default();
            !name.ends_with(['.', ' ']) && !name.contains('/') && !super::file::is_device(Path::new(name))
        }
        _ => true,
    };
    let rest = text.get(r"\\?\C:".len()..)?;
    parts.all(plain).then(|| PathBuf::from(format!("{}:{rest}", char::from(letter))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_paths_are_inverse() {
        let lone = OsString::from_wide(&[0x61, 0xD800, 0xE9, 0xDFFF]);
        for text in [OsString::from("a/b é😀"), lone] {
            assert_eq!(path_from_bytes(path_bytes(&text)).as_os_str(), text);
        }
        assert_eq!(path_from_bytes(b"a\xFFb"), Path::new("a\u{FFFD}b"));
        assert_eq!(labelled(Path::new(r"a\b/c")), &b"a/b/c"[..]);
    }

    #[test]
    fn plain_paths_mean_the_same() {
        assert_eq!(plain(Path::new(r"\\?\C:\a\b")), Some(PathBuf::from(r"C:\a\b")));
        for path in [r"\\?\C:\a\con", r"\\?\C:\a. \b", r"\\?\UNC\host\share\a", r"C:\a"] {
            assert_eq!(plain(Path::new(path)), None, "{path}");
        }
    }
}
