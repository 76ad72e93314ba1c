//! Decides whether a literal is a secret rather than a reference, template, mask, type or placeholder word.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::values::Quote;
use super::{Text, names, words};

/// Minimum number of characters that remain of a secret once placeholder words are removed.
const MIN_REST_CHARS: usize = 5;
/// Maximum length of a token, in bytes. Longer values are text.
const MAX_TOKEN_BYTES: usize = 512;
/// Minimum length of a value that is masked on a displayed line, in bytes.
const MIN_MASKED_BYTES: usize = 5;

/// How strictly a literal is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Eight bytes or more: for passwords whose host is known.
    Any,
    /// Eight bytes or more with a letter and a digit: for passwords whose name is known.
    Weak,
    /// Twelve bytes or more with a letter and a digit, and not made of words: for tokens.
    Opaque,
}

/// Reason why a literal is not a secret.
pub(crate) type NotSecret = &'static str;

/// Whole values, in lower case, that are never secrets.
const NON_SECRETS: [&str; 26] = [
    "any",
    "bool",
    "boolean",
    "bytes",
    "charfield",
    "false",
    "hidden",
    "int",
    "integer",
    "none",
    "null",
    "number",
    "object",
    "optional",
    "password",
    "required",
    "str",
    "string",
    "text",
    "true",
    "undefined",
    "unknown",
    "varchar",
    "void",
    "[redacted]",
    "nullable",
];
/// Prefixes of references to secret managers, templates and files, in lower case.
const REFERENCE_PREFIXES: [&str; 31] = [
    "!",
    "$(",
    "${",
    "#{",
    "{{",
    "{%",
    "<%",
    "%{",
    "@{",
    "[[",
    "vault:",
    "vault/",
    "op://",
    "arn:",
    "projects/",
    "ssm:",
    "secretsmanager:",
    "sm://",
    "ref+",
    "kms:",
    "file:",
    "env:",
    "env.",
    "enc:",
    "enc[",
    "enc(",
    "awssm:",
    "doppler:",
    "keyvault:",
    "@microsoft.keyvault",
    "secret:",
];
/// Prefixes of password hashes, which do not reveal the password.
const HASH_PREFIXES: [&str; 11] =
    ["$2a$", "$2b$", "$2y$", "$argon2", "$1$", "$5$", "$6$", "$y$", "{ssha}", "pbkdf2", "scrypt:"];
/// First components of lookups: `secrets.X`, `process.env.X`.
const LOOKUP_ROOTS: [&str; 22] = [
    "config", "context", "ctx", "data", "env", "inputs", "local", "module", "options", "os", "params",
    "process", "props", "secrets", "self", "settings", "state", "steps", "this", "values", "var", "vars",
];

macro_rules! pattern {
    ($name:ident, $text:literal) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());
    };
}

pattern!(UUID, r"(?i)^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$");
pattern!(
    VARIABLE,
    r"^\$\$?[A-Za-z_][0-9A-Za-z_]*$|^%[A-Za-z_][0-9A-Za-z_]*%$|^@[A-Za-z_]+@$|^__[A-Za-z_]+__$|^:[a-z_]+$"
);
pattern!(
    PLAIN_VARIABLE,
    r"^\$\$?(?:[A-Za-z_]+|[A-Z0-9_]+)[0-9]{0,2}$|^%[A-Za-z_]+%$|^@[A-Za-z_]+@$|^__[A-Za-z_]+__$"
);
pattern!(PATH, r"^[A-Za-z_][0-9A-Za-z_]*(?:(?:\.|->|::)[A-Za-z_][0-9A-Za-z_]*)+(?:[(\[].*)?$");
pattern!(VERSION, r"^[A-Za-z][0-9A-Za-z_./-]*:(?:latest|[0-9]{1,5}|AWS[A-Z]+|[A-Za-z_]+)$");
pattern!(MASK, r"[*•●]{2,}|[xX]{4,}|\.{3}|…|#{4,}|_{4,}|-{5,}|\?{3,}|0{8,}");
pattern!(TEMPLATE, r"\{\}|\$\{|\{\{|#\{|<%|%\([a-z_]+\)s|^%[sdv]$|\$\(");
pattern!(REGEX, r"\\[dwsSWDb]|\(\?|\{[0-9]+,?[0-9]*\}|\[[^\]]*[0-9a-zA-Z]-[0-9a-zA-Z][^\]]*\]|\.\*");
pattern!(URL, r"^(?:[a-z][a-z0-9+.-]*://|mailto:|data:|sips?:|/|\./|\.\./|~/)");
pattern!(WORDS, r"^(?:[A-Za-z]+|v?[0-9]{1,4})(?:[ _.:/-]+(?:[A-Za-z]+|v?[0-9]{1,4}))+:?$");
pattern!(
    ADDRESS,
    r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$|^\+?[0-9() -]+$|^[0-9.]+$|^[0-9a-z-]+(?:\.[0-9a-z-]+)+\.(?:com|net|org|io|eu|au|ca)$"
);

