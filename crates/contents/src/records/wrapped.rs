//! Text that continues in a later line with the same prefix, in logs of any format: an unfinished key, base64 or rows of
//! a dump at the end of a line. Prefixes are the same if they differ only in timestamps.
//!
//! No list of formats is needed: lines of different sources differ in their prefixes. A prefix may end at each of its
//! separators; the text after each of them is a stream of its own.

use super::identity::mix;
use super::rows::Lines;
use super::unfinished::Unfinished;

/// Maximum length of a prefix in bytes.
const LONGEST_PREFIX: usize = 192;
/// Maximum number of ends of a prefix that are tried.
const MOST_ENDS: usize = 16;
/// Maximum number of prefixes whose text may continue.
const MOST_OPEN: usize = 48;
/// Number of bytes after a prefix that are compared.
const COMPARED_BYTES: usize = 3;
/// Maximum number of blanks between a prefix and a timestamp.
const MOST_BLANKS: usize = 8;
/// Number of lines with other prefixes after which a text no longer continues.
const IDLE_LINES: u32 = 64;
/// Number of lines of a text that are joined after its last unfinished line.
const LINES_AFTER: u32 = 8;
/// Number of first lines that are compared.
const COMPARED_LINES: usize = 16;
/// Number of preceding lines with which a line is compared.
const SOURCES: usize = 4;

/// A text that may continue in a line with the same prefix.
#[derive(Debug)]
struct Open {
    prefix: Vec<u8>,
    /// The bytes after the prefix in its first line; empty in a dump.
    next: Vec<u8>,
    /// Hash of the stream.
    stream: u64,
    /// Number of the line at which the text starts, counted from 0.
    origin: u64,
    /// Number of lines with other prefixes since the last line of the text.
    idle: u32,
    /// Number of lines that may follow.
    left: u32,
}

/// The texts that may continue.
#[derive(Debug, Default)]
pub(super) struct Wraps {
    open: Vec<Open>,
    /// Number of lines so far.
    lines: u64,
}

impl Wraps {
    /// Reads one line. Calls `add` with the hash of each stream to which the line belongs and the offset of its text.
    pub(super) fn read(&mut self, line: &[u8], mut add: impl FnMut(u64, usize)) {
        let unfinished = Unfinished::of(line);
        let mut ends = [0; MOST_ENDS];
        let mut known = 0;
        self.lines += 1;
        let mut texts = self.texts(line).into_iter();
        self.open.retain_mut(|open| {
            match texts.next().flatten() {
                Some(text) => {
                    add(open.stream, text);
                    (open.idle, open.left) =
                        (0, if unfinished.is_some() { LINES_AFTER } else { open.left - 1 });
                    if known < MOST_ENDS {
                        ends[known] = text;
                        known += 1;
                    }
                }
                None => open.idle += 1,
            }
            open.idle < IDLE_LINES && open.left > 0
        });
        let Some(unfinished) = unfinished else { return };
        let start = unfinished.start();
        let is_base64 = matches!(unfinished, Unfinished::Base64(_));
        let is_row = matches!(unfinished, Unfinished::Row(_));
        for end in prefix_ends(line, start) {
            // Only one prefix can be directly before base64.
            if is_base64 && end != start || ends[..known].contains(&end) {
                continue;
            }
            if self.open.len() >= MOST_OPEN {
                self.open.remove(0);
            }
            let prefix = line[..end].to_vec();
            let stream = mix(8, &prefix);
            // The offsets of a dump start with the same digits.
            let next = line.get(end..end + COMPARED_BYTES).filter(|_| !is_row);
            let next = next.unwrap_or_default().to_vec();
            add(stream, end);
            self.open.push(Open { prefix, next, stream, origin: self.lines, idle: 0, left: LINES_AFTER });
        }
    }

    /// Returns for each open text the offset at which `line` continues it. Of the texts that start in one line, only the
    /// one with the longest prefix continues: what follows a shorter one is the rest of the prefix.
    fn texts(&self, line: &[u8]) -> Vec<Option<usize>> {
        let mut texts = vec![None; self.open.len()];
        let mut last = None;
        // The texts of one line are in the order of their prefixes.
        for (open, text) in self.open.iter().zip(&mut texts).rev() {
            if last == Some(open.origin) {
                continue;
            }
            // The same bytes in both lines are the rest of the prefix.
            let is_prefix = |at: &usize| !open.next.is_empty() && line[*at..].starts_with(&open.next);
            *text = after(&open.prefix, line).filter(|at| !is_prefix(at));
            if text.is_some() {
                last = Some(open.origin);
            }
        }
        texts
    }
}

