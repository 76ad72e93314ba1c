//! Readers of text that is written in runs: markup of office documents and web pages, RTF, notebooks, mail with flowed
//! lines, rich text in JSON. They extract the text as an application displays it, with the location in the content of
//! each byte.
//!
//! Formats: WordprocessingML, DrawingML and SpreadsheetML (ECMA-376), OpenDocument 1.3, HTML, RTF 1.9.1, Jupyter nbformat 4,
//! RFC 3676 (flowed).

use super::escaped::{self, Escapes};
use super::lanes::Lane;
use super::markup::Dialect;
use super::output::Output;
use super::{elements, flowed, latex, markup, notebook, rich, rtf, wide};

/// Number of bytes at the start that are checked to detect a format.
const SNIFFED_BYTES: usize = 4 << 10;

/// A format with text in runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Markup.
    Markup(Dialect),
    /// Markup in UTF-16; whether it is big-endian.
    Wide(Dialect, bool),
    /// Markup that is escaped in JSON or XML.
    Escaped(Escapes),
    /// Rich text in JSON.
    Rich,
    /// Rich text format.
    Rtf,
    /// LaTeX.
    Latex,
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
        0xFE | 0xFF | 0 | b'<' if let Some(big_endian) = wide::order(text) => {
            let text = wide::decoded(start, big_endian);
            let text = text.trim_start_matches(|one: char| one == '\u{feff}' || one.is_ascii_whitespace());
            elements::sniff(text.as_bytes()).map(|dialect| Format::Wide(dialect, big_endian))
        }
        b'\\' | b'%' if latex::sniff(start) => Some(Format::Latex),
        _ => elements::sniff(start).map(Format::Markup),
    }
}

/// Returns the formats that content which starts with `head` may have inside its strings: rich text, escaped markup.
/// [`super::may_have_run_parts`] decides whether it is worth reading.
pub fn sniff_inside(head: &[u8]) -> impl Iterator<Item = Format> {
    let rich = rich::sniff(head).then_some(Format::Rich);
    rich.into_iter().chain(escaped::sniff(head).map(Format::Escaped))
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
    Wide(wide::Wide),
    Escaped(escaped::Escaped),
    Rich(rich::Rich),
    Rtf(rtf::Rtf),
    Latex(latex::Latex),
    Notebook(notebook::Notebook),
    Flowed(flowed::Flowed),
}

impl RunReader {
    /// Creates a reader for content of this format.
    pub fn new(format: Format) -> Self {
        let machine = match format {
            Format::Markup(dialect) => Machine::Markup(markup::Markup::new(dialect)),
            Format::Wide(dialect, big_endian) => Machine::Wide(wide::Wide::new(dialect, big_endian)),
            Format::Escaped(escapes) => Machine::Escaped(escaped::Escaped::new(escapes)),
            Format::Rich => Machine::Rich(rich::Rich::default()),
            Format::Rtf => Machine::Rtf(rtf::Rtf::default()),
            Format::Latex => Machine::Latex(latex::Latex::default()),
            Format::Notebook => Machine::Notebook(notebook::Notebook::default()),
            Format::Flowed => Machine::Flowed(flowed::Flowed::default()),
        };
        Self { machine, out: Output::default() }
    }

