//! Custom patterns of GitHub secret scanning: what its form asks for, as YAML. GitHub reads no file.

use super::pattern::{Patterns, placeholders};
use super::{head, quoted};

/// Returns the patterns, one for each way to find a secret.
pub(super) fn write(patterns: &Patterns) -> String {
    let more = [
        "GitHub reads no file: enter each pattern under Settings, Advanced Security, Custom patterns. Its name, secret format, before and after are the fields of the form.",
        "GitHub has its own pattern for plain API v2 keys (telnyx_api_v2_key), which covers telnyx-api-key.",
        "A context cannot be expressed at all: patterns with one find the same shape of other providers, too.",
        "This export was not tried: GitHub runs nowhere but there.",
    ];
    let mut out = head(patterns, "GitHub secret scanning", &more);
    out.push_str("patterns:\n");
    for pattern in &patterns.all {
        let many = pattern.ways.len() > 1;
        for (number, way) in pattern.ways.iter().enumerate() {
            let name = if many { format!("{} {}", pattern.id, number + 1) } else { pattern.id.clone() };
            let or = |text: &str, default: &str| {
                if text.is_empty() { default.to_owned() } else { text.to_owned() }
            };
            out.push_str(&format!(
                "  - name: {}\n    secret_format: {}\n    before_secret: {}\n    after_secret: {}\n    must_not_match: {}\n",
                quoted(&name),
                quoted(&way.secret),
                quoted(&or(&way.before, r"\A|[^0-9A-Za-z]")),
                quoted(&or(&way.after, r"\z|[^0-9A-Za-z]")),
                quoted(&placeholders()),
            ));
            if let Some(context) = &pattern.context {
                out.push_str(&format!("    # not expressed: near {}\n", context.replace('\n', " ")));
            }
        }
    }
    out
}
