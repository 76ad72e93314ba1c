//! Options of `telleaks agent`.

use clap::{Args, Subcommand};

use super::options::ProjectArgs;
use crate::agent::{CLIENTS, Client, OnFailure, named};

/// What to do with coding agents.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Answer one event of a client: JSON on standard input, the answer in the client's own protocol.
    ///
    /// Clients run this; `telleaks agent install` writes it into their settings. Exit code 2 refuses where the protocol
    /// of the client wants that.
    Hook(Box<AgentHookArgs>),
    /// Add the hook to the settings of clients. Everything else in them stays.
    Install(AgentPlace),
    /// Remove the hook from the settings of clients.
    Remove(AgentPlace),
    /// Prove with a fake key that the hook of each client refuses it. Exit code 0: in order; 1: not.
    Doctor(AgentPlace),
}

/// Options of `telleaks agent hook`.
#[derive(Debug, Args)]
pub struct AgentHookArgs {
    /// The client that sends the event: claude-code, cursor, codex, copilot-cli, vscode, gemini, kiro, vibe or opencode.
    /// Default: recognised by the fields of the event.
    #[arg(long, value_name = "NAME", value_parser = client)]
    pub client: Option<&'static Client>,
    /// What happens to an event that cannot be examined whole: it is damaged, too large or late, the configuration is
    /// wrong, or a file cannot be read. Default: what the client does when a hook fails.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub on_failure: Option<OnFailure>,
    /// Rules and suppressions.
    #[command(flatten)]
    pub project: ProjectArgs,
}

/// Which settings are meant.
#[derive(Debug, Args)]
pub struct AgentPlace {
    /// The client: claude-code, cursor, codex, copilot-cli, vscode, gemini, kiro, vibe or opencode. Default: every client
    /// that has a folder of settings.
    #[arg(long, value_name = "NAME", value_parser = client)]
    pub client: Option<&'static Client>,
    /// The settings of this user, for all projects; the default.
    #[arg(long, conflicts_with = "project")]
    pub user: bool,
    /// The settings of the project in the current folder.
    #[arg(long)]
    pub project: bool,
}

/// Parses the name of a client.
fn client(name: &str) -> Result<&'static Client, String> {
    if name == "junie" {
        return Err(
            "Junie has no hook that can refuse anything; give it the tools of telleaks mcp".to_owned()
        );
    }
    named(name).ok_or_else(|| {
        let names: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        format!("the clients are {}", names.join(", "))
    })
}
