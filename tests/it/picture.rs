//! The picture in README.md is the coloured output of the program. `TELLEAKS_UPDATE_README=1 cargo test --test it picture` draws
//! it again.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use data_encoding::BASE64;

use crate::common::{put, telleaks};

/// Width of a character, height of a line and the margin, in pixels.
const CELL: f64 = 8.4;
const LINE: usize = 21;
const MARGIN: usize = 20;
/// Longest line of the picture, in characters. Longer lines are wrapped.
const COLUMNS: usize = 92;
/// Lines of the report that are not in the picture: they are about this one file name.
const LEFT_OUT: [&str; 1] = ["= accept:"];

/// How characters look: bold, and the number of the colour.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Style {
    bold: bool,
    colour: u8,
}

/// Applies the numbers of one escape sequence (SGR).
fn styled(mut style: Style, numbers: &str) -> Style {
    for number in numbers.split(';') {
        match number.parse().unwrap_or(0) {
            0 => style = Style::default(),
            1 => style.bold = true,
            colour @ (30..=37 | 90..=97) => style.colour = colour,
            other => panic!("the picture knows no style {other}"),
        }
    }
    style
}

/// Splits coloured text into lines of characters with their style.
fn cells(text: &str) -> Vec<Vec<(char, Style)>> {
    let mut style = Style::default();
    let mut lines = vec![Vec::new()];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(sequence) = rest.strip_prefix("\u{1b}[") {
            let (numbers, after) = sequence.split_once('m').unwrap();
            style = styled(style, numbers);
            rest = after;
            continue;
        }
        match first {
            '\n' => lines.push(Vec::new()),
            _ => lines.last_mut().unwrap().push((first, style)),
        }
        rest = &rest[first.len_utf8()..];
    }
    lines
}

/// Wraps a line at blanks, and indents what follows as `= help: ` does.
fn wrapped(line: &[(char, Style)]) -> Vec<Vec<(char, Style)>> {
    let mut out = Vec::new();
    let mut rest = line.to_vec();
    while rest.len() > COLUMNS {
        let Some(at) = rest[..COLUMNS].iter().rposition(|(one, _)| *one == ' ').filter(|at| *at > 12) else {
            break;
        };
        let after = rest.split_off(at + 1);
        out.push(rest);
        rest = vec![(' ', Style::default()); 10];
        rest.extend(after);
    }
    out.push(rest);
    out
}

/// Returns the runs of one style in a line: first column, characters, style.
fn runs(line: &[(char, Style)]) -> Vec<(usize, String, Style)> {
    let mut out: Vec<(usize, String, Style)> = Vec::new();
    for (column, (one, style)) in line.iter().enumerate() {
        match out.last_mut() {
            Some((_, text, same)) if same == style => text.push(*one),
            _ => out.push((column, one.to_string(), *style)),
        }
    }
    out
}

/// Draws lines as a terminal window.
fn svg(lines: &[Vec<(char, Style)>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap();
    let width = (columns as f64 * CELL) as usize + 2 * MARGIN;
    let height = lines.len() * LINE + 2 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"Output of telleaks scan\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#0d1117\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" \
         fill=\"#e6edf3\" xml:space=\"preserve\">\n"
    );
    for (number, line) in lines.iter().enumerate() {
        let y = MARGIN + number * LINE + 15;
        for (column, text, style) in runs(line).into_iter().filter(|(_, text, _)| !text.trim().is_empty()) {
            let blanks = text.chars().take_while(|one| *one == ' ').count();
            let text = text.trim_start();
            let x = MARGIN as f64 + (column + blanks) as f64 * CELL;
            let length = text.trim_end().chars().count() as f64 * CELL;
            let colour = match style.colour {
                0 => "",
                31 | 91 => " fill=\"#ff7b72\"",
                32 | 92 => " fill=\"#7ee787\"",
                33 | 93 => " fill=\"#e3b341\"",
                34 | 94 => " fill=\"#79c0ff\"",
                _ => " fill=\"#8b949e\"",
            };
            let weight = if style.bold { " font-weight=\"bold\"" } else { "" };
            let text = text.trim_end().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y}\" textLength=\"{length:.1}\"{colour}{weight}>{text}</text>"
            )
            .unwrap();
        }
    }
    out + "</g>\n</svg>\n"
}

#[test]
fn picture_is_the_output_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let key = ["KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG"].join("_");
    let encoded = BASE64.encode(key.as_bytes());
    put(folder.path(), "example/secret.yaml", format!("kind: Secret\ndata:\n  api-key: {encoded}\n"));
    let args = ["scan", "example", "--color", "always"];
    let output = telleaks().current_dir(folder.path()).args(args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // The card of the finding: up to the first empty line.
    let card = text.split("\n\n").next().unwrap();
    let mut lines = cells(&format!("\u{1b}[1m$ telleaks scan example\u{1b}[0m\n{card}"));
    lines.retain(|line| {
        let text: String = line.iter().map(|(one, _)| one).collect();
        !LEFT_OUT.iter().any(|part| text.contains(part))
    });
    let drawn = svg(&lines.iter().flat_map(|line| wrapped(line)).collect::<Vec<_>>());
    assert!(drawn.contains("base64: ") && drawn.contains("created 2025-08-19"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/finding.svg");
    if std::env::var_os("TELLEAKS_UPDATE_README").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    let real = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        real == drawn,
        "docs/finding.svg is not what the program prints: run the tests with TELLEAKS_UPDATE_README=1"
    );
}
