//! The names of environment variables: which one a credential is read from.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::Reason;
use crate::finding::Secret;

/// What one run has given away already, so that no name stands for two secrets and nothing is declared twice.
#[derive(Debug, Clone, Default)]
pub struct Known {
    secrets: HashMap<String, String>,
    declared: HashSet<String>,
}

impl Known {
    /// Takes `name` for `secret`.
    pub(super) fn take(&mut self, name: &str, secret: &Secret) -> Result<(), Reason> {
        let hash = secret.sha256();
        let of = self.secrets.entry(name.to_owned()).or_insert_with(|| hash.clone());
        if *of == hash {
            Ok(())
        } else {
            Err("another credential is read from the variable that fits: choose a name")
        }
    }

    /// Remembers the variables that a Terraform file in `folder` declares.
    pub fn declare_in(&mut self, folder: &str, content: &str) {
        for found in VARIABLE.iter().flat_map(|regex| regex.captures_iter(content)) {
            self.declared.insert(format!("{folder}/{}", &found[1]));
        }
    }

    /// Whether `name` was not declared in `folder` yet; it is from now on.
    pub(super) fn declares(&mut self, folder: &str, name: &str) -> bool {
        self.declared.insert(format!("{folder}/{name}"))
    }
}

static VARIABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^\s*variable\s+"?([\w-]+)"?\s*\{"#).ok());

/// A name in capitals to which the value is assigned.
static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:^|[^\w$])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']?\]?\s*(?::\s*[\w<>?.&' ]+)?(?:=>|=|:|,)\s*$"#,
    )
    .ok()
});

/// The variable for a secret of the rule `rule`. `before` is the text of the line before the literal: a name in
/// capitals to which it is assigned there is the best name.
pub(super) fn variable(rule: &str, before: &str) -> String {
    let assigned = ASSIGNED.as_ref().and_then(|regex| regex.captures(before));
    if let Some(name) = assigned.map(|found| found[1].to_owned()).filter(|name| !is_public(name)) {
        return name;
    }
    match rule {
        "telnyx-api-key"
        | "telnyx-api-key-loose"
        | "telnyx-s3-access-key"
        | "telnyx-smtp-password"
        | "telnyx-signed-url"
        | "telnyx-mcp-link"
        | "telnyx-livekit-token" => "TELNYX_API_KEY".to_owned(),
        "telnyx-sip-credential" => "TELNYX_SIP_PASSWORD".to_owned(),
        "telnyx-ai-gateway-key" => "TELNYX_AI_GATEWAY_KEY".to_owned(),
        other => other.to_ascii_uppercase().replace('-', "_"),
    }
}

/// Whether a bundler would copy a variable of this name to the browser.
fn is_public(name: &str) -> bool {
    name.contains("PUBLIC")
        || ["VITE_", "REACT_APP_", "VUE_APP_", "NG_APP_"].iter().any(|start| name.starts_with(start))
}
