//! Configurations of MCP servers: how each client refers to environment variables in them.

use super::names::Known;
use super::{ByHand, Hit, Source, code};

/// Writes a reference to a variable.
pub(super) type Reference = fn(&str) -> String;

/// `${NAME}`.
const SHELL: Reference = |name| format!("${{{name}}}");
/// `${env:NAME}`.
const EDITOR: Reference = |name| format!("${{env:{name}}}");
/// `{env:NAME}`.
const BRACES: Reference = |name| format!("{{env:{name}}}");

/// Ends of the paths of configurations in JSON, with the syntax of their clients. The first that fits counts.
///
/// Sources: <https://code.claude.com/docs/en/mcp>, `docs/agents/reference/mcp-configuration.md` in
/// github.com/microsoft/vscode-docs, <https://cursor.com/docs/context/mcp>, <https://opencode.ai/docs/config>,
/// `docs/tools/mcp-server.md` in github.com/google-gemini/gemini-cli, <https://kiro.dev/docs/mcp/configuration>.
const FILES: [(&str, Reference); 12] = [
    ("opencode.json", BRACES),
    ("opencode.jsonc", BRACES),
    (".vscode/mcp.json", EDITOR),
    (".cursor/mcp.json", EDITOR),
    ("windsurf/mcp.json", EDITOR),
    ("mcp_config.json", EDITOR),
    ("mcp_settings.json", EDITOR),
    ("mcp.json", SHELL),
    ("mcp-config.json", SHELL),
    ("claude_desktop_config.json", SHELL),
    (".claude.json", SHELL),
    (".gemini/settings.json", SHELL),
];

/// Returns how the client of a configuration in JSON refers to variables, if `path` is one.
pub(super) fn reference(path: &str) -> Option<Reference> {
    FILES.iter().find(|(end, _)| path.ends_with(end)).map(|(_, reference)| *reference)
}

/// Returns the advice for a credential in the TOML configuration of Codex or Vibe, if this is one: both read variables by
/// name and expand none.
///
/// Sources: <https://developers.openai.com/codex/mcp>, README.md in github.com/mistralai/mistral-vibe.
pub(super) fn toml(source: &Source<'_>, hit: &Hit<'_>, table: &str, known: &mut Known) -> Option<ByHand> {
    if !table.trim_start_matches('[').starts_with("mcp_servers") {
        return None;
    }
    let before = source.line_before(hit.at.start);
    let name = code::name(source, hit, known);
    let is_bearer = before.trim_end().ends_with("Bearer");
    let is_header = table.contains("headers") || before.contains("headers");
    // Codex has a table for each server, Vibe a list of tables.
    let write = match (table.starts_with("[["), is_bearer, is_header) {
        (true, _, _) => format!("api_key_env = \"{name}\""),
        (_, true, _) => format!("bearer_token_env_var = \"{name}\""),
        (_, _, true) => format!("env_http_headers = {{ \"x-telnyx-api-key\" = \"{name}\" }}"),
        _ => format!("env_vars = [\"{name}\"]"),
    };
    Some(ByHand::new(
        "this client passes variables on by name: remove the value and name the variable",
        write,
    ))
}
