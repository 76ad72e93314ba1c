//! Parser of `action.yml`: inputs with their defaults, steps, and the few expressions it uses.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Values of expressions: `inputs.x`, `github.event.a.b`, `github.x`, `steps.x.outputs.y`.
pub(crate) struct Names {
    /// Values by path.
    pub(crate) known: BTreeMap<String, String>,
    /// The event.
    pub(crate) event: Value,
}

impl Names {
    /// Returns the value of a name; empty for unknown names, as on GitHub.
    fn value(&self, name: &str) -> String {
        if let Some(path) = name.strip_prefix("github.event.") {
            let found = self.event.pointer(&format!("/{}", path.replace('.', "/")));
            return match found {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
        }
        let rooted = name.starts_with("inputs.") || name.starts_with("steps.");
        assert!(rooted, "the tests know no {name}");
        self.known.get(name).cloned().unwrap_or_default()
    }

    /// Replaces the expressions in a text.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${{") {
            let (name, after) = behind.split_once("}}").unwrap();
            out += before;
            out += &self.value(name.trim());
            rest = after;
        }
        out + rest
    }
}

/// Reads the `action.yml` of the repository.
pub(crate) fn action() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Returns the defaults of all inputs.
pub(crate) fn defaults(action: &Value) -> BTreeMap<String, String> {
    let inputs = action["inputs"].as_object().unwrap();
    inputs.iter().map(|(name, input)| (name.clone(), input["default"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn inputs_and_outputs_are_as_documented() {
    let action = action();
    let names = |what: &str| -> Vec<String> { action[what].as_object().unwrap().keys().cloned().collect() };
    let mut inputs = vec![
        "mode",
        "paths",
        "config",
        "baseline",
        "fail-on",
        "probe",
        "base",
        "head",
        "sarif-file",
        "upload-sarif",
        "annotations",
        "summary",
        "version",
        "args",
        "exclude",
        "rules",
        "min-severity",
        "format",
        "report",
        "category",
        "working-directory",
        "soft-fail",
    ];
    inputs.sort_unstable();
    assert_eq!(names("inputs"), inputs);
    assert_eq!(names("outputs"), ["active", "category", "exit-code", "findings", "incomplete", "sarif-file"]);
}

#[test]
fn scripts_have_no_expressions_and_actions_are_pinned() {
    let action = action();
    for step in action["runs"]["steps"].as_array().unwrap() {
        if let Some(script) = step["run"].as_str() {
            assert!(!script.contains("${{"), "{script}");
        }
        if let Some(uses) = step["uses"].as_str() {
            let pin = uses.split_once('@').unwrap().1;
            assert!(pin.len() == 40 && pin.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
        }
    }
}
