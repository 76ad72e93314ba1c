//! Paths in JSON documents.

use serde_json::{Map, Value};

use super::Random;
use crate::documents::place_in_json;

fn at(text: &str, word: &str) -> Option<String> {
    place_in_json(text.as_bytes(), text.find(word).unwrap())
}

#[test]
fn offset_has_a_path() {
    let text = r#"{"a": {"b c": [1, "x\"y", {"d": "here"}]}, "e": true, "f": [], "long_long_long_long_long_long_long_x": "far"}"#;
    assert_eq!(at(text, "here").unwrap(), "a[\"b c\"][2].d");
    assert_eq!(at(text, "y\"").unwrap(), "a[\"b c\"][1]");
    assert_eq!(at(text, "1,").unwrap(), "a[\"b c\"][0]");
    assert_eq!(at(text, "true").unwrap(), "e");
    assert_eq!(at(text, "[]").unwrap(), "f");
    assert_eq!(at(text, "far").unwrap(), "long_long_long_long_long_long_lo…");
    // An offset in a key belongs to the object.
    assert_eq!(at(text, "d\":").unwrap(), "a[\"b c\"][2]");
    assert_eq!(at(text, "e\":"), None);
    assert_eq!(place_in_json(b"\xEF\xBB\xBF[1]", 4).unwrap(), "[0]");
    assert_eq!(at("{\"a\":1}\n{\"b\":[\"x\"]}\n", "x").unwrap(), "b[0]");
}

#[test]
fn invalid_json_has_no_path() {
    for text in ["", "{", "x", "\"x\"", "{\"a\" x", "[1 x]", "{\"a\": [1}, x]", "{x: 1}", "[\"x", "[1]"] {
        let last = text.len().saturating_sub(1);
        assert_eq!(place_in_json(text.as_bytes(), last), None, "{text}");
        assert_eq!(place_in_json(text.as_bytes(), text.len()), None, "{text}");
    }
    let deep = "[".repeat(600) + "1" + &"]".repeat(600);
    assert_eq!(place_in_json(deep.as_bytes(), 600), None);
    let deep = "[".repeat(500) + "1" + &"]".repeat(500);
    assert_eq!(place_in_json(deep.as_bytes(), 500).unwrap(), "[0]".repeat(500));
    // Damage after the offset does not matter.
    assert_eq!(at("{\"a\": [\"x\", ", "x").unwrap(), "a[0]");
}

#[test]
fn notebook_paths_name_cells() {
    let text = r##"{"cells": [{"cell_type": "markdown", "source": ["# Title\n", "intro"]},
        {"cell_type": "code", "metadata": {"tag": "mark"}, "outputs": [{"text": ["o1"]}, {"data": {"text/html": ["html"]}}],
         "source": "print"}, {"outputs": [{"name": "stdout", "text": "late"}], "cell_type": "code"}, {"source": "odd"}]}"##;
    assert_eq!(at(text, "intro").unwrap(), "cell 1 (markdown), line 2");
    assert_eq!(at(text, "html\"]").unwrap(), "cell 2 (code), output 2");
    assert_eq!(at(text, "print").unwrap(), "cell 2 (code)");
    assert_eq!(at(text, "mark\"}").unwrap(), "cell 2 (code), metadata.tag");
    assert_eq!(at(text, "late").unwrap(), "cell 3 (code), output 1");
    assert_eq!(at(text, "odd").unwrap(), "cells[3].source");
}

#[test]
fn postman_paths_name_requests() {
    let text = r#"{"info": {"name": "c"}, "item": [{"item": [{"request": {"header": [{"value": "one"}]}, "name": "Send SMS"}, {"name": "Other"}],
        "name": "Messages"}, {"request": "two"}]}"#;
    assert_eq!(at(text, "one").unwrap(), "Messages › Send SMS › request.header[0].value");
    assert_eq!(at(text, "two").unwrap(), "item[1].request");
}

/// Builds a random value. Every string in it is distinct, and is recorded with its path.
fn value(random: &mut Random, depth: usize, path: &str, known: &mut Vec<(String, String)>) -> Value {
    match random.below(if depth == 0 { 3 } else { 7 }) {
        0 => Value::Null,
        1 => Value::from(random.below(1000)),
        2 => {
            let text = format!("s\"\\{}é", known.len() + 1_000_000);
            known.push((format!("\\\\{}é", known.len() + 1_000_000), path.to_owned()));
            Value::String(text)
        }
        3 | 4 => {
            let each = |at| value(random, depth - 1, &format!("{path}[{at}]"), known);
            Value::Array((0..4).map(each).collect())
        }
        _ => {
            let mut map = Map::new();
            for (key, shown) in [("a", ".a"), ("x-1", ".x-1"), ("q \"", "[\"q \\\"\"]"), ("", "[\"\"]")] {
                let shown = if path.is_empty() { shown.trim_start_matches('.') } else { shown };
                map.insert(key.to_owned(), value(random, depth - 1, &format!("{path}{shown}"), known));
            }
            Value::Object(map)
        }
    }
}

#[test]
fn paths_agree_with_parsed_tree() {
    let (mut random, mut seen) = (Random(5), 0);
    for round in 0..300 {
        let mut known = Vec::new();
        let value = value(&mut random, 4, "", &mut known);
        let text =
            if round % 2 == 0 { value.to_string() } else { serde_json::to_string_pretty(&value).unwrap() };
        for (marker, path) in known.iter().filter(|(_, path)| !path.is_empty()) {
            assert_eq!(at(&text, marker).as_ref(), Some(path), "{text}");
            seen += 1;
        }
    }
    assert!(seen > 1000);
}
