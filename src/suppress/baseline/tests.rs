//! Tests of the baseline format, its hashes and its edits.

use super::*;

fn with(secrets: &[&str]) -> Baseline {
    let mut baseline = Baseline::new().unwrap();
    for secret in secrets {
        let entry = Entry {
            hash: baseline.hash(secret),
            rule: "rule".into(),
            path: None,
            reason: None,
            expires: None,
            line: 0,
        };
        baseline.add(entry);
    }
    baseline
}

#[test]
fn hash_is_hmac_sha256() {
    // RFC 4231 has no key of 32 bytes; the expected value is from `openssl dgst -sha256 -mac HMAC`.
    let hash = keyed(&[0x0b; 32], "Hi There");
    assert_eq!(hash, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
}

#[test]
fn union_of_two_files_keeps_all_entries() {
    let (one, other) = (with(&["a", "b"]), with(&["b", "c"]));
    let (one, other) = (one.to_text(), other.to_text());
    for text in [format!("{one}{other}"), format!("{other}\r\n\n{one}{one}")] {
        let both = Baseline::parse(&text).unwrap();
        assert_eq!(both.entries().len(), 4);
        assert!(["a", "b", "c"].iter().all(|secret| !both.of_secret(secret).is_empty()));
        assert!(both.of_secret("d").is_empty());
        let written = both.to_text();
        assert_eq!(Baseline::parse(&written).unwrap().to_text(), written);
        assert!(written.lines().is_sorted() && written.lines().count() == 6, "{written}");
    }
}

#[test]
fn covered_entry_is_not_added_again() {
    let mut baseline = with(&["a"]);
    let hash = baseline.hash("a");
    let path = Some(Arc::new(Globs::new(vec!["docs/".into()]).unwrap()));
    let entry = Entry { hash, rule: "rule".into(), path, reason: None, expires: None, line: 0 };
    assert!(!baseline.add(entry.clone()));
    assert!(baseline.add(Entry { rule: "other".into(), ..entry }));
    assert_eq!(baseline.retain(|entry| entry.rule == "other"), 1);
    assert_eq!(baseline.of_secret("a").len(), 1);
}

#[test]
fn entry_covers_earlier_expiry_at_the_same_path() {
    let baseline = with(&["a"]);
    let entry = |path: Option<&str>, expires: Option<&str>| {
        let globs = |word: &str| Arc::new(Globs::new(vec![word.to_owned()]).unwrap());
        let expires = expires.map(|day| day.parse().unwrap());
        Entry { path: path.map(globs), expires, ..baseline.entries()[0].clone() }
    };
    let (all, docs, src) = (entry(None, None), entry(Some("docs/"), None), entry(Some("src/"), None));
    assert!(all.covers(&docs) && docs.covers(&docs) && !docs.covers(&all) && !docs.covers(&src));
    let (short, long) = (entry(None, Some("2026-01-01")), entry(None, Some("2026-01-02")));
    assert!(long.covers(&short) && short.covers(&short) && !short.covers(&long) && !long.covers(&all));
    assert!(!short.is_expired("2026-01-01".parse().unwrap()));
    assert!(short.is_expired("2026-01-02".parse().unwrap()));
}

#[test]
fn limits_of_salts_and_line_length_are_inclusive() {
    let head = |number: usize| format!("{{\"baseline\":1,\"salt\":\"{number:064x}\"}}\n");
    let heads = |count: usize| (0..count).map(head).collect::<String>();
    assert!(Baseline::parse(&heads(MAX_SALTS)).is_ok());
    let mistake = Baseline::parse(&heads(MAX_SALTS + 1)).unwrap_err();
    assert!(mistake.message.contains("salts"), "{mistake}");
    let line = |length: usize| {
        let hash = "0".repeat(64);
        let empty = format!("{{\"hash\":\"{hash}\",\"rule\":\"r\",\"reason\":\"\"}}");
        empty.replace("\"\"", &format!("\"{}\"", "x".repeat(length - empty.len())))
    };
    let parse = |length: usize| Baseline::parse(&format!("{}{}\n", head(0), line(length)));
    assert_eq!(parse(MAX_LINE_BYTES).unwrap().entries().len(), 1);
    assert!(parse(MAX_LINE_BYTES + 1).unwrap_err().message.contains("longer"));
}

#[test]
fn damaged_line_is_reported_by_number_only() {
    let whole = with(&["a"]).to_text();
    for (bad, word) in [
        ("hunter2", "not a line"),
        ("{\"hash\":\"hunter2\",\"rule\":\"r\"}", "64 hexadecimal"),
        ("{\"hash\":1}", "not a line"),
        ("<<<<<<< hunter2", "merge=union"),
        ("=======", "merge=union"),
        (">>>>>>> hunter2", "merge=union"),
        ("{\"baseline\":2,\"salt\":\"hunter2\"}", "version 2"),
        ("{\"baseline\":1,\"salt\":\"hunter2\"}", "not a header"),
        ("{\"hash\":\"x\",\"rule\":\"r\",\"hunter2\":1}", "not a line"),
    ] {
        let mistake = Baseline::parse(&format!("{whole}{bad}\n")).unwrap_err();
        assert_eq!(mistake.line, 3, "{bad}");
        assert!(mistake.message.contains(word) && !mistake.message.contains("hunter2"), "{bad}: {mistake}");
    }
    let headless = whole.lines().last().unwrap();
    assert!(Baseline::parse(headless).unwrap_err().message.contains("no line"));
    let deep = format!("{whole}{}\n", "[".repeat(10_000));
    assert!(Baseline::parse(&deep).is_err());
}
