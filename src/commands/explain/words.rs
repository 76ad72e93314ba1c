//! Formats the reason for which a rule rejected an anchor.

use crate::detect::RejectReason;
use crate::rules::Rule;

/// Formats the rejection by the rule with index `rule` in `rules`.
pub(super) fn of(refusal: &RejectReason, rules: &[&Rule], rule: usize) -> String {
    let rule = rules[rule];
    match refusal {
        RejectReason::Short { follow, needed } => {
            let set = rule.run.as_ref().map_or("", |run| run.set.as_str());
            format!("only {follow} of the {needed} required characters follow (each one of {set})")
        }
        RejectReason::Context => {
            let context = rule.context.as_deref().unwrap_or_default();
            format!("nothing within 1,000 bytes matches the rule's context, {context}")
        }
        RejectReason::Shape => {
            "the text does not match the rule's pattern; telleaks rules show ID prints it".to_owned()
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
