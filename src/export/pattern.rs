//! Rules as plain regular expressions, in the syntax that RE2, PCRE, Hyperscan and Rust share.

use crate::rules::{Assignment, Check, Rule, Strength};

/// Maximum distance in characters between a context and a match.
const NEAR: &str = r"[\s\S]{0,300}?";
/// A plain API key, as other rules contain it.
const KEY: &str = "KEY[0-9A-F]{32}_";
/// Maximum length of a pattern of names that is exported; a longer one is replaced with [`PASSWORD_NAME`].
const MAX_NAME: usize = 400;
/// Names of passwords near a host.
const PASSWORD_NAME: &str =
    r"(?:auth[_.-]?pass|(?:[0-9a-z]{1,20}[_.-]?){0,2}password|passwd|pass|pwd|secret)";
/// Values without a pattern of their own, in quotes and without.
const QUOTED_VALUE: &str = r#"[^\s"'<>{}$()\\]{8,128}"#;
const PLAIN_VALUE: &str = "[0-9A-Za-z_+/=!@%^&*~.-]{8,128}";

/// Parts of values that are no secrets, in any case: placeholders, published examples.
pub(super) const PLACEHOLDER_PARTS: &str = r"example|placeholder|change[_-]?me|your[_-]|_here|replace|dummy|redacted|x{5}|\*{3}|0{12}|0123456789abcdef|12345678|my[_-]?(?:secret|password|token)|not[_-]?used|KEY01236170692E|(?:process|os|env|config|settings|secrets?|vault|self|this|import|props|options|op|arn)[.:]";
/// Whole values that are no secrets: words and names.
pub(super) const PLACEHOLDER_WORDS: &str = r"(?i:test|password|secret|pass|user)[a-z_-]*|[a-z]+(?:[_:.-][a-z0-9]+)*|[a-z]+(?:[A-Z][a-z]+)+|[A-Z]+(?:_[A-Z]+)+";

/// Returns a pattern of values that are no secrets.
pub(super) fn placeholders() -> String {
    format!("(?i:{PLACEHOLDER_PARTS})|^(?:{PLACEHOLDER_WORDS})$")
}

/// One regular expression that finds a secret.
#[derive(Clone)]
pub(super) struct Pattern {
    pub(super) id: String,
    pub(super) rule: Rule,
    /// The ways to find it, each with the secret between two texts.
    pub(super) ways: Vec<Way>,
    /// A text that has to be near, before or after.
    pub(super) context: Option<String>,
    /// Texts one of which occurs, in lower case.
    pub(super) keywords: Vec<String>,
    /// Minimum entropy of the secret in bits per character, for values that only their name makes a secret.
    pub(super) entropy: Option<f32>,
    /// Values that are not meant.
    pub(super) except: Option<String>,
    /// Names that are not meant, in any case.
    pub(super) except_name: Option<String>,
}

/// A regular expression in three parts; only `secret` is the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) before: String,
    pub(super) secret: String,
    pub(super) after: String,
}

impl Pattern {
    /// Returns the whole expression; the secret is the group that takes part.
    pub(super) fn regex(&self) -> String {
        let way = |way: &Way| format!("{}({}){}", way.before, way.secret, way.after);
        let all = self.ways.iter().map(way).collect::<Vec<_>>().join("|");
        match &self.context {
            None => all,
            Some(context) => format!("(?:{context}){NEAR}(?:{all})|(?:{all}){NEAR}(?:{context})"),
        }
    }
}

/// All rules as patterns.
pub(super) struct Patterns {
    pub(super) all: Vec<Pattern>,
    /// Rules that are not exported, and why.
    pub(super) left_out: Vec<(String, String)>,
}

