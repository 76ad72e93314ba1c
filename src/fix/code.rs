//! Programming languages with string literals.

use super::constants::{self, Constant};
use super::lex::{Literal, Spot};
use super::lookup::expression;
use super::names::{Assignment, Known, usual};
use super::place::{self, Place};
use super::text::{Part, Rewrite, Target};
use super::{ByHand, Edit, Hit, Language, Source, documents, fallback, rust};

const NO_STRING: &str = "it is not in a string";

/// Returns the edits for the hits in one literal, or at one position outside of literals.
pub(super) fn edits(source: &Source<'_>, hits: &[Hit<'_>], known: &mut Known) -> Result<Vec<Edit>, ByHand> {
    let first = &hits[0];
    match source.lexed.spot(&first.at) {
        Spot::Comment => Ok(documents::placeholders(hits)),
        // Without a PHP tag in the file, it is not known to be PHP.
        Spot::Html if !source.content.contains("<?") => Err(NO_STRING.into()),
        Spot::Html => {
            let text = |name: &str| format!("<?= {} ?>", expression(source, name, "'"));
            Ok(replaced(source, hits, known, text))
        }
        // An argument of a command.
        Spot::Code if source.is(&[Language::PowerShell]) => {
            Ok(replaced(source, hits, known, |name| format!("$env:{name}")))
        }
        Spot::Code if source.path.ends_with('x') && is_text_of_markup(source, first) => {
            Ok(replaced(source, hits, known, |name| format!("{{{}}}", expression(source, name, "'"))))
        }
        Spot::Code => Err(with_look_up(source, hits, NO_STRING.into())),
        Spot::Unknown => Err("the structure of this file could not be parsed".into()),
        Spot::Literal(literal) => of_literal(source, literal, hits, known),
    }
}

/// Replaces every hit with the result of `text` for the name of its variable.
pub(super) fn replaced(
    source: &Source<'_>,
    hits: &[Hit<'_>],
    known: &mut Known,
    text: impl Fn(&str) -> String,
) -> Vec<Edit> {
    let mut edit = |hit: &Hit<'_>| Edit { span: hit.at.clone(), text: text(&name(source, hit, known)) };
    hits.iter().map(&mut edit).collect()
}

/// Returns the variable for `hit`.
pub(super) fn name(source: &Source<'_>, hit: &Hit<'_>, known: &mut Known) -> String {
    let assigned =
        source.language.and_then(|language| Assignment::of(language, source.line_before(hit.at.start)));
    known.name(hit.secret, hit.rule, assigned.as_ref())
}

/// Returns whether the hit is element text in JSX, as in `<code>KEY…</code>`.
fn is_text_of_markup(source: &Source<'_>, hit: &Hit<'_>) -> bool {
    let (before, after) = (source.line_before(hit.at.start), source.line_after(hit.at.end));
    let opens = before
        .rfind('>')
        .is_some_and(|at| !before[at..].contains(['{', '(', '=']) && !before.ends_with("=>"));
    opens && after.find('<').is_some_and(|at| after[at..].starts_with("</"))
}

/// Adds the look-up to write to `left`, unless it already has one or the literal is made up by a test.
fn with_look_up(source: &Source<'_>, hits: &[Hit<'_>], left: ByHand) -> ByHand {
    if left.write.is_some() || left.reason == place::TEST {
        return left;
    }
    ByHand::new(left.reason, expression(source, &usual(hits[0].rule), "\""))
}

fn of_literal(
    source: &Source<'_>,
    literal: &Literal,
    hits: &[Hit<'_>],
    known: &mut Known,
) -> Result<Vec<Edit>, ByHand> {
    if let Some(edits) = fallback::edits(source, literal) {
        return Ok(edits);
    }
    let place = place::of(source, literal).map_err(|left| with_look_up(source, hits, left))?;
    if place == Place::Documentation {
        return Ok(documents::placeholders(hits));
    }
    let mut part = |hit: &Hit<'_>| {
        let before = source.line_before(literal.whole.start);
        let assigned = Assignment::of(source.language?, before).filter(|_| hits.len() == 1);
        let assigned = if hit.at == literal.inner { assigned } else { assigned.map(Assignment::of_part) };
        let name = known.name(hit.secret, hit.rule, assigned.as_ref());
        Some(Part { at: hit.at.clone(), name })
    };
    let parts: Vec<Part> = hits.iter().filter_map(&mut part).collect();
    let target = Target { source, literal, parts: &parts, place };
    if source.is(&[Language::Rust]) {
        return rust::edits(&target);
    }
    let rewrite = target.rewrite().map_err(|left| with_look_up(source, hits, left))?;
    match constants::of(&target, &rewrite)? {
        Constant::Not => {}
        Constant::Edits(edits) => return Ok(edits),
    }
    Ok(match rewrite {
        Rewrite::Whole(text) => vec![Edit { span: literal.whole.clone(), text }],
        Rewrite::Inside(edits) => edits,
    })
}
