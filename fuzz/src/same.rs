//! Equivalent inputs give the same result: content after other content, split into chunks, arriving slowly, read as a
//! stream or with random access, and encoded as a whole.

use std::collections::BTreeSet;
use std::io::{self, Cursor, ErrorKind, Read};
use std::ops::Range;

use telleaks::detect::{Match, Scan, Scratch, first_byte};
use telleaks::finding::Severity;
use telleaks::input::{Content, Stream};
use telleaks::scan::{Collector, Scanner};
use telleaks::unpack::Limits;

use crate::detect::{check, places, scan};
use crate::input::Input;
use crate::planted::{self, DETECTOR, FORMS};

/// Maximum size of a filler, in bytes.
const FILLER: usize = 200 << 10;

/// Compares all ways to read the content.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let (shift, cuts, drops) = (input.short() * 5, input.piece(), input.piece());
    let (content, keys) = content(&mut input);
    let whole = scan(&content);
    check(&content, &whole);
    let whole = described(&whole, 0);
    behind(&content, shift, &whole);
    in_parts(&content, cuts, &whole);
    in_drops(&content, drops, &whole);
    as_stream(&content);
    encoded(&content, &keys, input.byte());
}

/// Returns content with keys, fillers that move them across chunk borders, and bytes of the input.
fn content(input: &mut Input<'_>) -> (Vec<u8>, Vec<String>) {
    let (mut out, mut keys) = (Vec::new(), Vec::new());
    for _ in 0..input.below(6) {
        match input.below(3) {
            0 => {
                let form = input.below(FORMS);
                let key = planted::key(input);
                out.extend(planted::written(form, &key, input));
                keys.push(key);
            }
            1 => {
                let count = input.short() * 4 % FILLER;
                let pattern = [input.piece(), b"\n"].concat();
                out.extend(pattern.iter().cycle().take(count));
            }
            _ => out.extend_from_slice(input.piece()),
        }
    }
    (out, keys)
}

/// Describes all properties of the matches except their lines, with offsets reduced by `by` bytes.
fn described(scan: &Scan, by: u64) -> Vec<String> {
    let one = |found: &Match| {
        let at = &found.location;
        let (start, end) = (at.byte_start - by, at.byte_end - by);
        let secret = found.secret.sha256();
        format!(
            "{start}..{end} {} {:?} {:?} {:?} {secret}",
            found.rule, found.severity, found.encoding, found.reason
        )
    };
    scan.found.iter().map(one).collect()
}

fn behind(content: &[u8], shift: usize, whole: &[String]) {
    // Keeps the units of wide text aligned.
    let shift = shift / 4 * 4;
    let mut text: Vec<u8> = b"~~~\n".iter().copied().cycle().take(shift).collect();
    text.extend_from_slice(content);
    let moved = scan(&text);
    if !content.starts_with(b"\xFF\xFE") && !content.starts_with(b"\xFE\xFF") && !content.contains(&0) {
        assert_eq!(described(&moved, shift as u64), whole, "after {shift} bytes");
    }
}

fn in_parts(content: &[u8], cuts: &[u8], whole: &[String]) {
    let end = content.len() as u64;
    let mut borders: Vec<u64> = cuts.iter().map(|&cut| end * u64::from(cut) / 256 / 4 * 4).collect();
    borders.extend([0, end]);
    borders.sort_unstable();
    borders.dedup();
    let open = |part: Range<u64>| {
        let reader: Box<dyn Read + Send> = Box::new(&content[first_byte(&part) as usize..]);
        (part, reader)
    };
    let parts: Vec<_> = borders.windows(2).map(|two| open(two[0]..two[1])).collect();
    let head = &content[..content.len().min(256 << 10)];
    let scan = DETECTOR.scan_parts(head, parts, (Scratch::default, drop), None);
    assert_eq!(described(&scan, 0), whole, "in parts that end at {borders:?}");
}

/// A reader that returns few bytes at a time and is sometimes interrupted.
struct Drops<'a> {
    rest: &'a [u8],
    sizes: &'a [u8],
    number: usize,
}

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.number += 1;
        let size = self.sizes.get(self.number % self.sizes.len().max(1)).copied().unwrap_or(255);
        if size == 0 && self.number.is_multiple_of(2) {
            return Err(ErrorKind::Interrupted.into());
        }
        let count = self.rest.len().min(buffer.len()).min(1 + usize::from(size) * 64);
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest = &self.rest[count..];
        Ok(count)
    }
}

fn in_drops(content: &[u8], sizes: &[u8], whole: &[String]) {
    let mut reader = Drops { rest: content, sizes, number: 0 };
    let scan = DETECTOR.scan_reader(&mut reader, &mut Scratch::default());
    assert!(scan.error.is_none());
    assert_eq!(described(&scan, 0), whole, "in drops: {:?}", places(&scan));
}

/// Compares the scan of content that can be read only once with the scan of the same content with random access.
fn as_stream(content: &[u8]) {
    let said = |content: &mut dyn Content| {
        let inspector = Scanner::new(&DETECTOR, Limits { expanded: 4 << 20, ..Limits::default() });
        let collector = Collector::new(&inspector);
        collector.search(&|| "a.txt".to_owned(), None, content).unwrap();
        let (report, _) = collector.finish();
        let findings: Vec<String> = report.findings.iter().map(|one| format!("{one:?}")).collect();
        (findings, report.unseen)
    };
    assert_eq!(said(&mut Stream(content)), said(&mut Cursor::new(content)), "as a stream");
}

/// Checks that every key that is found in plain text is found when the whole content is encoded.
fn encoded(content: &[u8], keys: &[String], form: u8) {
    if content.len() > 8 << 10 {
        return;
    }
    let form = usize::from(form) % planted::OF_ANY_BYTES;
    let secrets = |scan: &Scan, only_plain: bool| -> BTreeSet<String> {
        let sure = scan.found.iter().filter(|one| one.severity == Severity::Error);
        let some = sure.filter(|one| !only_plain || one.encoding.is_empty());
        some.map(|one| one.secret.expose().to_owned()).collect()
    };
    let plain = secrets(&scan(content), true);
    let hidden = secrets(&scan(planted::encoded(form, content).as_bytes()), false);
    for key in keys.iter().filter(|key| plain.contains(*key)) {
        assert!(hidden.contains(key), "encoded as a whole in form {form}, a key is lost");
    }
}
