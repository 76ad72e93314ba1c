//! Tests which records are joined.

use super::*;

/// Returns the texts of all streams, sorted, of content that arrives in pieces of `piece` bytes.
fn joined(content: &str, piece: usize) -> Vec<String> {
    let mut joiner = Joiner::default();
    joiner.learn(content.as_bytes());
    for part in content.as_bytes().chunks(piece) {
        joiner.push(part);
    }
    joiner.finish();
    let mut texts = Vec::new();
    joiner.each_lane(true, |lane| {
        let text = String::from_utf8(lane.text.bytes().to_vec()).unwrap();
        for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase()) {
            let raw = lane.text.raw(at);
            let plain = raw.end - raw.start == 1;
            assert!(!plain || content.as_bytes()[raw.start as usize] == byte, "{content}");
        }
        texts.push(text);
    });
    texts.sort();
    texts
}

fn has(content: &str, text: &str) {
    for piece in [1, 7, 10_000] {
        let texts = joined(content, piece);
        assert!(texts.iter().any(|one| one.contains(text)), "{content}\n{texts:?}");
    }
}

fn has_not(content: &str, text: &str) {
    let texts = joined(content, 10_000);
    assert!(!texts.iter().any(|one| one.contains(text)), "{content}\n{texts:?}");
}

#[test]
fn records_of_one_stream_are_joined() {
    for content in [
        "{\"log\":\"ABC\",\"stream\":\"stdout\",\"time\":\"1\"}\n{\"log\":\"no\\n\",\"stream\":\"stderr\",\"time\":\"2\"}\n{\"log\":\"DEF\\n\",\"stream\":\"stdout\",\"time\":\"3\"}\n",
        "2026-03-05T10:00:00.1Z stdout P ABC\n2026-03-05T10:00:00.1Z stderr F x\n2026-03-05T10:00:00.1Z stdout F DEF\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ABC\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"DEF\"}}]}\n\n",
        "event: a\ndata: ABC\n\nevent: a\ndata: DEF\n\n",
        "{\"a\":{\"b\":\"ABC\"}}\r\n{\"a\":{\"b\":\"D\\u0045F\"}}",
        "{\"version\": 2}\n[0.1, \"o\", \"ABx\"]\n[0.2, \"o\", \"\\b \\bC\\u001b[0mD\"]\n[0.2, \"o\", \"EF\"]\n",
        "$ ABx\u{8} \u{8}CD \rEF\n",
        "0:\"ABC\"\n0:\"DEF\"\n",
    ] {
        has(content, "ABCDEF");
    }
    for content in [
        "web-1 | ABC\ndb-1  | x\nweb-1 | DEF\n",
        "Mar  5 10:00:00 h a[1]: ABC\nMar  5 10:00:00 h a[1]: DEF\n",
    ] {
        has(content, "ABC\nDEF\n");
    }
}

#[test]
fn records_of_different_streams_are_not_joined() {
    for content in [
        "{\"log\":\"ABC\",\"stream\":\"stdout\"}\n{\"log\":\"DEF\\n\",\"stream\":\"stderr\"}\n",
        "{\"session\":\"a\",\"delta\":\"ABC\"}\n{\"session\":\"b\",\"delta\":\"DEF\"}\n",
        "{\"kubernetes\":{\"pod_name\":\"a\"},\"log\":\"ABC\"}\n{\"kubernetes\":{\"pod_name\":\"b\"},\"log\":\"DEF\"}\n",
        "{\"id\":\"a\",\"delta\":\"ABC\"}\n{\"id\":\"b\",\"delta\":\"DEF\"}\n",
        "data: {\"choices\":[{\"index\":0,\"text\":\"ABC\"}]}\n\ndata: {\"choices\":[{\"index\":1,\"text\":\"DEF\"}]}\n\n",
        "2026-03-05T10:00:00.1Z stdout P ABC\n2026-03-05T10:00:00.1Z stderr F DEF\n",
        "a | ABC\nb | DEF\n",
        "[1, \"o\", \"ABC\"]\n[2, \"i\", \"DEF\"]\n",
    ] {
        has_not(content, "ABCDEF");
        has_not(content, "ABC\nDEF");
    }
}

