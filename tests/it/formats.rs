//! docs/formats.md lists the formats of the registry.

use std::fmt::Write as _;

use telleaks::unpack::{Group, formats};

/// Returns the table of the documentation.
fn table() -> String {
    let documents = telleaks::documents::formats();
    let documents = documents.map(|(name, title)| (name, title, Group::Document));
    let rows: Vec<_> =
        formats().iter().map(|one| (one.name, one.title, one.group)).chain(documents).collect();
    let mut out = "| Name | Format | Treated as |\n| --- | --- | --- |\n".to_owned();
    for group in [Group::Stream, Group::Archive, Group::Records, Group::Document, Group::Unsupported] {
        for (name, title, _) in rows.iter().filter(|row| row.2 == group) {
            writeln!(out, "| `{name}` | {title} | {} |", group.title()).unwrap();
        }
    }
    out
}

#[test]
fn the_documentation_lists_the_formats_of_the_registry() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/formats.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (begin, end) = ("<!-- formats: begin -->\n", "<!-- formats: end -->");
    let start = text.find(begin).unwrap() + begin.len();
    let stop = text.find(end).unwrap();
    let expected = format!("\n{}\n", table());
    if std::env::var_os("TELLEAKS_UPDATE_README").is_some() {
        std::fs::write(path, [&text[..start], &expected, &text[stop..]].concat()).unwrap();
        return;
    }
    assert_eq!(&text[start..stop], expected, "run the tests with TELLEAKS_UPDATE_README=1");
}
