//! Keys whose text is in runs of a document, or is encoded in several parts. A key is cut at every place.

use crate::common::put;
use crate::common::random::Random;
use crate::joined_text::{Records, cuts, found, redacted};
use serde_json::json;

/// Documents whose text is in runs, with the ending of their names.
const RUNS: [(&str, &str, Records); 12] = [
    ("spans", "html", |a, b| format!("<!doctype html><pre><span class=a>{a}</span><i>{b}</i></pre>")),
    ("wbr", "html", |a, b| format!("<p>x {a}<wbr>{b}</p>")),
    ("shy", "html", |a, b| format!("<p>x {a}&shy;{b}</p>")),
    ("zero width", "html", |a, b| format!("<p>x {a}&#8203;{b}</p>")),
    ("word", "xml", |a, b| {
        format!(
            "<?xml version=\"1.0\"?><w:p><w:r><w:t>{a}</w:t></w:r>\n<w:r><w:rPr/><w:t>{b}</w:t></w:r></w:p>"
        )
    }),
    ("slide", "xml", |a, b| {
        format!("<p:s><a:p><a:r><a:t>{a}</a:t></a:r><a:r><a:t>{b}</a:t></a:r></a:p></p:s>")
    }),
    ("sheet", "xml", |a, b| format!("<sst><si><r><t>{a}</t></r><r><rPr/><t>{b}</t></r></si></sst>")),
    ("open document", "xml", |a, b| {
        format!(
            "<office:text><text:p>{a}<text:span text:style-name=\"a\">{b}</text:span></text:p></office:text>"
        )
    }),
    ("rich text", "rtf", |a, b| format!("{{\\rtf1\\ansi{{\\fonttbl{{\\f0 A;}}}}\\f0 {a}{{\\b {b}}}\\par}}")),
    ("notebook", "ipynb", |a, b| {
        let source = [format!("k=(\"{a}\"\n"), format!("   \"{b}\")")];
        json!({"cells": [{"cell_type": "code", "source": source}], "nbformat": 4}).to_string()
    }),
    ("flowed", "eml", |a, b| {
        format!("From: a@b\nTo: c@d\nContent-Type: text/plain; format=flowed\n\nkey {a} \n{b}\n")
    }),
    ("flowed and quoted", "eml", |a, b| {
        format!("From: a@b\nTo: c@d\nContent-Type: text/plain; format=flowed\n\n> key {a} \n> {b}\n")
    }),
];

/// Rich text in JSON, in one line.
const RICH: [(&str, Records); 6] = [
    ("quill", |a, b| {
        json!({"ops": [{"insert": a}, {"attributes": {"bold": true}, "insert": b}]}).to_string()
    }),
    ("document format", |a, b| {
        let text = |part: &str| json!({"type": "text", "text": part, "marks": [{"type": "em"}]});
        json!({"content": [{"type": "paragraph", "content": [text("k "), text(a), text(b)]}]}).to_string()
    }),
    ("notion", |a, b| {
        let text = |part: &str| json!({"type": "text", "text": {"content": part}, "plain_text": part});
        json!({"rich_text": [text(a), text(b)]}).to_string()
    }),
    ("slack", |a, b| {
        let text = |part: &str| json!({"type": "text", "text": part});
        json!({"blocks": [{"elements": [{"type": "rich_text_section", "elements": [text(a), text(b)]}]}]})
            .to_string()
    }),
    ("slate", |a, b| {
        json!([{"type": "p", "children": [{"text": a}, {"text": b, "bold": true}]}]).to_string()
    }),
    ("docs", |a, b| {
        let text = |part: &str| json!({"textRun": {"content": part}});
        json!({"paragraph": {"elements": [text(a), text(b)]}}).to_string()
    }),
];

/// Documents in which a key is in a text of its own, or is encoded in parts.
const ASIDE: [(&str, &str, Records); 14] = [
    ("deleted", "xml", |a, b| {
        format!(
            "<w:p><w:del><w:delText>{a}</w:delText><w:r/><w:delText>{b}</w:delText></w:del><w:t>x</w:t></w:p>"
        )
    }),
    ("around deleted", "xml", |a, b| {
        format!("<w:p><w:t>{a}</w:t><w:del><w:delText>x</w:delText></w:del><w:t>{b}</w:t></w:p>")
    }),
    ("field", "xml", |a, b| {
        format!(
            "<w:p><w:instrText>HYPERLINK \"http://a/?{a}</w:instrText><w:instrText>{b}\"</w:instrText></w:p>"
        )
    }),
    ("formula", "xml", |a, b| format!("<worksheet><c><f>\"{a}\"&amp;\"{b}\"</f><v>1</v></c></worksheet>")),
    ("annotation", "xml", |a, b| {
        format!(
            "<office:text><text:p>{a}<office:annotation><text:p>x</text:p></office:annotation>{b}</text:p>"
        )
    }),
    ("link in rich text", "rtf", |a, b| {
        format!("{{\\rtf1{{\\field{{\\*\\fldinst{{HYPERLINK \"http://a/?{a}}}{{{b}\"}}}}{{\\fldrslt x}}}}}}")
    }),
    ("json", "json", |a, b| {
        json!({"html": format!("<p>{a}<b>{b}</b></p>")})
            .to_string()
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
    }),
    ("feed", "xml", |a, b| {
        format!(
            "<?xml version=\"1.0\"?><rss><description>&lt;p&gt;{a}&lt;b&gt;{b}&lt;/b&gt;</description></rss>"
        )
    }),
    ("outputs", "ipynb", |a, b| {
        let out = |text: &str| json!({"name": "stdout", "output_type": "stream", "text": [text]});
        json!({"cells": [{"cell_type": "code", "outputs": [out(a), out(b)]}]}).to_string()
    }),
    ("table of a notebook", "ipynb", |a, b| {
        let data = json!({"text/html": [format!("<td>{a}<i>"), format!("{b}</i></td>")]});
        json!({"cells": [{"cell_type": "code", "outputs": [{"data": data}]}]}).to_string()
    }),
    ("latex", "tex", |a, b| format!("\\texttt{{{a}\\-{b}}}\n").replace('_', "\\_")),
    ("segments", "eml", |a, b| {
        format!("From: a@b\nTo: c@d\nContent-Type: text/plain;\n name*0=\"{a}\";\n name*1=\"{b}\"\n\nx\n")
    }),
    ("words", "eml", |a, b| {
        let word = |part: &str| format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(part.as_bytes()));
        format!("From: a@b\nTo: c@d\nSubject: {}\n {}\n\nx\n", word(a), word(b))
    }),
    ("soft line end", "eml", |a, b| {
        format!("From: a@b\nContent-Transfer-Encoding: quoted-printable\n\nkey {a}= \n{b}\n")
            .replace('_', "=5F")
    }),
];