impl Patterns {
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut out = Self { all: Vec::new(), left_out: Vec::new() };
        for rule in rules {
            if let Err(why) = out.add(rule) {
                out.left_out.push((rule.id.clone(), why));
            }
        }
        out
    }

    fn add(&mut self, rule: &Rule) -> Result<(), String> {
        if rule.public {
            return Err("reports no secret".to_owned());
        }
        if rule.regex.contains(KEY) && !rule.regex.starts_with(&format!("({KEY}")) {
            return Err("found as telnyx-api-key, without its own severity and advice".to_owned());
        }
        let known = self.all.iter().find(|one| one.rule.regex == rule.regex && !rule.regex.is_empty());
        if let Some(known) = known {
            let same_context = known.rule.context == rule.context || rule.regex.contains(KEY);
            if same_context {
                return Err(format!("found as {}: nothing but a check tells them apart", known.rule.id));
            }
        }
        if rule.regex.contains("[0-9A-Za-z_-]{55}") {
            return Err("would match every plain key a second time".to_owned());
        }
        let first = self.all.len();
        if !rule.regex.is_empty() {
            let pattern =
                of_regex(rule).ok_or("its pattern cannot be split into the secret and the text around it")?;
            self.all.push(pattern);
        }
        for assignment in &rule.assignments {
            self.all.push(of_assignment(rule, assignment));
        }
        for (number, pattern) in self.all[first..].iter_mut().enumerate().skip(1) {
            pattern.id = format!("{}-{}", rule.id, number + 1);
        }
        Ok(())
    }
}

/// Returns the pattern of the expression of a rule.
fn of_regex(rule: &Rule) -> Option<Pattern> {
    let mut ways = split(&portable(&rule.regex))?;
    // The expression has the word itself.
    let is_inside = |context: &&str| rule.regex.contains("telnyx") && context.contains("telnyx");
    let mut context = rule.context.as_deref().filter(|context| !is_inside(context)).map(portable);
    if rule.claim.is_some() {
        // The text that the context finds is in the payload of the token.
        let inside = context.take()?;
        let secret = format!(r"eyJ[0-9A-Za-z_-]+\.eyJ[0-9A-Za-z_-]*{inside}[0-9A-Za-z_-]*\.[0-9A-Za-z_-]+");
        ways = vec![Way { before: String::new(), secret, after: String::new() }];
    }
    if rule.checks.contains(&Check::Boundary) {
        for way in ways.iter_mut().filter(|way| way.before.is_empty() && way.after.is_empty()) {
            way.before = "(?:^|[^0-9A-Za-z_/+-])".to_owned();
            way.after = "(?:[^0-9A-Za-z_/+=-]|$)".to_owned();
        }
    }
    Some(Pattern {
        id: rule.id.clone(),
        ways,
        context,
        keywords: keywords(&rule.anchors),
        entropy: rule.checks.contains(&Check::Literal).then_some(2.5),
        except: None,
        except_name: None,
        rule: rule.clone(),
    })
}

