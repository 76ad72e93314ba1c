//! Strings of a PDF in UTF-16 (ISO 32000, 7.9.2.2): titles, authors, notes, values of forms.

use memchr::memmem;

use super::text;

/// The ways to start such a string: in hex, as bytes, with escapes.
const MARKS: [&[u8]; 4] = [b"<FEFF", b"<feff", b"(\xFE\xFF", b"(\\376\\377"];
/// Maximum length of a string, in bytes.
const MAX_STRING_BYTES: usize = 64 << 10;
/// Maximum number of bytes of all strings.
const MAX_STRINGS_BYTES: usize = 16 << 20;

/// Returns the strings in UTF-16 of `content`, each on a line, if there are any.
pub(super) fn wide(content: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for mark in MARKS {
        let mut at = 0;
        while let Some(found) = memmem::find(content.get(at..).unwrap_or_default(), mark) {
            let start = at + found;
            let string = &content[start..content.len().min(start + MAX_STRING_BYTES)];
            let (bytes, length) = text::string(string);
            let units = bytes.chunks_exact(2).skip(1).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let text: String =
                char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            out.extend_from_slice(text.as_bytes());
            out.push(b'\n');
            at = start + length.max(1);
            if out.len() > MAX_STRINGS_BYTES {
                return Some(out);
            }
        }
    }
    (!out.is_empty()).then_some(out)
}
