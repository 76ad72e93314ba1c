//! The command line. The comments on the fields are what `--help` prints.

use clap::{Args, ColorChoice, CommandFactory, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::finding::{Finding, Severity};
use crate::probe::{Region, Target};
use crate::report::Format;

/// Finds leaked Telnyx credentials: in code, logs, client-side bundles, in any encoding.
///
/// Exit codes: 0 clean and everything was read; 1 findings; 2 could not start; 3 nothing found, but not everything
/// could be read.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Colours in text: auto, always or never.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
}

impl Cli {
    /// Reads the arguments of the process; wrong ones end it with code 2 and a word.
    pub fn read() -> Self {
        Self::parse_from(with_range(std::env::args_os().collect()))
    }
}

/// In a range order counts and git's options stand among the revisions (`--all --not --remotes`), together or as one
/// word; clap knows neither. Each such word becomes the value of an option of its own.
fn with_range(args: Vec<OsString>) -> Vec<OsString> {
    const SETS: [&str; 5] = ["--all", "--branches", "--tags", "--remotes", "--not"];
    let command = Cli::command();
    let Some(commits) = command.find_subcommand("commits") else { return args };
    let Some(start) = command_at(&args).filter(|at| args[*at] == "commits") else { return args };
    let mut out = args[..=start].to_vec();
    let mut rest = args[start + 1..].iter().peekable();
    let mut plain = false;
    while let Some(arg) = rest.next() {
        let text = arg.to_string_lossy();
        let first = text.split([' ', '=']).next().unwrap_or_default();
        if plain || !text.starts_with('-') || SETS.contains(&first) {
            out.extend(text.split_ascii_whitespace().map(|word| format!("--words={word}").into()));
        } else if text == "--" {
            plain = true;
        } else {
            out.push(arg.clone());
            if takes_next(commits, &text) {
                out.extend(rest.next().cloned());
            }
        }
    }
    out
}

/// Where the name of the command stands: it is the first word that is no option and no value of one.
fn command_at(args: &[OsString]) -> Option<usize> {
    let mut at = 1;
    loop {
        match args.get(at)?.to_string_lossy() {
            value if value == "--color" => at += 2,
            option if option.starts_with('-') => at += 1,
            _ => return Some(at),
        }
    }
}

/// Whether the word behind this option belongs to it.
fn takes_next(command: &clap::Command, option: &str) -> bool {
    // Options of the whole program are not listed with a command.
    let global = option == "--color";
    let known = command.get_arguments().find(|arg| {
        let long = arg.get_long().is_some_and(|long| option == format!("--{long}"));
        let short = arg.get_short().is_some_and(|short| option == format!("-{short}"));
        long || short
    });
    global || known.is_some_and(|arg| arg.get_action().takes_values())
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files, directories or standard input.
    Scan(Box<ScanArgs>),
    /// Search what `git commit` would record now: for the hooks pre-commit and commit-msg.
    Staged(Box<StagedArgs>),
    /// Search what a range of commits adds: for pull requests and the hooks pre-push and pre-receive.
    Commits(Box<CommitsArgs>),
    /// Audit a whole git repository before it is published: work tree, all objects, all names.
    Audit(Box<AuditArgs>),
    /// Ask Telnyx whether keys are alive: one request for each distinct key.
    ///
    /// Exit codes: 0 none is alive; 1 some are (active or restricted); 2 could not start; 3 none is known to be alive,
    /// and of some nobody knows.
    Probe(Box<ProbeCommandArgs>),
    /// Tell what to do about the findings of a json report, step by step. It revokes and changes nothing.
    Respond(RespondArgs),
    /// Replace hard-coded credentials by look-ups in the environment; shows the changes unless --write is given.
    Fix(Box<FixArgs>),
    /// Copy standard input, or a file, to standard output with every credential masked.
    Redact(Box<RedactArgs>),
    /// Show or test the rules.
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        command: RulesCommand,
    },
}