/// Returns the pattern of a name with a value.
fn of_assignment(rule: &Rule, assignment: &Assignment) -> Pattern {
    let scope = assignment.scope.as_ref().or(assignment.near.as_ref());
    // A name that is the scope itself.
    let is_own = |scope: &&String| {
        let matches =
            |pattern: &str, text: &str| pattern_of(pattern).is_some_and(|one| one.is_match(text.as_bytes()));
        let mut anchors = rule.names_anchors().iter();
        anchors.any(|anchor| matches(&assignment.name, anchor) && matches(scope, anchor))
    };
    let own = scope.filter(is_own);
    let context = scope.filter(|_| own.is_none()).map(|text| portable(text));
    let name = match own {
        Some(scope) => portable(scope),
        None if assignment.name.len() > MAX_NAME => PASSWORD_NAME.to_owned(),
        None => name(&assignment.name),
    };
    let value = assignment.value.as_deref().map(|value| format!("(?:{})", portable(value)));
    let before = format!(r"(?i:(?:\b|_){name})");
    let quoted = Way {
        before: format!(r#"{before}["'\]]{{0,2}}(?:\s{{0,3}}(?::=|=>|[:=,])\s{{0,3}}|\s{{1,3}}value=)["']"#),
        secret: value.clone().unwrap_or_else(|| QUOTED_VALUE.to_owned()),
        after: "[\"']".to_owned(),
    };
    let plain = Way {
        before: format!(r"{before}[ \t]{{0,3}}[:=]>?[ \t]{{0,3}}"),
        secret: value.unwrap_or_else(|| PLAIN_VALUE.to_owned()),
        after: r"(?:[ \t\r]*\n|[ \t\r]*$)".to_owned(),
    };
    Pattern {
        id: rule.id.clone(),
        ways: vec![quoted, plain],
        context,
        keywords: keywords(rule.names_anchors()),
        entropy: Some(if assignment.strength == Strength::Opaque { 3.0 } else { 2.5 }),
        except: assignment.except_value.as_deref().map(portable),
        except_name: assignment
            .except
            .as_deref()
            .map(|except| portable(&except.replace("(?:^|_)", "").replace("(?:_|$)", ""))),
        rule: rule.clone(),
    }
}

fn pattern_of(text: &str) -> Option<regex::bytes::Regex> {
    crate::rules::pattern(text).ok()
}

fn keywords(anchors: &[String]) -> Vec<String> {
    let mut all: Vec<String> = anchors.iter().map(|anchor| anchor.to_lowercase()).collect();
    all.sort();
    all.dedup();
    all
}

/// Returns an expression without the flags that only Rust has.
fn portable(regex: &str) -> String {
    regex.replace("(?i-u:", "(?i:").replace("(?-u)", "").replace("(?-u:", "(?:")
}

/// Returns the pattern of a name for names as they are written: in any case, with `_`, `-`, `.` or nothing between words.
fn name(pattern: &str) -> String {
    let core = pattern.trim_end_matches('$').trim_start_matches('^');
    let core = core.strip_prefix("(?:^|_)").unwrap_or(core);
    let core = core.replace("_?", "_").replace('_', "[_.-]?");
    core.replace(")*", "){0,4}")
}

/// Splits an expression into its alternatives, each into the first group and what is around it.
fn split(regex: &str) -> Option<Vec<Way>> {
    let (mut ways, mut start, mut depth) = (Vec::new(), 0, 0);
    let (mut in_class, mut is_escaped, mut group) = (false, false, None);
    let bytes = regex.as_bytes();
    let mut end_of_way = |start: usize, end: usize, group: Option<(usize, usize)>| {
        let (open, close) = group?;
        ways.push(Way {
            before: regex[start..open].to_owned(),
            secret: regex[open + 1..close].to_owned(),
            after: regex[close + 1..end].to_owned(),
        });
        Some(())
    };
    let mut open = None;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b']' if in_class => in_class = false,
            _ if in_class => {}
            b'[' => in_class = true,
            b'(' => {
                if depth == 0 && group.is_none() && bytes.get(at + 1) != Some(&b'?') {
                    open = Some(at);
                }
                depth += 1;
            }
            b')' => {
                depth -= 1;
                if let Some(start) = open.filter(|_| depth == 0) {
                    group = Some((start, at));
                    open = None;
                }
            }
            b'|' if depth == 0 => {
                end_of_way(start, at, group.take())?;
                start = at + 1;
            }
            _ => {}
        }
    }
    end_of_way(start, regex.len(), group)?;
    Some(ways)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_and_their_secrets() {
        let ways = split(r#"a["(|]\((b|c)d|(e)"#).unwrap();
        let parts: Vec<_> = ways.iter().map(|way| [way.before.as_str(), &way.secret, &way.after]).collect();
        assert_eq!(parts, [[r#"a["(|]\("#, "b|c", "d"], ["", "e", ""]]);
        assert_eq!(split("a(?:b)|(c)"), None);
    }

    #[test]
    fn names_match_as_they_are_written() {
        let regex =
            regex::Regex::new(&format!("(?i)^{}$", name("(?:^|_)telnyx(?:_[0-9a-z]+)*_client_secret$")))
                .unwrap();
        for text in ["TELNYX_CLIENT_SECRET", "telnyxClientSecret", "telnyx-oauth-client-secret"] {
            assert!(regex.is_match(text), "{text}");
        }
    }

    #[test]
    fn patterns_of_built_in_rules_compile_and_find_an_example() {
        let patterns = Patterns::of(&crate::rules::builtin().unwrap().rules);
        for pattern in &patterns.all {
            let regex = crate::rules::pattern(&pattern.regex()).unwrap();
            let examples: Vec<String> =
                pattern.rule.examples.iter().map(|text| text.replace("{}", "")).collect();
            let of_rule = patterns.all.iter().filter(|one| one.rule.id == pattern.rule.id);
            let finds = |one: &Pattern, text: &String| {
                crate::rules::pattern(&one.regex()).unwrap().is_match(text.as_bytes())
            };
            let any = of_rule.clone().any(|one| examples.iter().any(|text| finds(one, text)));
            assert!(any, "{}: {} finds none of its examples", pattern.id, regex.as_str());
        }
    }
}