    /// Reads the next bytes of the content.
    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.machine {
            Machine::Markup(markup) => markup.push(bytes, &mut self.out),
            Machine::Wide(wide) => wide.push(bytes, &mut self.out),
            Machine::Escaped(escaped) => escaped.push(bytes, &mut self.out),
            Machine::Rich(rich) => rich.push(bytes, &mut self.out),
            Machine::Rtf(rtf) => rtf.push(bytes, &mut self.out),
            Machine::Latex(latex) => latex.push(bytes, &mut self.out),
            Machine::Notebook(notebook) => notebook.push(bytes, &mut self.out),
            Machine::Flowed(flowed) => flowed.push(bytes, &mut self.out),
        }
    }

    /// Calls `search` with each text of which enough is new; with `all`, with each text.
    pub fn each_lane(&mut self, all: bool, search: impl FnMut(&mut Lane)) {
        self.out.each_lane(all, search);
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
        reader.each_lane(true, |lane| {
            text += &String::from_utf8_lossy(lane.text.bytes());
            text.push('\u{1}');
        });
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
            ("\\texttt{ab\\-c\\_d\\hspace{0pt}\\textbf{e}} % x\n", "abc_de "),
            ("%! x\n\\begin{Verbatim}\n\\PY{n}{ab}\\PY{o+x}{c}\\PYZus{}d\n", "abc_d\n"),
            ("Content-Type: text/plain; format=flowed\n\nab \ncd\n> ef \n> gh\n", "abcd\n> efgh\n"),
        ] {
            for piece in [1, 3, 10_000] {
                let text = text(content, piece);
                assert!(text.contains(want), "{content}: {text:?}");
            }
        }
    }

    /// Returns the texts of content that is read as the first format that it may have inside its strings.
    fn inside(content: &str, piece: usize) -> Vec<String> {
        let mut texts = Vec::new();
        for format in sniff_inside(content.as_bytes()) {
            let mut reader = RunReader::new(format);
            content.as_bytes().chunks(piece).for_each(|part| reader.push(part));
            reader.each_lane(true, |lane| {
                texts.push(String::from_utf8_lossy(lane.text.bytes()).into_owned());
                let text = &lane.text;
                for (at, byte) in
                    text.bytes().iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase())
                {
                    let raw = text.raw(at);
                    let plain = raw.end - raw.start == 1;
                    assert!(!plain || content.as_bytes()[raw.start as usize] == *byte, "{content}");
                    let place = text.place(at, false);
                    let line = content.lines().nth(place.line as usize - 1).unwrap();
                    let shown = line.chars().nth(place.column as usize - 1).unwrap();
                    assert!(!plain || shown == char::from(*byte), "{content}: {place:?}");
                }
            });
        }
        texts
    }

    #[test]
    fn texts_of_their_own_do_not_cut_the_shown_text() {
        for (content, wants) in [
            (
                "<w:p><w:t>AB</w:t><w:del><w:delText>d</w:delText><w:b/><w:delText>e</w:delText></w:del><w:t>CD</w:t></w:p>",
                ["ABCD\n\u{1}", "\u{1}de\n\u{1}"],
            ),
            (
                "<w:p><w:instrText> LINK \"a</w:instrText><w:r/><w:instrText>b\"</w:instrText><w:t>x</w:t></w:p><w:p><w:instrText>c</w:instrText></w:p>",
                ["x\n\u{1}", "\u{1} LINK \"ab\"\nc\n\u{1}"],
            ),
            (
                "<worksheet><c><f>\"AB\"&amp;\"CD\" &amp; \"E\"</f><v>1</v></c><c><f>A1&amp;\"x\"</f></c>",
                ["\"ABCDE\"\nA1&\"x\"\n", ""],
            ),
            (
                "<office:text><text:p>AB<office:annotation><dc:creator>me</dc:creator><text:p>no<text:span>te</text:span></text:p></office:annotation>CD</text:p>",
                ["ABCD\n\u{1}", "\u{1}me\nnote\n\u{1}"],
            ),
            (
                "{\\rtf1 A{\\field{\\*\\fldinst{LINK a}{b}}{\\fldrslt B}}{\\*\\x no}C\\par}",
                ["ABC\n\u{1}", "\u{1}LINK ab\n\u{1}"],
            ),
        ] {
            for piece in [1, 3, 10_000] {
                let text = text(content, piece);
                assert!(wants.iter().all(|want| text.contains(want)), "{content}: {text:?}");
            }
        }
    }

    #[test]
    fn markup_in_utf_16_is_read() {
        let content = "<?xml version=\"1.0\"?>\n<w:p><w:t>\u{1f600}AB</w:t><w:r/><w:t>&#67;D</w:t></w:p>";
        let little: Vec<u8> = content.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = format!("\u{feff}{content}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            for piece in [1, 3, 10_000] {
                let mut reader = RunReader::new(sniff(&bytes).unwrap());
                bytes.chunks(piece).for_each(|part| reader.push(part));
                reader.each_lane(true, |lane| {
                    assert_eq!(lane.text.bytes(), "\u{1f600}ABCD\n".as_bytes());
                    let raw = lane.text.raw(5);
                    assert!(bytes[raw.start as usize..raw.end as usize].contains(&b'B'));
                    assert_eq!((lane.text.place(4, false).line, lane.text.place(4, false).column), (2, 12));
                });
            }
        }
    }

    #[test]
    fn notebooks_join_outputs_and_read_markup() {
        let cell =
            |outputs: &str| format!("{{\"cells\": [{{\"cell_type\": \"code\", \"outputs\": [{outputs}]}}]}}");
        let stream = |name: &str, text: &str| {
            format!("{{\"name\": \"{name}\",\n \"output_type\": \"stream\", \"text\": [\"{text}\"]}}")
        };
        let both = [stream("stdout", "AB"), stream("stderr", "x"), stream("stdout", "CD\\n")];
        let result = "{\"output_type\": \"execute_result\", \"data\": {\"text/html\": [\"<b>EF</b\",\n \"><i>GH&shy;\\u0049</i>\"]}}";
        let apart = [stream("stdout", "AB"), result.to_owned(), stream("stdout", "CD\\n")];
        let cells = "{\"cells\": [{\"cell_type\": \"markdown\", \"source\": [\"AB<wbr>CD\\n\", \"é EF\"]}]}";
        for piece in [1, 3, 10_000] {
            let joined = text(&cell(&both.join(", ")), piece);
            assert!(joined.contains("\u{1}ABCD\n\u{1}x"), "{joined:?}");
            let other = text(&cell(&apart.join(", ")), piece);
            assert!(other.contains("\u{1}AB\nCD\n\u{1}") && other.contains("EFGHI"), "{other:?}");
            let markdown = text(cells, piece);
            assert!(markdown.contains("ABCD\né EF"), "{markdown:?}");
        }
    }

    #[test]
    fn siblings_of_rich_text_are_joined() {
        for (content, want) in [
            (
                "{\"ops\":[{\"insert\":\"AB\"},{\"attributes\":{\"bold\":true},\"insert\":\"CD\"},{\"insert\":\"\\n\"}]}",
                "ABCD\n",
            ),
            (
                "{\"content\": [\n {\"type\": \"text\", \"text\": \"é AB\"},\n {\"type\": \"text\", \"marks\": [{\"type\": \"strong\"}], \"text\": \"CD\"}]}",
                "é ABCD",
            ),
            (
                "{\"rich_text\":[{\"text\":{\"content\":\"AB\"},\"plain_text\":\"AB\"},{\"text\":{\"content\":\"CD\"},\"plain_text\":\"CD\"}]}",
                "ABCD",
            ),
            (
                "{\"elements\":[{\"textRun\":{\"content\":\"AB\"}},{\"textRun\":{\"content\":\"CD\"}}]}",
                "ABCD",
            ),
            ("[{\"children\":[{\"text\":\"AB\"},{\"text\":\"\"},{\"text\":\"CD\",\"bold\":true}]}]", "ABCD"),
            ("{\"text\": [\"AB\", {\"type\": \"bold\", \"text\": \"CD\"}, \"EF\"]}", "ABCDEF"),
        ] {
            for piece in [1, 3, 10_000] {
                let texts = inside(content, piece);
                assert!(texts[0].contains(want), "{content}: {texts:?}");
            }
        }
        for content in [
            "{\"content\":[{\"content\":[{\"text\":\"AB\"}]},{\"content\":[{\"text\":\"CD\"}]}]}",
            "{\"content\":[{\"text\":\"AB\"},{\"type\":\"hardBreak\"},{\"text\":\"CD\"}]}",
            "{\"ops\":[{\"insert\":\"AB\"},{\"insert\":{\"image\":\"x\"}},{\"insert\":\"CD\"}]}",
            "{\"a\":{\"text\":\"AB\"},\"b\":{\"text\":\"CD\"}}",
            "{\"text\":\"AB\",\"more\":[{\"text\":\"CD\"}],\"messages\":[{\"content\":\"AB\"},{\"content\":\"CD\"}]}",
        ] {
            let texts = inside(content, 10_000);
            assert!(!texts.iter().any(|text| text.contains("ABCD")), "{content}: {texts:?}");
        }
    }

    #[test]
    fn escaped_markup_is_read() {
        for (content, want) in [
            (
                "{\"é\": \"\\u003cp class=\\\"x\\\"\\u003eAB\\u003cb\\u003eCD\\u003c/b\\u003e\",\n \"b\": 1}",
                "ABCD",
            ),
            (
                "<rss><description>&lt;p&gt;é AB&lt;b title=&quot;a &gt; b&quot;&gt;CD\n&amp;#8203;E&lt;/b&gt;</description></rss>",
                "ABCD\nE",
            ),
            ("[\"&lt;span&gt;AB&lt;/span&gt;C\"]", "ABC"),
            ("{\"body\": \"\\u0026lt;i\\u0026gt;AB\\u0026lt;/i\\u0026gt;C\\u0026amp;shy;D\"}", "ABCD"),
        ] {
            for piece in [1, 3, 10_000] {
                let texts = inside(content, piece);
                assert!(texts.iter().any(|text| text.contains(want)), "{content}: {texts:?}");
            }
        }
        let apart = "{\"a\": \"\\u003cp\\u003eAB\", \"b\": \"CD\", \"c\": \"x \\u003ci\", \"d\": \"EF\"}";
        let texts = inside(apart, 10_000);
        assert!(
            !texts[0].contains("ABCD") && texts[0].contains("CD") && texts[0].contains("EF"),
            "{texts:?}"
        );
        for content in ["{\"a\": \"b < c\"}", "<a>b &lt; c</a>", "&lt;b&gt;", "{\"a\": \"1 \\u003c 2\"}"] {
            assert_eq!(sniff_inside(content.as_bytes()).next(), None, "{content}");
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
