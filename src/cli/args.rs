//! Arguments of each command.

use clap::{Args, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

use super::options::{
    ConfigArgs, InsideArgs, OutputArgs, ProbeArgs, ProbeHow, RuleArgs, ScopeArgs, SuppressArgs,
};
use super::values::{shard, variable_name};

/// Options shared by all scanning commands: archives, rules, suppressions, probing and output.
#[derive(Debug, Clone, Args)]
pub struct LookArgs {
    /// Limits for unpacking archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// Rule selection.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Suppressions.
    #[command(flatten)]
    pub suppress: SuppressArgs,
    /// Probing of keys.
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// Output.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Options of `telleaks scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files and directories to scan; `-` is standard input. A path that is named is scanned even if it is ignored.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Read the configuration in DIR, and write paths relative to it in the reports for hosts (sarif, gitlab, github,
    /// junit, csv). Default: the root of the repository.
    #[arg(long, value_name = "DIR", help_heading = "Scope")]
    pub root: Option<PathBuf>,
    /// Which files are scanned.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Options shared by all scanning commands.
    #[command(flatten)]
    pub look: LookArgs,
}

/// Options of `telleaks staged`.
#[derive(Debug, Args)]
pub struct StagedArgs {
    /// A directory in the repository.
    #[arg(value_name = "REPO", default_value = ".")]
    pub repo: PathBuf,
    /// Also report secrets on lines that the commit does not add.
    #[arg(long)]
    pub whole_files: bool,
    /// Also scan a commit message, as the hook commit-msg gets it.
    #[arg(long, value_name = "FILE")]
    pub message: Option<PathBuf>,
    /// Also scan the files of the working tree, changed and untracked, without what git ignores: everything that the
    /// next commits could record. Secrets that the last commit has in the same file are left out, as in the index.
    #[arg(long, alias = "work-tree", conflicts_with = "message_only")]
    pub worktree: bool,
    /// Scan the message only: for the hook commit-msg next to pre-commit, which has scanned the files.
    #[arg(long, requires = "message")]
    pub message_only: bool,
    /// Open a repository that belongs to another user.
    #[arg(long)]
    pub any_owner: bool,
    /// Number of threads; 0 means one per processor.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Skip paths that match GLOB, in the syntax of .gitignore, from the root; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Options shared by all scanning commands.
    #[command(flatten)]
    pub look: LookArgs,
}

/// Options of `telleaks commits`.
#[derive(Debug, Args)]
pub struct CommitsArgs {
    /// Commits as for git rev-list: A..B, A...B, B, ^A, --all, --branches, --tags, --remotes, --not; then `--` and paths
    /// from the root of the repository, to report only what is in them.
    #[arg(value_name = "RANGE", required_unless_present_any = ["stdin", "words"])]
    pub range: Vec<String>,
    /// The revision arguments, in order. Filled in by [`Cli::read`] from RANGE and the git options among it.
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
    /// The paths after `--`. Filled in by [`Cli::read`].
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub below: Vec<String>,
    /// The repository.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub repo: PathBuf,
    /// Read from standard input what git gives the hooks pre-push and pre-receive.
    #[arg(long, conflicts_with_all = ["range", "words"])]
    pub stdin: bool,
    /// In a pre-push hook, its first argument ("$1"): leave out only what this remote has. Default: what any has.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["range", "words"])]
    pub remote: Option<String>,
    /// Open a repository that belongs to another user.
    #[arg(long)]
    pub any_owner: bool,
    /// Number of threads; 0 means one per processor.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Skip paths that match GLOB, in the syntax of .gitignore, from the root; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Apply the suppressions at the end of the range instead of those of its base, and do not report those that it
    /// adds: for changes that were reviewed.
    #[arg(long)]
    pub trust_suppressions: bool,
    /// Options shared by all scanning commands.
    #[command(flatten)]
    pub look: LookArgs,
}

/// Options of `telleaks audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// A directory in the repository, a bare repository, or a bundle.
    #[arg(value_name = "REPO", default_value = ".")]
    pub repo: PathBuf,
    /// Audit the repositories in FILE, which has the path of one repository, mirror or bundle per line; `-` is standard
    /// input. Writes jsonl: the findings of each, and a record of its result; with --report html=PATH also a page.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repo", "cache", "probe", "write_baseline"])]
    pub targets: Option<PathBuf>,
    /// Audit only part I of N of the targets, counted from 0: the same on every machine. `/N` takes I from
    /// JOB_COMPLETION_INDEX or CI_NODE_INDEX. Default: JOB_COMPLETION_INDEX and JOB_COMPLETIONS, or CI_NODE_INDEX and
    /// CI_NODE_TOTAL.
    #[arg(long, value_name = "I/N", requires = "targets", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Skip the files of the working tree; read only what git stores.
    #[arg(long)]
    pub no_worktree: bool,
    /// Remember in FILE which objects are clean under these rules; the next audit reads only what is new.
    #[arg(long, value_name = "FILE")]
    pub cache: Option<PathBuf>,
    /// Open a repository that belongs to another user.
    #[arg(long)]
    pub any_owner: bool,
    /// Which files are scanned.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Options shared by all scanning commands.
    #[command(flatten)]
    pub look: LookArgs,
}

