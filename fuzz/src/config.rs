//! User-written files: `telleaks.toml`, rule files, baselines and comments. Nothing in them panics, errors are reported
//! with a line of the file, and accepted content survives a round trip.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::LazyLock;

use telleaks::detect::{Detector, Scratch};
use telleaks::rules::{self, RuleSet};
use telleaks::scan::{Collector, InlinePolicy, Scanner};
use telleaks::suppress::{Baseline, Config, Entry, Mistake, effective, records};
use telleaks::unpack::Limits;

use crate::input::Input;
use crate::planted::{self, RULES};

/// Parses the rest of the input as one kind of file.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = input.below(5);
    let text = String::from_utf8_lossy(input.rest()).into_owned();
    match kind {
        0 => config(&text),
        1 => rule_file(&text),
        2 => baseline(&text),
        3 => {
            records(&text).map_or_else(|mistake| has_line(&text, &mistake), drop);
        }
        _ => comments(&text),
    }
}

/// Checks that the line of an error exists in the text. One more line follows the last line end.
fn has_line(text: &str, mistake: &Mistake) {
    let lines = 1 + text.matches('\n').count() as u64;
    assert!(
        mistake.line <= lines && !mistake.message.is_empty(),
        "line {} of {lines}: {mistake}",
        mistake.line
    );
}

fn config(text: &str) {
    let config = match Config::parse(text) {
        Ok(config) => config,
        Err(mistake) => return has_line(text, &mistake),
    };
    if let Err(mistake) = config.check(&RULES, &["rar"]) {
        has_line(text, &mistake);
    }
    let shown = effective(&config).unwrap();
    let again = Config::parse(&shown).unwrap();
    assert_eq!(effective(&again).unwrap(), shown);
    assert_eq!(again.rules.len(), config.rules.len());
    assert_eq!(again.allow.len(), config.allow.len());
    assert_eq!(again.accept_unread.len(), config.accept_unread.len());
    for one in &config.accept_unread {
        let same = again.accept_unread.iter().any(|other| other.covers(one) && one.covers(other));
        assert!(same, "an [[accept-unread]] is lost");
    }
    let mut set = RULES.clone();
    config.apply(&mut set, &[]);
    for allow in &config.allow {
        let same = again.allow.iter().any(|other| other.summary() == allow.summary() && other.covers(allow));
        assert!(same, "an [[allow]] is lost");
        for path in ["", "a", "docs/a.md", "site.zip!/a/b.js", "\\x00", "a\nb"] {
            allow.fits("telnyx-api-key", "00", path);
        }
    }
}

/// Loads a rule file without the built-in rules, and runs a search with its rules.
fn rule_file(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.toml");
    std::fs::write(&file, text).unwrap();
    let mut set = RuleSet::default();
    if let Err(error) = rules::extend(&mut set, &file) {
        return assert!(!error.to_string().is_empty());
    }
    assert!(set.rules.windows(2).all(|two| two[0].id < two[1].id));
    let Ok(detector) = Detector::new(set, true) else { return };
    let scan = detector.scan_reader(&mut text.as_bytes(), &mut Scratch::default());
    assert!(scan.error.is_none());
}

fn baseline(text: &str) {
    let baseline = match Baseline::parse(text) {
        Ok(baseline) => baseline,
        Err(mistake) => return has_line(text, &mistake),
    };
    let written = baseline.to_text();
    let again = Baseline::parse(&written).unwrap();
    assert_eq!(again.to_text(), written);
    assert_eq!(again.entries().len(), baseline.entries().len());
    let lines: BTreeSet<String> = again.entries().iter().map(Entry::to_line).collect();
    for entry in baseline.entries() {
        assert!(lines.contains(&entry.to_line()), "an entry is lost");
        entry.fits("telnyx-api-key", "a/b");
    }
    assert!(baseline.of_secret("00").is_empty());
}

/// A detector that also finds suppression comments.
static WITH_COMMENTS: LazyLock<Detector> = LazyLock::new(|| {
    let mut set = RULES.clone();
    set.rules.extend(set.ignore.clone());
    Detector::new(set, false).unwrap()
});

/// Suppression comments around a key: the key may be hidden, but it must stay in the report. `@` is replaced by the
/// marker of a comment, so that no seed contains one.
fn comments(text: &str) {
    let text = &text.replace('@', concat!("telleaks", ":ignore"));
    let key = planted::key(&mut Input::new(text.as_bytes()));
    let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (before, behind) = text.split_at(middle);
    let line = format!("{before} '{key}' {behind}");
    let inspector =
        Scanner::new(&WITH_COMMENTS, Limits::default()).with_comments(InlinePolicy::Honor, &RULES);
    let collector = Collector::new(&inspector);
    collector.search(&|| "a.py".to_owned(), None, &mut Cursor::new(line.as_bytes())).unwrap();
    let report = collector.finish().0;
    let all = report.findings.iter().chain(&report.suppressed);
    assert!(all.into_iter().any(|one| one.secret.expose() == key), "a comment makes a key vanish");
}