fn is(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Checks whether `value`, delimited by `quote`, is a secret of the given strength.
///
/// # Errors
/// Returns the reason why it is not a secret.
pub(crate) fn judge(value: &str, quote: Quote, strength: Strength) -> Result<(), NotSecret> {
    let value = value.trim();
    let least = if strength == Strength::Opaque { 12 } else { 8 };
    if value.len() < least {
        return Err("it is too short");
    }
    reference(value, quote)?;
    if value.contains(char::is_whitespace) {
        return Err("it is a sentence");
    }
    if is(&REGEX, value) {
        return Err("it is a pattern");
    }
    if is(&MASK, value) {
        return Err("it is masked");
    }
    if is(&UUID, value) || is(&ADDRESS, value) {
        return Err("it is an identifier or an address");
    }
    if HASH_PREFIXES.iter().any(|hash| value.to_ascii_lowercase().starts_with(hash)) {
        return Err("it is a hash");
    }
    documentation(value)?;
    match strength {
        Strength::Any => Ok(()),
        Strength::Weak => mixed(value),
        Strength::Opaque if is(&WORDS, value) => Err("it is made of words"),
        Strength::Opaque if value.len() > MAX_TOKEN_BYTES || value.contains(['(', ')', '"', '<', ',']) => {
            Err("it is a text")
        }
        Strength::Opaque => mixed(value),
    }
}

fn mixed(value: &str) -> Result<(), NotSecret> {
    let has = |kind: fn(&char) -> bool| value.chars().any(|c| kind(&c));
    if has(char::is_ascii_digit) && has(char::is_ascii_alphabetic) {
        Ok(())
    } else {
        Err("it has no letter or no digit")
    }
}

/// Rejects references to a value that is stored elsewhere. A `$` marks one only where the language expands it.
fn reference(value: &str, quote: Quote) -> Result<(), NotSecret> {
    let lower = value.to_ascii_lowercase();
    let enclosed = [('<', '>'), ('[', ']'), ('{', '}'), ('(', ')'), ('`', '`')];
    let encloses = |&(open, close): &(char, char)| value.starts_with(open) && value.ends_with(close);
    if enclosed.iter().any(encloses) || lower.starts_with("&lt;") || is(&TEMPLATE, value) {
        return Err("it is a template");
    }
    if REFERENCE_PREFIXES.iter().any(|start| lower.starts_with(start))
        && !(value.starts_with('!') && quote != Quote::Bare)
    {
        return Err("it is a reference");
    }
    let variable = if matches!(quote, Quote::Bare | Quote::Back) { &VARIABLE } else { &PLAIN_VARIABLE };
    let first = lower.split(['.', '-', ':']).next().unwrap_or_default();
    let path = is(&PATH, value) && (quote == Quote::Bare || LOOKUP_ROOTS.contains(&first));
    let version = is(&VERSION, value);
    if is(variable, value) || path || version || is(&URL, value) {
        return Err("it is a reference");
    }
    Ok(())
}

fn documentation(value: &str) -> Result<(), NotSecret> {
    let lower = value.to_ascii_lowercase();
    let rest = words::rest(&lower);
    let digits = rest.bytes().all(|b| b.is_ascii_digit());
    let counts = super::literal::counts(&rest);
    let few = rest.len() < MIN_REST_CHARS && !(digits && rest.len() == 4 && !counts) || counts;
    if NON_SECRETS.contains(&lower.as_str()) || few {
        return Err("it is a placeholder");
    }
    let mut seen = [false; 256];
    lower.bytes().for_each(|b| seen[usize::from(b)] = true);
    if seen.iter().filter(|&&one| one).count() < 4 {
        return Err("it repeats itself");
    }
    Ok(())
}

/// Returns whether each character is the successor of the one before it (after `9` follows `0`). Empty text counts up,
/// too.
fn counts(text: &str) -> bool {
    text.as_bytes()
        .windows(2)
        .all(|two| two[1] == two[0].wrapping_add(1) || (two[0] == b'9' && two[1] == b'0'))
}

/// Returns the byte ranges of all values in `text` that have the name of a secret and are not references, whether or
/// not a rule matches them. Reports mask these ranges on the lines they display.
pub(crate) fn masked_values(text: &[u8]) -> Vec<Range<usize>> {
    let read = Text::new(text);
    let mut out: Vec<Range<usize>> = Vec::new();
    for one in read.assignments() {
        let value = String::from_utf8_lossy(&text[one.value.clone()]);
        let named = names::normalized(value.as_bytes()) == one.words;
        let is_value = value.len() >= MIN_MASKED_BYTES && !value.contains(char::is_whitespace) && !named;
        if is_value
            && reference(&value, one.quote).is_ok()
            && !NON_SECRETS.contains(&value.to_ascii_lowercase().as_str())
        {
            out.push(one.value.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_references_are_rejected() {
        for value in [
            "your-sip-password",
            "replace-with-your-password",
            "<password>",
            "&lt;your_password&gt;",
            "not-used",
            "freespass",
            "my_secret_password",
            "test_pass",
            "changeme",
            "changeme123",
            "secretpw",
            "${VAR_OF_IT}",
            "$TELNYX_PASS",
            "{{ telnyx_password }}",
            "!Ref TelnyxKey",
            "$(pass show telnyx)",
            "secrets.TELNYX_PASSWORD",
            "telnyx-sip-password:latest",
            "TELNYX_SIP_PASSWORD:3",
            "vault:secret/data/telnyx#password",
            "op://vault/telnyx/password",
            "arn:aws:secretsmanager:us-east-1:1:secret:x",
            "TELNYX_SIP_PASSWORD",
            "props.password",
            "********",
            "abcd...wxyz",
            "[REDACTED]",
            "null",
            "string",
            "Enter your SIP password",
            "process.env.TELNYX_PASSWORD",
            "xxxxxxxxxxxx",
            "12345678",
            "password123",
            "Password1234",
            "%TELNYX_PASSWORD%",
            "%(password)s",
            "telnyx_access_token",
            "ENC[AES256_GCM,data:abc]",
            "https://portal.telnyx.com/x",
            "6f1c0a52-9b7d-4c1e-8f2a-0d3b5e7c9a11",
        ] {
            assert!(judge(value, Quote::Bare, Strength::Any).is_err(), "{value}");
        }
    }

    #[test]
    fn secrets_of_every_strength_are_accepted() {
        for value in [
            "q7Rt2mXw9Lk4VbN8",
            "-XKghqR.TWYQ",
            "kqwzmvhtr482",
            "aB3dE6f$Gh7kL2",
            "Xy9kLm2#pQ4rT",
            "tromboneking",
        ] {
            assert_eq!(judge(value, Quote::Double, Strength::Any), Ok(()), "{value}");
        }
        for value in ["kqwzmvhtr482", "aB3dE6f$Gh7kL2", "aB3dE6f%Gh7kL2", "telnyx7392", "w8kq2zpv"] {
            assert_eq!(judge(value, Quote::Bare, Strength::Weak), Ok(()), "{value}");
        }
        assert!(judge("tromboneking", Quote::Bare, Strength::Weak).is_err());
        for value in ["q7Rt2mXw9Lk4VbN8", "7d1e9a3c5b2f8e6d", "q7-Rt2_mXw9Lk4"] {
            assert_eq!(judge(value, Quote::Bare, Strength::Opaque), Ok(()), "{value}");
        }
        for value in ["telnyx:numbers:v2", "acct_main_2024_west", "q7Rt2mXw9"] {
            assert!(judge(value, Quote::Bare, Strength::Opaque).is_err(), "{value}");
        }
    }

    #[test]
    fn dollar_is_reference_only_where_expanded() {
        assert!(judge("$aB3dE6fGh7kL2", Quote::Bare, Strength::Weak).is_err());
        assert_eq!(judge("$aB3dE6fGh7kL2", Quote::Single, Strength::Weak), Ok(()));
        assert!(judge("$telnyx_password", Quote::Double, Strength::Weak).is_err());
    }

    #[test]
    fn masked_values_cover_every_secret_name() {
        let text = b"A_PASSWORD=hunter2hunter B=c db_token: \"abc123def\" C_SECRET=$VAR";
        let all: Vec<_> = masked_values(text).into_iter().map(|span| &text[span]).collect();
        assert_eq!(all, [&b"hunter2hunter"[..], b"abc123def"]);
    }
}
