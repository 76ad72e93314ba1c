//! The tools of the server: from arguments to results without a secret.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use serde_json::{Map, Value, json};
use telleaks_platform::canonicalize;

use crate::agent::{Body, Part, Place};
use crate::cli::{Cli, Command, McpArgs};
use crate::commands::agent::{Examined, Found, Guard};
use crate::commands::{Console, Exit, explain, scan};
use crate::finding::KeyId;
use crate::mcp::{called, refused};
use crate::report::{Clock, visible};

/// Maximum size of a file that is masked, in bytes: the result goes to a model.
const MAX_MASKED: u64 = 16 << 20;

/// Arguments of a tool.
type Arguments = Map<String, Value>;
/// A tool.
type Call = fn(&McpArgs, &Arguments) -> Result<Value>;

/// Returns the tool of a name.
pub(super) fn named(name: &str) -> Option<Call> {
    match name {
        "scan_text" => Some(scan_text),
        "scan_path" => Some(scan_path),
        "explain" => Some(explain_place),
        "redact" => Some(redact),
        _ => None,
    }
}

/// Returns the result of a call that failed. The reason may repeat an argument, so secrets in it are masked.
pub(super) fn failed(args: &McpArgs, why: &str) -> Value {
    let masked = guard(args).map(|guard| guard.masked(why));
    refused(&visible(&masked.unwrap_or_else(|_| "the configuration is wrong".to_owned())))
}

fn text<'a>(arguments: &'a Arguments, name: &str) -> Result<&'a str> {
    arguments.get(name).and_then(Value::as_str).with_context(|| format!("{name} is missing or not a text"))
}

fn guard(args: &McpArgs) -> Result<Guard> {
    let here = std::env::current_dir().context("the current folder does not exist")?;
    Guard::new(&args.project, &here)
}

fn scan_text(args: &McpArgs, arguments: &Arguments) -> Result<Value> {
    let guard = guard(args)?;
    let path = arguments.get("path").and_then(Value::as_str).map(PathBuf::from);
    // Comments count in a file only.
    let place = if path.is_some() { Place::Written } else { Place::Arguments };
    let body = Body::Text(text(arguments, "text")?.to_owned());
    let part = Part { place, path, body, before: Vec::new(), is_context: false };
    let Examined { found, unread, .. } = guard.examine(&[part]);
    let findings: Vec<Value> = found.iter().map(|one| listed(one, &guard)).collect();
    let unread: Vec<String> = unread.into_iter().map(|one| guard.masked(&one.reason)).collect();
    Ok(result(findings, unread))
}

/// Returns a finding as data, in the words of the json report.
fn listed(one: &Found, guard: &Guard) -> Value {
    let finding = &one.finding;
    let rule = guard.rules.iter().find(|rule| rule.id == finding.rule_id);
    json!({
        "rule_id": finding.rule_id,
        "severity": finding.severity.as_str(),
        "message": finding.message,
        "secret": finding.secret.masked(),
        "secret_sha256": finding.secret.sha256(),
        "key_id": finding.key.as_ref().map(KeyId::as_str),
        "key_created": finding.key.as_ref().and_then(KeyId::created),
        "encoding": finding.encoding.iter().map(|layer| layer.as_str()).collect::<Vec<_>>(),
        "location": {
            "path": finding.location.path,
            "start_line": finding.location.start_line,
            "start_column": finding.location.start_column,
        },
        "fix": rule.map(|rule| rule.fix.as_str()),
    })
}

/// Returns findings as a result: a line for each, and the data.
fn result(findings: Vec<Value>, unread: Vec<String>) -> Value {
    let field = |finding: &Value, pointer: &str| match finding.pointer(pointer) {
        Some(Value::String(text)) => visible(text).into_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let line = |finding: &Value| {
        let at = [field(finding, "/location/path"), field(finding, "/location/start_line")].join(":");
        let [severity, rule] = ["/severity", "/rule_id"].map(|pointer| field(finding, pointer));
        format!("{at}: {severity}[{rule}]: {} ({})", field(finding, "/message"), field(finding, "/secret"))
    };
    let mut lines: Vec<String> = findings.iter().map(line).collect();
    lines.extend(unread.iter().map(|one| format!("not read: {}", visible(one))));
    lines.push(match (findings.len(), unread.is_empty()) {
        (0, true) => "No leaks found.".to_owned(),
        (0, false) => "No leaks found in what could be read; this is not a clean result.".to_owned(),
        (count, _) => {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} finding{plural}. Do not repeat, send or write these credentials; the user has to revoke them.")
        }
    });
    let is_clean = findings.is_empty() && unread.is_empty();
    called(&lines.join("\n"), Some(json!({ "clean": is_clean, "findings": findings, "not_read": unread })))
}

