//! Plans as one self-contained HTML file in the style of the `html` report: no scripts, fonts or images, with a content
//! security policy that allows none. Readable on a phone and on paper, and free of secrets.

use std::io::{self, Write};

use crate::finding::Plan;
use crate::report::{plain_page, write_plan};

/// Writes all plans as one page.
///
/// # Errors
/// Returns the I/O error if `out` cannot be written.
pub fn write_html(plans: &[Plan], out: &mut dyn Write) -> io::Result<()> {
    plain_page("What to do now", "", out)?;
    if plans.is_empty() {
        writeln!(out, "<p>Nothing: the report has no findings.</p>")?;
    } else {
        writeln!(out, "<div class=\"plain plan\">")?;
        for plan in plans {
            write_plan(plan, true, out)?;
        }
        writeln!(out, "</div>")?;
    }
    writeln!(
        out,
        "</main>\n<footer><p>This is advice: telleaks revokes and rewrites nothing.</p></footer>\n</body>\n</html>"
    )
}
