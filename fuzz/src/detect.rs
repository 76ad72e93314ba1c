//! The detector: for any surroundings, a key in the form chosen by the input is found at its location, and no excerpt
//! shows it.

use std::cell::RefCell;

use telleaks::detect::{Match, Scan, Scratch};
use telleaks::finding::Severity;

use crate::input::Input;
use crate::planted::{self, DETECTOR, FORMS};

thread_local! {
    static MEMORY: RefCell<Scratch> = RefCell::default();
}

/// Scans a planted key between bytes of the input.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let form = input.below(FORMS);
    let key = planted::key(&mut input);
    let written = planted::written(form, &key, &mut input);
    let split = input.short();
    let (before, behind) = (input.take(split), input.rest());
    let content = [before, &written[..], behind].concat();
    let scan = scan(&content);
    check(&content, &scan);
    let place = before.len()..before.len() + written.len();
    let is_it = |one: &&Match| {
        one.secret.expose() == key
            && one.severity == Severity::Error
            && place.contains(&(one.location.byte_start as usize))
            && one.location.byte_end as usize <= place.end
    };
    assert!(scan.found.iter().any(|one| is_it(&one)), "form {form} is not found: {:?}", places(&scan));
    for one in &scan.found {
        assert!(!one.excerpt.text.contains(&key[36..]), "form {form} is visible in an excerpt");
    }
}

/// Scans the content.
pub fn scan(content: &[u8]) -> Scan {
    MEMORY.with_borrow_mut(|memory| DETECTOR.scan_reader(&mut &content[..], memory))
}

/// Formats rule and location of each match for display.
pub fn places(scan: &Scan) -> Vec<String> {
    let place = |one: &Match| {
        let at = &one.location;
        format!("{} {}..{} {:?} {:?}", one.rule, at.byte_start, at.byte_end, one.encoding, one.severity)
    };
    scan.found.iter().map(place).collect()
}

/// Checks that all locations are in the content and sorted, and that byte offsets and lines agree.
pub fn check(content: &[u8], scan: &Scan) {
    assert!(scan.error.is_none() && scan.bytes == content.len() as u64);
    let starts = |one: &Match| (one.location.byte_start, one.location.byte_end);
    assert!(scan.found.is_sorted_by_key(starts), "{:?}", places(scan));
    for one in &scan.found {
        let at = &one.location;
        let (start, end) = (at.byte_start as usize, at.byte_end as usize);
        assert!(start < end && end <= content.len(), "{start}..{end} of {}", content.len());
        assert!(at.start_column >= 1 && at.end_column >= 1);
        assert!((at.start_line, at.start_column) <= (at.end_line, at.end_column), "{at:?}");
        if one.encoding.is_empty() && !one.secret.is_public() {
            assert_eq!(&content[start..end], one.secret.expose().as_bytes());
        }
        // Files of wide text have line ends of their own.
        if !content.iter().take(4096).any(|byte| matches!(byte, 0 | 0xFE | 0xFF)) {
            let lines = content[..start].iter().filter(|byte| **byte == b'\n').count() as u64;
            assert_eq!(at.start_line, lines + 1, "the line of {start}");
        }
        let excerpt = &one.excerpt;
        assert!(excerpt.text.get(excerpt.highlight.clone()).is_some(), "{:?}", excerpt.highlight);
    }
}
