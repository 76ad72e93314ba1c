//! The command line. The doc comments of commands and fields are the text of `--help`.

mod agent;
mod args;
mod explain;
mod foreign;
mod hook;
mod lsp;
mod machine;
mod mcp;
mod options;
mod redact;
mod rules;
mod values;

use clap::{ColorChoice, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::PathBuf;

pub use agent::{AgentCommand, AgentHookArgs, AgentPlace};
pub use args::{
    AuditArgs, BaselineArgs, BaselineCommand, CommitsArgs, ConfigCommand, FixArgs, ListFormat, LookArgs,
    MergeArgs, ProbeCommandArgs, ProbeFormat, RespondArgs, ScanArgs, Shard, StagedArgs,
};
pub use explain::{DoctorArgs, ExplainArgs, SelfTestArgs};
pub use hook::{HookCommand, HookPlace, HookRunArgs};
pub use lsp::LspArgs;
pub use machine::{MachineArgs, MachinePlaces};
pub use mcp::McpArgs;
pub use options::{
    ConfigArgs, FailOn, InsideArgs, MinSeverity, OutputArgs, ProbeArgs, ProbeHow, ProjectArgs, RuleArgs,
    ScopeArgs, SuppressArgs,
};
pub use redact::RedactArgs;
pub use rules::RulesCommand;

/// Find leaked Telnyx credentials in code, logs, archives and Git history, in any encoding.
///
/// Exit codes: 0 clean, everything was read; 1 findings; 2 could not start; 3 no findings, but something could not be
/// read.
#[derive(Debug, Parser)]
#[command(after_help = LEARN_MORE, version = crate::fault_injection::VERSION, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Colours in text: auto, always or never.
    #[arg(long, global = true, help_heading = "Output", value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
}

impl Cli {
    /// Parses the arguments of the process.
    ///
    /// # Errors
    /// Returns clap's error for invalid arguments; `--help` and `--version` are also reported in this way.
    pub fn read() -> Result<Self, clap::Error> {
        let args: Vec<OsString> = std::env::args_os().collect();
        match foreign::advice(&args) {
            Some(error) => Err(error),
            None => Self::try_parse_from(with_range(args)),
        }
    }
}

