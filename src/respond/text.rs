//! Plans as text for a terminal. Text from the report is sanitized first.

use std::io::{self, Write};

use crate::finding::Plan;
use crate::report::visible;

/// Writes all plans in sequence.
///
/// # Errors
/// Returns the I/O error if `out` cannot be written.
pub fn write_text(plans: &[Plan], out: &mut dyn Write) -> io::Result<()> {
    if plans.is_empty() {
        return writeln!(out, "Nothing to do: the report has no findings.");
    }
    for (at, plan) in plans.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", visible(&plan.title))?;
        for fact in &plan.facts {
            writeln!(out, "  = {}", visible(fact))?;
        }
        for (number, step) in plan.steps.iter().enumerate() {
            writeln!(out, "  {}. {}", number + 1, visible(&step.title))?;
            for line in &step.lines {
                writeln!(out, "     - {}", visible(line))?;
            }
            for command in &step.commands {
                writeln!(out, "       {}", visible(command))?;
            }
            if let Some(link) = step.link {
                writeln!(out, "     - {link}")?;
            }
        }
    }
    writeln!(out, "\nThis is advice: telleaks revokes and rewrites nothing.")
}
