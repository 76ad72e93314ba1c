//! Options of `telleaks mcp`.

use clap::Args;
use std::path::PathBuf;

use super::options::{ConfigArgs, RuleArgs};

/// Options of `telleaks mcp`.
#[derive(Debug, Args)]
pub struct McpArgs {
    /// Rule selection.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The baseline. Default: that of the configuration, or .telleaks-baseline.jsonl at the root.
    #[arg(long, value_name = "FILE", help_heading = "Suppressions")]
    pub baseline: Option<PathBuf>,
}
