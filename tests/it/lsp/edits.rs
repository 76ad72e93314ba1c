//! Random edits: in the end the diagnostics are those of a scan of the result.

use std::io::Cursor;
use std::time::Instant;

use serde_json::{Value, json};
use telleaks::detect::Detector;
use telleaks::scan::{Collector, InlinePolicy, Scanner};
use telleaks::unpack::Limits;

use super::client::Client;
use crate::agent::key;
use crate::common::random::Random;

/// A text as the client keeps it, with positions in UTF-16.
struct Text(String);

impl Text {
    fn position(&self, at: usize) -> Value {
        let before = &self.0[..at];
        let line = before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        json!({"line": line, "character": before[start..].encode_utf16().count()})
    }

    fn boundary(&self, random: &mut Random) -> usize {
        let mut at = random.between(0, self.0.len() + 1);
        while !self.0.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// Replaces a random range, and returns the change for the server.
    fn edit(&mut self, random: &mut Random, keys: &[String]) -> Value {
        let start = self.boundary(random);
        let mut end = (start + [0, 0, 1, 9, 60][random.between(0, 5)]).min(self.0.len());
        while !self.0.is_char_boundary(end) {
            end += 1;
        }
        let key = &keys[random.between(0, keys.len())];
        let new = match random.between(0, 9) {
            0 => format!(" {key} "),
            1 => format!("\nkey = \"{key}\"\n"),
            2 => key[..random.between(1, key.len())].to_owned(),
            3 => "😀𝄞".to_owned(),
            4 => "\n".to_owned(),
            5 => format!("'{}' + '{}'", &key[..30], &key[30..]),
            6 => concat!(" # telleaks", ":ignore telnyx-api-key made up\n").to_owned(),
            7 => String::new(),
            _ => random.word(3),
        };
        let range = json!({"start": self.position(start), "end": self.position(end)});
        self.0.replace_range(start..end, &new);
        json!({"range": range, "text": new})
    }
}

/// Returns the rules and ranges that a scan finds, as the server shows them.
fn scanned(detector: &Detector, set: &telleaks::rules::RuleSet, text: &Text) -> Vec<(String, Value)> {
    let scanner = Scanner::new(detector, Limits::default()).with_comments(InlinePolicy::Honor, set);
    let collector = Collector::new(&scanner);
    collector.search(&|| "a.txt".to_owned(), None, &mut Cursor::new(text.0.as_bytes())).unwrap();
    let mut all = Vec::new();
    for finding in collector.finish().0.findings {
        for place in std::iter::once(&finding.location).chain(&finding.occurrences) {
            let at = |byte: u64| text.position(byte as usize);
            let range = json!({"start": at(place.byte_start), "end": at(place.byte_end)});
            all.push((finding.rule_id.clone(), range));
        }
    }
    sorted(all)
}

fn sorted(mut all: Vec<(String, Value)>) -> Vec<(String, Value)> {
    all.sort_by_key(|one| format!("{one:?}"));
    all
}

fn shown(diagnostics: &[Value]) -> Vec<(String, Value)> {
    let one = |one: &Value| (one["code"].as_str().unwrap().to_owned(), one["range"].clone());
    sorted(diagnostics.iter().map(one).collect())
}

fn detector() -> (Detector, telleaks::rules::RuleSet) {
    let set = telleaks::rules::builtin().unwrap();
    let mut with_comments = set.clone();
    with_comments.rules.extend(set.ignore.clone());
    (Detector::new(with_comments, false).unwrap(), set)
}

#[test]
fn a_thousand_random_edit_sequences_end_as_a_scan() {
    let folder = tempfile::tempdir().unwrap();
    let (detector, set) = detector();
    let (mut client, _) = Client::open(folder.path(), &json!({}), &json!({}));
    let mut found = 0;
    for number in 0..1000 {
        let mut random = Random::new("lsp-edits", number);
        let keys = [key(&mut random), key(&mut random)];
        let uri = format!("file://{}/a.txt", folder.path().display());
        let mut text =
            Text(format!("telnyx\n{}{}\n{}", random.some_lines("# "), keys[0], random.some_lines("")));
        client.open_text(&uri, "plaintext", &text.0);
        let _first = client.diagnostics(&uri, 1);
        for version in 2..5 {
            let count = random.between(1, 5);
            let changes: Vec<Value> = (0..count).map(|_| text.edit(&mut random, &keys)).collect();
            client.change(&uri, version, &changes);
        }
        let expected = scanned(&detector, &set, &text);
        found += expected.len();
        assert_eq!(shown(&client.diagnostics(&uri, 4)), expected, "sequence {number}: {:?}", text.0);
        client.tell("textDocument/didClose", &json!({"textDocument": {"uri": uri}}));
    }
    assert!(found > 1000, "{found}");
}

#[test]
fn long_text_shows_the_edit_at_once_and_the_whole_after_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let (detector, set) = detector();
    let (mut client, _) = Client::open(folder.path(), &json!({}), &json!({}));
    for number in 0..6 {
        let mut random = Random::new("lsp-long", number);
        let keys = [key(&mut random), key(&mut random)];
        let uri = format!("file://{}/{number}.txt", folder.path().display());
        let mut text = Text(String::from_utf8(random.filler(150_000, true)).unwrap());
        client.open_text(&uri, "plaintext", &text.0);
        let mut last = client.diagnostics(&uri, 1);
        for version in 2..12 {
            client.change(&uri, version, &[text.edit(&mut random, &keys)]);
            last = client.diagnostics(&uri, version);
        }
        // If the scan of the whole finds something else, it is sent for the same version.
        let expected = scanned(&detector, &set, &text);
        if shown(&last) != expected {
            last = client.diagnostics(&uri, 11);
        }
        assert_eq!(shown(&last), expected, "sequence {number}");
    }
}

#[test]
fn plain_key_in_a_long_text_is_shown_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::open(folder.path(), &json!({}), &json!({}));
    let mut random = Random::new("lsp-speed", 0);
    let key = key(&mut random);
    let line = "let harmless = value + other_value;\n";
    let uri = format!("file://{}/a.txt", folder.path().display());
    client.open_text(&uri, "plaintext", &line.repeat(50_000));
    assert_eq!(client.diagnostics(&uri, 1).len(), 0);
    let at = json!({"line": 25_000, "character": 4});
    let started = Instant::now();
    client.change(&uri, 2, &[json!({"range": {"start": at, "end": at}, "text": format!(" {key} ")})]);
    assert_eq!(client.diagnostics(&uri, 2).len(), 1);
    // The pause before a scan of the whole text is 300 ms. packaging/test-lsp.py measures the edit itself.
    assert!(started.elapsed().as_millis() < 250, "{:?}", started.elapsed());
}

#[test]
fn whole_new_text_is_searched_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::open(folder.path(), &json!({}), &json!({}));
    let key = key(&mut Random::new("lsp-whole", 0));
    let uri = format!("file://{}/a.txt", folder.path().display());
    let lines = "let harmless = value;\n".repeat(10_000);
    client.open_text(&uri, "plaintext", &format!("{key}\n{lines}"));
    assert_eq!(client.diagnostics(&uri, 1).len(), 1);
    client.change(&uri, 2, &[json!({"text": format!("{lines}{key}\n")})]);
    let found = client.diagnostics(&uri, 2);
    assert_eq!((found.len(), &found[0]["range"]["start"]["line"]), (1, &json!(10_000)));
    client.change(&uri, 3, &[json!({"text": ""})]);
    assert_eq!(client.diagnostics(&uri, 3).len(), 0);
}