/// Rewrites the revision arguments of `commits`. Their order is significant and git's options occur among them (`--all
/// --not --remotes`), separately or as one argument; clap supports neither. Each of them becomes the value of a hidden
/// option.
fn with_range(args: Vec<OsString>) -> Vec<OsString> {
    const SETS: [&str; 5] = ["--all", "--branches", "--tags", "--remotes", "--not"];
    let command = Cli::command();
    let Some(commits) = command.find_subcommand("commits") else { return args };
    let Some(start) = command_at(&args).filter(|at| args[*at] == "commits") else { return args };
    let mut out = args[..=start].to_vec();
    let mut rest = args[start + 1..].iter().peekable();
    // After `--` come paths if a revision was given before it, else revisions that start with a hyphen.
    let (mut plain, mut words) = (false, false);
    while let Some(arg) = rest.next() {
        let text = arg.to_string_lossy();
        let first = text.split([' ', '=']).next().unwrap_or_default();
        if plain && words {
            out.push(format!("--below={text}").into());
        } else if plain || !text.starts_with('-') || SETS.contains(&first) {
            words |= !plain && !text.starts_with('-');
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

/// Returns the index of the command name: the first argument that is neither an option nor the value of one.
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

/// Returns whether the argument after this option is its value.
fn takes_next(command: &clap::Command, option: &str) -> bool {
    // Global options are not listed with a command.
    let global = option == "--color";
    let known = command.get_arguments().find(|arg| {
        let long = arg.get_long().is_some_and(|long| option == format!("--{long}"));
        let short = arg.get_short().is_some_and(|short| option == format!("-{short}"));
        long || short
    });
    global || known.is_some_and(|arg| arg.get_action().takes_values())
}

const LEARN_MORE: &str = "\
Examples:
  telleaks scan                      files of the current directory
  telleaks staged                    what git commit would record
  telleaks commits origin/main..HEAD what a branch adds
  telleaks audit                     a repository with its full history
  telleaks hook install              block commits that contain a credential

Learn more: https://github.com/telleaks/telleaks";
const SCAN_EXAMPLES: &str = "\
Examples:
  telleaks scan src logs.tar.gz
  telleaks scan . --exclude 'vendor/' --min-severity warning
  telleaks scan . -f sarif -o telleaks.sarif
  kubectl logs pod | telleaks scan -";
const STAGED_EXAMPLES: &str = "\
Examples:
  telleaks staged
  telleaks staged --worktree         also changed and untracked files
  telleaks staged --whole-files -f concise";
const COMMITS_EXAMPLES: &str = "\
Examples:
  telleaks commits origin/main..HEAD
  telleaks commits v1.0..v2.0 -- services/sms
  git log -1 --format=%H | xargs telleaks commits";
const AUDIT_EXAMPLES: &str = "\
Examples:
  telleaks audit .
  telleaks audit . --report html=audit.html
  telleaks audit mirror.git --cache clean.cache";
const MACHINE_EXAMPLES: &str = "\
Examples:
  telleaks machine                   all places
  telleaks machine --probe           also check which keys are active
  telleaks machine --list
  telleaks machine --place transcripts --clean --dry-run
  telleaks machine --clean --manifest cleaned.json";
const AGENT_EXAMPLES: &str = "\
Examples:
  telleaks agent install             for every client of this user
  telleaks agent install --client cursor --project
  telleaks agent doctor";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files, directories or standard input.
    #[command(after_help = SCAN_EXAMPLES)]
    Scan(Box<ScanArgs>),
    /// Scan what `git commit` would record, before a commit.
    ///
    /// For the hooks pre-commit and commit-msg.
    #[command(after_help = STAGED_EXAMPLES)]
    Staged(Box<StagedArgs>),
    /// Scan what a range of commits adds, before a merge or push.
    ///
    /// For pull requests, and for the hooks pre-push and pre-receive.
    #[command(after_help = COMMITS_EXAMPLES)]
    Commits(Box<CommitsArgs>),
    /// Scan a repository with its full history, before you publish it.
    ///
    /// Scans the working tree, all objects, reachable or not, and all names.
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(Box<AuditArgs>),
    /// Check with Telnyx whether keys are active: one request for each distinct key.
    ///
    /// Exit codes: 0 none is active; 1 some are (active or restricted); 2 could not start; 3 none is known to be active,
    /// and the status of some is unknown.
    Probe(Box<ProbeCommandArgs>),
    /// Print the plan for the findings of a json report: revoke, replace, clean, verify.
    ///
    /// Revokes and changes nothing.
    Respond(RespondArgs),
    /// Merge json reports, also those of other scanners, without duplicates.
    Merge(Box<MergeArgs>),
    /// Replace hard-coded credentials with reads of environment variables.
    ///
    /// In documentation, it replaces them with placeholders. Only shows the changes unless --write is given.
    Fix(Box<FixArgs>),
    /// Find and mask keys in the places of this workstation where programs keep them.
    ///
    /// Shell histories, transcripts and settings of coding agents, editors, cloud tools, browsers and others. Reads only
    /// files of the user, and sends nothing unless --probe is given. Only --clean changes files.
    #[command(after_help = MACHINE_EXAMPLES)]
    Machine(Box<MachineArgs>),
    /// Mask credentials in a stream or in files.
    ///
    /// Copies standard input, or a file, to standard output. With --in-place, changes files.
    Redact(Box<RedactArgs>),
    /// Check detection: plant fake keys and list which are found.
    ///
    /// Plants keys in many encodings, kinds of files and places of a repository, in a temporary folder, and scans
    /// them with this configuration. Exit code 1 if one is missed.
    SelfTest(SelfTestArgs),
    /// Explain why something in a file was or was not reported.
    ///
    /// Shows the anchors that occur there, the rule and check that rejected them, the suppression that hides them, what
    /// was not read, and whether a scan of the folder reads the file at all.
    Explain(Box<ExplainArgs>),
    /// Show or check the configuration.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Add, remove, list or prune the entries of a baseline.
    Baseline(BaselineArgs),
    /// List, show, test or export the rules.
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Install, remove or run git hooks.
    Hook {
        /// What to do with them.
        #[command(subcommand)]
        command: HookCommand,
    },
    /// Keep credentials away from coding agents.
    ///
    /// The hooks of Claude Code, Cursor, Codex, Copilot, Gemini and others run telleaks on each prompt, tool call and
    /// result, on this machine and without a network.
    #[command(after_help = AGENT_EXAMPLES)]
    Agent {
        /// What to do.
        #[command(subcommand)]
        command: AgentCommand,
    },
    /// Show findings in an editor, while typing.
    ///
    /// Serves the Language Server Protocol on standard input and output. An editor starts and ends this program. Sends
    /// nothing over a network.
    Lsp(Box<LspArgs>),
    /// Serve tools for coding agents without hooks.
    ///
    /// Serves the Model Context Protocol on standard input and output. The tools are scan_text, scan_path, explain and
    /// redact. A client starts and ends this program.
    Mcp(Box<McpArgs>),
    /// Check that the hooks of a repository run telleaks and that it finds keys.
    ///
    /// Also shows which program and version the hooks run. With --machine, also what telleaks machine finds. Exit code 0: in order; 1: not.
    Doctor(Box<DoctorArgs>),
    /// Print shell completions.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the version, as --version does.
    Version,
    /// Print the manual page.
    Man {
        /// Write the pages of all commands into this folder, which is created if it does not exist.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use super::values::{report, size};
    use super::*;
    use crate::report::Format;

    #[test]
    fn clap_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn range_order_and_option_values_are_kept() {
        let words = |text: &str| {
            let args = text.split(',').map(OsString::from).collect();
            match Cli::parse_from(with_range(args)).command {
                Command::Commits(args) => (args.words, args.look.output.format()),
                other => panic!("{other:?}"),
            }
        };
        let all = ["--all", "--not", "--remotes", "A"].map(str::to_owned).to_vec();
        assert_eq!(words("t,commits,--all,--not,--remotes,A"), (all.clone(), Format::Text));
        assert_eq!(words("t,commits,--format,json,--all --not --remotes A"), (all.clone(), Format::Json));
        assert_eq!(words("t,commits,--all,--not,--format=json,--remotes,--,A"), (all, Format::Json));
        assert_eq!(words("t,commits,A..B,--,x,y z").0, ["A..B"]);
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
