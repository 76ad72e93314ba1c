//! Options of `telleaks mcp`.

use clap::Args;

use super::options::ProjectArgs;

/// Options of `telleaks mcp`.
#[derive(Debug, Args)]
pub struct McpArgs {
    /// Rules and suppressions.
    #[command(flatten)]
    pub project: ProjectArgs,
}
