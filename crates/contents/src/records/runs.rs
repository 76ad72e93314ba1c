//! Readers of text that is written in runs: markup of office documents and web pages, RTF, notebooks, mail with flowed
//! lines. They extract the text as an application displays it, with the location in the content of each byte.
//!
//! Formats: WordprocessingML, DrawingML and SpreadsheetML (ECMA-376), OpenDocument 1.3, HTML, RTF 1.9.1, Jupyter nbformat 4,
//! RFC 3676 (flowed).

use super::lanes::Lane;
use super::text::{Place, entry};
use super::{flowed, markup, notebook, rtf};

/// Number of bytes at the start that are checked to detect a format.
const SNIFFED_BYTES: usize = 4 << 10;
/// Number of new bytes of text after which it is searched.
const DUE_BYTES: usize = 64 << 10;

/// A format with text in runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML: only `t` elements have text.
    Office,
    /// OpenDocument.
    OpenDocument,
    /// HTML and SVG.
    Html,
    /// Rich text format.
    Rtf,
    /// A Jupyter notebook.
    Notebook,
    /// A mail whose wrapped lines end with a space.
    Flowed,
}

/// Returns the format of content that starts with `head`, if its text is in runs.
pub fn sniff(head: &[u8]) -> Option<Format> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let start = &text[..text.len().min(SNIFFED_BYTES)];
    let has = |bytes: &[u8], word: &[u8]| memchr::memmem::find(bytes, word).is_some();
    match text.first()? {
        b'{' if text.starts_with(b"{\\rtf") => Some(Format::Rtf),
        b'{' if has(start, b"\"cells\"") || has(start, b"\"nbformat") => Some(Format::Notebook),
        b'A'..=b'Z' | b'a'..=b'z' if is_header(text) && has(start, b"ormat=flowed") => Some(Format::Flowed),
        _ => markup::sniff(start),
    }
}

fn is_header(text: &[u8]) -> bool {
    let line = &text[..text.len().min(80)];
    memchr::memchr2(b':', b'\n', line).is_some_and(|at| line[at] == b':')
}

/// Reads the text of one content.
#[derive(Debug)]
pub struct RunReader {
    machine: Machine,
    out: Output,
}

#[derive(Debug)]
enum Machine {
    Markup(markup::Markup),
    Rtf(rtf::Rtf),
    Notebook(notebook::Notebook),
    Flowed(flowed::Flowed),
}

/// The text, and the current location of the reader in the content.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) lane: Lane,
    /// Offset of the next byte. `line` and `column` are its 1-based line and column.
    offset: u64,
    line: u64,
    column: u64,
}

impl RunReader {
    /// Creates a reader for content of this format.
    pub fn new(format: Format) -> Self {
        let machine = match format {
            Format::Office | Format::OpenDocument | Format::Html => {
                Machine::Markup(markup::Markup::new(format))
            }
            Format::Rtf => Machine::Rtf(rtf::Rtf::default()),
            Format::Notebook => Machine::Notebook(notebook::Notebook::default()),
            Format::Flowed => Machine::Flowed(flowed::Flowed::default()),
        };
        let mut lane = Lane::default();
        (lane.lines, lane.crossing) = (true, true);
        Self { machine, out: Output { lane, offset: 0, line: 1, column: 1 } }
    }

    /// Reads the next bytes of the content.
    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.machine {
            Machine::Markup(markup) => markup.push(bytes, &mut self.out),
            Machine::Rtf(rtf) => rtf.push(bytes, &mut self.out),
            Machine::Notebook(notebook) => notebook.push(bytes, &mut self.out),
            Machine::Flowed(flowed) => flowed.push(bytes, &mut self.out),
        }
    }

    /// Calls `search` with the text if enough of it is new, or if `all` is true.
    pub fn each_lane(&mut self, all: bool, mut search: impl FnMut(&mut Lane)) {
        let lane = &mut self.out.lane;
        if all || lane.text.bytes().len() >= lane.searched + DUE_BYTES {
            search(lane);
            lane.crossing = true;
        }
    }
}

impl Output {
    /// Skips content bytes that are not text.
    pub(super) fn skip(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        // Most runs are a few bytes of a tag.
        if let [byte] = bytes
            && *byte != b'\n'
        {
            self.column += u64::from(byte & 0xC0 != 0x80);
            return;
        }
        let last = memchr::memrchr(b'\n', bytes);
        if last.is_some() {
            self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
            self.column = 1;
        }
        let rest = &bytes[last.map_or(0, |at| at + 1)..];
        self.column += rest.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u64;
    }

