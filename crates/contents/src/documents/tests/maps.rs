//! Source maps.

use super::{Kept, Random, limited, of};
use crate::documents::{Document, MapAt, map_of, original, sniff};
use crate::unpack::Limits;

/// Two sources; line 2 of `src/api.ts` holds a string, mapped from column 2 of the generated line.
fn map() -> String {
    let source = "// ä😀\nconst key = 'abcdef', x = \"ü\" + key;\n";
    let mut builder = sourcemap::SourceMapBuilder::new(Some("app.js"));
    let first = builder.add_source("webpack:///./src/api.ts");
    builder.set_source_contents(first, Some(source));
    let second = builder.add_source("../lib/b.ts");
    builder.add_raw(0, 0, 0, 3, Some(second), None, false);
    builder.add_raw(0, 2, 1, 12, Some(first), None, false);
    builder.add_raw(0, 10, 1, 26, Some(first), None, false);
    builder.add_raw(3, 1, 1, 0, Some(first), None, false);
    let mut out = Vec::new();
    builder.into_sourcemap().to_writer(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn place(map: &str, text: &str, line: u64, column: u64) -> Option<String> {
    original(map.as_bytes(), text, line, column)
        .map(|place| format!("{}:{}:{}", place.path, place.line, place.column))
}

#[test]
fn sources_are_named_by_path() {
    let map = r#" {"sources":["webpack://shop/./src/a.ts",null,"../b.ts","../b.ts","n"],"names":[],"mappings":"",
        "sourcesContent":["one\n\u00e4\ud800","two","three","four",null,"six"],"version":3}"#;
    let kept = of(map.as_bytes(), "");
    assert_eq!(kept.names(), ["src/a.ts", "source-2", "b.ts", "b.ts", "source-6"]);
    assert_eq!(kept.members[0].1, b"one\n\xC3\xA4\xED\xA0\x80");
    assert_eq!(kept.members[4].1, b"six");
    let guarded = format!(")]}}'\n{map}");
    assert_eq!(of(guarded.as_bytes(), "").members.len(), 5);
}

#[test]
fn index_maps_and_unknown_fields_are_parsed() {
    let inner = r#"{"version":3,"sourceRoot":"/r","sources":["a"],"sourcesContent":["x"],"mappings":""}"#;
    let map = format!(
        r#"{{"version":3,"x_facebook_sources":[[{{"names":["f"],"mappings":"AAA"}}]],"sections":[
            {{"offset":{{"line":0,"column":0}},"map":{inner}}},
            {{"offset":7,"map":{inner}}}, 5, {{"offset":{{"line":9,"column":0}},"url":"x"}},
            {{"offset":{{"line":5,"column":0}},"map":{inner}}}]}}"#
    );
    assert_eq!(of(map.as_bytes(), "").names(), ["r/a", "r/a"]);
}

#[test]
fn damaged_maps_have_no_members() {
    let cut = "{\"version\":3,\"sourcesContent\":[\"abc";
    assert_eq!(sniff(cut.as_bytes(), "x.js.map"), Some(Document::SourceMap));
    let (Kept { members, unseen }, outcome) =
        limited(Document::SourceMap, cut.as_bytes(), &Limits::default());
    assert!(members.is_empty() && unseen.is_empty() && outcome.is_ok());
}

#[test]
fn member_limit_applies() {
    let map = "{\"version\":3,\"sourcesContent\":[\"a\",\"b\",\"c\"]}";
    let limits = Limits { entries: 2, ..Limits::default() };
    let (kept, outcome) = limited(Document::SourceMap, map.as_bytes(), &limits);
    assert_eq!(kept.members.len(), 2);
    assert!(outcome.is_err());
}

#[test]
fn location_maps_to_source() {
    let map = map();
    let line = "a=\"abcdef\",y=\"ü\"+a";
    // Only the kind of the quotes differs.
    assert_eq!(place(&map, line, 1, 4).unwrap(), "src/api.ts:2:14");
    assert_eq!(place(&map, line, 1, 6).unwrap(), "src/api.ts:2:16");
    // The text differs: the start of the token.
    assert_eq!(place(&map, "a=\"axcdef\",y", 1, 6).unwrap(), "src/api.ts:2:13");
    assert_eq!(place(&map, "", 1, 6).unwrap(), "src/api.ts:2:13");
    assert_eq!(place(&map, line, 1, 1).unwrap(), "lib/b.ts:1:4");
    assert_eq!(place(&map, "", 2, 1), None);
    assert_eq!(place(&map, "", 4, 1), None);
    assert_eq!(place(&map, "", 4, 2).unwrap(), "src/api.ts:2:1");
    assert_eq!(place(&map, "", 0, 1), None);
    assert_eq!(place(&map, "", 1, 0), None);
    assert_eq!(place(&map, "", u64::MAX, u64::MAX), None);
    assert_eq!(place("{", "", 1, 1), None);
}

