//! Since when a history or a transcript has a credential: the time that its own record gives.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::bytes::Regex;
use telleaks_platform::{open_beside, read_at};

/// Bytes that are read before and after a credential.
const AROUND_BYTES: u64 = 16 << 10;

/// A compiled pattern; invalid ones match nothing, and a test shows that none is invalid.
fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// zsh's extended history: `: 1700000000:0;command`.
static ZSH: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"^: (\d{9,10}):\d+;"));
/// bash's history with `HISTTIMEFORMAT`: `#1700000000` on the line before.
static BASH: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"^#(\d{9,10})$"));
/// fish's history: `  when: 1700000000` on the line after.
static FISH: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"^  when: (\d{9,10})$"));
/// Times in records of JSON, in RFC 3339.
static TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r#""(?:timestamp|time|ts|date|created_at|createdAt|startedDateTime)"\s*:\s*"(\d{4}-\d\d-\d\dT[^"]{5,24})""#,
    )
});
/// Times in records of JSON, in seconds or milliseconds since 1970.
static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r#""(?:timestamp|time|ts|created_at|createdAt)"\s*:\s*(\d{10}(?:\d{3})?)\b"#));

/// Returns the day on which the credential at these bytes of a file was recorded, as `2026-01-31`; `None` if the file
/// does not say, or cannot be read.
pub fn recorded(path: &Path, bytes: std::ops::Range<u64>) -> Option<String> {
    let file = open_beside(path).ok()?;
    let start = bytes.start.saturating_sub(AROUND_BYTES);
    let content = read(&file, start, bytes.end.checked_add(AROUND_BYTES)? - start).ok()?;
    let at = usize::try_from(bytes.start - start).ok()?.min(content.len());
    let time = time_near(&content, at)?;
    Some(time.to_string().get(..10)?.to_owned())
}

fn read(file: &File, start: u64, count: u64) -> io::Result<Vec<u8>> {
    let mut content = vec![0; usize::try_from(count.min(4 * AROUND_BYTES)).unwrap_or_default()];
    let mut length = 0;
    while length < content.len() {
        match read_at(file, &mut content[length..], start + length as u64)? {
            0 => break,
            count => length += count,
        }
    }
    content.truncate(length);
    Ok(content)
}

/// Returns the time of the record at `at`: in its line, in the line before, or in the line after.
fn time_near(content: &[u8], at: usize) -> Option<Timestamp> {
    let start = memchr::memrchr(b'\n', &content[..at]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &content[at..]).map_or(content.len(), |newline| at + newline);
    let line = &content[start..end];
    let before = content[..start.saturating_sub(1)].rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    let after =
        content.get(end + 1..).unwrap_or_default().split(|&byte| byte == b'\n').next().unwrap_or_default();
    let seconds = |regex: &Option<Regex>, text: &[u8]| {
        number(regex, text).and_then(|at| Timestamp::from_second(at).ok())
    };
    let known = seconds(&ZSH, line).or_else(|| seconds(&BASH, before)).or_else(|| seconds(&FISH, after));
    known.or_else(|| of_json(line, at - start))
}

/// Returns the number that a pattern captures.
fn number(regex: &Option<Regex>, text: &[u8]) -> Option<i64> {
    std::str::from_utf8(regex.as_ref()?.captures(text)?.get(1)?.as_bytes()).ok()?.parse().ok()
}

/// Returns the time in a record of JSON that is nearest before `at`, or else the first after it.
fn of_json(line: &[u8], at: usize) -> Option<Timestamp> {
    if !line.contains(&b'{') {
        return None;
    }
    let mut times: Vec<(usize, Timestamp)> = Vec::new();
    for found in TEXT.iter().flat_map(|regex| regex.captures_iter(line)).filter_map(|found| found.get(1)) {
        let time = std::str::from_utf8(found.as_bytes()).ok().and_then(|text| text.parse().ok());
        times.extend(time.map(|time| (found.start(), time)));
    }
    for found in NUMBER.iter().flat_map(|regex| regex.captures_iter(line)).filter_map(|found| found.get(1)) {
        let number: Option<i64> =
            std::str::from_utf8(found.as_bytes()).ok().and_then(|text| text.parse().ok());
        let time = number.and_then(|number| match found.len() {
            13 => Timestamp::from_millisecond(number).ok(),
            _ => Timestamp::from_second(number).ok(),
        });
        times.extend(time.map(|time| (found.start(), time)));
    }
    times.sort_unstable();
    let before = times.iter().rev().find(|(start, _)| *start < at);
    before.or_else(|| times.first()).map(|(_, time)| *time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_valid() {
        assert!([&ZSH, &BASH, &FISH, &TEXT, &NUMBER].iter().all(|one| one.is_some()));
    }

    #[test]
    fn time_of_the_record() {
        for (text, day) in [
            (": 1700000000:0;export X=HERE\n", Some("2023-11-14")),
            ("#1700000000\nexport X=HERE\nls\n", Some("2023-11-14")),
            ("- cmd: export X=HERE\n  when: 1700000000\n", Some("2023-11-14")),
            ("{\"timestamp\":\"2026-02-03T04:05:06.789Z\",\"text\":\"HERE\"}\n", Some("2026-02-03")),
            ("{\"text\":\"HERE\",\"ts\":1700000000}\n", Some("2023-11-14")),
            ("{\"text\":\"HERE\",\"createdAt\":1700000000123}\n", Some("2023-11-14")),
            ("a\nexport X=HERE\nb\n", None),
            ("#17\nHERE\n", None),
        ] {
            let at = text.find("HERE").unwrap();
            let found = time_near(text.as_bytes(), at).map(|time| time.to_string()[..10].to_owned());
            assert_eq!(found.as_deref(), day, "{text}");
        }
    }
}
