//! The files that a shell command prints.

use super::split::{Simple, commands};
use crate::agent::parts::Lines;

/// Programs that print whole files, in any form that the detector decodes.
const PRINTERS: [&str; 21] = [
    "cat",
    "tac",
    "nl",
    "less",
    "more",
    "bat",
    "batcat",
    "type",
    "get-content",
    "gc",
    "xxd",
    "hexdump",
    "od",
    "base64",
    "base32",
    "strings",
    "sort",
    "uniq",
    "fold",
    "pr",
    "zcat",
];
/// Programs that print the lines that match their first argument.
const SEARCHERS: [&str; 7] = ["grep", "egrep", "fgrep", "rg", "ag", "ack", "select-string"];
/// Options of these programs whose value is the next word.
const VALUES: [&str; 12] = ["-n", "-c", "-A", "-B", "-C", "-m", "-e", "-f", "-g", "-w", "-s", "-j"];
/// Programs that pass on what they read, so that the model sees it after a pipe.
const PASSERS: [&str; 4] = ["tee", "column", "head", "tail"];
/// Number of lines of `head` and `tail` without an option.
const DEFAULT_LINES: u64 = 10;

/// Returns the files whose content a shell text prints, with the lines of each. Paths are as written.
pub(in crate::agent) fn shown(text: &str) -> Vec<(String, Lines)> {
    let all = commands(text);
    let mut folder = String::new();
    let mut out = Vec::new();
    for (at, one) in all.iter().enumerate() {
        if one.program() == "cd" {
            folder = joined(&folder, one.words.get(1).map(String::as_str).unwrap_or_default());
            continue;
        }
        if one.is_redirected || one.is_substituted || (one.is_piped && !passes(&all[at + 1..])) {
            continue;
        }
        out.extend(files(one).into_iter().map(|(path, lines)| (joined(&folder, &path), lines)));
    }
    out
}

/// Returns a path in the directory that earlier commands have changed to.
fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() || path.starts_with(['/', '~']) {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    }
}

/// Returns whether the commands after a pipe print all that they read.
fn passes(rest: &[Simple]) -> bool {
    let Some(next) = rest.first() else { return true };
    let name = next.program().to_ascii_lowercase();
    let prints = PRINTERS.contains(&name.as_str()) || PASSERS.contains(&name.as_str());
    prints && !next.is_redirected && (!next.is_piped || passes(&rest[1..]))
}

/// Returns the files that one command prints.
fn files(one: &Simple) -> Vec<(String, Lines)> {
    let name = one.program().to_ascii_lowercase();
    let name = name.as_str();
    let mut operands = operands(&one.words[1..]);
    let inputs = one.inputs.iter().cloned();
    let lines = match name {
        _ if PRINTERS.contains(&name) => Lines::All,
        "head" => Lines::Between(1, count(one).unwrap_or(DEFAULT_LINES)),
        "tail" => Lines::Last(count(one).unwrap_or(DEFAULT_LINES)),
        "sed" => match operands.first().map(|script| range(script)) {
            Some(Some(lines)) => {
                operands.remove(0);
                lines
            }
            // Scripts that substitute may be there to mask.
            _ => return Vec::new(),
        },
        _ if SEARCHERS.contains(&name) && !operands.is_empty() => {
            let pattern = operands.remove(0);
            let is_quiet = |word: &String| {
                word.starts_with('-') && !word.starts_with("--") && word.contains(['q', 'c', 'l', 'L'])
            };
            let has_context =
                |word: &String| ["-A", "-B", "-C"].iter().any(|option| word.starts_with(option));
            match () {
                () if one.words.iter().any(is_quiet) => return Vec::new(),
                () if one.words.iter().any(has_context) => Lines::All,
                () => Lines::Matching(pattern),
            }
        }
        _ => return Vec::new(),
    };
    operands.into_iter().chain(inputs).map(|path| (path, lines.clone())).collect()
}

/// Returns the arguments that are not options or their values.
fn operands(words: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let (mut words, mut plain) = (words.iter(), false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" => plain = true,
            "-" => {}
            option if option.starts_with('-') && !plain => {
                // `grep -n` and `cat -n` take no value; a number says that this one does.
                let takes_number = VALUES.contains(&option)
                    && words
                        .as_slice()
                        .first()
                        .is_some_and(|next| next.bytes().all(|byte| byte.is_ascii_digit()));
                if takes_number {
                    words.next();
                }
            }
            _ => out.push(word.clone()),
        }
    }
    out
}

/// Returns the number of lines in `-n 5`, `-n5`, `-5` and `--lines=5`.
fn count(one: &Simple) -> Option<u64> {
    let mut words = one.words.iter().skip(1);
    while let Some(word) = words.next() {
        let number = match word.as_str() {
            "-n" | "--lines" => words.next().map(String::as_str),
            word => word.strip_prefix("--lines=").or(word.strip_prefix("-n")).or(word.strip_prefix('-')),
        };
        if let Some(number) = number.and_then(|number| number.trim_start_matches('+').parse().ok()) {
            return Some(number);
        }
    }
    None
}

/// Returns the lines of a script of sed that prints a range: `2,5p`, `7p`, `3,$p`.
fn range(script: &str) -> Option<Lines> {
    let lines = script.strip_suffix('p')?;
    let (first, last) = lines.split_once(',').unwrap_or((lines, lines));
    let last = if last == "$" { u64::MAX } else { last.parse().ok()? };
    Some(Lines::Between(first.parse().ok()?, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(String, Lines)> {
        shown(text)
    }

    #[test]
    fn printed_files() {
        let whole = |path: &str| vec![(path.to_owned(), Lines::All)];
        for text in [
            "cat .env",
            "cat -n '.env'",
            "cat < .env",
            "bash -c 'cat .env'",
            "cat .env | sort",
            "less -R .env",
        ] {
            assert_eq!(all(text), whole(".env"), "{text}");
        }
        assert_eq!(all("cd app && cat .env"), whole("app/.env"));
        assert_eq!(all("cd /x; base64 -w 0 key.pem"), whole("/x/key.pem"));
        assert_eq!(all("head -5 a"), [("a".to_owned(), Lines::Between(1, 5))]);
        assert_eq!(all("head a"), [("a".to_owned(), Lines::Between(1, 10))]);
        assert_eq!(all("tail -n 3 a"), [("a".to_owned(), Lines::Last(3))]);
        assert_eq!(all("sed -n '2,5p' a"), [("a".to_owned(), Lines::Between(2, 5))]);
        assert_eq!(all("grep -n TELNYX .env"), [(".env".to_owned(), Lines::Matching("TELNYX".to_owned()))]);
    }

    #[test]
    fn files_that_the_model_does_not_see() {
        for text in [
            "cat .env > copy",
            "cat .env | wc -l",
            "cat .env | telleaks redact",
            "cat .env | sed 's/=.*/=***/'",
            "export X=$(cat .env)",
            "grep -c KEY .env",
            "sed 's/a/b/' .env",
            "source .env",
            "ls .env",
            "cat <<EOF\n.env\nEOF",
        ] {
            assert_eq!(all(text), [], "{text}");
        }
    }
}
