//! Options of `telleaks machine`.

use clap::Args;
use std::path::PathBuf;

use super::options::{InsideArgs, OutputArgs, ProbeArgs, RuleArgs};
use super::values::size;

/// Options of `telleaks machine`.
#[derive(Debug, Args)]
pub struct MachineArgs {
    /// Which places are searched.
    #[command(flatten)]
    pub at: MachinePlaces,
    /// List the places and how many files of each are here; search nothing.
    #[arg(long, conflicts_with = "clean")]
    pub list: bool,
    /// Mask the credentials that are found, in the format of each file. What cannot be masked safely is listed with what
    /// to do by hand.
    #[arg(long, conflicts_with = "probe", help_heading = "Cleaning")]
    pub clean: bool,
    /// With --clean: list what would be masked, and change nothing.
    #[arg(long, requires = "clean", help_heading = "Cleaning")]
    pub dry_run: bool,
    /// With --clean: leave the places alone from which a program reads its key, such as .aws/credentials.
    #[arg(long, requires = "clean", help_heading = "Cleaning")]
    pub keep_stores: bool,
    /// With --clean: also write the list of changes to FILE, as json. It contains no secret.
    #[arg(long, value_name = "FILE", requires = "clean", help_heading = "Cleaning")]
    pub manifest: Option<PathBuf>,
    /// Do not read larger files; they count as not read. A number of bytes, or with K, M or G. Default: no limit.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_file_size: Option<u64>,
    /// Number of threads; 0 means one per processor.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Limits for unpacking archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// Rule selection.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Probing of keys.
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// Output.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Which places of which home directory are searched.
#[derive(Debug, Clone, Default, Args)]
pub struct MachinePlaces {
    /// Search this home directory. Default: that of the user.
    #[arg(long, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Search only this place, group of places or program, as --list shows them; repeatable.
    #[arg(long = "place", value_name = "NAME")]
    pub places: Vec<String>,
    /// For tests: look for paths of the system below this directory.
    #[arg(long, value_name = "DIR", hide = true)]
    pub system_root: Option<PathBuf>,
}
