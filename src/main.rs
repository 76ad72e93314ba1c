//! The program: parses the arguments, runs the command, prints and exits. No other module prints or exits.

use std::io::{BufWriter, IsTerminal, Write, stderr, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use telleaks::cli::Cli;
use telleaks::commands::{Console, Exit, run, without_secrets};
use telleaks::report::{Clock, message, visible};

/// Printed if a run panics outside the work on one file or object. The panic message is dropped, because it may contain
/// content.
const INTERNAL_ERROR: &str = "telleaks: internal error: this run is incomplete; please report it";
/// Exit code of an interrupted run: 128 and the number of the signal, as in a shell.
const EXIT_INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(instead) => return no_command(&instead),
    };
    // Panics are caught and reported for each file and object; their messages may contain content.
    std::panic::set_hook(Box::new(|_| {}));
    // An interrupted run ends at once, whatever its threads are doing. If the caller ignores a signal (nohup), it stays
    // ignored, and the others keep the system's default action.
    let handled = ctrlc::try_set_handler(|| {
        telleaks::atomic_file::remove_all();
        std::process::exit(EXIT_INTERRUPTED);
    });
    if let Err(ctrlc::Error::System(error)) = handled {
        // The signals are caught already, but no thread handles them.
        let _unread = writeln!(stderr(), "telleaks: cannot start a thread: {error}");
        return ExitCode::from(Exit::Failed.code());
    }
    let ended = catch_unwind(AssertUnwindSafe(|| run_command(&cli)));
    ended.unwrap_or_else(|_| {
        let _unread = writeln!(stderr(), "{INTERNAL_ERROR}");
        ExitCode::from(Exit::Failed.code())
    })
}

/// Runs the command and prints its error.
fn run_command(cli: &Cli) -> ExitCode {
    let mut out = BufWriter::new(stdout().lock());
    let mut err = stderr();
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        out_is_terminal: stdout().is_terminal(),
        err_is_terminal: stderr().is_terminal(),
        clock: Clock::start(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref()),
    };
    let exit = run(cli, &mut console).unwrap_or_else(|error| {
        let _unread = writeln!(stderr(), "telleaks: {}", message(&without_secrets(&format!("{error:#}"))));
        Exit::Failed
    });
    ExitCode::from(exit.code())
}

/// Prints the requested help, or the error in the arguments. Arguments may contain credentials and file names that someone
/// else chose, and clap repeats them.
fn no_command(instead: &clap::Error) -> ExitCode {
    let code = ExitCode::from(u8::try_from(instead.exit_code()).unwrap_or(2));
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let values = args.iter().filter_map(|arg| arg.split_once('=')).map(|(_, value)| value);
    let hostile: Vec<&str> =
        args.iter().map(String::as_str).chain(values).filter(|arg| visible(arg) != *arg).collect();
    let text = instead.render().to_string();
    let shown = if instead.use_stderr() { without_secrets(&text) } else { text.clone() };
    if shown == text && (!instead.use_stderr() || hostile.is_empty()) {
        let _unread = instead.print();
        return code;
    }
    let text = hostile.iter().fold(shown, |text, arg| text.replace(arg, &visible(arg)));
    let lines = text.lines().map(visible).collect::<Vec<_>>().join("\n");
    let _unread = writeln!(stderr(), "{lines}");
    code
}
