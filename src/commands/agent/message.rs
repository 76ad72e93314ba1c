//! The texts of answers: what was found, by the id of the key, and what to do instead.

use super::guard::{Found, Guard};
use crate::agent::{Bypass, Client, Event, Moment, Place};
use crate::finding::KeyId;
use crate::fix;
use crate::report::visible;

/// Where keys are revoked.
const PORTAL: &str = "https://portal.telnyx.com/#/app/api-keys";
/// Maximum number of secrets that a message lists.
const MAX_LISTED: usize = 5;

/// Returns why an event with these secrets is refused, and what to do instead.
pub(super) fn refusal(event: &Event, client: Option<&Client>, found: &[Found], guard: &Guard) -> String {
    let is_prompt = event.moment == Moment::Prompt;
    let list = list(found, guard);
    let variable = found.first().map_or_else(String::new, |one| fix::variable(&one.finding.rule_id));
    let place = found.first().map_or(Place::Prompt, |one| one.place);
    if is_prompt && client.is_some_and(|client| !client.can_refuse_prompts) {
        return format!(
            "telleaks: the model sees a credential in this prompt, which this client does not let a hook refuse:\n{list}\n\
             Revoke it at {PORTAL}, and write ${variable} in its place from now on."
        );
    }
    let (what, instead) = match (is_prompt, place) {
        (true, Place::Prompt) => (
            "this prompt was refused before the model saw it: it contains a credential",
            format!("Write ${variable} in its place and send the prompt again."),
        ),
        (true, _) => (
            "this prompt was refused before the model saw it: a file that it includes contains a credential",
            "Name only the lines that are needed, or paste what telleaks redact prints of it.".to_owned(),
        ),
        (false, Place::Command) => (
            "this command was refused before it ran: it contains a credential",
            format!(
                "Read it from the environment: write \"${variable}\" in the command. If the variable is not set, ask the user to \
                 set it."
            ),
        ),
        (false, Place::Shown) => (
            "this file was not shown: what would be read of it contains a credential",
            "Read only the lines that are needed, or run telleaks redact with its name, which masks it."
                .to_owned(),
        ),
        (false, Place::Written) => (
            "this file was not written: the new text contains a credential",
            format!(
                "Read it from the environment variable {variable} in the program, and leave its value out."
            ),
        ),
        (false, Place::Prompt | Place::Arguments | Place::Output) => (
            "this call was refused before it ran: its arguments contain a credential",
            format!("Leave it out, or refer to it as ${variable}."),
        ),
    };
    format!(
        "telleaks: {what}:\n{list}\n{instead} If the credential was ever shared, the user has to revoke it at {PORTAL}."
    )
}

/// Returns what to do about secrets in the result of a tool.
pub(super) fn seen(found: &[Found], is_masked: bool, guard: &Guard) -> String {
    let list = list(found, guard);
    let what = match is_masked {
        true => {
            "the result of this tool contained a credential. The model gets it masked where the client allows that, but the \
             client has seen it"
        }
        false => "the model has seen a credential in the result of this tool",
    };
    format!(
        "telleaks: {what}:\n{list}\nRevoke it: the user has to do that at {PORTAL}. Do not repeat it, write it to a file or send \
         it anywhere."
    )
}

/// Returns why a command that makes git skip its hooks is refused.
pub(super) fn bypass(bypass: &Bypass) -> String {
    format!(
        "telleaks: this command was refused before it ran: {} makes git skip the hook of telleaks, which searches what is \
         recorded for credentials. Run it without that, and fix what telleaks reports; if that is not possible, ask the user.",
        bypass.how
    )
}

/// Returns what happens to an event that could not be examined whole.
pub(super) fn failure(why: &str, passes: bool) -> String {
    let what = if passes { "passes without having been examined whole" } else { "is refused" };
    format!("telleaks: this event {what}: {} (--on-failure decides)", visible(why))
}

/// Lists secrets, one a line, by what is public of them.
fn list(found: &[Found], guard: &Guard) -> String {
    let mut lines: Vec<String> = found.iter().take(MAX_LISTED).map(|one| line(one, guard)).collect();
    if found.len() > MAX_LISTED {
        lines.push(format!("- and {} more", found.len() - MAX_LISTED));
    }
    lines.join("\n")
}

fn line(one: &Found, guard: &Guard) -> String {
    let finding = &one.finding;
    let rule = guard.rules.iter().find(|rule| rule.id == finding.rule_id);
    let name = rule.map_or(finding.rule_id.as_str(), |rule| rule.name.as_str());
    let mut details = vec![name.to_owned()];
    details.extend(finding.key.as_ref().and_then(KeyId::created_day).map(|day| format!("created {day}")));
    if !finding.encoding.is_empty() {
        let layers: Vec<&str> = finding.encoding.iter().map(|layer| layer.as_str()).collect();
        details.push(format!("written as {}", layers.join(" in ")));
    }
    if !finding.location.path.is_empty() {
        details.push(format!("{}:{}", finding.location.path, finding.location.start_line));
    }
    let secret = finding.key.as_ref().map_or_else(|| finding.secret.masked(), |key| key.as_str().to_owned());
    format!("- {} ({})", visible(&secret), visible(&details.join(", ")))
}
