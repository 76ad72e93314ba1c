//! Where a generated file says that its map is.

use memchr::memmem;
use percent_encoding::percent_decode;

use crate::documents::base64;

/// The word that names a map.
const WORD: &[u8] = b"sourceMappingURL=";
/// How many places with that word are looked at, from the end of the file.
const TRIES: usize = 16;

/// Where a map is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapAt {
    /// In the generated file itself; this is it, decoded.
    Inline(Vec<u8>),
    /// In a file with this name, which is one part of a path, in the same directory. The generated file may name
    /// another directory or host; then it is the last part of that address.
    Beside(String),
}

/// What the last `//# sourceMappingURL=…` (also `//@` and, as in CSS, `/*# … */`) of a generated file names.
pub fn map_of(generated: &[u8]) -> Option<MapAt> {
    let mut before = generated;
    for _ in 0..TRIES {
        let at = memmem::rfind(before, WORD)?;
        before = &before[..at];
        let comment = before.trim_ascii_end();
        let lead = &comment[comment.len().saturating_sub(3)..];
        if matches!(lead, b"//#" | b"//@" | b"/*#" | b"/*@") {
            let rest = &generated[at + WORD.len()..];
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
            let end = memmem::find(&rest[..end], b"*/").unwrap_or(end);
            return address(&rest[..end]);
        }
    }
    None
}

fn address(url: &[u8]) -> Option<MapAt> {
    if let Some(data) = url.strip_prefix(b"data:") {
        return inline(data).map(MapAt::Inline);
    }
    let path = url.split(|byte| matches!(byte, b'?' | b'#' | b'"' | b'\'')).next()?;
    let last = path.rsplit(|&byte| byte == b'/').next()?;
    let name = percent_decode(last).decode_utf8().ok()?.into_owned();
    let one_part = !name.contains(['/', '\\', '\0']) && !matches!(name.as_str(), "" | "." | "..");
    one_part.then_some(MapAt::Beside(name))
}

/// The content of a data URL, without its `data:`.
fn inline(data: &[u8]) -> Option<Vec<u8>> {
    let comma = memchr::memchr(b',', data)?;
    let (kind, content) = (&data[..comma], &data[comma + 1..]);
    let base64 = kind.len() >= 7 && kind[kind.len() - 7..].eq_ignore_ascii_case(b";base64");
    if !base64 {
        return Some(percent_decode(content).collect());
    }
    // Modules inside `eval("…")` end with an escaped line break.
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=%".contains(byte);
    let end = content.iter().position(|byte| !digit(byte)).unwrap_or(content.len());
    Some(base64::decode(&percent_decode(&content[..end]).collect::<Vec<u8>>()))
}
