//! Mail.

use super::{base64_lines, gzip, of};

fn attachment(name: &str, bytes: &[u8]) -> String {
    format!(
        "Content-Type: application/octet-stream;\r\n\tname=\"{name}\"\r\nContent-Transfer-Encoding: Base64\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{}\r\n",
        base64_lines(bytes)
    )
}

/// Builds a mail of these parts.
fn mail(boundary: &str, parts: &[String]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("--{boundary}\r\n{part}")).collect();
    format!(
        "Received: from x\r\n\tby y\r\nFrom: Ada <ada@example.org>\r\nDate: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed;\r\n boundary=\"{boundary}\"\r\n\r\npreamble\r\n{}--{boundary}--\r\nepilogue\r\n",
        parts.concat()
    )
}

#[test]
fn container_attachments_are_handed_over() {
    let big: Vec<u8> = (0..200_000u32).map(|at| ((at * 7) >> 3) as u8).collect();
    let text = mail(
        "b1",
        &[
            "Content-Type: text/plain\r\n\r\nhello\r\n--b1 is no boundary\r\n".to_owned(),
            attachment("a.gz", &gzip(&big)),
            attachment("note.txt", b"only text"),
            attachment("", &gzip(b"nameless")),
        ],
    );
    let kept = of(text.as_bytes(), "");
    assert_eq!(kept.names(), ["a.gz", "part-4"]);
    assert_eq!(kept.members[0].1, gzip(&big));
    assert_eq!(kept.members[1].1, gzip(b"nameless"));
}

#[test]
fn nested_mails_are_parsed() {
    let inner = mail("in", &[attachment("in.gz", &gzip(b"in"))]);
    let wrapped = format!("Content-Type: message/rfc822\r\n\r\n{inner}");
    let encoded = format!(
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        base64_lines(inner.as_bytes())
    );
    let text = mail("out", &[wrapped, encoded, attachment("last.gz", &gzip(b"last"))]);
    let kept = of(text.as_bytes(), "");
    assert_eq!(kept.names(), ["in.gz", "part-2.eml", "last.gz"]);
    assert_eq!(of(&kept.members[1].1, "part-2.eml").names(), ["in.gz"]);
}

#[test]
fn mailbox_messages_are_numbered() {
    let line = "From ada@example.org Fri Jul  8 12:08:34 2011\r\n";
    let one = mail("b", &[attachment("a.gz", &gzip(b"one"))]);
    let broken = mail("b", &[attachment("a.gz", &gzip(b"two"))]);
    let broken = broken.split("--b--").next().unwrap();
    let text = format!(
        "{line}{one}\r\n{line}{broken}\r\n{line}Subject: x\r\nFrom: y\r\n\r\nFrom here\r\n\r\n{line}{one}"
    );
    let kept = of(text.as_bytes(), "inbox");
    assert_eq!(kept.names(), ["message 1/a.gz", "message 2/a.gz", "message 4/a.gz"]);
    assert_eq!(kept.members[1].1, gzip(b"two"));
}

#[test]
fn uuencoded_files_are_decoded() {
    let bytes = gzip(b"some content that was sent in the old way, before there was MIME");
    let mut lines = String::new();
    for line in bytes.chunks(45) {
        let mut groups = vec![line.len() as u8];
        for group in line.chunks(3) {
            let bits =
                (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
            groups.extend((0..4).rev().map(|at| (bits >> (6 * at) & 63) as u8));
        }
        lines.extend(groups.into_iter().map(|six| if six == 0 { '`' } else { char::from(six + 32) }));
        lines.push('\n');
    }
    let text = format!(
        "From: a\nTo: b\nSubject: c\n\nhello\nbegin 644 old file.gz\n{lines}`\nend\nbye\nbegin 644 b\nno\n"
    );
    let kept = of(text.as_bytes(), "");
    assert_eq!(kept.names(), ["old file.gz"]);
    assert_eq!(kept.members[0].1, bytes);
}

#[test]
fn long_lines_are_split() {
    let bytes: Vec<u8> =
        gzip(&(0..400_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<u8>>());
    let text = format!(
        "From: a\nTo: b\nMIME-Version: 1.0\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n{}",
        data_encoding::BASE64.encode(&bytes)
    );
    let kept = of(text.as_bytes(), "");
    assert_eq!(kept.names(), ["part-1"]);
    assert_eq!(kept.members[0].1, bytes);
}

#[test]
fn encoded_bodies_with_runs_are_handed_over() {
    let html = base64_lines(b"<p>KEY<b>01</b></p>\n");
    let flowed = base64_lines(b"one wo \nrd\n> and \r\nmore\n");
    let part = |kind: &str, coding: &str, body: &str| {
        format!("Content-Type: {kind}\nContent-Transfer-Encoding: {coding}\n\n{body}\n")
    };
    let text = mail(
        "b",
        &[
            part("text/html; charset=utf-8", "base64", &html),
            part("text/plain; format=flowed", "base64", &flowed),
            part("text/plain; format=Flowed; delsp=yes", "quoted-printable", "a=3Db=20\nc d=\n e=\n=66\n"),
            part("text/html", "quoted-printable", "<p>a=\nb</p>"),
            part("text/plain", "quoted-printable", "the raw text is searched"),
            part("text/html", "7bit", "<p>as well</p>"),
        ],
    );
    let found = of(text.as_bytes(), "");
    let texts: Vec<(&str, &str)> = found
        .members
        .iter()
        .map(|(name, bytes)| (name.as_str(), std::str::from_utf8(bytes).unwrap()))
        .collect();
    let expected = [
        ("part-1", "<p>KEY<b>01</b></p>\n"),
        ("part-2", "one word\n> andmore\n"),
        ("part-3", "a=bc d ef\n\n"),
        ("part-4", "<p>ab</p>\n"),
    ];
    assert_eq!(texts, expected);
}

#[test]
fn texts_of_headers_in_several_parts_are_handed_over() {
    let text = "From: =?utf-8?Q?only_one?= <a@b>\r\nTo: c@d\r\n\
        Subject: x =?utf-8?B?S0VZ?=\r\n =?UTF-8?q?01=5Fa?=\r\n\t=?utf-8?b?Yg==?= end\r\n\
        Content-Type: text/plain; name*0*=utf-8''KEY%30; name*1=1x; other=y\r\n\r\n=?a?q?b?= =?a?q?b?=\r\n";
    let found = of(text.as_bytes(), "");
    assert_eq!(found.names(), ["headers"]);
    assert_eq!(found.text("headers"), "x KEY01_ab end\nKEY01x\n");
    let line = "From ada@example.org Fri Jul  8 12:08:34 2011\n";
    let mailbox = format!("{line}Subject: plain\nFrom: y\n\nx\n\n{line}{text}");
    assert_eq!(of(mailbox.as_bytes(), "inbox.mbox").names(), ["message 2/headers"]);
}