#[test]
fn index_map_uses_its_sections() {
    let map = format!(
        r#"{{"version":3,"sections":[{{"offset":{{"line":0,"column":0}},"map":{{"version":3,"sources":[],"mappings":""}}}},
            {{"offset":{{"line":4,"column":3}},"map":{}}}]}}"#,
        map()
    );
    assert_eq!(place(&map, "xxxa=\"abcdef\",y=", 5, 7).unwrap(), "src/api.ts:2:14");
    assert_eq!(place(&map, "", 8, 2).unwrap(), "src/api.ts:2:1");
    assert_eq!(place(&map, "", 5, 3), None);
}

/// Compares the lookup with that of the `sourcemap` crate, which keeps all tokens in memory.
#[test]
fn lookup_agrees_with_sourcemap_crate() {
    let mut random = Random(11);
    for _ in 0..200 {
        let mut builder = sourcemap::SourceMapBuilder::new(None);
        let sources: Vec<u32> = (0..3).map(|at| builder.add_source(&format!("s{at}.ts"))).collect();
        for line in 0..5 {
            let mut column = 0;
            for _ in 0..random.below(6) {
                column += 1 + random.below(40) as u32;
                let source = (random.below(8) > 0).then(|| sources[random.below(3)]);
                let (to, at) = (random.below(5000) as u32, random.below(300) as u32);
                builder.add_raw(line, column, to, at, source, None, false);
            }
        }
        let map = builder.into_sourcemap();
        let mut text = Vec::new();
        map.to_writer(&mut text).unwrap();
        let read = sourcemap::SourceMap::from_slice(&text).unwrap();
        for _ in 0..50 {
            let (line, column) = (random.below(6) as u32, random.below(200) as u32);
            let token = read.lookup_token(line, column).filter(|token| token.get_dst_line() == line);
            let expected = token.and_then(|token| {
                let source = token.get_source()?;
                Some(format!("{source}:{}:{}", token.get_src_line() + 1, token.get_src_col() + 1))
            });
            let text = std::str::from_utf8(&text).unwrap();
            assert_eq!(place(text, "", u64::from(line) + 1, u64::from(column) + 1), expected);
        }
    }
}

#[test]
fn map_reference_is_found() {
    let beside = |name: &str| Some(MapAt::Beside(name.to_owned()));
    let inline = |text: &str| Some(MapAt::Inline(text.as_bytes().to_vec()));
    for (text, expected) in [
        ("x\n//# sourceMappingURL=app.js.map\n", beside("app.js.map")),
        ("x\n//@ sourceMappingURL=a.map", beside("a.map")),
        ("x{}\n/*# sourceMappingURL=a%20b.css.map */\n", beside("a b.css.map")),
        ("x{}/*# sourceMappingURL=a.css.map*/", beside("a.css.map")),
        ("//# sourceMappingURL=https://example.org/x/a.js.map?v=1#x\n", beside("a.js.map")),
        ("//# sourceMappingURL=a.map\n//# sourceMappingURL=b.map\n", beside("b.map")),
        ("//# sourceMappingURL=a.map\nconst x = \"sourceMappingURL=\" + y", beside("a.map")),
        ("//# sourceMappingURL=..%2f..%2fetc\n", None),
        ("//# sourceMappingURL=..\n", None),
        ("//# sourceMappingURL=\n", None),
        ("sourceMappingURL=a.map\n", None),
        ("//# sourceMappingURL=data:application/json;charset=utf-8;base64,eyJ9\n", inline("{\"}")),
        ("eval(\"x//# sourceMappingURL=data:application/json;base64,eyJ9\\n//# y\")", inline("{\"}")),
        ("//# sourceMappingURL=data:application/json,%7B%22%7d\n", inline("{\"}")),
        ("//# sourceMappingURL=data:application/json\n", None),
    ] {
        assert_eq!(map_of(text.as_bytes()), expected, "{text}");
    }
}
