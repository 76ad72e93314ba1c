//! Keys whose text is in pieces: in records of one stream; and keys in names. A key is cut at every place.

use crate::common::random::Random;
use crate::common::{both, code, lines, put, scan, telleaks, text};
use serde_json::json;
use std::io::Write;
use std::process::Stdio;

/// The records in which a key is cut at an index.
pub(crate) type Records = fn(&str, &str) -> String;

const TIME: &str = "2026-03-05T10:00:00.123456789Z";

/// Returns the lines of some JSON values.
fn json_lines(values: impl IntoIterator<Item = serde_json::Value>) -> String {
    values.into_iter().map(|value| format!("{value}\n")).collect()
}

/// Returns events with some JSON values.
fn events(values: impl IntoIterator<Item = serde_json::Value>) -> String {
    values.into_iter().map(|value| format!("data: {value}\n\n")).collect()
}

fn docker(log: &str, stream: &str) -> serde_json::Value {
    json!({"log": log, "stream": stream, "time": TIME})
}

/// Records of one stream, among those of others.
const STREAMS: [(&str, Records); 25] = [
    ("docker", |a, b| {
        let line = "some words ".repeat(1400);
        json_lines([
            docker(&format!("{line}{a}"), "stdout"),
            docker("x\n", "stderr"),
            docker(&format!("{b} y\n"), "stdout"),
        ])
    }),
    ("cri", |a, b| {
        format!("{TIME} stderr P words {a}\n{TIME} stdout F other\n{TIME} stderr P {b}\n{TIME} stderr F .\n")
    }),
    ("chat events", |a, b| {
        let one = |index: u32, part: &str| json!({"choices": [{"index": index, "delta": {"content": part}}]});
        events([one(0, "is "), one(0, a), one(1, "x"), one(0, b), one(0, ".")])
    }),
    ("plain events", |a, b| format!("event: token\ndata: {a}\n\nevent: token\ndata: {b}\n\n")),
    ("json lines", |a, b| {
        let one = |number: u32, part: &str| json!({"seq": number, "session": "s", "update": {"text": part}});
        json_lines([one(1, "is "), one(2, a), one(3, b)])
    }),
    ("ids of events", |a, b| {
        let one = |id: u32, part: &str| json!({"id": format!("e{id}"), "delta": part});
        json_lines([one(1, "is "), one(2, "this: "), one(3, a), one(4, b)])
    }),
    ("numbered", |a, b| format!("0:\"{a}\"\n0:\"{b}\"\n")),
    ("asciicast", |a, b| {
        let head = json_lines([json!({"version": 2, "width": 80, "height": 24})]);
        let typed = format!("{a}!\u{8} \u{8}{b}\r\n");
        let events = typed.chars().enumerate().map(|(at, key)| json!([at, "o", key.to_string()]));
        head + &json_lines(events)
    }),
    ("backspace", |a, b| format!("$ export K={a}!\u{8} \u{8}{b}\r\n")),
    ("wrapped terminal", |a, b| format!("$ echo {a} \r{b}\r\n")),
    ("compose", |a, b| format!("web-1  | key {a}\ndb-1   | other\nweb-1  | {b}\n")),
    ("kubectl", |a, b| format!("[pod/a/b] {TIME} key {a}\n[pod/c/d] {TIME} x\n[pod/a/b] {TIME} {b}\n")),
    ("syslog", |a, b| {
        let line = |pid: u32, part: &str| format!("Mar  5 10:00:00 host app[{pid}]: {part}\n");
        line(1, a) + &line(2, "other") + &line(1, b)
    }),
    ("times", |a, b| format!("{TIME} key {a}\n{TIME} {b}\n")),
    ("printed array", |a, b| printed(&json!([chunk(0, "is "), chunk(0, a), chunk(1, "x"), chunk(0, b)]))),
    ("printed sequence", |a, b| [chunk(0, a), chunk(1, "x"), chunk(0, b)].map(|one| printed(&one)).concat()),
    ("printed with commas", |a, b| {
        let one = |part: &str| json!({"candidates": [{"content": {"parts": [{"text": part}]}, "index": 0}]});
        format!("[{}]", ["is ", a, b].map(|part| printed(&one(part))).join(",\n"))
    }),
    ("values in one line", |a, b| ["is ", a, b].map(|part| chunk(0, part).to_string()).concat()),
    ("escaped letters", |a, b| {
        let escaped = |part: &str| part.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<String>();
        [a, b].map(|part| format!("{{\"t\":\"{}\"}}\n", escaped(part))).concat()
    }),
    ("HAR", |a, b| har(&[&answer(a, b)])),
    ("cassette in JSON", |a, b| {
        printed(&json!({"http_interactions": [{"response": {"body": {"string": answer(a, b)}}}]}))
    }),
    ("cassette with single quotation marks", |a, b| {
        let lines = answer(a, b).trim_end().replace('\n', "\n\n        ");
        format!("interactions:\n- response:\n    body:\n      string: '{lines}\n\n\n        '\n")
    }),
    ("cassette with double quotation marks", |a, b| {
        let quoted = json!(answer(a, b)).to_string().replace("\\n\\ndata", "\\\n        \\n\\ndata");
        format!("---\nhttp_interactions:\n- response:\n    body:\n      string: {quoted}\n")
    }),
    ("cassette with a block", |a, b| {
        let lines = answer(a, b).replace("data", "        data");
        format!("interactions:\n- response:\n    body:\n      string: |\n{lines}    status: 200\n")
    }),
    ("asciicast v1", |a, b| {
        let pairs =
            json!([[0.2, "$ k="], [0.1, a], [0.1, "!"], [0.1, "\u{8} \u{8}"], [0.1, b], [0.1, "\r\n"]]);
        printed(&json!({"version": 1, "width": 80, "height": 24, "stdout": pairs}))
    }),
];

