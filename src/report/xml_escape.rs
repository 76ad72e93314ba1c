//! Escapes text for HTML and XML.

use super::sanitize::visible;

/// Escapes text for HTML and XML, including attribute values, and makes control and bidirectional characters visible.
/// Characters that XML 1.0 does not allow are written as escapes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // The only non-control characters that XML excludes.
            '\u{fffe}' => out.push_str("\\u{fffe}"),
            '\u{ffff}' => out.push_str("\\u{ffff}"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let hostile = "<script>alert('1')</script>\" onload=x &lt;\u{202e}\n\u{ffff}";
        let made = escaped(hostile);
        assert!(!made.contains(['<', '>', '"', '\'', '\n', '\u{202e}', '\u{ffff}']), "{made}");
        assert!(made.contains("&amp;lt;\\u{202e}\\n"), "{made}");
    }
}