/// Options of `telleaks merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Json reports of telleaks, masked or not; `-` is standard input.
    #[arg(value_name = "REPORT.json", required_unless_present = "from")]
    pub inputs: Vec<PathBuf>,
    /// Add a report of another scanner: gitleaks, betterleaks, kingfisher, trufflehog or sarif, and its file; repeatable.
    /// Findings become those of the rules that recognise the secret, in the file if it is in this folder; others are
    /// counted and left out.
    #[arg(long, num_args = 2, value_names = ["SCANNER", "FILE"])]
    pub from: Vec<OsString>,
    /// Rules whose help the reports show; --rule and --exclude-rule leave no finding out.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Output.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// One of N parts of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Index of the part, from 0; `None` if it is taken from the environment.
    pub index: Option<u64>,
    /// Number of parts.
    pub count: u64,
}

/// Options of `telleaks fix`.
#[derive(Debug, Args)]
pub struct FixArgs {
    /// Files and directories to fix. A path that is named is read even if it is ignored.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Change the files. Without it the changes are only shown, as a unified diff.
    #[arg(long)]
    pub write: bool,
    /// Show secrets whole in the diff, so that patch can apply it.
    #[arg(long)]
    pub show_secrets: bool,
    /// Variables to read the secrets from: the first name is for the first secret that is replaced, the second for
    /// the next different one, and so on. An empty name, and every secret after the last name, is named
    /// automatically.
    #[arg(long, value_name = "NAME[,NAME]...", value_delimiter = ',', value_parser = variable_name)]
    pub names: Vec<String>,
    /// Which files are scanned.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Limits for unpacking archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// Rule selection.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// The configuration. Findings that it or its baseline suppresses are not changed.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Options of `telleaks probe`. No key is an argument: the arguments of a process can be read by others.
#[derive(Debug, Args)]
pub struct ProbeCommandArgs {
    /// Take the keys of a json report that was made with --show-secrets. Default: standard input, a key in each line.
    #[arg(long, value_name = "REPORT.json")]
    pub from: Option<PathBuf>,
    /// Words that are refused, since a key among them has been shown to every user of the machine.
    #[arg(hide = true, value_name = "NONE")]
    pub words: Vec<OsString>,
    /// Format of the verdicts on standard output.
    #[arg(long, value_enum, default_value_t = ProbeFormat::Text)]
    pub format: ProbeFormat,
    /// How requests are sent.
    #[command(flatten)]
    pub how: ProbeHow,
}

/// Output format of verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProbeFormat {
    /// Human-readable text.
    Text,
    /// One JSON document.
    Json,
    /// One JSON document per verdict and line.
    Jsonl,
}

/// Options of `telleaks respond`.
#[derive(Debug, Args)]
pub struct RespondArgs {
    /// A json report of telleaks, masked or not; `-` is standard input.
    #[arg(value_name = "REPORT.json")]
    pub report: PathBuf,
    /// Also write the plan as one HTML page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write a file for git filter-repo --replace-text. It contains the secrets in plaintext; the report has to be made with
    /// --show-secrets.
    #[arg(long, value_name = "FILE")]
    pub filter_repo: Option<PathBuf>,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the configuration that applies to a path, as TOML, and where it came from.
    Show {
        /// A path that would be scanned.
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
        /// Show this configuration.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Add the rules of a file or directory; repeatable.
        #[arg(long = "rules", value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
    },
    /// Check a configuration and its baseline: exit code 0 if they are valid, else 2.
    Check {
        /// The configuration. Default: that of the current folder.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Add the rules of a file or directory; repeatable.
        #[arg(long = "rules", value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
    },
}

/// What to do with a baseline.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// The baseline. Default: that of the configuration, or .telleaks-baseline.jsonl at the root.
    #[arg(long, global = true, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What to do with it.
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// What to do with a baseline.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Accept findings of a json report, masked or not: its warnings and errors, and the notes that --rule or --sha256
    /// name.
    Add {
        /// A json report of telleaks; `-` is standard input.
        #[arg(value_name = "REPORT.json")]
        report: PathBuf,
        /// Why they are accepted.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// The last day on which the new entries count, YYYY-MM-DD.
        #[arg(long, value_name = "DAY")]
        expires: Option<String>,
        /// Accept only findings under GLOB, in the syntax of .gitignore, and only there.
        #[arg(long, value_name = "GLOB")]
        path: Option<String>,
        /// Accept only findings of this rule; repeatable.
        #[arg(long = "rule", value_name = "ID")]
        rules: Vec<String>,
        /// Accept only this secret, by its secret_sha256 in the report; repeatable.
        #[arg(long, value_name = "HASH")]
        sha256: Vec<String>,
    },
    /// Remove the entries that match all of these options.
    Remove {
        /// Beginning of an entry's hash, as list shows it; repeatable.
        #[arg(long = "hash", value_name = "PREFIX")]
        hashes: Vec<String>,
        /// Rule; repeatable.
        #[arg(long = "rule", value_name = "ID")]
        rules: Vec<String>,
        /// Secret, by its secret_sha256 in a report; repeatable.
        #[arg(long, value_name = "HASH")]
        sha256: Vec<String>,
        /// Path scope, as written in the entry; repeatable.
        #[arg(long = "path", value_name = "GLOB")]
        paths: Vec<String>,
    },
    /// List all entries.
    List {
        /// Format of the list.
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Remove entries that have expired and, with --from, those that match nothing in any of these reports.
    Prune {
        /// A json report of a whole scan or audit; repeatable.
        #[arg(long, value_name = "REPORT.json")]
        from: Vec<PathBuf>,
    },
}

/// Output format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Human-readable text.
    Text,
    /// One JSON document.
    Json,
}