    /// Adds content bytes that are unencoded text.
    pub(super) fn copy(&mut self, bytes: &[u8]) {
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.start();
            self.lane.text.extend(line, self.offset);
            self.skip(line);
        }
    }

    /// Adds the character `text`, which the content bytes `raw` encode.
    pub(super) fn decode(&mut self, raw: &[u8], text: char) {
        self.start();
        let mut buffer = [0; 4];
        for &byte in text.encode_utf8(&mut buffer).as_bytes() {
            self.lane.text.push(byte, entry(self.offset, raw.len()));
        }
        self.skip(raw);
    }

    /// Adds a byte that is not encoded in the content.
    pub(super) fn add(&mut self, byte: u8) {
        self.start();
        self.lane.text.push(byte, entry(self.offset, 0));
    }

    /// Returns the last byte of the text.
    pub(super) fn last(&self) -> Option<u8> {
        self.lane.text.bytes().last().copied()
    }

    /// Removes the last byte of the text.
    pub(super) fn remove_last(&mut self) {
        self.lane.text.bytes.pop();
        self.lane.text.map.pop();
        self.lane.searched = self.lane.searched.min(self.lane.text.bytes.len());
    }

    fn start(&mut self) {
        self.lane.text.start(Place { offset: self.offset, line: self.line, column: self.column });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text of content that is read in pieces of `piece` bytes.
    fn text(content: &str, piece: usize) -> String {
        let mut reader = RunReader::new(sniff(content.as_bytes()).unwrap());
        content.as_bytes().chunks(piece).for_each(|part| reader.push(part));
        let mut text = String::new();
        reader.each_lane(true, |lane| text = String::from_utf8_lossy(lane.text.bytes()).into_owned());
        text
    }

    #[test]
    fn what_a_reader_sees() {
        for (content, want) in [
            (
                "<?xml version=\"1.0\"?>\n<w:p>\n <w:r><w:t>ab</w:t></w:r>\n <w:r a=\">\"><w:t xml:space=\"preserve\">c&amp;d</w:t></w:r></w:p>",
                "abc&d",
            ),
            ("<sst><si><r><t>ab</t></r><r><rPr/><t>cd</t></r></si><si><t>e</t></si></sst>", "abcd\ne"),
            (
                "<office:text><text:p>ab<text:span text:style-name=\"T\">cd</text:span></text:p>\n</office:text>",
                "abcd",
            ),
            (
                "<!doctype html><p>a<b>b</b><wbr>c&shy;d<!-- x < y --><script>if (a<b) {}</script>e&#8203;f</p>",
                "abcdef",
            ),
            (
                "<ns0:document xmlns:ns0=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><ns0:t>ab</ns0:t><ns0:b/><ns0:t>cd</ns0:t>",
                "abcd",
            ),
            ("<comments><comment><text><r><t>ab</t></r><r><t>cd</t></r></text></comment>", "abcd"),
            ("<p>a&InvisibleTimes;b&#x202a;c&rlm;d</p>", "abcd"),
            ("<pre><span class=k>a</span>=<span class='s'>b</span></pre>", "a=b"),
            (
                "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator x;}\\f0 ab{\\b cd}\\'65\\u102?g\\par h}",
                "abcdefg\nh",
            ),
            (
                "{\"cells\": [{\"source\": [\"k=(\\\"ab\\\"\\n\", \"  \\\"cd\\\")\"]}]}",
                "k=(\"ab\"\n  \"cd\")",
            ),
            ("Content-Type: text/plain; format=flowed\n\nab \ncd\n> ef \n> gh\n", "abcd\n> efgh\n"),
        ] {
            for piece in [1, 3, 10_000] {
                let text = text(content, piece);
                assert!(text.contains(want), "{content}: {text:?}");
            }
        }
    }

    #[test]
    fn other_content_has_no_runs() {
        for content in [
            "",
            "a < b && c > d",
            "<config><a>b</a></config>",
            "{\"a\": 1}",
            "fn a() -> Vec<u8> {}",
            "A: b\n",
        ] {
            assert_eq!(sniff(content.as_bytes()), None, "{content}");
        }
    }
}