fn printed(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// Returns a piece of an answer of a language model.
fn chunk(index: u32, part: &str) -> serde_json::Value {
    json!({"object": "chunk", "choices": [{"delta": {"content": part}, "finish_reason": null, "index": index}]})
}

/// Returns the events of an answer of a language model.
fn answer(a: &str, b: &str) -> String {
    events(["is ", a, b, "."].map(|part| chunk(0, part)))
}

/// Returns a recording of some answers.
fn har(answers: &[&str]) -> String {
    let entry =
        |text: &&str| json!({"response": {"content": {"mimeType": "text/event-stream", "text": text}}});
    printed(&json!({"log": {"version": "1.2", "entries": answers.iter().map(entry).collect::<Vec<_>>()}}))
}

/// Records of two streams.
const APART: [(&str, Records); 10] = [
    ("docker", |a, b| json_lines([docker(a, "stdout"), docker(b, "stderr")])),
    ("cri", |a, b| format!("{TIME} stdout P {a}\n{TIME} stderr F {b}\n")),
    ("index", |a, b| events([json!({"index": 0, "text": a}), json!({"index": 1, "text": b})])),
    ("session", |a, b| json_lines([json!({"session": "a", "d": a}), json!({"session": "b", "d": b})])),
    ("compose", |a, b| format!("a-1 | {a}\nb-1 | {b}\n")),
    ("pod", |a, b| {
        let one = |pod: &str, log: &str| json!({"kubernetes": {"pod_name": pod}, "log": log});
        json_lines([one("a", a), one("b", b)])
    }),
    ("printed array", |a, b| printed(&json!([chunk(0, a), chunk(1, b)]))),
    ("HAR", |a, b| har(&[&answer("x", a), &answer(b, "y")])),
    ("cassette with quotation marks", |a, b| {
        let one = |text: String| format!("- response:\n    body:\n      string: {}\n", json!(text));
        format!("interactions:\n{}{}", one(answer("x", a)), one(answer(b, "y")))
    }),
    ("cassette with blocks", |a, b| {
        let one = |text: String| {
            format!("- response:\n    body:\n      string: |\n{}", text.replace("data", "        data"))
        };
        format!("interactions:\n{}{}", one(answer("x", a)), one(answer(b, "y")))
    }),
];

/// Writes a file for each place at which a key can be cut. Returns the keys with the names of the files.
pub(crate) fn cuts(
    folder: &std::path::Path,
    ending: &str,
    random: &mut Random,
    records: Records,
) -> Vec<(String, String)> {
    let one = |cut: usize| {
        let (key, name) = (random.key(), format!("{cut:02}.{ending}"));
        put(folder, &name, records(&key[..cut], &key[cut..]));
        (key, name)
    };
    (1..58).map(one).collect()
}

/// Returns the secrets of errors and warnings in each file.
pub(crate) fn found(folder: &std::path::Path) -> Vec<(String, String)> {
    let output = scan(folder, &[".", "--format", "jsonl", "--no-config", "--show-secrets"]);
    let all = lines(&output.stdout);
    let leaks = all.iter().filter(|one| text(one, "/severity") != "note");
    let file = |one| text(one, "/location/path").split('!').next().unwrap_or_default().to_owned();
    leaks.map(|one| (text(one, "/secret").to_owned(), file(one))).collect()
}

#[test]
fn records_of_one_stream_are_joined_at_every_cut() {
    for (name, records) in STREAMS {
        let folder = tempfile::tempdir().unwrap();
        let keys = cuts(folder.path(), "log", &mut Random::new(name, 0), records);
        let found = found(folder.path());
        let missed: Vec<_> = keys.iter().filter(|key| !found.contains(key)).map(|key| &key.1).collect();
        assert!(missed.is_empty(), "{name}: {missed:?}");
    }
}

#[test]
fn records_of_different_streams_are_not_joined() {
    for (name, records) in APART {
        let folder = tempfile::tempdir().unwrap();
        let keys = cuts(folder.path(), "log", &mut Random::new(name, 1), records);
        let found = found(folder.path());
        assert!(!keys.iter().any(|key| found.contains(key)), "{name}: {found:?}");
    }
}

#[test]
fn a_finding_is_where_the_key_starts() {
    let key = Random::new("where", 3).key();
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        "a.log",
        format!("{TIME} stdout F é\n{TIME} stdout P é {}\n{TIME} stdout F {}\n", &key[..9], &key[9..]),
    );
    let output = scan(folder.path(), &["a.log", "--format", "jsonl", "--no-config"]);
    let finding = &lines(&output.stdout)[0];
    let at = |field: &str| crate::common::number(finding, &format!("/location/{field}"));
    assert_eq!((at("start_line"), at("start_column"), at("end_line")), (2, 43, 3), "{}", both(&output));
    assert_eq!(finding["encoding"], json!(["joined"]));
}