#[test]
fn texts_continue_after_the_same_prefix() {
    for prefix in [
        "web-7f9 app ",
        "\u{1b}[95mweb-7f9\u{1b}[0m \u{1b}[35mapp\u{1b}[0m ",
        "build\tRun tests\t2026-03-05T10:00:00.1234567Z ",
        "2026-03-05T10:00:00.123456Z 01O ",
        "#12 0.345 ",
        "0|app  | ",
        "03-05 10:00:00.123  1234  5678 I Tag: ",
        "2026-03-05 10:00:00,123 INFO  [main] c.e.App - ",
        "[12345.678901] ",
        "I0305 10:00:00.123456    1234 main.go:42] ",
        "2026/03/05 10:00:00 [error] 12#12: *1 ",
        "web:dev: ",
        "> web: ",
        "[0] ",
    ] {
        let key = "KEY0123_";
        let later =
            prefix.replace("0.345", "0.912").replace("10:00:00", "10:00:07").replace("12345.6", "12346.1");
        let content = format!("{prefix}one\n{prefix}k={key}\nother source: x\n{later}DEF\n{later}end\n");
        has(&content, &format!("{key}\nDEF\n"));
        assert!(may_have_records(content.as_bytes()), "{content}");
    }
    for (one, other) in
        [("a app ", "b app "), ("x[1] ", "x[2] "), ("10.0.0.1 ", "10.0.0.2 "), ("a:1: ", "a:2: ")]
    {
        has_not(&format!("{one}KEY0123_\n{other}DEF\n"), "KEY0123_\nDEF");
    }
}

#[test]
fn records_in_records_are_joined() {
    let docker = |text: &str| format!("{{\"log\":\"{text}\\n\",\"stream\":\"stdout\"}}\n");
    for message in ["data: {\\\"t\\\":\\\"@\\\"}", "{\\\"a\\\":{\\\"t\\\":\\\"@\\\"},\\\"n\\\":1}"] {
        let event = |text: &str| docker(&message.replace('@', text));
        has(&[event("ABC"), docker(""), event("DEF")].concat(), "ABCDEF");
    }
    for content in [
        "[{\"c\":[{\"index\":0,\"t\":\"ABC\"}]},{\"c\":[{\"index\":0,\"t\":\"DEF\"}]}]\n",
        "{\"body\":\"data: {\\\"t\\\":\\\"ABC\\\"}\\n\\ndata: {\\\"t\\\":\\\"DEF\\\"}\\n\"}\n",
        "\u{1e}{\"t\":\"ABC\"}\n\u{1e}{\"t\":\"DEF\"}\n",
        "10:00 INFO start\n10:00 DEBUG chunk: data: {\"t\":\"ABC\"}\n10:00 DEBUG chunk: data: {\"t\":\"DEF\"}\n",
        "{\"index\":0,\"t\":\"\"}\n{\"index\":1,\"t\":\"\"}\n{\"index\":2,\"t\":\"ABC\"}\n{\"index\":3,\"t\":\"DEF\"}\n",
    ] {
        has(content, "ABCDEF");
        assert!(may_have_records(content.as_bytes()), "{content}");
    }
    has_not("[{\"c\":[{\"index\":0,\"t\":\"ABC\"},{\"index\":1,\"t\":\"DEF\"}]}]\n", "ABCDEF");
}

#[test]
fn messages_of_one_stream_are_joined() {
    let output = |text: &str| {
        let length = (text.len() as u32).to_le_bytes();
        [&(1u32 << 30).to_le_bytes()[..], &[0; 4], &length, text.as_bytes()].concat()
    };
    let content = ["$ AB", "x\u{8} \u{8}C", "DEF\r\n"].map(output).concat();
    for piece in [1, 7, 1000] {
        let mut joiner = Joiner::default();
        joiner.learn(&content);
        content.chunks(piece).for_each(|part| joiner.push(part));
        joiner.finish();
        let mut texts = Vec::new();
        joiner.each_lane(true, |lane| texts.push(String::from_utf8_lossy(lane.text.bytes()).into_owned()));
        assert!(texts.iter().any(|text| text.contains("$ ABCDEF")), "{texts:?}");
    }
}

