//! Options of the diagnostic commands `self-test` and `explain`.

use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

use super::args::ListFormat;
use super::machine::MachinePlaces;
use super::options::{InsideArgs, ProbeArgs, ProjectArgs};

/// Options of `telleaks self-test`.
#[derive(Debug, Args)]
pub struct SelfTestArgs {
    /// Test with this configuration. Default: telleaks.toml in the current folder, if it is there.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Add the rules of a TOML file or of every *.toml in a directory; repeatable.
    #[arg(long, value_name = "FILE|DIR")]
    pub rules: Vec<PathBuf>,
    /// Format of the results.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// Options of `telleaks doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// A directory in the repository.
    #[arg(value_name = "REPO", default_value = ".")]
    pub repo: PathBuf,
    /// Also scan the places of this workstation, as telleaks machine does, and check the hooks of coding agents.
    #[arg(long)]
    pub machine: bool,
    /// Which places are searched.
    #[command(flatten)]
    pub at: MachinePlaces,
    /// Probing of the keys that are found.
    #[command(flatten)]
    pub probe: ProbeArgs,
}

/// Options of `telleaks explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The file, and perhaps a line of it: FILE, FILE:LINE, ARCHIVE!/MEMBER:LINE.
    #[arg(value_name = "PATH[:LINE]")]
    pub place: OsString,
    /// Format of the explanation.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// Limits for unpacking archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// Rules and suppressions.
    #[command(flatten)]
    pub project: ProjectArgs,
}
