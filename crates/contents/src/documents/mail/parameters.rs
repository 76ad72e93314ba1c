//! Parameters of headers (RFC 2045), with the encodings of non-ASCII names (RFC 2231, 2047). Every charset is decoded
//! as UTF-8: names are only displayed.

use percent_encoding::percent_decode_str;

use crate::documents::base64;

/// Maximum number of segments of a continued parameter.
const MAX_SEGMENTS: usize = 64;

/// Returns the value of a parameter: `name="x"`, `name*=UTF-8''x%20y`, `name*0="x"; name*1="y"`.
pub(super) fn parameter(header: &str, name: &str) -> Option<String> {
    let (mut plain, mut pieces) = (None, Vec::new());
    for (key, value) in parameters(header) {
        let key = key.to_ascii_lowercase();
        let Some(rest) = key.strip_prefix(name) else { continue };
        if rest.is_empty() {
            plain = plain.or_else(|| Some(decoded(&value)));
        } else if let Some(rest) = rest.strip_prefix('*') {
            let number: usize = rest.trim_end_matches('*').parse().unwrap_or(0);
            if pieces.len() < MAX_SEGMENTS {
                pieces.push((number, rest.is_empty() || rest.ends_with('*'), value));
            }
        }
    }
    if pieces.is_empty() {
        return plain;
    }
    pieces.sort_by_key(|(number, ..)| *number);
    let mut bytes = Vec::new();
    for (number, encoded, value) in pieces {
        // The first segment starts with a charset and a language: `UTF-8'en'`.
        let text =
            if encoded && number == 0 { value.splitn(3, '\'').last().unwrap_or_default() } else { &value };
        if encoded {
            bytes.extend(percent_decode_str(text));
        } else {
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the parameters of a header that are in segments (RFC 2231), decoded.
pub(super) fn continued(header: &str) -> Vec<String> {
    let names: Vec<String> = parameters(header)
        .into_iter()
        .filter_map(|(key, _)| key.trim_end_matches('*').strip_suffix("*0").map(str::to_ascii_lowercase))
        .collect();
    names.iter().filter_map(|name| parameter(header, name)).collect()
}

/// Returns all parameters after the first `;`, without quotes.
fn parameters(header: &str) -> Vec<(&str, String)> {
    let mut out = Vec::new();
    let Some((_, mut rest)) = header.split_once(';') else { return out };
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_matches([';', ' ', '\t', '\r', '\n']);
        let after = after.trim_start();
        if let Some(quoted) = after.strip_prefix('"') {
            let (value, end) = unquoted(quoted);
            out.push((key, value));
            rest = &quoted[end..];
        } else {
            let end = after.find([';', ' ', '\t', '\r', '\n']).unwrap_or(after.len());
            out.push((key, after[..end].to_owned()));
            rest = &after[end..];
        }
    }
    out
}

/// Returns the text up to the closing quote, and the offset after the quote.
fn unquoted(text: &str) -> (String, usize) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, one)) = characters.next() {
        match one {
            '"' => return (value, at + 1),
            '\\' => value.extend(characters.next().map(|(_, next)| next)),
            _ => value.push(one),
        }
    }
    (value, text.len())
}

/// Decodes the encoded words in `text` (RFC 2047): `=?utf-8?B?…?=` and `=?utf-8?Q?…?=`.
pub(super) fn decoded(text: &str) -> String {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("=?") {
        let mut fields = after.splitn(3, '?');
        let (_charset, method, more) = (fields.next(), fields.next(), fields.next());
        let word = more.and_then(|more| more.split_once("?="));
        let (Some(method), Some((word, following))) = (method, word) else { break };
        // Blanks between two encoded words are ignored.
        if !before.trim().is_empty() || out.is_empty() {
            out.extend_from_slice(before.as_bytes());
        }
        if method.eq_ignore_ascii_case("b") {
            out.extend(base64::decode(word.as_bytes()));
        } else {
            out.extend(percent_decode_str(&word.replace('%', "%25").replace('_', " ").replace('=', "%")));
        }
        rest = following;
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_name_encodings_are_decoded() {
        for (header, name) in [
            ("attachment; filename=a.zip", Some("a.zip")),
            ("attachment; filename=\"a b;c.zip\"; size=3", Some("a b;c.zip")),
            (r#"attachment; filename="a\"b.zip""#, Some("a\"b.zip")),
            ("attachment; size=3;\r\n\tFileName=\"a.zip\"", Some("a.zip")),
            ("attachment; filename*=UTF-8''%C3%A4%20b.zip", Some("ä b.zip")),
            ("attachment; filename*1=\"b.zip\"; filename*0=\"a\"", Some("ab.zip")),
            ("attachment; filename*0*=utf-8'en'%C3; filename*1*=%A4.zip", Some("ä.zip")),
            ("attachment; filename=\"=?UTF-8?B?w6QuemlwCg==?=\"", Some("ä.zip\n")),
            ("attachment; filename=\"=?utf-8?q?=C3=A4_b?= =?utf-8?q?.zip?=\"", Some("ä b.zip")),
            ("attachment; filename=\"=?utf-8?q", Some("=?utf-8?q")),
            ("attachment", None),
            ("attachment; filename", None),
            ("attachment; xfilename=3", None),
        ] {
            assert_eq!(parameter(header, "filename").as_deref(), name, "{header}");
        }
    }
}
