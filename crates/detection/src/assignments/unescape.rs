//! Decodes string escapes and HTML entities in values.

use crate::finding::Encoding;

use super::values::Quote;

/// Named entities with their characters.
const ENTITIES: [(&str, &str); 5] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];

/// Decodes the escapes that apply for this delimiter and returns the result with the encodings that were found.
pub(crate) fn unescaped(text: &str, quote: Quote) -> (String, Vec<Encoding>) {
    if text.contains('&') && text.contains(';') {
        let plain = ENTITIES.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        if plain != text {
            return (plain, vec![Encoding::HtmlEntity]);
        }
    }
    if !matches!(quote, Quote::Single | Quote::Double) || !text.contains('\\') {
        return (text.to_owned(), Vec::new());
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let next = letters.as_str().chars().next();
        if letter == '\\'
            && let Some(next) = next.filter(|next| !next.is_ascii_alphanumeric())
        {
            letters.next();
            plain.push(next);
        } else {
            plain.push(letter);
        }
    }
    let encoding = if plain == text { Vec::new() } else { vec![Encoding::StringEscape] };
    (plain, encoding)
}
