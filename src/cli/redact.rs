//! Options of `telleaks redact`.

use clap::Args;
use std::path::PathBuf;

use super::args::ListFormat;
use super::options::RuleArgs;

/// Options of `telleaks redact`.
#[derive(Debug, Args)]
pub struct RedactArgs {
    /// The file to copy; `-` is standard input. With --in-place, the files to change.
    #[arg(value_name = "FILE", default_value = "-")]
    pub inputs: Vec<PathBuf>,
    /// Change the files. Each stays what it is: JSON keeps its structure, a SQLite database passes its own check, owner,
    /// permissions and times stay. A file that cannot be masked safely is not changed, and listed with what to do.
    #[arg(long)]
    pub in_place: bool,
    /// With --in-place: list what would be masked, and change nothing.
    #[arg(long, requires = "in_place")]
    pub dry_run: bool,
    /// With --in-place: also write the list of changes to FILE, as json. It contains no secret.
    #[arg(long, value_name = "FILE", requires = "in_place")]
    pub manifest: Option<PathBuf>,
    /// With --in-place: format of the list of changes.
    #[arg(long, value_enum, requires = "in_place", default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// Exit with 1 if anything was masked.
    #[arg(long)]
    pub fail: bool,
    /// Rule selection.
    #[command(flatten)]
    pub rules: RuleArgs,
}