/// Returns whether most of the first lines of `bytes` share a prefix with a preceding line.
pub(super) fn share_prefixes(bytes: &[u8]) -> bool {
    // The last lines, and the first words of each with the separator.
    let mut recent: [&[u8]; SOURCES] = [b""; SOURCES];
    let (mut count, mut shared) = (0, 0);
    for line in Lines(bytes).filter(|line| !line.is_empty()).take(COMPARED_LINES) {
        let line = &line[..line.len().min(LONGEST_PREFIX)];
        let shares = |prefix: &&[u8]| !prefix.is_empty() && after(prefix, line).is_some();
        shared += usize::from(recent.iter().any(shares));
        recent[count % SOURCES] = &line[..first_word(line)];
        count += 1;
        if count - 1 - shared > (COMPARED_LINES - 1) / 4 {
            return false;
        }
    }
    count > 2 && shared * 4 >= (count - 1) * 3
}

/// Returns the length of the first prefix of a line that has a word, with the separator after it, or 0.
fn first_word(line: &[u8]) -> usize {
    let Some(word) = line.iter().position(u8::is_ascii_alphanumeric) else { return 0 };
    // Only a timestamp has separators that are no ends.
    if !line[word].is_ascii_digit() {
        let is_separator = |byte: &u8| matches!(byte, b' ' | b'\t' | b':' | b'|' | b'>' | b']' | b')');
        let end = line[word..].iter().position(is_separator).map(|at| word + at + 1);
        if let Some(end) = end.filter(|&end| ends_prefix(line, end)) {
            return end;
        }
    }
    prefix_ends(line, line.len()).find(|&end| end > word).unwrap_or_default()
}

/// Returns whether a separator ends before `at`, and no timestamp follows it: that belongs to the prefix, not to the text
/// after it.
fn ends_prefix(line: &[u8], at: usize) -> bool {
    let (last, next) = (line[at - 1], line.get(at));
    let ends = match last {
        b' ' | b'\t' => next != Some(&last) || at < 2 || line[at - 2] != last,
        b':' => next.is_none_or(|next| !next.is_ascii_digit()),
        b'|' | b'>' | b']' | b')' => true,
        b'm' => memchr::memrchr(0x1B, &line[at.saturating_sub(12)..at]).is_some(),
        _ => false,
    };
    ends && {
        let text = at + line[at..].iter().take(MOST_BLANKS).take_while(|byte| **byte == b' ').count();
        time_length(&line[text..]) == 0
    }
}

/// Returns the offsets before `start` at which the prefix of a line may end.
fn prefix_ends(line: &[u8], start: usize) -> impl Iterator<Item = usize> {
    let mut at = 0;
    let limit = start.min(LONGEST_PREFIX);
    std::iter::from_fn(move || {
        while at < limit {
            let starts = at == 0 || !line[at - 1].is_ascii_alphanumeric();
            let length = if starts { time_length(&line[at..]) } else { 0 };
            at += length.max(1);
            if at <= limit && ends_prefix(line, at) && !line[..at].trim_ascii().is_empty() {
                return Some(at);
            }
        }
        None
    })
    .take(MOST_ENDS)
}

/// Returns the offset in `line` after a prefix that is the same as `prefix`, except for its timestamps.
pub(super) fn after(prefix: &[u8], line: &[u8]) -> Option<usize> {
    let (mut at, mut there) = (0, 0);
    while at < prefix.len() {
        if at == 0 || !prefix[at - 1].is_ascii_alphanumeric() {
            let (length, other) = (time_length(&prefix[at..]), time_length(line.get(there..)?));
            if length > 0 && other > 0 {
                (at, there) = (at + length, there + other);
                continue;
            }
        }
        if line.get(there) != Some(&prefix[at]) {
            return None;
        }
        (at, there) = (at + 1, there + 1);
    }
    Some(there)
}

/// Returns the length of a date, a time or a number of seconds at the start of `bytes`, or 0.
fn time_length(bytes: &[u8]) -> usize {
    if !bytes.first().is_some_and(u8::is_ascii_digit) {
        return 0;
    }
    let part = |byte: &&u8| byte.is_ascii_digit() || b":.,/+-TZ".contains(byte);
    let mut length = bytes.iter().take(40).take_while(part).count();
    // Punctuation at the end belongs to the text.
    while matches!(bytes[length - 1], b':' | b'.' | b',' | b'/' | b'+' | b'-' | b'T') {
        length -= 1;
    }
    let text = &bytes[..length];
    let digits = |count: usize| text.len() >= count && text[..count].iter().all(u8::is_ascii_digit);
    let is_pair = |at: usize| matches!(text.get(at..at + 2), Some([b'0'..=b'9', b'0'..=b'9']));
    let separated = |at: usize, separators: &[u8]| text.get(at).is_some_and(|byte| separators.contains(byte));
    let is_date = digits(4) && separated(4, b"-/") && is_pair(5) && separated(7, b"-/") && is_pair(8);
    let is_day = digits(2) && separated(2, b"-") && is_pair(3) && text.len() == 5;
    let is_clock = digits(2) && separated(2, b":") && is_pair(3);
    let is_seconds = || {
        let point = text.iter().position(|byte| !byte.is_ascii_digit());
        point.is_some_and(|at| {
            text[at] == b'.' && text.len() >= at + 4 && text[at + 1..].iter().all(u8::is_ascii_digit)
        })
    };
    if is_date || is_day || is_clock || is_seconds() { length } else { 0 }
}
