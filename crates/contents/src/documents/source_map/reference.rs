//! Finds the reference to the source map in a generated file.

use memchr::memmem;
use percent_encoding::percent_decode;

use crate::documents::base64;

/// The keyword of a reference.
const KEYWORD: &[u8] = b"sourceMappingURL=";
/// Maximum number of occurrences of the keyword that are tried, from the end of the file.
const MAX_TRIES: usize = 16;

/// Location of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapAt {
    /// In the generated file itself; contains the decoded map.
    Inline(Vec<u8>),
    /// In a file of this name (one path component) in the same directory. If the generated file references another
    /// directory or host, this is the last component of the URL.
    Beside(String),
}

/// Returns the target of the last `//# sourceMappingURL=…` in a generated file (also `//@` and, as in CSS, `/*# … */`).
pub fn map_of(generated: &[u8]) -> Option<MapAt> {
    let mut before = generated;
    for _ in 0..MAX_TRIES {
        let at = memmem::rfind(before, KEYWORD)?;
        before = &before[..at];
        let comment = before.trim_ascii_end();
        let lead = &comment[comment.len().saturating_sub(3)..];
        if matches!(lead, b"//#" | b"//@" | b"/*#" | b"/*@") {
            let rest = &generated[at + KEYWORD.len()..];
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

/// Decodes a data URL, without its `data:` prefix.
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
