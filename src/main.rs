//! The program: parse, run, print, exit. Nothing else prints or exits.

use std::io::{BufWriter, IsTerminal, Write, stderr, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use telleaks::cli::Cli;
use telleaks::commands::{Console, Exit, run};
use telleaks::report::Clock;

/// What is said when a run ends in a panic outside the work on one file or object. The panic's own words may hold content.
const DEFECT: &str = "telleaks: this run failed inside telleaks and is not complete; please report it";
/// What a shell calls a run that was interrupted: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let cli = Cli::read();
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
        let text = format!("{error:#}");
        let lines = text.lines().map(telleaks::report::visible).collect::<Vec<_>>().join("\n");
        let _unread = writeln!(stderr(), "telleaks: {lines}");
        Exit::Failed
    });
    ExitCode::from(exit.code())
}
