//! TOML for gitleaks 8, and for betterleaks 2, which refuses fields that it does not know.

use super::head;
use super::pattern::{Pattern, Patterns, placeholders};

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
        out.push_str(&if is_gitleaks { allowlists(pattern) } else { filter(pattern) });
    }
    out
}

/// Returns what gitleaks leaves out.
fn allowlists(pattern: &Pattern) -> String {
    let mut out = pattern.entropy.map_or_else(String::new, |entropy| format!("entropy = {entropy:.1}\n"));
    let regexes = pattern.except.iter().cloned().chain([placeholders()]);
    let regexes: Vec<String> = regexes.map(|regex| format!("'''{regex}'''")).collect();
    out.push_str(&format!("[[rules.allowlists]]\nregexes = [{}]\n", regexes.join(", ")));
    if let Some(name) = &pattern.except_name {
        out.push_str(&format!(
            "[[rules.allowlists]]\nregexTarget = \"match\"\nregexes = ['''(?i:{name})''']\n"
        ));
    }
    out
}

/// Returns what betterleaks leaves out, in its expression language.
fn filter(pattern: &Pattern) -> String {
    let entropy = pattern.entropy.map(|entropy| format!("entropy(finding[\"secret\"]) < {entropy:.1}"));
    let any = |field: &str, regex: String| format!("matchesAny(finding[\"{field}\"], [`{regex}`])");
    let secret = pattern.except.iter().cloned().chain([placeholders()]).map(|regex| any("secret", regex));
    let name = pattern.except_name.iter().map(|name| any("match", format!("(?i:{name})")));
    let all: Vec<String> = entropy.into_iter().chain(secret).chain(name).collect();
    format!("filter = '''\n{}\n'''\n", all.join("\n|| "))
}
