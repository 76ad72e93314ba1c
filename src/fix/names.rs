//! Chooses the environment variables from which credentials are read.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::Language;
use crate::finding::Secret;

/// State of a run: the variable of each secret, and Terraform declarations.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Hashes of secrets by variable.
    secrets: HashMap<String, String>,
    /// Variables by hash of the secret.
    names: HashMap<String, String>,
    /// Names given by the user, in reverse order.
    wanted: Vec<String>,
    /// Whether the file contains several secrets, whose names must differ.
    several: bool,
    declared: HashSet<String>,
}

impl Known {
    /// Uses the variables `names` for the secrets in order of occurrence. For an empty name, and after the last one, a
    /// name is chosen automatically.
    pub fn with_names(names: &[String]) -> Self {
        Self { wanted: names.iter().rev().cloned().collect(), ..Self::default() }
    }

    /// Records whether the next file contains several secrets.
    pub(super) fn expect_several(&mut self, several: bool) {
        self.several = several;
    }

    /// Returns the variable for `secret`, found by the rule `rule`. `assigned` is the target of its assignment.
    pub(super) fn name(&mut self, secret: &Secret, rule: &str, assigned: Option<&Assignment>) -> String {
        let hash = secret.sha256();
        if let Some(name) = self.names.get(&hash) {
            return name.clone();
        }
        let name = self.new_name(&hash, rule, assigned);
        self.secrets.insert(name.clone(), hash.clone());
        self.names.insert(hash, name.clone());
        name
    }

    fn new_name(&mut self, hash: &str, rule: &str, assigned: Option<&Assignment>) -> String {
        if let Some(name) = self.wanted.pop().filter(|name| !name.is_empty()) {
            return name;
        }
        let usual = usual(rule);
        let explicit = assigned.filter(|name| name.is_capital || self.several);
        let own = explicit.or(assigned).map(|name| name.variable(&usual));
        let first = explicit.and(own.clone());
        let numbered = |number: usize| format!("{}_{number}", first.as_deref().unwrap_or(&usual));
        let all = [first.clone(), Some(usual.clone()), own].into_iter().flatten();
        let is_free = |name: &String| self.secrets.get(name).is_none_or(|of| of == hash);
        all.chain((2..).map(numbered)).find(is_free).unwrap_or(usual.clone())
    }

    /// Records the variables that a Terraform file in `folder` declares.
    pub fn declare_in(&mut self, folder: &str, content: &str) {
        for found in VARIABLE.iter().flat_map(|regex| regex.captures_iter(content)) {
            self.declared.insert(format!("{folder}/{}", &found[1]));
        }
    }

    /// Declares `name` in `folder`. Returns whether it was not declared before.
    pub(super) fn declares(&mut self, folder: &str, name: &str) -> bool {
        self.declared.insert(format!("{folder}/{name}"))
    }
}

static VARIABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^\s*variable\s+"?([\w-]+)"?\s*\{"#).ok());

/// The target of an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    name: String,
    /// Whether it is written like an environment variable: in capitals with an underscore.
    is_capital: bool,
    /// Whether it is an environment variable.
    is_variable: bool,
}

static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:^|[^\w-])\$?([A-Za-z_][\w-]*)["']?\]?\s*(?::\s*[\w<>?.&' ]+)?(?:=>|:=|=|:|,)\s*(?:new\s+)?(?:[frbuFRBU$@]{0,2}["'`]{1,3})?$"#,
    )
    .ok()
});

/// Generic identifiers, which do not distinguish keys.
const USUAL: [&str; 22] = [
    "KEY",
    "API_KEY",
    "APIKEY",
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASS",
    "VALUE",
    "AUTHORIZATION",
    "AUTH",
    "BEARER",
    "HEADERS",
    "HEADER",
    "DATA",
    "URL",
    "CONFIG",
    "DEFAULT",
    "NAME",
    "CREDENTIAL",
    "X_API_KEY",
    "ENV",
    "CREDENTIALS",
];

impl Assignment {
    /// Parses the target of the value that starts at the end of `before`, which is part of a line.
    pub(super) fn of(language: Language, before: &str) -> Option<Self> {
        let found = ASSIGNED.as_ref()?.captures(before)?;
        let name = snake(&found[1]);
        let is_capital =
            found[1] == name && name.contains('_') && !name.starts_with('_') && !name.ends_with('_');
        let is_variable = is_capital && language.assigns_environment();
        let is_option = name.starts_with("CURLOPT_");
        let is_known = USUAL.contains(&name.trim_start_matches("TELNYX_"));
        let keep = !is_public(&name) && !is_option && (is_capital || !is_known && name.len() > 2);
        keep.then_some(Self { name, is_capital, is_variable })
    }

    /// Returns the target for a value of which the secret is only a part: its name is used only to distinguish several
    /// secrets.
    pub(super) fn of_part(self) -> Self {
        Self { is_capital: false, ..self }
    }

