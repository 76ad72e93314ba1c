//! Log lines with a prefix before the text: of container runtimes, `docker compose`, kubectl, syslog, or a timestamp.
//! Returns the offset of the text and the stream to which it belongs.

use super::identity::mix;

/// Maximum length of a name before a line, in bytes.
const LONGEST_NAME: usize = 128;
/// Month names in the timestamp of a syslog line.
const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// The prefix of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix {
    /// Hash of the stream.
    pub(super) stream: u64,
    /// Offset in the line at which the text starts.
    pub(super) text: usize,
    /// Whether the text continues in the next record (CRI, `P`).
    pub(super) partial: bool,
    /// Whether each record says if the text continues (CRI).
    pub(super) marked: bool,
}

/// Returns the prefix of `line`, if any.
pub(super) fn split(line: &[u8]) -> Option<Prefix> {
    match line.first()? {
        b'0'..=b'9' => dated(line),
        b'[' => bracketed(line).map(|prefix| with_time(line, prefix)),
        b'<' => {
            let end = line.iter().take(6).position(|&byte| byte == b'>')?;
            (end > 1 && line[1..end].iter().all(u8::is_ascii_digit)).then_some(())?;
            rfc5424(line, end + 1).or_else(|| syslog(line, end + 1))
        }
        0x1B => piped(line),
        b'A'..=b'Z' | b'a'..=b'z' | b'_' => syslog(line, 0).or_else(|| piped(line)),
        _ => None,
    }
}

/// Parses a line that starts with a date: of a container runtime, of syslog, or with no other prefix.
fn dated(line: &[u8]) -> Option<Prefix> {
    let Some(time) = time(line, 0) else { return piped(line) };
    let rest = &line[time..];
    if let Some(stream) = [&b"stdout "[..], b"stderr "].iter().find(|name| rest.starts_with(name)) {
        let tags = &rest[stream.len()..];
        let length = tags.iter().position(|&byte| byte == b' ').unwrap_or(tags.len());
        if matches!(tags[..length], [b'P' | b'F'] | [b'P' | b'F', b':', ..]) {
            let text = (time + stream.len() + length + 1).min(line.len());
            return Some(Prefix { stream: mix(1, stream), text, partial: tags[0] == b'P', marked: true });
        }
    }
    let tagged = tag(line, time).filter(|end| line[..*end].ends_with(b"]:"));
    match tagged {
        Some(end) => Some(Prefix {
            stream: mix(2, &line[time..end]),
            text: after_blank(line, end),
            partial: false,
            marked: false,
        }),
        None => Some(Prefix { stream: 3, text: time, partial: false, marked: false }),
    }
}

/// Returns the offset after the timestamp (RFC 3339, or with a space in place of `T`) and the space that follows it.
fn time(line: &[u8], at: usize) -> Option<usize> {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let rest = line.get(at..)?;
    let fits = |(shape, byte): (&u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' ' | b't'),
        _ => shape == byte,
    };
    if rest.len() < SHAPE.len() || !SHAPE.iter().zip(rest).all(fits) {
        return None;
    }
    let zone = |byte: &&u8| byte.is_ascii_digit() || b".,:+-Zz".contains(byte);
    let end = SHAPE.len() + rest[SHAPE.len()..].iter().take(20).take_while(zone).count();
    (rest.get(end) == Some(&b' ')).then_some(at + end + 1)
}

/// Parses `Mar  5 10:00:00 host tag[pid]: text` at `at`.
fn syslog(line: &[u8], at: usize) -> Option<Prefix> {
    let rest = line.get(at..at + 16)?;
    let [day @ .., _] = &rest[4..7] else { return None };
    let clock = &rest[7..16];
    // The blanks are compared first: nearly no line has them there.
    let is_time = rest[3] == b' '
        && rest[6] == b' '
        && MONTHS.contains(&&rest[..3])
        && day.iter().all(|byte| byte.is_ascii_digit() || *byte == b' ')
        && clock.iter().zip(b"dd:dd:dd ").all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            _ => byte == shape,
        });
    if !is_time {
        return None;
    }
    let end = tag(line, at + 16)?;
    Some(Prefix {
        stream: mix(4, &line[at + 16..end]),
        text: after_blank(line, end),
        partial: false,
        marked: false,
    })
}

/// Returns the offset after the colon of `host tag[pid]:` or `host tag:`.
fn tag(line: &[u8], at: usize) -> Option<usize> {
    let host = word(line, at)?;
    let name = word(line, host + 1)?;
    (line[name - 1] == b':').then_some(name)
}

/// Parses `1 time host app pid id data text` at `at`.
fn rfc5424(line: &[u8], at: usize) -> Option<Prefix> {
    if line.get(at..at + 2)? != b"1 " {
        return None;
    }
    let host = word(line, at + 2)? + 1;
    let (mut end, mut process) = (host, host);
    for field in 0..4 {
        end = word(line, end)? + 1;
        if field == 2 {
            process = end;
        }
    }
    let mut text = end;
    if line.get(end) == Some(&b'[') {
        text = end + memchr::memmem::find(&line[end..], b"] ")? + 1;
    } else {
        text = word(line, text).unwrap_or(line.len());
    }
    Some(Prefix {
        stream: mix(5, &line[host..process]),
        text: after_blank(line, text),
        partial: false,
        marked: false,
    })
}