#[test]
fn values_over_lines_are_joined() {
    for content in [
        "[\n  {\n    \"text\": \"ABC\"\n  },\n  {\n    \"text\": \"DEF\"\n  }\n]\n",
        "[{\r\n  \"text\": \"ABC\"\r\n}\r\n,\r\n{\r\n  \"text\": \"DEF\"\r\n}]\r\n",
        "{\n \"text\": \"ABC\"\n}{\n \"text\": \"DEF\"\n}\n",
        "{\"t\":\"ABC\"}{\"t\":\"DEF\"}\n",
        "{\n  \"version\": 1,\n  \"width\": 80,\n  \"stdout\": [\n    [\n      0.1,\n      \"ABx\"\n    ],\n    [\n      0.2,\n      \"\\b \\bCDEF\"\n    ]\n  ]\n}\n",
        "{\"version\": 1, \"width\": 80, \"stdout\": [[0.1, \"ABC\"], [1e-3, \"DEF\"]]}\n",
        "interactions:\n- body: 'data: {\"t\":\"ABC\"}\n\n    data: {\"t\":\"DEF\"}'\n",
        "interactions:\n  string: \"data: {\\\"t\\\":\\\"ABC\\\"}\\n\\ndata: {\\\"t\\\":\\\n    \\\"DEF\\\"}\"\n",
        "interactions:\n  string: |\n    data: {\"t\":\"ABC\"}\n\n    data: {\"t\":\"DEF\"}\n",
    ] {
        has(content, "ABCDEF");
        assert!(may_have_records(content.as_bytes()), "{content}");
    }
    // A long object is dropped, and the first object in it is read.
    let wide = format!(
        "{{\n  \"a\": \"{}\",\n  \"b\": [\n    {{\n      \"text\": \"ABC\"\n    }},\n    {{\n      \"text\": \"DEF\"\n    }}\n  ]\n}}\n",
        "x".repeat(32_720)
    );
    has(&wide, "ABCDEF");
    for content in [
        "[\n  {\n    \"index\": 0,\n    \"text\": \"ABC\"\n  },\n  {\n    \"index\": 1,\n    \"text\": \"DEF\"\n  }\n]\n",
        "interactions:\n  string: |\n    data: {\"t\":\"ABC\"}\n  other: |\n    data: {\"t\":\"DEF\"}\n",
        "  \"text\": \"data: {\\\"t\\\":\\\"ABC\\\"}\"\n  \"text\": \"data: {\\\"t\\\":\\\"DEF\\\"}\"\n",
    ] {
        has_not(content, "ABCDEF");
    }
    for content in ["{\n  \"name\": \"a\",\n  \"version\": \"1\"\n}\n", "int a()\n{\n  return \"b\";\n}\n"] {
        assert!(!may_have_records(content.as_bytes()), "{content}");
    }
}

#[test]
fn an_id_of_each_record_does_not_part_a_stream() {
    let record = |id: usize, text: &str| format!("{{\"id\":\"e{id}\",\"delta\":\"{text}\"}}\n");
    let all: String =
        ["A", "B", "C", "D", "E", "F"].iter().enumerate().map(|(id, text)| record(id, text)).collect();
    has(&all, "ABCDEF");
    let two: String =
        ["A", "D", "B", "E", "C", "F"].iter().enumerate().map(|(id, text)| record(id % 2, text)).collect();
    has(&two, "ABC");
    has_not(&two, "AD");
}

