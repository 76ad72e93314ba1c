//! Options of `telleaks lsp`.

use clap::Args;

use super::options::ProjectArgs;

/// Options of `telleaks lsp`.
#[derive(Debug, Args)]
pub struct LspArgs {
    /// Rules and suppressions.
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Use standard input and output, as always; editors pass this option.
    #[arg(long, hide = true)]
    pub stdio: bool,
}