/// Returns the offset of the space after the word at `at`.
fn word(line: &[u8], at: usize) -> Option<usize> {
    let rest = line.get(at..line.len().min(at + LONGEST_NAME))?;
    let length = rest
        .iter()
        .position(|&byte| byte == b' ')
        .or((line.len() < at + LONGEST_NAME).then_some(rest.len()))?;
    (length > 0).then_some(at + length)
}

/// Parses `[pod/name/container] text` or `[name] text`.
fn bracketed(line: &[u8]) -> Option<Prefix> {
    let end = line.iter().take(LONGEST_NAME).position(|&byte| byte == b']')?;
    let name = &line[1..end];
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./:@".contains(byte);
    let named = name.iter().all(is_name) && name.iter().any(u8::is_ascii_alphabetic);
    (named && line.get(end + 1) == Some(&b' ')).then(|| Prefix {
        stream: mix(6, name),
        text: end + 2,
        partial: false,
        marked: false,
    })
}

/// Parses `name-1  | text`, optionally with colour sequences, optionally with a timestamp before or after it.
fn piped(line: &[u8]) -> Option<Prefix> {
    let start = colours(line, 0);
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    let mut name = start + line[start..].iter().take(LONGEST_NAME).take_while(is_name).count();
    let mut from = start;
    // `10:00:00 web.1  | text`
    if line.get(name) == Some(&b' ')
        && line[start..name].iter().all(|byte| byte.is_ascii_digit() || *byte == b':')
    {
        from = name + 1;
        name = from + line[from..].iter().take(LONGEST_NAME).take_while(is_name).count();
    }
    if name == from || !line[from..name].iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    let blanks = line[name..].iter().take(LONGEST_NAME).take_while(|&&byte| byte == b' ').count();
    let mut text = colours(line, name + blanks);
    if line.get(text) != Some(&b'|') {
        return None;
    }
    text = colours(line, text + 1);
    match line.get(text) {
        None => {}
        Some(b' ') => text = colours(line, text + 1),
        Some(_) => return None,
    }
    Some(with_time(line, Prefix { stream: mix(7, &line[from..name]), text, partial: false, marked: false }))
}

/// Skips the timestamp that may precede the text.
fn with_time(line: &[u8], prefix: Prefix) -> Prefix {
    let text = time(line, prefix.text).unwrap_or(prefix.text);
    Prefix { text, ..prefix }
}

/// Returns the offset after the colour sequences at `at`.
fn colours(line: &[u8], mut at: usize) -> usize {
    while line[at.min(line.len())..].starts_with(b"\x1B[") {
        let sequence =
            line[at + 2..].iter().take(16).take_while(|&&byte| byte.is_ascii_digit() || byte == b';');
        let end = at + 2 + sequence.count();
        if line.get(end) != Some(&b'm') {
            break;
        }
        at = end + 1;
    }
    at
}

fn after_blank(line: &[u8], at: usize) -> usize {
    at + usize::from(line.get(at) == Some(&b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_front_of_a_line() {
        for line in [
            "2026-03-05T10:00:00.123456789Z stdout F @",
            "2026-03-05T10:00:00.1+01:00 stderr P @",
            "2026-03-05T10:00:00Z stderr P:x @",
            "2026-03-05T10:00:00.123456Z @",
            "2026-03-05 10:00:00,123 @",
            "2026-03-05T10:00:00.123456+00:00 host app[12]: @",
            "Mar  5 10:00:00 host app[12]: @",
            "<34>Mar 15 10:00:00 host app: @",
            "<34>1 2026-03-05T10:00:00Z host app 12 id - @",
            "<34>1 2026-03-05T10:00:00Z host app 12 - [a b=\"c\"] @",
            "[pod/web-1/app] @",
            "[pod/web-1/app] 2026-03-05T10:00:00Z @",
            "web-1  | @",
            "\u{1b}[36mweb-1  |\u{1b}[0m @",
            "\u{1b}[36mweb-1  | \u{1b}[0m@",
            "web_1 | 2026-03-05T10:00:00Z @",
            "10:00:00 web.1   | @",
        ] {
            let prefix = split(line.as_bytes()).map(|prefix| &line[prefix.text..]);
            assert!(
                prefix.is_some_and(|text| text.trim_start_matches("\u{1b}[0m") == "@"),
                "{line:?}: {prefix:?}"
            );
        }
        for line in
            ["", "a || b", "plain text", "[x]", "[1, 2] x", "Mar 5", "2026-03-05", "<a> b", "3 | 4", "a: b"]
        {
            assert_eq!(split(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn streams_are_told_apart() {
        let stream = |line: &str| split(line.as_bytes()).unwrap().stream;
        let all = [
            "2026-03-05T10:00:00Z stdout F x",
            "2026-03-05T10:00:00Z stderr F x",
            "Mar  5 10:00:00 host app[12]: x",
            "Mar  5 10:00:00 host app[13]: x",
            "Mar  5 10:00:00 home app[12]: x",
            "[pod/a/b] x",
            "[pod/a/c] x",
            "a | x",
            "b | x",
        ];
        let streams: std::collections::HashSet<u64> = all.iter().map(|line| stream(line)).collect();
        assert_eq!(streams.len(), all.len());
        assert_eq!(stream("2026-03-05T10:00:00Z stdout P x"), stream("2026-03-06T11:00:00.5Z stdout F y"));
    }
}