/// Runs `telleaks redact` on content that arrives in pieces.
pub(crate) fn redacted(content: &str, pieces: usize) -> String {
    let mut child = telleaks().arg("redact").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for piece in content.as_bytes().chunks(pieces) {
        input.write_all(piece).unwrap();
    }
    drop(input);
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn redact_masks_every_part_and_keeps_the_frames() {
    for (name, records) in STREAMS {
        let key = Random::new(name, 4).key();
        for cut in [1, 4, 20, 36, 41, 50, 57] {
            let content = records(&key[..cut], &key[cut..]);
            let out = redacted(&content, 1 << 20);
            let shows = |part: &str| part.len() > 5 && out.contains(part);
            assert!(!shows(&key[36.min(cut)..cut]) && !shows(&key[cut.max(36)..]), "{name} {cut}: {out}");
            assert_eq!(out.matches("‹joined: ").count(), 1, "{name} {cut}: {out}");
            assert_eq!(out.lines().count(), content.lines().count(), "{name} {cut}: {out}");
            for line in out.lines().map(|line| line.strip_prefix("data: ").unwrap_or(line)) {
                let json = line.starts_with(['{', '[']) && line.ends_with(['}', ']']) && line.len() > 2;
                let json = json && !line.contains("}{");
                assert!(
                    !json || serde_json::from_str::<serde_json::Value>(line).is_ok(),
                    "{name} {cut}: {line}"
                );
            }
            let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert!(!is_json(&content) || is_json(&out), "{name} {cut}: {out}");
            // An anchor that is cut over two lines may have left in part.
            assert!(cut < 20 || redacted(&content, 7) == out, "{name} {cut} in pieces");
        }
    }
}

#[test]
fn redact_does_not_change_harmless_records() {
    for (name, records) in STREAMS.into_iter().chain(APART) {
        for (a, b) in
            [("some words", "and more"), ("KEY0198C0FFEE5A4B7C8D9E", "1A2B3C4D5E no id"), ("\\u00e9", "K")]
        {
            let content = records(a, b);
            assert_eq!(redacted(&content, 1 << 20), content, "{name}");
        }
    }
}

#[test]
fn names_targets_and_attributes_are_scanned() {
    let mut random = Random::new("names", 5);
    let keys: Vec<String> = (0..4).map(|_| random.key()).collect();
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), &format!("a/api_key={}", keys[0]), "x");
    put(folder.path(), &format!("b {}/c", keys[1]), "x");
    std::os::unix::fs::symlink(format!("/x/{}", keys[2]), folder.path().join("link")).unwrap();
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    header.set_cksum();
    archive.append_data(&mut header, format!("d/{}", keys[3]), &[][..]).unwrap();
    put(folder.path(), "x.tar", archive.into_inner().unwrap());
    let output = scan(folder.path(), &[".", "--format", "jsonl", "--no-config"]);
    assert_eq!((code(&output), lines(&output.stdout).len()), (1, 4), "{}", both(&output));
    assert!(!keys.iter().any(|key| both(&output).contains(key.as_str())), "{}", both(&output));
    let mut explained = telleaks();
    explained.current_dir(folder.path()).arg("explain").arg(format!("a/api_key={}", keys[0]));
    let explained = explained.output().unwrap();
    assert!(both(&explained).contains("reported: error telnyx-api-key"), "{}", both(&explained));
}
