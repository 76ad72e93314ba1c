//! Formats the answer in one sentence, and the reason for which a rule rejected a text.

use super::document::Document;
use crate::detect::RejectReason;
use crate::finding::OWN_PREFIX;
use crate::rules::Rule;

/// Returns the answer in one sentence.
pub(super) fn answer(document: &Document) -> String {
    let of = |status: &str| {
        let secrets = document.findings.iter().filter(|one| !one.rule_id.starts_with(OWN_PREFIX));
        secrets.filter(|one| one.status == status).count()
    };
    let (reported, hidden, off) = (of("reported"), of("hidden"), of("off"));
    let mut parts = Vec::new();
    for (count, what) in [
        (reported, "reported"),
        (hidden, "hidden by a suppression"),
        (off, "not reported, because the rule is switched off"),
    ] {
        match count {
            0 => {}
            1 => parts.push(format!("1 credential is {what}")),
            _ => parts.push(format!("{count} credentials are {what}")),
        }
    }
    if !parts.is_empty() {
        return format!("{}.", parts.join("; "));
    }
    let close = document.anchors.len() + document.more_anchors;
    if close == 0 {
        return "nothing is reported: nothing there looks like a credential, in any known encoding."
            .to_owned();
    }
    let begins = match close {
        1 => "1 text begins like a credential but is not one".to_owned(),
        _ => format!("{close} texts begin like a credential but are not one"),
    };
    format!("nothing is reported: {begins}, for the reasons below.")
}

/// Formats the rejection by the rule with index `rule` in `rules`.
pub(super) fn of(refusal: &RejectReason, rules: &[&Rule], rule: usize) -> String {
    let rule = rules[rule];
    match refusal {
        RejectReason::Short { follow, needed } => {
            let set = rule.run.as_ref().map_or("", |run| run.set.as_str());
            format!("too short: only {follow} of the {needed} required characters follow (each one of {set})")
        }
        RejectReason::Context => {
            let context = rule.context.as_deref().unwrap_or_default();
            format!("nothing within 1,000 bytes matches the rule's context, {context}")
        }
        RejectReason::Shape => {
            format!(
                "the text does not match the pattern of the rule; telleaks rules show {} prints it",
                rule.id
            )
        }
        RejectReason::Boundary => "check boundary: it is part of a longer word, or of base64".to_owned(),
        RejectReason::NotMixed => {
            "check mixed: a random text of this length would have digits, small and capital letters"
                .to_owned()
        }
        RejectReason::PublicKey => "check not-public-key: it is the name of a public key".to_owned(),
        RejectReason::Claim => {
            let claim = rule.claim.as_ref().map_or("", |claim| claim.name.as_str());
            format!("the token's claim {claim} does not have the required value")
        }
        RejectReason::Example(reason) => {
            format!("check placeholder: {reason}; scan --verbose shows it as a note")
        }
        RejectReason::NotSecret(reason) => format!("the value is not a secret: {reason}"),
        RejectReason::Outranked(better) => {
            format!("the rule {} matches at the same position and has a higher rank", rules[*better].id)
        }
    }
}