/// Runs a command of the program and returns its standard output and how it ended.
fn run(args: &McpArgs, words: &[&str], argument: &str) -> Result<(Vec<u8>, Exit)> {
    let mut line: Vec<OsString> = vec!["telleaks".into()];
    line.extend(words.iter().map(OsString::from));
    let args = &args.project;
    let mut option = |name: &str, value: &Path| line.extend([name.into(), value.into()]);
    args.rules.files.iter().for_each(|file| option("--rules", file));
    args.rules.only.iter().for_each(|id| option("--rule", Path::new(id)));
    args.rules.without.iter().for_each(|id| option("--exclude-rule", Path::new(id)));
    args.config.config.iter().for_each(|file| option("--config", file));
    args.baseline.iter().for_each(|file| option("--baseline", file));
    if args.config.no_config {
        line.push("--no-config".into());
    }
    line.extend(["--".into(), argument.into()]);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        out_is_terminal: false,
        err_is_terminal: false,
        clock: Clock::start(None),
    };
    let cli = Cli::try_parse_from(line).map_err(|_| anyhow::anyhow!("the argument is not understood"))?;
    let exit = match &cli.command {
        Command::Scan(args) => scan::run(args, cli.color, &mut console)?,
        Command::Explain(args) => explain::run(args, &mut console)?,
        _ => bail!("the command is not a tool"),
    };
    Ok((out, exit))
}

/// Checks that a path is in the folder in which the server was started: a model must not read other files through it.
fn ensure_inside(path: &Path) -> Result<()> {
    let here = std::env::current_dir().and_then(|here| canonicalize(&here));
    let here = here.context("the current folder does not exist")?;
    let shown = path.to_string_lossy();
    let found = canonicalize(path);
    let found = found.map_err(|_| anyhow::anyhow!("{}: no such file or folder", visible(&shown)))?;
    ensure!(found.starts_with(here), "{}: not in the folder of the server", visible(&shown));
    Ok(())
}

fn scan_path(args: &McpArgs, arguments: &Arguments) -> Result<Value> {
    let path = text(arguments, "path")?;
    ensure!(path != "-", "standard input is not a file");
    ensure_inside(Path::new(path))?;
    let (out, _) = run(args, &["scan", "--format", "json", "--quiet"], path)?;
    let mut report: Value = serde_json::from_slice(&out).context("cannot parse the report")?;
    let mut list = |name: &str| match report[name].take() {
        Value::Array(all) => all,
        _ => Vec::new(),
    };
    let (findings, unread) = (list("findings"), list("unreadable"));
    let reason = |one: Value| {
        let part = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        format!("{}: {}", part("path"), part("reason"))
    };
    Ok(result(findings, unread.into_iter().map(reason).collect()))
}

fn explain_place(args: &McpArgs, arguments: &Arguments) -> Result<Value> {
    let place = text(arguments, "place")?;
    ensure_inside(&explain::file_of(place.as_ref()))?;
    let (out, _) = run(args, &["explain"], place)?;
    Ok(called(&String::from_utf8_lossy(&out), None))
}

fn redact(args: &McpArgs, arguments: &Arguments) -> Result<Value> {
    let guard = guard(args)?;
    let bytes = match (arguments.get("text"), arguments.get("path")) {
        (Some(Value::String(text)), None) => text.as_bytes().to_vec(),
        (None, Some(Value::String(path))) => {
            ensure_inside(Path::new(path))?;
            let size =
                std::fs::metadata(path).map_err(|error| anyhow::anyhow!("{}: {error}", visible(path)))?;
            ensure!(
                size.is_file() && size.len() <= MAX_MASKED,
                "{}: not a file of up to 16 MiB",
                visible(path)
            );
            crate::fault_injection::read_file(Path::new(path))?
        }
        _ => bail!("give either text or path"),
    };
    let masked = guard.redacted(&bytes).context("the rules have too many anchors")?;
    Ok(called(&String::from_utf8_lossy(&masked), None))
}
