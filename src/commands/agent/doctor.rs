//! `telleaks agent doctor`: whether the hook of each client is called and refuses a made-up key.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::json;
use telleaks_platform::canonicalize;

use super::settings::{clients, places};
use crate::agent::settings::{Format, Places, Scope, installed, parsed};
use crate::agent::{CLIENTS, Client, Moment};
use crate::cli::AgentPlace;
use crate::commands::{Console, Exit, is_closed_pipe};
use crate::report::visible;
use crate::self_test::Keys;

/// One line of the result, and whether it is in order.
type Line = (bool, String);
/// The program of a hook and its arguments.
type Hook = (PathBuf, Vec<&'static str>);

pub(super) fn run(place: &AgentPlace, console: &mut Console<'_>) -> Result<Exit> {
    let mut lines = Vec::new();
    let scopes = match (place.user, place.project) {
        (true, _) => vec![Scope::User],
        (_, true) => vec![Scope::Project],
        _ => vec![Scope::User, Scope::Project],
    };
    let all = places(place)?;
    for scope in &scopes {
        let places = Places { scope: *scope, ..all.clone() };
        let clients = if place.client.is_some() { clients(place, &places) } else { CLIENTS.to_vec() };
        for client in clients {
            lines.extend(checked(client, &places)?);
        }
    }
    lines.dedup();
    if lines.is_empty() {
        let who = place.client.map_or("no client has", |client| client.title);
        let has = if place.client.is_some() { " does not have" } else { "" };
        lines.push((false, format!("{who}{has} the hook of telleaks; telleaks agent install adds it")));
    }
    let is_sound = lines.iter().all(|(ok, _)| *ok);
    let sign = |ok| if ok { "ok" } else { "not in order" };
    let text: String = lines.iter().map(|(ok, line)| format!("{}: {}\n", sign(*ok), visible(line))).collect();
    match console.out.write_all(text.as_bytes()).and_then(|()| console.out.flush()) {
        Err(error) if !is_closed_pipe(&error) => Err(error).context("cannot write to standard output"),
        _ if is_sound => Ok(Exit::Clean),
        _ => Ok(Exit::Match),
    }
}

/// Checks the settings of a client in one scope; nothing if they have no hook of telleaks.
fn checked(client: &'static Client, places: &Places) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for file in places.files(client) {
        let shown = file.display();
        let commands = match installed(client, &file) {
            Ok(commands) if commands.is_empty() => continue,
            Ok(commands) => commands,
            Err(error) => {
                lines.push((false, format!("{}: {error}", client.title)));
                continue;
            }
        };
        let missing = missing(client, &commands);
        if !missing.is_empty() {
            let events = missing.join(", ");
            lines.push((
                false,
                format!("{}: {shown} has no hook for {events}; telleaks agent install adds it", client.title),
            ));
        }
        let mut all: Vec<&str> = commands.iter().map(|(_, command)| command.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        for command in all {
            lines.push(proved(client, command, &file, places.scope)?);
        }
        for off in places.switched_off(client) {
            lines.push((false, format!("{}: its hooks are switched off: {off}", client.title)));
        }
        if !client.settings.note.is_empty() {
            lines.push((true, format!("{}: {}", client.title, client.settings.note)));
        }
    }
    Ok(lines)
}

/// Returns the events that a settings file has no hook for.
fn missing(client: &Client, commands: &[(String, String)]) -> Vec<&'static str> {
    let events: Vec<&'static str> = match &client.settings.format {
        Format::Json(listing) => listing.events.iter().map(|(event, _)| *event).collect(),
        Format::Toml(types) => types.to_vec(),
        Format::Own(_) => Vec::new(),
    };
    events.into_iter().filter(|event| !commands.iter().any(|(name, _)| name == event)).collect()
}

/// Runs the command of a hook with two events: one with a made-up key, which it has to refuse, and one without.
///
/// Settings come with a project: only a command that `telleaks agent install` writes is run, without a shell, and in a
/// project only if its program is this one.
fn proved(client: &Client, command: &str, file: &Path, scope: Scope) -> Result<Line> {
    let key = Keys::default().next_key().context("cannot make a random key")?;
    let shown = format!("{}: {}: {command}", client.title, file.display());
    let Some(hook) = parsed(client, command) else {
        let line = format!("{shown} is not what telleaks agent install writes; it was not run");
        return Ok((false, line));
    };
    if scope == Scope::Project && !is_this_program(&hook.0) {
        return Ok((false, format!("{shown} does not name this program; it was not run")));
    }
    let command = &hook;
    let id = key.split('_').next().unwrap_or_default();
    let (refusal, pass) =
        (answered(client, command, &format!("key = '{key}'\n")), answered(client, command, "key = ''\n"));
    let verdict = match (refusal, pass) {
        (Ok(refused), Ok(passed)) => {
            let said = refused.text.contains(id) && refused.is_refusal() && !refused.text.contains(&key);
            match (said, passed.is_refusal()) {
                (true, false) => (true, format!("{shown} refuses a made-up key")),
                (true, true) => (false, format!("{shown} refuses everything")),
                (false, _) => (false, format!("{shown} does not refuse a made-up key")),
            }
        }
        (Err(error), _) | (_, Err(error)) => (false, format!("{shown} cannot be run: {error}")),
    };
    Ok(verdict)
}

fn is_this_program(path: &Path) -> bool {
    let own = std::env::current_exe().and_then(|own| canonicalize(&own));
    own.is_ok_and(|own| canonicalize(path).is_ok_and(|path| path == own))
}

/// What a hook has answered.
struct Answered {
    text: String,
    code: Option<i32>,
}

impl Answered {
    fn is_refusal(&self) -> bool {
        self.code == Some(2) || self.text.contains("\"deny\"") || self.text.contains("\"block\"")
    }
}

/// Runs the command of a hook as its client does, before a file with this content is written.
fn answered(client: &Client, (program, arguments): &Hook, content: &str) -> std::io::Result<Answered> {
    let name =
        client.events.iter().find(|(_, moment)| *moment == Moment::Before).map_or("", |(name, _)| name);
    let input = json!({ "file_path": "telleaks-agent-doctor.txt", "content": content });
    let mut event =
        json!({ "session_id": "telleaks-agent-doctor", "cwd": std::env::current_dir()?.to_string_lossy() });
    match client.mark {
        Some("toolArgs") => {
            event["toolName"] = "create".into();
            event["toolArgs"] = input;
        }
        mark => {
            event["hook_event_name"] = name.into();
            event["tool_name"] = "write_file".into();
            event["tool_input"] = input;
            if let Some(mark) = mark {
                event[mark] = "telleaks-agent-doctor".into();
            }
        }
    }
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A program that does not read its input is judged by its answer.
        let _unread = input.write_all(event.to_string().as_bytes());
    }
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Ok(Answered { text, code: output.status.code() })
}
