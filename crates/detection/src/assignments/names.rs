//! Finds names of secrets, including their path, and normalizes case and separators.

use std::ops::Range;

use super::stems;

/// Maximum number of bytes of a name that are read on either side of its stem.
const MAX_NAME_BYTES: usize = 160;
/// Maximum number of levels of `['a']['b']` before a name that are read as part of it.
const MAX_INDEX_LEVELS: usize = 4;

/// Last words of names of secrets.
const LAST_WORDS: [&str; 28] = [
    "accesskey",
    "apikey",
    "apitoken",
    "authkey",
    "authpass",
    "authtoken",
    "key",
    "keys",
    "pass",
    "passcode",
    "passwd",
    "password",
    "passphrase",
    "passwords",
    "pw",
    "pwd",
    "secret",
    "secretkey",
    "secrets",
    "sippass",
    "sippwd",
    "sippw",
    "token",
    "tokens",
    "userpass",
    "userpw",
    "userpwd",
    "accesstoken",
];
/// Suffixes of a last word that also mark the name of a secret: `sippassword`.
const LAST_WORD_ENDINGS: [&str; 4] = ["password", "passwd", "secret", "passphrase"];
/// Words that may follow the last word of the name: `TELNYX_API_KEY_PROD`.
const SUFFIXES: [&str; 27] = [
    "backup",
    "current",
    "default",
    "dev",
    "development",
    "here",
    "live",
    "literal",
    "main",
    "new",
    "old",
    "plain",
    "plaintext",
    "primary",
    "prod",
    "production",
    "qa",
    "sandbox",
    "secondary",
    "stage",
    "staging",
    "test",
    "testing",
    "uat",
    "v1",
    "v2",
    "value",
];

/// A name that contains a stem of a secret's name. [`Name::words`] decides whether it is the name of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Byte range, including the path: `process.env.X`, `config['telnyx']['secret']`.
    pub(crate) span: Range<usize>,
    /// Offset of the last path component, the identifier itself.
    pub(crate) start: usize,
}

impl Name {
    /// Returns the words of the name in lower case, joined by `_`, without suffixes such as `_PROD`, or `None` if it is
    /// not the name of a secret.
    pub(crate) fn words(&self, text: &[u8]) -> Option<String> {
        let own = normalized(&text[self.start..self.span.end]);
        let words = without_suffixes(&own)?;
        if self.span.start == self.start {
            return Some(words.to_owned());
        }
        Some(format!("{}_{words}", normalized(&text[self.span.start..self.start])))
    }
}

/// Returns the words of `name` in lower case, joined by `_`: `TELNYX_API_TOKEN`, `telnyxApiToken` and
/// `telnyx.api-token` give the same result.
pub(crate) fn normalized(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    for (at, &byte) in name.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        let before = at.checked_sub(1).map(|before| name[before]);
        let next = name.get(at + 1);
        let begins = byte.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || (before.is_ascii_digit() && next.is_some_and(u8::is_ascii_lowercase))
                    || (before.is_ascii_uppercase() && next.is_some_and(u8::is_ascii_lowercase))
            });
        if begins && !out.ends_with('_') {
            out.push('_');
        }
        out.push(char::from(byte.to_ascii_lowercase()));
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

/// Returns `words` without suffixes if the last word marks the name of a secret.
fn without_suffixes(words: &str) -> Option<&str> {
    let mut rest = words;
    loop {
        let last = rest.rsplit('_').next().unwrap_or(rest);
        if LAST_WORDS.contains(&last) || LAST_WORD_ENDINGS.iter().any(|end| last.ends_with(end)) {
            return Some(rest);
        }
        // Trailing digits: `password1` and `Password_1`.
        let without_digits = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        let shorter = if without_digits.len() < rest.len() {
            without_digits
        } else if SUFFIXES.contains(&last) {
            &rest[..rest.len() - last.len()]
        } else {
            return None;
        };
        rest = shorter.trim_end_matches('_');
        if rest.is_empty() {
            return None;
        }
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}

/// Returns every name in `text` that contains a stem, in order. [`Name::words`] decides which ones name a secret.
pub(crate) fn all(text: &[u8]) -> Vec<Name> {
    let mut out = Vec::new();
    let mut done = 0;
    for hit in stems::occurrences(text) {
        if hit.range.start < done {
            continue;
        }
        let hit = hit.range;
        let right = text[hit.end..].iter().take(MAX_NAME_BYTES);
        let end =
            hit.end + right.take_while(|&&b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-').count();
        let end = end - text[hit.start..end].iter().rev().take_while(|&&b| b == b'-').count();
        done = end;
        let left = text[..hit.start].iter().rev().take(MAX_NAME_BYTES);
        let start = hit.start - left.take_while(|&&b| is_part(b)).count();
        let start = start + text[start..end].iter().take_while(|&&b| matches!(b, b'-' | b'.' | b'$')).count();
        out.push(Name { span: path_start(text, start)..end, start });
    }
    out
}

/// Returns the offset of the last stem in `text` other than `key`.
pub(crate) fn last_stem(text: &[u8]) -> Option<usize> {
    stems::occurrences(text).filter(|hit| hit.stem != "key").last().map(|hit| hit.range.start)
}

/// Returns the start of the path of a name that is written as `['…']`: `$config['telnyx']['secret']`.
fn path_start(text: &[u8], start: usize) -> usize {
    let mut at = start;
    for _ in 0..MAX_INDEX_LEVELS {
        let quotes = text[..at].iter().rev().take_while(|&&b| matches!(b, b'"' | b'\'')).count();
        if quotes != 1 || at < 2 || text[at - 2] != b'[' {
            break;
        }
        let mut end = at - 2;
        let closed = text[..end].iter().rev().take_while(|&&b| matches!(b, b']' | b'"' | b'\'')).count();
        end -= closed;
        let part = text[..end].iter().rev().take(64).take_while(|&&b| is_part(b)).count();
        if part == 0 {
            break;
        }
        at = end - part;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalized_ignores_case_and_separators() {
        for name in
            ["TELNYX_API_TOKEN", "telnyxApiToken", "telnyx.api-token", "TelnyxAPIToken", "telnyx: api_token"]
        {
            assert_eq!(normalized(name.as_bytes()), "telnyx_api_token", "{name}");
        }
        assert_eq!(normalized(b"TelnyxRTC"), "telnyx_rtc");
        assert_eq!(normalized(b"SIPPassword"), "sip_password");
    }

    #[test]
    fn secret_names_include_their_path() {
        let words = |text: &str| {
            let text = text.as_bytes();
            all(text).into_iter().filter_map(|one| one.words(text)).collect::<Vec<_>>()
        };
        assert_eq!(words("process.env.TELNYX_SIP_PASSWORD"), ["process_env_telnyx_sip_password"]);
        assert_eq!(words("$config['telnyx']['secret'] = 1"), ["config_telnyx_secret"]);
        assert_eq!(words("--password x"), ["password"]);
        assert_eq!(words("TELNYX_API_KEY_PROD, Password_1_"), ["telnyx_api_key", "password"]);
        assert_eq!(words("keyboard compass passed monkey bypass TOKENIZER"), Vec::<String>::new());
        assert_eq!(words("authPassword sippassword"), ["auth_password", "sippassword"]);
    }
}