/// Options of `telleaks scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files and directories to scan; `-` is standard input. A path that is named is scanned even if it is ignored.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Where to look.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// How deep to look inside archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// What to look for.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Whether to ask if keys are alive.
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// How to tell.
    #[command(flatten)]
    pub output: OutputArgs,
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
    /// Also search a commit message, as the hook commit-msg gets it.
    #[arg(long, value_name = "FILE")]
    pub message: Option<PathBuf>,
    /// Open a repository that belongs to another user.
    #[arg(long)]
    pub any_owner: bool,
    /// Threads; 0 takes one for each processor.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Read no configuration file. (This version reads none yet.)
    #[arg(long)]
    pub no_config: bool,
    /// How deep to look inside archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// What to look for.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Whether to ask if keys are alive.
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// How to tell.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Options of `telleaks commits`.
#[derive(Debug, Args)]
pub struct CommitsArgs {
    /// Commits as for git rev-list: A..B, A...B, B, ^A, --all, --branches, --tags, --remotes, --not.
    #[arg(value_name = "RANGE", required_unless_present_any = ["stdin", "words"])]
    pub range: Vec<String>,
    /// The words of the range, in order; [`Cli::read`] makes them of RANGE and of git's options in it.
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
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
    /// Threads; 0 takes one for each processor.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Read no configuration file. (This version reads none yet.)
    #[arg(long)]
    pub no_config: bool,
    /// How deep to look inside archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// What to look for.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Whether to ask if keys are alive.
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// How to tell.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Options of `telleaks audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// A directory in the repository, or a bare repository.
    #[arg(value_name = "REPO", default_value = ".")]
    pub repo: PathBuf,
    /// Leave the files of the work tree out; read only what git holds.
    #[arg(long)]
    pub no_worktree: bool,
    /// Remember in FILE which objects are clean under these rules; the next audit reads only what is new.
    #[arg(long, value_name = "FILE")]
    pub cache: Option<PathBuf>,
    /// Open a repository that belongs to another user.
    #[arg(long)]
    pub any_owner: bool,
    /// Where to look.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// How deep to look inside archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// What to look for.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Whether to ask if keys are alive.
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// How to tell.
    #[command(flatten)]
    pub output: OutputArgs,
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
    /// Where to look.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// How deep to look inside archives.
    #[command(flatten)]
    pub inside: InsideArgs,
    /// What to look for.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// Options of `telleaks redact`.
#[derive(Debug, Args)]
pub struct RedactArgs {
    /// The file to copy; `-` is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// Exit with 1 if anything was masked.
    #[arg(long)]
    pub fail: bool,
    /// What to look for.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// Which files are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scope")]
pub struct ScopeArgs {
    /// Scan what .gitignore names, too. (Files that git tracks are scanned anyway.)
    #[arg(long)]
    pub no_ignore: bool,
    /// Leave out what matches GLOB, in the syntax of .gitignore; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Do not read larger files; they count as not read. A number of bytes, or with K, M or G. Default: no limit.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_file_size: Option<u64>,
    /// Threads; 0 takes one for each processor.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Read no configuration file. (This version reads none yet.)
    #[arg(long)]
    pub no_config: bool,
}

/// How far archives and compressed files are looked into. What a limit keeps from being read is named as not read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inside archives")]
pub struct InsideArgs {
    /// How many archives may lie one in another; 0 looks into none.
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub max_depth: u32,
    /// Expand one file to no more than this. A number of bytes, or with K, M or G.
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "64G")]
    pub max_expanded: u64,
    /// Expand all files together to no more than this. Default: no limit.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_expanded_total: Option<u64>,
    /// Beyond 256 MiB, expand to no more than N times the size: what expands further is a decompression bomb.
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub max_ratio: u64,
    /// Read no more than N members of one file, and of archives in it.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub max_entries: u64,
    /// Look no longer than this inside one file. Default: no limit.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub max_unpack_time: Option<Duration>,
}

/// Which rules are used.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Add the rules of a TOML file or of every *.toml in a directory; repeatable.
    #[arg(long = "rules", value_name = "FILE|DIR")]
    pub files: Vec<PathBuf>,
    /// Use only this rule; repeatable.
    #[arg(long = "rule", value_name = "ID")]
    pub only: Vec<String>,
    /// Do not use this rule; repeatable.
    #[arg(long = "exclude-rule", value_name = "ID")]
    pub without: Vec<String>,
}

/// Whether keys are tried.
#[derive(Debug, Args)]
#[command(next_help_heading = "Probe")]
pub struct ProbeArgs {
    /// Ask Telnyx whether the API keys that are found are alive: one request for each distinct key, which it names
    /// before it sends. Tokens are judged by their expiry. Without this option nothing is ever sent.
    #[arg(long)]
    pub probe: bool,
    /// How to ask.
    #[command(flatten)]
    pub how: ProbeHow,
}

