//! The program: parse, run, print, exit. Nothing else prints or exits.

use std::io::{BufWriter, IsTerminal, Write, stderr, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use telleaks::cli::Cli;
use telleaks::commands::{Console, Exit, run};
use telleaks::report::{Clock, message, visible};

/// What is said when a run ends in a panic outside the work on one file or object. The panic's own words may hold content.
const DEFECT: &str = "telleaks: this run failed inside telleaks and is not complete; please report it";
/// What a shell calls a run that was interrupted: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(instead) => return no_command(&instead),
    };
    // A panic is caught for each file and object and named there; its message may hold content.
    std::panic::set_hook(Box::new(|_| {}));
    // An interrupted run ends at once, whatever its threads are doing. Signals that the caller has ordered to be ignored
    // (nohup) stay so, and then the others do what the system does with them.
    let handled = ctrlc::try_set_handler(|| {
        telleaks::unfinished::remove_all();
        std::process::exit(INTERRUPTED);
    });
    if let Err(ctrlc::Error::System(error)) = handled {
        // The signals are caught by now and nobody hears them.
        let _unread = writeln!(stderr(), "telleaks: cannot start a thread: {error}");
        return ExitCode::from(Exit::Failed.code());
    }
    let ended = catch_unwind(AssertUnwindSafe(|| run_command(&cli)));
    ended.unwrap_or_else(|_| {
        let _unread = writeln!(stderr(), "{DEFECT}");
        ExitCode::from(Exit::Failed.code())
    })
}

/// Runs the command and prints what it says.
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
        let _unread = writeln!(stderr(), "telleaks: {}", message(&format!("{error:#}")));
        Exit::Failed
    });
    ExitCode::from(exit.code())
}

/// Prints the help that was asked for, or what is wrong with the arguments. Names in them may be those of files that somebody
/// else has made, and clap repeats them as they are.
fn no_command(instead: &clap::Error) -> ExitCode {
    let code = ExitCode::from(u8::try_from(instead.exit_code()).unwrap_or(2));
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let values = args.iter().filter_map(|arg| arg.split_once('=')).map(|(_, value)| value);
    let hostile: Vec<&str> =
        args.iter().map(String::as_str).chain(values).filter(|arg| visible(arg) != *arg).collect();
    if !instead.use_stderr() || hostile.is_empty() {
        let _unread = instead.print();
        return code;
    }
    let text =
        hostile.iter().fold(instead.render().to_string(), |text, arg| text.replace(arg, &visible(arg)));
    let lines = text.lines().map(visible).collect::<Vec<_>>().join("\n");
    let _unread = writeln!(stderr(), "{lines}");
    code
}
