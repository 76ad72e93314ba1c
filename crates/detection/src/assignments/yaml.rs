//! YAML blocks as frames: the lines indented below a key, and list items.

use super::frames::{Frame, Kind};
use super::names::normalized;

/// A key or an item whose block is still open.
struct OpenBlock {
    start: usize,
    indent: usize,
    item: bool,
    name: String,
    /// Whether the first line below it is an item, once known.
    list: Option<bool>,
}

/// Appends the blocks of `text` to `out`.
pub(crate) fn blocks(text: &[u8], out: &mut Vec<Frame>) {
    let mut open: Vec<OpenBlock> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|&b| b == b'\n') {
        let start = at;
        at += line.len();
        let indent = line.iter().take_while(|&&b| b == b' ').count();
        let mut body = line[indent..].trim_ascii_end();
        if body.is_empty() || body.starts_with(b"#") {
            continue;
        }
        let is_item = body.starts_with(b"- ") || body == b"-";
        close(&mut open, indent, is_item, start, out);
        if let Some(above) = open.last_mut() {
            above.list.get_or_insert(is_item);
        }
        let mut inner = indent;
        if is_item {
            open.push(OpenBlock { start, indent, item: true, name: String::new(), list: Some(false) });
            let blanks = body.iter().skip(1).take_while(|&&b| b == b' ').count();
            inner += 1 + blanks;
            body = &body[(1 + blanks).min(body.len())..];
        }
        if let Some(key) = body.strip_suffix(b":").filter(|key| !key.is_empty() && !key.contains(&b'{')) {
            open.push(OpenBlock { start, indent: inner, item: false, name: normalized(key), list: None });
        }
    }
    close(&mut open, 0, false, text.len(), out);
    for one in open {
        out.push(finished(one, text.len()));
    }
}

/// Closes the blocks that do not contain a line of this indentation at `start`.
fn close(open: &mut Vec<OpenBlock>, indent: usize, is_item: bool, start: usize, out: &mut Vec<Frame>) {
    while let Some(last) = open.last() {
        // List items may have the same indentation as their key.
        let below = indent > last.indent || (is_item && !last.item && indent == last.indent);
        if below {
            return;
        }
        if let Some(last) = open.pop() {
            out.push(finished(last, start));
        }
    }
}

fn finished(one: OpenBlock, end: usize) -> Frame {
    let kind = if one.list == Some(true) { Kind::List } else { Kind::Object };
    Frame::new(kind, one.start..end, one.name)
}
