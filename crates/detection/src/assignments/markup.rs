//! Elements of XML and HTML as frames.

use super::frames::{Frame, Kind};
use super::names::normalized;

/// Maximum length of a tag, in bytes. Longer tags are ignored.
const MAX_TAG_BYTES: usize = 1024;
/// Maximum nesting depth of elements.
const MAX_DEPTH: usize = 64;

/// Appends the elements of `text` to `out`, each from the start of its opening tag to the end of its closing tag.
pub(crate) fn elements(text: &[u8], out: &mut Vec<Frame>) {
    let mut open: Vec<(usize, &[u8])> = Vec::new();
    for start in memchr::memchr_iter(b'<', text) {
        let rest = &text[start + 1..text.len().min(start + MAX_TAG_BYTES)];
        let (closing, rest) = rest.strip_prefix(b"/").map_or((false, rest), |rest| (true, rest));
        let length = rest.iter().take_while(|&&b| b.is_ascii_alphanumeric() || b"_-:.".contains(&b)).count();
        if length == 0 {
            continue;
        }
        let name = &rest[..length];
        let Some(end) = memchr::memchr(b'>', rest) else { continue };
        let after = start + 1 + usize::from(closing) + end + 1;
        if closing {
            if let Some(place) = open.iter().rposition(|(_, one)| *one == name) {
                let (begin, _) = open[place];
                open.truncate(place);
                out.push(Frame::new(Kind::Element, begin..after, normalized(name)));
            }
        } else if rest[..end].ends_with(b"/") {
            out.push(Frame::new(Kind::Element, start..after, normalized(name)));
        } else if open.len() < MAX_DEPTH {
            open.push((start, name));
        }
    }
}