    /// Returns the environment variable; `usual` is the default of the rule.
    fn variable(&self, usual: &str) -> String {
        let mut name = self.name.clone();
        if self.is_variable {
            return name;
        }
        const KINDS: [&str; 6] = ["KEY", "TOKEN", "SECRET", "PASS", "AUTH", "CRED"];
        if !KINDS.iter().any(|kind| name.contains(kind)) {
            name = format!("{name}_{}", usual.trim_start_matches("TELNYX_"));
        }
        if name.contains("TELNYX") { name } else { format!("TELNYX_{name}") }
    }
}

/// Converts `messagingKey` and `messaging-key` to `MESSAGING_KEY`.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for c in name.trim_matches('_').chars() {
        if c.is_ascii_uppercase() && was_small {
            out.push('_');
        }
        was_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c == '-' { '_' } else { c.to_ascii_uppercase() });
    }
    out
}

/// Returns the usual environment variable for secrets of the rule.
pub(super) fn usual(rule: &str) -> String {
    match rule {
        "telnyx-api-key"
        | "telnyx-api-key-loose"
        | "telnyx-s3-access-key"
        | "telnyx-smtp-password"
        | "telnyx-signed-url"
        | "telnyx-mcp-link"
        | "telnyx-livekit-token" => "TELNYX_API_KEY".to_owned(),
        "telnyx-sip-credential" => "TELNYX_SIP_PASSWORD".to_owned(),
        "telnyx-oauth-client-secret" => "TELNYX_CLIENT_SECRET".to_owned(),
        "telnyx-named-secret" => "TELNYX_SECRET".to_owned(),
        other => other.to_ascii_uppercase().replace('-', "_"),
    }
}

/// Returns whether a bundler would expose a variable of this name to the browser.
fn is_public(name: &str) -> bool {
    name.contains("PUBLIC")
        || ["VITE_", "REACT_APP_", "VUE_APP_", "NG_APP_"].iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(lines: &[(&str, &str)]) -> Vec<String> {
        let mut known = Known::default();
        let mut distinct: Vec<&str> = lines.iter().map(|(_, secret)| *secret).collect();
        distinct.dedup();
        known.expect_several(distinct.len() > 1);
        let name = |&(before, secret): &(&str, &str)| {
            let assigned = Assignment::of(Language::JavaScript, before);
            known.name(&Secret::new(secret.to_owned()), "telnyx-api-key", assigned.as_ref())
        };
        lines.iter().map(name).collect()
    }

    #[test]
    fn single_secret_has_usual_name() {
        assert_eq!(names(&[("const apiKey = ", "a")]), ["TELNYX_API_KEY"]);
        assert_eq!(names(&[("const messagingKey = ", "a")]), ["TELNYX_API_KEY"]);
        assert_eq!(names(&[("const MY_TELNYX_KEY = ", "a")]), ["MY_TELNYX_KEY"]);
        assert_eq!(names(&[("const VOICE_KEY = ", "a")]), ["TELNYX_VOICE_KEY"]);
    }

    #[test]
    fn every_rule_has_a_variable() {
        let kinds = [
            ("telnyx-sip-password", "TELNYX_SIP_PASSWORD"),
            ("telnyx-oauth-client-secret", "TELNYX_CLIENT_SECRET"),
            ("telnyx-ip-auth-token", "TELNYX_IP_AUTH_TOKEN"),
            ("telnyx-v1-key-secret", "TELNYX_V1_KEY_SECRET"),
            ("telnyx-agent-gateway-key", "TELNYX_AGENT_GATEWAY_KEY"),
            ("telnyx-integration-secret", "TELNYX_INTEGRATION_SECRET"),
            ("telnyx-dynamic-variables-key", "TELNYX_DYNAMIC_VARIABLES_KEY"),
            ("telnyx-named-secret", "TELNYX_SECRET"),
        ];
        for (rule, variable) in kinds {
            assert_eq!(usual(rule), variable);
        }
        let assigned = Assignment::of(Language::Php, "  'TELNYX_WEBHOOK_SECRET' => ");
        let name =
            Known::default().name(&Secret::new("a".to_owned()), "telnyx-named-secret", assigned.as_ref());
        assert_eq!(name, "TELNYX_WEBHOOK_SECRET");
    }

    #[test]
    fn several_secrets_are_named_by_assignment() {
        let lines =
            [("messagingKey: ", "a"), ("voice = '", "b"), ("key: ", "c"), ("key: ", "d"), ("f(", "a")];
        let want = [
            "TELNYX_MESSAGING_KEY",
            "TELNYX_VOICE_API_KEY",
            "TELNYX_API_KEY",
            "TELNYX_API_KEY_2",
            "TELNYX_MESSAGING_KEY",
        ];
        assert_eq!(names(&lines), want);
    }
}
