//! TOML for gitleaks 8, and for betterleaks 2, which refuses fields that it does not know.

use super::head;
use super::pattern::{PLACEHOLDERS, Patterns};

/// Returns the configuration. `is_gitleaks`: for gitleaks.
pub(super) fn write(patterns: &Patterns, is_gitleaks: bool) -> String {
    let (name, use_with) = match is_gitleaks {
        true => (
            "gitleaks",
            "Use: gitleaks dir . --config FILE. To keep its own rules: add [extend] with useDefault = true.",
        ),
        false => (
            "betterleaks",
            "Use: betterleaks . --config FILE; its own rules are then used only with [extend] and useDefault = true.",
        ),
    };
    let mut out = head(patterns, name, &[use_with]);
    out.push_str("title = \"Telnyx credentials\"\n");
    for pattern in &patterns.all {
        let keywords: Vec<String> = pattern.keywords.iter().map(|word| format!("{word:?}")).collect();
        out.push_str(&format!(
            "\n[[rules]]\nid = {:?}\ndescription = {:?}\nregex = '''{}'''\nkeywords = [{}]\n",
            pattern.id,
            pattern.rule.message,
            pattern.regex(),
            keywords.join(", ")
        ));
        if let Some(entropy) = pattern.entropy {
            out.push_str(&format!("entropy = {entropy:.1}\n"));
        }
        let except = pattern.except.iter().map(String::as_str);
        let regexes: Vec<String> =
            except.chain([PLACEHOLDERS]).map(|regex| format!("'''{regex}'''")).collect();
        out.push_str(&format!("[[rules.allowlists]]\nregexes = [{}]\n", regexes.join(", ")));
    }
    out
}