/// How keys are tried.
#[derive(Debug, Args)]
#[command(next_help_heading = "Probe")]
pub struct ProbeHow {
    /// Ask Telnyx in this region.
    #[arg(long, value_enum, default_value_t = Region::Us)]
    pub region: Region,
    /// For tests: ask a server on this machine, at http(s)://127.0.0.1:PORT or [::1]. No other address is possible.
    #[arg(long, value_name = "URL", value_parser = Target::loopback, conflicts_with = "region")]
    pub probe_url: Option<Target>,
    /// Send at most N requests a second.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub probe_rps: u32,
    /// Send at most N requests at the same time.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub probe_concurrency: u16,
    /// Remember final verdicts in FILE, under a keyed hash of the key; after 24 hours a key is asked about again.
    #[arg(long, value_name = "FILE")]
    pub probe_cache: Option<PathBuf>,
    /// Time for one request; a pause before a retry is no longer either.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "20", hide = true)]
    pub probe_timeout: Duration,
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
    /// How to ask.
    #[command(flatten)]
    pub how: ProbeHow,
}

/// The shape of verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProbeFormat {
    /// For a person.
    Text,
    /// One JSON document.
    Json,
    /// One verdict a line in JSON.
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
    /// Write a file for git filter-repo --replace-text. It holds the secrets in clear; the report has to be made with
    /// --show-secrets.
    #[arg(long, value_name = "FILE")]
    pub filter_repo: Option<PathBuf>,
}

/// What is printed, and what the exit code says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Format of the report on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write one more report to a file; repeatable.
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = report)]
    pub reports: Vec<(Format, PathBuf)>,
    /// Lowest severity that makes the exit code 1, or `active`: only keys that work (with --probe).
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Warning)]
    pub fail_on: FailOn,
    /// Exit with 0 in place of 1. Codes 2 and 3 stay.
    #[arg(long)]
    pub exit_zero: bool,
    /// Show secrets whole. Without it every report masks them.
    #[arg(long)]
    pub show_secrets: bool,
    /// Also report placeholders and published examples, as notes.
    #[arg(short, long)]
    pub verbose: bool,
    /// Show no progress.
    #[arg(long)]
    pub no_progress: bool,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List all rules.
    List {
        /// Add the rules of a file or directory; repeatable.
        #[arg(long = "rules", value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
    },
    /// Print one rule as TOML, as it would stand in a rule file.
    Show {
        /// Id of the rule.
        id: String,
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

/// Lowest severity that fails a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Any finding.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors only.
    Error,
    /// Keys that Telnyx accepts, also with fewer rights.
    Active,
}

impl FailOn {
    /// Whether `finding` fails the scan.
    pub fn includes(self, finding: &Finding) -> bool {
        let least = match self {
            Self::Note => Severity::Note,
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
            Self::Active => {
                return finding.liveness.as_ref().is_some_and(|liveness| liveness.status.is_alive());
            }
        };
        finding.severity >= least
    }
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        _ => return Err("write a number of bytes, or a number with K, M or G".to_owned()),
    };
    let number: u64 =
        digits.parse().map_err(|_| "write a number of bytes, or a number with K, M or G".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "that is more than there can be".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "write a number of seconds, for example 10 or 0.5".to_owned())
}

fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("write FORMAT=PATH, for example sarif=telleaks.sarif")?;
    if path.is_empty() {
        return Err("the path behind `=` is missing".to_owned());
    }
    let format = <Format as ValueEnum>::from_str(format, false)?;
    Ok((format, PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_range_keeps_its_order_and_options_keep_their_values() {
        let words = |text: &str| {
            let args = text.split(',').map(OsString::from).collect();
            match Cli::parse_from(with_range(args)).command {
                Command::Commits(args) => (args.words, args.output.format),
                other => panic!("{other:?}"),
            }
        };
        let all = ["--all", "--not", "--remotes", "A"].map(str::to_owned).to_vec();
        assert_eq!(words("t,commits,--all,--not,--remotes,A"), (all.clone(), Format::Text));
        assert_eq!(words("t,commits,--format,json,--all --not --remotes A"), (all.clone(), Format::Json));
        assert_eq!(words("t,commits,--all,--not,--format=json,--remotes,--,A"), (all, Format::Json));
        assert_eq!(words("t,commits,A..B,--repo,x").0, ["A..B"]);
        assert_eq!(words("t,--color,never,commits,A..B").0, ["A..B"]);
        assert_eq!(words("t,--color=never,commits,--not,commits").0, ["--not", "commits"]);
    }

    #[test]
    fn sizes() {
        assert_eq!(size("10"), Ok(10));
        assert_eq!(size("10k"), Ok(10_240));
        assert_eq!(size("2MiB"), Ok(2 << 20));
        assert!(size("10x").is_err() && size("").is_err() && size("99999999999G").is_err());
    }

    #[test]
    fn reports() {
        assert_eq!(report("sarif=a=b.sarif"), Ok((Format::Sarif, PathBuf::from("a=b.sarif"))));
        assert!(report("sarif").is_err() && report("sarif=").is_err() && report("xml=a").is_err());
    }
}
