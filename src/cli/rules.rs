//! Options of `telleaks rules`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::export::Target;

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List all rules.
    List {
        /// Add the rules of a file or directory; repeatable.
        #[arg(long = "rules", value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
    },
    /// Print one rule as TOML, as in a rule file.
    Show {
        /// Id of the rule.
        id: String,
        /// Add the rules of a file or directory; repeatable.
        #[arg(long = "rules", value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
    },
    /// Print the rules in the format of another scanner, with comments for what it cannot express.
    Export {
        /// The scanner.
        #[arg(long = "for", value_name = "SCANNER", value_enum)]
        target: Target,
        /// Add the rules of a file or directory; repeatable.
        #[arg(long = "rules", value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
    },
    /// Run the examples of the built-in rules and of your own through the whole detector.
    Test {
        /// Rule files or directories of your own.
        #[arg(value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
    },
}