#[test]
fn the_memory_is_bounded() {
    let mut joiner = Joiner::default();
    for number in 0..20_000 {
        joiner.push(format!("{{\"session\":\"{number}\",\"delta\":\"{}\"}}\n", "x".repeat(100)).as_bytes());
        joiner.each_lane(false, Lane::trim);
    }
    let mut lanes = 0;
    joiner.each_lane(true, |_| lanes += 1);
    assert!(lanes <= 256);
    joiner.push(&vec![b'x'; LONGEST_LINE + 1]);
    assert!(joiner.rest.is_empty());
    joiner.push(b"\na | b\n");
    assert_eq!(joiner.line_start(), joiner.offset);
}

/// Pieces of all formats, combined in any order.
const PARTS: [&str; 61] = [
    "\\PY{x}{",
    "\\-",
    "%",
    "<w:delText>",
    "</w:delText>",
    "<f>",
    "</f>",
    "&amp;",
    "\\u003c",
    "&lt;b&gt;",
    "\\u0026lt;",
    "\"text\":\"",
    "{\\*\\fldinst ",
    "{\"log\":\"",
    "\"}",
    "\n",
    "\r\n",
    "\r",
    "data: ",
    "event: x\n",
    "\\u00",
    "41",
    "\\ud83d",
    "\\",
    "\"",
    "[0.1, \"o\", \"",
    "]",
    "}",
    "{",
    "[",
    ":",
    ",",
    "2026-03-05T10:00:00Z ",
    "stdout P ",
    "stderr F ",
    "web-1 | ",
    "\u{1b}[36m",
    "\u{1b}[3D",
    "\u{1b}]0;",
    "\u{7}",
    "\u{8}",
    "\u{8} \u{8}",
    " \r",
    "\u{1b}[K",
    "\u{1b}[2P",
    "\u{1b}[9@",
    "é",
    "<",
    ">",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "&#65;",
    "&shy;",
    "<w:t>",
    "</w:t>",
    "\\par ",
    "\\u233?",
    "\\'e9",
    "Mar  5 10:00:00 h a[1]: ",
];

fn any_content(seed: u32) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut below = |end: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % end
    };
    (0..60).map(|_| if below(4) == 0 { "KEY01abc" } else { PARTS[below(PARTS.len())] }).collect()
}

#[test]
fn pieces_of_any_content_make_the_same_texts() {
    for seed in 0..4000 {
        let content = any_content(seed);
        let whole = texts(&content, usize::MAX);
        for piece in [1, 5] {
            for (one, other) in texts(&content, piece).iter().zip(&whole) {
                assert_eq!(String::from_utf8_lossy(one), String::from_utf8_lossy(other), "{content:?}");
            }
        }
    }
}

/// Returns the texts of content that arrives in pieces of `piece` bytes, read as records and in each format with runs.
fn texts(content: &str, piece: usize) -> Vec<Vec<u8>> {
    let bytes = content.as_bytes();
    let mut out = Vec::new();
    let mut joiner = Joiner::default();
    bytes.chunks(piece.min(bytes.len())).for_each(|part| joiner.push(part));
    joiner.finish();
    joiner.each_lane(true, |lane| out.push(lane.text.bytes().to_vec()));
    out.sort();
    use Format::{Flowed, Latex, Markup, Notebook, Rich, Rtf, Wide};
    let dialects = [Dialect::Html, Dialect::Office, Dialect::OpenDocument];
    let escaped = sniff_inside(b"{\"a\": \"\\u003cb &lt;b\"}");
    let formats = [Flowed, Latex, Notebook, Rich, Rtf, Wide(Dialect::Html, false)];
    for format in formats.into_iter().chain(dialects.map(Markup)).chain(escaped) {
        let mut reader = RunReader::new(format);
        bytes.chunks(piece.min(bytes.len())).for_each(|part| reader.push(part));
        reader.each_lane(true, |lane| {
            let text = &lane.text;
            let end = bytes.len() as u64;
            let is_inside = |at| text.raw(at).end <= end && text.place(at, true).offset <= end;
            assert!((0..text.bytes().len()).all(is_inside), "{format:?} {content:?}");
            out.push(text.bytes().to_vec());
        });
    }
    out
}
