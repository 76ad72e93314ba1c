//! Plans as one self-contained HTML file: no scripts, fonts or images, with a content security policy that allows none.
//! Readable on a phone and on paper, and free of secrets.

use std::io::{self, Write};

use crate::finding::{Plan, Step};
use crate::report::escaped;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>telleaks: what to do now</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; }
h2 { font: bold 1rem/1.4 ui-monospace, monospace; margin-top: 2.5rem; }
h2, p, li { overflow-wrap: anywhere; }
.fact { margin: 0; opacity: .8; }
li { margin: .3rem 0; }
ol > li { font-weight: bold; }
pre { white-space: pre-wrap; margin: 0; }
ol ul { font-weight: normal; padding-left: 1.2rem; }
</style>
</head>
<body>
<h1>What to do now</h1>
"#;

/// Writes all plans as one page.
///
/// # Errors
/// Returns the I/O error if `out` cannot be written.
pub fn write_html(plans: &[Plan], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    if plans.is_empty() {
        writeln!(out, "<p>Nothing: the report has no findings.</p>")?;
    }
    for plan in plans {
        writeln!(out, "<section>\n<h2>{}</h2>", escaped(&plan.title))?;
        for fact in &plan.facts {
            writeln!(out, "<p class=\"fact\">{}</p>", escaped(fact))?;
        }
        writeln!(out, "<ol>")?;
        for step in &plan.steps {
            write_step(step, out)?;
        }
        writeln!(out, "</ol>\n</section>")?;
    }
    writeln!(out, "<p>This is advice: telleaks revokes and rewrites nothing.</p>\n</body>\n</html>")
}

fn write_step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<li>{}\n<ul>", escaped(&step.title))?;
    for line in &step.lines {
        writeln!(out, "<li>{}</li>", escaped(line))?;
    }
    if !step.commands.is_empty() {
        writeln!(out, "<li><pre>{}</pre></li>", escaped(&step.commands.join("\n")))?;
    }
    if let Some(link) = step.link {
        writeln!(out, "<li><a href=\"{0}\" rel=\"noreferrer\">{0}</a></li>", escaped(link))?;
    }
    writeln!(out, "</ul></li>")
}
