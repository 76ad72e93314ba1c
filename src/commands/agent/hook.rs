//! `telleaks agent hook`: reads one event of a client and answers it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::guard::{Examined, Guard};
use super::{input, message};
use crate::agent::{
    Answer, Body, Client, Event, Moment, OnFailure, Part, Place, Verdict, by_exit_code, bypasses, parts,
    sender,
};
use crate::cli::{AgentHookArgs, ConfigArgs, ProjectArgs};
use crate::commands::{Console, Exit};
use crate::hook;

pub(super) fn run(args: &AgentHookArgs, console: &mut Console<'_>) -> Result<Exit> {
    let input = input::read();
    let whole = Event::parse(&input.bytes);
    let failure = match &whole {
        Some(_) => None,
        None if input.bytes.is_empty() && input.failure.is_none() => Some("it is empty".to_owned()),
        None => Some(input.failure.unwrap_or_else(|| "it is not a JSON document".to_owned())),
    };
    let damaged = whole.is_none().then_some(input.bytes.as_slice());
    let event = whole.unwrap_or_else(|| Event::damaged(&input.bytes));
    let client = sender(&event, args.client);
    let on_failure = args.on_failure.or(client.map(|client| client.on_failure)).unwrap_or(OnFailure::Allow);
    let mut decision = Decision { args, event: &event, client, failure, damaged };
    // A defect must not decide by accident: exit code 2 refuses in some protocols and passes in others.
    let verdict = catch_unwind(AssertUnwindSafe(|| decision.verdict(on_failure)))
        .unwrap_or_else(|_| failed("internal error; please report it", on_failure));
    let answer = client.map_or_else(|| by_exit_code(&verdict), |client| (client.answer)(&event, &verdict));
    Ok(write(&answer, console))
}

/// Writes an answer. Write errors are ignored: a client that has closed the stream does not want it.
fn write(answer: &Answer, console: &mut Console<'_>) -> Exit {
    let _unread = console.out.write_all(answer.stdout.as_bytes()).and_then(|()| console.out.flush());
    let _unread = console.err.write_all(answer.stderr.as_bytes());
    match answer.exit {
        0 => Exit::Clean,
        1 => Exit::Match,
        _ => Exit::Refused,
    }
}

fn failed(why: &str, on_failure: OnFailure) -> Verdict {
    match on_failure {
        OnFailure::Block => Verdict::Block(message::failure(why, false)),
        OnFailure::Allow => Verdict::Warn(message::failure(why, true)),
    }
}

/// What an event is decided from.
struct Decision<'a> {
    args: &'a AgentHookArgs,
    event: &'a Event,
    client: Option<&'static Client>,
    /// Why the event cannot be examined whole, as far as that is known.
    failure: Option<String>,
    /// The bytes of the event, if it is damaged.
    damaged: Option<&'a [u8]>,
}

impl Decision<'_> {
    fn verdict(&mut self, on_failure: OnFailure) -> Verdict {
        if self.event.moment == Moment::Other {
            return Verdict::Pass;
        }
        let here = || std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let cwd = self.event.cwd.clone().filter(|cwd| cwd.is_dir()).unwrap_or_else(here);
        if let Some(reason) = self.bypass(&cwd) {
            return Verdict::Block(reason);
        }
        let guard = match self.guard(&cwd) {
            Ok(guard) => guard,
            Err(error) => return failed(&format!("{error:#}"), on_failure),
        };
        let parts = match self.damaged {
            Some(bytes) => vec![damaged_part(bytes)],
            None => parts(self.event, self.client),
        };
        let Examined { found, unread, .. } = guard.examine(&parts);
        if !found.is_empty() {
            if self.event.moment != Moment::After {
                return Verdict::Block(message::refusal(self.event, self.client, &found, &guard));
            }
            let masked = self.event.output.as_ref().and_then(|(_, output)| guard.masked_value(output));
            return Verdict::Seen { reason: message::seen(&found, masked.is_some(), &guard), masked };
        }
        let unread = unread.first().map(|one| format!("{}: {}", one.path, one.reason));
        match self.failure.take().or(unread) {
            Some(why) => failed(&guard.masked(&why), on_failure),
            None => Verdict::Pass,
        }
    }

    /// Returns the rules and suppressions of the project. Mistakes in its configuration are a failure, after which the
    /// built-in rules apply, without suppressions.
    fn guard(&mut self, cwd: &Path) -> Result<Guard> {
        let args = &self.args.project;
        Guard::new(args, cwd).or_else(|error| {
            let config = ConfigArgs { config: None, no_config: true };
            let guard = Guard::new(&ProjectArgs { rules: args.rules.clone(), config, baseline: None }, cwd)?;
            self.failure.get_or_insert_with(|| format!("{error:#}"));
            Ok(guard)
        })
    }

    /// Returns why a command is refused that makes git skip a hook of telleaks.
    fn bypass(&self, cwd: &Path) -> Option<String> {
        if self.event.moment != Moment::Before {
            return None;
        }
        let command = self.event.command()?;
        let skipped = bypasses(&command, cwd).into_iter().find(|one| {
            let status = hook::status(&one.dir);
            let hooks = status.map(|status| status.hooks).unwrap_or_default();
            hooks.iter().any(|hook| one.hooks.contains(&hook.name) && hook.state.is_active())
        });
        skipped.map(|skipped| message::bypass(&skipped))
    }
}

/// Returns the bytes of a damaged event as one text.
fn damaged_part(bytes: &[u8]) -> Part {
    Part {
        place: Place::Arguments,
        path: None,
        body: Body::Text(String::from_utf8_lossy(bytes).into_owned()),
        before: Vec::new(),
        is_context: false,
    }
}