/// Documents in which two texts have the parts of a key.
const SEPARATE: [(&str, &str, Records); 6] = [
    ("deleted and shown", "xml", |a, b| {
        format!("<w:p><w:t>{a}</w:t><w:del><w:delText>{b}</w:delText></w:del></w:p>")
    }),
    ("paragraphs", "json", |a, b| {
        json!({"content": [{"content": [{"text": a}]}, {"content": [{"text": b}]}]}).to_string()
    }),
    ("pretty paragraphs", "json", |a, b| {
        let text = |part: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": part}]});
        format!("{:#}", json!({"type": "doc", "content": [text(a), text(b)]}))
    }),
    ("note and text", "xml", |a, b| {
        format!(
            "<office:text><text:p>{a}<office:annotation><text:p>{b}</text:p></office:annotation></text:p>"
        )
    }),
    ("two streams", "ipynb", |a, b| {
        let out = |name: &str, text: &str| json!({"name": name, "output_type": "stream", "text": [text]});
        json!({"cells": [{"cell_type": "code", "outputs": [out("stdout", a), out("stderr", b)]}]}).to_string()
    }),
    ("two strings", "json", |a, b| {
        json!({"a": format!("<p>{a}"), "b": format!("{b}</p>")}).to_string().replace('<', "\\u003c")
    }),
];

#[test]
fn text_in_runs_is_found_at_every_cut() {
    for (name, ending, document) in RUNS.into_iter().chain(ASIDE) {
        let folder = tempfile::tempdir().unwrap();
        let keys = cuts(folder.path(), ending, &mut Random::new(name, 2), document);
        let found = found(folder.path());
        let missed: Vec<_> = keys.iter().filter(|key| !found.contains(key)).map(|key| &key.1).collect();
        assert!(missed.is_empty(), "{name}: {missed:?}");
    }
}

#[test]
fn each_key_in_parts_is_one_finding() {
    for (name, ending, document) in ASIDE {
        let folder = tempfile::tempdir().unwrap();
        let keys = cuts(folder.path(), ending, &mut Random::new(name, 6), document);
        let found = found(folder.path());
        let wrong: Vec<_> = found.iter().filter(|one| !keys.contains(one)).collect();
        assert!(wrong.is_empty(), "{name}: {:?}", wrong.first());
    }
}

#[test]
fn siblings_of_rich_text_are_joined_at_every_cut() {
    for (name, document) in RICH {
        let folder = tempfile::tempdir().unwrap();
        let pretty = |a: &str, b: &str| {
            let value: serde_json::Value = serde_json::from_str(&document(a, b)).unwrap();
            format!("{value:#}\n")
        };
        let mut random = Random::new(name, 7);
        let mut keys = Vec::new();
        for cut in 1..58 {
            let (key, other) = (random.key(), random.key());
            let (file, more) = (format!("{cut}.json"), format!("{cut}-pretty.json"));
            put(folder.path(), &file, document(&key[..cut], &key[cut..]));
            put(folder.path(), &more, pretty(&other[..cut], &other[cut..]));
            keys.extend([(key, file), (other, more)]);
        }
        let found = found(folder.path());
        let missed: Vec<_> = keys.iter().filter(|key| !found.contains(key)).map(|key| &key.1).collect();
        assert!(missed.is_empty(), "{name}: {missed:?}");
    }
}

#[test]
fn texts_of_their_own_are_not_joined() {
    for (name, ending, document) in SEPARATE {
        let folder = tempfile::tempdir().unwrap();
        let keys = cuts(folder.path(), ending, &mut Random::new(name, 8), document);
        let found = found(folder.path());
        let joined = keys.iter().find(|key| found.contains(key));
        assert!(joined.is_none(), "{name}: {joined:?}");
    }
}

#[test]
fn redact_masks_every_part_of_rich_text() {
    for (name, document) in RICH {
        let key = Random::new(name, 9).key();
        for cut in [1, 4, 20, 36, 41, 50, 57] {
            let content = document(&key[..cut], &key[cut..]);
            let out = redacted(&content, 1 << 20);
            let shows = |part: &str| part.len() > 5 && out.contains(part);
            assert!(!shows(&key[36.min(cut)..cut]) && !shows(&key[cut.max(36)..]), "{name} {cut}: {out}");
            assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok(), "{name} {cut}: {out}");
        }
        let content = document("some words", "KEY0198C0FFEE5A4B7C8D9E");
        assert_eq!(redacted(&content, 1 << 20), content, "{name}");
    }
}
