//! The program: parse, run, print, exit. Nothing else prints or exits.

use std::io::{BufWriter, IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;
use telleaks::cli::Cli;
use telleaks::commands::{Console, Exit, run};
use telleaks::report::Clock;

/// What a shell calls a run that was interrupted: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let cli = Cli::read();
    // An interrupted scan ends at once, whatever its threads are doing. Where no handler can be set, the system's own
    // ends the process as well.
    let _default_is_fine = ctrlc::set_handler(|| std::process::exit(INTERRUPTED));
    // A panic is caught for each file and named there; its message may hold content.
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = BufWriter::new(stdout().lock());
    let mut err = stderr();
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        out_is_terminal: stdout().is_terminal(),
        err_is_terminal: stderr().is_terminal(),
        clock: Clock::start(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref()),
    };
    let exit = run(&cli, &mut console).unwrap_or_else(|error| {
        let text = format!("{error:#}");
        let lines = text.lines().map(telleaks::report::visible).collect::<Vec<_>>().join("\n");
        let _unread = writeln!(stderr(), "telleaks: {lines}");
        Exit::Failed
    });
    ExitCode::from(exit.code())
}
